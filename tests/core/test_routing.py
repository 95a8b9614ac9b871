"""The decision: level and number in, the ways out in their order or the reason for none."""

import pytest

from sipweb.core.routing import decide, stranded
from sipweb.core.snapshot import Account, PbxSettings, Rule, Snapshot, Trunk

ONE, TWO = (Trunk(i, f"T{i}", "provider.example", 5060, "udp", "", "", "", False, "", "") for i in (1, 2))
ACCOUNT = Account(1, 205, None, "Automat Automat", "builtin", False, 10, "", "")
LOCAL = Rule(1, 1, "Local", "[1-9][0-9]{8}", 10, 1, prepend="+48")
ABROAD = Rule(2, 2, "Abroad", "00.+", 50, 2, strip=2, prepend="+")
SPARE = Rule(3, 3, "Spare", "[1-9][0-9]{8}", 0, 2)
HELP = Rule(4, 4, "Help", "112|999", 100, 2, emergency=True)


def snapshot(*rules, trunks=(ONE, TWO)):
    return Snapshot.of([ACCOUNT], PbxSettings(), trunks, rules)


@pytest.mark.parametrize("level", [0, 9, 10, 11, 49, 50, 100])
def test_a_rule_is_open_from_its_own_level_on(level):
    found = decide(level, "221234567", snapshot(LOCAL, ABROAD))
    assert [way.sent for way in found.tries] == (["+48221234567"] if level >= 10 else [])
    assert found.refusal == ("" if level >= 10 else "level")
    assert found.skipped == (() if level >= 10 else (LOCAL,))
    assert bool(decide(level, "0044123", snapshot(LOCAL, ABROAD)).tries) is (level >= 50)


def test_rules_are_tried_in_their_order_and_one_too_high_is_skipped():
    assert [way.trunk for way in decide(10, "221234567", snapshot(SPARE, LOCAL)).tries] == [ONE, TWO]
    assert [way.trunk for way in decide(0, "221234567", snapshot(SPARE, LOCAL)).tries] == [TWO]


def test_an_accounts_number_is_internal_and_is_not_routed():
    assert decide(0, "205", snapshot(Rule(1, 1, "All", ".*", 0, 1))).internal
    assert decide(0, "206", snapshot(Rule(1, 1, "All", ".*", 0, 1))).tries


@pytest.mark.parametrize("number", ["", "+", "12a", "1 2", "1+2", "Local/5@x", "१२", "1" * 33, "${EXTEN}", "1\n2"])
def test_what_cannot_be_dialled_is_refused(number):
    assert decide(100, number, snapshot(Rule(1, 1, "All", ".*", 0, 1))).refusal == "strange"


def test_emergency_numbers_go_out_by_the_rule_marked_so_else_by_the_first_trunk_else_by_any():
    everything = Rule(1, 1, "All", ".*", 0, 1)
    ways = [(way.rule, way.trunk) for way in decide(0, "112", snapshot(everything, HELP)).tries]
    assert ways == [(HELP, TWO), (None, ONE)]
    ways = [(way.trunk, way.sent) for way in decide(0, "998", snapshot(everything, HELP)).tries]
    assert ways == [(ONE, "998"), (TWO, "998")]
    assert decide(0, "112", snapshot(HELP, trunks=())).refusal == "no_trunk"


def test_emergency_numbers_without_a_way_out_are_named():
    assert stranded(snapshot(trunks=())) == ("112", "997", "998", "999")
    assert stranded(snapshot()) == ()


def test_a_rule_that_leaves_nothing_to_send_is_no_way():
    assert decide(100, "12", snapshot(Rule(1, 1, "Cut", ".*", 0, 1, strip=5))).refusal == "no_digits"
