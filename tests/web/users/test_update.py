"""Changes of a user, and what they do to accounts, sessions and leases."""

import pytest

from sipweb.services import audit_subjects, generations, leases, users
from sipweb.services.state import current_state
from tests.builders import AGENT_PASSWORD, WHO, edit_account, make_user
from tests.client import soup, text_of
from tests.conftest import on_both_databases
from tests.web.users.values import ANNA


def test_new_password_ends_the_login_throttling(anonymous, ctx, anna):
    for _ in range(7):
        anonymous.post("/login", login="anna", password="wrong password")
    assert anonymous.login("anna", AGENT_PASSWORD).status_code == 429
    users.set_password(WHO, "anna", "another password")
    assert anonymous.login("anna", "another password").status_code == 303


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": ""}, "Enter the full name."),
        ({"name": 'a"b'}, "can't contain"),
        ({"name": "Automat Automat"}, "is reserved for automatic accounts"),
        ({"name": " automat  AUTOMAT"}, "is reserved for automatic accounts"),
        ({"name": "Automat\u00a0Automat"}, "is reserved for automatic accounts"),
        ({"login": "a b"}, "Use only letters, digits"),
        ({"login": "admin"}, "is already in use"),
        ({"role": "king"}, "Select an option from the list."),
        ({"password": "short"}, "at least 12 characters"),
        ({"version": "abc"}, "This page is out of date. Reload it and try again."),
    ],
)
def test_invalid_values_are_field_errors_and_keep_what_is_typed(admin, anna, changes, message):
    answer = admin.post(f"/users/{anna}", htmx=True, **ANNA | {"work_mode": "manual"} | changes)
    assert answer.status_code == 422
    page, [field] = soup(answer), changes
    assert message in page.select_one(f"#edit-{anna}-{field}-error").get_text()
    assert page.select_one(f"#edit-{anna}-work_mode [selected]")["value"] == "manual"
    assert field == "version" or page.select_one(f"#edit-{anna}-{field}")["aria-invalid"] == "true"
    assert admin.post(f"/users/{anna}", **ANNA | changes).status_code == 422


def test_renamed_user_marks_each_owned_account(admin, ctx, anna):
    edit_account(ctx, 1, user_id=anna)
    generations.generate(ctx, WHO)
    answer = admin.post(f"/users/{anna}", htmx=True, **ANNA | {"name": "Anna Kowalska"})
    assert "Anna Kowalska saved." in answer.text
    assert "1 pending change" in soup(answer).select_one("#pending").get_text()
    assert [change.fields[0].new for change in current_state(ctx).plan.changed] == ["Anna Kowalska"]


@on_both_databases
def test_plan_names_who_renamed_and_who_released(admin, ctx, anna):
    edit_account(ctx, 1, user_id=anna)
    leases.acquire(ctx, make_user("piotr", "Piotr Lis"), "201", "")
    generations.generate(ctx, WHO)
    admin.post("/users/2", htmx=True, **ANNA | {"name": "Anna Lis"})
    admin.post("/accounts/2/release", htmx=True)
    authors = audit_subjects.pending_authors(current_state(ctx).plan)
    assert [(authors["account", key].by, authors["account", key].action) for key in (1, 2)] == [
        ("Administrator", "user.edit"), ("Administrator", "lease.revoke"),
    ]  # fmt: skip


def test_conflicting_edits_of_one_user_show_both_values(admin, anna):
    assert admin.post(f"/users/{anna}", htmx=True, **ANNA | {"name": "Anna Kowalska"}).status_code == 200
    answer = admin.post(f"/users/{anna}", htmx=True, **ANNA | {"name": "Anna Lis"})
    assert answer.status_code == 409
    page = soup(answer)
    assert [p.get_text() for p in page.select(".saved-value")] == ["Full name: now saved as Anna Kowalska"]
    assert page.select_one(f"#edit-{anna}-name")["value"] == "Anna Lis"
    assert page.select_one(f"#edit-{anna} [name=version]")["value"] == "2"
    assert "Anna Kowalska was changed by someone else. Your changes were not saved. Last change: " in answer.text
    assert "Last change: Administrator, " in page.select_one("tbody.edit .err").get_text()
    assert admin.post(f"/users/{anna}", htmx=True, **ANNA | {"name": "Anna Lis", "version": "2"}).status_code == 200


def test_last_active_administrator_cannot_be_changed(admin):
    me = ANNA | {"name": "Administrator", "login": "admin", "role": "administrator"}
    for changes in ({"role": "agent"}, {"active": ""}):
        answer = admin.post("/users/1", htmx=True, **me | changes)
        assert answer.status_code == 422
        error = soup(answer).select_one(f"#edit-1-{next(iter(changes))}-error").get_text()
        label = "Role" if "role" in changes else "Active"
        assert error == f"{label}: At least one active administrator is required."
    make_user("second", "Second", "administrator")
    assert admin.post("/users/1", htmx=True, **me | {"name": "First"}).status_code == 200


def test_own_password_is_changed_only_with_the_present_one(admin):
    me = ANNA | {
        "name": "Administrator",
        "login": "admin",
        "role": "administrator",
        "password": "another long password",
    }
    answer = admin.post("/users/1", htmx=True, **me)
    assert answer.status_code == 422
    error = "Password: Your password can't be changed here. Change it with Change password."
    assert error in [text_of(one) for one in soup(answer).select(".err")]
    assert admin.post("/users/1", htmx=True, **me | {"password": ""}).status_code == 200
    admin.post("/logout")
    assert admin.login().status_code == 303  # with the password as before


def test_password_that_an_administrator_sets_must_be_changed_at_the_next_sign_in(admin, anonymous, anna):
    answer = admin.post(f"/users/{anna}", htmx=True, **ANNA | {"password": "another long password"})
    assert "Anna Nowak saved. The new password must be changed at the next sign-in." in answer.text
    anonymous.get("/login")
    assert anonymous.post("/login", login="anna", password="another long password").status_code == 303
    assert anonymous.get("/agent").location == "/account"


def test_saving_without_a_password_keeps_the_duty_to_change_it(admin, call_api):
    ewa = make_user("ewa", "Ewa", must_change=True)
    admin.post(f"/users/{ewa}", htmx=True, **ANNA | {"login": "ewa", "name": "Ewa Lis"})
    assert call_api("login", login="ewa", password=AGENT_PASSWORD)[0] == 403


def test_deactivated_user_cannot_log_in_and_keeps_the_accounts(admin, anonymous, ctx, anna):
    edit_account(ctx, 1, user_id=anna)
    assert admin.post(f"/users/{anna}", **ANNA | {"active": ""}).status_code == 303
    assert anonymous.login("anna", AGENT_PASSWORD).status_code == 422
    assert current_state(ctx).accounts[0].user_id == anna


@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize("phone", ["builtin", "other"])
def test_deactivating_a_leasing_agent_warns_about_the_old_password(admin, ctx, anna, phone, htmx):
    edit_account(ctx, 1, phone=phone)
    generations.generate(ctx, WHO)
    leases.acquire(ctx, anna, "200", "")
    answer = admin.post(f"/users/{anna}", htmx=htmx, **ANNA | {"active": ""})
    text = answer.text if htmx else admin.get("/users").text
    assert "Anna Nowak saved. 200 released." in text
    assert ("keep registering with the old password" in text) == (phone == "builtin")
    assert ("1 pending change" in text) == (phone == "builtin")


def test_search_is_kept_without_javascript(admin):
    anna = make_user("anna", "Anna Kowalska")
    page = soup(admin.get(f"/users?q=kowal&edit={anna}"))
    form = page.select_one(f"form#edit-{anna}")
    refused = admin.post(form["action"], **ANNA | {"name": ""})
    assert refused.status_code == 422
    assert soup(refused).select_one(f"form#edit-{anna}")["action"] == form["action"]
    saved = admin.post(form["action"], **ANNA)
    assert saved.location == f"/users?q=kowal#user-{anna}"
    undo = soup(admin.get("/users?q=kowal")).select_one("#announce .message form")
    undone = admin.post(undo["action"], undo=undo.select_one("[name=undo]")["value"])
    assert undone.location == f"/users?q=kowal#user-{anna}"
    assert page.select_one(f"#edit-{anna}-cancel")["href"] == f"/users?q=kowal#user-{anna}"
