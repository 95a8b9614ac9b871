"""The keyboard shortcuts in Chromium."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import check_accessibility, login, open_page
from tests.builders import AGENT_PASSWORD, make_user

pytestmark = pytest.mark.long  # each starts a browser or an Asterisk; together they take minutes


@pytest.fixture
def page(browser, address):
    """A logged-in administrator's page; any console or page error fails the test."""
    problems = []
    page = open_page(browser, address, problems)
    login(page)
    yield page
    assert problems == []


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def row(page, number):
    """The row of an account."""
    return page.locator("tbody.account tr", has=page.locator(f"th:text-is('{number}')"))


def test_account_is_found_and_edited_with_eight_keys(page):
    press(page, "/", "2", "0", "5", "Enter")
    expect(row(page, 205)).to_be_focused()
    press(page, "Enter")
    expect(page.locator("#edit-6-number")).to_be_focused()
    page.locator("#edit-6-level").fill("40")
    press(page, "Enter")
    expect(page.get_by_role("link", name="Edit 205")).to_be_focused()
    expect(page.locator("#account-6")).to_contain_text("40")
    expect(page.locator("#hits")).to_have_text("1 of 20 · Clear")


def test_keys_move_between_rows_and_into_their_controls(page):
    press(page, "j")
    expect(row(page, 200)).to_be_focused()
    press(page, "j", "ArrowDown", "j", "k", "ArrowUp")
    expect(row(page, 201)).to_be_focused()
    press(page, "x", "Tab")
    expect(page.get_by_role("checkbox", name="Select 201")).to_be_focused()
    expect(page.get_by_role("checkbox", name="Select 201")).to_be_checked()
    press(page, "Tab")
    expect(page.get_by_role("switch", name="Account active 201")).to_be_focused()
    press(page, "Tab", "Enter")  # what Enter does on a switch
    expect(page.get_by_role("switch", name="Call recording 201")).to_have_attribute("aria-checked", "true")
    expect(page.locator("tbody.edit")).to_have_count(0)
    press(page, "j", "k", "k", "k")
    expect(row(page, 200)).to_be_focused()
    press(page, "Enter")
    expect(page.locator("#edit-1-number")).to_be_focused()
    press(page, "Escape")
    expect(page.get_by_role("link", name="Edit 200")).to_be_focused()
    press(page, "j", "Escape")
    expect(page.locator(":focus")).to_have_count(0)


def test_moving_begins_at_the_first_row_on_the_screen(page):
    page.set_viewport_size({"width": 1280, "height": 600})
    page.evaluate("scrollTo(0, 400)")
    press(page, "j")
    expect(page.locator("tr:focus")).to_be_in_viewport()
    assert page.locator("tr:focus th").text_content() != "200"


def test_other_keys_add_go_and_show_all_keys(page):
    press(page, "?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    check_accessibility(page, "dialog")
    press(page, "j", "n")
    expect(page.locator("tr:focus")).to_have_count(0)
    press(page, "Escape")
    expect(dialog).to_be_hidden()
    press(page, "n")
    expect(page.locator("#add-form-number")).to_be_focused()
    press(page, "Escape")
    expect(page.locator("#add-new")).to_be_focused()
    for key, address in (("c", "**/generation"), ("a", "**/accounts"), ("u", "**/users")):
        press(page, "g", key)
        page.wait_for_url(address)


def test_keys_are_off_in_fields_and_with_modifiers(page):
    page.locator("#q").press_sequentially("njk?/gc")
    expect(page.locator("#q")).to_have_value("njk?/gc")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#add")).to_be_empty()
    page.goto("/accounts")
    press(page, "Control+j", "Alt+n", "Meta+k")
    expect(page.locator("tr:focus, tbody.edit")).to_have_count(0)


def test_keys_can_be_switched_off(page):
    press(page, "?")
    page.get_by_role("link", name="Turn off the shortcuts").click()
    page.get_by_role("button", name="Turn off the shortcuts").click()
    expect(page.get_by_role("status")).to_contain_text("Keyboard shortcuts off.")
    check_accessibility(page, "profile")
    page.goto("/accounts")
    press(page, "j", "n", "?", "/")
    expect(page.locator(":focus")).to_have_count(0)
    page.locator("#q").fill("205")
    page.locator("#q").press("Enter")
    expect(page.locator("tbody.account")).to_have_count(1)
    expect(page.locator("#q")).to_be_focused()
    page.get_by_role("link", name="Edit 205").press("Enter")
    expect(page.locator("#edit-6-number")).to_be_focused()
    press(page, "Escape")  # no letter: it stays
    expect(page.get_by_role("link", name="Edit 205")).to_be_focused()
    page.goto("/account")
    page.get_by_role("button", name="Turn on the shortcuts").click()
    expect(page.get_by_role("button", name="Turn off the shortcuts")).to_be_visible()
    page.goto("/accounts")
    press(page, "j")
    expect(row(page, 200)).to_be_focused()


def test_agents_have_no_keys(browser, address, ctx):
    make_user("ewa", "Ewa Nowak")
    page = open_page(browser, address)
    login(page, "ewa", AGENT_PASSWORD)
    expect(page.locator("#shortcuts")).to_have_count(0)
    page.goto("/account")
    expect(page.locator("#keyboard")).to_have_count(0)


def test_keys_are_off_where_an_administrator_takes_calls(page):
    page.goto("/agent")
    expect(page.locator("#shortcuts")).to_have_count(0)
    press(page, "g", "c")
    page.wait_for_timeout(300)
    assert page.url.endswith("/agent")
