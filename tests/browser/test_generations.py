"""The page Configuration generation in a real Chromium, with a real Asterisk."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import open_page


def change_level(page, number):
    """Give an account the level 50 in the list."""
    page.get_by_role("link", name=f"Edit {number}").click()
    row = page.locator("tbody.edit")
    row.locator("[name=level]").fill("50")
    row.locator("[name=level]").press("Enter")
    expect(page.locator("tbody.edit")).to_have_count(0)


def test_equal_changes_open_and_the_page_is_up_to_date_after_generating(page):
    page.goto("/accounts")
    for number in (203, 204, 205):
        change_level(page, number)
    page.goto("/generation")
    group = page.locator(".plan summary")
    expect(group).to_contain_text("Permission level 10 → 50: 3 accounts")
    expect(page.get_by_role("link", name="204", exact=True)).to_be_hidden()
    group.press("Enter")
    expect(page.get_by_role("link", name="204", exact=True)).to_be_visible()
    page.get_by_role("button", name="Generate configuration").click()
    panel = page.get_by_role("region", name="Planned changes")
    expect(panel).to_contain_text("The configuration is up to date. Version 2, verified")
    expect(page.get_by_role("button", name="Generate configuration")).to_have_count(0)
    row = page.get_by_role("table", name="History").locator("tbody tr").first
    expect(row).to_contain_text("3 changed")
    row.get_by_role("link", name="Show changes").click()
    expect(page.get_by_role("heading", name="Configuration version 2")).to_be_visible()
    expect(page.locator(".plan summary")).to_contain_text("3 accounts")
    title, panel = page.locator(".head").bounding_box(), page.locator(".panel:visible").first.bounding_box()
    assert panel["y"] - (title["y"] + title["height"]) >= 10


@pytest.mark.parametrize("width", [390, 1440, 1920])
def test_sign_in_is_centred(browser, server, width):
    page = open_page(browser, server, viewport={"width": width, "height": 900})
    page.goto("/login")
    box = page.locator("form.narrow").bounding_box()
    assert abs(box["x"] + box["width"] / 2 - width / 2) <= 1


def test_audit_log_shows_what_happened_first_on_a_narrow_screen(page):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/audit")
    row = page.locator("tbody tr").first
    event, time = row.locator("td").nth(3).bounding_box(), row.locator("td").first.bounding_box()
    assert event["y"] < time["y"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_every_field_of_an_open_rule_has_its_label_above_it(page):
    page.goto("/trunks?add=1")
    page.locator("[name=name]").fill("Provider")
    page.locator("[name=host]").fill("127.0.0.1")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("tbody.trunk")).to_have_count(1)
    for address in ("/routes?add=1", "/trunks?edit=1"):
        page.goto(address)
        for field in page.locator(".edit tr:first-child :is(input, select)").all():
            label = page.locator(f"label[for='{field.get_attribute('id')}']")
            above, below = label.bounding_box(), field.bounding_box()
            assert above["y"] + above["height"] <= below["y"] + 1
            assert abs(above["x"] - below["x"]) <= 1
