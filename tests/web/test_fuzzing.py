"""Hostile requests to every address as every role: no error of the server, valid pages, and no secret in them."""

import json
import re
from dataclasses import fields
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies

from sipweb.config import ROOT
from sipweb.core.rights import AGENT, AUDITOR, EDITOR, RIGHTS
from sipweb.db import db
from sipweb.models import Account, User
from sipweb.services import accounts, agent_sign_in, generations, hosts, sessions
from sipweb.services.routes import RouteInput
from sipweb.services.trunks import TrunkInput
from sipweb.services.users import UserInput
from tests.builders import AGENT_PASSWORD, WHO, edit_account, make_recording, make_route, make_trunk, make_user
from tests.client import check_page, reset_request_globals
from tests.host_rows import add_host, set_present
from tests.web.test_rights import VISITOR, WHO_MAY

HOSTILE = (
    "", " ", "\0", "a\0b", "0", "-1", "1e9", "٣", "9" * 30, "9" * 5000, "2147483648", "1.5", "NaN", "\ud800", "\udfff1",
    "\u202eabc\u2066", "a\r\nb", "\t", "[]", '{"a": [1]}', "[[[[", "null", "' OR 1=1 --", "<script>alert(1)</script>",
    "{{ 7*7 }}", "%s%n%(x)s", "${EXTEN}", "same=>n,System(id)", "../../etc/passwd", "..\\..", "//evil.example",
    "http://[x", "=cmd|' /C calc'!A0", "ł" * 200, "😀" * 90, "x" * 70_000, "(", "(a|a)*b", "a{99999}", "[a-", "*", ".*",
    "2026-02-30", "9999-12-31", "0000-00-00", "1-1.1", "2026-11-24/1-1.1", "e\u0301", "\u00a0", "\x7f", "\u2028",
)  # fmt: skip
PLAUSIBLE = (
    "1", "2", "200", "205", "300", "y", "on", "off", "agent", "Anna", "12.*", "udp", "rfc4733", "other", "builtin",
    "automatic", "manual", "admin", "sip.example.org", "5060", "2026-11-24", "a long password",
)  # fmt: skip
IDS = ("1", "1", "2", "3", "0", "999", "-1", "9" * 30, "1.5", "٣", "x", "\0", "../1", "2147483648")
COMMON = {"version", "edit", "add", "q", "show", "sort", "before", "seen", "next", "undo", "value", "number", "another"}
FORMS = {  # the first part of an address → the folder of its templates, and the fields that services take
    "accounts": ("accounts", accounts.COLUMNS), "users": ("users", [one.name for one in fields(UserInput)]),
    "trunks": ("trunks", [one.name for one in fields(TrunkInput)]), "account": ("profile", ["old", "new", "again"]),
    "routes": ("routes", [one.name for one in fields(RouteInput)] + ["direction", "after", "position", "account"]),
    "login": ("auth", ["login", "password"]), "generation": ("generations", ["confirm"]), "agent": ("agent", []),
    "confirm": ("auth", ["current_password"]), "calls": ("calls", ["from", "to", "cause", "result", "trunk"]),
    "recordings": ("recordings", ["from", "to", "ticket", "download"]), "audit": ("audit", ["account", "action"]),
    "language": ("profile", ["language"]), "warnings": ("components", ["warning"]),
}  # fmt: skip
API_FIELDS = ("login", "password", "number", "new_password", "unknown")

text = strategies.sampled_from(HOSTILE) | strategies.sampled_from(PLAUSIBLE) | strategies.text(max_size=30)
few_values = strategies.sampled_from((None, *PLAUSIBLE, *HOSTILE))  # None: missing; quick to draw
values = few_values | strategies.text(max_size=30)
json_values = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers() | strategies.floats() | text,
    lambda inner: strategies.lists(inner, max_size=3) | strategies.dictionaries(text, inner, max_size=3),
    max_leaves=5,
)
header_values = strategies.sampled_from(
    ["", "pl", "en;q=x", "*", "xx-" * 50, "http://[x", "http://localhost/accounts?edit=9&q=%00", "/users?show=x&q=%ff",
     "http://localhost/accounts?" + "a=1&" * 1100, "\xff\xfe", "true", "Bearer x", "Bearer ", "text/plain"]
)  # fmt: skip
HEADERS = ("HX-Request", "HX-Current-URL", "Accept-Language", "Referer", "Authorization", "Range", "Accept-Encoding")
CONTENT_TYPES = ("application/json", "multipart/form-data", "multipart/form-data; boundary=x", "text/plain", "x", "")


def names(address):
    """Return the names of what the page of an address reads, from its templates and its services."""
    folder, columns = FORMS.get(address.split("/")[1], ("components", []))
    sources = "".join(path.read_text() for path in (ROOT / "templates" / folder).glob("*.html"))
    return sorted({*COMMON, *columns, *re.findall(r'\bname="(\w+)"', sources)} - {"csrf_token"})


class Attacker:
    """Somebody with a role, or nobody, whose browser sends anything."""

    def __init__(self, app, ctx, role):
        self._app, self.role = app, role
        rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
        self.requests = [(r.rule, m, names(r.rule)) for r in rules for m in sorted(r.methods - {"HEAD", "OPTIONS"})]
        rows = db.session.scalars(db.select(Account.secret))
        hashes = db.session.scalars(db.select(User.password_hash))
        self._secrets = [ctx.cipher.decrypt(row) for row in rows] + list(hashes)
        self.sign_in()

    def sign_in(self):
        """Begin a session if this one has ended."""
        db.session.rollback()
        self._client = self._app.test_client()
        if self.role != VISITOR:
            user_id = db.session.scalar(db.select(User.id).where(User.role == self.role, User.active))
            with self._client.session_transaction() as session:
                session["_user_id"] = sessions.start(user_id, "", "")
        reset_request_globals()
        self._token = re.search(r'name="csrf_token" value="([^"]+)"', self._client.get("/login").text)[1]

    def send(self, data, address, method, allowed, *, thorough):
        """Send one request with drawn values and check what comes back."""
        path = re.sub(r"<int:\w+>", lambda _: data.draw(strategies.sampled_from(IDS)), address)
        path = re.sub(r"<\w+>", lambda _: data.draw(text)[:100], path)
        sent = {name: value for name in allowed if (value := data.draw(values if thorough else few_values)) is not None}
        headers = data.draw(strategies.dictionaries(strategies.sampled_from(HEADERS), header_values, max_size=2))
        content_type, body = "application/x-www-form-urlencoded", encoded({**sent, "csrf_token": self._token})
        if address.startswith("/api/") and data.draw(strategies.booleans()):
            content = data.draw(strategies.dictionaries(strategies.sampled_from(API_FIELDS), text) | json_values)
            content_type, body = "application/json", json.dumps(content).encode()
        elif method == "POST" and data.draw(strategies.integers(0, 9)) == 0:
            content_type = data.draw(strategies.sampled_from(CONTENT_TYPES))
            headers["X-CSRFToken"] = self._token
        target = f"{quote(path, errors='surrogatepass')}?{encoded(sent).decode()}"[:20_000]
        arguments = {"data": body, "content_type": content_type} if method == "POST" else {}
        reset_request_globals()
        try:
            with self._client.open(target, method=method, headers=headers, **arguments) as answer:
                answer.get_data()
            self._check(answer, path, thorough=thorough)
        except BaseException as error:
            error.add_note(f"{self.role}: {method} {target[:999]} {content_type} {body[:999]!r} {headers}"[:3000])
            raise
        if answer.status_code in (302, 303) and answer.location.startswith("/login"):
            self.sign_in()

    def _check(self, answer, path, *, thorough):
        assert answer.status_code < 500 or path == "/healthz"  # it misses the monitor, which these tests don't start
        if answer.content_encoding:  # Accept-Encoding was drawn: the same pages, compressed
            return
        is_page = answer.mimetype == "text/html" and answer.text.startswith("<!DOCTYPE")
        if is_page and (thorough or answer.status_code not in (200, 404)):
            check_page("".join(filter(allowed_in_html, answer.text)))
        if not path.endswith("/secret"):  # this one shows one, to those who may see it
            assert not any(secret in answer.text for secret in self._secrets)


def allowed_in_html(char):
    """Return whether a character is one of HTML. Others are shown again as they were typed, which harms nobody."""
    code = ord(char)
    is_control = (code < 0x20 and char not in "\t\n\r\f") or 0x7F <= code < 0xA0
    return not (is_control or 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE)


def encoded(fields):
    """Return fields as a form sends them, half of a surrogate pair included."""
    return "&".join(f"{name}={quote_plus(value, errors='surrogatepass')}" for name, value in fields.items()).encode()


@pytest.fixture
def attacker(request, app, ctx):
    """Return the attacker of a role, with something behind each address."""
    for role in (AGENT, AUDITOR, EDITOR):
        make_user(role, role, role)
    make_route(make_trunk(ctx))
    make_recording(ctx)
    generations.generate(ctx, WHO)
    edit_account(ctx, 2, phone="other")
    agent_sign_in.login_and_acquire(ctx, AGENT, AGENT_PASSWORD, "202", "")
    return Attacker(app, ctx, request.param)


all_roles = pytest.mark.parametrize("attacker", [VISITOR, *RIGHTS], indirect=True)


def attack(attacker, examples, *, thorough=False, **options):
    """Send so many requests to each address; unless `thorough` only where the role gets past the checks."""
    for request in attacker.requests:
        if not thorough and attacker.role not in WHO_MAY[request[:2]]:
            continue

        @settings(
            deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate],
            max_examples=examples, **options,
        )  # fmt: skip
        @given(strategies.data())
        def send(data):
            attacker.send(data, *request, thorough=thorough)  # noqa: B023  # called in this turn of the loop

        send()


@all_roles
def test_hostile_requests_are_no_errors_of_the_server(attacker):
    attack(attacker, 2, derandomize=True)


@pytest.mark.long
@all_roles
def test_many_hostile_requests_are_no_errors_of_the_server(attacker):
    attack(attacker, 20, thorough=True)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_hostile_names_of_pbx_hosts(admin, ctx):
    """Only on PostgreSQL is there more than one host, and PostgreSQL takes no NUL and no half of a surrogate pair."""
    for name in ("krakow", "pbx"):
        add_host(name)
    set_present("krakow", False)
    key = make_recording(ctx)
    admin.get("/generation")
    token, client = admin.token, admin._client
    recording = f"/recordings/2026-11-24/{key}"
    for name in (*HOSTILE, *(f"krakow{char}" for char in ("\0", " ", "%", "\ud800", "\r\n"))):
        path = quote(name[:5000], safe="", errors="surrogatepass")
        remove = f"/generation/hosts/{path}/remove"
        for method, address in (
            ("GET", remove), ("POST", remove), ("GET", f"/recordings?host={path}"),
            ("POST", f"{recording}/listen?host={path}"), ("GET", f"{recording}.wav?host={path}"),
            ("POST", f"{recording}/download?host={path}"),
        ):  # fmt: skip
            reset_request_globals()
            data = {"csrf_token": token} if method == "POST" else None
            with client.open(address, method=method, data=data) as answer:
                answer.get_data()
                assert answer.status_code < 500, (method, address)
                assert address != remove or answer.status_code in (308, 404), (method, address)  # 308: an empty segment
    assert {host.name for host in hosts.all_hosts()} == {"krakow", "pbx"}
    with client.open("/generation/hosts/krakow/remove", method="POST", data={"csrf_token": token}) as answer:
        assert answer.status_code == 303  # the same request with the name of a host is answered
    assert {host.name for host in hosts.all_hosts()} == {"pbx"}
