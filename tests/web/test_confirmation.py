"""What needs a recent sign-in, and how the password is asked for."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from wtforms import PasswordField

from sipweb.db import db
from sipweb.models import AuditEntry, WebSession
from sipweb.services import sessions, sign_out
from sipweb.web.access import recent_sign_in
from sipweb.web.confirmation import SECRET_FIELDS
from sipweb.web.forms import Form
from tests.builders import age_sign_ins, make_trunk
from tests.client import PASSWORD, Client, reset_request_globals, soup

USER = {
    "name": "Anna Nowak", "login": "anna", "role": "agent", "active": "y", "work_mode": "automatic",
    "external_phone": "builtin",
}  # fmt: skip
ACCOUNT = {"number": "300", "phone": "other", "level": "10", "active": "y"}
TRUNK = {
    "name": "Provider", "host": "sip.example.org", "port": "5060", "transport": "udp", "user": "u1", "dtmf": "auto",
    "active": "y",
}  # fmt: skip
NEW_PASSWORD = "another long password"


@pytest.fixture
def trunk(ctx, anna):
    """The trunk that is changed."""
    return make_trunk(ctx)


@pytest.fixture
def late(admin, trunk):
    """A client whose administrator entered the password 6 minutes ago."""
    age_sign_ins()
    return admin


def requests(anna):
    """Return the requests that need a recent sign-in, and what each of them does when it has one."""
    user = f"/users/{anna}"
    return {
        "reveal": ("/accounts/2/secret", {}),
        "add user": ("/users", USER | {"login": "ewa", "name": "Ewa Lis"}),
        "role": (user, USER | {"role": "administrator"}),
        "password": (user, USER | {"password": NEW_PASSWORD}),
        "deactivate": (user, {name: value for name, value in USER.items() if name != "active"}),
        "add account with a password": ("/accounts", ACCOUNT | {"secret": NEW_PASSWORD}),
        "password of an account": ("/accounts/2", ACCOUNT | {"secret": NEW_PASSWORD}),
        "add trunk with a password": ("/trunks", TRUNK | {"name": "Other", "secret": NEW_PASSWORD}),
        "password of a trunk": ("/trunks/1", TRUNK | {"version": "1", "secret": NEW_PASSWORD}),
    }


NAMES = list(requests(0))
actions = pytest.mark.parametrize("name", NAMES)


def audited():
    return [entry.action for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


@actions
def test_needs_no_password_right_after_the_sign_in(admin, anna, trunk, name):
    address, values = requests(anna)[name]
    assert admin.post(address, **values).status_code in (200, 303)


@actions
def test_asks_for_the_password_and_goes_on_with_the_same_request(late, anna, name):
    address, values = requests(anna)[name]
    before = audited()
    answer = late.post(address, **values)
    assert answer.status_code == 401
    assert audited() == before
    form = soup(answer).select_one("main form")
    assert form["action"] == address
    sent = {field["name"]: field["value"] for field in form.select("input[type=hidden]")}
    assert {name: text for name, text in values.items() if name not in SECRET_FIELDS}.items() <= sent.items()
    assert NEW_PASSWORD not in answer.text
    again = [field["name"] for field in form.select("input[type=password]")]
    assert again == ["current_password", *(SECRET_FIELDS & values.keys())]
    answer = late.post(address, **sent | dict.fromkeys(again, NEW_PASSWORD) | {"current_password": PASSWORD})
    assert answer.status_code in (200, 303)
    assert audited()[len(before)] == "session.confirm"
    assert len(audited()) > len(before) + 1
    late.get("/users")
    assert late.post("/accounts/2/secret").status_code == 200  # a confirmation is one for the session


@actions
def test_htmx_asks_in_the_alert_and_leaves_the_page(late, anna, name):
    address, values = requests(anna)[name]
    answer = late.post(address, htmx=True, **values)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (401, "#alert")
    form = soup(answer).form
    assert form["action"] == form["hx-post"] == "/confirm?next=/accounts"
    assert NEW_PASSWORD not in answer.text
    answer = late.post(form["hx-post"], htmx=True, current_password="wrong")
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (422, "#alert")
    assert soup(answer).select_one(".err").text == "The password is incorrect."
    assert late.post(form["hx-post"], htmx=True, current_password=PASSWORD).status_code == 200
    assert late.post(address, htmx=True, **values).status_code == 200


def test_other_edits_need_no_password(late, anna):
    assert late.post(f"/users/{anna}", **USER | {"work_mode": "manual"}).status_code == 303
    assert late.post("/accounts", **ACCOUNT).status_code == 303
    assert late.post("/trunks/1", **TRUNK, version="1").status_code == 303
    assert late.post("/accounts/2/secret/new").status_code == 303  # nobody sees the new password


@pytest.mark.parametrize(("change", "status"), [({"role": "administrator"}, 401), ({"work_mode": "manual"}, 200)])
def test_undo_needs_it_where_the_edit_did(admin, anna, change, status):
    saved = soup(admin.post(f"/users/{anna}", htmx=True, **USER | change))
    undo = saved.select_one("input[name=undo]")["value"]
    age_sign_ins()
    assert admin.post("/users/undo", htmx=True, undo=undo).status_code == status


def test_wrong_password_is_counted_audited_and_logged(late, caplog):
    caplog.set_level("INFO", "sipweb")
    answers = [late.post("/accounts/2/secret", current_password="wrong") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 2
    assert audited()[-6:] == ["session.confirm_failed"] * 5 + ["login.locked.password"]
    assert caplog.text.count("authn_login_fail:admin") == 5
    assert caplog.text.count("authn_login_lock:admin,password") == 1
    assert late.post("/accounts/2/secret", current_password=PASSWORD).status_code == 429
    assert "account.reveal" not in audited()
    other = Client(late._client.application)
    assert other.login().status_code == 303  # elsewhere the same user may sign in


@pytest.mark.parametrize("password", ["", "x" * 201])
def test_password_that_cannot_be_one_is_refused(late, password):
    answer = late.post("/accounts/2/secret", current_password=password)
    assert answer.status_code == 422
    assert "session.confirm_failed" not in audited()


def test_copy_of_the_cookie_ends_with_the_confirmation(app, late):
    cookie = dict(late.get("/accounts").request.headers)["Cookie"]
    late.post("/confirm", current_password=PASSWORD)
    reset_request_globals()
    assert app.test_client().get("/accounts", headers={"Cookie": cookie}).location.startswith("/login")
    assert late.get("/accounts").status_code == 200


def test_form_without_the_token_is_not_asked_to_be_confirmed(late):
    late.token = "wrong"
    answer = late.post("/users", **USER)
    assert answer.status_code == 400
    assert soup(answer).select("input[type=password]") == []


def test_confirmation_returns_to_a_page_of_this_site(late):
    form = soup(late.get("/confirm?next=/users?q=anna")).select_one("main form")
    assert late.post(form["action"], current_password=PASSWORD).location == "/users?q=anna"
    for target in ("//evil.example", "https://evil.example", "/\\evil.example"):
        assert late.post(f"/confirm?next={target}", current_password=PASSWORD).location == "/"


def test_page_that_needs_it_is_shown_after_the_confirmation(app):
    @recent_sign_in
    def codes():
        return ("the codes", {"Content-Type": "text/plain"})

    app.add_url_rule("/codes", view_func=codes)
    late = Client(app)
    late.login()
    age_sign_ins()
    form = soup(late.get("/codes?of=me")).select_one("main form")
    assert late.post(form["action"], current_password=PASSWORD).location == "/codes?of=me"
    assert late.get("/codes?of=me").text == "the codes"


def test_five_minutes_of_a_session(ctx, anna):
    token = sessions.start(anna, "192.0.2.1", "Firefox")
    # -50: another host's clock is fast; -70: the clock was set back
    for past, recent in ((0, True), (299, True), (301, False), (-50, True), (-70, False)):
        age_sign_ins(timedelta(seconds=past))
        assert sessions.is_recent(sessions.load(ctx, token, "")) is recent


def test_new_own_password_counts_as_a_recent_sign_in(late):
    late.get("/account")
    late.post("/account", old=PASSWORD, new=NEW_PASSWORD, again=NEW_PASSWORD)
    late.get("/accounts")
    assert late.post("/accounts/2/secret").status_code == 200


def test_session_that_ended_meanwhile_is_not_revived(app, late, ctx):
    """Its user was deactivated between the check of the session and that of the password."""
    row = db.session.scalar(select(WebSession))
    ended = sessions.load(ctx, sessions.start(row.user_id, "", ""), "")
    sign_out.end_all_own(ctx, ended.actor)
    with pytest.raises(sessions.NotFound):
        sessions.confirm(db.session(), ended.session_id)


def test_every_password_field_is_known_as_a_secret():
    def subclasses(form):
        return {form}.union(*map(subclasses, form.__subclasses__()))

    fields = {
        name
        for form in subclasses(Form)
        for name in dir(form)
        if getattr(getattr(form, name), "field_class", None) is PasswordField
    }
    assert fields == SECRET_FIELDS | {"current_password"}
