"""Lists as files in Chromium: clicks, the keyboard, narrow screens, and no JavaScript."""

import csv

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import login, open_page
from tests.browser.states import upload
from tests.builders import make_account

pytestmark = pytest.mark.long  # each starts a browser or an Asterisk; together they take minutes

TEXT = "Internal number,Permission level\n200,50\n320,5\n1001,\n"


@pytest.fixture(params=[True, False], ids=["JavaScript", "no JavaScript"])
def page(request, browser, address):
    """An administrator's page, 390 pixels wide."""
    page = open_page(
        browser, address, java_script_enabled=request.param, viewport={"width": 390, "height": 844}
    )  # fmt: skip
    login(page)
    return page


@pytest.mark.parametrize("path", ["/accounts", "/users"])
def test_list_is_a_file_after_at_most_two_clicks(page, path):
    page.goto(path)
    with page.expect_download() as download:
        page.locator("#export").click()
    assert download.value.suggested_filename == f"{path[1:]}.csv"


def test_downloaded_file_has_what_the_search_found(page, ctx):
    make_account(ctx, 320)
    page.goto("/accounts?q=320")
    with page.expect_download() as download:
        page.locator("#export").click()
    with open(download.value.path(), encoding="utf-8-sig", newline="") as file:
        assert [row[0] for row in csv.reader(file)] == ["Internal number", "320"]


def test_file_is_imported_by_keyboard_alone(page):
    page.goto("/accounts/import")
    page.locator("#file").set_input_files({"name": "list.csv", "mimeType": "text/csv", "buffer": TEXT.encode()})
    page.locator("#file").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Refused")).to_be_visible()
    page.get_by_role("checkbox", name="Leave out the refused line").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#announce")).to_contain_text("list.csv imported: 1 added, 1 changed.")
    expect(page.locator("tbody.account th").get_by_text("320")).to_be_visible()


def test_columns_are_corrected_in_the_preview(page):
    upload(page, "What,Level\n320,5\n")
    expect(page.locator("#import-error")).to_contain_text("Choose the column")
    page.get_by_label("Internal number").select_option("What")
    page.get_by_role("button", name="Show preview").click()
    expect(page.get_by_role("heading", name="Added")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
