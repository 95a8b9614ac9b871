"""What an administrator asks is answered from the start page by at most three links that name what is asked for."""

import pytest
from playwright.sync_api import expect

from tests.builders import edit_account, make_trunk, make_user


def follow(page, *words):
    """Follow from the start page the first visible links whose names contain these words."""
    assert len(words) <= 3
    page.goto("/")
    for word in words:
        link = page.get_by_role("link", name=word).locator("visible=true").first
        address = link.get_attribute("href")
        link.click()
        page.wait_for_url(f"**{address}")


@pytest.fixture
def question_page(page, ctx):
    """The start page of a system with an unreachable trunk, a user without a number and a pending change."""
    make_user("ewa", "Ewa Nowak", work_mode="manual")
    make_trunk(ctx, host="127.0.0.1", port=9)
    edit_account(ctx, 4, level=50)
    page.goto("/generation")
    page.get_by_role("button", name="Generate configuration").click()
    expect(page.get_by_role("table", name="History").locator("tbody tr").first).to_contain_text("verified · current")
    edit_account(ctx, 6, recording=True)
    return page


def test_questions_are_answered_in_three_clicks(question_page):
    page = question_page
    follow(page, "pending")
    expect(page.locator("tbody.account th")).to_have_text(["205"])
    follow(page, "pending", "review changes")
    expect(page.locator(".plan")).to_contain_text("Call recording")
    follow(page, "user", "without a number")
    expect(page.locator("tbody.user th")).to_have_text(["Ewa Nowak"])
    follow(page, "generation", "show changes")
    expect(page.get_by_role("heading", name="Configuration version 2")).to_be_visible()
    expect(page.locator(".plan")).to_contain_text("Permission level")
    follow(page, "trunk")
    # Asterisk checks it within 10 s and waits 3 s for its answer; monitor and page ask every few seconds.
    expect(page.locator("#status-1")).to_have_text("Unreachable", timeout=25_000)
    page.goto("/")
    page.get_by_role("region", name="Warnings").get_by_role("link", name="Check trunks").click()
    expect(page.locator("#status-1")).to_have_text("Unreachable")
