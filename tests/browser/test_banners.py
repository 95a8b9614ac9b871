"""What stands above the pages, in Chromium: it is renewed without losing what is typed, or where the keyboard is."""

import pytest
from playwright.sync_api import expect

from sipweb.services import accounts, generations
from tests.builders import WHO, make_trunk


@pytest.fixture
def server(address):
    """These tests need no Asterisk."""
    return address


def poll_now(page):
    """Make the page poll now, as it does when its tab becomes visible."""
    with page.expect_response("**/updates*"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_acknowledged_warning_leaves_what_is_typed(page):
    page.goto("/routes?add=1")
    page.locator("#add-form-name").fill("Warsaw")
    page.get_by_role("button", name="Acknowledge").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Warning acknowledged.")
    expect(page.get_by_role("region", name="Warnings")).to_be_hidden()
    expect(page.locator("#add-form-name")).to_have_value("Warsaw")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.goto("/trunks")
    expect(page.get_by_text("Acknowledged by Administrator")).to_be_visible()


def test_dismissed_first_steps_leave_what_is_typed(page):
    page.get_by_role("link", name="Edit 203").click()
    page.locator("#edit-4-level").fill("33")
    page.get_by_role("button", name="Dismiss").press("Enter")
    warnings = page.get_by_role("region", name="Warnings")
    expect(warnings).to_contain_text("no trunk is configured")
    expect(warnings).to_be_focused()
    poll_now(page)
    expect(warnings).to_be_focused()
    expect(page.get_by_role("region", name="Getting started")).to_be_hidden()
    expect(page.locator("#edit-4-level")).to_have_value("33")
    page.get_by_role("button", name="Acknowledge").click()
    expect(warnings).to_be_hidden()
    expect(page.locator("#edit-4-level")).to_have_value("33")


def test_changes_by_others_arrive_on_other_pages_and_the_focus_stays(page, ctx):
    page.goto("/users")
    acknowledge = page.get_by_role("button", name="Acknowledge")
    acknowledge.focus()
    accounts.set_flag(ctx, WHO, 4, 1, name="recording", value=True)
    expect(page.get_by_role("region", name="Pending changes")).to_contain_text("1 pending change", timeout=15_000)
    expect(acknowledge).to_be_focused()
    make_trunk(ctx)
    poll_now(page)
    expect(page.get_by_role("region", name="Warnings")).to_contain_text("until the configuration is generated")


def test_open_plan_follows_what_others_change(page, ctx):
    page.goto("/generation")
    expect(page.get_by_text("The configuration is up to date.")).to_be_visible()
    accounts.set_flag(ctx, WHO, 4, 1, name="recording", value=True)
    poll_now(page)
    generate = page.get_by_role("button", name="Generate configuration")
    generate.focus()
    expect(page.locator(".plan")).to_contain_text("203")
    accounts.set_flag(ctx, WHO, 5, 1, name="active", value=False)
    poll_now(page)
    expect(page.locator(".plan")).to_contain_text("204")
    expect(generate).to_be_focused()
    expect(page.get_by_role("region", name="Pending changes")).to_be_hidden()
    generations.generate(ctx, WHO)
    poll_now(page)
    expect(page.get_by_text("The configuration is up to date.")).to_be_visible()
    expect(page.get_by_text("Latest: version 2")).to_be_visible()
