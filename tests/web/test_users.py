"""The users' page: the same ladder as the accounts', and who may not be lost."""

import re

import pytest

from sipweb.db import transaction
from sipweb.models import Account
from sipweb.services import accounts, agents, audit, generations, users
from sipweb.services.site import Actor
from sipweb.services.state import state
from tests.conftest import on_both

WHO = Actor(None, "test")
PASSWORD = "a long password"
ANNA = {
    "name": "Anna Nowak", "login": "anna", "role": "agent", "active": "y", "work_mode": "automatic",
    "external_phone": "builtin", "version": "1",
}  # fmt: skip


@pytest.fixture
def anna(app):
    """An agent's id."""
    return users.create_user(WHO, "anna", "Anna Nowak", PASSWORD, "agent")


def test_the_list_shows_everybody_with_their_accounts_and_no_password(admin, site, anna):
    accounts.change(site, WHO, 1, 1, accounts.Draft(200, anna, "builtin", True, False, 10))
    page = admin.get("/users").text
    assert "Anna Nowak" in page
    assert "<td>200</td>" in page
    assert "argon2" not in page


@on_both
def test_a_user_is_added_with_an_account_of_their_own(admin, site):
    answer = admin.post("/users", htmx=True, **ANNA, password=PASSWORD, account="y")
    assert answer.status_code == 200
    assert "Anna Nowak was added. SIP account 220 was added." in answer.text
    assert state(site).accounts[-1].user == "Anna Nowak"
    assert len(state(site).plan.added) == 1


def test_a_user_whose_account_cannot_be_made_is_not_added_either(admin, site):
    with transaction() as session:
        for number in {*range(100, 1000)} - {*range(200, 220)}:
            session.add(
                Account(number=number, phone="other", active=False, recording=False, level=0, secret="", fingerprint="")
            )
    new = ANNA | {"password": PASSWORD, "account": "y"}
    answer = admin.post("/users", htmx=True, **new)
    assert answer.status_code == 422
    assert "All 900 numbers are taken." in answer.text
    assert [user.login for user in users.listed(site)] == ["admin"]
    accounts.delete(site, WHO, 20)
    assert "SIP account 219 was added." in admin.post("/users", htmx=True, **new).text


def test_a_new_password_lets_in_who_guessed_too_often(stranger, site, anna):
    for _ in range(7):
        stranger.post("/login", login="anna", password="wrong password")
    assert stranger.login("anna", PASSWORD).status_code == 429
    users.set_password(WHO, "anna", "another password")
    assert stranger.login("anna", "another password").status_code == 303


def test_adding_warns_without_blocking_when_accounts_do_not_suffice(admin, site):
    for account in state(site).accounts[1:]:
        accounts.delete(site, WHO, account.id)
    generations.generate(site, WHO)
    for url in ("/users/new", "/users"):
        assert "do not suffice" not in admin.get(url, htmx=True).text
    assert "do not suffice" not in admin.post("/users", htmx=True, **ANNA, password=PASSWORD).text
    form = admin.get("/users/new", htmx=True).text
    assert "Automatic accounts do not suffice for one agent more." in form
    assert 'name="account" value="y" checked' in form
    answer = admin.post("/users", htmx=True, **ANNA | {"login": "ewa", "name": "Ewa"}, password=PASSWORD)
    assert "Ewa was added. Automatic accounts do not suffice: 1 more would be needed." in answer.text


def summary(text):
    """The headline of the page, or of an answer that renews it, without markup."""
    found = re.search(r'<p class="sum" id="summary">(.*?)</p>', text)[1]
    return re.sub(r"<.*?>", "", found)


def test_the_headline_counts_and_warns_anew_after_every_change(admin, site):
    for account in state(site).accounts:
        accounts.delete(site, WHO, account.id)
    generations.generate(site, WHO)
    short = "2 users · Automatic accounts do not suffice: 1 more would be needed."
    assert summary(admin.get("/users").text) == "1 user"
    assert summary(admin.post("/users", htmx=True, **ANNA, password=PASSWORD).text) == short
    assert summary(admin.get("/users").text) == short
    assert summary(admin.post("/users/2", htmx=True, **ANNA | {"active": ""}).text) == "2 users"


def test_an_own_account_counts_while_it_is_active_and_for_its_owner_only(site, anna):
    for account in state(site).accounts[2:]:
        accounts.delete(site, WHO, account.id)
    generations.generate(site, WHO)
    for name in ("ewa", "piotr"):
        users.create_user(WHO, name, name, PASSWORD, "agent")
    assert users.shortage(state(site)) == 1
    accounts.change(site, WHO, 1, 1, accounts.Draft(200, anna, "builtin", True, False, 10))
    assert users.shortage(state(site)) == 1  # the one that is Anna's now is nobody else's
    accounts.switch(site, WHO, 1, 2, name="active", value=False)
    generations.generate(site, WHO)
    assert users.shortage(state(site)) == 2
    accounts.switch(site, WHO, 1, 3, name="active", value=True)
    assert users.shortage(state(site)) == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "Enter a name."),
        ({"name": 'a"b'}, "cannot contain"),
        ({"name": "Automat Automat"}, "belongs to the automatic accounts"),
        ({"name": " automat  AUTOMAT"}, "belongs to the automatic accounts"),
        ({"name": "Automat\u00a0Automat"}, "belongs to the automatic accounts"),
        ({"login": "a b"}, "A login consists of"),
        ({"login": "admin"}, "is taken already"),
        ({"role": "king"}, "Choose one of the list."),
        ({"password": "short"}, "at least 12 characters"),
        ({"version": "abc"}, "This page was too old. Reload it and try again."),
    ],
)
def test_what_cannot_be_is_said_under_its_field_and_nothing_is_lost(admin, anna, changes, sentence):
    answer = admin.post(f"/users/{anna}", htmx=True, **ANNA | {"work_mode": "manual"} | changes)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert '<option value="manual" selected>' in answer.text
    assert admin.post(f"/users/{anna}", **ANNA | changes).status_code == 422


def test_a_renamed_user_marks_each_owned_account(admin, site, anna):
    accounts.change(site, WHO, 1, 1, accounts.Draft(200, anna, "builtin", True, False, 10))
    generations.generate(site, WHO)
    answer = admin.post(f"/users/{anna}", htmx=True, **ANNA | {"name": "Anna Kowalska"})
    assert "Anna Kowalska was saved." in answer.text
    assert "1 change is not on the PBX yet." in answer.text
    assert [change.fields[0].new for change in state(site).plan.changed] == ["Anna Kowalska"]


@on_both
def test_the_plan_says_who_renamed_and_who_took_the_number_back(admin, site, anna):
    accounts.change(site, WHO, 1, 1, accounts.Draft(200, anna, "builtin", True, False, 10))
    agents.enter(site, users.create_user(WHO, "piotr", "Piotr Lis", PASSWORD, "agent"), "201", "")
    generations.generate(site, WHO)
    admin.post("/users/2", htmx=True, **ANNA | {"name": "Anna Lis"})
    admin.post("/accounts/2/release", htmx=True)
    found = audit.authors(state(site).plan)
    assert [(found["account", key].by, found["account", key].action) for key in (1, 2)] == [
        ("Administrator", "user.edit"), ("Administrator", "agent.release"),
    ]  # fmt: skip


def test_two_administrators_on_one_user_see_both_values(admin, anna):
    assert admin.post(f"/users/{anna}", htmx=True, **ANNA | {"name": "Anna Kowalska"}).status_code == 200
    answer = admin.post(f"/users/{anna}", htmx=True, **ANNA | {"name": "Anna Lis"})
    assert answer.status_code == 409
    assert "Saved meanwhile: Anna Kowalska" in answer.text
    assert 'value="Anna Lis"' in answer.text
    assert admin.post(f"/users/{anna}", htmx=True, **ANNA | {"name": "Anna Lis", "version": "2"}).status_code == 200


def test_the_last_active_administrator_stays_one(admin):
    me = ANNA | {"name": "Administrator", "login": "admin", "role": "administrator"}
    for changes in ({"role": "agent"}, {"active": ""}):
        answer = admin.post("/users/1", htmx=True, **me | changes)
        assert answer.status_code == 422
        field = "Role" if "role" in changes else "Active"
        assert f"{field}: This is the last active administrator." in answer.text
    users.create_user(WHO, "second", "Second", PASSWORD, "administrator")
    assert admin.post("/users/1", htmx=True, **me | {"name": "First"}).status_code == 200


def test_an_administrator_who_sets_the_own_password_here_stays_logged_in(admin):
    me = ANNA | {
        "name": "Administrator",
        "login": "admin",
        "role": "administrator",
        "password": "another long password",
    }
    assert admin.post("/users/1", htmx=True, **me).status_code == 200
    assert admin.get("/users").status_code == 200


def test_a_deactivated_user_cannot_log_in_and_keeps_the_accounts(admin, stranger, site, anna):
    accounts.change(site, WHO, 1, 1, accounts.Draft(200, anna, "builtin", True, False, 10))
    assert admin.post(f"/users/{anna}", **ANNA | {"active": ""}).status_code == 303
    assert stranger.login("anna", PASSWORD).status_code == 422
    assert state(site).accounts[0].user_id == anna


@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize("phone", ["builtin", "other"])
def test_who_deactivates_an_agent_at_work_is_told_how_long_the_old_password_works(admin, site, anna, phone, htmx):
    accounts.change(site, WHO, 1, 1, accounts.Draft(200, None, phone, True, False, 10))
    generations.generate(site, WHO)
    agents.enter(site, anna, "200", "")
    answer = admin.post(f"/users/{anna}", htmx=htmx, **ANNA | {"active": ""})
    text = answer.text if htmx else admin.get("/users").text
    assert "Anna Nowak was saved. 200 is free again." in text
    assert ("works until the next generation" in text) == (phone == "builtin")
    assert ("1 change is not on the PBX yet." in text) == (phone == "builtin")


def test_without_htmx_and_with_a_missing_user_the_answers_are_pages(admin, anna):
    assert admin.get(f"/users/{anna}/edit").location == f"/users?edit={anna}#user-{anna}"
    assert admin.get(f"/users?edit={anna}").status_code == 200
    assert admin.get("/users?add=1").status_code == 200
    assert admin.post("/users/99", htmx=True, **ANNA).status_code == 404
    assert admin.get("/users/99/row", htmx=True).status_code == 404
