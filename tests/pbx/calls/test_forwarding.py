"""Call forwarding with real calls, compared with the dial test."""

import time

import pytest
from sqlalchemy import update

from sipweb.db import transaction
from sipweb.models import Account
from sipweb.services import calls, dial_test, generations, leases
from tests.builders import edit_account, make_account, make_user
from tests.pbx.calls.steps import assert_connects, make_internal_call, take_recordings
from tests.pbx.calls.test_call_history import history, summary  # noqa: F401  # a fixture
from tests.pbx.conftest import WHO
from tests.pbx.phones import Phone, speak, transfer
from tests.pbx.test_dial_test_agrees import Manager
from tests.pbx.websocket_phone import WebSocketPhone
from tests.servers import wait_for

ROUTES = ({"pattern": "22.*", "level": 10}, {"pattern": "00.*", "level": 50})
BUSY, ANSWERS, DECLINES, DIVERTS, UNAVAILABLE = "busy", "answers", "declines", "diverts", "unavailable"
# number → fields of its account; a phone is registered for 202 and 203 only
ACCOUNTS = {
    301: {"forward_always": "22000"},
    302: {"forward_always": "0044000"},
    303: {"forward_always": "0044000", "level": 50},
    304: {"forward_always": "98765"},
    305: {"forward_always": "306"},
    306: {},
    307: {"forward_always": "301", "level": 0},
    308: {"forward_no_answer": "22001"},
    309: {"forward_busy": "22001"},
    310: {"forward_always": "311"},
    311: {"forward_always": "22000", "active": False},
    312: {"forward_always": "313"},
    313: {"forward_always": "312"},
    314: {"forward_always": "315"},
    315: {"forward_no_answer": "316"},
    316: {"forward_always": "314"},
    317: {"forward_no_answer": "302", "level": 100},
    318: {"forward_always": "22000", "level": 9},
    319: {"forward_busy": "22003", "forward_no_answer": "22004"},
    320: {"forward_always": "22000", "forward_no_answer": "22004"},
    321: {"forward_no_answer": "322"},
    322: {"forward_no_answer": "323"},
    323: {"forward_no_answer": "324"},
    324: {"forward_no_answer": "22000"},
    325: {"forward_always": "22007"},
    326: {"forward_always": "22009"},
}
DIALLED = (*map(str, ACCOUNTS), "3-0-1", "(30)8", "*67301", "*67302")
REFUSALS = {"level": 403, "no_rule": 404, "inactive": 404}
# the rule by which a call is forwarded and the status without it, by what the phone does
RESULTS = {
    BUSY: ("forward_busy", 486), DECLINES: ("forward_busy", 603), UNAVAILABLE: ("forward_no_answer", 480),
    ANSWERS: (None, 200), DIVERTS: ("forward_busy", 486),
}  # fmt: skip


def expected(decision, phone=UNAVAILABLE):
    """What the dial test says of a call: the status, the digits that arrive at the provider and who sends them.

    `phone` is what the phone of the called account does; those of the others are not registered.
    """
    if decision.reason:
        return REFUSALS[decision.reason], None
    assert decision.internal
    rule, status = RESULTS[phone]
    forwards = {forward.rule: forward for forward in decision.forwards}
    forward = forwards.get("forward_always") or forwards.get(rule)
    if forward is None:
        return status, None
    if not forward.decision.attempts:
        return expected(forward.decision)
    digits = forward.decision.attempts[-1].dialed
    return {"7": 486, "9": 503}.get(digits[-1], 200), (digits, str(forward.account))


def decision_of(ctx, caller, number):
    result = dial_test.test_dial(ctx, str(caller.number), str(number))
    assert not result.differs
    return result.now


def test_dial_test_agrees_with_calls_to_accounts_that_forward(ctx, outbound_routing, sip_phone, provider):
    for number, values in ACCOUNTS.items():
        make_account(ctx, number, phone="other", **values)
    outbound_routing(*ROUTES)
    low, high = sip_phone(201, level=0), sip_phone(200, level=100)
    for caller in (low, high):
        predicted = {number: expected(decision_of(ctx, caller, number)) for number in DIALLED}
        before = len(provider.arrived)
        statuses = caller.dial_all(DIALLED, "-r", "30")
        assert dict(zip(DIALLED, statuses, strict=True)) == {
            number: status for number, (status, _) in predicted.items()
        }
        arrived = sorted((digits, sender) for digits, sender, _ in provider.arrived[before:])
        assert arrived == sorted(
            (digits, "anonymous" if number.startswith("*67") else sender)
            for number, (_, arrival) in predicted.items()
            if arrival
            for digits, sender in [arrival]
        )
    assert len({status for status, _ in predicted.values()}) == 6


def test_what_the_phone_does_decides_where_the_call_goes(ctx, outbound_routing, sip_phone, provider):
    outbound_routing(*ROUTES)
    caller, plain = sip_phone(201, level=0), sip_phone(203)
    called = sip_phone(202, forward_busy="22005", forward_no_answer="22006")
    for phone, answer in {
        BUSY: lambda one: one.wait(busy=True), DECLINES: lambda one: one.wait(decline=True),
        DIVERTS: lambda one: one.divert("22000"), UNAVAILABLE: Phone.be_unavailable, ANSWERS: Phone.wait,
    }.items():  # fmt: skip
        for one in (called, plain):
            status, arrival = expected(decision_of(ctx, caller, one.number), phone)
            answer(one)
            before = len(provider.arrived)
            assert caller.dial_all([str(one.number)]) == [status], phone
            assert [tuple(call[:2]) for call in provider.arrived[before:]] == ([arrival] if arrival else []), phone


def test_emergency_number_is_never_reached_by_forwarding(ctx, outbound_routing, sip_phone, provider):
    """The form refuses these targets; they may have become emergency numbers or feature codes later."""
    outbound_routing({"pattern": ".*", "level": 0})
    for number, target in {301: "112", 302: "999", 303: "*43", 304: "*67112", 305: "1-1-2"}.items():
        make_account(ctx, number, phone="other")
        with transaction() as session:
            fields = dict.fromkeys(("forward_always", "forward_busy", "forward_no_answer"), target)
            session.execute(update(Account).where(Account.number == number).values(fields))
    caller = sip_phone(201)
    numbers = [str(number) for number in range(301, 306)]
    assert caller.dial_all(numbers) == [480] * 5
    assert provider.arrived == []
    assert [expected(decision_of(ctx, caller, number)) for number in numbers] == [(480, None)] * 5


def test_own_calls_of_an_account_that_forwards_are_as_before(outbound_routing, sip_phone, provider):
    outbound_routing(*ROUTES)
    called = sip_phone(203, level=0)
    caller = sip_phone(202, level=10, forward_always="203", forward_busy="0044", forward_no_answer="0044")
    for number in ("112", "22000"):
        assert_connects(caller, number)
    assert [tuple(call[:2]) for call in provider.arrived] == [("112", "202"), ("22000", "202")]
    make_internal_call(caller, called)


def test_later_call_of_a_forwarded_caller_has_the_callers_level(ctx, pbx, outbound_routing, sip_phone, provider):
    outbound_routing(*ROUTES)
    caller, called = sip_phone(201, level=0), sip_phone(203, level=0)
    sip_phone(202, level=10, forward_always="203")
    answer, call = called.wait(), caller.call(202)
    speak(caller, call, called, answer)
    manager = Manager(int(pbx["SIPWEB_AMI_PORT"]))
    with ctx.pbx.open() as ami:
        [channel] = [
            name for item in ami.events("CoreShowChannels") if "PJSIP/201-" in (name := item.get("Channel", ""))
        ]
    manager.send(Action="Redirect", Channel=channel, Context="sipweb-internal", Exten="22000", Priority="1")
    answer.ended()
    wait_for(lambda: call.messages[-1].startswith("BYE"), "it is refused")
    call.close()
    manager.close()
    assert provider.arrived == []


@pytest.mark.long
def test_transferred_call_is_forwarded_by_the_level_of_the_forwarder(outbound_routing, sip_phone, provider):
    outbound_routing(*ROUTES)
    transferrer, other = sip_phone(201, level=0), sip_phone(203, level=0)
    sip_phone(202, level=10, forward_no_answer="22000")
    transfer(transferrer, other, "202")
    wait_for(lambda: provider.arrived, "it is forwarded")
    assert provider.arrived == [("22000", "202", "")]


def test_agent_in_a_call_forwards_as_busy(ctx, live_app, outbound_routing, sip_phone, provider):
    outbound_routing(*ROUTES)
    edit_account(ctx, 1, forward_busy="22000", forward_no_answer="22001")
    assert generations.generate(ctx, WHO).state == "verified"
    agent = leases.acquire(ctx, make_user("anna", "Anna"), "200", "")
    softphone = WebSocketPhone(live_app.config["SETTINGS"].ws_port, agent.number, agent.ha1)
    caller = sip_phone(201)
    assert_connects(caller, 200)
    assert softphone.register() == 200
    assert softphone.call("*43") == 200  # the echo test
    assert_connects(caller, 200)
    softphone.close()
    assert [tuple(call[:2]) for call in provider.arrived] == [("22001", "200"), ("22000", "200")]


def test_parties_who_talk_decide_whether_it_is_recorded(ctx, outbound_routing, sip_phone):
    outbound_routing(*ROUTES)
    for target, switched, recorded in (
        ("22000", 201, True), ("22000", 202, False), ("203", 202, False), ("203", 203, True),
    ):  # fmt: skip
        caller, called = sip_phone(201, recording=switched == 201), sip_phone(203, recording=switched == 203)
        sip_phone(202, recording=switched == 202, forward_busy=target).wait(busy=True)
        answer = called.wait() if target == "203" else None
        call = caller.call(202)
        wait_for(lambda call=call: call.far_media and 200 in call.statuses, "it is answered")
        if answer:
            speak(caller, call, called, answer)
        caller.rtp.send_to(call.far_media)
        time.sleep(0.7)
        call.hang_up()
        call.ended()
        assert take_recordings(ctx, target) == ([("201", target)] if recorded else []), (target, switched)


def test_forwarded_call_is_in_the_history(ctx, outbound_routing, sip_phone, provider, history):  # noqa: F811
    outbound_routing(*ROUTES)
    caller = sip_phone(201, level=0)
    sip_phone(204, level=10, forward_always="22000")
    busy = sip_phone(202, level=10, forward_busy="203")
    sip_phone(203, level=0, forward_no_answer="22001").be_unavailable()
    busy.wait(busy=True)
    assert_connects(caller, 204)
    assert caller.call(202).ended() == 403
    found = history(4)
    assert [(*summary(one), one.forwarded_by, one.trunk) for one in found] == [
        ("201", "22000", "", "answered", None, "204", "Provider"),
        ("201", "202", "202", "busy", 17, "", ""),
        ("201", "203", "203", "no_answer", 19, "202", ""),
        ("201", "22001", "", "not_allowed", 21, "203", ""),
    ]
    of_204 = calls.calls_of_account(5, 0, 10)
    assert [(one.number, one.forwarded_by) for one in of_204] == [("22000", "204")]


@pytest.mark.long
def test_phone_that_nobody_answers_rings_for_20_seconds(ctx, outbound_routing, sip_phone, provider):
    outbound_routing(*ROUTES)
    caller = sip_phone(201, level=0)
    ringing = sip_phone(202, level=10, forward_no_answer="22000").ring()
    began = time.monotonic()
    assert caller.dial_all(["202"]) == [200]
    ended = time.monotonic()
    assert 180 in caller.last.statuses
    assert 19 < ended - began < 25
    ringing.ended()
    assert provider.arrived == [("22000", "202", "")]
