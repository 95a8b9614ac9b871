"""A new user, with or without a SIP account of their own."""

import re

from sipweb.db import transaction
from sipweb.models import Account
from sipweb.services import accounts, generations, user_list
from sipweb.services.state import current_state
from tests.builders import AGENT_PASSWORD, WHO
from tests.client import soup
from tests.conftest import on_both_databases
from tests.web.users.values import ANNA


@on_both_databases
def test_user_is_added_with_an_own_account(admin, ctx):
    answer = admin.post("/users", htmx=True, **ANNA, password=AGENT_PASSWORD, account="y")
    assert answer.status_code == 200
    assert answer.headers["HX-Retarget"] == "#add"
    assert "Anna Nowak added. SIP account 220 added." in answer.text
    assert current_state(ctx).accounts[-1].user == "Anna Nowak"
    assert len(current_state(ctx).plan.added) == 1


def test_sign_in_details_are_shown_once_and_can_be_copied(admin, ctx):
    for htmx in (True, False):
        login = f"anna-{htmx}"
        answer = admin.post("/users", htmx=htmx, **ANNA | {"login": login}, account="y")
        assert answer.status_code == 200
        panel = soup(answer).select_one("#sign-in-details")
        name, address, user, password, number = panel.select_one("pre#sign-in-text").text.splitlines()
        assert (name, address) == ("Anna Nowak", "Sign-in page: http://localhost/login")
        assert user == f"Login: {login}"
        assert re.fullmatch(r"Temporary password: [a-zA-Z0-9]{20}", password)
        own = current_state(ctx).accounts[-1].number
        assert number == f"Number: {own}"
        assert f"Anna Nowak will get {own} after the configuration is generated." in panel.text
        assert panel.select_one("a[href='/generation']").text == "Generate configuration"
        assert panel.select_one("[data-copy]")["data-copy"] == "sign-in-text"
        assert password.split()[-1] not in admin.get("/users").text + admin.get("/audit").text


def test_sign_in_details_name_an_automatic_number_or_why_there_is_none(admin):
    answer = admin.post("/users", htmx=True, **ANNA, password=AGENT_PASSWORD)
    panel = soup(answer).select_one("#sign-in-details")
    assert f"Temporary password: {AGENT_PASSWORD}\nNumber: automatic" in panel.pre.text
    assert "Anna Nowak will get an automatic number at sign-in." in panel.text
    assert not panel.select("a[href='/generation']")
    new = ANNA | {"login": "ewa", "name": "Ewa", "work_mode": "manual"}
    panel = soup(admin.post("/users", htmx=True, **new)).select_one("#sign-in-details")
    assert "Ewa would not be assigned a number: Work mode: manual." in panel.text
    assert "Number:" not in panel.pre.text


@on_both_databases
def test_password_of_a_new_user_must_be_changed_at_the_first_sign_in(admin, anonymous):
    admin.post("/users", htmx=True, **ANNA, password=AGENT_PASSWORD)
    anonymous.get("/login")
    assert anonymous.post("/login", login="anna", password=AGENT_PASSWORD).status_code == 303
    assert anonymous.get("/agent").location == "/account"
    anonymous.get("/account")
    anonymous.post("/account", old=AGENT_PASSWORD, new="another password", again="another password")
    assert anonymous.get("/agent").status_code == 200


def test_user_is_not_added_when_the_account_cannot_be(admin, ctx):
    with transaction() as session:
        for number in {*range(100, 1000)} - {*range(200, 220)}:
            session.add(
                Account(number=number, phone="other", active=False, recording=False, level=0, secret="", fingerprint="")
            )
    new = ANNA | {"password": AGENT_PASSWORD, "account": "y"}
    answer = admin.post("/users", htmx=True, **new)
    assert answer.status_code == 422
    assert "All 900 numbers are in use." in soup(answer).select_one("#add-form-account-error").get_text()
    assert [user.login for user in user_list.list_users(ctx)] == ["admin"]
    accounts.delete(ctx, WHO, 20)
    assert "SIP account 219 added." in admin.post("/users", htmx=True, **new).text


def test_short_password_of_a_new_user_is_a_field_error(admin):
    for htmx in (True, False):
        answer = admin.post("/users", htmx=htmx, **ANNA, password="short")
        assert answer.status_code == 422
        field = soup(answer).select_one("#add-form-password")
        assert field["aria-invalid"] == "true"
        assert field["aria-describedby"] == "add-form-password-error add-form-secret-hint"
        assert soup(answer).select_one("#add-form-name")["value"] == "Anna Nowak"


def test_adding_warns_without_blocking_when_the_pool_is_too_small(admin, ctx):
    for account in current_state(ctx).accounts[1:]:
        accounts.delete(ctx, WHO, account.id)
    generations.generate(ctx, WHO, generations.ANY_NUMBER)
    for url in ("/users/new", "/users"):
        assert "do not suffice" not in admin.get(url, htmx=True).text
    assert not soup(admin.get("/users/new", htmx=True)).select_one("#add [name=account]").has_attr("checked")
    assert "do not suffice" not in admin.post("/users", htmx=True, **ANNA, password=AGENT_PASSWORD).text
    form = soup(admin.get("/users/new", htmx=True))
    assert "Not enough automatic accounts for another agent." in form.select_one("#add .warn").get_text()
    assert form.select_one("#add [name=account]").has_attr("checked")
    answer = admin.post("/users", htmx=True, **ANNA | {"login": "ewa", "name": "Ewa"}, password=AGENT_PASSWORD)
    assert "Ewa added. Not enough automatic accounts: 1 more needed if all agents work at once." in answer.text
