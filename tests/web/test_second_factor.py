"""Two-step sign-in over HTTP, without JavaScript: its second step, the page where it is set up, and who must do so."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sipweb import create_app
from sipweb.db import db, transaction
from sipweb.models import Totp, User, WebSession
from sipweb.services import audit, passkeys, second_factor
from sipweb.services.context import Actor, utc_now
from sipweb.web.auth import PENDING_SIGN_IN
from tests.builders import AGENT_PASSWORD, add_totp, age_sign_ins, code_of, make_user
from tests.client import PASSWORD, Client, reset_request_globals, soup, text_of

STEP = "/login/second-factor"
PAGE = "/account/second-factor"


@pytest.fixture
def admin_id(app):
    return db.session.scalar(db.select(User.id).where(User.login == "admin"))


@pytest.fixture
def secured(ctx, admin_id):
    """The key of the administrator's app, and the recovery codes."""
    return add_totp(ctx, admin_id)


@pytest.fixture
def pending(app, secured):
    """A browser in which the administrator has given the password."""
    client = Client(app)
    client.get("/login")
    answer = client.post("/login?next=/users", login="admin", password=PASSWORD)
    assert (answer.status_code, answer.location) == (303, f"{STEP}?next=/users")
    client.get(answer.location)
    return client


@pytest.fixture
def strict(app):
    """The application with REQUIRE_TWO_FACTOR=yes."""
    strict = create_app(replace(app.config["SETTINGS"], require_two_factor=True))
    strict.testing = True
    return strict


def set_up(client):
    """Set up an app by the page; return its key and the page with the recovery codes."""
    client.get(PAGE)
    assert client.post(f"{PAGE}/totp/new").location == f"{PAGE}/totp"
    key = soup(client.get(f"{PAGE}/totp")).select_one("#totp-key").text
    return key, client.post(f"{PAGE}/totp", code=code_of(key))


def test_password_alone_gives_access_to_no_page(pending):
    assert pending.get("/accounts").status_code == 302
    assert pending._client.get_cookie("device") is None


def test_code_completes_the_sign_in_and_leads_to_the_page_that_was_asked_for(pending, secured):
    key, _codes = secured
    form = soup(pending.get(f"{STEP}?next=/users")).select_one("form[action^='/login/second-factor']")
    field = form.select_one("[name=code]")
    assert (field["autocomplete"], field["inputmode"]) == ("one-time-code", "numeric")
    assert not form.select("[type=password]")
    answer = pending.post(form["action"], code=code_of(key, later=1))
    assert (answer.status_code, answer.location) == (303, "/users")
    assert pending.get("/users").status_code == 200
    assert pending._client.get_cookie("device")
    assert pending.get(STEP).location == "/"  # who returns here is signed in


@pytest.mark.parametrize("language", ["en", "pl"])
def test_wrong_code_says_only_that_and_no_session_begins(pending, language):
    pending.post("/language", language=language)
    for name, value in (("code", "000000"), ("recovery_code", "aaaa-bbbb-cccc-dddd"), ("code", "x" * 200)):
        answer = pending.post(STEP, **{name: value})
        error = {"en": "Incorrect code.", "pl": "Nieprawidłowy kod."}[language]
        assert (answer.status_code, soup(answer).select_one(f"#{name}-error").text) == (422, error)
    for values in ({"code": ""}, {"code": "1" * 201}, {}):
        assert pending.post(STEP, **values).status_code == 422
    assert pending.get("/accounts").status_code == 302


def test_recovery_code_signs_in_and_the_rest_is_counted(pending, secured):
    _key, codes = secured
    assert pending.post(STEP, recovery_code=codes[3]).location == "/"
    assert "You have 9 recovery codes left." in pending.get("/accounts").text


def test_too_many_codes_must_wait(pending):
    answers = [pending.post(STEP, code="000000") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 2
    assert "Too many attempts." in answers[-1].text


@pytest.mark.parametrize("change", ["old", "other epoch", "malformed", "none"])
def test_expired_sign_in_begins_again(pending, secured, admin_id, change):
    with pending._client.session_transaction() as cookie:
        user_id, epoch, started_at = cookie.pop(PENDING_SIGN_IN)
        if change != "none":
            cookie[PENDING_SIGN_IN] = {
                "old": (user_id, epoch, started_at - 301), "other epoch": (user_id, epoch + 1, started_at),
                "malformed": (user_id,),
            }[change]  # fmt: skip
    answer = pending.post(f"{STEP}?next=/users", code=code_of(secured[0], later=1))
    assert (answer.status_code, answer.location) == (303, "/login?next=/users")
    assert "The sign-in took too long." in pending.get("/login").text
    assert pending.get("/accounts").status_code == 302


def test_expired_sign_in_gets_no_options(pending, secured):
    with pending._client.session_transaction() as cookie:
        cookie.pop(PENDING_SIGN_IN)
    assert pending.post(f"{STEP}/options").status_code == 400


def test_changed_cookie_is_none(app, anonymous):
    anonymous._client.set_cookie("session", "eyJwZW5kaW5nX3NpZ25faW4iOlsxLDAsMF19.aSfw1A.x")
    assert anonymous.get(STEP).location.startswith("/login")


def test_second_step_leads_to_no_other_site(pending, secured):
    assert pending.post(f"{STEP}?next=https://evil.example", code=code_of(secured[0], later=1)).location == "/"


def test_sign_in_of_another_user_replaces_the_session_only_when_it_is_complete(app, ctx, anna, admin):
    key, _codes = add_totp(ctx, anna)
    admin.get("/login")
    admin.post("/login", login="anna", password=AGENT_PASSWORD)
    assert admin.get("/accounts").status_code == 200
    admin.get(STEP)
    assert admin.post(STEP, code=code_of(key, later=1)).status_code == 303
    assert admin.get("/accounts").status_code == 403


def test_app_is_set_up_without_javascript(admin):
    page = soup(admin.get(PAGE))
    assert page.select_one("a[href='/account/second-factor']") is None
    assert soup(admin.get("/account")).select_one(f"a[href='{PAGE}']")
    key, answer = set_up(admin)
    codes = soup(answer).select_one("#recovery-codes").text.split("\n")
    assert (answer.status_code, len(codes)) == (200, 10)
    text = text_of(soup(admin.get(PAGE)).main)
    assert "On." in text
    assert "10 codes are left." in text
    assert codes[0] not in text
    assert key not in text
    assert admin.get(f"{PAGE}/totp").location == PAGE  # the key is shown only during the set-up


def test_wrong_code_leaves_the_set_up_as_it_is(admin):
    admin.get(PAGE)
    admin.post(f"{PAGE}/totp/new")
    key = soup(admin.get(f"{PAGE}/totp")).select_one("#totp-key").text
    for code in ("000000", ""):
        answer = admin.post(f"{PAGE}/totp", code=code)
        assert (answer.status_code, soup(answer).select_one("#totp-key").text) == (422, key)
        assert soup(answer).select_one("#code-error")
    assert "Off." in admin.get(PAGE).text


def test_pages_with_secrets_are_neither_stored_nor_compressed(admin):
    admin.get(PAGE)
    admin.post(f"{PAGE}/totp/new")
    admin.get(f"{PAGE}/totp")
    key = soup(admin.get(f"{PAGE}/totp")).select_one("#totp-key").text
    with admin._client as client:
        reset_request_globals()
        shown = client.get(f"{PAGE}/totp", headers={"Accept-Encoding": "gzip, br, zstd"})
    codes = admin.post(f"{PAGE}/totp", code=code_of(key))
    new_codes = admin.post(f"{PAGE}/recovery-codes")
    for answer in (shown, codes, new_codes):
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Content-Encoding" not in answer.headers
    assert soup(codes).select_one("#recovery-codes").text != soup(new_codes).select_one("#recovery-codes").text


def test_other_sessions_end_when_a_second_factor_comes_or_goes(app, admin):
    def sign_in(key=None):
        client = Client(app)
        client.login()
        if key:
            with transaction() as session:
                session.query(Totp).update({"last_step": 0})
            client.get(STEP)
            assert client.post(STEP, code=code_of(key)).status_code == 303
        return client

    other = sign_in()
    key, _codes = set_up(admin)
    assert (other.get("/accounts").status_code, admin.get("/accounts").status_code) == (302, 200)
    other = sign_in(key)
    assert other.get("/accounts").status_code == 200
    admin.get(PAGE)
    assert admin.post(f"{PAGE}/totp/remove").location == PAGE
    assert (other.get("/accounts").status_code, admin.get("/accounts").status_code) == (302, 200)
    assert [entry.action for entry in audit.entries()][:1] == ["second_factor.remove"]
    assert admin.post(f"{PAGE}/totp/remove").status_code == 404


def test_actions_without_a_second_factor_are_refused_with_a_sentence(admin, secured):
    admin.login()
    admin.get(STEP)
    admin.post(STEP, code=code_of(secured[0], later=1))
    admin.get(PAGE)
    assert admin.post(f"{PAGE}/totp/new").status_code == 409  # there is an app
    assert admin.post(f"{PAGE}/passkeys/7/remove").status_code == 404
    admin.post(f"{PAGE}/totp/remove")
    assert admin.post(f"{PAGE}/recovery-codes").status_code == 409
    assert admin.post(f"{PAGE}/totp", code="123456").location == PAGE


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("http://192.0.2.7", "not by an IP address"), ("https://[2001:db8::1]", "not by an IP address"),
        ("http://127.0.0.1:8000", "not by an IP address"), ("http://pbx.example.org", "over HTTPS only"),
        ("https://pbx.example.org", ""), ("http://localhost:8000", ""), ("http://pbx.localhost", ""),
    ],
)  # fmt: skip
def test_passkeys_are_offered_where_browsers_have_them_and_elsewhere_the_page_says_why(app, admin, address, problem):
    cookie = f"session={admin._client.get_cookie('session').value}"
    reset_request_globals()
    page = soup(app.test_client(use_cookies=False).get(PAGE, base_url=address, headers={"Cookie": cookie}))
    assert problem in text_of(page.main)
    assert len(page.select("form[data-passkey][hidden]")) == (not problem)


def test_passkey_needs_an_answer_of_the_browser_and_a_name(admin):
    admin.get(PAGE)
    answer = admin.post(f"{PAGE}/passkeys", name="Key", credential="{}")
    assert (answer.status_code, soup(answer).select_one("#name-error").text) == (
        422,
        "The passkey could not be added. Try again.",
    )
    assert soup(admin.post(f"{PAGE}/passkeys", name="", credential="{}")).select_one("#name-error").text == (
        "Enter a name."
    )
    options = admin.post(f"{PAGE}/passkeys/options").json
    assert options["rp"] == {"name": "sipweb", "id": "localhost"}
    assert options["user"]["name"] == "admin"


def test_user_without_a_second_factor_for_this_address_learns_what_is_possible(app, ctx, admin_id, pending):
    second_factor.remove_totp(Actor(admin_id, ""))
    with transaction() as session:
        session.add(
            passkeys.Passkey(
                user_id=admin_id, name="Key", rp_id="pbx.example.org", credential_id="x", public_key="x", sign_count=0,
                created_at=passkeys.utc_now(),
            )
        )  # fmt: skip
    client = Client(app)
    client.login()
    page = soup(client.get(STEP))
    assert "Your passkey for pbx.example.org doesn't work at this address." in text_of(page.main)
    assert page.select_one("details[open] [name=recovery_code]")
    assert not page.select("[name=code], form[data-passkey]")


def test_administrator_removes_the_second_factor_of_a_user(ctx, app, admin, anna):
    add_totp(ctx, anna)
    link = soup(admin.get(f"/users?edit={anna}")).select_one(f"a[href='/users/{anna}/second-factor']")
    assert "Remove" in link.text
    question = soup(admin.get(link["href"]))
    assert "Anna Nowak" in question.h1.text
    assert admin.post(link["href"]).location == f"/users#user-{anna}"
    assert not soup(admin.get(f"/users?edit={anna}")).select_one(f"a[href='/users/{anna}/second-factor']")
    assert "has no second factor" in admin.get(link["href"]).text
    assert admin.post(link["href"]).status_code == 404
    assert admin.post("/users/999/second-factor").status_code == 404
    client = Client(app)
    assert client.login("anna", AGENT_PASSWORD).location == "/"
    entry = next(entry for entry in audit.entries() if entry.action == "second_factor.reset")
    assert (entry.by, entry.subject) == ("Administrator", "anna")


def test_second_factors_are_changed_only_after_a_recent_sign_in(ctx, admin, anna):
    add_totp(ctx, anna)
    admin.get(PAGE)
    age_sign_ins()
    for url in (PAGE, f"/users/{anna}/second-factor"):
        answer = admin.get(url)
        assert (answer.status_code, bool(soup(answer).select_one("[name=current_password]"))) == (401, True), url
    for name in ("totp/new", "totp/remove", "passkeys/options", "passkeys", "passkeys/1/remove", "recovery-codes"):
        assert admin.post(f"{PAGE}/{name}").status_code == 401, name
    assert admin.post(f"/users/{anna}/second-factor").status_code == 401
    assert admin.post(f"{PAGE}/totp/new", current_password=PASSWORD).location == f"{PAGE}/totp"
    assert admin.get(f"{PAGE}/totp").status_code == 200


def test_new_second_factor_is_no_new_sign_in(admin):
    admin.get(PAGE)
    age_sign_ins(timedelta(minutes=4))
    set_up(admin)
    before = db.session.scalar(db.select(WebSession.confirmed_at))
    assert utc_now() - before > timedelta(minutes=3)


def test_required_second_factor_comes_before_everything_else(strict):
    admin = Client(strict)
    admin.get("/login")
    admin.post("/login", login="admin", password=PASSWORD)
    for url in ("/", "/accounts", "/agent", "/account", "/sessions"):
        assert admin.get(url).location == PAGE, url
    fragment = admin.get("/accounts/1/edit", htmx=True)
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (401, PAGE)
    page = soup(admin.get(PAGE))
    assert "Two-step sign-in is required." in text_of(page.main)
    assert not page.select("#pending, #warnings")
    assert admin.post("/language", language="pl").status_code == 303
    assert "jest wymagane" in admin.get(PAGE).text
    admin.post("/language", language="en")
    admin.get(PAGE)
    set_up(admin)
    assert admin.get("/accounts").status_code == 200
    admin.get(PAGE)
    admin.post(f"{PAGE}/totp/remove")
    assert admin.get("/accounts").location == PAGE
    admin.get(PAGE)
    assert admin.post("/logout").status_code == 303


def test_required_second_factor_comes_after_a_new_password(strict, app):
    make_user("ewa", "Ewa Nowak", "administrator", must_change=True)
    ewa = Client(strict)
    ewa.login("ewa", AGENT_PASSWORD)
    assert ewa.get(PAGE).location == "/account"
    ewa.get("/account")
    new = "another long password"
    ewa.post("/account", old=AGENT_PASSWORD, new=new, again=new)
    assert ewa.get("/accounts").location == PAGE


def test_agents_need_no_second_factor(strict, anna):
    agent = Client(strict)
    agent.login("anna", AGENT_PASSWORD)
    assert agent.get("/agent").status_code == 200


def test_agents_program_sends_the_code(call_api, ctx, anna):
    assert call_api("login", login="anna", password=AGENT_PASSWORD)[0] == 200
    key, codes = add_totp(ctx, anna)
    credentials = {"login": "anna", "password": AGENT_PASSWORD}
    status, body = call_api("login", **credentials)
    assert (status, body) == (403, {"error": "Wymagany jest też kod logowania dwuetapowego: pole „code”."})
    status, body = call_api("login", **credentials, code="000000", headers={"Accept-Language": "en"})
    assert (status, body) == (401, {"error": "Incorrect code."})
    assert call_api("login", login="anna", password="wrong", code=codes[0])[0] == 401
    for code in (code_of(key, later=1), codes[0]):
        assert call_api("login", **credentials, code=code)[0] == 200
    assert call_api("login", **credentials, code=codes[0])[0] == 401


def test_audit_log_names_the_second_factor(admin, pending, secured):
    pending.post(STEP, code="000000")
    pending.post(STEP, code=code_of(secured[0], later=1))
    text = text_of(soup(pending.get("/audit")).main)
    for words in ("Sign-in failed: wrong second factor", "Second factor: authenticator app", "Second factor added"):
        assert words in text
