"""The log: what its lines tell, and what they never may."""

import io
import json
import logging
import re
from html import unescape

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from sipweb import create_app, logs
from sipweb.config import load
from sipweb.db import db
from sipweb.models import User
from sipweb.services import throttling
from sipweb.web.request_log import logged_path
from tests.client import PASSWORD, Client
from tests.web.routing.conftest import SECRET, TRUNK

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (INFO|WARNING|ERROR) (\S+): (.*)")
ID = "[0-9a-f]{16}"
EWA = {
    "login": "ewa", "name": "Ewa Lis", "role": "agent", "active": "y", "work_mode": "automatic",
    "external_phone": "builtin", "password": "first-password-1",
}  # fmt: skip


class Lines:
    """What the log contains."""

    def __init__(self, formatter):
        self._stream = io.StringIO()
        self.handler = logging.StreamHandler(self._stream)
        self.handler.setFormatter(formatter)

    def __call__(self, logger=""):
        """Return the messages of one logger, or all lines."""
        lines = self._stream.getvalue().splitlines()
        if not logger:
            return lines
        parsed = [LINE.fullmatch(line) for line in lines]
        return [match[3] for match in parsed if match[2] == logger]


@pytest.fixture
def log():
    """Return the lines of this test's log, as the servers write them."""
    yield from _recorded(logs.TextFormatter())


@pytest.fixture
def json_log():
    """Return the same with LOG_FORMAT=json."""
    yield from _recorded(logs.JsonFormatter())


def _recorded(formatter):
    lines, root = Lines(formatter), logging.getLogger()
    level = root.level
    root.addHandler(lines.handler)
    root.setLevel(logging.INFO)
    yield lines
    root.removeHandler(lines.handler)
    root.setLevel(level)


def test_each_request_has_one_line_without_its_query(admin, log):
    response = admin.get("/recordings/2026-11-24/1-1.wav?ticket=hunter2")
    assert response.status_code == 403
    (access,) = log("sipweb.access")
    assert re.fullmatch(
        rf"request address=127\.0\.0\.1 user=admin request_id={ID} method=GET path=/recordings/2026-11-24/1-1\.wav "
        r"status=403 ms=\d+\.\d",
        access,
    )
    assert f"request_id={response.headers['X-Request-ID']} " in access
    assert "hunter2" not in str(log())


def test_frequent_requests_are_logged_only_if_they_fail(admin, anonymous, log):
    for path in ("/healthz", "/generation/updates?seen=x", "/trunks/status"):
        assert admin.get(path, htmx=True).status_code < 400
    assert log() == []
    anonymous.get("/generation/updates?seen=x", htmx=True)
    assert [line.partition("status=")[2][:3] for line in log("sipweb.access")] == ["401"]


@pytest.mark.parametrize(
    ("proxies", "given", "is_taken"),
    [(1, "abcdef0123456789", True), (0, "abcdef0123456789", False), (1, "a b", False), (1, "x" * 65, False)],
)
def test_request_id_comes_from_a_trusted_proxy_only(environ, log, proxies, given, is_taken):
    client = create_app(load(environ | {"SIPWEB_TRUSTED_PROXIES": str(proxies)})).test_client()
    response = client.get("/login", headers={"X-Request-ID": given})
    assert (response.headers["X-Request-ID"] == given) is is_taken
    assert f"request_id={response.headers['X-Request-ID']} " in log("sipweb.access")[0]


def test_forwarded_headers_without_a_trusted_proxy_are_warned_of_once(environ, log):
    for proxies in ("0", "1"):
        client = create_app(load(environ | {"SIPWEB_TRUSTED_PROXIES": proxies})).test_client()
        for _ in range(2):
            client.get("/login", headers={"X-Forwarded-For": "203.0.113.7"})
        assert len(log("sipweb.web.request_log")) == 1
    assert [line.split()[1] for line in log("sipweb.access")] == ["address=127.0.0.1"] * 2 + ["address=203.0.113.7"] * 2


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/provisioning/AbC123", "/provisioning/***"),
        ("/provisioning/AbC123/y000.cfg", "/provisioning/***/y000.cfg"),
        (f"/x/{'a1' * 20}", "/x/***"),
        ("/accounts/2/edit", "/accounts/2/edit"),
        ("/a\nb \N{LATIN SMALL LETTER Z WITH DOT ABOVE}=\N{LINE SEPARATOR}", "/a%0Ab%20%C5%BC%3D%E2%80%A8"),
    ],
)
def test_path_is_logged_without_tokens_and_line_breaks(path, shown):
    assert logged_path(path) == shown


def test_request_cannot_forge_a_line(anonymous, log):
    anonymous.get(
        "/x%0A2026-11-27T00:00:00.000Z%20WARNING%20sipweb.security:%20authn_login_fail:%3F%20address=192.0.2.1"
    )
    assert [LINE.fullmatch(line)[2] for line in log()] == ["sipweb.access"]


def events(log):
    """Return the security events: event, address and user."""
    pattern = re.compile(rf"(\S+) address=(\S+) user=(\S+) request_id={ID} method=\S+ path=\S+(.*)")
    return [pattern.fullmatch(line).groups() for line in log("sipweb.security")]


def test_sign_ins_are_security_events(app, log):
    client = Client(app)
    client.login("admin", "a wrong password")
    client.login("nobody-has-this", "a wrong password")
    client.login()
    client.post("/logout")
    client.login()
    client.post("/sessions/end")
    here = "127.0.0.1"
    assert events(log) == [
        ("authn_login_fail:admin", here, "-", ""),
        ("authn_login_fail:?", here, "-", ""),
        ("authn_login_success:admin", here, "admin", ""),
        ("session_expired:admin,logout", here, "admin", ""),
        ("authn_login_success:admin", here, "admin", ""),
        ("session_expired:admin,all", here, "admin", ""),
    ]
    assert "nobody-has-this" not in str(log())  # it may be a password
    assert [line.split()[1] for line in log() if " authn_login_fail:" in line] == ["WARNING"] * 2


def test_lock_and_refused_attempts_are_security_events(app, log):
    client = Client(app)
    for _ in range(throttling.of_login("", "").free + 1):
        client.login("admin", "a wrong password")
    assert [(event, values) for event, _, _, values in events(log)][-3:] == [
        ("authn_login_fail:admin", ""),
        ("authn_login_lock:admin,login", " wait=2"),
        ("authn_login_fail_max:admin", " wait=2"),
    ]


def test_own_password_and_users_are_security_events(admin, log):
    admin.get("/account")
    admin.post("/account", old="a wrong password", new="another-password-1", again="another-password-1")
    admin.get("/users/new")
    admin.post("/users", **EWA)
    user = db.session.query(User).filter_by(login="ewa").one()
    admin.get(f"/users/{user.id}/edit")
    admin.post(
        f"/users/{user.id}", version=user.version, **EWA | {"role": "administrator", "password": "another-one-1"}
    )
    assert [event for event, _, user, _ in events(log) if user == "admin"] == [
        "authn_password_change_fail:admin",
        "user_created:admin,ewa,agent",
        "user_updated:admin,ewa,role,secret",
        "privilege_permissions_changed:admin,ewa,agent,administrator",
        "authn_password_change:ewa",
    ]


def test_refused_page_and_csrf_are_security_events(app, anna, admin, log):
    client = Client(app)
    client.login("anna", "a long password")
    client.get("/users")
    admin.token = ""
    admin.post("/generation")
    admin.token = "hunter2"
    admin.post("/generation")
    assert [(event, user, values) for event, _, user, values in events(log)][1:] == [
        ("authz_fail:anna,/accounts", "anna", ""),
        ("authz_fail:anna,/users", "anna", ""),
        ("input_validation_fail:csrf_token,admin", "admin", ' reason="The CSRF token is missing."'),
        ("input_validation_fail:csrf_token,admin", "admin", ' reason="The CSRF token is missing."'),
    ]


def test_agent_program_is_named_by_its_token(app, anna, ctx, log):
    client = app.test_client()
    login = client.post("/api/agent/login", json={"login": "anna", "password": "a long password"})
    client.post("/api/agent/logout", headers={"Authorization": f"Bearer {login.json['token']}"})
    assert [line.split()[2] for line in log("sipweb.access")] == ["user=anna"] * 2
    assert login.json["token"] not in str(log())


def test_error_is_one_line_that_says_whose_request_it_was(app, admin, log):
    app.testing = False
    app.view_functions["recordings.index"] = lambda: 1 / 0
    assert admin.get("/recordings").status_code == 500
    (error,) = [line for line in log() if " ERROR " in line]
    assert re.search(rf" user=admin request_id={ID} method=GET path=/recordings exception=", error)
    assert r"ZeroDivisionError: division by zero\"" in error.replace('"', r"\"")


def test_json_lines_have_the_same_values(admin, json_log):
    admin.get("/users")
    (line,) = map(json.loads, json_log())
    assert line.pop("ms") > 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("time"))
    assert re.fullmatch(ID, line.pop("request_id"))
    assert line == {
        "level": "INFO", "logger": "sipweb.access", "message": "request", "address": "127.0.0.1", "user": "admin",
        "method": "GET", "path": "/users", "status": 200,
    }  # fmt: skip


def test_failing_statement_shows_no_values(app):
    with pytest.raises(SQLAlchemyError) as failure:
        db.session.execute(text("SELECT * FROM missing WHERE secret = :secret"), {"secret": "hunter2"})
    assert "missing" in str(failure.value)
    assert "hunter2" not in str(failure.value)


def secrets_of_accounts(ctx):
    return [ctx.cipher.decrypt(secret) for secret in db.session.scalars(text("SELECT secret FROM account"))]


def test_no_secret_is_in_any_line_of_a_day_of_work(app, ctx, admin, log):
    """Users are added, secrets revealed and replaced, files generated, a number taken; then statements fail."""
    logging.getLogger().setLevel(logging.DEBUG)
    app.testing = False
    known = [PASSWORD, "wrong-password-1", "first-password-1", "agents-password-1", SECRET]
    Client(app).login("first-password-1", "wrong-password-1")
    admin.get("/users/new")
    admin.post("/users", **EWA)
    known += secrets_of_accounts(ctx)
    assert any(secret in unescape(admin.post("/accounts/2/secret").text) for secret in known)
    admin.post("/accounts/2/secret/new")
    known += secrets_of_accounts(ctx)
    assert admin.post("/trunks", **TRUNK).status_code == 303
    assert admin.post("/generation").status_code == 303
    api = app.test_client()
    credentials = {"login": "ewa", "password": "first-password-1"}
    assert api.post("/api/agent/login", json=credentials).status_code == 403
    answer = api.post("/api/agent/login", json=credentials | {"new_password": "agents-password-1"}).json
    known += [answer["token"], answer["sip"]["ha1"]]
    api.post("/api/agent/heartbeat", headers={"Authorization": f"Bearer {answer['token']}"})
    admin.get("/users/new")
    with db.engine.begin() as connection:
        connection.execute(text('ALTER TABLE "user" RENAME COLUMN password_hash TO other'))
    assert admin.post("/users", **EWA | {"login": "adam"}).status_code == 500
    typed_as_login = {"login": "agents-password-1", "password": "x"}
    assert api.post("/api/agent/login", json=typed_as_login).status_code == 500
    assert any("no such column: user.password_hash" in line and "exception=" in line for line in log())
    known += [ctx.pbx.secret, app.secret_key, *app.config["SETTINGS"].secrets_keys]
    everything = "\n".join(log())
    assert "authn_login_fail:?" in everything
    assert [secret for secret in known if secret and secret in everything] == []
    assert "$argon2" not in everything
