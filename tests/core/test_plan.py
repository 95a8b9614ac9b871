from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sipweb.core.plan import FieldChange, diff
from sipweb.core.snapshot import RENDERER, Account, PbxSettings, Rule, Snapshot, Trunk

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


def ways(*rules, trunks=("Orange", "Netia")):
    known = [Trunk(i, name, "h", 5060, "udp", "", "", "", False, "", "") for i, name in enumerate(trunks, 1)]
    return Snapshot.of((), PbxSettings(), known, rules)


def in_order(*ids):
    return ways(*(Rule(key, place, f"R{key}", "1", 0, 1) for place, key in enumerate(ids, 1)))


def test_an_added_way_says_what_it_has_and_a_rule_names_its_trunk():
    rule = Rule(5, 1, "Abroad", "00.+", 0, 2, 2, "+")
    added = diff(ways(), ways(rule)).ways[0]
    assert [(f.field, f.new) for f in added.fields] == [
        ("name", "Abroad"), ("pattern", "00.+"), ("level", 0), ("trunk_id", "Netia"), ("strip", 2), ("prepend", "+"),
    ]  # fmt: skip
    changed = diff(ways(rule), ways(replace(rule, trunk_id=1), trunks=("Play", "Netia"))).ways
    assert [change.fields for change in changed] == [
        (FieldChange("name", "Orange", "Play"),), (FieldChange("trunk_id", "Netia", "Play"),),
    ]  # fmt: skip


def test_only_the_rules_that_were_moved_are_changes():
    assert len(diff(in_order(1, 2, 3, 4), in_order(1, 3, 4))) == 1
    assert len(diff(in_order(1, 3), ways(Rule(1, 4, "R1", "1", 0, 1), Rule(3, 9, "R3", "1", 0, 1)))) == 0
    [change] = diff(in_order(1, 2, 3, 4), in_order(4, 1, 2, 3)).ways
    assert (change.id, change.fields) == (4, (FieldChange("position", 4, 1),))


@given(st.permutations(range(9)), st.permutations(range(9)))
def test_an_order_is_pending_exactly_when_it_differs(before, after):
    plan = diff(in_order(*before), in_order(*after))
    assert bool(len(plan)) == (before != after)
    moved = {change.id for change in plan.ways}
    assert [key for key in before if key not in moved] == [key for key in after if key not in moved]


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


some = st.lists(accounts, max_size=6, unique_by=lambda account: account.id).map(lambda found: snapshot(*found))


@given(some, some, some, some)
def test_an_earlier_plan_changes_nothing_in_a_new_one(live, later, earlier, saved):
    """Records stay the same objects where nothing happened to them, in the live snapshot and in the saved one."""
    kept = snapshot(*(earlier.by_id.get(key, account) for key, account in saved.by_id.items()))
    for known in (diff(live, earlier), diff(later, earlier)):
        assert diff(live, kept, known) == diff(live, kept)


def test_an_old_snapshot_loads_with_defaults():
    assert Snapshot.from_json(f'{{"renderer": {RENDERER}, "later": 5}}') == Snapshot()
