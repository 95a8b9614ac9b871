"""The whole road in Chromium, against the real server and a real Asterisk: no console error, CSP on."""

import re

import pytest
from playwright.sync_api import expect

from sipweb.services import accounts
from sipweb.services.site import Actor
from tests.browser.conftest import axe, login, opened
from tests.conftest import PASSWORD, serving


def test_an_edit_by_keyboard_alone_is_pending_then_generated_and_verified(page):
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
    expect(page.get_by_role("region", name="Pending changes")).to_contain_text("1 change")
    expect(page.get_by_role("status")).to_contain_text("205 was saved")
    page.get_by_role("link", name="Review and generate").click()
    page.get_by_role("button", name="Generate configuration").click()
    expect(page.get_by_role("table", name="History").locator("tbody tr").first).to_contain_text("verified · live")
    expect(page.get_by_role("region", name="Pending changes")).to_be_hidden()


def test_escape_gives_the_row_back_and_a_switch_saves_at_once(page):
    page.get_by_role("link", name="Edit 201").click()
    page.locator("#edit-2-level").fill("99")
    page.keyboard.press("Escape")
    expect(page.locator("#account-2")).to_contain_text("Automat Automat")
    expect(page.locator("#account-2")).not_to_contain_text("99")
    switch = page.get_by_role("switch", name="Call recording 201")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "true")
    expect(page.get_by_role("region", name="Pending changes")).to_contain_text("1 change")
    switch.click()
    expect(page.get_by_role("region", name="Pending changes")).to_be_hidden()


def test_an_account_is_added_with_the_proposed_number(page):
    page.goto("/accounts?show=inactive")
    expect(page.get_by_text("No account matches.")).to_be_visible()
    page.get_by_role("link", name="Add SIP account").click()
    expect(page.locator("#add-form-number")).to_have_value("220")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("No account matches.")).to_have_count(0)
    expect(page.get_by_role("rowheader", name="220")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("220 was added")


def test_everything_works_without_javascript(browser, server):
    page = opened(browser, server, java_script_enabled=False)
    login(page)
    page.get_by_role("link", name="Edit 207").click()
    page.locator("#edit-8-level").fill("33")
    page.get_by_role("button", name="Save 207").click()
    expect(page.locator("#account-8")).to_contain_text("33")
    page.get_by_role("switch", name="Account active 208").click()
    expect(page.get_by_role("switch", name="Account active 208")).to_have_attribute("aria-checked", "false")
    page.get_by_role("link", name="Review and generate").click()
    page.get_by_role("button", name="Generate configuration").click()
    expect(page.get_by_role("table", name="History").locator("tbody tr").first).to_contain_text("verified · live")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_and_nothing_hangs_over(browser, server, scheme, width):
    page = opened(browser, server, color_scheme=scheme, viewport={"width": width, "height": 800})
    page.goto("/login")
    axe(page)
    login(page)
    page.get_by_role("link", name="Edit 205").click()
    page.locator("#edit-6-level").fill("140")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Enter a whole number from 0 to 100.")).to_be_visible()
    page.get_by_role("switch", name="Account active 201").click()
    expect(page.get_by_role("region", name="Pending changes")).to_be_visible()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto("/generation")
    page.get_by_role("button", name="Generate configuration").click()
    expect(page.get_by_role("link", name="Generation 2")).to_be_in_viewport()
    for address in ("/generation", "/generation/2", "/audit", "/users?edit=1", "/users?add=1"):
        page.goto(address)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_two_administrators_on_one_row_see_both_values_and_nothing_is_overwritten_silently(page, browser, server):
    other = opened(browser, server)
    login(other)
    for one in (page, other):
        one.get_by_role("link", name="Edit 203").click()
    page.locator("#edit-4-level").fill("33")
    page.get_by_role("button", name="Save 203").click()
    expect(page.get_by_role("status")).to_contain_text("203 was saved")
    other.locator("#edit-4-level").fill("44")
    other.get_by_role("button", name="Save 203").click()
    expect(other.locator("#account-4")).to_contain_text("Saved meanwhile: 33")
    expect(other.locator("#edit-4-level")).to_have_value("44")
    other.get_by_role("button", name="Save 203").click()
    expect(other.locator("#account-4").get_by_role("cell", name="44")).to_be_visible()


def test_a_session_that_expired_inside_an_edit_leads_to_the_login_and_back(page):
    page.get_by_role("link", name="Edit 203").click()
    page.locator("#edit-4-level").fill("33")
    page.context.clear_cookies()
    page.get_by_role("button", name="Save 203").click()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    page.get_by_label("Login").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="SIP accounts")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/accounts"))


def test_a_server_that_is_gone_is_said_and_nothing_typed_is_lost(browser, instance):
    with serving(instance, pbx="files") as address:
        page = opened(browser, address)
        login(page)
        page.get_by_role("link", name="Edit 203").click()
        page.locator("#edit-4-level").fill("33")
    page.get_by_role("button", name="Save 203").click()
    expect(page.get_by_role("alert")).to_contain_text("The server cannot be reached.")
    expect(page.locator("#edit-4-level")).to_have_value("33")
    switch = page.get_by_role("switch", name="Account active 205")
    with page.expect_event("requestfailed"):
        switch.click()
    with serving(instance, pbx="files", port=address.rpartition(":")[2]):
        switch.click()  # a click in vain does not stop the next
        expect(page.get_by_role("status")).to_contain_text("205 is inactive")
        page.get_by_role("button", name="Save 203").click()
        expect(page.get_by_role("status")).to_contain_text("203 was saved")
        expect(page.get_by_role("alert")).to_be_empty()


def test_several_rows_stay_open_while_others_are_saved(page):
    for number in (201, 203):
        page.get_by_role("link", name=f"Edit {number}").click()
    page.locator("#edit-2-level").fill("21")
    page.locator("#edit-4-level").fill("23")
    page.get_by_role("switch", name="Call recording 205").click()
    page.get_by_role("button", name="Save 203").click()
    expect(page.get_by_role("status")).to_contain_text("203 was saved")
    expect(page.locator("#edit-2-level")).to_have_value("21")


def test_a_row_that_is_opened_again_is_saved_by_the_form_that_is_there(page):
    for level in ("31", "32"):
        page.get_by_role("link", name="Edit 203").click()
        page.locator("#edit-4-level").fill(level)
        page.locator("#edit-4-level").press("Enter")
        expect(page.locator("#account-4")).to_contain_text(level)
        expect(page.locator("#edit-4")).to_have_count(1)


def test_whoever_types_is_not_moved_to_the_row_that_opens_late(page):
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


def test_a_second_click_on_a_switch_waits_for_the_answer_to_the_first(page):
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
    expect(page.get_by_role("status")).to_contain_text("Calls of 205 are")


def test_quick_clicks_are_all_obeyed_in_their_order_however_long_one_takes(page):
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
    expect(page.get_by_role("status")).to_contain_text("203 was saved")
    expect(page.get_by_role("region", name="Pending changes")).to_contain_text("4 changes")
    for number in (205, 206, 207):
        expect(page.get_by_role("switch", name=f"Call recording {number}")).to_be_checked()
    page.reload()
    expect(page.get_by_role("region", name="Pending changes")).to_contain_text("4 changes")


def test_a_revealed_secret_and_a_new_one_leave_the_open_row_as_it_is(page):
    page.get_by_role("link", name="Edit 203").click()
    page.locator("#edit-4-level").fill("23")
    page.get_by_role("button", name="Reveal password").click()
    secret = page.locator("#secret-4")
    expect(secret).to_have_text(re.compile(r"^[A-Za-z0-9]{20}$"))
    page.get_by_role("button", name="New password").click()
    expect(page.locator("#edit-4-shown")).to_contain_text("after the next generation")
    expect(page.get_by_role("region", name="Pending changes")).to_contain_text("1 change")
    expect(page.locator("#edit-4-level")).to_have_value("23")
    page.get_by_role("button", name="Save 203").click()
    expect(page.get_by_role("status")).to_contain_text("203 was saved")


def test_a_deleted_account_is_asked_about_marked_and_brought_back(page):
    page.get_by_role("link", name="Edit 203").click()
    page.get_by_role("link", name="Delete 203").click()
    expect(page.get_by_role("heading", name="Delete SIP account 203?")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    expect(page.locator("#account-4")).to_contain_text("Deleted not generated yet")
    page.get_by_role("button", name="Undo 203").click()
    expect(page.locator("#account-4")).not_to_contain_text("Deleted")
    expect(page.get_by_role("region", name="Pending changes")).to_be_hidden()


def test_the_whole_road_in_polish(browser, server):
    page = opened(browser, server, locale="pl-PL")
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
    expect(page.get_by_role("region", name="Oczekujące zmiany")).to_contain_text("1 zmiana nie dotarła")
    page.get_by_role("link", name="Sprawdź i wygeneruj").click()
    page.get_by_role("button", name="Generuj konfigurację").click()
    expect(page.get_by_role("table", name="Historia").locator("tbody tr").first).to_contain_text("sprawdzona")


def test_the_900th_account_is_edited_like_the_first(browser, instance, app, site):
    for number in {*range(100, 1000)} - {*range(200, 220)}:
        accounts.add(site, Actor(None, "test"), accounts.Draft(number, None, "other", True, False, 10))
    with serving(instance, pbx="files") as address:
        page = opened(browser, address)
        login(page)
        expect(page.locator("tbody[id^=account-]")).to_have_count(900)
        page.get_by_role("link", name="Edit 999", exact=True).click()
        page.locator("tbody.edit [name=level]").fill("1")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("999 was saved")
        page.get_by_role("link", name="Add SIP account").click()
        expect(page.locator("#add")).to_contain_text("All 900 numbers are taken.")


def test_a_user_is_added_and_changed_in_place_by_keyboard(page):
    page.goto("/users")
    page.get_by_role("link", name="Add user").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#add-form-name")).to_be_focused()
    page.locator("#add-form-name").fill("Anna Nowak")
    page.locator("#add-form-login").fill("anna")
    page.locator("#add-form-password").fill("short")
    page.keyboard.press("Enter")
    expect(page.locator("#add .err")).to_contain_text("A password has at least 12 characters.")
    page.locator("#add-form-password").fill("long enough, is it")
    page.get_by_label("Create a SIP account for this user").check()
    page.locator("#add-form-password").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Anna Nowak was added. SIP account 220 was added.")
    expect(page.get_by_role("region", name="Pending changes")).to_contain_text("1 change")
    page.get_by_role("link", name="Edit Anna Nowak").click()
    page.get_by_label("Work mode").select_option("manual")
    page.get_by_role("button", name="Save Anna Nowak").click()
    expect(page.locator("tbody", has_text="Anna Nowak")).to_contain_text("manual")


def test_a_closed_add_form_gives_the_focus_back_to_its_button_unless_somebody_went_elsewhere(page):
    for url in ("/accounts", "/users", "/trunks", "/routes"):
        page.goto(url)
        for control, key in (("save", "Escape"), ("cancel", "Enter")):
            page.locator("#add-new").press("Enter")
            page.locator(f"#add-form-{control}").press(key)
            expect(page.locator("#add-form-save")).to_have_count(0)
            expect(page.locator("#add-new")).to_be_focused()
    held = []
    page.route("**/routes/new/close", lambda route: route.continue_() if held else held.append(route))
    page.locator("#add-new").press("Enter")
    with page.expect_request("**/routes/new/close"):
        page.locator("#add-form-cancel").press("Enter")
    page.locator("#ask-account").focus()
    held[0].continue_()
    expect(page.locator("#add-form-save")).to_have_count(0)
    expect(page.locator("#ask-account")).to_be_focused()


def test_a_trunk_and_rules_are_added_and_ordered_by_keyboard(page):
    page.goto("/trunks")
    page.get_by_role("link", name="Add trunk").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#add-form-name")).to_be_focused()
    page.locator("#add-form-name").fill("Provider")
    page.locator("#add-form-host").fill("127.0.0.1")
    expect(page.locator("#empty")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Provider was added.")
    expect(page.get_by_role("link", name="Edit Provider")).to_be_focused()
    expect(page.locator("#empty")).to_have_count(0)
    page.get_by_role("link", name="Call routing").click()
    for name, pattern in (("Warsaw", "22[0-9]{7"), ("Abroad", "00.+")):
        page.get_by_role("link", name="Add rule").click()
        page.locator("#add-form-name").fill(name)
        page.locator("#add-form-pattern").fill(pattern)
        page.keyboard.press("Enter")
        if name == "Warsaw":
            expect(page.locator("#add")).to_contain_text("The pattern ends too early.")
            page.locator("#add-form-pattern").fill(pattern + "}")
            page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text(f"{name} was added.")
        expect(page.locator("tbody[id^=way] th").last).to_have_text(name)
        expect(page.get_by_role("link", name=f"Edit {name}")).to_be_focused()
        expect(page.locator("#empty")).to_have_count(0)
    page.get_by_role("button", name="Move up Abroad").focus()
    page.keyboard.press("Enter")
    expect(page.locator("tbody[id^=way] th").first).to_have_text("Abroad")
    expect(page.get_by_role("button", name="Move up Abroad")).to_be_focused()
    page.get_by_role("link", name="Review and generate").click()
    page.get_by_role("button", name="Generate configuration").click()
    expect(page.get_by_role("table", name="History").locator("tbody tr").first).to_contain_text("verified · live")


def test_rules_are_dragged_asked_and_seen_beside_a_level_and_nothing_typed_is_lost(page):
    page.goto("/trunks?add=1")
    page.locator("#add-form-name").fill("Provider")
    page.locator("#add-form-host").fill("127.0.0.1")
    page.locator("#add-form-save").click()
    expect(page.get_by_role("status")).to_contain_text("Provider was added.")
    for name, pattern, level in (("Warsaw", "22.*", "10"), ("Abroad", "00.+", "50"), ("Mobile", "[5-8].*", "20")):
        page.goto("/routes?add=1")
        for field, text in (("name", name), ("pattern", pattern), ("level", level)):
            page.locator(f"#add-form-{field}").fill(text)
        page.locator("#add-form-save").click()
        expect(page.get_by_role("status")).to_contain_text(f"{name} was added.")
    page.goto("/routes")
    names = page.locator("tbody[id^=way] th")
    page.get_by_role("link", name="Edit Abroad").click()
    page.locator("#edit-2-name").fill("Far away")
    page.locator("#way-3 .grip").drag_to(page.locator("#way-1 .grip"))
    expect(page.get_by_role("status")).to_contain_text("Mobile is number 1 in the order now.")
    expect(names.nth(0)).to_have_text("Mobile")
    expect(names.nth(1)).to_have_text("Warsaw")
    expect(page.locator("#edit-2-name")).to_have_value("Far away")
    page.get_by_role("button", name="Move down Mobile").press("Enter")
    expect(names.nth(1)).to_have_text("Mobile")
    expect(page.get_by_role("button", name="Move down Mobile")).to_be_focused()
    expect(page.locator("#edit-2-name")).to_have_value("Far away")
    page.locator("#edit-2-cancel").click()
    page.reload()
    expect(names).to_have_text(["Warsaw", "Mobile", "Abroad"])
    held = []
    page.route("**/down", lambda route: route.continue_() if held else held.append(route))
    page.get_by_role("button", name="Move down Warsaw").dblclick()
    page.get_by_role("button", name="Move up Warsaw").click()
    with page.expect_response("**/up"):
        held[0].continue_()
    expect(page.get_by_role("status")).to_contain_text("Warsaw is number 2 in the order now.")
    expect(names).to_have_text(["Mobile", "Warsaw", "Abroad"])
    page.reload()
    expect(names).to_have_text(["Mobile", "Warsaw", "Abroad"])

    with page.context.new_page() as other:  # somebody else moves a rule that this page still shows in its old place
        other.goto("/routes")
        other.get_by_role("button", name="Move up Abroad").click()
        expect(other.get_by_role("status")).to_contain_text("Abroad is number 2 in the order now.")
        other.get_by_role("button", name="Move up Abroad").click()
        expect(other.get_by_role("status")).to_contain_text("Abroad is number 1 in the order now.")
    page.locator("#way-3 .grip").drag_to(page.locator("#way-1 .grip"))
    expect(page.get_by_role("status")).to_contain_text("Mobile is number 3 in the order now.")
    page.reload()
    expect(names).to_have_text(["Abroad", "Warsaw", "Mobile"])

    page.get_by_label("Account", exact=True).fill("200")
    page.get_by_label("Number", exact=True).fill("22 123 45 67")
    page.get_by_label("Number", exact=True).press("Enter")
    expect(page.locator("#dial-answer p")).to_have_text(
        ["No. No rule matches this number.", "After the next generation:", "Yes. The account 200 has level 10."]
    )
    page.goto("/generation")
    page.get_by_role("button", name="Generate configuration").click()
    expect(page.get_by_role("table", name="History").locator("tbody tr").first).to_contain_text("verified · live")
    page.goto("/trunks")
    expect(page.locator("#s1")).to_have_text("does not answer", timeout=15_000)

    page.goto("/accounts?edit=1")
    opened = page.locator("#edit-1-opens")
    expect(opened).to_have_text("Opens Warsaw.")
    page.locator("#edit-1-level").fill("50")
    expect(opened).to_have_text("Opens Abroad, Warsaw, Mobile. New: Abroad, Mobile.")
    page.locator("#edit-1-level").fill("5")
    expect(opened).to_have_text("Opens no routing rule. No longer: Warsaw.")
    page.locator("#edit-1-level").fill("50")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("SIP account 200 was saved.")


def test_nothing_moves_under_the_pointer_when_something_was_done(page):
    before = page.locator("#e9").bounding_box()
    page.get_by_role("switch", name="Call recording 205").click()
    expect(page.get_by_role("region", name="Pending changes")).to_be_visible()
    assert page.locator("#e9").bounding_box() == before


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_where_the_ways_out_are(browser, server, scheme, width):
    page = opened(browser, server, color_scheme=scheme, viewport={"width": width, "height": 800})
    login(page)
    page.goto("/trunks?add=1")
    page.locator("#add-form-name").fill("Provider")
    page.locator("#add-form-host").fill("127.0.0.1")
    page.locator("#add-form-save").click()
    expect(page.get_by_role("status")).to_contain_text("Provider was added.")
    for url in ("/trunks", "/trunks?edit=1", "/routes?add=1"):
        page.goto(url)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("#add-form-name").fill("Warsaw")
    page.locator("#add-form-save").click()
    expect(page.get_by_text("The pattern ends too early.")).to_be_visible()
    axe(page)
