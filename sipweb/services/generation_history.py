"""Past generations: when, by whom, how they ended, and what they changed."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import defer

from ..core.asterisk import render
from ..core.plan import ChangeCounts, Plan, diff
from ..core.snapshot import RENDERER_VERSION, Snapshot
from ..db import db
from ..models import Generation
from .context import ServiceContext
from .renamed_messages import current_message
from .state import LIVE_STATES, SnapshotDeleted, live_number, load_snapshot

GenerationState = Literal["running", "written", "verified", "refused", "interrupted"]
Rollback = Literal["", "back", "differs", "unknown"]
PAGE = 25  # generations on one page of the history
_SECRET_LINES = re.compile(r"^(password_digest|password|secret)(\s*=).*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a generation: how long it took, and how many accounts or files it handled (0: not counted)."""

    name: str
    ms: int
    count: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a generation ended.

    `message` is a message id and `values` are its values; "" if nothing failed. `rollback` tells what became of the
    previous generation: Asterisk runs it again ("back"), runs something else ("differs"), or could not be asked
    ("unknown"). `restored` is the number of the generation that was restored, None if none was.
    """

    state: GenerationState
    message: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    rollback: Rollback = ""
    restored: int | None = None


@dataclass(frozen=True, slots=True)
class GenerationView:
    """One generation.

    `state`, `message`, `values`, `rollback` and `restored` are those of Outcome; `differences` are
    pbx.verification.Difference. `host` is the PBX host that refused it, "" if none did.
    """

    number: int
    state: str
    started: datetime
    finished: datetime | None
    by: str
    digest: str
    base: int | None
    steps: tuple[Step, ...]
    message: str
    values: Mapping[str, str]
    rollback: str
    differences: list[dict[str, str]]
    restored: int | None
    is_live: bool
    host: str


def recent_generations(before: int | None = None, limit: int = PAGE) -> tuple[GenerationView, ...]:
    """Return the newest generations, or those that are older than number `before`."""
    live = live_number()
    query = select(Generation).options(defer(Generation.snapshot)).order_by(Generation.number.desc()).limit(limit)
    if before is not None:
        query = query.where(Generation.number < before)
    return tuple(_view(row, live) for row in db.session.scalars(query))


def get_generation(number: int) -> GenerationView | None:
    """Return one generation, or None."""
    row = db.session.get(Generation, number)
    return _view(row, live_number()) if row else None


def newest_generation() -> tuple[int, str]:
    """Return number and state of the newest generation, a refused one too; (0, "") before the first."""
    newest = select(Generation.number, Generation.state).order_by(Generation.number.desc()).limit(1)
    row = db.session.execute(newest).one_or_none()
    return (row.number, row.state) if row else (0, "")


def generated_at(number: int) -> datetime | None:
    """Return when a generation ended, or began if it has not ended; None if there is none."""
    ended = select(func.coalesce(Generation.finished_at, Generation.started_at)).where(Generation.number == number)
    return db.session.scalar(ended)


def neighbours(number: int) -> tuple[int | None, int | None]:
    """Return the numbers of the generations before and after this one; None where there is none."""
    previous = select(func.max(Generation.number)).where(Generation.number < number)
    following = select(func.min(Generation.number)).where(Generation.number > number)
    return db.session.scalar(previous), db.session.scalar(following)


def generation_plan(view: GenerationView) -> Plan | None:
    """Return what the generation changed, or would have changed; None if that is no longer known."""
    return _plan(view, load_snapshot)


def load_restorable(number: int) -> Snapshot:
    """Return the snapshot of a generation as it would be generated now: by the present renderer.

    Raises:
        SnapshotDeleted: it is not kept any more.
    """
    return replace(load_snapshot(number), renderer_version=RENDERER_VERSION)


def change_counts(ctx: ServiceContext, views: Sequence[GenerationView]) -> dict[int, ChangeCounts]:
    """Return the number of changes in each of these generations by its number, if that is still known.

    They never change, so they are counted once per process.
    """
    known = ctx.cache.change_counts
    if missing := [view for view in views if view.number not in known]:
        load = cache(load_snapshot)  # most snapshots are needed twice: of a generation, and before the next one
        plans = {view.number: _plan(view, load) for view in missing}
        counts = {number: plan.counts for number, plan in plans.items() if plan is not None}
        known = ctx.cache.change_counts = {**known, **counts}
    return {view.number: known[view.number] for view in views if view.number in known}


def equal_generations(views: Sequence[GenerationView]) -> dict[int, int]:
    """Return by number the newest earlier generation that reached the PBX with the same configuration, if any."""
    digests = {view.digest for view in views}
    query = select(Generation.number, Generation.digest).where(
        Generation.digest.in_(digests), Generation.state.in_(LIVE_STATES)
    )
    numbers: dict[str, list[int]] = {}
    for number, digest in db.session.execute(query.order_by(Generation.number)):
        numbers.setdefault(digest, []).append(number)
    earlier = {view.number: [n for n in numbers.get(view.digest, ()) if n < view.number] for view in views}
    return {number: candidates[-1] for number, candidates in earlier.items() if candidates}


def _plan(view: GenerationView, load: Callable[[int], Snapshot]) -> Plan | None:
    """Return what a generation changed; None if its snapshot or the one before is not kept any more.

    The first one has all its accounts added, no settings and no sipweb update.
    """
    try:
        snapshot = load(view.number)
        if view.base:
            return diff(load(view.base), snapshot)
    except SnapshotDeleted:
        return None
    return diff(Snapshot(settings=snapshot.settings, renderer_version=snapshot.renderer_version), snapshot)


def files(ctx: ServiceContext, number: int) -> dict[str, str]:
    """Return the generation's files by name, with passwords and digests hidden.

    Files that were deleted are rendered again from the snapshot; there are none without it.
    """
    try:
        texts = ctx.generation_files.read(number) or render(load_snapshot(number), ctx.renderer)
    except SnapshotDeleted:
        return {}
    return {name: _SECRET_LINES.sub(r"\1\2 ********", text) for name, text in texts.items()}


def outcome_to_json(outcome: Outcome) -> dict[str, Any] | None:
    """Return what the column `outcome` stores; None if there is nothing to tell. The state has a column of its own."""
    stored: dict[str, Any] = {}
    if outcome.message:
        stored |= {"message": outcome.message, "values": dict(outcome.values), "back": outcome.rollback}
    if outcome.restored:
        stored["restored"] = outcome.restored
    return stored or None


def _view(row: Generation, live: int) -> GenerationView:
    stored = row.outcome or {}  # from outcome_to_json
    return GenerationView(
        row.number, row.state, row.started_at, row.finished_at, row.created_by, row.digest, row.previous_number,
        tuple(Step(**step) for step in row.steps),
        current_message(stored.get("message", "")), stored.get("values", {}), stored.get("back", ""),
        row.differences, stored.get("restored"), row.number == live,
        stored.get("host", ""),
    )  # fmt: skip
