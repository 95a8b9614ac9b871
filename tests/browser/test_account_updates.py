"""The open account list in Chromium: updates arrive by themselves and keep what is typed."""

import json
import urllib.request

import pytest
from playwright.sync_api import expect

from sipweb.services import accounts, agent_sign_in, generations, leases, user_list, users
from sipweb.services.state import current_state
from tests.browser.conftest import check_accessibility, login, open_page
from tests.builders import AGENT_PASSWORD, WHO
from tests.client import PASSWORD
from tests.servers import serving

SOON = 15_000  # milliseconds; a page asks every five seconds


@pytest.fixture
def server(instance):
    """Run `flask serve` without a PBX and return its address."""
    with serving(instance, pbx="files", workers="2") as address:
        yield address


@pytest.fixture(autouse=True)
def agents(anna, piotr):
    """Two agents."""


def log_in_agent(server, login, number=None):
    """Log an agent in over the API, as the agents' program does."""
    body = {"login": login, "password": AGENT_PASSWORD} | ({"number": number} if number else {})
    request = urllib.request.Request(
        f"{server}/api/agent/login", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=20) as response:
        return json.load(response)


def poll_now(page):
    """Make the page poll now, as it does when its tab becomes visible."""
    with page.expect_response("**/accounts/updates*"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def caret(page):
    """Return the focused element's id and the position of its caret."""
    return page.evaluate("[document.activeElement.id, document.activeElement.selectionStart]")


def test_lease_appears_without_reload_and_typing_keeps_text_and_caret(page, server, ctx):
    with pytest.raises(leases.NoNumberAvailable):
        agent_sign_in.login_and_acquire(ctx, "anna", AGENT_PASSWORD, "299", "")
    poll_now(page)
    page.locator("#refused summary").click()
    page.get_by_role("link", name="Add SIP account").click()
    page.locator("#add-form-number").fill("77")
    page.get_by_role("link", name="Edit 200").click()
    page.locator("#edit-1-level").fill("5x5")
    page.keyboard.press("ArrowLeft")
    assert caret(page) == ["edit-1-level", 2]
    log_in_agent(server, "anna", "200")
    log_in_agent(server, "piotr", "203")
    expect(page.locator("#account-4")).to_contain_text("In use by Piotr Lis since", timeout=SOON)
    expect(page.locator("#show-free")).to_have_text("Free 18")
    expect(page.locator("#show-in-use")).to_have_text("In use 2")
    assert caret(page) == ["edit-1-level", 2]
    expect(page.locator("#edit-1-level")).to_have_value("5x5")
    expect(page.locator("#add-form-number")).to_have_value("77")
    assert page.locator("#refused[open]").count() == 1
    page.locator("#edit-1-level").fill("55")
    page.keyboard.press("Enter")
    expect(page.locator("#account-1")).to_contain_text("In use by Anna Nowak since")


def test_changes_by_others_arrive_in_place_and_focus_stays(page, ctx):
    page.get_by_role("switch", name="Call recording 203").focus()
    accounts.set_flag(ctx, WHO, 4, 1, name="recording", value=True)
    for number in (150, 301, 300):
        accounts.create(ctx, WHO, accounts.AccountInput(number=number))
    poll_now(page)
    expect(page.get_by_role("switch", name="Call recording 203")).to_have_attribute("aria-checked", "true")
    expect(page.get_by_role("switch", name="Call recording 203")).to_be_focused()
    numbers = [str(number) for number in (150, *range(200, 220), 300, 301)]
    expect(page.locator("tbody.account th")).to_have_text(numbers)
    expect(page.get_by_role("region", name="Pending changes")).to_contain_text("4 pending changes")
    accounts.delete(ctx, WHO, next(a.id for a in current_state(ctx).accounts if a.number == 301))
    poll_now(page)
    expect(page.locator("tbody.account th")).to_have_text(numbers[:-1])
    page.get_by_role("switch", name="Call recording 203").click()  # with the version that came by itself
    expect(page.get_by_role("status")).to_contain_text("Recording off for 203.")


def test_own_edit_is_not_announced_again(page):
    page.get_by_role("link", name="Add SIP account").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("220 added")
    poll_now(page)
    expect(page.locator("tbody.account")).to_have_count(21)
    expect(page.get_by_role("status")).to_contain_text("220 added")


def test_release_in_an_open_row_keeps_what_is_typed(page, server, ctx):
    log_in_agent(server, "anna", "200")
    for edited in (False, True):
        page.goto("/accounts")
        page.get_by_role("link", name="Edit 200").click()
        page.locator("#edit-1-level").fill("33")
        if edited:
            account = current_state(ctx).account(1)
            accounts.set_flag(ctx, WHO, 1, account.version, name="recording", value=True)
        page.get_by_role("button", name="Release").press("Enter")
        expect(page.locator("#edit-1-shown")).to_contain_text("200 released. The agent's phone")
        expect(page.locator("#edit-1-shown p")).to_be_focused()
        expect(page.get_by_role("status")).to_contain_text("200 released.")
        expect(page.get_by_role("region", name="Pending changes")).to_contain_text("1 pending change")
        expect(page.locator("#show-free")).to_have_text("Free 20")
        expect(page.locator("#account-1")).not_to_contain_text("In use by")
        expect(page.get_by_role("button", name="Release")).to_have_count(0)
        expect(page.locator("#edit-1-level")).to_have_value("33")
        page.get_by_role("button", name="Save 200").click()
        if edited:
            expect(page.locator("#account-1")).to_contain_text("Someone else changed this row while you were editing.")
        else:
            expect(page.get_by_role("status")).to_contain_text("SIP account 200 saved.")
            generations.generate(ctx, WHO)  # nobody gets the number while its old password works
            log_in_agent(server, "anna", "200")


def test_assignment_preview_is_answered_in_place(page, server):
    page.goto("/users")
    page.get_by_role("link", name="Number Piotr Lis").click()
    expect(page.get_by_role("heading", name="Check number assignment")).to_be_visible()
    result = page.locator("#assignment-result")
    expect(result).to_have_text("Piotr Lis would be assigned 200 (lowest-numbered free automatic account).")
    log_in_agent(server, "anna")
    page.reload()
    expect(result).to_have_text("Piotr Lis would be assigned 201 (lowest-numbered free automatic account).")
    page.get_by_label("Requested number (optional)").fill("207")
    page.get_by_role("button", name="Check").click()
    expect(result).to_have_text("Piotr Lis would be assigned 207 (requested automatic account).")
    expect(page.get_by_role("status")).to_contain_text("Piotr Lis would be assigned 207")
    expect(page.get_by_role("button", name="Check")).to_be_focused()
    page.get_by_label("Requested number (optional)").fill("200")
    page.keyboard.press("Enter")
    expect(result).to_have_text("Piotr Lis would not be assigned a number: in use by another agent.")
    expect(page.get_by_role("status")).to_contain_text("Piotr Lis would not be assigned a number")
    page.get_by_role("link", name="Back to users").click()
    expect(page.get_by_role("link", name="Edit Piotr Lis")).to_be_visible()


def test_assignment_preview_and_refusals_work_without_javascript(browser, server, ctx):
    with pytest.raises(leases.NoNumberAvailable):
        agent_sign_in.login_and_acquire(ctx, "anna", AGENT_PASSWORD, "299", "")
    page = open_page(browser, server, java_script_enabled=False)
    login(page)
    page.locator("#refused summary").click()
    expect(page.get_by_role("table", name="Rejected sign-ins")).to_contain_text("no account has this number")
    page.goto("/users")
    page.get_by_role("link", name="Number Anna Nowak").click()
    page.get_by_label("Requested number (optional)").fill("207")
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("Anna Nowak would be assigned 207 (requested automatic account).")).to_be_visible()


def test_expired_session_keeps_what_is_typed_and_continues_after_login(page):
    cookies = page.context.cookies()
    page.get_by_role("link", name="Edit 203").click()
    page.locator("#edit-4-level").fill("33")
    page.context.clear_cookies()
    poll_now(page)
    expect(page.get_by_role("alert")).to_contain_text("Your session has expired.")
    expect(page.locator("#edit-4-level")).to_have_value("33")
    with page.context.expect_page() as tab:
        page.get_by_role("link", name="Sign in again in a new tab").click()
    login_page = tab.value
    login_page.get_by_label("Login").fill("admin")
    login_page.get_by_label("Password").fill(PASSWORD)
    login_page.get_by_role("button", name="Sign in").click()
    expect(login_page.get_by_role("heading", name="SIP accounts")).to_be_visible()
    assert page.context.cookies() != cookies
    poll_now(page)
    expect(page.get_by_role("alert")).to_be_empty()
    page.get_by_role("button", name="Save 203").click()
    expect(page.get_by_role("status")).to_contain_text("203 saved")


@pytest.mark.long
def test_unreachable_server_is_announced_once_until_it_is_back(browser, instance):
    with serving(instance, pbx="files") as address:
        page = open_page(browser, address)
        login(page)
        page.get_by_role("link", name="Edit 203").click()
        page.locator("#edit-4-level").fill("33")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Can't reach the server.", timeout=SOON)
    page.evaluate("""window.mutations = 0;
        new MutationObserver(() => window.mutations++).observe(document.getElementById("alert"), {childList: true})""")
    for _ in range(2):
        with page.expect_event("requestfailed"):
            page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert page.evaluate("window.mutations") == 0
    with serving(instance, pbx="files", port=address.rpartition(":")[2]):
        expect(alert).to_be_empty(timeout=SOON)
        expect(page.locator("#edit-4-level")).to_have_value("33")


def test_hidden_page_does_not_poll(page):
    polls = []
    page.on("request", lambda request: polls.append(request.url) if "/accounts/updates" in request.url else None)
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    page.wait_for_timeout(6000)
    assert polls == []
    page.evaluate("delete document.hidden")
    poll_now(page)
    assert len(polls) == 1


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_accounts_and_assignment_pages_pass_axe(browser, server, ctx, scheme, width):
    anna = next(user for user in user_list.list_users(ctx) if user.login == "anna")
    accounts.update(ctx, WHO, 2, 1, accounts.AccountInput(number=201, user_id=anna.id))
    off = users.UserInput(anna.name, anna.login, anna.role, False, anna.work_mode, anna.external_phone)
    users.update_user(ctx, WHO, anna.id, anna.version, off)
    for number in range(700, 722):
        with pytest.raises(leases.NoNumberAvailable):
            agent_sign_in.login_and_acquire(ctx, "piotr", AGENT_PASSWORD, str(number), "")
    agent_sign_in.login_and_acquire(ctx, "piotr", AGENT_PASSWORD, "205", "")
    page = open_page(browser, server, color_scheme=scheme, viewport={"width": width, "height": 800})
    login(page)
    page.locator("#refused summary").click()
    expect(page.locator("#account-2")).to_contain_text("(inactive user)")
    expect(page.get_by_role("link", name="View all in the audit log")).to_be_visible()
    check_accessibility(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto(f"/users/{anna.id}/assignment?number=205")
    expect(page.locator("#assignment-result")).to_have_text("Anna Nowak is inactive and can't sign in.")
    check_accessibility(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto("/generation")
    check_accessibility(page)


def test_open_list_is_refreshed_in_polish(browser, server, ctx):
    page = open_page(browser, server, locale="pl-PL")
    page.goto("/login")
    page.get_by_label("Login").fill("admin")
    page.get_by_label("Hasło").fill(PASSWORD)
    page.get_by_role("button", name="Zaloguj").click()
    expect(page.locator("#show-free")).to_have_text("Wolne 20")
    for account_id in range(4, 21):
        accounts.set_flag(ctx, WHO, account_id, 1, name="active", value=False)
    agent_sign_in.login_and_acquire(ctx, "anna", AGENT_PASSWORD, "202", "")
    with pytest.raises(leases.NoNumberAvailable):
        agent_sign_in.login_and_acquire(ctx, "piotr", AGENT_PASSWORD, "202", "")
    poll_now(page)
    page.locator("#refused summary").click()
    expect(page.get_by_role("table", name="Odrzucone logowania")).to_contain_text(
        "numer jest używany przez innego agenta"
    )
    expect(page.locator("#refused-count")).to_have_text("1")
    expect(page.locator("#account-3")).to_contain_text("Zajęte przez: Anna Nowak")
    page.get_by_role("link", name="Użytkownicy").click()
    page.get_by_role("link", name="Numer Piotr Lis").click()
    expect(page.get_by_role("heading", name="Sprawdź przydział numeru")).to_be_visible()
    page.get_by_role("button", name="Sprawdź", exact=True).click()
    expect(page.locator("#assignment-result")).to_have_text(
        "Piotr Lis: przydzielony zostanie numer 200 (wolne konto automatyczne o najniższym numerze)."
    )
