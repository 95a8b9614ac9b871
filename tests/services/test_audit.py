"""Which audit entry made a change pending."""

import pytest

from sipweb.core.plan import diff
from sipweb.core.snapshot import PbxSettings, Route, Snapshot, Trunk
from sipweb.db import transaction
from sipweb.services import (
    account_secrets,
    accounts,
    audit,
    audit_subjects,
    generations,
    lease_end,
    leases,
    user_list,
    users,
)
from sipweb.services.context import Actor
from sipweb.services.state import current_state

ANNA, EWA, SETUP = (Actor(None, name) for name in ("anna", "ewa", "setup"))
PASSWORD = "a long password"
TRUNK = Trunk(1, "T", "127.0.0.1", 5060, "udp", "", "", "", False, "", "")


@pytest.fixture
def owner(app, ctx):
    """The id of an agent who owns account 1, which is live."""
    user_id = users.create_user(SETUP, "jan", "Jan Nowak", PASSWORD, "agent")
    accounts.update(ctx, SETUP, 1, 1, accounts.AccountInput(number=200, user_id=user_id))
    generations.generate(ctx, SETUP)
    return user_id


def rename(ctx, actor, user_id, name):
    user = next(user for user in user_list.list_users(ctx) if user.id == user_id)
    values = users.UserInput(name, user.login, user.role, True, user.work_mode, user.external_phone)
    users.update_user(ctx, actor, user_id, user.version, values)


def authors(ctx):
    return {key: entry.by for key, entry in audit_subjects.pending_authors(current_state(ctx).plan).items()}


def test_each_change_has_the_author_of_its_newest_entry(ctx):
    accounts.set_flag(ctx, ANNA, 1, 1, name="recording", value=True)
    accounts.set_flag(ctx, EWA, 1, 2, name="active", value=False)
    accounts.delete(ctx, ANNA, 2)
    new = accounts.create(ctx, EWA, accounts.AccountInput(number=300))
    account_secrets.reveal(ctx, ANNA, new)
    assert authors(ctx) == {("account", 1): "ewa", ("account", 2): "anna", ("account", new): "ewa"}


def test_owner_rename_and_account_edit_are_ordered_by_time(ctx, owner):
    rename(ctx, ANNA, owner, "Jan Lis")
    assert authors(ctx) == {("account", 1): "anna"}
    accounts.set_flag(ctx, EWA, 1, 2, name="recording", value=True)
    assert authors(ctx) == {("account", 1): "ewa"}
    rename(ctx, ANNA, owner, "Jan Kowalski")
    assert authors(ctx) == {("account", 1): "anna"}


def test_an_edit_of_the_owner_that_is_no_rename_is_not_the_cause(ctx, owner):
    accounts.set_flag(ctx, EWA, 1, 2, name="recording", value=True)
    user = next(user for user in user_list.list_users(ctx) if user.id == owner)
    values = users.UserInput(user.name, user.login, user.role, True, "manual", user.external_phone)
    users.update_user(ctx, ANNA, owner, user.version, values)
    assert authors(ctx) == {("account", 1): "ewa"}


def test_a_revocation_is_a_cause_only_if_it_replaced_the_password(ctx, owner):
    accounts.set_flag(ctx, EWA, 1, 2, name="recording", value=True)
    accounts.update(ctx, EWA, 1, 3, accounts.AccountInput(number=200, user_id=owner, phone="other"))
    generations.generate(ctx, SETUP)
    accounts.set_flag(ctx, EWA, 1, 4, name="recording", value=True)
    leases.acquire(ctx, owner, "200", "")
    assert not lease_end.release_by_admin(ctx, ANNA, 1).replaced
    assert authors(ctx) == {("account", 1): "ewa"}
    leases.acquire(ctx, users.create_user(SETUP, "piotr", "Piotr Lis", PASSWORD, "agent"), "201", "")
    assert lease_end.release_by_admin(ctx, ANNA, 2).replaced
    assert authors(ctx) == {("account", 1): "ewa", ("account", 2): "anna"}


def test_the_order_of_routes_is_a_cause_only_where_the_position_changed():
    routes = [Route(key, key, f"R{key}", "1", 0, 1) for key in (1, 2, 3)]
    moved = [Route(key, position, f"R{key}", "1", 0, 1) for position, key in enumerate((3, 1, 2), 1)]
    moved.append(Route(4, 4, "New", "1", 0, 1))
    live, saved = (Snapshot.build((), PbxSettings(), [TRUNK], found) for found in (routes, moved))
    assert audit_subjects._possible_causes(diff(live, saved)) == {
        ("route", 3): [("route", 3), audit_subjects.ROUTE_ORDER],
        ("route", 4): [("route", 4)],
    }


def test_the_newest_move_of_any_route_is_the_entry_of_their_order(app):
    assert audit_subjects._newest_entries({audit_subjects.ROUTE_ORDER}) == {}
    for actor in (ANNA, EWA):
        with transaction() as session:
            audit.record(session, actor, "route.move", "R3")
    with transaction() as session:
        audit.record(session, ANNA, "route.edit", "R3")
    assert audit_subjects._newest_entries({audit_subjects.ROUTE_ORDER})[audit_subjects.ROUTE_ORDER].by == "ewa"
