"""What SQLite forgives and PostgreSQL does not, on both; and what either does while somebody reads."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from sipweb.db import db
from sipweb.services import agent_sign_in, leases, user_list
from sipweb.services.state import current_state
from tests import postgres
from tests.builders import AGENT_PASSWORD, make_user
from tests.conftest import on_both_databases

HUGE = "99999999999999999999"


@on_both_databases
@pytest.mark.parametrize("login", ["a\0b", "ß" * 60, "ﬃ" * 60, "x" * 200, "\ud800"])
def test_any_login_text_is_answered_with_an_error_message(app, anonymous, login):
    assert anonymous._client.post("/api/agent/login", json={"login": login, "password": "x"}).status_code in (400, 401)
    anonymous.get("/login")
    answer = anonymous.post("/login", login=login.encode("utf-8", "replace").decode(), password="wrong")
    assert answer.status_code in (400, 422)


@on_both_databases
def test_number_with_a_nul_character_is_refused(app, anna):
    body = {"login": "anna", "password": AGENT_PASSWORD, "number": "20\0"}
    assert app.test_client().post("/api/agent/login", json=body).status_code in (400, 409)


@on_both_databases
@pytest.mark.parametrize("number", ["2147483648", HUGE])
def test_too_large_id_is_not_found(admin, number):
    for url in (f"/accounts/{number}/edit", f"/users/{number}/edit", f"/generation/{number}"):
        assert admin.get(url, htmx=True).status_code == 404, url
    for what in ("active", "delete", "undo", "release", "secret"):
        assert admin.post(f"/accounts/{number}/{what}", htmx=True, value="on", version="1").status_code == 404, what
    assert admin.get(f"/audit?before={number}").status_code == 200
    row = {"number": "200", "phone": "builtin", "level": "10", "version": "1", "user": number}
    assert admin.post("/accounts/1", htmx=True, **row).status_code == 422


@on_both_databases
def test_audit_search_for_a_nul_character_finds_nothing(admin):
    assert admin.get("/audit?q=account:20%00").status_code in (200, 400)


@on_both_databases
def test_names_are_sorted_as_people_expect(ctx):
    names = ["Zenon Z", "ewa b", "Łucja A", "Ewa C", "Ewa A", "Marek M", "Żaneta B"]
    for number, name in enumerate(names):
        make_user(f"u{number}", name)
    expected = ["Administrator", "Ewa A", "ewa b", "Ewa C", "Łucja A", "Marek M", "Żaneta B", "Zenon Z"]
    assert [user.name for user in user_list.list_users(ctx)] == expected
    assert [person.name for person in current_state(ctx).users] == expected


@contextmanager
def after_statement(app, words, work):
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


@on_both_databases
def test_lease_that_ends_during_a_read_is_not_cached(app, ctx, anna):
    with after_statement(
        app, "max(generation.number)", lambda: agent_sign_in.login_and_acquire(ctx, "anna", AGENT_PASSWORD, None, "")
    ) as results:
        current_state(ctx)
    leases.release(ctx, results[0].token, "")
    assert current_state(ctx).leases == {}


@on_both_databases
def test_heartbeat_during_a_logout_reports_the_expired_lease(app, ctx, anna):
    token = agent_sign_in.login_and_acquire(ctx, "anna", AGENT_PASSWORD, None, "").token
    with (
        after_statement(app, "FROM lease JOIN", lambda: leases.release(ctx, token, "")),
        pytest.raises(leases.LeaseExpired),
    ):
        leases.heartbeat(token)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_restarted_postgresql_is_reconnected_without_an_error(admin, postgresql):
    db.session.remove()
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
    postgres.run(postgresql, cut, name=db.engine.url.database)
    assert admin.get("/accounts").status_code == 200
