"""Defences of the pages that belong to no single one of them."""

import hashlib
import io
from dataclasses import replace

import pytest
from sqlalchemy import select

from sipweb import create_app
from sipweb.config import ROOT
from sipweb.core.errors import Invalid
from sipweb.db import db
from sipweb.models import Account, User
from sipweb.services import authentication
from sipweb.services.authentication import WrongPassword, authenticate
from sipweb.services.context import Actor
from sipweb.services.state import current_state
from tests.builders import AGENT_PASSWORD
from tests.client import PASSWORD, Client, soup
from tests.web.test_access import PAGES
from tests.web.test_calls import add_calls

DIGITS = "".join(hashlib.sha256(bytes([number])).hexdigest() for number in range(4))


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("/login", {"password": "current-password"}),
        ("/account", {"old": "current-password", "new": "new-password", "again": "new-password"}),
        ("/users?add=1", {"password": "new-password"}),
        ("/accounts?edit=3", {"secret": "new-password"}),
    ],
)
def test_passwords_are_masked_and_may_come_from_a_password_manager(app, admin, page, names):
    client = Client(app) if page == "/login" else admin
    inputs = {field["name"]: field for field in soup(client.get(page)).select("input[type=password]")}
    assert {name: field["autocomplete"] for name, field in inputs.items()} == names
    for field in inputs.values():
        assert not field.get("value")
        assert int(field.get("maxlength", 200)) >= 64


def test_scripts_leave_the_clipboard_of_password_fields_alone():
    for script in (ROOT / "static").glob("*.js"):
        assert "paste" not in script.read_text()


RANDOM_200 = hashlib.shake_128(b"any").hexdigest(100)


@pytest.mark.parametrize(
    "password",
    [
        " Ten spaces around ",
        "zażółć gęślą jaźń",
        "🦊🦊🦊🦊 fox 🦊🦊🦊🦊",
        DIGITS[:64],
        DIGITS[:200],
        "ﬁne ligatures ﬁne",
    ],
    ids=["spaces", "polish", "emoji", "64", "200", "ligature"],
)  # fmt: skip
def test_password_of_any_characters_is_compared_as_it_was_entered(anna, password):
    authentication.change_password(Actor(anna, "Anna Nowak"), AGENT_PASSWORD, password)
    assert authenticate("anna", password, "192.0.2.1").user_id == anna
    for other in {password.strip(), password.swapcase(), password[:-1], password.replace("ﬁ", "fi")} - {password}:
        with pytest.raises(WrongPassword):
            authenticate("anna", other, "192.0.2.1")


def test_password_of_eleven_characters_is_refused(anna):
    with pytest.raises(Invalid):
        authentication.change_password(Actor(anna, "Anna Nowak"), AGENT_PASSWORD, DIGITS[:11])


def test_every_page_has_the_sign_out(app, admin, anna):
    agent = Client(app)
    agent.login("anna", AGENT_PASSWORD)
    agent.get("/agent")
    agent.post("/agent")
    pages = [(admin, page) for page in (*PAGES, "/users", "/trunks", "/routes", "/calls", "/recordings", "/none")]
    pages += [(agent, page) for page in ("/agent", "/account", "/sessions", "/accounts", "/none")]
    for client, page in pages:
        assert soup(client.get(page)).select_one("form[action='/logout'] button"), page


@pytest.mark.parametrize(
    "path",
    [
        "/static/", "/static/vendor/", "/.git/config", "/sipweb.env", "/instance/keys.json", "/recordings/",
        "/static/../wsgi.py", "/static/%2e%2e/wsgi.py", "/static/..%2fwsgi.py", "/static//etc/passwd",
    ],
)  # fmt: skip
def test_neither_folders_nor_files_outside_static_are_served(app, path):
    assert app.test_client().get(path).status_code in (302, 308, 404)


def test_method_trace_is_not_supported(app):
    for path in ("/login", "/accounts", "/static/app.css"):
        assert app.test_client().open(path, method="TRACE").status_code == 405


def test_cookie_of_a_known_browser_belongs_to_this_host_only(app):
    client = create_app(replace(app.config["SETTINGS"], trusted_proxies=1)).test_client()
    tls = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "localhost", "Referer": "https://localhost/login"}
    page = client.get("/login", headers=tls, base_url="https://localhost")
    token = soup(page).select_one("[name=csrf_token]")["value"]
    form = {"csrf_token": token, "login": "admin", "password": PASSWORD}
    answer = client.post("/login", data=form, headers=tls, base_url="https://localhost")
    [cookie] = [line for line in answer.headers.getlist("Set-Cookie") if "device" in line]
    assert cookie.startswith("__Host-device=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))


def test_what_phones_send_is_shown_as_text(admin):
    add_calls({"caller_name": "<script>alert(1)</script>", "number": '"><img src=x>', "trunk": "</td>"})
    page = soup(admin.get("/calls"))
    assert not page.select("td script, td img")
    assert "<script>alert(1)</script>" in page.text


def test_fields_that_a_form_does_not_have_are_ignored(admin, anna):
    admin.get("/accounts/new")
    admin.post("/accounts", number="777", id="1", version="99", deleted="1", fingerprint="x", revision="5")
    account = db.session.scalar(select(Account).where(Account.number == 777))
    assert (account.id > 20, account.version, account.fingerprint != "x") == (True, 1, True)
    agent = Client(admin._client.application)
    agent.login("anna", AGENT_PASSWORD)
    agent.get("/account")
    new = {"old": AGENT_PASSWORD, "new": "another long password", "again": "another long password"}
    agent.post("/account", **new, role="administrator", active="", session_epoch="0", user_id="1", id="1")
    db.session.rollback()
    assert db.session.get(User, anna).role == "agent"
    assert authenticate("admin", PASSWORD, "192.0.2.1").user_id == 1


def test_file_in_the_place_of_a_field_is_ignored(app):
    client = Client(app)
    client.get("/login")
    answer = client.post("/login", login="admin", password=(io.BytesIO(PASSWORD.encode()), "password.txt"))
    assert (answer.status_code, "Enter your password." in answer.text) == (422, True)


def test_first_of_several_values_counts(admin, ctx):
    admin.get("/accounts")
    admin.post("/accounts/1/active?version=1&value=off&value=on", htmx=True)
    assert not current_state(ctx).account(1).active
