"""Pending edits return to what is live: all of them, or those of one account, trunk or route."""

import pytest
from sqlalchemy import delete

from sipweb.core.bulk_changes import Action, BulkChange, seen_versions
from sipweb.core.errors import OperationRefused
from sipweb.db import db, transaction
from sipweb.models import Account, Generation, OutboundRoute, Trunk, User
from sipweb.services import account_secrets, accounts, audit, bulk_changes, generations, routes, trunks
from sipweb.services.context import Actor
from sipweb.services.discard import ChangedSince, discard, discardable
from sipweb.services.state import current_state
from tests.builders import edit_account, make_account, make_route, make_trunk, make_user
from tests.conftest import on_both_databases

WHO = Actor(None, "test")


def discard_now(ctx, subject=None):
    """Discard what a page that was just loaded shows."""
    return discard(ctx, WHO, discardable(ctx, subject).newest_entry, subject)


@pytest.fixture
def live(ctx):
    """Generate two trunks and three routes, and return the live snapshot."""
    first, second = make_trunk(ctx, name="First"), make_trunk(ctx, name="Second")
    for name, trunk_id in (("A", first), ("B", second), ("C", second)):
        make_route(trunk_id, name=name)
    generations.generate(ctx, WHO)
    return current_state(ctx).live


def edit_everything(ctx):
    """Make an edit of every kind."""
    accounts.delete(ctx, WHO, 1)
    edit_account(ctx, 2, active=False)
    edit_account(ctx, 3, level=99, recording=True)
    account_secrets.renew_secret(ctx, WHO, 4)
    make_account(ctx, 200)  # the deleted one's number
    with transaction() as session:  # two that swap their numbers
        numbers = session.get_one(Account, 5).number, session.get_one(Account, 6).number
        session.get_one(Account, 5).number = 899
        session.flush()
        session.get_one(Account, 6).number = numbers[0]
        session.flush()
        session.get_one(Account, 5).number = numbers[1]
    first, second = trunks.list_trunks()
    routes.delete_route(WHO, routes.list_routes()[0].id)
    trunks.delete_trunk(WHO, first.id)
    with transaction() as session:
        session.get_one(Trunk, second.id).name = "First"
    make_route(make_trunk(ctx, name="Second"), name="D")
    routes.move_route(WHO, routes.list_routes()[1].id, 1)


@on_both_databases
def test_discarding_everything_makes_the_saved_state_the_live_one(ctx, live):
    edit_everything(ctx)
    count = len(current_state(ctx).plan)
    assert count > 10
    assert discard_now(ctx) == count
    state = current_state(ctx)
    assert len(state.plan) == 0
    assert state.saved == live
    assert state.by_id[1].version >= 1
    assert generations.generate(ctx, WHO) is None


def test_each_discarded_edit_is_recorded_with_what_is_lost(ctx, live):
    edit_account(ctx, 3, level=99)
    account_secrets.renew_secret(ctx, WHO, 4)
    discard_now(ctx)
    entries = audit.entries()[:2]
    assert [(entry.action, entry.subject) for entry in entries] == [
        ("account.discard", "203"), ("account.discard", "202"),
    ]  # fmt: skip
    assert [entry.changes for entry in entries] == [{"secret": []}, {"level": [99, 10]}]


@pytest.mark.parametrize(
    ("edit", "subject"),
    [
        (lambda ctx: accounts.delete(ctx, WHO, 1), ("account", 1)),
        (lambda ctx: edit_account(ctx, 1, active=False), ("account", 1)),
        (lambda ctx: edit_account(ctx, 1, number=555), ("account", 1)),
        (lambda ctx: routes.delete_route(WHO, 2), ("route", 2)),
    ],
)
def test_discarding_one_leaves_the_others_pending(ctx, live, edit, subject):
    edit_account(ctx, 9, level=1)
    edit(ctx)
    assert discard_now(ctx, subject) == 1
    plan = current_state(ctx).plan
    assert [change.new.id for change in plan.changed] == [9]
    assert len(plan) == 1


def test_number_that_another_account_has_taken_is_named_and_nothing_is_discarded(ctx, live):
    accounts.delete(ctx, WHO, 1)
    taken = make_account(ctx, 200)
    with pytest.raises(OperationRefused, match="Number 200 now belongs to another saved account"):
        discard_now(ctx, ("account", 1))
    assert len(current_state(ctx).plan) == 2
    discard_now(ctx, ("account", taken))
    discard_now(ctx, ("account", 1))
    assert current_state(ctx).saved == live


def test_route_needs_its_trunk_and_an_added_trunk_its_routes(ctx, live):
    first = live.trunks[0].id
    routes.delete_route(WHO, live.routes[0].id)
    trunks.delete_trunk(WHO, first)
    with pytest.raises(OperationRefused, match="The trunk of rule A was deleted"):
        discard_now(ctx, ("route", live.routes[0].id))
    added = make_trunk(ctx, name="Third")
    make_route(added, name="E")
    with pytest.raises(OperationRefused, match="Trunk Third is used by the rule E"):
        discard_now(ctx, ("trunk", added))
    discard_now(ctx, ("trunk", first))
    discard_now(ctx, ("route", live.routes[0].id))
    discard_now(ctx)
    assert current_state(ctx).saved == live
    assert db.session.get(Trunk, first).version > 1  # no open form or Undo of the deleted one fits it
    assert db.session.get(OutboundRoute, live.routes[0].id).version > 1


def test_what_was_changed_after_the_page_is_named_and_nothing_is_discarded(ctx, live):
    edit_account(ctx, 1, level=50)
    edit_account(ctx, 2, level=50)
    seen = discardable(ctx).newest_entry
    with transaction() as session:
        audit.record(session, Actor(7, "Ewa"), "account.reveal", 201, account_id=2)  # changes nothing
    assert discard(ctx, WHO, seen, ("account", 1)) == 1
    accounts.set_flag(ctx, Actor(7, "Ewa"), 2, current_state(ctx).by_id[2].version, name="recording", value=True)
    with pytest.raises(ChangedSince, match=r"Ewa: 201") as refused:
        discard(ctx, WHO, seen)
    assert [entry.by for entry in refused.value.entries][-1] == "Ewa"
    assert current_state(ctx).by_id[2].recording


def test_change_of_many_accounts_after_the_page_is_named_and_nothing_is_discarded(ctx, live):
    edit_account(ctx, 1, level=50)
    seen, change = discardable(ctx).newest_entry, BulkChange(Action.EDIT, {"level": 60})
    versions = seen_versions(bulk_changes.preview(ctx, [1, 2], change))
    bulk_changes.change_accounts(ctx, Actor(7, "Ewa"), change, versions)
    with pytest.raises(ChangedSince, match="Ewa"):
        discard(ctx, WHO, seen)
    assert current_state(ctx).by_id[1].level == 60


def test_renamed_user_stays_pending(ctx, live):
    user_id = make_user("anna", "Anna")
    edit_account(ctx, 1, user_id=user_id)
    generations.generate(ctx, WHO)
    with transaction() as session:
        session.get_one(User, user_id).name = "Anna Nowak"
    assert len(current_state(ctx).plan) == 1
    assert discardable(ctx).plan.changed == ()


def test_before_the_first_generation_nothing_can_be_discarded(ctx):
    with transaction() as session:
        session.execute(delete(Generation))
    with pytest.raises(OperationRefused, match="No configuration has been generated yet"):
        discardable(ctx)


def test_discarding_an_activation_makes_the_account_inactive_again(ctx, live):
    account_id = make_account(ctx, 500, active=False, level=7)
    generations.generate(ctx, WHO)
    edit_account(ctx, account_id, active=True, number=501)
    assert len(current_state(ctx).plan) == 1
    assert discard_now(ctx) == 1
    view = current_state(ctx).by_id[account_id]
    assert (view.active, view.number, view.level) == (False, 500, 7)
    assert len(current_state(ctx).plan) == 0


def test_numbers_of_inactive_accounts_are_not_discarded(ctx, live):
    account_id = make_account(ctx, 500, active=False)
    assert len(current_state(ctx).plan) == 1
    assert discard_now(ctx) == 0
    assert account_id in current_state(ctx).by_id
