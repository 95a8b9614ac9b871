"""Warnings about emergency calls, and the administrators' acknowledgements of them."""

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ..core.emergency import EmergencyProblem, Reason, emergency_problems
from ..core.errors import N_, OperationRefused
from ..core.rights import Right
from ..db import db, transaction
from ..models import Acknowledgement
from . import audit, pbx_status
from .context import SYSTEM_ACTOR, Actor, ServiceContext, utc_now
from .state import current_state
from .state_records import AcknowledgementView, State


@dataclass(frozen=True, slots=True)
class EmergencyWarning:
    """What prevents emergency calls, and who acknowledged that; None while nobody did."""

    problem: EmergencyProblem
    acknowledgement: AcknowledgementView | None


def emergency_warnings(ctx: ServiceContext, state: State) -> tuple[EmergencyWarning, ...]:
    """Return the warnings about emergency calls, acknowledged ones included."""
    acknowledgements = state.acknowledgements
    return tuple(
        EmergencyWarning(problem, acknowledgements.get(problem.fingerprint)) for problem in _problems(ctx, state)
    )


def acknowledge(ctx: ServiceContext, actor: Actor, fingerprint: str) -> None:
    """Acknowledge a warning for all administrators, until its facts change.

    Raises:
        OperationRefused: there is no such warning any longer.
    """
    actor.require(Right.EDIT)
    with transaction() as session:
        state = current_state(ctx)
        problem = next((problem for problem in _problems(ctx, state) if problem.fingerprint == fingerprint), None)
        if problem is None:
            raise OperationRefused(N_("This warning no longer applies."))
        if fingerprint in state.acknowledgements:
            return
        row = Acknowledgement(
            subject=problem.reason, fingerprint=fingerprint, actor_name=actor.name, created_at=utc_now()
        )  # fmt: skip
        session.add(row)
        _record(session, actor, "warning.acknowledge", problem.reason)


def expire_acknowledgements(ctx: ServiceContext) -> None:
    """Forget acknowledged warnings that no longer apply, so that they are shown when the same happens again."""
    if not ctx.pbx.writes_files and not pbx_status.stamps(ctx):
        return  # no PBX host answers: nothing is known of any trunk
    if db.session.scalar(select(Acknowledgement.id).where(Acknowledgement.subject.in_(list(Reason))).limit(1)) is None:
        return
    if not (ended := _ended(ctx, current_state(ctx))):
        return
    with transaction() as session:
        session.execute(delete(Acknowledgement).where(Acknowledgement.fingerprint.in_(ended)))
        for acknowledgement in ended.values():
            _record(session, SYSTEM_ACTOR, "warning.expire", acknowledgement.subject)


def _ended(ctx: ServiceContext, state: State) -> dict[str, AcknowledgementView]:
    current = {problem.fingerprint for problem in _problems(ctx, state)}
    return {
        fingerprint: acknowledgement
        for fingerprint, acknowledgement in state.acknowledgements.items()
        if fingerprint not in current and acknowledgement.subject in set(Reason)
    }


def _problems(ctx: ServiceContext, state: State) -> tuple[EmergencyProblem, ...]:
    reachable = {trunk_id: trunk.reachable for trunk_id, trunk in pbx_status.current_status(ctx).trunks.items()}
    return emergency_problems(state.live, state.saved, reachable, has_trunks=state.marks.trunk_count > 0)


def _record(session: Session, actor: Actor, action: str, reason: str) -> None:
    audit.record(session, actor, action, "", changes={"emergency_calls": [None, reason]})
