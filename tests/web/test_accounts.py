"""The list's ladder: works, invalid, stale, missing, without htmx."""

import re
import threading

import pytest

from sipweb.core.names import fold
from sipweb.core.snapshot import Snapshot
from sipweb.services import accounts, audit, generations
from sipweb.services.site import Actor
from sipweb.services.state import live, state
from tests.conftest import on_both

ROW = {"number": "200", "user": "", "phone": "builtin", "active": "y", "level": "10", "secret": "", "version": "1"}
WHO = Actor(None, "test")


def test_a_new_system_has_20_usable_accounts_and_nothing_pending(site, admin):
    current = state(site)
    assert [account.number for account in current.accounts] == list(range(200, 220))
    assert all(account.free and account.active and account.level == 10 for account in current.accounts)
    assert len(current.plan) == 0
    assert "no free accounts remain" not in admin.get("/accounts").text


def test_an_edit_answers_the_row_the_banner_and_the_announcement(admin):
    answer = admin.post("/accounts/1", htmx=True, **ROW | {"number": "300", "level": "50"})
    assert answer.status_code == 200
    assert answer.text.startswith('<tbody id="account-1"')
    assert answer.text.index("#pending") < answer.text.index("#announce")
    assert "1 change is not on the PBX yet" in answer.text


def test_an_edit_undone_by_hand_clears_the_banner(admin, site):
    admin.post("/accounts/1", htmx=True, **ROW | {"level": "50"})
    admin.post("/accounts/1", htmx=True, **ROW | {"version": "2"})
    assert len(state(site).plan) == 0


def test_an_invalid_row_is_422_says_why_and_keeps_what_was_typed(admin):
    answer = admin.post("/accounts/1", htmx=True, **ROW | {"number": "20x", "level": "101"})
    assert answer.status_code == 422
    assert 'value="20x"' in answer.text
    assert "three-digit number" in answer.text
    assert "whole number from 0 to 100" in answer.text


@pytest.mark.parametrize("owner", ["x", "99", "1" * 20])
def test_an_owner_who_is_none_is_refused_in_a_sentence(admin, owner):
    for url in ("/accounts/1", "/accounts"):
        answer = admin.post(url, htmx=True, **ROW | {"number": "300", "user": owner})
        assert answer.status_code == 422
        assert "User: Choose Automat Automat or an active user.</p>" in answer.text


@on_both
def test_a_stale_row_is_409_with_both_values_and_can_then_be_saved(admin, site):
    admin.post("/accounts/1", htmx=True, **ROW | {"level": "50"})
    answer = admin.post("/accounts/1", htmx=True, **ROW | {"level": "70"})
    assert answer.status_code == 409
    assert "Saved meanwhile: 50" in answer.text
    assert 'value="70"' in answer.text
    assert 'name="version" value="2"' in answer.text
    assert admin.post("/accounts/1", htmx=True, **ROW | {"level": "70", "version": "2"}).status_code == 200


def test_a_missing_account_is_a_sentence_in_the_alert_area(admin):
    answer = admin.post("/accounts/999", htmx=True, **ROW)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (404, "#alert")


def test_without_htmx_a_fragment_leads_to_its_page_and_a_save_back_to_its_row(admin):
    assert admin.get("/accounts/3/edit").location == "/accounts?edit=3#account-3"
    assert admin.get("/accounts/3/row").location == "/accounts#account-3"
    assert admin.post("/accounts/1", **ROW | {"level": "50"}).location == "/accounts#account-1"
    assert admin.post("/accounts/1", **ROW | {"level": "x", "version": "2"}).status_code == 422


def test_a_switch_saves_with_one_click(admin, site):
    answer = admin.post("/accounts/2/active", htmx=True, value="off", version="1")
    assert "aria-checked=false" in answer.text
    assert not state(site).account(2).active
    assert admin.post("/accounts/2/active", htmx=True, value="on", version="1").status_code == 409
    assert admin.post("/accounts/2/active", htmx=True, value="maybe", version="2").status_code == 422


@on_both
def test_a_deleted_live_account_stays_marked_and_comes_back_with_its_secret(admin, site):
    before = next(account for account in live(site)[1].accounts if account.id == 5)
    assert "Undo" in admin.post("/accounts/5/delete", htmx=True).text
    assert state(site).account(5).deleted
    admin.post("/accounts/5/undo", htmx=True)
    assert len(state(site).plan) == 0
    assert accounts.reveal(site, WHO, 5).text == site.vault.decrypt(before.secret)


@on_both
def test_twenty_adds_of_one_number_make_one_account_and_nineteen_sentences(app, site):
    outcomes = []

    def add():
        with app.app_context():
            try:
                outcomes.append(accounts.add(site, WHO, accounts.Draft(300, None, "builtin", True, False, 10)))
            except accounts.NumberTaken as error:
                outcomes.append(error.proposal)

    threads = [threading.Thread(target=add) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(301) == 19
    assert len(outcomes) == 20


@on_both
def test_a_refused_number_is_answered_with_a_fresh_proposal(admin):
    answer = admin.post("/accounts", htmx=True, **ROW | {"number": "219"})
    assert answer.status_code == 422
    assert "219 is taken already. The next number from the list is 220." in answer.text
    assert 'value="220"' in answer.text


def test_all_900_accounts_stand_in_one_page_of_at_most_600_kb(site, admin):
    for number in {*range(100, 1000)} - {*range(200, 220)}:
        accounts.add(site, WHO, accounts.Draft(number, None, "builtin", True, False, 10))
    text = admin.get("/accounts").text
    assert text.count('<tbody id="account-') == 900
    assert len(text.encode()) <= 600_000
    assert not re.search("<button[^>]* form=", text)  # each would have Chromium look through the whole page
    assert "All 900 numbers are taken" in admin.get("/accounts?add=1").text


def test_secrets_stand_in_no_page_no_audit_entry_and_no_plain_column(admin, site, instance):
    admin.post("/accounts/1", htmx=True, **ROW | {"phone": "other", "secret": "correct horse battery"})
    pages = [
        admin.get(url).text for url in ("/accounts", "/accounts?edit=1", "/generation", "/audit", "/accounts/1/phone")
    ]
    assert not any("correct horse" in text for text in pages)
    assert all("correct horse" not in str(entry) for entry in audit.entries())
    assert b"correct horse" not in (instance / "sipweb.db").read_bytes() + (instance / "sipweb.db-wal").read_bytes()
    assert "correct horse battery" in admin.post("/accounts/1/secret").text
    assert audit.entries()[0].action == "account.reveal"


def test_a_short_or_foreign_password_is_refused_in_a_sentence(admin):
    assert "at least 12" in admin.post("/accounts/1", htmx=True, **ROW | {"secret": "short"}).text
    assert "printable ASCII" in admin.post("/accounts/1", htmx=True, **ROW | {"secret": "zażółć gęślą jaźń"}).text


def test_the_search_finds_names_without_their_accents():
    assert fold("Wiśniewska Łucja") == "wisniewska lucja"
    assert isinstance(Snapshot().accounts, tuple)


def test_every_page_warns_when_no_free_accounts_remain(admin, site):
    for account in state(site).accounts:
        accounts.switch(site, WHO, account.id, 1, name="active", value=False)
    assert "no free accounts remain" not in admin.get("/accounts").text
    generations.generate(site, WHO)
    assert "no free accounts remain" in admin.get("/accounts").text
    assert "No free accounts remain." in admin.get("/audit").text
