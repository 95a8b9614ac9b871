"""Acknowledged warnings and the first steps."""

import pytest

from sipweb.core.errors import OperationRefused
from sipweb.monitor import Monitor
from sipweb.pbx.status import TrunkState
from sipweb.services import audit, first_steps, generations, pbx_status, trunks, warnings
from sipweb.services.context import Actor
from sipweb.services.state import current_state
from tests.builders import WHO, make_trunk, make_user
from tests.conftest import on_both_databases

EWA = Actor(None, "Ewa")


def shown(ctx):
    """The reasons of the warnings that nobody has acknowledged."""
    state = current_state(ctx)
    return [str(w.problem.reason) for w in warnings.emergency_warnings(ctx, state) if not w.acknowledgement]


def acknowledge_all(ctx):
    for warning in warnings.emergency_warnings(ctx, current_state(ctx)):
        warnings.acknowledge(ctx, EWA, warning.problem.fingerprint)


def recorded():
    """Who did what about warnings and first steps, the newest first."""
    return [
        (entry.by, entry.action, *entry.changes.get("emergency_calls", [])[1:])
        for entry in audit.entries()
        if entry.action.startswith(("warning", "first_steps"))
    ]


@pytest.fixture
def live_trunk(ctx):
    """The id of a trunk that is live and cannot be reached."""
    trunk_id = make_trunk(ctx)
    generations.generate(ctx, WHO)
    pbx_status.write_status(ctx, {}, {trunk_id: TrunkState(reachable=False)})
    return trunk_id


@on_both_databases
def test_an_acknowledged_warning_returns_when_the_facts_change(ctx):
    assert shown(ctx) == ["no_trunk"]
    acknowledge_all(ctx)
    acknowledge_all(ctx)
    (warning,) = warnings.emergency_warnings(ctx, current_state(ctx))
    assert warning.acknowledgement.by == "Ewa"
    assert recorded() == [("Ewa", "warning.acknowledge", "no_trunk")]
    make_trunk(ctx)
    assert shown(ctx) == ["not_generated"]


def test_a_warning_that_ended_cannot_be_acknowledged(ctx):
    (warning,) = warnings.emergency_warnings(ctx, current_state(ctx))
    make_trunk(ctx)
    generations.generate(ctx, WHO)
    for fingerprint in (warning.problem.fingerprint, "", "first_steps"):
        with pytest.raises(OperationRefused):
            warnings.acknowledge(ctx, EWA, fingerprint)
    assert recorded() == []


def test_a_second_outage_of_the_same_trunk_is_shown_again(ctx, live_trunk):
    first_steps.dismiss(ctx, WHO)
    acknowledge_all(ctx)
    monitor = Monitor(ctx)
    monitor.poll()
    assert shown(ctx) == []
    pbx_status.write_status(ctx, {}, {live_trunk: TrunkState(reachable=True)})
    monitor.poll()
    pbx_status.write_status(ctx, {}, {live_trunk: TrunkState(reachable=False)})
    assert shown(ctx) == ["unreachable"]
    assert recorded()[0] == ("sipweb", "warning.expire", "unreachable")
    assert first_steps.first_steps(current_state(ctx), WHO) == ()


def test_an_unknown_status_is_not_unreachable(ctx, live_trunk, monkeypatch):
    assert shown(ctx) == ["unreachable"]
    pbx_status.write_status(ctx, {}, {live_trunk: TrunkState()})
    assert shown(ctx) == []
    pbx_status.write_status(ctx, {}, {live_trunk: TrunkState(reachable=False)})
    monkeypatch.setattr(pbx_status, "MAX_AGE", -1.0)
    assert shown(ctx) == []


def test_an_inactive_trunk_is_named_as_such(ctx):
    trunk_id = make_trunk(ctx, active=False)
    assert shown(ctx) == ["no_active_trunk"]
    trunks.delete_trunk(WHO, trunk_id)
    assert shown(ctx) == ["no_trunk"]


def steps(ctx, actor=WHO):
    return {step.name: step.done for step in first_steps.first_steps(current_state(ctx), actor)}


def test_first_steps_end_when_all_are_done(ctx):
    assert steps(ctx) == {"password": True, "trunk": False, "users": False}
    assert not steps(ctx, Actor(1, "Administrator", must_change=True))["password"]
    make_trunk(ctx)
    assert steps(ctx) == {"password": True, "trunk": True, "users": False}
    make_user("anna", "Anna Nowak")
    assert steps(ctx) == {}


def test_dismissed_first_steps_stay_away(ctx):
    first_steps.dismiss(ctx, EWA)
    first_steps.dismiss(ctx, EWA)
    assert steps(ctx) == {}
    Monitor(ctx).tick()
    assert steps(ctx) == {}
    assert recorded() == [("Ewa", "first_steps.dismiss")]
