"""Who may do what: one table of all addresses, tried with each role, each method, and with and without the token."""

import ast
import html
import inspect
import re
from dataclasses import replace
from itertools import product
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup

from sipweb.config import ROOT
from sipweb.core.bulk_changes import Action, BulkChange
from sipweb.core.csv_files import read_table
from sipweb.core.errors import Forbidden
from sipweb.core.rights import ADMINISTRATOR, AGENT, AUDITOR, EDITOR, REFUSALS, RIGHTS, Right
from sipweb.db import db
from sipweb.models import User
from sipweb.services import (
    account_addition,
    account_import,
    account_secrets,
    accounts,
    apply_again,
    audit,
    blocking,
    bulk_changes,
    discard,
    first_steps,
    generations,
    hosts,
    lease_end,
    leases,
    phone_cards,
    provisioning,
    recordings,
    routes,
    second_factor,
    sessions,
    test_call,
    trunks,
    user_import,
    users,
    warnings,
)  # fmt: skip
from sipweb.services.context import Actor
from sipweb.services.edits import Replaced
from sipweb.services.state import current_state
from tests.builders import (
    AGENT_PASSWORD,
    ROUTE,
    TRUNK,
    WHO,
    edit_account,
    edit_user,
    make_recording,
    make_route,
    make_trunk,
    make_user,
)  # fmt: skip
from tests.client import Client, reset_request_globals, soup, text_of
from tests.conftest import on_both_databases

VISITOR = "visitor"  # nobody has signed in

# Who gets past the checks of role and token, and where. A new address needs a line here.
TABLE = {
    (VISITOR, AGENT, AUDITOR, EDITOR, ADMINISTRATOR): """
        GET POST /login
        GET POST /login/second-factor
        POST     /login/second-factor/options
        POST     /language
        GET      /healthz
        GET      /healthz/live
        GET      /metrics
        GET      /provisioning/<token>/<path:name>
        GET      /internal/recordings
        POST     /api/agent/login
        POST     /api/agent/heartbeat
        POST     /api/agent/sip
        POST     /api/agent/logout
    """,
    (AGENT, AUDITOR, EDITOR, ADMINISTRATOR): """
        GET      /
        GET POST /account
        GET POST /confirm
        GET      /account/second-factor
        GET POST /account/second-factor/totp
        POST     /account/second-factor/totp/new
        POST     /account/second-factor/totp/remove
        POST     /account/second-factor/passkeys
        POST     /account/second-factor/passkeys/options
        POST     /account/second-factor/passkeys/<int:passkey_id>/remove
        POST     /account/second-factor/recovery-codes
        GET      /sessions
        POST     /sessions/<int:session_id>/end
        POST     /sessions/end
        POST     /logout
        POST     /agent/heartbeat
        POST     /agent/sip-credentials
        POST     /agent/logout
    """,
    (AGENT, EDITOR, ADMINISTRATOR): """
        GET POST /agent
    """,
    (AUDITOR, EDITOR, ADMINISTRATOR): """
        POST     /account/shortcuts
        GET      /accounts
        GET      /accounts/export
        GET      /accounts/updates
        GET      /accounts/<int:account_id>/row
        GET      /accounts/<int:account_id>/phone
        GET      /accounts/<int:record_id>/history
        GET      /users
        GET      /users/export
        GET      /users/<int:user_id>/row
        GET      /users/<int:user_id>/assignment
        GET      /routes
        GET      /routes/dial-test
        GET      /routes/<int:route_id>/row
        GET      /routes/<int:record_id>/history
        GET      /trunks
        GET      /trunks/status
        GET      /trunks/<int:trunk_id>/row
        GET      /trunks/<int:record_id>/history
        GET      /calls
        GET      /calls/export
        GET      /usage
        GET      /usage/export
        GET      /recordings
        GET      /generation
        GET      /generation/updates
        GET      /generation/<int:number>
        GET      /attempts
        GET      /audit
        GET      /warnings/updates
    """,
    (EDITOR, ADMINISTRATOR): """
        POST     /accounts
        GET      /accounts/new
        GET      /accounts/new/cancel
        GET      /accounts/owners
        GET      /accounts/allowed-routes
        POST     /accounts/undo
        POST     /accounts/undo-addition
        POST     /accounts/bulk
        POST     /accounts/bulk/apply
        GET      /accounts/<int:account_id>/edit
        POST     /accounts/<int:account_id>
        POST     /accounts/<int:account_id>/active
        POST     /accounts/<int:account_id>/recording
        POST     /accounts/<int:account_id>/release
        POST     /accounts/<int:account_id>/call
        POST     /accounts/<int:account_id>/secret
        POST     /accounts/cards
        POST     /accounts/<int:account_id>/secret/new
        POST     /accounts/<int:account_id>/phone/setup
        POST     /accounts/<int:account_id>/phone/setup/allow
        POST     /accounts/<int:account_id>/phone/setup/remove
        POST     /accounts/<int:account_id>/undo
        GET POST /accounts/<int:account_id>/delete
        GET POST /accounts/import
        GET POST /accounts/import/preview
        GET POST /users/import
        GET POST /users/import/preview
        GET POST /accounts/<int:record_id>/discard
        POST     /users
        GET      /users/new
        GET      /users/new/cancel
        POST     /users/undo
        GET      /users/<int:user_id>/edit
        POST     /users/<int:user_id>
        POST     /routes
        GET      /routes/new
        GET      /routes/new/cancel
        POST     /routes/undo
        GET      /routes/<int:route_id>/edit
        POST     /routes/<int:route_id>
        POST     /routes/<int:route_id>/move
        GET POST /routes/<int:route_id>/delete
        GET POST /routes/<int:record_id>/discard
        POST     /trunks
        GET      /trunks/new
        GET      /trunks/new/cancel
        POST     /trunks/undo
        GET      /trunks/<int:trunk_id>/edit
        POST     /trunks/<int:trunk_id>
        GET POST /trunks/<int:trunk_id>/delete
        GET POST /trunks/<int:record_id>/discard
        POST     /recordings/<day>/<key>/listen
        POST     /recordings/<day>/<key>/download
        GET      /recordings/<day>/<key>.wav
        POST     /generation/check
        POST     /warnings/acknowledge
        POST     /first-steps/dismiss
    """,
    (ADMINISTRATOR,): """
        POST     /generation
        POST     /generation/apply
        POST     /generation/<int:number>/restore
        GET POST /generation/discard
        GET POST /generation/hosts/<name>/remove
        GET POST /users/<int:user_id>/second-factor
        POST     /attempts/blocks/<int:block_id>/end
    """,
}
WHO_MAY = {
    (line.split()[-1], method): roles
    for roles, lines in TABLE.items()
    for line in lines.strip().splitlines()
    for method in line.split()[:-1]
}
ADDRESSES = sorted({address for address, _method in WHO_MAY})
# Method, and whether the token is sent.
REQUESTS = (("GET", False), ("POST", True), ("POST", False), ("PUT", True), ("DELETE", True))
TOKENLESS = "/api/agent/"  # programs send a bearer token, no cookie
OUT_OF_DATE = "This page is out of date. Reload it and try again."


def test_each_address_has_a_row(app):
    rules = {(rule.rule, m) for rule in app.url_map.iter_rules() if rule.endpoint != "static" for m in rule.methods}
    assert set(WHO_MAY) == {(address, method) for address, method in rules if method not in ("HEAD", "OPTIONS")}


class Browser:
    """A browser in which somebody with a role has signed in."""

    def __init__(self, app, role):
        self._app, self._role = app, role
        self.sign_in()

    def sign_in(self):
        """Begin a session, and keep its token."""
        self._client = self._app.test_client()
        if self._role != VISITOR:
            user_id = db.session.scalar(db.select(User.id).where(User.role == self._role))
            with self._client.session_transaction() as session:
                session["_user_id"] = sessions.start(user_id, "", "")
        self._token = soup(self._open("GET", "/login", {})).select_one("[name=csrf_token]")["value"]

    def outcome(self, method, address, *, token):
        """Return what a request comes to: login, forbidden, no token, no method or passed."""
        answer = self._open(method, address, {"csrf_token": self._token} if token else {})
        assert answer.status_code < 500
        if (method, address) in (("POST", "/logout"), ("POST", "/sessions/end")):
            self.sign_in()
        text = html.unescape(answer.text)
        if answer.status_code == 302 and answer.location.startswith("/login"):
            return "login"
        if answer.status_code == 403 and any(sentence in text for sentence in REFUSALS.values()):
            return "forbidden"
        if answer.status_code == 400 and OUT_OF_DATE in text:
            return "no token"
        return "no method" if answer.status_code == 405 else "passed"

    def get(self, address):
        """Return a page, parsed; of an address that answers htmx only, its fragment."""
        answer = self._open("GET", address, {})
        if answer.status_code == 302:
            answer = self._open("GET", address, {}, {"HX-Request": "true"})
        return BeautifulSoup(answer.text if answer.mimetype == "text/html" else "", "html.parser")

    def _open(self, method, address, data, headers=None):
        reset_request_globals()
        with self._client.open(address, method=method, data=data, headers=headers) as answer:
            answer.get_data()
            return answer


@pytest.fixture
def records(ctx):
    """Make a user of each role, and the trunk, the route and the generation that the addresses name."""
    for role in (AGENT, AUDITOR, EDITOR):
        make_user(role, role, role)
    make_route(make_trunk(ctx))


def filled(address):
    """Return an address with values for its parameters: users of the id 2 are agents."""
    for name, value in VALUES.items():
        address = re.sub(f"<(int:|path:)?{name}>", value, address)
    assert "<" not in address, "a parameter that these tests do not fill in"
    return address


VALUES = {
    "account_id": "2", "user_id": "2", "record_id": "1", "trunk_id": "1", "route_id": "1", "number": "1",
    "session_id": "999", "block_id": "1", "passkey_id": "1", "day": "2026-11-24", "key": "1-1.1",
    "token": "x", "name": "linphone.xml",
}  # fmt: skip


def expected(role, method, address, *, token):
    roles = WHO_MAY.get((address, method))
    if roles is None:
        return "no method"
    if role not in roles:
        return "login" if role == VISITOR else "forbidden"
    return "passed" if token or method == "GET" or address.startswith(TOKENLESS) else "no token"


@pytest.mark.parametrize("role", [VISITOR, *RIGHTS])
def test_each_address_with_each_method_and_token(app, records, role):
    browser, cases = Browser(app, role), list(product(ADDRESSES, REQUESTS))
    found = {(a, m, token): browser.outcome(m, filled(a), token=token) for a, (m, token) in cases}
    assert found == {(a, m, token): expected(role, m, a, token=token) for a, (m, token) in cases}


# Links of open rows and of pages that they lead to.
ONLY_IN_FORMS = {(f"/{name}", "GET") for name in (
    "accounts/<int:account_id>/row", "accounts/<int:account_id>/phone", "users/<int:user_id>/row",
    "routes/<int:route_id>/row", "trunks/<int:trunk_id>/row",
)}  # fmt: skip
ADDRESS_ATTRIBUTES = {"href": "GET", "hx-get": "GET", "hx-post": "POST", "formaction": "POST"}


def offered(page):
    """Return the addresses of a parsed page with their methods: of links, forms, buttons and what htmx asks for."""
    for element in page.select("[href], [action], [formaction], [hx-get], [hx-post]"):
        for name, method in ADDRESS_ATTRIBUTES.items():
            if address := element.get(name):
                yield address, method
        if action := element.get("action"):
            yield action, element.get("method", "get").upper()


@pytest.fixture
def busy(ctx, records, app):
    """Make what has buttons: pending changes, a number in use, a recording, a call, an unreachable trunk."""
    generations.generate(ctx, WHO)
    leases.acquire(ctx, 2, "202", "")
    accounts.delete(ctx, WHO, 1)
    edit_account(ctx, 2, phone="other")
    trunks.update_trunk(ctx, WHO, 1, 1, replace(TRUNK, port=5070))
    make_recording(ctx)


def offered_to(app, role):
    """Return what all pages that a role may open offer, as addresses of the table with their methods."""
    browser, addresses = Browser(app, role), app.url_map.bind("localhost")
    pages = [filled(address) for address, method in WHO_MAY if method == "GET" and role in WHO_MAY[address, method]]
    pages += [f"/{name}?edit=2&add=1" for name in ("accounts", "users", "trunks", "routes")]
    found = {one for page in pages for one in offered(browser.get(page))}
    paths = {(urlsplit(address).path, method) for address, method in found}
    return {
        (addresses.match(path, method, return_rule=True)[0].rule, method)
        for path, method in paths
        if path not in ("", "/") and not path.startswith("/static/")  # error pages lead to /
    }


def test_pages_offer_all_that_is_allowed_and_nothing_that_would_be_refused(app, busy):
    all_actions = offered_to(app, ADMINISTRATOR)
    assert ("/generation", "POST") in all_actions
    for role, elsewhere in ((EDITOR, set()), (AUDITOR, ONLY_IN_FORMS)):
        expected_actions = {action for action in all_actions - elsewhere if role in WHO_MAY[action]}
        assert offered_to(app, role) == expected_actions


AGENT_INPUT = users.UserInput("A", "agent", AGENT, True, "automatic", "builtin")
ACCOUNT_INPUT = accounts.AccountInput(number=300)


def service(function, *args, **kwargs):
    """Return the name of a service and a call of it, which takes the context and the actor."""
    context = 1 if "ctx" in inspect.signature(function).parameters else 0
    module = function.__module__.rpartition(".")[2]
    return f"{module}.{function.__name__}", lambda ctx, actor: function(*(ctx,) * context, actor, *args, **kwargs)


REFUSED_CALLS = {  # right → what services refuse without it
    Right.EDIT: [
        service(accounts.create, ACCOUNT_INPUT),
        service(accounts.update, 1, 1, ACCOUNT_INPUT),
        service(accounts.set_flag, 1, 1, name="active", value=False),
        service(accounts.undo, Replaced(1, 1, {"level": 1})),
        service(accounts.delete, 1),
        service(bulk_changes.change_accounts, BulkChange(Action.DELETE), {1: 1}),
        service(bulk_changes.undo, [Replaced(1, 1, {"level": 1})]),
        service(accounts.restore_deleted, 1),
        service(account_secrets.renew_secret, 1),
        service(lease_end.release_by_admin, 1),
        service(test_call.call_phone, None),
        service(provisioning.remove, 1),
        service(trunks.create_trunk, TRUNK),
        service(trunks.update_trunk, 1, 1, TRUNK),
        service(trunks.undo, Replaced(1, 1, {"port": 1})),
        service(trunks.delete_trunk, 1),
        service(routes.create_route, ROUTE),
        service(routes.update_route, 1, 1, ROUTE),
        service(routes.undo, Replaced(1, 1, {"level": 1})),
        service(routes.delete_route, 1),
        service(routes.move_route, 1, 1),
        service(discard.discard, 0, ("account", 1)),
        service(warnings.acknowledge, ""),
        service(first_steps.dismiss),
        service(users.add_user, AGENT_INPUT, account=True),
        service(users.update_user, 2, 1, AGENT_INPUT),
        service(users.undo, Replaced(2, 1, {"name": "X"})),
        service(users.set_password, AGENT, AGENT_PASSWORD),
        service(account_addition.add_range, ACCOUNT_INPUT, (300, 301), (300, 301)),
        service(account_addition.undo_addition, 1),
        service(account_import.import_accounts, read_table("number\n300"), "", name="", skip_refused=True),
        service(user_import.import_users, read_table("login\nx"), "", name="", skip_refused=True),
        service(user_import.preview, read_table("login\nx"), ""),
    ],
    Right.SHOW_PASSWORDS: [
        service(account_secrets.reveal, 1),
        service(phone_cards.hand_out, [1]),
        service(provisioning.set_up, 1, "linphone", ""),
        service(provisioning.allow, 1, "192.0.2.7"),
    ],
    Right.LISTEN: [service(recordings.log_access, "2026-11-24", "1-1.1", action="recording.listen")],
    Right.GENERATE: [
        service(generations.generate),
        service(generations.restore, 1),
        service(apply_again.apply_again),
        service(hosts.remove, "pbx"),
        service(discard.discard, 0),
    ],
    Right.ADMINISTER: [
        service(second_factor.reset, 1),
        service(users.create_user, "x", "X", AGENT_PASSWORD, AUDITOR),
        service(users.add_user, replace(AGENT_INPUT, login="x", role=EDITOR), account=False),
        service(users.update_user, 1, 1, AGENT_INPUT),
        service(users.update_user, 2, 1, replace(AGENT_INPUT, role=ADMINISTRATOR)),
        service(users.undo, Replaced(2, 1, {"role": ADMINISTRATOR})),
        service(users.undo, Replaced(4, 1, {"role": AGENT})),
        service(users.set_password, "admin", AGENT_PASSWORD),
        service(blocking.unblock, 1),
    ],
}  # fmt: skip
# What users do with their own sign-in, and what commands do; no role is needed for it.
WITHOUT_RIGHT = {  # some are parts of other services
    "accounts.create_for_user", "audit.record", "audit.record_many", "authentication.change_password",
    "authentication.confirm_password", "users.save_columns",
    "authentication.record_logout", "authentication.set_language", "backup.make_backup", "database_copy.copy_database",
    "first_steps.first_steps",
    "generation_lock.recorded_refusal", "generation_run.try_generation",
    "key_rotation.encrypt_with_first_key", "key_rotation.rotate_keys",
    "lease_end.end_lease", "lease_end.revoke", "leases.end_own", "leases.record_refusal",
    "passkeys.add", "passkeys.add_options",
    "second_factor.record_addition", "second_factor.remove_passkey", "second_factor.remove_totp",
    "second_factor.replace_recovery_codes", "second_factor.reset_by_login", "sign_out.end_all_own", "sign_out.end_own",
    "totp.begin_set_up", "totp.confirm", "totp.get_set_up",
}  # fmt: skip


@pytest.mark.parametrize("role", RIGHTS)
def test_services_check_the_right_again(ctx, records, role):
    entries = len(audit.entries())
    for right, calls in REFUSED_CALLS.items():
        for _name, call in calls if right not in RIGHTS[role] else ():
            with pytest.raises(Forbidden) as refusal:
                call(ctx, Actor(9, "X", role))
            assert refusal.value.message == REFUSALS[right]
    assert len(audit.entries()) == entries


def test_each_service_that_knows_who_acts_is_tried():
    """A new function with an actor needs a line above."""
    tried = {name for calls in REFUSED_CALLS.values() for name, _call in calls}
    assert tried | WITHOUT_RIGHT == {
        f"{path.stem}.{node.name}"
        for path in (ROOT / "sipweb/services").glob("*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        and "actor" in [argument.arg for argument in node.args.args]
    }  # fmt: skip


def signed_in(app, login):
    client = Client(app)
    client.login(login, AGENT_PASSWORD)
    client.get("/account")
    return client


FORM = {"name": "New name", "active": "y", "work_mode": "automatic", "external_phone": "builtin"}


@pytest.mark.parametrize(("user_id", "role"), [(1, ADMINISTRATOR), (3, AUDITOR), (4, EDITOR)])
@pytest.mark.parametrize("change", [{}, {"password": "a new password"}, {"active": ""}, {"role": AGENT}], ids=str)
def test_editor_changes_no_user_with_rights_not_even_their_own(app, records, user_id, role, change):
    editor, values = signed_in(app, EDITOR), FORM | {"login": "new", "role": role} | change
    assert editor.get(f"/users/{user_id}/edit", htmx=True).status_code == 403
    assert soup(editor.get(f"/users?edit={user_id}")).select_one("tbody.edit") is None
    answer = editor.post(f"/users/{user_id}", htmx=True, **{k: v for k, v in values.items() if v})
    assert (answer.status_code, text_of(soup(answer).p)) == (403, "Only an administrator can do this.")
    user = db.session.get_one(User, user_id)
    assert (user.version, user.role, user.active) == (1, role, True)


@pytest.mark.parametrize("role", [AUDITOR, EDITOR, ADMINISTRATOR])
def test_editor_gives_nobody_rights(app, records, role):
    editor = signed_in(app, EDITOR)
    options = soup(editor.get("/users/2/edit", htmx=True)).select("#edit-2-role option")
    assert [option["value"] for option in options] == [AGENT]
    for address in ("/users", "/users/2"):
        answer = editor.post(address, htmx=True, **FORM | {"login": "new", "role": role})
        assert (answer.status_code, "Select an option from the list." in answer.text) == (422, True)
    assert db.session.get_one(User, 2).role == AGENT


def test_editor_undoes_no_change_of_rights(app, admin, records, ctx):
    """The button's signed text of an administrator's page is of no use to an editor."""
    answer = admin.post("/users/2", htmx=True, **FORM | {"login": "agent", "role": AUDITOR})
    undo = soup(answer).select_one("[name=undo]")["value"]
    assert signed_in(app, EDITOR).post("/users/undo", htmx=True, undo=undo).status_code == 403
    assert db.session.get_one(User, 2).role == AUDITOR


def test_editor_adds_and_changes_agents(app, records):
    editor = signed_in(app, EDITOR)
    assert editor.post("/users", htmx=True, **FORM | {"login": "new", "role": AGENT}).status_code == 200
    assert editor.post("/users/2", htmx=True, **FORM | {"login": "agent", "role": AGENT}).status_code == 200


@pytest.mark.parametrize("role", [AGENT, AUDITOR, EDITOR])
def test_last_administrator_keeps_the_role(admin, role):
    answer = admin.post("/users/1", htmx=True, **FORM | {"login": "admin", "role": role})
    assert answer.status_code == 422
    assert "At least one active administrator is required." in answer.text


@on_both_databases
@pytest.mark.parametrize(("role", "reads"), [(AUDITOR, 200), (AGENT, 403)])
def test_another_role_takes_effect_at_once_also_in_an_open_page(app, ctx, records, role, reads):
    make_user("ewa", "Ewa", ADMINISTRATOR)
    ewa = signed_in(app, "ewa")
    assert ewa.get("/accounts").status_code == 200
    edit_user(ctx, 5, role=role)
    answer = ewa.post("/accounts/1/active?value=off&version=1", htmx=True)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (403, "#alert")
    assert text_of(soup(answer).p) == REFUSALS[Right.EDIT]
    assert current_state(ctx).account(1).active
    assert ewa.get("/accounts").status_code == reads
    assert ewa.get("/accounts/updates?seen=1", htmx=True).status_code == reads


def test_agent_who_becomes_an_auditor_loses_the_number(app, ctx, records):
    agent = signed_in(app, AGENT)
    assert agent.post("/agent").status_code == 303
    edit_user(ctx, 2, role=AUDITOR)
    assert current_state(ctx).leases == {}
    assert agent.post("/agent/heartbeat").status_code == 401
    assert agent.get("/agent").status_code == 403
    assert agent.get("/").location == "/accounts"


def test_auditor_gets_no_number_from_the_api_either(ctx, records, call_api):
    status, body = call_api("login", login=AUDITOR, password=AGENT_PASSWORD)
    assert (status, body) == (409, {"error": "Brak wolnego numeru lub numer nieprawidłowy"})
    assert audit.entries()[0].changes == {"reason": [None, "role"]}


def test_unknown_role_has_no_right():
    assert not any(Actor(1, "X", "king").can(right) for right in Right)


def sign_out(client, _ctx):
    client.get("/sessions")
    client.post("/sessions/end")


@pytest.mark.parametrize("role", RIGHTS)
@pytest.mark.parametrize(
    "end",
    [
        sign_out,
        lambda client, _ctx: client.post(
            "/account", old=AGENT_PASSWORD, new="another long password", again="another long password"
        ),
        lambda _client, ctx: edit_user(ctx, 5, active=False),
        lambda _client, ctx: edit_user(ctx, 5, password="another long password"),
        lambda _client, _ctx: users.set_password(WHO, "ewa", "another long password"),
    ],
    ids=["sign-out", "own password", "deactivated", "password", "command"],
)
def test_all_other_browsers_are_signed_out_with_their_next_request(app, ctx, records, role, end):
    make_user("ewa", "Ewa", role)
    here, *others = [signed_in(app, "ewa") for _ in range(3)]
    end(here, ctx)
    for other in others:
        assert other.get("/account").location.startswith("/login")
        assert other.post("/language", language="pl").status_code == 303  # public, but nobody's language is saved
        assert other.post("/sessions/end").location.startswith("/login")
    assert db.session.get_one(User, 5).language is None
