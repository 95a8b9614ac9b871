"""The end of a generation: all hosts that answer have verified it, or one has refused it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ..core import rollout
from ..core.plan import Plan, diff
from ..core.rollout import DONE, FAILED
from ..core.snapshot import Snapshot
from ..models import Drift, Generation, HostReport
from . import audit
from .context import SYSTEM_ACTOR, Actor, ServiceContext
from .database_clock import database_time
from .events import record_generation
from .lease_end import end_orphaned_leases
from .provisioning import remove_orphaned_phones
from .rollout import current_rollout
from .state import LIVE_STATES, load_snapshot


@dataclass(frozen=True, slots=True)
class Known:
    """What a process knows of a generation and need not read: its author, what becomes live, and what that changes."""

    actor: Actor | None
    snapshot: Snapshot
    plan: Plan


def close_if_complete(session: Session, ctx: ServiceContext, number: int, known: Known | None = None) -> bool:
    """Close the generation in the caller's transaction if the hosts' reports are complete; return whether it is."""
    current = current_rollout(ctx)
    state = rollout.result(current) if current.running == number else ""
    if state:
        close(session, ctx, number, state, known)
    return bool(state)


def close(session: Session, ctx: ServiceContext, number: int, state: str, known: Known | None = None) -> None:
    """Close the generation in the caller's transaction, with what follows from it."""
    row = session.get_one(Generation, number)
    restored = (row.outcome or {}).get("restored")
    row.state, row.finished_at = state, database_time()
    if state in FAILED:
        row.outcome = _failure(session, number) or row.outcome
    if state in LIVE_STATES:
        known = known or _read(row)
        end_orphaned_leases(session, known.snapshot)
        remove_orphaned_phones(session)
        session.execute(delete(Drift))  # the next search finds what is left
        record_generation(session, _first_host(session, number) or ctx.host, number, known.plan)
    author = (known and known.actor) or Actor(None, row.created_by, address=row.ip_address)
    actor = SYSTEM_ACTOR if state == "interrupted" else author
    changes = {"restored": [None, restored]} if restored else None
    audit.record(session, actor, f"generation.{state}", number, changes=changes)


def _read(row: Generation) -> Known:
    snapshot = Snapshot.from_json(row.snapshot)
    previous = load_snapshot(row.previous_number) if row.previous_number else Snapshot(settings=snapshot.settings)
    return Known(None, snapshot, diff(previous, snapshot))


def _first_host(session: Session, number: int) -> str | None:
    """Return the host that ran the generation first; another one, or one without a PBX, may close it."""
    ran = select(HostReport.host).where(HostReport.number == number, HostReport.state.in_(DONE))
    return session.scalars(ran.order_by(HostReport.reported_at).limit(1)).first()


def _failure(session: Session, number: int) -> dict[str, Any] | None:
    """Return why a host refused the generation: the outcome of its report, with the host's name."""
    failed = select(HostReport).where(HostReport.number == number, HostReport.state.in_(FAILED))
    report = session.scalars(failed.order_by(HostReport.reported_at).limit(1)).first()
    return {**report.outcome, "host": report.host} if report and report.outcome else None
