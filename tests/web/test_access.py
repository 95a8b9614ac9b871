import re

import pytest
from sqlalchemy import text

from sipweb.db import db
from sipweb.services import users
from sipweb.services.site import Actor
from tests.conftest import Client, _fresh, on_both

PUBLIC = {"/login", "/language", "/healthz", *(f"/api/agent/{name}" for name in ("login", "heartbeat", "logout"))}
EVERYBODY = {"/agent/phone", "/agent/heartbeat", "/agent/logout", "/", "/logout", "/account", "/agent"}


def routes(app):
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            url = re.sub(r"<int:\w+>", "1", rule.rule)
            url = re.sub(r"<any\((\w+)[^>]*>", r"\1", url)
            url = url.replace("<day>", "2026-11-24").replace("<key>", "1-1.1")
            assert "<" not in url, "an address that these tests do not fill in"
            yield from ((method, url) for method in rule.methods - {"HEAD", "OPTIONS"})


def test_a_stranger_is_led_to_the_login_from_every_address(app, stranger):
    for method, url in routes(app):
        answer = stranger._client.open(url, method=method)
        if url in PUBLIC:
            assert answer.status_code in (200, 400, 401, 422), url
        else:
            assert (answer.status_code, answer.location.split("?")[0]) == (302, "/login"), url


def test_an_agent_is_refused_on_every_administration_address(app, stranger):
    users.create_user(Actor(None, "test"), "anna", "Anna Nowak", "a long password", "agent")
    stranger.get("/login")
    assert stranger.post("/login", login="anna", password="a long password").location == "/"
    stranger.get("/agent")
    for method, url in routes(app):
        if url not in PUBLIC | EVERYBODY:
            answer = stranger.get(url) if method == "GET" else stranger.post(url)
            assert answer.status_code == 403, url


def test_a_lost_session_inside_an_edit_leads_htmx_to_the_login_and_back(stranger):
    answer = stranger.post("/accounts/7", htmx=True)
    assert answer.status_code == 401
    assert "edit%3D7" in answer.headers["HX-Redirect"] or "edit=7" in answer.headers["HX-Redirect"]


@pytest.mark.parametrize("body", ["[1]", '"x"', '{"login": 5, "password": "x"}', "[" * 2000])
def test_a_form_is_no_json(stranger, body):
    stranger.get("/login")
    headers = {"X-CSRFToken": stranger.token}
    answer = stranger._client.post("/login", data=body, content_type="application/json", headers=headers)
    assert answer.status_code == 422


def test_addresses_that_are_none_are_no_errors(admin, stranger):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://[x"}
    _fresh()
    assert stranger._client.get("/accounts/1/edit", headers=headers).status_code == 401
    for page in ("/accounts", "/users"):
        assert admin.get(f"{page}?edit={'9' * 5000}").status_code == 200


@on_both
def test_a_number_that_no_column_holds_and_a_broken_query_end_in_a_sentence(app):
    app.add_url_rule("/broken", view_func=lambda: str(db.session.execute(text("SELECT nothing FROM nowhere"))))
    admin, huge = Client(app), "9" * 15
    admin.login()
    assert admin.get(f"/accounts?agent={huge}&number=205").status_code == 200
    assert admin.get(f"/accounts/live?seen={huge}-0", htmx=True).status_code == 200
    assert admin.get(f"/accounts/would-get?agent={huge}", htmx=True).status_code == 404
    app.testing = False
    answer = admin.get("/broken")
    assert answer.status_code == 500
    assert "It has been written to its log." in answer.text


def test_static_files_are_kept_by_their_hash_only(stranger):
    address = re.search(r'href="(/static/app.css\?\w+)"', stranger.get("/login").text)[1]
    for url, kept in (
        (address, True),
        ("/static/app.css?other", False),
        ("/static/app.css", False),
        ("/static/none.css", False),
    ):
        with stranger.get(url) as answer:
            assert ("immutable" in answer.headers["Cache-Control"]) is kept


def test_a_post_without_the_token_is_refused(admin):
    admin.token = "wrong"
    assert admin.post("/accounts/1/active", value="off", version="1").status_code == 400


def test_five_wrong_passwords_make_the_sixth_try_wait(stranger):
    stranger.get("/login")
    statuses = [stranger.post("/login", login="admin", password="wrong").status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]


@pytest.mark.parametrize("target", ["//evil.example", "/\\evil.example", "https://evil.example"])
def test_the_login_leads_to_no_other_site(stranger, target):
    stranger.get("/login")
    answer = stranger._client.post(
        "/login", query_string={"next": target},
        data={"csrf_token": stranger.token, "login": "admin", "password": "administrator-1"},
    )  # fmt: skip
    assert answer.location == "/"


def test_pages_carry_a_strict_policy_and_are_not_stored(admin):
    headers = admin.get("/accounts").headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("url", ["/accounts", "/accounts?edit=3", "/accounts?add=1", "/accounts?show=free&sort=-user&q=2",
                                 "/generation", "/generation/1", "/audit", "/audit?account=200", "/account", "/agent",
                                 "/accounts/3/delete"])  # fmt: skip
@pytest.mark.parametrize("language", ["en", "pl"])
def test_every_page_is_a_valid_page(admin, url, language):
    admin.post("/language", language=language)
    assert admin.get(url).status_code == 200
