"""The page with one's own sessions, and what a session's end does to open pages."""

import hashlib
import re
from base64 import urlsafe_b64decode
from dataclasses import replace
from datetime import timedelta

import pytest

from sipweb import create_app
from sipweb.db import db, transaction
from sipweb.models import WebSession
from sipweb.services.context import utc_now
from sipweb.web.csrf import unmasked
from sipweb.web.formatting import time_span
from tests.builders import AGENT_PASSWORD, code_of, edit_user, make_user
from tests.client import PASSWORD, Client, soup


def set_start(past):
    with transaction(bump_revision=False) as session:
        session.query(WebSession).update({"started_at": utc_now() - past})


@pytest.fixture
def browsers(app):
    """Two browsers in which the administrator is signed in."""
    clients = Client(app), Client(app)
    for client in clients:
        client.login()
    return clients


def test_copied_cookie_is_worthless_after_sign_out(app, admin):
    [cookie] = [value for name, value in admin.get("/accounts").request.headers if name == "Cookie"]
    copy = app.test_client()
    assert copy.get("/accounts", headers={"Cookie": cookie}).status_code == 200
    admin.post("/logout")
    assert copy.get("/accounts", headers={"Cookie": cookie}).location.startswith("/login")


def test_another_browser_is_signed_out(browsers):
    one, two = browsers
    page = soup(one.get("/sessions"))
    assert len(page.select("tbody tr")) == 2
    [form] = page.select("tbody form")  # none for this browser
    assert one.post(form["action"]).status_code == 303
    assert two.get("/accounts").status_code == 302
    assert one.get("/accounts").status_code == 200
    assert one.post(form["action"]).status_code == 404  # it has ended


def test_another_sign_in_in_the_same_browser_replaces_the_session(admin):
    for _ in range(2):
        admin.login()
    assert len(soup(admin.get("/sessions")).select("tbody tr")) == 1


@pytest.mark.parametrize(("minutes", "text"), [(15, "15 min"), (720, "12 h"), (90, "1 h 30 min")])
def test_limits_are_shown_as_hours_and_minutes(minutes, text):
    assert time_span(timedelta(minutes=minutes)) == text


def test_sign_out_everywhere(browsers):
    one = browsers[0]
    one.get("/sessions")
    assert one.post("/sessions/end").location == "/login"
    assert [client.get("/accounts").status_code for client in browsers] == [302, 302]
    assert "signed out everywhere" in one.get("/login").text


def test_session_of_somebody_else_is_not_found(app, admin):
    make_user("anna", "Anna Nowak")
    anna = Client(app)
    anna.login("anna", AGENT_PASSWORD)
    anna.get("/sessions")
    assert anna.post("/sessions/1/end").status_code == 404
    assert admin.get("/accounts").status_code == 200


def test_end_is_announced_ten_minutes_before(admin):
    address = re.search(r'hx-get="(/warnings/updates[^"]*)"', admin.get("/users").text)[1]
    assert admin.get(address, htmx=True).status_code == 204
    set_start(timedelta(hours=11, minutes=51))
    answer = admin.get(address, htmx=True)
    assert re.search(r"You(&#39;|')ll be signed out at \d+:\d\d\.", answer.text)
    assert soup(admin.get("/accounts")).select_one("#warnings #session-ends")
    set_start(timedelta(hours=12, minutes=1))
    assert admin.get("/accounts").status_code == 302


def test_poll_is_no_use_of_the_session(admin):
    with transaction(bump_revision=False) as session:
        session.query(WebSession).update({"last_used_at": utc_now() - timedelta(minutes=20)})
    for address in ("/accounts/updates?seen=1", "/warnings/updates", "/generation/updates", "/trunks/status"):
        admin.get(address, htmx=True)
    assert utc_now() - db.session.scalar(db.select(WebSession.last_used_at)) > timedelta(minutes=19)
    admin.get("/users")
    assert utc_now() - db.session.scalar(db.select(WebSession.last_used_at)) < timedelta(minutes=1)


def test_cookie_behind_tls_belongs_to_this_host_only(app):
    behind_proxy = create_app(replace(app.config["SETTINGS"], trusted_proxies=1))
    cookie = behind_proxy.test_client().get("/login").headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))


def test_everything_is_signed_with_sha_256(admin):
    cookies = [admin._client.get_cookie(name).value for name in ("session", "device")]
    for signed in (*cookies, unmasked(admin.token)):
        signature = urlsafe_b64decode(signed.rpartition(".")[2] + "==")
        assert len(signature) == hashlib.sha256().digest_size


def test_only_pages_over_tls_demand_tls_from_then_on(app):
    client = create_app(replace(app.config["SETTINGS"], trusted_proxies=1)).test_client()
    for protocol, header in (("https", "max-age=31536000"), ("http", None)):
        response = client.get("/login", headers={"X-Forwarded-Proto": protocol})
        assert response.headers.get("Strict-Transport-Security") == header


def test_known_browser_signs_in_while_others_guess(app, anonymous):
    """Two users share the browser; a copied cookie that was changed is as good as none."""
    make_user("anna", "Anna Nowak")
    shared = Client(app)
    for login, password in (("admin", PASSWORD), ("anna", AGENT_PASSWORD)):
        assert shared.login(login, password).status_code == 303
        shared.get("/account")
        shared.post("/logout")
    for _ in range(6):
        anonymous.login("admin", "a wrong password")
    assert anonymous.login("admin", PASSWORD).status_code == 429
    for login, password in (("admin", PASSWORD), ("anna", AGENT_PASSWORD)):
        assert shared.login(login, password).status_code == 303
        shared.get("/account")
        shared.post("/logout")
    cookie = shared._client.get_cookie("device").value
    shared._client.set_cookie("device", cookie[:-2] + "xx")
    assert shared.login("admin", PASSWORD).status_code == 429


NEW_PASSWORD = "another long password"


def fails_until_it_must_wait(client, login):
    """Return how many wrong passwords a client may enter at once."""
    client.get("/login")
    return [client.post("/login", login=login, password="a wrong password").status_code for _ in range(6)].count(422)


@pytest.mark.parametrize("end", ["password", "sign-outs"])
def test_browser_is_known_no_longer_after_a_new_password_or_a_sign_out_everywhere(app, ctx, end):
    """Who has used the old password in many browsers could guess the new one in each of them."""
    user_id = make_user("anna", "Anna Nowak")
    clients = [Client(app) for _ in range(2)]
    for client in clients:
        client.login("anna", AGENT_PASSWORD)
        client.get("/sessions")
    if end == "password":
        edit_user(ctx, user_id, password=NEW_PASSWORD)
    else:
        clients[0].post("/sessions/end")
    assert [fails_until_it_must_wait(client, "anna") for client in clients] == [5, 0]


def test_browser_that_replaces_the_password_or_adds_a_second_factor_stays_known(app, ctx, anonymous):
    make_user("anna", "Anna Nowak")
    client = Client(app)
    client.login("anna", AGENT_PASSWORD)
    client.get("/account")
    assert client.post("/account", old=AGENT_PASSWORD, new=NEW_PASSWORD, again=NEW_PASSWORD).status_code == 303
    client.post("/account/second-factor/totp/new")
    key = soup(client.get("/account/second-factor/totp")).select_one("code").text.replace(" ", "")
    assert "recovery" in client.post("/account/second-factor/totp", code=code_of(key)).text
    client.post("/logout")
    assert fails_until_it_must_wait(anonymous, "anna") == 5
    client.get("/login")
    answer = client.post("/login", login="anna", password=NEW_PASSWORD)
    assert answer.location.startswith("/login/second-factor")
