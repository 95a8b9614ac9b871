"""The users' list in Chromium, against the real server and a real Asterisk."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import check_accessibility, login, open_page


def test_user_is_added_and_changed_in_place_by_keyboard(page):
    page.goto("/users")
    page.get_by_role("link", name="Add user").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#add-form-name")).to_be_focused()
    page.locator("#add-form-name").fill("Anna Nowak")
    page.locator("#add-form-login").fill("anna")
    page.locator("#add-form-password").fill("short")
    page.keyboard.press("Enter")
    expect(page.locator("#add .err")).to_contain_text("Use at least 12 characters.")
    page.locator("#add-form-password").fill("long enough, is it")
    page.get_by_label("Create a SIP account for this user").check()
    page.locator("#add-form-password").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Anna Nowak added. SIP account 220 added.")
    expect(page.get_by_role("region", name="Pending changes")).to_contain_text("1 pending change")
    expect(page.get_by_role("button", name="Copy sign-in details")).to_be_focused()
    page.keyboard.press("Enter")
    assert "Temporary password: long enough, is it\nNumber: 220" in page.evaluate("getSelection().toString()")
    page.get_by_role("link", name="Edit Anna Nowak").click()
    page.get_by_label("Work mode").select_option("manual")
    page.get_by_role("button", name="Save Anna Nowak").click()
    expect(page.locator("tbody", has_text="Anna Nowak")).to_contain_text("manual")


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_users_page_passes_axe_and_fits_its_width(browser, server, scheme, width):
    page = open_page(browser, server, color_scheme=scheme, viewport={"width": width, "height": 800})
    login(page)
    for address in ("/users", "/users?edit=1", "/users?add=1", "/users?q=nobody"):
        page.goto(address)
        check_accessibility(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_new_users_sign_in_details_are_shown_without_scripts_too(browser, server):
    page = open_page(browser, server, java_script_enabled=False, viewport={"width": 390, "height": 800})
    login(page)
    page.goto("/users?add=1")
    page.locator("#add-form-name").fill("Anna Nowak")
    page.locator("#add-form-login").fill("anna")
    page.locator("#add-form-save").click()
    expect(page.get_by_role("heading", name="User added")).to_be_visible()
    expect(page.locator("#sign-in-text")).to_contain_text("Temporary password: ")
    page.get_by_role("link", name="Close").click()
    page.locator("#q").fill("nowak")
    page.locator("#q").press("Enter")
    expect(page.locator("#hits")).to_contain_text("1 of ")
    page.get_by_role("link", name="Clear").click()
    expect(page.locator("tbody.user")).to_have_count(2)
