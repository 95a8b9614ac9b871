"""The updates of an open account list."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import event

from sipweb.db import db
from sipweb.pbx.ami import AmiUnavailable
from sipweb.pbx.status import Contact, TrunkState
from sipweb.services import (
    account_secrets,
    account_updates,
    accounts,
    audit,
    generations,
    lease_end,
    lease_expiry,
    leases,
    pbx_status,
    users,
)
from sipweb.services.state import current_state
from tests.builders import (
    AGENT_PASSWORD,
    WHO,
    acquire,
    edit_account,
    edit_user,
    make_account,
    make_trunk,
    set_heartbeat_age,
)
from tests.client import Client, partials, soup, text_of
from tests.web.accounts.polling import PollingPage


def test_poll_without_changes_returns_204_after_two_queries_and_no_cookie(open_page, app):
    assert open_page.poll().status_code == 204
    statements = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    answer = open_page.poll()
    assert (answer.status_code, answer.data, "Set-Cookie" in answer.headers) == (204, b"", False)
    assert len(statements) == 2, statements  # who asks, and what is new


def test_login_logout_and_revealed_password_refresh_nothing(open_page, app, ctx):
    other = Client(app)
    other.login()
    other.post("/accounts/1/secret", htmx=True)
    other.post("/logout")
    assert open_page.poll().status_code == 204


def test_lease_refreshes_its_row_and_the_counts_only(open_page, ctx, anna):
    acquire(ctx)
    page = soup(open_page.poll())
    rows = page.select("tbody.account")
    assert [row["id"] for row in rows] == ["account-1"] * 2  # for a page that has it, and for one that lacks it
    assert all("In use by Anna Nowak since" in row.select_one("td.busy").text for row in rows)
    assert [page.select_one(f"#show-{show}").text for show in ("free", "in-use")] == ["Free 19", "In use 1"]
    assert open_page.poll().status_code == 204


def test_agents_anonymous_and_plain_requests_get_no_updates(open_page, app, anonymous, anna):
    path = open_page.url.partition("?")[0]
    assert open_page.client.get(open_page.url).location == "/accounts"
    assert anonymous.get(path).location.startswith("/login")
    anonymous.get("/login")
    anonymous.post("/login", login="anna", password=AGENT_PASSWORD)
    for address in (open_page.url, f"/users/{anna}/assignment"):
        assert anonymous.get(address, htmx=True).status_code == 403
        assert open_page.client.post(address, htmx=True).status_code == 405


def test_poll_after_session_expiry_offers_login_and_continues(open_page):
    open_page.client._client.delete_cookie("session")
    answer = open_page.poll()
    assert answer.status_code == 401
    assert answer.headers["HX-Retarget"] == "#alert"
    assert soup(answer).a["href"].startswith("/login")
    assert soup(answer).a["target"] == "_blank"
    open_page.client.login()
    [renewed] = partials(soup(open_page.poll()), "[name=csrf_token]")
    open_page.client.token = renewed.input["value"]
    assert open_page.client.post("/accounts/1/active", htmx=True, value="off", version="1").status_code == 200
    assert open_page.poll().status_code == 200
    assert open_page.poll().status_code == 204


@pytest.mark.parametrize("seen", ["", "x", "-", "9" * 30, "१-1", "-5--5"])
def test_invalid_stamp_counts_as_nothing_seen(open_page, seen):
    open_page.url = f"/accounts/updates?seen={seen}"
    assert open_page.poll().status_code == 200


def test_every_end_of_a_lease_refreshes_its_row(open_page, ctx, anna):
    for end in (
        lambda lease: leases.release(ctx, lease.token, ""),
        lambda lease: lease_end.release_by_admin(ctx, WHO, 1) and generations.generate(ctx, WHO),
        lambda lease: _expire_lease(),
        lambda lease: users.set_password(WHO, "anna", AGENT_PASSWORD) or _expire_lease(),
        lambda lease: edit_user(ctx, anna, active=False),
    ):
        lease = acquire(ctx)
        assert open_page.rows() == {1}
        end(lease)
        assert open_page.rows() == {1}
    assert audit.entries()[1].action == "lease.revoke"  # before the user's own entry


def _expire_lease():
    set_heartbeat_age(91)
    assert lease_expiry.expire_leases() == 1


def test_edits_deletions_and_additions_by_others_are_sent(open_page, ctx):
    accounts.set_flag(ctx, WHO, 3, 1, name="recording", value=True)
    accounts.delete(ctx, WHO, 4)
    new = make_account(ctx, 150)
    page = soup(open_page.poll())
    assert partials(page, "#account-3:not(.edit)")
    [deleted] = partials(page, "#account-4:not(.edit)")
    assert deleted.select_one("td.free em").text == "pending: deleted"
    [added] = partials(page, f".grid:not(:has(#account-{new})) #add")
    assert added["hx-swap"] == "afterend"
    assert added.select_one(f"#number-{new}").text == "150"
    assert "3 pending changes" in page.select_one("#pending").text
    accounts.delete(ctx, WHO, new)
    [removed] = partials(soup(open_page.poll()), f"#account-{new}:not(.edit)")
    assert removed["hx-swap"] == "delete"
    accounts.restore_deleted(ctx, WHO, 4)
    assert open_page.rows() == {4}


def test_adjacent_new_rows_keep_their_order(open_page, ctx):
    first, second = (make_account(ctx, number) for number in (300, 301))
    targets = [partial["hx-target"] for partial in soup(open_page.poll()).select("hx-partial[hx-swap=afterend]")]
    assert targets == [  # each goes directly behind the same row, the last one first
        f".grid:not(:has(#account-{account_id})) #account-20" for account_id in (second, first)
    ]


def test_changed_user_refreshes_the_owned_rows_and_the_one_in_use(open_page, ctx, anna, piotr):
    edit_account(ctx, 7, user_id=anna)
    generations.generate(ctx, WHO)
    open_page.poll()
    acquire(ctx, number="200")
    open_page.poll()
    edit_user(ctx, anna, name="Anna Lis")
    assert open_page.rows() == {1, 7}
    edit_user(ctx, anna, active=False)
    [row] = partials(soup(open_page.poll()), "#account-7:not(.edit)")
    assert text_of(row.select_one("td.owner-inactive")) == "Anna Lis (inactive user)"
    assert row.select_one("td.owner-inactive em").text == "(inactive user)"


def test_generation_refreshes_the_rows_that_it_applied(open_page, ctx):
    accounts.set_flag(ctx, WHO, 3, 1, name="recording", value=True)
    accounts.delete(ctx, WHO, 4)
    assert open_page.rows() == {3, 4}
    generations.generate(ctx, WHO)
    page = soup(open_page.poll())
    swaps = {account_id: partials(page, f"#account-{account_id}:not(.edit)")[0]["hx-swap"] for account_id in (3, 4)}
    assert swaps == {3: "outerHTML", 4: "delete"}
    assert page.select_one("#pending").has_attr("hidden")


def test_registration_changes_refresh_the_row(open_page, ctx):
    pbx_status.write_status(ctx, {})
    assert open_page.rows() == set()
    phone = Contact("10.0.0.5:5060", user_agent="Yealink <T46>", round_trip=12)
    pbx_status.write_status(ctx, {203: phone})
    page = soup(open_page.poll())
    cell = partials(page, "#account-4 .state")[0].select_one(".registered")
    assert cell["title"] == "10.0.0.5:5060 · 12 ms · Yealink <T46>"
    assert re.sub(r"\d\d:\d\d", "TIME", text_of(cell)) == (
        "Free · Registered since TIME 10.0.0.5:5060 · 12 ms Yealink <T46>"
    )
    assert not page.select("tbody.account")  # the rest of the row stays
    pbx_status.write_status(ctx, {203: replace(phone, expires=99, round_trip=60)})
    assert open_page.poll().status_code == 204
    pbx_status.write_status(ctx, {203: replace(phone, round_trip=300)})
    assert open_page.states() == {4}
    pbx_status.write_status(ctx, {205: Contact("10.0.0.6")})
    assert open_page.states() == {4, 6}
    (ctx.runtime_dir / "registered.json").unlink()
    assert open_page.poll().status_code == 200
    pbx_status.write_status(ctx, {205: Contact("10.0.0.6")})
    assert open_page.states() == {6}


def test_row_of_a_phone_that_does_not_respond_says_so(open_page, ctx):
    edit_account(ctx, 6, phone="other")
    generations.generate(ctx, WHO)
    pbx_status.write_status(ctx, {203: Contact("10.0.0.5"), 205: Contact("10.0.0.6")})
    open_page.poll()
    pbx_status.write_status(ctx, {203: Contact("10.0.0.5", reachable=False), 205: Contact("10.0.0.6", reachable=False)})
    page = soup(open_page.poll())
    free, owned = (page.select_one(f"[hx-target='#account-{number} .state'] .unreachable") for number in (4, 6))
    assert re.sub(r"since \d\d:\d\d", "since TIME", text_of(free)) == (
        "Free · Unreachable since TIME The phone doesn't respond. 10.0.0.5"
    )
    assert text_of(owned).endswith("The phone doesn't respond. 10.0.0.6")
    pbx_status.write_status(ctx, {203: Contact("10.0.0.5"), 205: Contact("10.0.0.6")})
    assert soup(open_page.poll()).select_one("[hx-target='#account-4 .state'] .registered:not(.unreachable)")


def test_stale_status_file_refreshes_registered_rows(open_page, ctx, monkeypatch):
    pbx_status.write_status(ctx, {205: Contact("10.0.0.6")})
    open_page.poll()
    monkeypatch.setattr(pbx_status, "MAX_AGE", -1.0)
    assert open_page.states() == {6}
    assert open_page.poll().status_code == 204


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ["Never registered", "Refused since", "Not registered since", "Registered since", "old password"]),
        (
            "pl",
            [
                "Nigdy niezarejestrowane",
                "Odrzucone od",
                "Niezarejestrowane od",
                "Zarejestrowane od",
                "poprzednim hasłem",
            ],
        ),
    ],
)
def test_every_state_of_a_phone_has_its_words(admin, ctx, language, texts):
    for account_id in range(1, 6):
        edit_account(ctx, account_id, phone="other")
    generations.generate(ctx, WHO)
    phones = {number: Contact(f"10.0.0.5:{number}") for number in (202, 203, 204)}
    pbx_status.write_status(ctx, {})
    pbx_status.write_status(ctx, phones)
    del phones[202]
    wrong = dict.fromkeys((201, 203, 777), "203.0.113.9")  # of a registered phone, and of no account
    status = pbx_status.write_status(ctx, phones, passwords=wrong, accounts=range(200, 220))[1]
    assert status.refusals.keys() == {201, 203}
    account_secrets.renew_secret(ctx, WHO, 5)
    admin.post("/language", language=language)
    page = soup(admin.get("/accounts"))
    cells = [text_of(page.select_one(f"#account-{account_id} .state")) for account_id in range(1, 6)]
    assert [text in cell for text, cell in zip(texts, cells, strict=True)] == [True] * 5, cells
    assert "203.0.113.9" in cells[1]
    assert page.select_one("#account-2 .state a")["href"] == "/attempts?q=201"
    assert "203.0.113.9" not in cells[3]
    shown = {words: soup(admin.get(f"/accounts?q=state:{words}")) for words in ("unregistered", "refused")}
    rows = {words: [row["id"] for row in page.select("tbody.account")] for words, page in shown.items()}
    assert rows == {"unregistered": ["account-1", "account-2", "account-3"], "refused": ["account-2"]}


def test_when_asterisk_or_the_monitor_stops_no_registered_phone_is_refused_and_every_row_is_renewed(ctx, admin):
    for account_id in (2, 3):
        edit_account(ctx, account_id, phone="other")
    generations.generate(ctx, WHO)
    open_page = PollingPage(admin)
    pbx_status.write_status(ctx, {201: Contact("10.0.0.5")}, passwords={201: "203.0.113.9"}, accounts=range(200, 220))
    assert open_page.states() == {2, 3}  # 202 has never registered: that is known now
    pbx_status.write_problem(ctx, AmiUnavailable("Asterisk closed the connection."))
    page = soup(open_page.poll())
    assert [text_of(cell) for cell in page.select(".refused")] == []


def test_wrong_passwords_change_the_row_once_and_a_right_one_ends_them(ctx, admin):
    edit_account(ctx, 2, phone="other")
    generations.generate(ctx, WHO)
    open_page, numbers = PollingPage(admin), range(200, 220)
    pbx_status.write_status(ctx, {})
    open_page.poll()
    for expected in ({2}, set(), set()):
        pbx_status.write_status(ctx, {}, passwords={201: "203.0.113.9"}, accounts=numbers)
        assert open_page.states() == expected
    pbx_status.write_status(ctx, {}, passwords={201: ""}, accounts=numbers)
    assert open_page.states() == {2}
    filtered = PollingPage(admin, "/accounts?show=unregistered")
    pbx_status.write_status(ctx, {201: Contact("10.0.0.5")})
    filtered.poll()
    pbx_status.write_status(ctx, {})
    page = soup(filtered.poll())
    [row] = partials(page, ".grid:not(:has(#account-2)) #add")  # a page that was made while the phone was registered
    assert "Not registered" in text_of(row)
    assert page.select_one("#show-unregistered").text == "Not registered 1"


def test_filtered_page_gets_new_rows_of_its_filter_only(admin, ctx, anna):
    open_page = PollingPage(admin, "/accounts?show=in-use")
    acquire(ctx, number="205")
    accounts.set_flag(ctx, WHO, 3, 1, name="recording", value=True)
    page = soup(open_page.poll())
    assert [partial.tbody["id"] for partial in page.select("hx-partial[hx-swap=afterend]")] == ["account-6"]
    assert page.select_one("#filters [aria-current=true]").text == "In use 1"


def test_emergency_warning_appears_and_disappears(open_page, ctx):
    make_trunk(ctx)
    assert "can't be placed until the configuration is generated" in soup(open_page.poll()).select_one("#warnings").text
    generations.generate(ctx, WHO)
    assert soup(open_page.poll()).select_one("#warnings").has_attr("hidden")
    pbx_status.write_status(ctx, {}, {1: TrunkState(reachable=True)})
    open_page.poll()
    pbx_status.write_status(ctx, {}, {1: TrunkState(reachable=False)})
    page = soup(open_page.poll())
    assert "no trunk is reachable (Provider)" in page.select_one("#warnings").text
    assert not page.select("tbody")
    assert open_page.poll().status_code == 204


def test_too_many_changed_rows_are_replaced_by_a_reload_link(open_page, ctx, monkeypatch):
    monkeypatch.setattr(account_updates, "MAX_ROWS", 2)
    open_page.address = "/accounts?q=2"
    for account_id in (1, 2, 3):
        accounts.set_flag(ctx, WHO, account_id, 1, name="recording", value=True)
    page = soup(open_page.poll())
    [notice] = partials(page, "#list-changed")
    assert text_of(notice) == "The list has been updated. Reload"
    assert notice.a["href"] == "/accounts?q=2"
    assert not page.select("tbody")
    assert open_page.poll().status_code == 204


def test_open_list_knows_the_live_version_that_it_prints(open_page, admin, ctx):
    accounts.set_flag(ctx, WHO, 3, 1, name="recording", value=True)
    generations.generate(ctx, WHO)
    line = text_of(soup(open_page.poll()).select_one("#live-version"))
    assert line.startswith("Configuration version 2 · ")
    assert text_of(soup(admin.get("/accounts")).select_one("#live-version")) == line


def test_row_of_an_inactive_account_that_the_pbx_does_not_know_is_pending(admin, ctx):
    generations.generate(ctx, WHO)
    account_id = make_account(ctx, 321, active=False)
    row = soup(admin.get("/accounts")).select_one(f"#account-{account_id}")
    assert text_of(row.select_one("td em")) == "pending: inactive"
    assert "Discard changes" not in admin.get(f"/accounts/{account_id}/edit", htmx=True).text
    page = PollingPage(admin)
    generations.generate(ctx, WHO)
    assert account_id in page.rows()
    assert soup(admin.get("/accounts")).select_one(f"#account-{account_id} td em") is None
    edit_account(ctx, account_id, number=322)
    assert current_state(ctx).account(account_id).pending == "inactive"
