"""Error pages: a title for each kind, and the ways to continue."""

from html import unescape

import pytest
from sqlalchemy import event

from sipweb.db import db
from tests.builders import AGENT_PASSWORD
from tests.client import Client, reset_request_globals, soup


def open_from(client, url, referrer):
    """Return the title of an error page, and the addresses of its buttons."""
    reset_request_globals()
    page = soup(client._client.get(url, headers={"Referer": referrer} if referrer else {}))
    return page.h1.text, [link["href"] for link in page.select("main a.button")]


def test_unknown_page_keeps_the_menu_and_the_language(admin):
    admin.post("/language", language="pl")
    answer = admin.get("/no-such-page")
    assert answer.status_code == 404
    page = soup(answer)
    assert page.title.text == "Nie znaleziono strony · sipweb"
    assert page.select_one("nav a[href='/users']").text == "Użytkownicy"


def test_unknown_page_tells_visitors_nothing(anonymous):
    page = soup(anonymous.get("/no-such-page"))
    assert page.h1.text == "Page not found"
    assert page.nav is None


def test_agent_on_an_administration_page_is_denied(anonymous, anna):
    anonymous.login("anna", AGENT_PASSWORD)
    assert open_from(anonymous, "/accounts", "") == ("Access denied", ["/"])


def test_refused_request_has_a_title_of_its_own(admin):
    admin.token = "wrong"
    assert soup(admin.post("/accounts")).h1.text == "Request failed"


def test_unexpected_error_has_a_title_of_its_own(app):
    app.add_url_rule("/broken", view_func=lambda: 1 / 0)
    app.testing, admin = False, Client(app)
    admin.login()
    assert open_from(admin, "/broken", "") == ("Something went wrong", ["/"])


def test_error_page_leads_back_to_where_one_came_from(admin):
    assert open_from(admin, "/users/999/assignment", "http://localhost/users?add=1") == (
        "Page not found", ["/users?add=1", "/"],
    )  # fmt: skip


@pytest.mark.parametrize(
    "referrer",
    [
        "", "https://evil.example/users", "http://localhost.evil.example/", "http://localhost//evil.example",
        "http://[x", "http://localhost/login?next=/x", "http://localhost/no-such-page?x=1",
        "javascript:alert(1)",
    ],
)  # fmt: skip
def test_error_page_leads_back_to_no_other_site_and_not_to_itself(admin, referrer):
    assert open_from(admin, "/no-such-page?x=1", referrer) == ("Page not found", ["/"])


@pytest.mark.parametrize("is_htmx", [True, False])
def test_database_that_cannot_be_written_is_named_and_the_next_edit_is_saved(admin, app, caplog, is_htmx):
    values = {"version": "1", "number": "200", "level": "77", "phone": "builtin", "active": "on", "owner": ""}
    db.session.rollback()

    def refuse_to_write(connection, *_):
        connection.execute("PRAGMA query_only=ON")

    event.listen(db.engine, "checkout", refuse_to_write)
    refused = admin.post("/accounts/1", htmx=is_htmx, **values)
    event.remove(db.engine, "checkout", refuse_to_write)
    db.session.rollback()
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=OFF")
    assert refused.status_code == 503
    assert "The database can't be written. Nothing was saved." in unescape(refused.text)
    assert "The database failed: attempt to write a readonly database" in caplog.text
    assert "77" not in caplog.text  # no value of the statement
    assert admin.post("/accounts/1", htmx=True, **values).status_code == 200
