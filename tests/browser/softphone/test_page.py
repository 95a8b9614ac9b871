"""The agent's page in Chromium: texts, accessibility, and no JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import check_accessibility
from tests.browser.softphone.steps import wait_until_registered


def test_refusal_shows_the_agreed_text_and_keeps_the_input(start_work):
    page = start_work("anna", "777")
    expect(page.get_by_role("alert").filter(has_text="No free number or invalid number")).to_be_visible()
    expect(page.locator("#number")).to_have_value("777")
    expect(page.locator("#number")).to_be_focused()
    polish = start_work("piotr", "777", locale="pl-PL")
    expect(polish.get_by_text("Brak wolnego numeru lub numer nieprawidłowy", exact=True)).to_be_visible()


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_softphone_page_passes_axe(start_work, scheme, width):
    page = wait_until_registered(start_work("anna", color_scheme=scheme, viewport={"width": width, "height": 800}))
    check_accessibility(page)
    page.get_by_label("Phone number").fill("299")
    page.keyboard.press("Enter")
    expect(page.locator("#call-message")).to_have_text("Unavailable: 299")
    check_accessibility(page)
    page.get_by_role("button", name="Stop working").click()
    expect(page.get_by_role("status")).to_contain_text("Your number has been released.")
    check_accessibility(page)


def test_softphone_without_javascript_explains_itself(start_work):
    page = start_work("anna", java_script_enabled=False)
    expect(page.get_by_text("The softphone requires JavaScript.")).to_be_visible()
    page.get_by_role("button", name="Stop working").click()
    page = start_work("ewa", java_script_enabled=False)
    page.get_by_role("button", name="Keep my number").click()
    expect(page.get_by_role("heading", name="Number 205")).to_be_visible()


def test_softphone_is_fully_polish(start_work):
    page = wait_until_registered(start_work("anna", locale="pl-PL"))
    expect(page.get_by_role("heading", name="Numer 200")).to_be_visible()
    text = page.locator("main").inner_text()
    assert not re.search(r"\b(Call|Dial|Number|Devices|Speaker|Connecting|Registered)\b", text)
