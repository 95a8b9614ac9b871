"""Every place where a user gets a password refuses weak ones; those that exist go on working."""

import pytest

from sipweb.crypto import hash_password
from sipweb.db import transaction
from sipweb.models import User
from sipweb.services import authentication
from sipweb.services.authentication import COMMON_PASSWORDS
from tests.client import Client, soup

COMMON, OWN = "unbelievable", "anna-anna-anna-1"
SENTENCES = {COMMON: "This password is among the most common ones.", OWN: "must not consist of the login, the name"}
ANNA = {
    "name": "Anna Nowak", "login": "anna", "role": "agent", "active": "y", "work_mode": "automatic",
    "external_phone": "builtin",
}  # fmt: skip
weak = pytest.mark.parametrize("password", SENTENCES)


def password_error(response):
    assert response.status_code == 422
    return soup(response).select_one(".err").text


@weak
def test_own_new_password(app, anna, password):
    client = Client(app)
    client.login("anna", "a long password")
    client.get("/account")
    answer = client.post("/account", old="a long password", new=password, again=password)
    assert SENTENCES[password] in password_error(answer)


@weak
def test_user_who_is_added_or_changed(admin, piotr, password):
    assert SENTENCES[password] in password_error(admin.post("/users", **ANNA, password=password))
    assert SENTENCES[password] in password_error(admin.post(f"/users/{piotr}", **ANNA, password=password))
    assert admin.post("/users", **ANNA).status_code == 200  # with a password that is made


@weak
def test_agent_program(call_api, anna, password):
    english = {"Accept-Language": "en"}
    values = {"login": "anna", "password": "a long password", "new_password": password}
    status, answer = call_api("login", headers=english, **values)
    assert (status, SENTENCES[password] in answer["error"]) == (400, True)


@weak
def test_commands(app, anna, password):
    run = app.test_cli_runner().invoke
    for command in (
        ["set-password", "anna"],
        ["create-user", "--login", "anna.n", "--name", "Anna", "--role", "agent"],
    ):
        result = run(args=[*command, "--password-stdin"], input=f"{password}\n")
        assert (result.exit_code, SENTENCES[password] in result.stderr) == (1, True)


def test_weak_password_from_before_goes_on_working(app, anna):
    with transaction() as session:
        session.get_one(User, anna).password_hash = hash_password(COMMON)
    assert Client(app).login("anna", COMMON).location == "/"


def test_list_has_different_passwords_that_no_rule_refuses():
    lines = [line for line in COMMON_PASSWORDS.read_text().splitlines() if not line.startswith("#")]
    assert len(lines) == len(set(lines)) == 2998  # the roles' rule refuses two of the first 3000
    assert all(12 <= len(line) <= 200 and line == line.casefold() for line in lines)
    for line in lines:
        with pytest.raises(authentication.Invalid, match="among the most common"):
            authentication.check_password(line, "admin", "Administrator")
