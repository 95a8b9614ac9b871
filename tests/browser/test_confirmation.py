"""The password is asked for again where the page is, and what was typed there is kept."""

import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import check_accessibility, login, open_page
from tests.client import PASSWORD


@pytest.fixture
def sign_in(browser, address, instance):
    """Return a function that signs in, and then lets 6 minutes pass."""

    def open_late(**options):
        page = open_page(browser, address, **options)
        login(page)
        with closing(sqlite3.connect(instance / "sipweb.db")) as database, database:
            database.execute("UPDATE web_session SET confirmed_at = datetime(confirmed_at, '-6 minutes')")
        return page

    return open_late


def test_password_is_entered_in_the_alert_and_the_button_needs_no_second_click(sign_in):
    page = sign_in()
    page.goto("/accounts")
    page.get_by_role("link", name="Edit 203").click()
    with page.expect_response("**/allowed-routes*"):
        page.locator("#edit-4-level").fill("23")
    expect(page.locator(".htmx-request")).to_have_count(0)  # which dims the field
    page.get_by_role("button", name="Show password").click()
    question = page.get_by_role("alert").get_by_label("Enter your password to continue:")
    expect(question).to_be_focused()
    check_accessibility(page)
    question.fill("wrong")
    question.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("The password is incorrect.")
    expect(question).to_be_focused()
    expect(question).to_have_value("")
    question.fill(PASSWORD)
    question.press("Enter")
    expect(page.locator("#secret-4")).to_be_visible()
    expect(page.get_by_role("alert")).to_be_empty()
    expect(page.locator("#edit-4-level")).to_have_value("23")


def test_new_user_is_saved_as_it_was_typed(sign_in):
    page = sign_in()
    page.goto("/users?add=1")
    page.get_by_label("Full name").fill("Anna Nowak")
    page.get_by_label("Login", exact=True).fill("anna")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("alert").get_by_label("Enter your password to continue:").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("status")).to_contain_text("Anna Nowak added.")
    expect(page.get_by_role("alert")).to_be_empty()
    expect(page.locator("#user-2")).to_contain_text("anna")


def test_row_that_was_closed_meanwhile_is_not_saved(sign_in):
    page = sign_in()
    page.goto("/users?edit=1")
    page.locator("#edit-1-password").fill("another long password")
    page.get_by_role("button", name="Save").click()
    question = page.get_by_role("alert").get_by_label("Enter your password to continue:")
    expect(question).to_be_focused()
    page.evaluate("document.querySelector('tbody.edit').remove()")
    question.fill(PASSWORD)
    question.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Password confirmed. Try again now.")


def test_without_javascript_a_page_asks(sign_in):
    page = sign_in(java_script_enabled=False)
    page.goto("/users?add=1")
    page.get_by_label("Full name").fill("Anna Nowak")
    page.get_by_label("Login", exact=True).fill("anna")
    page.locator("#add-form-password").fill("another long password")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Confirm your password")).to_be_visible()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_label("Password from the form that you sent").fill("another long password")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="User added")).to_be_visible()
