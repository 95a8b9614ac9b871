"""Call forwarding: what a target may be, and what the dial test and the dialplan make of it."""

from dataclasses import replace

import pytest

from sipweb.core.asterisk import Renderer, render
from sipweb.core.errors import Invalid
from sipweb.core.forwarding import RULES, check_forwarding, forward_target, parse_forward_target
from sipweb.core.outbound_routing import refused_forwards, route_call
from sipweb.core.snapshot import Account, InactiveAccount, PbxSettings, Route, Snapshot, Trunk

SETTINGS = PbxSettings(echo_test="*43", pickup="*8", withhold_prefix="*67")
TRUNK = Trunk(1, "One", "sip.example.org", 5060, "udp", "", "", "", False, "", "")
EVERYTHING = Route(1, 1, "Everything", ".*", 0, 1)
CITY, ABROAD = Route(1, 1, "City", "22.*", 10, 1), Route(2, 2, "Abroad", "00.*", 50, 1)


def account(number, **values):
    return Account(id=number, number=number, user="Anna", secret="", fingerprint="", **values)


def snapshot(*accounts, routes=(CITY, ABROAD), inactive=()):
    return Snapshot.build(accounts, SETTINGS, [TRUNK], routes, inactive)


def chain(decision):
    """The forwardings of a decision, one within the other."""
    return [
        (forward.rule.removeprefix("forward_"), forward.account, forward.target, chain(forward.decision))
        for forward in decision.forwards
    ]


@pytest.mark.parametrize(
    ("typed", "number"), [("", ""), (" ", ""), ("22 123-45.67", "221234567"), ("(+48) 22", "+4822"), ("*60", "*60")]
)
def test_target_is_read_like_a_dialled_number(typed, number):
    assert parse_forward_target(typed) == number


@pytest.mark.parametrize("typed", ["22123abc", "+", "1" * 33, "22+5", "Local/5@x", "${EXTEN}", "22,1"])
def test_target_that_cannot_be_dialled_is_refused(typed):
    with pytest.raises(Invalid):
        parse_forward_target(typed)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("target", ["300", "112", "999", "*43", "*8", "*67221234567", "*67112"])
def test_own_number_emergency_numbers_and_feature_codes_are_no_targets(rule, target):
    forwarding = account(300, **{rule: target})
    with pytest.raises(Invalid) as refused:
        check_forwarding(forwarding, SETTINGS)
    assert refused.value.field == rule


@pytest.mark.parametrize("target", ["112", "300", "*43", "*67112", "1-1-2", "22000@x", "${EXTEN}", " ", "1" * 33])
def test_a_snapshot_with_an_impossible_target_does_not_forward(target):
    state = snapshot(account(300, **dict.fromkeys(RULES, target)), account(301), routes=[EVERYTHING])
    assert [forward_target(state.by_number["300"], rule, SETTINGS) for rule in RULES] == [""] * 3
    assert route_call(0, "300", state).forwards == ()
    assert "SIPWEB_FORWARDING=300" not in render(state, Renderer(lambda text: text))["extensions.conf"]


def test_one_impossible_target_does_not_stop_the_others():
    state = snapshot(account(300, forward_busy="112", forward_no_answer="301"), account(301))
    assert chain(route_call(0, "300", state)) == [("no_answer", 300, "301", [])]


@pytest.mark.parametrize(("level", "allowed"), [(9, False), (10, True), (100, True)])
def test_level_of_the_forwarding_account_counts_for_every_caller(level, allowed):
    state = snapshot(account(300, level=level, forward_always="221234567"))
    for caller in (0, 10, 100):
        [forward] = route_call(caller, "300", state).forwards
        assert (forward.level, bool(forward.decision.attempts)) == (level, allowed)
        assert forward.decision.reason == ("" if allowed else "level")
    assert refused_forwards(state.by_number["300"], state) == (() if allowed else (("221234567", "level"),))


def test_forwarding_always_precedes_the_others():
    state = snapshot(account(300, forward_always="301", forward_busy="302", forward_no_answer="303"), account(301))
    assert chain(route_call(0, "300", state)) == [("always", 300, "301", [])]


def test_each_account_of_a_chain_has_its_own_level():
    state = snapshot(account(300, level=100, forward_busy="301"), account(301, level=0, forward_no_answer="0044"))
    [first] = route_call(50, "300", state).forwards
    [second] = first.decision.forwards
    assert (second.account, second.level, second.decision.reason) == (301, 0, "level")


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_call_is_forwarded_three_times_at_most(length):
    numbers = [300 + index for index in range(length + 1)]
    loop = [account(n, forward_always=str(numbers[(i + 1) % len(numbers)])) for i, n in enumerate(numbers)]
    decision, passed = route_call(0, "300", snapshot(*loop)), []
    while decision.forwards:
        passed.append(decision.forwards[0].target)
        decision = decision.forwards[0].decision
    assert decision.internal
    assert passed == [str(numbers[(i + 1) % len(numbers)]) for i in range(3)]


@pytest.mark.parametrize(
    ("target", "reason"), [("301", ""), ("302", "inactive"), ("303", "no_rule"), ("22", ""), ("0044", "level")]
)
def test_refused_targets_have_a_reason(target, reason):
    forwarding = account(300, forward_busy=target, forward_no_answer=target)
    state = snapshot(forwarding, account(301), inactive=[InactiveAccount(9, 302)])
    assert refused_forwards(forwarding, state) == (((target, reason),) if reason else ())


def test_inactive_account_does_not_forward():
    state = snapshot(account(301, forward_always="300"), inactive=[InactiveAccount(300, 300)])
    assert route_call(100, "300", state).reason == "inactive"
    assert route_call(100, "301", state).forwards[0].decision.reason == "inactive"


def test_snapshot_of_an_earlier_version_does_not_forward():
    state = snapshot(account(300, forward_always="301"), account(301))
    stored = replace(state, renderer_version=11).to_json()
    for rule in RULES:
        stored = stored.replace(f'"{rule}":"301",', "").replace(f'"{rule}":"",', "")
    assert "forward" not in stored
    assert not any(one.forwards for one in Snapshot.from_json(stored).accounts)
