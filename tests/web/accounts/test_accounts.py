"""The list's ladder: works, invalid, stale, missing, without htmx."""

import pytest

from sipweb.core.snapshot import Snapshot
from sipweb.core.text import search_key
from sipweb.services import account_secrets, accounts, audit, generations
from sipweb.services.context import Actor
from sipweb.services.state import current_state, live_generation
from tests.client import soup
from tests.conftest import on_both_databases

ROW = {"number": "200", "user": "", "phone": "builtin", "active": "y", "level": "10", "secret": "", "version": "1"}
WHO = Actor(None, "test")


def test_fresh_install_has_20_accounts_and_no_pending_changes(ctx, admin):
    current = current_state(ctx)
    assert [account.number for account in current.accounts] == list(range(200, 220))
    assert all(account.free and account.active and account.level == 10 for account in current.accounts)
    assert len(current.plan) == 0
    assert "No free accounts remain" not in admin.get("/accounts").text


def test_saved_row_is_answered_with_banner_and_announcement(admin):
    answer = admin.post("/accounts/1", htmx=True, **ROW | {"number": "300", "level": "50"})
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith("<tbody")
    page = soup(answer)
    assert page.select_one("tbody#account-1 #number-1").text == "300"
    targets = [partial["hx-target"] for partial in page.select("hx-partial")]
    assert targets.index("#pending") < targets.index("#announce")
    assert "1 pending change" in page.select_one("#pending").text


def test_reverting_an_edit_clears_the_banner(admin, ctx):
    admin.post("/accounts/1", htmx=True, **ROW | {"level": "50"})
    admin.post("/accounts/1", htmx=True, **ROW | {"version": "2"})
    assert len(current_state(ctx).plan) == 0


def test_invalid_row_returns_422_with_reasons_and_typed_values(admin):
    answer = admin.post("/accounts/1", htmx=True, **ROW | {"number": "20x", "level": "101"})
    assert answer.status_code == 422
    page = soup(answer)
    assert page.select_one("#edit-1-number")["value"] == "20x"
    assert "three-digit number" in page.select_one("#edit-1-number-error").text
    assert "whole number from 0 to 100" in page.select_one("#edit-1-level-error").text


@pytest.mark.parametrize("owner", ["x", "99", "1" * 20])
def test_unknown_owner_is_rejected_with_a_message(admin, owner):
    for url in ("/accounts/1", "/accounts"):
        answer = admin.post(url, htmx=True, **ROW | {"number": "300", "user": owner})
        assert answer.status_code == 422
        errors = [error.text for error in soup(answer).select(".err")]
        assert errors == [f"User: No active user matches '{owner}'. Enter a name or a login."]


@on_both_databases
def test_stale_edit_returns_409_with_both_values_then_saves(admin, ctx):
    admin.post("/accounts/1", htmx=True, **ROW | {"level": "50"})
    answer = admin.post("/accounts/1", htmx=True, **ROW | {"level": "70"})
    assert answer.status_code == 409
    page = soup(answer)
    saved = [value.text for value in page.select(".saved-value")]
    assert saved == ["Permission level (0-100): now saved as 50"]
    assert "Last change: Administrator, " in page.select_one("tbody.edit .err").text
    assert page.select_one("#edit-1-level")["value"] == "70"
    assert page.select_one("[name=version]")["value"] == "2"
    assert admin.post("/accounts/1", htmx=True, **ROW | {"level": "70", "version": "2"}).status_code == 200


def test_unknown_account_returns_404_into_the_alert(admin):
    answer = admin.post("/accounts/999", htmx=True, **ROW)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (404, "#alert")


def test_plain_requests_are_redirected_to_the_page(admin):
    assert admin.get("/accounts/3/edit").location == "/accounts?edit=3#account-3"
    assert admin.get("/accounts/3/row").location == "/accounts#account-3"
    assert admin.post("/accounts/1", **ROW | {"level": "50"}).location == "/accounts#account-1"
    assert admin.post("/accounts/1", **ROW | {"level": "x", "version": "2"}).status_code == 422


def test_switch_saves_at_once_and_rejects_stale_or_invalid_values(admin, ctx):
    answer = admin.post("/accounts/2/active", htmx=True, value="off", version="1")
    assert soup(answer).select_one("#account-2 #active-2")["aria-checked"] == "false"
    assert not current_state(ctx).account(2).active
    refused = admin.post("/accounts/2/active", htmx=True, value="on", version="1")
    assert refused.status_code == 409
    assert "Last change: Administrator, " in refused.text
    assert admin.post("/accounts/2/active", htmx=True, value="maybe", version="2").status_code == 422


@on_both_databases
def test_deleted_live_account_is_restored_with_its_password(admin, ctx):
    before = next(account for account in live_generation(ctx)[1].accounts if account.id == 5)
    row = soup(admin.post("/accounts/5/delete", htmx=True)).select_one("#account-5")
    assert row.select_one("#undo-5").text == "Undo"
    assert row.select_one("td.free").text.split() == ["Free", "pending:", "deleted"]
    assert current_state(ctx).account(5).deleted
    admin.post("/accounts/5/undo", htmx=True)
    assert len(current_state(ctx).plan) == 0
    assert account_secrets.reveal(ctx, WHO, 5).text == ctx.cipher.decrypt(before.secret)


@on_both_databases
def test_taken_number_is_rejected_with_the_next_free_one(admin):
    answer = admin.post("/accounts", htmx=True, **ROW | {"number": "219"})
    assert answer.status_code == 422
    assert "219 is already in use. Next available number: 220." in answer.text
    assert soup(answer).select_one("#add-form-number")["value"] == "220"


def test_secrets_never_appear_in_pages_audit_or_database(admin, ctx, instance):
    admin.post("/accounts/1", htmx=True, **ROW | {"phone": "other", "secret": "correct horse battery"})
    pages = [
        admin.get(url).text for url in ("/accounts", "/accounts?edit=1", "/generation", "/audit", "/accounts/1/phone")
    ]
    assert not any("correct horse" in text for text in pages)
    assert all("correct horse" not in str(entry) for entry in audit.entries())
    assert b"correct horse" not in (instance / "sipweb.db").read_bytes() + (instance / "sipweb.db-wal").read_bytes()
    assert "correct horse battery" in admin.post("/accounts/1/secret").text
    assert audit.entries()[0].action == "account.reveal"


def test_short_or_non_ascii_password_is_rejected(admin):
    assert "at least 12" in admin.post("/accounts/1", htmx=True, **ROW | {"secret": "short"}).text
    assert "printable ASCII" in admin.post("/accounts/1", htmx=True, **ROW | {"secret": "zażółć gęślą jaźń"}).text


def test_search_ignores_accents():
    assert search_key("Wiśniewska Łucja") == "wisniewska lucja"
    assert isinstance(Snapshot().accounts, tuple)


def test_every_page_warns_when_no_free_accounts_remain(admin, ctx):
    for account in current_state(ctx).accounts:
        accounts.set_flag(ctx, WHO, account.id, 1, name="active", value=False)
    assert "No free accounts remain" not in admin.get("/accounts").text
    generations.generate(ctx, WHO, generations.ANY_NUMBER)
    assert "No free accounts remain." in admin.get("/accounts").text
    assert "No free accounts remain." in admin.get("/audit").text


def test_accounts_page_does_not_list_the_users(admin, anna):
    assert "Anna Nowak" not in soup(admin.get("/accounts")).text
