"""The generations that were: when, by whom, how they ended, and what they changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from ..core.plan import Plan, diff
from ..core.snapshot import Snapshot
from ..db import db
from ..models import Generation
from .state import live_number, snapshot_of


@dataclass(frozen=True, slots=True)
class GenerationView:
    """One generation as it ended. `message` and `values` are a sentence; `differences` are pbx.state.Difference."""

    number: int
    state: str
    started: datetime
    finished: datetime | None
    by: str
    digest: str
    base: int | None
    steps: list[dict[str, Any]]
    message: str
    values: dict[str, Any]
    differences: list[dict[str, str]]
    is_live: bool


def newest(limit: int = 50) -> tuple[GenerationView, ...]:
    """The newest generations."""
    current = live_number()
    rows = db.session.scalars(select(Generation).order_by(Generation.number.desc()).limit(limit))
    return tuple(_view(row, current) for row in rows)


def generation(number: int) -> GenerationView | None:
    """One generation, if there is one of that number."""
    row = db.session.get(Generation, number)
    return _view(row, live_number()) if row else None


def plan_of(view: GenerationView) -> Plan:
    """What the generation changed, or would have."""
    return diff(snapshot_of(view.base) if view.base else Snapshot(), snapshot_of(view.number))


def _view(row: Generation, current: int) -> GenerationView:
    said = row.message or {}
    return GenerationView(
        row.number, row.state, row.started, row.finished, row.by, row.digest, row.base, row.steps,
        said.get("message", ""), said.get("values", {}) | {"back": said.get("back", "")}, row.differences,
        row.number == current,
    )  # fmt: skip
