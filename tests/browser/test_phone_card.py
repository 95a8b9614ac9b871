"""The phone card in Chromium: what its buttons copy and print."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import check_accessibility, login, open_page
from tests.builders import edit_account
from tests.servers import serving


@pytest.fixture
def address(instance, ctx, anna):
    """A server that writes files only; Anna has a phone."""
    edit_account(ctx, 1, phone="other", user_id=anna)
    with serving(instance, pbx="files") as address:
        yield address


def test_all_settings_are_copied_with_the_password_once_it_is_shown(browser, address):
    page = open_page(browser, address, locale="pl-PL", permissions=["clipboard-read", "clipboard-write"])
    login(page)
    page.goto("/accounts/1/phone")
    copied = []
    for _ in range(2):
        page.get_by_role("button", name="Kopiuj wszystko").click()
        expect(page.get_by_role("status")).to_contain_text("Skopiowano")
        copied.append(page.evaluate("navigator.clipboard.readText()").split("\n"))
        if len(copied) == 1:
            page.get_by_role("button", name="Pokaż hasło").click()
    port, secret = (
        page.locator("#phone-settings dd").nth(1).text_content().strip(),
        page.locator("#secret").text_content(),
    )
    settings = ["Serwer: 127.0.0.1", f"Port: {port}", "Transport: UDP", "Nazwa użytkownika: 200"]
    assert copied == [settings, [*settings, f"Hasło: {secret}"]]


def test_page_over_plain_http_copies_the_same_lines_with_the_keyboard(browser, address):
    page = open_page(browser, address)
    login(page)
    page.goto("/accounts/1/phone")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.get_by_role("button", name="Copy all").click()
    page.keyboard.press("Control+c")
    page.evaluate("document.querySelector('main').append(document.createElement('textarea'))")
    page.locator("textarea").press("Control+v")
    lines = page.locator("textarea").input_value().split("\n")
    assert [line.partition(": ")[0] for line in lines] == ["Server", "Port", "Transport", "Username"]


def test_print_button_prints(browser, address):
    page = open_page(browser, address)
    login(page)
    page.goto("/accounts/1/phone")
    page.evaluate("window.prints = 0; addEventListener('beforeprint', () => window.prints++)")
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.prints") == 1


@pytest.mark.parametrize("width", [1280, 390])
def test_code_stands_next_to_the_settings_where_there_is_room(browser, address, width):
    page = open_page(browser, address, viewport={"width": width, "height": 844})
    login(page)
    page.goto("/accounts/1/phone")
    page.get_by_role("button", name="Show password").click()
    settings, code = page.locator("#phone-settings").bounding_box(), page.locator(".qr").bounding_box()
    gap = code["x"] - settings["x"] - settings["width"]
    assert 0 < gap < 60 if width == 1280 else code["y"] > settings["y"] + settings["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    check_accessibility(page)


def test_without_javascript_the_card_has_no_buttons_that_need_it(browser, address):
    page = open_page(browser, address, java_script_enabled=False)
    login(page)
    page.goto("/accounts/1/phone")
    page.get_by_role("button", name="Show password").click()
    expect(page.locator("#secret")).to_be_visible()
    expect(page.locator(":is([data-copy], [data-print]):visible")).to_have_count(0)
    page.get_by_role("link", name="Back to SIP accounts").click()
    assert page.url.endswith("/accounts#account-1")


@pytest.mark.parametrize(
    ("width", "locale", "create"), [(1280, "en-GB", "Create address"), (390, "pl-PL", "Utwórz adres")]
)
def test_address_for_the_automatic_set_up_is_made_and_copied(browser, address, width, locale, create):
    context = {"viewport": {"width": width, "height": 844}, "permissions": ["clipboard-read", "clipboard-write"]}
    page = open_page(browser, address, locale=locale, **context)
    login(page)
    page.goto("/accounts/1/phone")
    section = page.locator(".phone-setup")
    section.get_by_role("button", name=create).click()
    expect(page.locator("#setup-vendor-error")).to_be_visible()
    check_accessibility(page)
    section.get_by_role("combobox").select_option("yealink")
    section.get_by_role("textbox").fill("00:15:65:ab:cd:ef")
    page.keyboard.press("Enter")
    shown = section.locator("#phone-address").text_content()
    assert "/provisioning/" in shown
    section.locator("[data-copy]").click()
    assert page.evaluate("navigator.clipboard.readText()") == shown
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    check_accessibility(page)
    page.goto("/accounts/1/phone")
    expect(page.locator("#phone-address")).to_have_count(0)
    expect(section).to_contain_text("00:15:65:AB:CD:EF")
    check_accessibility(page)


def test_automatic_set_up_works_without_javascript(browser, address):
    page = open_page(browser, address, java_script_enabled=False)
    login(page)
    page.goto("/accounts/1/phone")
    page.get_by_role("combobox", name="Vendor").select_option("linphone")
    page.get_by_role("button", name="Create address").click()
    expect(page.locator("#phone-address")).to_contain_text("linphone.xml")
    page.get_by_role("button", name="End automatic set-up").click()
    expect(page.get_by_text("The address has ended.")).to_be_visible()
    expect(page.get_by_role("button", name="Create address")).to_be_visible()
