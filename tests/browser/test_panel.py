"""The open list in Chromium: it stays true by itself, and takes nothing away from whoever is typing."""

import json
import urllib.request

import pytest
from playwright.sync_api import expect

from sipweb.services import accounts, agents, users
from sipweb.services.site import Actor
from sipweb.services.state import state
from tests.browser.conftest import axe, login, opened
from tests.conftest import PASSWORD, serving

WHO = Actor(None, "test")
AGENTS = "a long password"
SOON = 15_000  # milliseconds; a page asks every five seconds


@pytest.fixture
def server(instance):
    """`flask serve` without a PBX: nothing here needs one."""
    with serving(instance, pbx="files", workers="2") as address:
        yield address


@pytest.fixture(autouse=True)
def people(app):
    """Two agents."""
    for key, name in (("anna", "Anna Nowak"), ("piotr", "Piotr Lis")):
        users.create_user(WHO, key, name, AGENTS, "agent")


def take(server, who, number=None):
    """An agent's program logs in, over HTTP."""
    body = {"login": who, "password": AGENTS} | ({"number": number} if number else {})
    request = urllib.request.Request(
        f"{server}/api/agent/login", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def look(page):
    """Have the page ask now, as it does when its tab comes back to the front."""
    with page.expect_response("**/accounts/live*"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def caret(page):
    return page.evaluate("[document.activeElement.id, document.activeElement.selectionStart]")


def test_a_lease_appears_without_a_reload_and_whoever_types_keeps_text_focus_and_caret(page, server):
    page.locator("#refused summary").click()
    page.locator("#ask summary").click()
    page.locator("#ask-agent").select_option(label="Piotr Lis")
    page.get_by_role("link", name="Add SIP account").click()
    page.locator("#add-form-number").fill("77")
    page.get_by_role("link", name="Edit 200").click()
    page.locator("#edit-1-level").fill("5x5")
    page.keyboard.press("ArrowLeft")
    assert caret(page) == ["edit-1-level", 2]
    take(server, "anna", "200")
    take(server, "piotr", "203")
    expect(page.locator("#account-4")).to_contain_text("In use by Piotr Lis since", timeout=SOON)
    expect(page.locator("#pool")).to_contain_text("18 free · 2 in use")
    expect(page.locator("#show-in-use")).to_have_text("In use 2")
    assert caret(page) == ["edit-1-level", 2]
    expect(page.locator("#edit-1-level")).to_have_value("5x5")
    expect(page.locator("#add-form-number")).to_have_value("77")
    expect(page.locator("#ask-agent")).to_have_value(
        page.locator("#ask-agent option", has_text="Piotr").get_attribute("value")
    )
    assert page.locator("#refused[open], #ask[open]").count() == 2
    page.locator("#edit-1-level").fill("55")
    page.keyboard.press("Enter")
    expect(page.locator("#account-1")).to_contain_text("In use by Anna Nowak since")


def test_rows_that_others_change_add_or_delete_arrive_in_their_place_and_focus_stays(page, site):
    page.get_by_role("switch", name="Call recording 203").focus()
    accounts.switch(site, WHO, 4, 1, name="recording", value=True)
    for number in (150, 301, 300):
        accounts.add(site, WHO, accounts.Draft(number, None, "builtin", True, False, 10))
    look(page)
    expect(page.get_by_role("switch", name="Call recording 203")).to_have_attribute("aria-checked", "true")
    expect(page.get_by_role("switch", name="Call recording 203")).to_be_focused()
    numbers = [str(number) for number in (150, *range(200, 220), 300, 301)]
    expect(page.locator("tbody[id^=account-] th")).to_have_text(numbers)
    expect(page.get_by_role("region", name="Pending changes")).to_contain_text("4 changes")
    accounts.delete(site, WHO, next(a.id for a in state(site).accounts if a.number == 301))
    look(page)
    expect(page.locator("tbody[id^=account-] th")).to_have_text(numbers[:-1])
    page.get_by_role("switch", name="Call recording 203").click()  # with the version that came by itself
    expect(page.get_by_role("status")).to_contain_text("Calls of 203 are not recorded.")


def test_an_own_change_is_not_shown_twice(page):
    page.get_by_role("link", name="Add SIP account").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("220 was added")
    look(page)
    expect(page.locator("tbody[id^=account-]")).to_have_count(21)
    expect(page.get_by_role("status")).to_contain_text("220 was added")


def test_a_number_is_taken_back_beside_what_is_typed_in_its_row(page, server, site):
    take(server, "anna", "200")
    for others in (False, True):
        page.goto("/accounts")
        page.get_by_role("link", name="Edit 200").click()
        page.locator("#edit-1-level").fill("33")
        if others:
            account = state(site).account(1)
            accounts.switch(site, WHO, 1, account.version, name="recording", value=True)
        page.get_by_role("button", name="Release").press("Enter")
        expect(page.locator("#edit-1-shown")).to_contain_text("200 is free again. Its old password")
        expect(page.locator("#edit-1-shown p")).to_be_focused()
        expect(page.get_by_role("status")).to_contain_text("200 is free again.")
        expect(page.get_by_role("region", name="Pending changes")).to_contain_text("1 change")
        expect(page.locator("#pool")).to_contain_text("20 free · 0 in use")
        expect(page.locator("#account-1")).not_to_contain_text("In use by")
        expect(page.get_by_role("button", name="Release")).to_have_count(0)
        expect(page.locator("#edit-1-level")).to_have_value("33")
        page.get_by_role("button", name="Save 200").click()
        if others:
            expect(page.locator("#account-1")).to_contain_text("Somebody else saved this row meanwhile.")
        else:
            expect(page.get_by_role("status")).to_contain_text("SIP account 200 was saved.")
            take(server, "anna", "200")


def test_the_question_is_answered_in_place_and_stays_true(page, server, site):
    page.locator("#ask summary").click()
    page.locator("#ask-agent").select_option(label="Piotr Lis")
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("#answer")).to_have_text("Piotr Lis would get 200: the lowest free automatic account.")
    expect(page.get_by_role("status")).to_contain_text("Piotr Lis would get 200")
    expect(page.get_by_role("button", name="Ask")).to_be_focused()
    take(server, "anna")
    look(page)
    expect(page.locator("#answer")).to_have_text("Piotr Lis would get 201: the lowest free automatic account.")
    page.locator("#ask-number").fill("200")
    page.keyboard.press("Enter")
    expect(page.locator("#answer")).to_have_text("Piotr Lis would get no number: another agent uses it.")


def test_the_question_and_the_refusals_work_without_javascript(browser, server, site):
    with pytest.raises(agents.NoNumber):
        agents.login(site, "anna", AGENTS, "299", "")
    page = opened(browser, server, java_script_enabled=False)
    login(page)
    page.get_by_text("Refused in the last 24 hours: 1").click()
    expect(page.get_by_role("table", name="Refused")).to_contain_text("no account has this number")
    page.get_by_text("What would this agent get now?").click()
    page.locator("#ask-agent").select_option(label="Anna Nowak")
    page.locator("#ask-number").fill("207")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_text("Anna Nowak would get 207: the automatic account that was asked for.")).to_be_visible()


def test_an_expired_session_throws_nothing_away_and_work_goes_on_after_a_login_beside(page):
    cookies = page.context.cookies()
    page.get_by_role("link", name="Edit 203").click()
    page.locator("#edit-4-level").fill("33")
    page.context.clear_cookies()
    look(page)
    expect(page.get_by_role("alert")).to_contain_text("Your session has ended.")
    expect(page.locator("#edit-4-level")).to_have_value("33")
    with page.context.expect_page() as tab:
        page.get_by_role("link", name="Log in in a new tab").click()
    beside = tab.value
    beside.get_by_label("Login").fill("admin")
    beside.get_by_label("Password").fill(PASSWORD)
    beside.get_by_role("button", name="Log in").click()
    expect(beside.get_by_role("heading", name="SIP accounts")).to_be_visible()
    assert page.context.cookies() != cookies
    look(page)
    expect(page.get_by_role("alert")).to_be_empty()
    page.get_by_role("button", name="Save 203").click()
    expect(page.get_by_role("status")).to_contain_text("203 was saved")


def test_a_server_that_is_gone_is_said_once_and_no_more_when_it_is_back(browser, instance):
    with serving(instance, pbx="files") as address:
        page = opened(browser, address)
        login(page)
        page.get_by_role("link", name="Edit 203").click()
        page.locator("#edit-4-level").fill("33")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("The server cannot be reached.", timeout=SOON)
    page.evaluate("""window.said = 0;
        new MutationObserver(() => window.said++).observe(document.getElementById("alert"), {childList: true})""")
    for _ in range(2):
        with page.expect_event("requestfailed"):
            page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert page.evaluate("window.said") == 0
    with serving(instance, pbx="files", port=address.rpartition(":")[2]):
        expect(alert).to_be_empty(timeout=SOON)
        expect(page.locator("#edit-4-level")).to_have_value("33")


def test_a_page_that_nobody_looks_at_does_not_ask(page):
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/accounts/live" in request.url else None)
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    page.wait_for_timeout(6000)
    assert asked == []
    page.evaluate("delete document.hidden")
    look(page)
    assert len(asked) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_while_the_panel_is_open_and_full(browser, server, site, scheme, width):
    anna = next(user for user in users.listed(site) if user.login == "anna")
    accounts.change(site, WHO, 2, 1, accounts.Draft(201, anna.id, "builtin", True, False, 10))
    off = users.UserDraft(anna.name, anna.login, anna.role, False, anna.work_mode, anna.external_phone)
    users.change_user(site, WHO, anna.id, anna.version, off)
    for number in range(700, 722):
        with pytest.raises(agents.NoNumber):
            agents.login(site, "piotr", AGENTS, str(number), "")
    agents.login(site, "piotr", AGENTS, "205", "")
    page = opened(browser, server, color_scheme=scheme, viewport={"width": width, "height": 800})
    login(page)
    page.locator("#refused summary").click()
    page.locator("#ask summary").click()
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("#answer")).to_contain_text("would get")
    expect(page.locator("#account-2")).to_contain_text("(inactive user)")
    expect(page.get_by_role("link", name="All of them in the audit log")).to_be_visible()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto("/generation")
    axe(page)


def test_the_open_list_in_polish(browser, server, site):
    page = opened(browser, server, locale="pl-PL")
    page.goto("/login")
    page.get_by_label("Login").fill("admin")
    page.get_by_label("Hasło").fill(PASSWORD)
    page.get_by_role("button", name="Zaloguj").click()
    expect(page.locator("#pool")).to_have_text(
        "Konta automatyczne: 20 wolne · 0 zajęte · 0 nieaktywne · 0 niewygenerowane"
    )
    for account_id in range(4, 21):
        accounts.switch(site, WHO, account_id, 1, name="active", value=False)
    agents.login(site, "anna", AGENTS, "202", "")
    with pytest.raises(agents.NoNumber):
        agents.login(site, "piotr", AGENTS, "202", "")
    page.get_by_text("Odmowy z ostatnich 24 godzin").click()
    look(page)
    expect(page.get_by_role("table", name="Odmowy")).to_contain_text("używa go inny agent")
    expect(page.locator("#refused-count")).to_have_text("1")
    expect(page.locator("#account-3")).to_contain_text("Zajęte przez: Anna Nowak")
    page.get_by_text("Co otrzymałby teraz ten agent?").click()
    page.locator("#ask-agent").select_option(label="Piotr Lis")
    page.get_by_role("button", name="Sprawdź", exact=True).click()
    expect(page.locator("#answer")).to_have_text(
        "Piotr Lis otrzyma teraz numer 200: najniższe wolne konto automatyczne."
    )
