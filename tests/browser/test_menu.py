"""The menu, the first steps and the warnings in a real browser: widths, keyboard, and without JavaScript."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import check_accessibility, login, open_page


@pytest.mark.parametrize("locale", ["en-GB", pytest.param("pl-PL", marks=pytest.mark.long)])
def test_fresh_system_shows_the_first_row_on_the_smallest_screen(browser, address, locale):
    page = open_page(browser, address, locale=locale, viewport={"width": 320, "height": 900})
    login(page)
    expect(page.locator("#first-steps li")).to_have_count(3)
    expect(page.locator("#warnings")).to_be_hidden()
    expect(page.locator("#edit-link-1")).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    check_accessibility(page)


def test_list_is_reached_by_keyboard_with_few_stops(browser, address):
    page = open_page(browser, address)
    login(page)
    page.goto("/accounts")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the list")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(10):
        page.keyboard.press("Tab")
    expect(page.get_by_role("switch", name="Account active 200")).to_be_focused()


@pytest.mark.parametrize("scripts", [True, False])
def test_narrow_menu_is_used_by_keyboard_and_holds_everything(browser, address, scripts):
    page = open_page(browser, address, viewport={"width": 390, "height": 844}, java_script_enabled=scripts)
    login(page)
    page.goto("/trunks")
    navigation, account = page.get_by_role("navigation"), page.get_by_role("group", name="Your account")
    expect(navigation).to_be_hidden()
    page.get_by_role("button", name="Menu").press("Enter")
    for link in (*navigation.get_by_role("link").all(), account.get_by_role("button", name="Sign out")):
        expect(link).to_be_in_viewport(ratio=1)
    expect(navigation.get_by_role("link", name="Trunks")).to_have_attribute("aria-current", "page")
    if scripts:
        check_accessibility(page)
    page.keyboard.press("Escape")
    expect(navigation).to_be_hidden()
    page.get_by_role("button", name="Menu").press("Enter")
    page.keyboard.press("Tab")
    expect(navigation.get_by_role("link", name="Users")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Users", level=1)).to_be_visible()
    expect(page.get_by_role("link", name="Change password")).to_be_hidden()  # the menu is closed again


def test_wide_menu_is_always_open_and_names_the_change_of_the_password(browser, address):
    page = open_page(browser, address, viewport={"width": 1280, "height": 600})
    login(page)
    expect(page.get_by_role("button", name="Menu")).to_be_hidden()
    expect(page.get_by_role("button", name="Sign out")).to_be_in_viewport(ratio=1)
    page.get_by_role("link", name="Change password").click()
    expect(page.get_by_role("heading", name="Change password")).to_be_visible()


def test_warning_is_acknowledged_without_javascript(browser, address):
    page = open_page(browser, address, java_script_enabled=False)
    login(page)
    page.goto("/trunks")
    warnings = page.get_by_role("region", name="Warnings")
    expect(warnings.get_by_role("link", name="Add a trunk")).to_be_visible()
    warnings.get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_role("status")).to_contain_text("Warning acknowledged.")
    expect(warnings).to_be_hidden()
    expect(page.get_by_text("Acknowledged by Administrator")).to_be_visible()
