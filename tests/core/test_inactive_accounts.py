"""Numbers of inactive accounts: they stay inside, and one edit is one pending change."""

from dataclasses import replace

import pytest

from sipweb.core.outbound_routing import route_call
from sipweb.core.plan import FieldChange, diff
from sipweb.core.snapshot import Account, InactiveAccount, PbxSettings, Route, Snapshot, Trunk

A = Account(id=1, number=324, user="Automat Automat", secret="token", fingerprint="print")
B = replace(A, id=2, number=325)
TRUNK = Trunk(1, "One", "provider.example", 5060, "udp", "", "", "", False, "", "")
RULE = Route(1, 1, "Three digits", "[0-9]{3,4}", 0, 1)


def snapshot(*active, inactive=()):
    records = [InactiveAccount(account.id, account.number) for account in inactive]
    return Snapshot.build(active, PbxSettings(), [TRUNK], [RULE], records)


@pytest.mark.parametrize("level", [0, 100])
def test_number_of_an_inactive_account_is_never_routed(level):
    assert route_call(level, "324", snapshot(B, inactive=[A])).reason == "inactive"
    assert route_call(level, "326", snapshot(B, inactive=[A])).attempts
    assert route_call(level, "3240", snapshot(B, inactive=[A])).attempts


def test_emergency_number_goes_out_whatever_account_has_it():
    owner = replace(A, number=112)
    for state in (snapshot(owner), snapshot(inactive=[owner]), snapshot()):
        assert [attempt.dialed for attempt in route_call(0, "112", state).attempts] == ["112"]


def inactive_change(live, saved):
    plan = diff(live, saved)
    return len(plan), [(change.old, change.new) for change in plan.inactive]


def test_activating_and_deactivating_is_one_change():
    for before, after in (
        (snapshot(A, B), snapshot(B, inactive=[A])),
        (snapshot(B, inactive=[A]), snapshot(A, B)),
        (snapshot(A), snapshot(inactive=[replace(A, number=400)])),
        (snapshot(A), snapshot(inactive=[replace(A, id=9)])),  # deleted, and another inactive one got its number
        (snapshot(inactive=[A]), snapshot(replace(A, id=9))),
    ):
        assert inactive_change(before, after) == (1, [])


def test_inactive_account_that_was_never_active_is_a_change():
    assert inactive_change(snapshot(B), snapshot(B, inactive=[A])) == (1, [((), (324,))])
    assert inactive_change(snapshot(B, inactive=[A]), snapshot(B)) == (1, [((324,), ())])
    renumbered = snapshot(B, inactive=[replace(A, number=400)])
    assert diff(snapshot(B, inactive=[A]), renumbered).inactive == (FieldChange("inactive_numbers", (324,), (400,)),)


def test_update_of_sipweb_explains_the_inactive_accounts():
    old = replace(snapshot(B), renderer_version=10)
    assert inactive_change(old, snapshot(B, inactive=[A])) == (1, [])


def test_snapshot_with_inactive_accounts_survives_json():
    one = snapshot(B, inactive=[A])
    assert Snapshot.from_json(one.to_json()) == one
    assert one.digest != snapshot(B).digest
