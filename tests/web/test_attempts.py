"""The page of failed sign-ins and blocked addresses, and the warning while passwords are guessed."""

import time
from datetime import timedelta

import pytest

from sipweb.db import db
from sipweb.models import AddressBlock, AuditEntry, Event
from sipweb.services import pbx_status, sign_in_attempts
from sipweb.services.context import utc_now
from sipweb.services.state_records import Attack
from tests.builders import AGENT_PASSWORD, add_totp, make_user
from tests.client import Client, soup, text_of
from tests.conftest import on_both_databases


def add_failures(address, number=None, reason="wrong_password", *, count=1, minutes_ago=0, account_id=None):
    at = utc_now() - timedelta(minutes=minutes_ago)
    db.session.add(Event(
        host="pbx", created_at=at, kind="auth_failed", number=number, account_id=account_id, address=address,
        reason=reason, count=count,
    ))  # fmt: skip
    db.session.commit()


def add_block(address="192.0.2.7", minutes=10, begun_in=0):
    row = AddressBlock(
        address=address,
        begun_at=utc_now() + timedelta(seconds=begun_in),
        ends_at=utc_now() + timedelta(seconds=begun_in, minutes=minutes),
        attempts=240,
        unblocked_by="",
    )
    db.session.add(row)
    db.session.commit()
    return row.id


def rows(response):
    table = soup(response).select_one("#list table")
    return [[text_of(cell) for cell in row.select("th, td")] for row in table.select("tbody tr")]


def blocks(response):
    return [text_of(cell) for cell in soup(response).select("form[action$='/end']")]


@on_both_databases
def test_failures_are_grouped_by_address_and_number_the_newest_first(admin):
    for minutes_ago in (9, 8, 7):
        add_failures("192.0.2.7", 200, count=100, minutes_ago=minutes_ago, account_id=1)
    add_failures("192.0.2.7", None, "unknown_number", count=5)
    add_failures("192.0.2.8", 201, "address_not_allowed", account_id=2)
    page = admin.get("/attempts")
    assert [row[:4] for row in rows(page)] == [
        ["192.0.2.8", "201", "address not allowed", "1"], ["192.0.2.7", "–", "unknown number", "5"],
        ["192.0.2.7", "200", "wrong password", "300"],
    ]  # fmt: skip
    first, last = (time["datetime"] for time in soup(page).select("#list tr:last-child time"))
    assert first < last
    assert soup(page).select_one("#list a[href]")["href"] == "/accounts/2/history?show=failures"
    for query, found in (("q=192.0.2.7", 2), ("q=201", 1), ("q=999", 0), ("q=%25", 0)):
        assert len(rows(admin.get(f"/attempts?{query}"))) == found, query
    empty = soup(admin.get("/attempts?q=999")).select_one("#list .empty")
    assert (text_of(empty), empty.a["href"]) == ("No failed sign-ins. Clear", "/attempts")


def test_failed_sign_ins_of_browsers_are_shown_without_what_somebody_typed(admin, app):
    make_user("anna", "Anna Nowak")
    browser = Client(app)
    for login in ("anna", "anna", "my secret password"):
        browser.login(login, "wrong password")
    page = admin.get("/attempts?show=web")
    assert [row[1:4] for row in rows(page)] == [
        ["unknown login", "Sign-in failed", "1"], ["anna", "Sign-in failed", "2"],
    ]  # fmt: skip
    assert "secret" not in page.text
    assert len(rows(admin.get("/attempts?show=web&q=anna"))) == 1
    assert soup(page).select_one("[aria-current=true]").text == "Browsers and agent programs"


def test_wrong_second_factors_and_confirmations_are_shown(admin, app, ctx):
    ewa = make_user("ewa", "Ewa Lis", "administrator")
    add_totp(ctx, ewa)
    browser = Client(app)
    browser.get("/login")
    browser.get(browser.post("/login", login="ewa", password=AGENT_PASSWORD).location)
    for _ in range(5):
        browser.post("/login/second-factor", code="000000")
    admin.post("/confirm", current_password="wrong password")
    for _ in range(4):
        admin.post("/account", old="wrong password", new="another long password", again="another long password")
    page = admin.get("/attempts?show=web")
    assert [row[1:4] for row in rows(page)] == [
        ["admin", "Too many wrong passwords: user locked for a while", "1"],
        ["admin", "Password change failed: wrong current password", "4"],
        ["admin", "Password confirmation failed", "1"],
        ["ewa", "Too many wrong second factors: user locked for a while", "1"],
        ["ewa", "Sign-in failed: wrong second factor", "5"],
    ]  # fmt: skip
    assert len(rows(admin.get("/attempts?show=web&q=ewa"))) == 2


def test_pages_show_every_group_once(admin, monkeypatch):
    monkeypatch.setattr(sign_in_attempts, "PAGE", 3)
    for last in range(8):
        add_failures(f"192.0.2.{last}", 200)
    shown, address = [], "/attempts"
    while address:
        page = admin.get(address)
        shown += [row[0] for row in rows(page)]
        older = soup(page).select_one("p.below a")
        address = older and older["href"].partition("#")[0]
    assert shown == [f"192.0.2.{last}" for last in reversed(range(8))]
    assert admin.get("/attempts?before=x&show=nothing").status_code == 200


def test_fresh_system_has_empty_lists(admin):
    page = soup(admin.get("/attempts"))
    assert text_of(page.select_one("#list .empty")) == "No failed sign-ins."
    assert "No address is blocked." in page.text
    assert "After 30 wrong SIP passwords within a minute an address is blocked for 10 min" in text_of(page.main)


def test_block_that_was_begun_while_the_clock_was_wrong_is_none(admin):
    add_block("192.0.2.8", begun_in=50)  # by another host, whose clock is fast
    add_block("192.0.2.9", begun_in=86400)
    assert blocks(admin.get("/attempts")) == ["Unblock 192.0.2.8"]


@pytest.mark.parametrize("htmx", [False, True])
def test_blocked_address_is_listed_and_unblocked(admin, htmx):
    add_block("2001:db8::/64")
    add_block("192.0.2.9", minutes=-1)
    block_id = add_block()
    page = admin.get("/attempts")
    assert blocks(page) == ["Unblock 192.0.2.7", "Unblock 2001:db8::/64"]
    assert "240 wrong passwords" in page.text
    answer = admin.post(f"/attempts/blocks/{block_id}/end", htmx=htmx)
    assert (answer.status_code, answer.location) == (303, "/attempts")
    page = admin.get("/attempts")
    assert blocks(page) == ["Unblock 2001:db8::/64"]
    assert "192.0.2.7 unblocked. Asterisk accepts it within a few seconds." in page.text
    entry = [text_of(cell) for cell in soup(admin.get("/audit")).select("tbody tr:first-child td")]
    assert entry[3:5] == ["Address unblocked", "192.0.2.7"]
    assert admin.post(f"/attempts/blocks/{block_id}/end").status_code == 409  # stale
    assert admin.post("/attempts/blocks/999/end").status_code == 404
    assert admin.get(f"/attempts/blocks/{block_id}/end").status_code == 405
    assert admin.post("/attempts").status_code == 405


def test_others_than_administrators_see_and_unblock_nothing(app, anonymous):
    block_id = add_block()
    make_user("anna", "Anna Nowak")
    agent = Client(app)
    agent.login("anna", AGENT_PASSWORD)
    assert agent.get("/attempts").status_code == 403
    assert agent.post(f"/attempts/blocks/{block_id}/end").status_code == 403
    assert anonymous.get("/attempts").location.startswith("/login")
    anonymous.get("/login")
    assert anonymous.post(f"/attempts/blocks/{block_id}/end").status_code in (302, 303)
    assert db.session.get(AddressBlock, block_id).ends_at > utc_now()


def warning(page):
    found = soup(page).select_one("#attack-warning")
    return text_of(found) if found else None


def add_locks(count, minutes_ago=0):
    at = utc_now() - timedelta(minutes=minutes_ago)
    for _ in range(count):
        db.session.add(AuditEntry(
            created_at=at, actor_name="", ip_address="192.0.2.7", action="login.locked.login", subject="anna",
        ))  # fmt: skip
    db.session.commit()


@on_both_databases
def test_warning_shows_guessing_of_users_passwords_while_it_is_in_progress(admin, app):
    add_locks(4)
    add_locks(9, minutes_ago=6)
    page = admin.get("/users")
    assert soup(page).select_one("#guessing-warning") is None
    poll = soup(page).select_one("#poll")["hx-get"]
    for _ in range(5):
        Client(app).login("admin", "a wrong password")
    found = soup(admin.get(poll, htmx=True)).select_one("#guessing-warning")
    assert text_of(found) == (
        "Users' passwords are being guessed: failed sign-ins led to 5 locks in the last 5 minutes. Sign-in attempts"
    )
    assert found.a["href"] == "/attempts?show=web"
    admin.post("/language", language="pl")
    assert "hasła użytkowników" in soup(admin.get("/users")).select_one("#warnings #guessing-warning").text
    db.session.query(AuditEntry).update({"created_at": utc_now() - timedelta(minutes=6)})
    db.session.commit()
    assert soup(admin.get("/users")).select_one("#guessing-warning") is None


def test_warning_shows_guessing_while_it_is_in_progress(admin, ctx):
    def report(*attacks, problem=""):
        pbx_status.write_status(ctx, {}, attacks=attacks, blocking_problem=problem)

    report(
        Attack("192.0.2.7", 240, blocked_until=time.time() + 600), Attack("192.0.2.8", 31, spared="phone"),
        Attack("192.0.2.9", 30, spared="trusted"), Attack("192.0.2.10", 30, spared="trunk"),
    )  # fmt: skip
    page = admin.get("/users")
    text = warning(page)
    assert text.startswith(
        "SIP passwords are being guessed: 240 wrong passwords from 192.0.2.7 in the last 5 minutes. Bl"
    )
    assert "192.0.2.8 in the last 5 minutes. Not blocked, because a phone with the right password uses" in text
    assert text.endswith("The same from 1 more address. Sign-in attempts")
    assert soup(page).select_one("#warnings #attack-warning a")["href"] == "/attempts"
    poll = soup(page).select_one("#poll")["hx-get"]
    report(problem="not_denied")
    answer = admin.get(poll, htmx=True)
    assert warning(answer) is None
    assert "the module res_pjsip_acl" in soup(answer).select_one("#blocking-problem").text
    report()
    assert soup(admin.get("/users")).select_one("#blocking-problem") is None
