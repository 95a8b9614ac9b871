"""What a plan means for those who use the accounts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipweb.core.impact import assess
from sipweb.core.outbound_routing import route_call
from sipweb.core.snapshot import Account, PbxSettings, Route, Snapshot, Trunk

TRUNK = Trunk(1, "One", "provider.example", 5060, "udp", "", "", "", False, "", "")


def accounts(levels):
    """Accounts with these ids and levels."""
    return [
        Account(id=key, number=200 + key, user="U", level=level, secret="", fingerprint="")
        for key, level in levels.items()
    ]


def snapshot(levels, routes=(), trunks=(TRUNK,)):
    return Snapshot.build(accounts(levels), PbxSettings(), trunks, routes)


def route(key, pattern, level, name=""):
    return Route(key, key, name or f"R{key}", pattern, level, 1)


@pytest.mark.parametrize(
    ("live", "removed", "expected"), [(10, 3, False), (10, 4, True), (9, 9, False), (100, 30, False), (100, 31, True)]
)
def test_removing_more_than_30_percent_of_at_least_ten_needs_a_confirmation(live, removed, expected):
    before, after = dict.fromkeys(range(1, live + 1), 10), dict.fromkeys(range(removed + 1, live + 1), 10)
    impact = assess(snapshot(before), snapshot(after | {999: 10}))
    assert (impact.live, impact.removed, impact.needs_confirmation) == (live, removed, expected)


def test_emergency_numbers_that_lose_their_trunk_are_named():
    with_trunk, without = snapshot({1: 10}), snapshot({1: 10}, trunks=())
    assert assess(with_trunk, without).emergency_numbers == ("112", "997", "998", "999")
    assert assess(without, without).emergency_numbers == ()
    assert assess(without, with_trunk).emergency_numbers == ()


def test_levels_of_accounts_and_rules_allow_and_forbid():
    live = snapshot({1: 10, 2: 50, 3: 50}, [route(1, "00.*", 50, "Abroad"), route(2, "22.*", 10, "City")])
    saved = snapshot({1: 60, 2: 10, 3: 50}, [route(1, "00.*", 50, "Abroad"), route(2, "22.*", 20, "City")])
    changes = [(change.rule, change.lost, change.gained) for change in assess(live, saved).dialing]
    assert changes == [("Abroad", 1, 1), ("City", 1, 0)]


def test_a_rule_that_was_deleted_and_added_again_changes_nothing():
    live, saved = snapshot({1: 50}, [route(1, "00.*", 50)]), snapshot({1: 50}, [route(7, "00.*", 50)])
    assert assess(live, saved).dialing == ()


LEVELS = st.dictionaries(st.integers(1, 6), st.sampled_from([0, 10, 50, 100]), max_size=6)
ROUTES = st.lists(st.tuples(st.sampled_from(["22", "33", "44"]), st.sampled_from([0, 10, 50, 100])), max_size=4)


@given(LEVELS, LEVELS, ROUTES, ROUTES)
def test_the_counts_are_those_of_the_dial_test(before, after, old_rules, new_rules):
    live, saved = (
        snapshot(levels, [route(key, pattern, level, pattern) for key, (pattern, level) in enumerate(rules, 1)])
        for levels, rules in ((before, old_rules), (after, new_rules))
    )
    expected = set()
    for number in ("22", "33", "44"):
        pairs = [
            (bool(route_call(before[key], number, live).attempts), bool(route_call(after[key], number, saved).attempts))
            for key in before.keys() & after.keys()
        ]
        lost, gained = pairs.count((True, False)), pairs.count((False, True))
        expected |= {(number, lost, gained)} if lost or gained else set()
    assert {(change.rule, change.lost, change.gained) for change in assess(live, saved).dialing} == expected
