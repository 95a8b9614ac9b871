"""What prevents emergency calls, now and after the next generation."""

import pytest

from sipweb.core.emergency import Reason, emergency_problems
from sipweb.core.snapshot import PbxSettings, Route, Snapshot, Trunk

ONE, TWO = (Trunk(i, f"T{i}", "provider.example", 5060, "udp", "", "", "", False, "", "") for i in (1, 2))
NUMBERS = ("112", "997", "998", "999")


def snapshot(*trunks, routes=(), numbers=NUMBERS):
    return Snapshot.build([], PbxSettings(emergency_numbers=numbers), trunks, routes)


def reasons(live, saved, reachable=None, *, has_trunks=True):
    return [problem.reason for problem in emergency_problems(live, saved, reachable or {}, has_trunks=has_trunks)]


def test_the_reason_depends_on_what_is_live_and_what_is_saved():
    none, some = snapshot(), snapshot(ONE)
    assert reasons(none, none, has_trunks=False) == [Reason.NO_TRUNK]
    assert reasons(none, none) == [Reason.NO_ACTIVE_TRUNK]
    assert reasons(none, some) == [Reason.NOT_GENERATED]
    assert reasons(some, none) == [Reason.AFTER_GENERATION]
    assert reasons(some, some) == []
    assert reasons(snapshot(numbers=()), snapshot(numbers=())) == []


@pytest.mark.parametrize(
    ("reachable", "expected"),
    [
        ({}, []),
        ({1: False}, []),
        ({1: False, 2: None}, []),
        ({1: False, 2: True}, []),
        ({1: False, 2: False}, [Reason.UNREACHABLE]),
    ],
)
def test_trunks_are_unreachable_only_if_that_is_known_of_each(reachable, expected):
    live = snapshot(ONE, TWO, routes=[Route(1, 1, "Help", "112", 0, 1, emergency=True)])
    assert reasons(live, live, reachable) == expected


def test_an_unreachable_trunk_and_its_pending_removal_are_two_problems():
    problems = emergency_problems(snapshot(ONE), snapshot(), {1: False}, has_trunks=True)
    assert [str(problem) for problem in problems] == [
        "Emergency calls (112, 997, 998, 999) can't be placed now: no trunk is reachable (T1).",
        "After the configuration is generated, emergency calls (112, 997, 998, 999) will no longer be possible.",
    ]


def test_the_fingerprint_changes_with_the_facts_only():
    def fingerprint(*trunks, numbers=NUMBERS):
        live = snapshot(*trunks, numbers=numbers)
        (problem,) = emergency_problems(live, live, {1: False, 2: False}, has_trunks=True)
        return problem.fingerprint

    renamed = Trunk(1, "Other", "other.example", 5061, "tcp", "", "", "", False, "", "")
    facts = [fingerprint(), fingerprint(ONE), fingerprint(TWO), fingerprint(ONE, TWO), fingerprint(numbers=("112",))]
    assert len(set(facts)) == len(facts)
    assert fingerprint(renamed) == fingerprint(ONE)
