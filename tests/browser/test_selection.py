"""Selecting accounts and changing them together, in Chromium."""

import pytest
from playwright.sync_api import expect

from sipweb.services import accounts
from sipweb.services.state import current_state
from tests.browser.conftest import check_accessibility, check_contrast, login, open_page
from tests.builders import WHO, make_account
from tests.client import PASSWORD


@pytest.fixture
def page(browser, address):
    """A logged-in administrator's page; any console or page error fails the test."""
    problems = []
    page = open_page(browser, address, problems)
    login(page)
    yield page
    assert problems == []


def box(page, number):
    """The checkbox of an account."""
    return page.get_by_role("checkbox", name=f"Select {number}", exact=True)


def selected(page):
    return [int(one.get_attribute("value")) for one in page.locator("[name=id]:checked").all()]


def test_rows_are_selected_by_click_shift_key_and_all_that_match(page):
    count = page.locator("#bulk-count")
    expect(count).to_be_hidden()
    box(page, 202).click()
    box(page, 205).click(modifiers=["Shift"])
    expect(count).to_have_text("Selected: 4")
    assert selected(page) == [3, 4, 5, 6]
    box(page, 204).click()
    expect(count).to_have_text("Selected: 3")
    page.keyboard.press("Escape")
    page.locator("body").click(position={"x": 5, "y": 5})
    for key in "jjx":
        page.keyboard.press(key)
    assert selected(page)[0] in (1, 2)
    expect(page.locator("#selected-count[aria-live]")).to_have_text("Selected: 4")
    page.keyboard.press("b")
    expect(page.locator("#bulk-level")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("tbody.account tr:focus [name=id]")).to_be_checked()
    page.keyboard.press("b")
    page.get_by_role("button", name="Clear").last.click()
    expect(count).to_be_hidden()
    page.locator("#q").fill("number:210-219")
    expect(page.locator("tbody.account")).to_have_count(10)
    page.get_by_role("checkbox", name="Select all 10").check()
    expect(count).to_have_text("Selected: 10")
    page.locator("#q").fill("number:215-219")
    expect(count).to_have_text("Selected: 5")
    check_accessibility(page, "selected")


def test_selection_survives_edits_and_refreshes_and_an_editor_survives_the_change(page, ctx):
    for number in (200, 201, 202):
        box(page, number).check()
    page.get_by_role("link", name="Edit 201").click()
    page.locator("#edit-2-level").fill("33")
    expect(box(page, 201)).to_be_checked()
    page.get_by_role("link", name="Edit 203").click()
    page.locator("#edit-4-level").fill("44")
    page.locator("#edit-2-level").press("Enter")
    expect(page.locator("#account-2:not(.edit)")).to_contain_text("33")
    expect(box(page, 201)).to_be_checked()
    accounts.set_flag(ctx, WHO, 3, 1, name="recording", value=True)  # another administrator
    expect(page.locator("#recording-3")).to_have_attribute("aria-checked", "true")
    assert selected(page) == [1, 2, 3]
    box(page, 203).check()
    page.locator("#bulk-level").fill("50")
    page.locator("#bulk-level").press("Enter")
    dialog = page.get_by_role("dialog", name="Change SIP accounts")
    expect(dialog).to_contain_text("4 change")
    check_accessibility(page, "preview")
    page.keyboard.press("Enter")  # the button that makes the change has the focus
    expect(dialog).to_be_hidden()
    expect(page.locator("#select-all")).to_be_focused()
    page.keyboard.press("?")  # the keys work on a checkbox, where nothing can be typed
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("status")).to_contain_text("4 SIP accounts changed.")
    for account in (1, 2, 3):
        expect(page.locator(f"#account-{account}")).to_contain_text("50")
    expect(page.locator("#edit-4-level")).to_have_value("44")
    assert selected(page) == []
    expect(page.locator("#account-1 td[role=cell]")).to_have_count(8)
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Change of 4 SIP accounts undone.")
    expect(page.locator("#select-all")).to_be_focused()
    expect(page.locator("#account-2")).to_contain_text("33")
    page.get_by_role("switch", name="Call recording 200").click()  # the row's buttons have its new version
    expect(page.locator("#recording-1")).to_have_attribute("aria-checked", "true")


def test_own_change_and_its_undo_are_not_reported_back_by_the_next_poll(page, ctx):
    for number in range(300, 500):
        make_account(ctx, number)
    page.reload()
    page.get_by_role("checkbox", name="Select all 220").check()
    page.locator("#bulk-level").fill("50")
    page.locator("#bulk-level").press("Enter")
    page.get_by_role("button", name="Change 220 accounts").click()
    for message in ("220 SIP accounts changed.", "Change of 220 SIP accounts undone."):
        expect(page.get_by_role("status")).to_contain_text(message)
        with page.expect_response("**/accounts/updates*") as poll:
            page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        assert "tbody" not in (poll.value.text() if poll.value.status == 200 else "")
        page.wait_for_timeout(300)  # until the answer is in its place
        expect(page.locator("#list-changed")).to_be_empty()
        if message.startswith("220"):
            page.get_by_role("button", name="Undo").click()
    for number in (200, 201):  # another administrator's change still arrives
        accounts.set_flag(ctx, WHO, number - 199, 3, name="recording", value=True)
    expect(page.locator("#recording-1")).to_have_attribute("aria-checked", "true")


def test_change_is_refused_when_a_row_was_edited_since_and_new_values_can_be_corrected(page, ctx):
    box(page, 200).check()
    box(page, 201).check()
    page.locator("#bulk-level").fill("500")
    page.get_by_role("button", name="Preview").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Enter a whole number from 0 to 100.")
    dialog.get_by_label("Permission level").fill("50")
    dialog.get_by_role("button", name="Preview").click()
    expect(dialog).to_contain_text("2 change")
    accounts.set_flag(ctx, WHO, 2, 1, name="recording", value=True)
    dialog.get_by_role("button", name="Change 2 accounts").click()
    expect(dialog.locator("#bulk-error")).to_contain_text("Changed since the preview: 201.")
    assert current_state(ctx).by_id[1].level == 10
    dialog.get_by_role("button", name="Change 2 accounts").click()
    expect(dialog).to_be_hidden()
    assert {current_state(ctx).by_id[one].level for one in (1, 2)} == {50}
    box(page, 203).check()
    page.get_by_role("button", name="Delete").click()
    expect(dialog).to_contain_text("1 is deleted")
    dialog.get_by_role("link", name="Cancel").click()
    expect(dialog).to_be_hidden()
    assert selected(page) == [4]
    page.get_by_role("button", name="Delete").click()
    dialog.get_by_role("button", name="Delete 1 account").click()
    expect(page.locator("#account-4")).to_contain_text("pending: deleted")
    page.get_by_role("status").get_by_role("button", name="Undo").click()
    expect(page.locator("#account-4")).not_to_contain_text("pending: deleted")


def test_forty_accounts_get_another_level_and_are_live_with_at_most_seven_clicks(page, ctx):
    for number in range(300, 340):
        make_account(ctx, number)
    page.reload()
    clicks = 0

    def click(target):
        nonlocal clicks
        clicks += 1
        target.click()

    page.locator("#q").fill("number:300-339")
    expect(page.locator("tbody.account")).to_have_count(40)
    click(page.get_by_role("checkbox", name="Select all 40"))
    page.locator("#bulk-level").fill("60")
    click(page.get_by_role("button", name="Preview"))
    click(page.get_by_role("button", name="Change 40 accounts"))
    click(page.get_by_role("link", name="Review changes"))
    click(page.get_by_role("button", name="Generate configuration"))
    expect(page.locator("main")).to_contain_text("up to date")
    assert {one.level for one in current_state(ctx).live.accounts if one.number >= 300} == {60}
    assert clicks <= 7


def test_bar_and_preview_fit_a_narrow_polish_page_without_javascript(browser, address):
    page = open_page(
        browser, address, locale="pl-PL", java_script_enabled=False, viewport={"width": 390, "height": 800}
    )  # fmt: skip
    page.goto("/login")
    page.locator("[name=login]").fill("admin")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.locator("[name=id]").first.check()
    bar = page.get_by_role("region", name="Zaznaczone konta")
    expect(bar).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    bar.get_by_label("Poziom uprawnień").fill("20")
    bar.get_by_role("button", name="Podgląd").click()
    expect(page.get_by_role("heading", name="Zmiana kont SIP")).to_be_visible()
    expect(page.locator("main")).to_contain_text("1 zostanie zmienione")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Zmień 1 konto").click()
    expect(page.get_by_role("status")).to_contain_text("Zmieniono 1 konto SIP.")
    expect(page.locator("#account-1")).to_contain_text("20")
    page.get_by_role("button", name="Cofnij").click()
    expect(page.get_by_role("status")).to_contain_text("Cofnięto zmianę konta 200.")


def test_colours_of_selected_rows_and_of_the_preview_have_contrast(browser, address):
    for scheme in ("light", "dark"):
        page = open_page(browser, address, color_scheme=scheme)
        login(page)
        box(page, 200).check()
        check_contrast(page, scheme)
        page.get_by_role("button", name="New passwords").click()
        expect(page.get_by_role("dialog")).to_contain_text("1 gets a new password")
        check_contrast(page, scheme)
