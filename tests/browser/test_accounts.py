"""The account list in Chromium, with the real server and a real Asterisk; no console error, CSP on."""

import re

import pytest
from playwright.sync_api import expect

from sipweb.services import accounts
from sipweb.services.context import Actor
from tests.browser.conftest import check_accessibility, login, open_page
from tests.client import PASSWORD
from tests.servers import serving


def test_edit_by_keyboard_is_pending_then_generated_and_verified(page):
    page.get_by_role("link", name="Edit 205").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#edit-6-number")).to_be_focused()
    page.locator("#edit-6-level").fill("140")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Enter a whole number from 0 to 100.")).to_be_visible()
    expect(page.locator("#edit-6-level")).to_be_focused()
    page.locator("#edit-6-level").fill("40")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Edit 205")).to_be_focused()
    expect(page.get_by_role("region", name="Pending changes")).to_contain_text("1 pending change")
    expect(page.get_by_role("status")).to_contain_text("205 saved")
    page.get_by_role("link", name="Review changes").click()
    page.get_by_role("button", name="Generate configuration").click()
    expect(page.get_by_role("table", name="History").locator("tbody tr").first).to_contain_text("verified · current")
    expect(page.get_by_role("region", name="Pending changes")).to_be_hidden()


def test_escape_closes_the_row_and_a_switch_saves_at_once(page):
    page.get_by_role("link", name="Edit 201").click()
    page.locator("#edit-2-level").fill("99")
    page.keyboard.press("Escape")
    expect(page.locator("#account-2")).to_contain_text("Automat Automat")
    expect(page.locator("#account-2")).not_to_contain_text("99")
    switch = page.get_by_role("switch", name="Call recording 201")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "true")
    expect(page.get_by_role("region", name="Pending changes")).to_contain_text("1 pending change")
    switch.click()
    expect(page.get_by_role("region", name="Pending changes")).to_be_hidden()


def test_account_is_added_with_the_suggested_number(page):
    page.goto("/accounts?show=inactive")
    expect(page.get_by_text("No accounts match your search.")).to_be_visible()
    page.get_by_role("link", name="Add SIP account").click()
    expect(page.locator("#add-form-number")).to_have_value("220")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("No accounts match your search.")).to_have_count(0)
    expect(page.get_by_role("rowheader", name="220")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("220 added")


def test_accounts_are_added_one_after_another(page):
    page.get_by_role("link", name="Add SIP account").click()
    page.locator("#add-form-phone").select_option("other")
    page.locator("#add-form-level").fill("40")
    page.get_by_role("button", name="Save and add another").click()
    expect(page.get_by_role("status")).to_contain_text("220 added")
    expect(page.locator("#add-form-number")).to_be_focused()
    expect(page.locator("#add-form-number")).to_have_value("221")
    expect(page.locator("#add-form-phone")).to_have_value("other")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Edit 221")).to_be_focused()
    expect(page.locator("#add")).to_be_empty()
    expect(page.locator("tbody.account th").last).to_have_text("221")  # the rows stand in the order of the list
    expect(page.locator("tbody.account").last).to_contain_text("40")


def test_owner_is_found_by_surname_among_the_offered_users(page):
    page.goto("/users?add=1")
    for label, text in (("Login", "anna"), ("Full name", "Anna Wiśniewska"), ("Password", PASSWORD)):
        page.locator("tbody.edit").get_by_label(label, exact=True).fill(text)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("tbody.user")).to_have_count(2)
    page.goto("/accounts")
    page.get_by_role("link", name="Edit 203").click()
    expect(page.locator("#owners option")).to_have_count(2)
    owner = page.locator("tbody.edit").get_by_label("User", exact=True)
    expect(owner).to_have_value("")
    owner.fill("wisniewska")
    owner.press("Enter")
    expect(page.locator("#account-4")).to_contain_text("Anna Wiśniewska")
    page.get_by_role("link", name="Edit 203").click()
    expect(owner).to_have_value("Anna Wiśniewska (anna) · 203")
    page.get_by_role("link", name="Edit 205").click()
    expect(page.locator("#owners")).to_have_count(1)


def test_filter_is_kept_by_what_is_done_without_javascript(browser, server):
    page = open_page(browser, server, java_script_enabled=False)
    login(page)
    page.goto("/accounts?show=free&q=20")
    page.get_by_role("link", name="Edit 207").click()
    page.locator("#edit-8-level").fill("133")
    page.get_by_role("button", name="Save 207").click()
    expect(page.get_by_text("Enter a whole number from 0 to 100.")).to_be_visible()
    page.locator("#edit-8-level").fill("33")
    page.get_by_role("button", name="Save 207").click()
    expect(page).to_have_url(re.compile(r"/accounts\?show=free&q=20#account-8$"))
    page.get_by_role("switch", name="Call recording 205").click()
    expect(page).to_have_url(re.compile(r"/accounts\?show=free&q=20#account-6$"))
    page.get_by_role("link", name="Edit 206").click()
    page.get_by_role("link", name="Delete 206").click()
    page.get_by_role("button", name="Delete").click()
    expect(page).to_have_url(re.compile(r"/accounts\?show=free&q=20#account-7$"))


def test_rows_are_no_groups_for_screen_readers(page):
    page.locator("tbody.account[role=none]").last.wait_for()
    session = page.context.new_cdp_session(page)
    roles = [node.get("role", {}).get("value") for node in session.send("Accessibility.getFullAXTree")["nodes"]]
    assert roles.count("row") == 21  # with the headings
    assert roles.count("rowgroup") <= 2  # the head, and the place of the add form


def test_open_row_stands_above_the_pending_changes_and_no_field_is_covered(page):
    page.get_by_role("switch", name="Call recording 205").click()
    bar = page.get_by_role("region", name="Pending changes")
    expect(bar).to_be_visible()
    page.get_by_role("link", name="Edit 219").click()
    expect(page.locator("#edit-20-number")).to_be_focused()
    row, covered = page.locator("#account-20").bounding_box(), bar.bounding_box()
    assert row["y"] + row["height"] <= covered["y"]
    page.evaluate("by => scrollBy(0, -by)", covered["y"] - row["y"])  # now they are at the same place
    in_front = "([x, y]) => document.elementFromPoint(x, y).closest('tbody, #pending').id"
    assert page.evaluate(in_front, [covered["x"] + 20, covered["y"] + 20]) == "account-20"


def test_editing_and_generating_work_without_javascript(browser, server):
    page = open_page(browser, server, java_script_enabled=False)
    login(page)
    page.get_by_role("link", name="Edit 207").click()
    page.locator("#edit-8-level").fill("33")
    page.get_by_role("button", name="Save 207").click()
    expect(page.locator("#account-8")).to_contain_text("33")
    page.get_by_role("switch", name="Account active 208").click()
    expect(page.get_by_role("switch", name="Account active 208")).to_have_attribute("aria-checked", "false")
    page.get_by_role("link", name="Review changes").click()
    page.get_by_role("button", name="Generate configuration").click()
    expect(page.get_by_role("table", name="History").locator("tbody tr").first).to_contain_text("verified · current")


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_administration_passes_axe_without_horizontal_scrolling(browser, server, scheme, width):
    page = open_page(browser, server, color_scheme=scheme, viewport={"width": width, "height": 800})
    page.goto("/login")
    check_accessibility(page)
    login(page)
    page.get_by_role("link", name="Edit 205").click()
    page.locator("#edit-6-level").fill("140")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Enter a whole number from 0 to 100.")).to_be_visible()
    page.get_by_role("switch", name="Account active 201").click()
    expect(page.get_by_role("region", name="Pending changes")).to_be_visible()
    check_accessibility(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto("/generation")
    page.get_by_role("button", name="Generate configuration").click()
    expect(page.get_by_role("link", name="Configuration version 2")).to_be_in_viewport()
    for address in ("/generation", "/generation/2", "/audit"):
        page.goto(address)
        check_accessibility(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_conflicting_edits_of_one_row_show_both_values(page, browser, server):
    other = open_page(browser, server)
    login(other)
    for one in (page, other):
        one.get_by_role("link", name="Edit 203").click()
    page.locator("#edit-4-level").fill("33")
    page.get_by_role("button", name="Save 203").click()
    expect(page.get_by_role("status")).to_contain_text("203 saved")
    other.locator("#edit-4-level").fill("44")
    other.get_by_role("button", name="Save 203").click()
    expect(other.locator("#account-4")).to_contain_text("now saved as 33")
    expect(other.locator("#edit-4-level")).to_have_value("44")
    other.get_by_role("button", name="Save 203").click()
    expect(other.locator("#account-4").get_by_role("cell", name="44")).to_be_visible()


def test_session_that_expired_during_an_edit_loses_nothing(page):
    polls = []

    def hold(route):
        polls.append(route)

    page.route("**/accounts/updates*", hold)  # none is answered before the administrator signs in again
    page.get_by_role("link", name="Edit 203").click()
    page.locator("#edit-4-level").fill("33")
    page.context.clear_cookies()
    page.get_by_role("button", name="Save 203").click()
    expect(page.get_by_role("alert")).to_contain_text("Your session has expired.")
    expect(page.locator("#edit-4-level")).to_have_value("33")
    with page.context.expect_page() as opened:
        page.get_by_role("alert").get_by_role("link").click()
    tab = opened.value
    tab.get_by_label("Login").fill("admin")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    expect(tab.get_by_role("heading", name="SIP accounts")).to_be_visible()
    tab.close()
    page.bring_to_front()
    page.unroute("**/accounts/updates*")
    for poll in polls:
        poll.continue_()
    expect(page.get_by_role("alert")).not_to_contain_text("expired", timeout=15_000)  # a poll renewed the tokens
    page.get_by_role("button", name="Save 203").click()
    expect(page.get_by_role("status")).to_contain_text("203 saved", timeout=15_000)


def test_unreachable_server_is_announced_and_typed_text_is_kept(browser, instance):
    with serving(instance, pbx="files") as address:
        page = open_page(browser, address)
        login(page)
        page.get_by_role("link", name="Edit 203").click()
        page.locator("#edit-4-level").fill("33")
    page.get_by_role("button", name="Save 203").click()
    expect(page.get_by_role("alert")).to_contain_text("Can't reach the server.")
    expect(page.locator("#edit-4-level")).to_have_value("33")
    switch = page.get_by_role("switch", name="Account active 205")
    with page.expect_event("requestfailed"):
        switch.click()
    with serving(instance, pbx="files", port=address.rpartition(":")[2]):
        switch.click()  # a click in vain does not stop the next
        expect(page.get_by_role("status")).to_contain_text("205 inactive")
        page.get_by_role("button", name="Save 203").click()
        expect(page.get_by_role("status")).to_contain_text("203 saved")
        expect(page.get_by_role("alert")).to_be_empty()


def test_open_rows_stay_open_while_others_are_saved(page):
    for number in (201, 203):
        page.get_by_role("link", name=f"Edit {number}").click()
    page.locator("#edit-2-level").fill("21")
    page.locator("#edit-4-level").fill("23")
    page.get_by_role("switch", name="Call recording 205").click()
    page.get_by_role("button", name="Save 203").click()
    expect(page.get_by_role("status")).to_contain_text("203 saved")
    expect(page.locator("#edit-2-level")).to_have_value("21")


def test_reopened_row_reuses_its_form(page):
    for level in ("31", "32"):
        page.get_by_role("link", name="Edit 203").click()
        page.locator("#edit-4-level").fill(level)
        page.locator("#edit-4-level").press("Enter")
        expect(page.locator("#account-4")).to_contain_text(level)
        expect(page.locator("#edit-4")).to_have_count(1)


def test_late_row_does_not_steal_focus(page):
    held = []
    page.get_by_role("link", name="Edit 201").click()
    page.route("**/accounts/4/edit", lambda route: route.continue_() if held else held.append(route))
    page.get_by_role("link", name="Edit 203").click()
    page.locator("#edit-2-level").fill("")
    page.keyboard.type("2")
    held[0].continue_()
    expect(page.locator("#edit-4-number")).to_be_visible()
    page.keyboard.type("1")
    expect(page.locator("#edit-2-level")).to_have_value("21")
    expect(page.locator("#edit-4-number")).to_have_value("203")


def test_second_click_on_a_switch_is_ignored_until_the_first_is_answered(page):
    held = []
    page.route("**/accounts/*/recording*", lambda route: route.continue_() if held else held.append(route))
    switch = page.get_by_role("switch", name="Call recording 205")
    before = switch.get_attribute("aria-checked")
    switch.dblclick()
    page.wait_for_timeout(300)
    with page.expect_response("**/recording*"):
        held[0].continue_()
    expect(switch).not_to_have_attribute("aria-checked", before)
    page.wait_for_timeout(300)
    expect(page.get_by_role("status")).to_contain_text("for 205")


def test_quick_clicks_are_carried_out_in_order(page):
    held = []
    page.route("**/accounts/*/recording*", lambda route: route.continue_() if held else held.append(route))
    page.get_by_role("link", name="Edit 203").click()
    page.locator("#edit-4-level").fill("23")
    for number in (205, 206, 207):
        page.get_by_role("switch", name=f"Call recording {number}").click()
    page.get_by_role("button", name="Save 203").dblclick()
    page.get_by_role("link", name="Edit 208").click()
    page.wait_for_timeout(300)
    expect(page.get_by_role("link", name="Edit 203")).to_have_count(0)
    held[0].continue_()
    expect(page.get_by_role("button", name="Save 208")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("203 saved")
    expect(page.get_by_role("region", name="Pending changes")).to_contain_text("4 pending changes")
    for number in (205, 206, 207):
        expect(page.get_by_role("switch", name=f"Call recording {number}")).to_be_checked()
    page.reload()
    expect(page.get_by_role("region", name="Pending changes")).to_contain_text("4 pending changes")


def test_revealed_and_new_password_keep_the_open_row(page):
    page.get_by_role("link", name="Edit 203").click()
    page.locator("#edit-4-level").fill("23")
    page.get_by_role("button", name="Show password").click()
    secret = page.locator("#secret-4")
    expect(secret).to_have_text(re.compile(r"^[A-Za-z0-9]{20}$"))
    renew = page.get_by_role("button", name="Generate new password")
    page.once("dialog", lambda dialog: dialog.dismiss())
    renew.click()
    expect(secret).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    renew.click()
    expect(page.locator("#edit-4-shown")).to_contain_text("when the configuration is generated")
    expect(page.get_by_role("region", name="Pending changes")).to_contain_text("1 pending change")
    expect(page.locator("#edit-4-level")).to_have_value("23")
    page.get_by_role("button", name="Save 203").click()
    expect(page.get_by_role("status")).to_contain_text("203 saved")


def test_deleted_account_is_confirmed_marked_and_restored(page):
    page.get_by_role("link", name="Edit 203").click()
    page.get_by_role("link", name="Delete 203").click()
    expect(page.get_by_role("heading", name="Delete SIP account 203?")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    expect(page.locator("#account-4")).to_contain_text("Free pending: deleted")
    page.get_by_role("button", name="Undo 203").click()
    expect(page.locator("#account-4")).not_to_contain_text("deleted")
    expect(page.get_by_role("region", name="Pending changes")).to_be_hidden()


def test_administration_is_fully_polish(browser, server):
    page = open_page(browser, server, locale="pl-PL")
    page.goto("/login")
    page.get_by_label("Login").fill("admin")
    page.get_by_label("Hasło").fill(PASSWORD)
    page.get_by_role("button", name="Zaloguj").click()
    page.get_by_role("link", name="Edytuj 203").click()
    page.get_by_label("Poziom uprawnień (0-100)").fill("140")
    page.get_by_role("button", name="Zapisz 203").click()
    expect(page.locator("#account-4")).to_contain_text("Podaj liczbę całkowitą od 0 do 100.")
    page.get_by_label("Poziom uprawnień (0-100)").fill("40")
    page.get_by_role("button", name="Zapisz 203").click()
    expect(page.get_by_role("region", name="Oczekujące zmiany")).to_contain_text("1 oczekująca zmiana")
    page.get_by_role("link", name="Sprawdź zmiany").click()
    page.get_by_role("button", name="Generuj konfigurację").click()
    expect(page.get_by_role("table", name="Historia").locator("tbody tr").first).to_contain_text("zweryfikowana")


def test_900th_account_is_edited_like_the_first(browser, instance, app, ctx):
    for number in {*range(100, 1000)} - {*range(200, 220)}:
        accounts.create(ctx, Actor(None, "test"), accounts.AccountInput(number=number, phone="other"))
    with serving(instance, pbx="files") as address:
        page = open_page(browser, address)
        login(page)
        expect(page.locator("tbody.account")).to_have_count(900)
        page.get_by_role("link", name="Edit 999", exact=True).click()
        page.locator("tbody.edit [name=level]").fill("1")
        page.keyboard.press("Enter")
        # Not `expect`: at each failed attempt it describes the whole page, which takes seconds with 900 rows.
        page.get_by_role("status").filter(has_text="999 saved").wait_for()
        page.get_by_role("link", name="Add SIP account").click()
        page.locator("#add").filter(has_text="All 900 numbers are in use.").wait_for()


def test_layout_does_not_shift_after_an_action(page):
    before = page.locator("#edit-link-9").bounding_box()
    page.get_by_role("switch", name="Call recording 205").click()
    expect(page.get_by_role("region", name="Pending changes")).to_be_visible()
    assert page.locator("#edit-link-9").bounding_box() == before


def test_forty_accounts_are_added_undone_added_and_live_after_at_most_six_clicks(page):
    clicks = []

    def click(locator):
        clicks.append(locator)
        locator.click()

    def add():
        page.goto("/accounts")
        clicks.clear()
        click(page.get_by_role("link", name="Add SIP account"))
        page.locator("#add-form-number").fill("215-259")
        click(page.get_by_role("button", name="Save", exact=True))
        expect(page.locator("#several-numbers")).to_contain_text("Already exist and stay as they are: 215-219")
        expect(page.get_by_role("button", name="Add 40 SIP accounts")).to_be_focused()
        check_accessibility(page)
        click(page.get_by_role("button", name="Add 40 SIP accounts"))
        expect(page.locator("tbody.account")).to_have_count(40)
        expect(page.get_by_text("40 SIP accounts added: 220-259.")).to_be_visible()

    add()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("40 SIP accounts deleted again.")).to_be_visible()
    expect(page.locator("tbody.account")).to_have_count(20)
    add()
    click(page.get_by_role("link", name="Review changes"))
    click(page.get_by_role("button", name="Generate configuration"))
    expect(page.get_by_role("table", name="History").locator("tbody tr").first).to_contain_text("verified · current")
    assert len(clicks) <= 6
