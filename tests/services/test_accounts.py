"""Accounts: add, change, delete and restore, without HTTP."""

import threading

import pytest

from sipweb.core.accounts import FIELDS, pick
from sipweb.core.errors import Invalid, NotFound, OperationRefused
from sipweb.core.search import Search
from sipweb.db import db
from sipweb.models import Account
from sipweb.pbx.status import Contact
from sipweb.services import account_list, account_secrets, accounts, audit, generations, leases, users
from sipweb.services.accounts import COLUMNS, AccountInput
from sipweb.services.context import Actor
from sipweb.services.errors import StaleEdit
from sipweb.services.state import current_state, live_generation
from sipweb.services.state_records import PbxStatus, Refusal
from tests.builders import make_account
from tests.conftest import on_both_databases

WHO = Actor(None, "test")


@pytest.fixture
def changed(anna):
    """An account in which no field has its default."""
    values = AccountInput(
        number=300, user_id=anna, phone="other", recording=True, level=50, max_contacts=3, pickup_group=5, active=False,
        forward_always="201", forward_busy="202", forward_no_answer="203",
    )  # fmt: skip
    assert not [
        name for name in COLUMNS if name != "number" and getattr(values, name) == getattr(AccountInput(number=1), name)
    ]
    return values


def saved(ctx, account_id):
    return current_state(ctx).by_id[account_id]


def test_a_new_account_has_every_field_of_the_form(ctx, changed):
    account_id = accounts.create(ctx, WHO, changed)
    assert pick(saved(ctx, account_id), COLUMNS) == pick(changed, COLUMNS)
    entry = audit.entries()[0]
    assert (entry.action, entry.subject, entry.account_id) == ("account.add", "300", account_id)
    assert entry.changes == {
        "user": [None, "Anna Nowak"], "phone": [None, "other"], "recording": [None, True], "level": [None, 50],
        "max_contacts": [None, 3], "pickup_group": [None, 5], "active": [None, False],
        "forward_always": [None, "201"], "forward_busy": [None, "202"], "forward_no_answer": [None, "203"],
    }  # fmt: skip


def test_an_edit_saves_every_field_and_logs_old_and_new(ctx, changed):
    accounts.update(ctx, WHO, 1, 1, changed)
    assert pick(saved(ctx, 1), COLUMNS) == pick(changed, COLUMNS)
    assert saved(ctx, 1).version == 2
    entry = audit.entries()[0]
    assert entry.action == "account.edit"
    assert entry.changes == {
        "number": [200, 300], "user": ["Automat Automat", "Anna Nowak"], "phone": ["builtin", "other"],
        "recording": [False, True], "level": [10, 50], "max_contacts": [1, 3], "pickup_group": [0, 5],
        "active": [True, False], "forward_always": ["", "201"], "forward_busy": ["", "202"],
        "forward_no_answer": ["", "203"],
    }  # fmt: skip


def test_an_edit_without_changes_raises_no_version_and_is_not_logged(ctx):
    entries = len(audit.entries())
    accounts.update(ctx, WHO, 1, 1, AccountInput(number=200))
    accounts.set_flag(ctx, WHO, 1, 1, name="active", value=True)
    assert saved(ctx, 1).version == 1
    assert len(audit.entries()) == entries


def test_another_password_is_logged_without_its_value(ctx):
    previous = account_secrets.reveal(ctx, WHO, 1).text
    accounts.update(ctx, WHO, 1, 1, AccountInput(number=200, secret="correct horse battery"))
    assert audit.entries()[0].changes == {"secret": []}
    assert account_secrets.reveal(ctx, WHO, 1) == account_secrets.RevealedSecret(
        "correct horse battery", False, previous
    )
    generations.generate(ctx, WHO)
    assert account_secrets.reveal(ctx, WHO, 1).live


def test_a_stale_edit_has_the_saved_account(ctx):
    accounts.set_flag(ctx, WHO, 1, 1, name="recording", value=True)
    with pytest.raises(StaleEdit) as stale:
        accounts.update(ctx, WHO, 1, 1, AccountInput(number=200, level=50))
    assert stale.value.saved == saved(ctx, 1)
    assert (saved(ctx, 1).recording, saved(ctx, 1).level) == (True, 10)


@on_both_databases
def test_a_taken_number_is_refused_with_a_free_one(ctx):
    for save in (
        lambda: accounts.create(ctx, WHO, AccountInput(number=219)),
        lambda: accounts.update(ctx, WHO, 1, 1, AccountInput(number=219, level=50)),
    ):
        with pytest.raises(accounts.NumberTaken, match="219 is already in use") as taken:
            save()
        assert taken.value.suggestion == 220
    assert saved(ctx, 1).level == 10


@on_both_databases
def test_concurrent_adds_of_one_number_create_one_account(app, ctx):
    outcomes = []

    def add():
        with app.app_context():
            try:
                outcomes.append(accounts.create(ctx, WHO, AccountInput(number=300)))
            except accounts.NumberTaken as error:
                outcomes.append(error.suggestion)

    threads = [threading.Thread(target=add) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(301) == 19
    assert len(outcomes) == 20


def test_only_an_active_user_can_get_an_account_but_an_inactive_owner_keeps_it(ctx, anna):
    accounts.update(ctx, WHO, 1, 1, AccountInput(number=200, user_id=anna))
    users.update_user(ctx, WHO, anna, 1, users.UserInput("Anna", "anna", "agent", False, "automatic", "builtin"))
    for user_id in (anna, 999):
        with pytest.raises(Invalid, match="active user"):
            accounts.update(ctx, WHO, 2, 1, AccountInput(number=201, user_id=user_id))
    accounts.update(ctx, WHO, 1, 2, AccountInput(number=200, user_id=anna, level=50))
    assert saved(ctx, 1).level == 50


def test_unknown_accounts_are_not_found(ctx):
    for work in (
        lambda: accounts.update(ctx, WHO, 999, 1, AccountInput(number=300)),
        lambda: accounts.set_flag(ctx, WHO, 999, 1, name="active", value=True),
        lambda: accounts.delete(ctx, WHO, 999),
        lambda: account_secrets.reveal(ctx, WHO, 999),
        lambda: account_secrets.renew_secret(ctx, WHO, 999),
        lambda: accounts.restore_deleted(ctx, WHO, 999),
    ):
        with pytest.raises(NotFound):
            work()


def test_an_account_in_use_is_not_deleted(ctx, anna):
    leases.acquire(ctx, anna, "200", "")
    with pytest.raises(OperationRefused, match="Release the number first"):
        accounts.delete(ctx, WHO, 1)
    assert saved(ctx, 1)


def test_a_restored_account_has_its_live_values_and_secret(ctx, changed):
    accounts.update(ctx, WHO, 1, 1, AccountInput(**pick(changed, FIELDS)))
    generations.generate(ctx, WHO)
    live = live_generation(ctx)[1].by_id[1]
    accounts.set_flag(ctx, WHO, 1, 2, name="active", value=False)
    accounts.delete(ctx, WHO, 1)
    accounts.restore_deleted(ctx, WHO, 1)
    assert pick(saved(ctx, 1), FIELDS) == pick(live, FIELDS) == pick(changed, FIELDS)
    assert saved(ctx, 1).active
    assert db.session.get(Account, 1).secret == live.secret
    assert len(current_state(ctx).plan) == 0
    with pytest.raises(NotFound, match="Nothing to undo"):
        accounts.restore_deleted(ctx, WHO, 1)


def test_an_account_whose_number_is_taken_meanwhile_is_not_restored(ctx):
    accounts.delete(ctx, WHO, 1)
    accounts.create(ctx, WHO, AccountInput(number=200))
    with pytest.raises(accounts.NumberTaken):
        accounts.restore_deleted(ctx, WHO, 1)


def test_every_order_sorts_and_its_reverse_too(ctx, anna):
    accounts.update(ctx, WHO, 3, 1, AccountInput(number=202, user_id=anna, phone="other", recording=True, level=5))
    accounts.set_flag(ctx, WHO, 4, 1, name="active", value=False)
    accounts.create(ctx, WHO, AccountInput(number=150))
    state = current_state(ctx)

    def order(sort):
        return [account.number for account in account_list.select_accounts(state, sort=sort)]

    assert {name: order(name)[0] for name in account_list.SORTS} == {
        "number": 150, "phone": 150, "recording": 202, "level": 202, "active": 150, "user": 202,
        "max_contacts": 150, "pickup_group": 150, "forward_always": 150, "forward_busy": 150, "forward_no_answer": 150,
    }  # fmt: skip
    assert (order("phone")[-1], order("active")[-1], order("state")[-1]) == (202, 203, 150)
    for name in (*account_list.SORTS, "state"):
        assert order(f"-{name}") == order(name)[::-1]
    assert order("unknown") == order("number")


def test_state_sorts_by_what_its_column_shows(ctx, anna, piotr):
    for number in range(300, 305):
        make_account(ctx, number, phone="other", user_id=piotr)
    generations.generate(ctx, WHO)
    make_account(ctx, 150)
    leases.acquire(ctx, anna, "201", "")
    contacts = {303: Contact("10.0.0.3", reachable=False), 300: Contact("10.0.0.1")}
    status = PbxStatus(1, contacts, refusals={304: Refusal("203.0.113.9", 1)}, ended={301: 1})
    rows = account_list.select_accounts(current_state(ctx), "all", "state", status=status)
    order = [account.number for account in rows]
    assert order[:7] == [304, 303, 302, 301, 201, 300, 200]  # refused, unreachable, never, not registered, in use, …
    assert order[-1] == 150  # not live yet


def test_filters_and_search_show_what_they_count(ctx, anna):
    accounts.update(ctx, WHO, 3, 1, AccountInput(number=202, user_id=anna))
    accounts.set_flag(ctx, WHO, 4, 1, name="active", value=False)
    leases.acquire(ctx, anna, "205", "")
    state = current_state(ctx)
    shown = {
        show: [account.number for account in account_list.select_accounts(state, show)]
        for show in ("all", "automatic", "inactive", "pending", "in-use", "free")
    }
    assert {show: account_list.count(state, show) for show in shown} == {
        show: len(numbers) for show, numbers in shown.items()
    }
    assert shown["inactive"] == [203]
    assert shown["pending"] == [202, 203]
    assert shown["in-use"] == [205]
    assert 202 in shown["automatic"]  # until the configuration is generated
    assert 205 not in shown["free"]
    words = Search(words=("nowak", "2"))
    assert [account.number for account in account_list.select_accounts(state, search=words)] == [202]
