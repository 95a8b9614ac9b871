"""What SQLite forgives and PostgreSQL does not, on both; and what either does while somebody reads."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from sipweb.db import db
from sipweb.services import agents, users
from sipweb.services.site import Actor
from sipweb.services.state import state
from tests import postgres
from tests.conftest import on_both

WHO = Actor(None, "test")
PASSWORD = "a long password"
HUGE = "99999999999999999999"


@pytest.fixture
def anna(app):
    """An agent's id."""
    return users.create_user(WHO, "anna", "Anna Nowak", PASSWORD, "agent")


@on_both
@pytest.mark.parametrize("login", ["a\0b", "ß" * 60, "ﬃ" * 60, "x" * 200, "\ud800"])
def test_whatever_is_typed_as_a_login_is_a_wrong_password_or_a_sentence(app, stranger, login):
    assert stranger._client.post("/api/agent/login", json={"login": login, "password": "x"}).status_code in (400, 401)
    stranger.get("/login")
    answer = stranger.post("/login", login=login.encode("utf-8", "replace").decode(), password="wrong")
    assert answer.status_code in (400, 422)


@on_both
def test_a_number_that_no_text_can_hold_is_refused_like_any_other(app, anna):
    body = {"login": "anna", "password": PASSWORD, "number": "20\0"}
    assert app.test_client().post("/api/agent/login", json=body).status_code in (400, 409)


@on_both
@pytest.mark.parametrize("number", ["2147483648", HUGE])
def test_an_id_larger_than_any_is_nobodys(admin, number):
    for url in (f"/accounts/{number}/edit", f"/users/{number}/edit", f"/generation/{number}"):
        assert admin.get(url, htmx=True).status_code == 404, url
    for what in ("active", "delete", "undo", "release", "secret"):
        assert admin.post(f"/accounts/{number}/{what}", htmx=True, value="on", version="1").status_code == 404, what
    assert admin.get(f"/audit?before={number}").status_code == 200
    row = {"number": "200", "phone": "builtin", "level": "10", "version": "1", "user": number}
    assert admin.post("/accounts/1", htmx=True, **row).status_code == 422


@on_both
def test_a_search_of_the_log_for_what_cannot_be_stored_finds_nothing(admin):
    assert admin.get("/audit?account=20%00").status_code in (200, 400)


@on_both
def test_names_stand_in_the_order_that_people_expect(site):
    names = ["Zenon Z", "ewa b", "Łucja A", "Ewa C", "Ewa A", "Marek M", "Żaneta B"]
    for number, name in enumerate(names):
        users.create_user(WHO, f"u{number}", name, PASSWORD, "agent")
    expected = ["Administrator", "Ewa A", "ewa b", "Ewa C", "Łucja A", "Marek M", "Żaneta B", "Zenon Z"]
    assert [user.name for user in users.listed(site)] == expected
    assert [person.name for person in state(site).people] == expected


@contextmanager
def amid(app, words, work):
    """Somebody else's work is done and committed right after the first statement with these words."""
    begun, done = [], []

    def elsewhere():
        with app.app_context():
            return work()

    def after(_connection, _cursor, statement, *_):
        if words in statement and not begun:
            begun.append(statement)
            with ThreadPoolExecutor(1) as pool:
                done.append(pool.submit(elsewhere).result(20))

    event.listen(db.engine, "after_cursor_execute", after)
    try:
        yield done
    finally:
        event.remove(db.engine, "after_cursor_execute", after)
    assert done, f"no statement with {words}"


@on_both
def test_who_logs_in_while_a_page_is_read_and_leaves_again_is_not_shown_for_ever(app, site, anna):
    with amid(app, "max(generation.number)", lambda: agents.login(site, "anna", PASSWORD, None, "")) as desk:
        state(site)
    agents.logout(site, desk[0].token, "")
    assert state(site).leases == {}


@on_both
def test_a_heartbeat_that_crosses_the_logout_is_told_so(app, site, anna):
    token = agents.login(site, "anna", PASSWORD, None, "").token
    with amid(app, "FROM lease JOIN", lambda: agents.logout(site, token, "")), pytest.raises(agents.NoLease):
        agents.heartbeat(token)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_postgresql_that_was_restarted_is_asked_again_without_an_error(admin, postgresql):
    db.session.remove()
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
    postgres.run(postgresql, cut, name=db.engine.url.database)
    assert admin.get("/accounts").status_code == 200
