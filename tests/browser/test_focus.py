"""The focus stays where the user was when a search, a filter, an order or a page of a list loads the page again."""

import pytest
from playwright.sync_api import expect

from sipweb.db import transaction
from sipweb.models import AuditEntry, Generation
from tests.browser.conftest import login, open_page
from tests.builders import edit_account, make_recording, make_user


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def page(request, browser, address):
    """A logged-in administrator's page, with and without JavaScript."""
    page = open_page(browser, address, java_script_enabled=request.param)
    login(page)
    return page


def search(page, text, shown):
    """Search; the focus is in the field again, or with scripts on the first row, to which Enter leads."""
    page.locator("#q").fill(text)
    page.locator("#q").press("Enter")
    page.wait_for_url(shown)
    expect(page.locator("#q:focus, tbody tr:focus")).to_have_count(1)


def follow(page, link, shown, focused=None):
    """Follow a link; the focus is on it again, or on what it leads to."""
    link.press("Enter")
    page.wait_for_url(shown)
    expect(focused or link).to_be_focused()


def test_list_of_accounts_keeps_the_focus(page):
    for _ in range(2):  # also when nothing else is searched for
        search(page, "20", "**/accounts?*q=20*")
    follow(page, page.locator("#show-free"), "**show=free")
    follow(page, page.locator("#col-level a"), "**sort=level**")
    follow(page, page.locator("#col-level a"), "**sort=-level**")
    follow(page, page.locator("#show-all"), "**show=all")
    follow(page, page.get_by_role("link", name="Clear"), "**/accounts?sort=*", page.locator("#q"))


def test_other_lists_keep_the_focus(page, ctx):
    make_user("ewa", "Ewa Nowak", work_mode="manual")
    make_recording(ctx, seconds=2)
    page.goto("/users")
    search(page, "ewa", "**/users?q=ewa")
    follow(page, page.get_by_role("link", name="agent without a number"), "**show=without-number")
    follow(page, page.get_by_role("link", name="Clear"), "**/users", page.locator("#q"))
    page.goto("/recordings")
    search(page, "22", "**q=22**")
    page.goto("/audit")
    search(page, "account", "**/audit?q=account")


def test_page_that_is_not_searched_leaves_the_focus_alone(page):
    for url in ("/accounts?q=20&show=free", "/users?q=admin", "/recordings?q=22", "/audit?q=account:205"):
        page.goto(url)
        expect(page.locator(":focus")).to_have_count(0)
    page.goto("/accounts?q=20")
    page.get_by_role("link", name="Users", exact=True).click()
    expect(page.locator(":focus")).to_have_count(0)
    page.get_by_role("link", name="Add user", exact=True).click()
    expect(page.locator("#add-form-name")).to_be_focused()
    page.goto("/routes")
    page.locator("#dial-test-number").press("Enter")
    page.get_by_role("link", name="Trunks").click()
    page.get_by_role("link", name="Call routing").click()
    expect(page.locator(":focus")).to_have_count(0)


def test_older_entries_have_the_focus(page, ctx):
    with transaction() as session:
        first = session.get_one(Generation, 1)
        for number in range(2, 28):
            session.add(
                Generation(number=number, state="refused", started_at=first.started_at, created_by="test", steps=[],
                    differences=[], digest="", snapshot=first.snapshot, previous_number=1)
            )  # fmt: skip
        session.add_all(
            AuditEntry(created_at=first.started_at, actor_name="test", ip_address="", action="login", subject="admin")
            for _ in range(101)
        )
    for number in range(101):
        make_recording(ctx, at=1795491000 + number, seconds=1)
    for url, place in (("/generation", "#history"), ("/audit", "#list"), ("/recordings", "#list")):
        page.goto(url)
        follow(page, page.get_by_role("link", name="Older entries"), "**before=**", page.locator(place))


def test_outcome_of_a_generation_has_the_focus(page, ctx):
    edit_account(ctx, 1, level=50)
    page.goto("/generation")
    page.get_by_role("button", name="Generate configuration").press("Enter")
    outcome = page.get_by_role("group", name="Latest: version 2 · written, not verified · current")
    expect(outcome).to_be_focused()
    expect(outcome).to_be_in_viewport()
