"""The call history: what real calls leave in it."""

import time

import pytest

from sipweb.monitor import Monitor
from sipweb.pbx.event_listener import EventListener
from sipweb.services import accounts, calls, leases, pbx_status
from sipweb.services.calls import CallQuery
from tests.builders import make_user
from tests.pbx.calls.steps import hang_up_all, make_external_call, make_internal_call, start_work
from tests.pbx.conftest import WHO
from tests.pbx.phones import conversation, speak, transfer
from tests.pbx.provider import FailingProvider
from tests.pbx.websocket_phone import WebSocketPhone
from tests.servers import wait_for


@pytest.fixture
def history(ctx):
    """Return a function that waits for the calls that ended since it was last called, the oldest first."""
    listener = EventListener(ctx.pbx)
    listener.start()
    monitor = Monitor(ctx, listener=listener)
    seen = 0

    def new_calls(count):
        nonlocal seen

        def found():
            monitor.poll()
            return [one for one in calls.search(ctx, CallQuery(), None).calls if one.id > seen]

        wait_for(lambda: len(found()) >= count, f"{count} calls are in the history")
        time.sleep(1.2)  # and no more
        page = sorted(found(), key=lambda one: one.id)
        seen = page[-1].id
        return page

    time.sleep(0.3)
    return new_calls


def summary(call):
    return call.caller, call.number, call.callee, call.result, call.cause


def test_internal_calls(agent_phone, sip_phone, ctx, history):
    accounts.set_flag(ctx, WHO, 6, 1, name="active", value=False)  # 205
    caller, called = agent_phone(201, recording=True), sip_phone(202)
    start_work(ctx, caller)
    make_internal_call(caller, called)
    called.wait(busy=True)
    caller.call(202).ended()
    called.wait(decline=True)
    caller.call(202).ended()
    caller.call(204).ended()
    caller.call(205).ended()
    found = history(5)
    assert [summary(one) for one in found] == [
        ("201", "202", "202", "answered", None),
        ("201", "202", "202", "busy", 17),
        ("201", "202", "202", "declined", 21),
        ("201", "204", "204", "not_registered", 20),
        ("201", "205", "", "unknown", 1),
    ]
    answered = found[0]
    assert (answered.caller_name, answered.callee_name) == ("Agent 201", "Automat Automat")
    assert (answered.caller_id, answered.callee_id) == (2, 3)
    assert answered.recording
    assert 0 <= answered.talk_seconds <= answered.seconds < 5
    assert abs(answered.started_at.timestamp() - time.time()) < 60
    assert not found[1].recording


def test_outside_calls(outbound_routing, sip_phone, ctx, history, provider):
    outbound_routing({"pattern": "22.*", "level": 0}, {"pattern": "33.*", "level": 90})
    caller = sip_phone(201, level=10, recording=True)
    make_external_call(caller, "22000")
    caller.call("33000").ended()
    caller.call("44000").ended()
    caller.call("22007").ended()
    emergency = caller.call("112")
    wait_for(lambda: 200 in emergency.statuses, "answered")
    emergency.hang_up()
    emergency.ended()
    found = history(5)
    assert [summary(one) for one in found] == [
        ("201", "22000", "", "answered", None),
        ("201", "33000", "", "not_allowed", 21),
        ("201", "44000", "", "unknown", 1),
        ("201", "22007", "", "busy", 17),
        ("201", "112", "", "answered", None),
    ]
    assert [(one.trunk, one.trunks) for one in found] == [
        ("Provider", ("Provider",)), ("", ()), ("", ()), ("", ("Provider",)), ("Provider", ("Provider",)),
    ]  # fmt: skip
    assert found[3].sip_status == 486
    assert found[0].recording


def test_agent_who_is_in_a_call_is_busy(live_app, ctx, sip_phone, history):
    agent = leases.acquire(ctx, make_user("anna", "Anna"), "200", "")
    softphone = WebSocketPhone(live_app.config["SETTINGS"].ws_port, agent.number, agent.ha1)
    assert softphone.register() == 200
    assert softphone.call("*43") == 200  # the echo test
    assert sip_phone(201).call(200).ended() == 486
    softphone.close()
    [call] = history(1)
    assert summary(call) == ("201", "200", "200", "busy", 17)


@pytest.mark.long
def test_call_over_several_trunks_is_one_call(outbound_routing, sip_phone, history, provider):
    outbound_routing({"pattern": "22.*", "level": 0}, {"pattern": "22.*", "level": 0, "trunk_id": 1}, dead=9)
    sip_phone(201).call("22009").ended()
    [call] = history(1)
    assert summary(call) == ("201", "22009", "", "trunks_failed", 34)
    assert call.trunks == ("Provider", "Dead")


@pytest.mark.long
def test_blind_transfer_is_two_calls(sip_phone, ctx, history):
    one, two, three = (sip_phone(number) for number in (201, 202, 203))
    waiting = three.wait()
    answer = transfer(one, two, 203)
    speak(two, answer, three, waiting)
    time.sleep(1)
    hang_up_all(ctx)
    first, second = history(2)
    assert summary(first) == ("201", "202", "202", "answered", None)
    assert summary(second) == ("202", "203", "203", "answered", None)
    assert (first.transferred_by, second.transferred_by) == ("", "201")
    assert first.linked_id == second.linked_id


@pytest.mark.long
def test_failed_transfer_shows_why_it_failed(sip_phone, ctx, history):
    one, two, three = (sip_phone(number) for number in (201, 202, 203))
    three.wait(decline=True)
    answer = transfer(one, two, 203)
    back = one.wait()
    speak(two, answer, one, back)
    hang_up_all(ctx)
    found = history(3)
    assert [summary(call)[:4] for call in found] == [
        ("201", "202", "202", "answered"),
        ("202", "203", "203", "declined"),
        ("202", "201", "201", "answered"),
    ]


@pytest.mark.long
def test_attended_transfer_leaves_no_call_out(sip_phone, ctx, history):
    """201 calls 202, who asks 203 and puts the two through."""
    one, two, three = (sip_phone(number) for number in (201, 202, 203))
    answer = two.wait()
    first = one.call(202)
    speak(one, first, two, answer)
    waiting = three.wait()
    second = two.call_to_transfer(203, 201, answer.replaces)
    wait_for(lambda: 200 in second.statuses, "203 answers")
    second.hang_up()
    time.sleep(2.5)
    hang_up_all(ctx)
    waiting.ended()
    found = history(3)
    assert [summary(call)[:4] for call in found] == [
        ("202", "203", "203", "answered"),
        ("201", "202", "202", "answered"),
        ("201", "203", "203", "answered"),
    ]
    assert found[2].talk_seconds >= 2


@pytest.mark.long
def test_unanswered_and_cancelled_calls(outbound_routing, sip_phone, ctx, history):
    failing_provider = FailingProvider()
    outbound_routing({"pattern": "22.*", "level": 0, "trunk_id": 1}, dead=failing_provider.port)
    caller = sip_phone(201)
    failing_provider.answers = ["480 Temporarily Unavailable", "180 Ringing"]
    caller.call("22001").ended()
    ringing = caller.call("22002")
    wait_for(lambda: 180 in ringing.statuses, "it rings")
    hang_up_all(ctx)
    assert [summary(one) for one in history(2)] == [
        ("201", "22001", "", "no_answer", 19),
        ("201", "22002", "", "cancelled", None),
    ]


@pytest.mark.long
def test_missing_rights_are_found_and_calls_go_on(sip_phone, ctx, live_app):
    one, two = sip_phone(201), sip_phone(202)
    manager = live_app.config["SETTINGS"].asterisk_dir / "manager.conf"
    complete = manager.read_text()
    listener = EventListener(ctx.pbx)
    monitor = Monitor(ctx, listener=listener)

    def set_rights(rights):
        manager.write_text(complete.replace("read=system,security,cdr,reporting", f"read={rights}"))
        with ctx.pbx.open() as ami:
            ami.action("Reload", Module="manager")
        time.sleep(1)

    def call_and_poll():
        with conversation(one, two):
            monitor.poll()
        for _ in range(3):
            time.sleep(0.7)
            monitor.poll()
        problem = calls.collection_problem(ctx)
        assert pbx_status.own_status(ctx).call_problem == problem  # what other hosts' servers show
        return problem, len(calls.search(ctx, CallQuery(), None).calls)

    set_rights("system,security")
    listener.start()
    assert call_and_poll() == ("no_records", 0)
    set_rights("system,security,cdr,reporting")
    assert call_and_poll() == ("", 1)
