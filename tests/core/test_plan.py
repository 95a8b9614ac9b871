import json
from dataclasses import replace
from operator import attrgetter

from hypothesis import given
from hypothesis import strategies as st

from sipweb.core.plan import FieldChange, diff
from sipweb.core.snapshot import (
    RENDERER_VERSION,
    Account,
    HostAddress,
    InactiveAccount,
    PbxSettings,
    Route,
    Snapshot,
    Trunk,
)

A = Account(id=1, number=200, user="Automat Automat", secret="token", fingerprint="print")


def snapshot(*accounts, **settings):
    return Snapshot.build(accounts, PbxSettings(**settings))


def test_equal_snapshots_have_an_empty_plan():
    assert len(diff(snapshot(A), snapshot(A))) == 0


def test_change_names_each_field_with_old_and_new():
    plan = diff(snapshot(A), snapshot(replace(A, number=201, level=20)))
    assert plan.changed[0].fields == (FieldChange("number", 200, 201), FieldChange("level", 10, 20))


def test_secret_is_compared_by_fingerprint_and_never_in_the_plan():
    assert len(diff(snapshot(A), snapshot(replace(A, secret="encrypted again")))) == 0
    assert diff(snapshot(A), snapshot(replace(A, fingerprint="other"))).changed[0].fields == (FieldChange("secret"),)


def test_another_owner_of_the_same_name_is_a_change():
    one, two = replace(A, user_id=1, user="Jan Nowak"), replace(A, user_id=2, user="Jan Nowak")
    assert [f.field for f in diff(snapshot(one), snapshot(two)).changed[0].fields] == ["user"]


def test_added_removed_and_settings_are_counted():
    b = replace(A, id=2, number=201)
    plan = diff(snapshot(A), snapshot(b, realm="other"))
    assert (plan.added, plan.removed, len(plan)) == ((b,), (A,), 3)
    assert plan.change_by_account == {1: "removed", 2: "added"}


def routing(*rules, trunks=("Orange", "Netia")):
    trunk_records = [Trunk(i, name, "h", 5060, "udp", "", "", "", False, "", "") for i, name in enumerate(trunks, 1)]
    return Snapshot.build((), PbxSettings(), trunk_records, rules)


def in_order(*ids):
    return routing(*(Route(key, position, f"R{key}", "1", 0, 1) for position, key in enumerate(ids, 1)))


def test_added_trunk_or_route_lists_its_fields():
    rule = Route(5, 1, "Abroad", "00.+", 0, 2, 2, "+")
    added = diff(routing(), routing(rule)).routing[0]
    assert [(f.field, f.new) for f in added.fields] == [
        ("name", "Abroad"), ("pattern", "00.+"), ("level", 0), ("trunk_id", "Netia"),
        ("strip_digits", 2), ("prepend_digits", "+"),
    ]  # fmt: skip
    changed = diff(routing(rule), routing(replace(rule, trunk_id=1), trunks=("Play", "Netia"))).routing
    assert [change.fields for change in changed] == [
        (FieldChange("name", "Orange", "Play"),), (FieldChange("trunk_id", "Netia", "Play"),),
    ]  # fmt: skip


def test_only_moved_routes_are_changes():
    assert len(diff(in_order(1, 2, 3, 4), in_order(1, 3, 4))) == 1
    assert len(diff(in_order(1, 3), routing(Route(1, 4, "R1", "1", 0, 1), Route(3, 9, "R3", "1", 0, 1)))) == 0
    [change] = diff(in_order(1, 2, 3, 4), in_order(4, 1, 2, 3)).routing
    assert (change.kind, change.id, change.fields) == ("route", 4, (FieldChange("position", 4, 1),))


@given(st.permutations(range(9)), st.permutations(range(9)))
def test_order_is_pending_exactly_when_it_differs(before, after):
    plan = diff(in_order(*before), in_order(*after))
    assert bool(len(plan)) == (before != after)
    moved = {change.id for change in plan.routing}
    assert [key for key in before if key not in moved] == [key for key in after if key not in moved]


accounts = st.builds(
    Account, id=st.integers(1, 9), number=st.integers(100, 999), user_id=st.none() | st.integers(1, 9),
    user=st.text(max_size=9), phone=st.sampled_from(["builtin", "other"]), recording=st.booleans(),
    level=st.integers(0, 100), secret=st.text(max_size=9), fingerprint=st.text(max_size=9),
)  # fmt: skip


@given(st.lists(accounts, unique_by=lambda account: account.number))
def test_snapshot_survives_json_and_sorts_its_records(records):
    one, two = snapshot(*records), snapshot(*reversed(records))
    assert Snapshot.from_json(one.to_json()) == one
    assert one.to_json() == two.to_json()
    assert one.digest == two.digest


some = st.lists(accounts, max_size=6, unique_by=(attrgetter("id"), attrgetter("number"))).map(
    lambda records: snapshot(*records)
)


@given(some, some, some, st.sets(st.integers(1, 9)))
def test_plan_is_the_same_with_and_without_a_previous_plan(live, earlier, saved, others):
    ids = earlier.by_id.keys() | saved.by_id.keys()
    written = {key for key in ids if earlier.by_id.get(key) != saved.by_id.get(key)}
    assert diff(live, saved, diff(live, earlier), written | others) == diff(live, saved)


def test_old_snapshot_loads_with_defaults():
    assert Snapshot.from_json(f'{{"renderer_version": {RENDERER_VERSION}, "later": 5}}') == Snapshot()


def test_fields_that_a_later_version_added_are_dropped():
    hosts = tuple(HostAddress(name, "192.0.2.1", 5060) for name in "ab")
    one = Snapshot(settings=PbxSettings(hosts=hosts), inactive=(InactiveAccount(1, 200),))
    data = json.loads(one.to_json())
    for record in (data, data["settings"], *data["settings"]["hosts"], *data["inactive"]):
        record["later"] = 5
    assert Snapshot.from_json(json.dumps(data)) == one


def test_old_and_new_field_names_load_to_equal_snapshots():
    trunk = {"id": 1, "name": "T", "host": "h", "port": 5060, "transport": "udp", "realm": "", "register": True}
    trunk |= {"secret": "token", "fingerprint": "print"}
    route = {"id": 2, "position": 1, "name": "R", "pattern": "1", "level": 5, "trunk_id": 1, "emergency": True}
    old = {
        "renderer": 7,
        "settings": {"realm": "sip", "emergency": ["112"]},
        "trunks": [trunk | {"user": "me", "caller": "48"}],
        "rules": [route | {"strip": 2, "prepend": "+"}],
    }
    new = {
        "renderer_version": 7,
        "settings": {"realm": "sip", "emergency_numbers": ["112"]},
        "trunks": [trunk | {"username": "me", "caller_id": "48"}],
        "routes": [route | {"strip_digits": 2, "prepend_digits": "+"}],
    }
    snapshot = Snapshot.from_json(json.dumps(old))
    assert snapshot == Snapshot.from_json(json.dumps(new)) == Snapshot.from_json(snapshot.to_json())
    assert (snapshot.renderer_version, snapshot.settings.emergency_numbers) == (7, ("112",))
    assert (snapshot.trunks[0].username, snapshot.trunks[0].caller_id) == ("me", "48")
    assert (snapshot.routes[0].strip_digits, snapshot.routes[0].prepend_digits) == (2, "+")
    assert len(diff(snapshot, replace(snapshot, renderer_version=RENDERER_VERSION))) == 1
