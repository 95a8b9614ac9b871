"""The first steps on a new system, shown until all are done or an administrator dismisses them."""

from dataclasses import dataclass

from ..core.rights import Right
from ..db import transaction
from ..models import Acknowledgement
from . import audit
from .context import Actor, ServiceContext, utc_now
from .state import current_state
from .state_records import State

SUBJECT = "first_steps"


@dataclass(frozen=True, slots=True)
class FirstStep:
    """One step: `name` is password, trunk or users."""

    name: str
    done: bool


def first_steps(state: State, actor: Actor) -> tuple[FirstStep, ...]:
    """Return the steps; none when all are done or they were dismissed."""
    steps = (
        FirstStep("password", not actor.must_change),
        FirstStep("trunk", state.marks.trunk_count > 0),
        FirstStep("users", len(state.users) > 1),  # set-up makes the first administrator
    )
    if SUBJECT in state.acknowledgements or all(step.done for step in steps):
        return ()
    return steps


def dismiss(ctx: ServiceContext, actor: Actor) -> None:
    """Hide the steps on all administrators' pages."""
    actor.require(Right.EDIT)
    with transaction() as session:
        if SUBJECT in current_state(ctx).acknowledgements:
            return
        row = Acknowledgement(subject=SUBJECT, fingerprint=SUBJECT, actor_name=actor.name, created_at=utc_now())
        session.add(row)
        audit.record(session, actor, "first_steps.dismiss", "")
