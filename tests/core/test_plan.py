from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sipweb.core.plan import FieldChange, diff
from sipweb.core.snapshot import RENDERER, Account, PbxSettings, Snapshot

A = Account(1, 200, None, "Automat Automat", "builtin", False, 10, "token", "print")


def snapshot(*accounts, **settings):
    return Snapshot.of(accounts, PbxSettings(**settings))


def test_equal_states_have_an_empty_plan():
    assert len(diff(snapshot(A), snapshot(A))) == 0


def test_a_change_names_each_field_with_old_and_new():
    plan = diff(snapshot(A), snapshot(replace(A, number=201, level=20)))
    assert plan.changed[0].fields == (FieldChange("number", 200, 201), FieldChange("level", 10, 20))


def test_a_secret_is_compared_by_fingerprint_and_its_values_are_never_in_the_plan():
    assert len(diff(snapshot(A), snapshot(replace(A, secret="encrypted again")))) == 0
    assert diff(snapshot(A), snapshot(replace(A, fingerprint="other"))).changed[0].fields == (FieldChange("secret"),)


def test_another_owner_of_the_same_name_is_a_change():
    one, two = replace(A, user_id=1, user="Jan Nowak"), replace(A, user_id=2, user="Jan Nowak")
    assert [f.field for f in diff(snapshot(one), snapshot(two)).changed[0].fields] == ["user"]


def test_added_removed_and_settings_are_counted():
    b = replace(A, id=2, number=201)
    plan = diff(snapshot(A), snapshot(b, realm="other"))
    assert (plan.added, plan.removed, len(plan)) == ((b,), (A,), 3)
    assert plan.kinds == {1: "removed", 2: "added"}


accounts = st.builds(
    Account, id=st.integers(1, 9), number=st.integers(100, 999), user_id=st.none() | st.integers(1, 9),
    user=st.text(max_size=9), phone=st.sampled_from(["builtin", "other"]), recording=st.booleans(),
    level=st.integers(0, 100), secret=st.text(max_size=9), fingerprint=st.text(max_size=9),
)  # fmt: skip


@given(st.lists(accounts, unique_by=lambda account: account.number))
def test_a_snapshot_survives_json_and_has_the_same_bytes_in_any_order(found):
    one, two = snapshot(*found), snapshot(*reversed(found))
    assert Snapshot.from_json(one.to_json()) == one
    assert one.to_json() == two.to_json()
    assert one.digest == two.digest


def test_an_old_snapshot_loads_with_defaults():
    assert Snapshot.from_json(f'{{"renderer": {RENDERER}, "later": 5}}') == Snapshot()
