"""The search field in Chromium: it asks while one types."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import check_accessibility, login, open_page


@pytest.fixture
def page(browser, address):
    """A logged-in administrator's page; any console or page error fails the test."""
    problems = []
    page = open_page(browser, address, problems)
    login(page)
    yield page
    assert problems == []


@pytest.fixture
def requests(page):
    """The addresses that the search has asked for."""
    found = []
    is_search = re.compile(r"/(accounts|users|trunks|routes|recordings|audit)(\?|$)")
    page.on("request", lambda request: found.append(request.url) if is_search.search(request.url) else None)
    return found


def rows(page):
    return page.locator("tbody.account")


def test_list_narrows_while_one_types_and_the_address_can_be_passed_on(page, requests):
    field = page.locator("#q")
    field.press_sequentially("level:<=10 205", delay=20)
    expect(rows(page)).to_have_count(1)
    expect(page.locator("#hits")).to_have_text("1 of 20 · Clear")
    expect(page).to_have_url(re.compile(r"/accounts\?q=level:%3C%3D10\+205$"))
    expect(field).to_be_focused()
    assert len(requests) == 1
    other = page.context.new_page()
    other.goto(page.url)
    expect(rows(other)).to_have_count(1)
    expect(other.locator("#q")).to_have_value("level:<=10 205")
    field.fill("")
    expect(rows(page)).to_have_count(20)
    expect(page.locator("#hits")).to_be_empty()
    expect(page).to_have_url(re.compile("/accounts$"))


def test_nothing_is_asked_for_what_is_shown(page, requests):
    field = page.locator("#q")
    field.press_sequentially("20")
    expect(rows(page)).to_have_count(10)
    assert len(requests) == 1
    field.press("Space")
    field.press("Enter")
    field.press_sequentially("5", delay=0)
    field.press("Backspace")
    page.wait_for_timeout(500)
    assert len(requests) == 1
    expect(rows(page)).to_have_count(10)


def test_old_answers_never_replace_newer_ones(page):
    waiting = []
    page.route("**/accounts?q=21", lambda route: waiting.append(route))  # noqa: PLW0108  # no builtin
    field = page.locator("#q")
    field.fill("21")
    page.wait_for_timeout(400)
    assert len(waiting) == 1
    field.fill("205")
    expect(rows(page)).to_have_count(1)
    field.fill("21")
    page.wait_for_timeout(400)
    field.fill("205")  # what is shown: the request for 21 is given up
    page.wait_for_timeout(400)
    for route in waiting:
        route.continue_()
    page.wait_for_timeout(600)
    expect(rows(page)).to_have_text(re.compile("205"))
    expect(page).to_have_url(re.compile(r"q=205$"))


def test_open_rows_stay_with_what_was_typed(page):
    page.get_by_role("link", name="Edit 203").click()
    page.locator("#edit-4-level").fill("77")
    page.get_by_role("link", name="Add SIP account").click()
    page.locator("#add-form-number").fill("333")
    page.locator("#q").fill("205")
    expect(page.locator("tbody.account:not(.edit)")).to_have_count(1)
    expect(page.locator("#edit-4-level")).to_have_value("77")
    expect(page.locator("#add-form-number")).to_have_value("333")
    page.locator("#q").fill("20")
    expect(rows(page)).to_have_count(10)
    page.get_by_role("button", name="Save 203").click()
    expect(page.locator("#account-4:not(.edit)")).to_contain_text("77")
    expect(page.locator("#hits")).to_have_text("10 of 20 · Clear")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("tbody.account th", has_text="333")).to_be_visible()
    expect(page.locator("#hits")).to_have_text("10 of 21 · Clear")


def test_mistyped_filter_is_reported_until_it_is_corrected(page):
    field, problems = page.locator("#q"), page.locator("#search-problems")
    field.fill("levl:10 205")
    expect(problems).to_have_text("There is no filter “levl”. Did you mean “level”?")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(rows(page)).to_have_count(1)
    expect(field).to_have_value("levl:10 205")
    field.fill("level:10 205")
    expect(problems).to_be_empty()
    expect(field).not_to_have_attribute("aria-invalid", "true")


def test_search_is_asked_again_after_the_server_could_not_be_reached(browser, address):
    page = open_page(browser, address)
    login(page)
    field = page.locator("#q")
    page.context.set_offline(True)
    field.fill("205")
    expect(page.get_by_role("alert")).to_contain_text("Can't reach the server.")
    page.context.set_offline(False)
    field.press("Enter")
    expect(rows(page)).to_have_count(1)


@pytest.mark.parametrize("language", ["en", "pl"])
@pytest.mark.parametrize("width", [390, 1280])
def test_help_is_accessible_and_fits(browser, address, language, width):
    page = open_page(browser, address, locale=language, viewport={"width": width, "height": 800})
    login(page)
    page.goto("/accounts?q=levl:1")
    page.locator("#filter-help summary").click()
    expect(page.locator("#filter-help a").last).to_be_visible()
    for box in (page.locator("#filter-help > div").bounding_box(), page.locator("#q").bounding_box()):
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    check_accessibility(page, f"{language} {width}")
    page.locator("#filter-help a").nth(2).click()
    expect(page.locator("#search-problems")).to_be_empty()
