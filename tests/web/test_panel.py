"""What stands above the list, and how an open page stays true: works, 204, not an administrator, without htmx, nonsense."""

import html
import re
from datetime import timedelta

import pytest
from sqlalchemy import event, update

from sipweb import create_app
from sipweb.config import load
from sipweb.core.errors import NotFound
from sipweb.db import db, transaction
from sipweb.models import AuditEntry, Lease
from sipweb.services import accounts, agents, audit, generations, panel, presence, users, ways
from sipweb.services.panel import Pool, Stamp
from sipweb.services.site import Actor, now
from sipweb.services.state import live, state
from tests.conftest import Client, _fresh

WHO = Actor(None, "test")
PASSWORD = "a long password"


@pytest.fixture
def anna(app):
    """An agent's id."""
    return users.create_user(WHO, "anna", "Anna Nowak", PASSWORD, "agent")


@pytest.fixture
def piotr(app):
    """Another's."""
    return users.create_user(WHO, "piotr", "Piotr Lis", PASSWORD, "agent")


def enter(site, name="anna", number=None):
    return agents.login(site, name, PASSWORD, number, "")


def deactivate(site, user_id):
    user = next(user for user in users.listed(site) if user.id == user_id)
    draft = users.UserDraft(user.name, user.login, user.role, False, user.work_mode, user.external_phone)
    users.change_user(site, WHO, user_id, user.version, draft)


def give(site, account_id, user_id, *, active=True, phone="builtin"):
    """Another owner, phone or end for an account, as saved."""
    account = state(site).account(account_id)
    draft = accounts.Draft(account.number, user_id, phone, active, False, 10)
    accounts.change(site, WHO, account_id, account.version, draft)


class Open:
    """A page that stays open and asks what changed."""

    def __init__(self, client, address="/accounts"):
        self.client, self.address, self.more = client, address, {}
        self._note(client.get(address).text)

    def poll(self):
        _fresh()
        db.session.rollback()
        headers = {"HX-Request": "true", "HX-Current-URL": f"http://localhost{self.address}"}
        answer = self.client._client.get(self.url, headers=headers, query_string=self.more or None)
        if answer.status_code == 200:
            self._note(answer.text)
        return answer

    def rows(self):
        """Ids of the accounts whose rows the answer renews; nothing for 204."""
        return {int(key) for key in re.findall(r'hx-target="#account-(\d+):not\(\.edit\)', self.poll().text)}

    def _note(self, text):
        self.url = html.unescape(re.search(r'id="poll"[^>]* hx-get="([^"]+)"', text)[1])


@pytest.fixture
def opened(admin):
    """The list, open."""
    return Open(admin)


def test_nothing_changed_is_204_for_two_small_queries_and_no_cookie(opened, app):
    assert opened.poll().status_code == 204
    statements = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    answer = opened.poll()
    assert (answer.status_code, answer.data, "Set-Cookie" in answer.headers) == (204, b"", False)
    assert len(statements) == 2, statements  # who asks, and what is new


def test_a_login_a_logout_and_a_revealed_password_of_somebody_change_no_page(opened, app, site):
    other = Client(app)
    other.login()
    other.post("/accounts/1/secret", htmx=True)
    other.post("/logout")
    assert opened.poll().status_code == 204


def test_a_lease_renews_its_row_the_counts_and_nothing_else(opened, site, anna):
    enter(site)
    text = opened.poll().text
    assert re.findall(r'<tbody id="account-(\d+)"', text) == ["1", "1"]  # in its place, and for a page that lacks it
    assert "In use by Anna Nowak since" in text
    assert "<b>19</b> free · <b>1</b> in use" in text
    assert opened.poll().status_code == 204


def test_an_agent_a_stranger_and_a_plain_browser_get_no_fragment(opened, app, stranger, anna):
    path = opened.url.partition("?")[0]
    assert opened.client.get(opened.url).location == "/accounts"
    assert stranger.get(path).location.startswith("/login")
    stranger.get("/login")
    stranger.post("/login", login="anna", password=PASSWORD)
    for address in (opened.url, f"/accounts/would-get?agent={anna}"):
        assert stranger.get(address, htmx=True).status_code == 403
        assert opened.client.post(address, htmx=True).status_code == 405


def test_a_session_that_is_over_answers_a_poll_with_a_way_back_and_the_page_goes_on_after_it(opened):
    opened.client._client.delete_cookie("session")
    answer = opened.poll()
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith("/login")
    assert 'target="_blank"' in answer.text
    opened.client.login()
    token = re.search(r'hx-target="\[name=csrf_token\]".*?value="([^"]+)"', opened.poll().text)[1]
    opened.client.token = token
    assert opened.client.post("/accounts/1/active", htmx=True, value="off", version="1").status_code == 200
    assert opened.poll().status_code == 200
    assert opened.poll().status_code == 204


@pytest.mark.parametrize("seen", ["", "x", "-", "9" * 30, "१-1", "-5--5"])
def test_a_stamp_that_makes_no_sense_has_seen_nothing(opened, seen):
    opened.url = f"/accounts/live?seen={seen}"
    assert opened.poll().status_code == 200


def test_every_end_of_a_lease_renews_its_row(opened, site, anna):
    for end in (
        lambda desk: agents.logout(site, desk.token, ""),
        lambda desk: agents.release(site, WHO, 1),
        lambda desk: _fall_silent(),
        lambda desk: users.set_password(WHO, "anna", PASSWORD) or _fall_silent(),
        lambda desk: deactivate(site, anna),
    ):
        desk = enter(site)
        assert opened.rows() == {1}
        end(desk)
        assert opened.rows() == {1}
    assert audit.entries()[1].action == "agent.release"  # before the user's own entry


def _fall_silent():
    db.session.execute(update(Lease).values(seen=now() - timedelta(seconds=91)))
    db.session.commit()
    assert agents.expire() == 1


def test_edits_deletions_and_additions_of_others_arrive(opened, site):
    accounts.switch(site, WHO, 3, 1, name="recording", value=True)
    accounts.delete(site, WHO, 4)
    new = accounts.add(site, WHO, accounts.Draft(150, None, "builtin", True, False, 10))
    text = opened.poll().text
    assert "#account-3:not(.edit)" in text
    assert "Deleted" in text
    assert f'hx-target=".grid:not(:has(#account-{new})) #add" hx-swap="afterend"' in text
    assert "3 changes are not on the PBX yet." in text
    accounts.delete(site, WHO, new)
    assert f'hx-target="#account-{new}:not(.edit)" hx-swap="delete"' in opened.poll().text
    accounts.undo(site, WHO, 4)
    assert opened.rows() == {4}


def test_two_new_rows_beside_each_other_stand_in_their_order(opened, site):
    first, second = (
        accounts.add(site, WHO, accounts.Draft(number, None, "builtin", True, False, 10)) for number in (300, 301)
    )
    found = re.findall(r"\.grid:not\(:has\(#account-(\d+)\)\) #account-20\"", opened.poll().text)
    assert found == [str(second), str(first)]  # each goes directly behind the same row, the last one first


def test_a_renamed_or_deactivated_user_renews_the_owned_rows_and_the_one_in_use(opened, site, anna, piotr):
    give(site, 7, anna)
    generations.generate(site, WHO)
    opened.poll()
    enter(site, number="200")
    opened.poll()
    user = next(user for user in users.listed(site) if user.id == anna)
    draft = users.UserDraft("Anna Lis", "anna", "agent", True, "automatic", "builtin")
    users.change_user(site, WHO, anna, user.version, draft)
    assert opened.rows() == {1, 7}
    deactivate(site, anna)
    text = opened.poll().text
    assert "<td class=away>Anna Lis <em>(inactive user)</em>" in text


def test_a_generation_renews_the_rows_that_it_brought_to_the_pbx(opened, site):
    accounts.switch(site, WHO, 3, 1, name="recording", value=True)
    accounts.delete(site, WHO, 4)
    assert opened.rows() == {3, 4}
    generations.generate(site, WHO)
    text = opened.poll().text
    assert 'hx-target="#account-4:not(.edit)" hx-swap="delete"' in text
    assert 'hx-target="#account-3:not(.edit)" hx-swap="outerHTML"' in text
    assert "not generated yet" not in text


def test_a_phone_that_registers_or_leaves_renews_its_row_and_so_does_the_end_of_the_watch(opened, site):
    presence.store(site, {})
    assert opened.rows() == set()
    presence.store(site, {203: "10.0.0.5"})
    assert "Registered" in opened.poll().text
    presence.store(site, {203: "10.0.0.5"})
    assert opened.poll().status_code == 204
    presence.store(site, {205: "10.0.0.6"})
    assert opened.rows() == {4, 6}
    (site.run / "registered.json").unlink()
    assert opened.poll().status_code == 200
    presence.store(site, {205: "10.0.0.6"})
    assert opened.rows() == {6}


def test_when_nobody_keeps_watch_any_more_the_registered_rows_are_renewed(opened, site, monkeypatch):
    presence.store(site, {205: "10.0.0.6"})
    opened.poll()
    monkeypatch.setattr(presence, "FRESH", -1.0)
    assert opened.rows() == {6}
    assert opened.poll().status_code == 204


def test_a_filtered_page_gets_what_belongs_there_and_the_others_only_if_it_has_them(admin, site, anna):
    opened = Open(admin, "/accounts?show=in-use")
    enter(site, number="205")
    accounts.switch(site, WHO, 3, 1, name="recording", value=True)
    text = opened.poll().text
    assert re.findall(r":not\(:has\(#account-(\d+)", text) == ["6"]
    assert 'aria-current="true">In use 1' in text


def test_the_warning_of_emergency_calls_without_a_way_out_comes_and_goes(opened, site):
    ways.save_trunk(site, WHO, None, 0, ways.TrunkDraft("T", "127.0.0.1", 5060, "udp", "", "", "", False, True))
    generations.generate(site, WHO)
    assert '<p id="stranded" class="warn" hidden>' in opened.poll().text


def test_more_rows_than_are_worth_sending_are_one_sentence_with_a_link(opened, site, monkeypatch):
    monkeypatch.setattr(panel, "MOST", 2)
    opened.address = "/accounts?q=2"
    for account_id in (1, 2, 3):
        accounts.switch(site, WHO, account_id, 1, name="recording", value=True)
    text = opened.poll().text
    assert 'The list has changed. <a href="/accounts?q=2">Reload</a>' in text
    assert "<tbody" not in text
    assert opened.poll().status_code == 204


def test_each_automatic_account_is_counted_once(opened, site, anna):
    enter(site)
    accounts.switch(site, WHO, 2, 1, name="active", value=False)  # free until the next generation
    give(site, 3, anna)
    give(site, 4, None, phone="other")
    accounts.add(site, WHO, accounts.Draft(300, None, "builtin", True, False, 10))
    accounts.add(site, WHO, accounts.Draft(301, None, "builtin", False, False, 10))
    accounts.add(site, WHO, accounts.Draft(302, None, "other", True, False, 10))
    assert panel.pool(state(site)) == Pool(free=19, in_use=1, inactive=1, waiting=1)
    generations.generate(site, WHO)
    assert panel.pool(state(site)) == Pool(free=17, in_use=1, inactive=2, waiting=0)
    assert "<b>17</b> free · <b>1</b> in use · <b>2</b> inactive · <b>0</b> not generated" in opened.poll().text


def test_an_account_in_use_that_gets_another_number_is_still_counted_and_found_as_in_use(admin, site, anna):
    enter(site, number="205")
    accounts.change(site, WHO, 6, 1, accounts.Draft(305, None, "builtin", True, False, 10))
    presence.store(site, {203: "10.0.0.5"})
    text = admin.get("/accounts?show=in-use").text
    assert re.findall(r'<tbody id="account-(\d+)"', text) == ["4", "6"]
    assert "In use 2" in text


def test_pages_warn_before_the_last_free_account_is_gone_and_say_once_that_it_is(environ, site, anna, piotr):
    for account_id in range(3, 21):
        give(site, account_id, anna)
    generations.generate(site, WHO)
    calm = _administrator(environ, "1")
    assert "only 2 free" not in calm.get("/accounts").text
    client = _administrator(environ, "3")
    assert "only 2 free automatic accounts are left" in client.get("/accounts").text
    assert "Only 2 free automatic accounts are left." in client.get("/audit").text
    opened = Open(client)
    enter(site, "piotr")
    text = opened.poll().text
    assert "only 1 free automatic account is left" in text
    assert "#announce" not in text
    agents.login(site, "anna", PASSWORD, "201", "")
    text = opened.poll().text
    assert "no free accounts remain" in text
    assert '#announce" hx-swap="innerHTML"><p>No free accounts remain.</p>' in text
    accounts.switch(site, WHO, 3, 2, name="recording", value=True)
    assert "#announce" not in opened.poll().text


def test_what_began_on_another_day_says_the_day(admin, site, anna, piotr):
    enter(site, "anna")
    with transaction() as session:
        session.execute(update(Lease).values(since=now() - timedelta(days=2)))
    enter(site, "piotr")
    page = admin.get("/accounts").text
    assert re.search(r"Anna \w+ since \d+/\d+/\d+", page)
    assert re.search(r"Piotr \w+ since \d+:\d\d", page)


def _administrator(environ, warning):
    app = create_app(load(environ | {"SIPWEB_FREE_WARNING": warning}))
    app.testing = True
    client = Client(app)
    client.login()
    return client


def test_refusals_stand_there_with_their_real_reasons_the_newest_first(opened, admin, site, anna, piotr):
    assert "Nobody was refused a number." in admin.get("/accounts").text
    give(site, 3, piotr)
    generations.generate(site, WHO)
    enter(site, "piotr", "201")
    accounts.add(site, WHO, accounts.Draft(298, None, "builtin", True, False, 10))
    accounts.add(site, WHO, accounts.Draft(297, None, "builtin", False, False, 10))
    for number in ("299", "298", "297", "202", "201"):
        with pytest.raises(agents.NoNumber):
            enter(site, number=number)
    text = opened.poll().text
    said = [re.sub(r"<[^>]+>", "|", row) for row in re.findall(r"<tr><td><time.*?</tr>", text)]
    assert [re.split(r"\|+", row)[2:5] for row in said] == [
        ["Anna Nowak", "201", "another agent uses it"],
        ["Anna Nowak", "202", "it belongs to somebody else"],
        ["Anna Nowak", "297", "the account is inactive"],
        ["Anna Nowak", "298", "the account is not generated yet"],
        ["Anna Nowak", "299", "no account has this number"],
    ]
    assert 'hx-target="#refused-count" hx-swap="textContent">5<' in text


def test_of_many_refusals_the_newest_20_are_shown_and_yesterdays_are_left_out(admin, site, anna):
    for number in range(700, 722):
        with pytest.raises(agents.NoNumber):
            enter(site, number=str(number))
    oldest = db.session.scalar(db.select(AuditEntry.id).where(AuditEntry.subject == "700"))
    db.session.execute(update(AuditEntry).where(AuditEntry.id == oldest).values(at=now() - timedelta(hours=25)))
    db.session.commit()
    count, newest = audit.refusals()
    assert (count, [entry.subject for entry in newest]) == (21, [str(number) for number in range(721, 701, -1)])
    text = admin.get("/accounts").text
    assert '<a id="refused-more" href="/audit?action=agent.refused">' in text
    assert admin.get("/audit?action=agent.refused").text.count("Number refused") == 22


SITUATIONS = {
    "the lowest of the pool": ("", lambda site, a, p: None),
    "the next of the pool": ("", lambda site, a, p: enter(site, "piotr")),
    "asked for": ("205", lambda site, a, p: None),
    "asked for and in use": ("205", lambda site, a, p: enter(site, "piotr", "205")),
    "asked for and silent": ("205", lambda site, a, p: enter(site, "piotr", "205") and _quiet()),
    "unknown": ("299", lambda site, a, p: None),
    "no number at all": ("abc", lambda site, a, p: None),
    "another script's digits": ("२०५", lambda site, a, p: None),
    "blanks around": (" 205 ", lambda site, a, p: None),
    "another's": ("204", lambda site, a, p: give(site, 5, p)),
    "own": ("", lambda site, a, p: give(site, 5, a, phone="other")),
    "own and asked for": ("204", lambda site, a, p: give(site, 5, a)),
    "own, not generated": ("", "later", lambda site, a, p: give(site, 5, a)),
    "own and inactive": ("", lambda site, a, p: give(site, 5, a, active=False)),
    "held": ("", lambda site, a, p: enter(site, number="207")),
    "held and asked for": ("207", lambda site, a, p: enter(site, number="207")),
    "held, another asked for": ("208", lambda site, a, p: enter(site, number="207")),
    "held and silent": ("", lambda site, a, p: enter(site, number="207") and _quiet()),
    "manual": ("", lambda site, a, p: _change(site, a, work_mode="manual")),
    "manual and asked for": ("206", lambda site, a, p: _change(site, a, work_mode="manual")),
    "another phone": ("", lambda site, a, p: _change(site, a, external_phone="other")),
    "an empty pool": ("", lambda site, a, p: [give(site, key, p) for key in range(1, 21)]),
}


def _quiet():
    db.session.execute(update(Lease).values(seen=now() - timedelta(seconds=91)))
    db.session.commit()


def _change(site, user_id, **more):
    user = next(user for user in users.listed(site) if user.id == user_id)
    given = {"work_mode": user.work_mode, "external_phone": user.external_phone, **more}
    users.change_user(
        site, WHO, user_id, user.version, users.UserDraft(user.name, user.login, user.role, True, **given)
    )


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_answer_is_what_a_login_then_gets(situation, site, anna, piotr):
    number, *later, prepare = SITUATIONS[situation]
    prepare(site, anna, piotr)
    if not later:
        generations.generate(site, WHO)
    db.session.rollback()
    before = db.session.scalar(db.select(db.func.max(AuditEntry.id)))
    offer = agents.would_get(site, anna, number)
    assert db.session.scalar(db.select(db.func.max(AuditEntry.id))) == before
    held = db.session.scalar(db.select(Lease.number).where(Lease.user_id == anna, Lease.seen > now() - agents.SILENCE))
    try:
        desk = enter(site, number=number)
    except agents.NoNumber:
        assert (offer.number, offer.why) == (None, audit.entries()[0].changes["reason"][1])
        return
    account = next(account for account in live(site)[1].accounts if account.number == desk.number)
    line = "pool" if account.user_id is None else "own"
    assert offer.number == desk.number
    assert offer.why == ("held" if held else f"asked_{line}" if number else line)


def test_the_question_is_answered_on_the_plain_page_and_as_a_fragment_and_takes_nothing(admin, site, anna):
    address = f"/accounts?agent={anna}&number="
    assert "Anna Nowak would get 200: the lowest free automatic account." in admin.get(address).text
    assert 'id="ask" open' in admin.get(address).text
    fragment = admin.get(f"/accounts/would-get?agent={anna}&number=299", htmx=True).text
    assert "Anna Nowak would get no number: no account has this number." in fragment
    assert "<h1" not in fragment
    plain = admin.get(f"/accounts/would-get?agent={anna}&number=299").location
    assert plain == f"/accounts?agent={anna}&number=299#ask"
    assert admin.get("/accounts/would-get?agent=x", htmx=True).status_code == 404
    assert admin.get("/accounts?agent=999").status_code == 404
    assert db.session.scalar(db.select(db.func.count(Lease.id))) == 0
    with pytest.raises(NotFound):
        agents.would_get(site, 999, "")


def test_an_answer_that_stands_on_the_page_stays_true(opened, site, anna, piotr):
    opened.url += f"&agent={anna}&number="
    enter(site, "piotr")
    assert "Anna Nowak would get 201" in opened.poll().text
    opened.url += f"&agent={anna}&number="
    enter(site)
    assert "Anna Nowak uses 201 now." in opened.poll().text


def test_an_inactive_agent_cannot_log_in_and_their_accounts_are_marked(admin, site, anna):
    give(site, 5, anna)
    deactivate(site, anna)
    assert agents.would_get(site, anna, "").why == agents.INACTIVE
    text = admin.get(f"/accounts?agent={anna}").text
    assert "Anna Nowak is inactive and cannot log in." in text
    assert text.count("(inactive user)") == 1
    assert f'<option value="{anna}"' not in text


def test_the_plan_names_the_agent_whose_work_a_generation_ends(admin, site, anna, piotr):
    enter(site)
    enter(site, "piotr")
    accounts.switch(site, WHO, 1, 1, name="recording", value=True)
    assert "in use by" not in admin.get("/generation").text
    account = state(site).account(2)
    accounts.change(site, WHO, 2, account.version, accounts.Draft(333, None, "builtin", True, False, 10))
    assert "in use by Piotr Lis" in admin.get("/generation").text
    accounts.switch(site, WHO, 1, 2, name="active", value=False)
    text = admin.get("/generation").text
    assert "in use by Anna Nowak" in text
    assert text.count("in use by") == 2
    assert Stamp.of("7-8") == (7, 8)
