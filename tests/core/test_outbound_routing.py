"""The routing decision: level and number in, attempts in order or a reason out."""

from dataclasses import replace

import pytest

from sipweb.core.outbound_routing import route_call, unreachable_emergency_numbers
from sipweb.core.snapshot import Account, PbxSettings, Route, Snapshot, Trunk

ONE, TWO = (Trunk(i, f"T{i}", "provider.example", 5060, "udp", "", "", "", False, "", "") for i in (1, 2))
ACCOUNT = Account(id=1, number=205, user="Automat Automat", secret="", fingerprint="")
LOCAL = Route(1, 1, "Local", "[1-9][0-9]{8}", 10, 1, prepend_digits="+48")
ABROAD = Route(2, 2, "Abroad", "00.+", 50, 2, strip_digits=2, prepend_digits="+")
SPARE = Route(3, 3, "Spare", "[1-9][0-9]{8}", 0, 2)
HELP = Route(4, 4, "Help", "112|999", 100, 2, emergency=True)


def snapshot(*rules, trunks=(ONE, TWO)):
    return Snapshot.build([ACCOUNT], PbxSettings(), trunks, rules)


@pytest.mark.parametrize("level", [0, 9, 10, 11, 49, 50, 100])
def test_route_is_allowed_from_its_level(level):
    decision = route_call(level, "221234567", snapshot(LOCAL, ABROAD))
    assert [attempt.dialed for attempt in decision.attempts] == (["+48221234567"] if level >= 10 else [])
    assert decision.reason == ("" if level >= 10 else "level")
    assert decision.skipped_routes == (() if level >= 10 else (LOCAL,))
    assert bool(route_call(level, "0044123", snapshot(LOCAL, ABROAD)).attempts) is (level >= 50)


def test_routes_are_tried_in_order_and_disallowed_ones_skipped():
    assert [attempt.trunk for attempt in route_call(10, "221234567", snapshot(SPARE, LOCAL)).attempts] == [ONE, TWO]
    assert [attempt.trunk for attempt in route_call(0, "221234567", snapshot(SPARE, LOCAL)).attempts] == [TWO]


def test_account_number_is_internal_and_not_routed():
    assert route_call(0, "205", snapshot(Route(1, 1, "All", ".*", 0, 1))).internal
    assert route_call(0, "206", snapshot(Route(1, 1, "All", ".*", 0, 1))).attempts


@pytest.mark.parametrize("number", ["", "+", "12a", "1 2", "1+2", "Local/5@x", "१२", "1" * 33, "${EXTEN}", "1\n2"])
def test_undialable_number_is_rejected(number):
    assert route_call(100, number, snapshot(Route(1, 1, "All", ".*", 0, 1))).reason == "strange"


def test_emergency_call_uses_its_route_then_every_other_trunk():
    everything = Route(1, 1, "All", ".*", 0, 1)
    attempts = [(attempt.rule, attempt.trunk) for attempt in route_call(0, "112", snapshot(everything, HELP)).attempts]
    assert attempts == [(HELP, TWO), (None, ONE)]
    attempts = [
        (attempt.trunk, attempt.dialed) for attempt in route_call(0, "998", snapshot(everything, HELP)).attempts
    ]
    assert attempts == [(ONE, "998"), (TWO, "998")]
    assert route_call(0, "112", snapshot(HELP, trunks=())).reason == "no_trunk"


def test_unreachable_emergency_numbers_are_listed():
    assert unreachable_emergency_numbers(snapshot(trunks=())) == ("112", "997", "998", "999")
    assert unreachable_emergency_numbers(snapshot()) == ()


def test_route_stripping_all_digits_is_skipped():
    assert route_call(100, "12", snapshot(Route(1, 1, "Cut", ".*", 0, 1, strip_digits=5))).reason == "no_digits"


CODES = PbxSettings(echo_test="*43", pickup="*8", withhold_prefix="*67")
EVERYTHING = Route(1, 1, "All", ".*", 10, 1)


@pytest.mark.parametrize(("number", "feature"), [("*43", "echo_test"), ("*8", "pickup"), ("*67*43", "echo_test")])
def test_feature_code_takes_precedence_over_the_routes(number, feature):
    decision = route_call(0, number, Snapshot.build([ACCOUNT], CODES, [ONE], [EVERYTHING]))
    assert (decision.feature, decision.attempts, decision.reason) == (feature, (), "")
    assert route_call(10, number, snapshot(EVERYTHING)).attempts  # the codes are off


def test_number_is_withheld_from_everybody_but_emergency_services():
    codes = Snapshot.build([ACCOUNT], CODES, [ONE], [EVERYTHING])
    for number in ("205", "22123", "112"):
        plain, prefixed = route_call(10, number, codes), route_call(10, f"*67{number}", codes)
        assert prefixed == replace(plain, withheld=number != "112")
    assert route_call(0, "*67112", codes).attempts
    assert [route_call(10, number, codes).reason for number in ("*67", "*67x")] == ["strange", "strange"]
    assert route_call(0, "*6722123", codes).reason == "level"
