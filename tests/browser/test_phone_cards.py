"""The cards of selected accounts in Chromium: on the screen, without JavaScript, and on paper."""

import shutil
import subprocess

import pytest
from playwright.sync_api import expect

from sipweb.services import generations
from tests.browser.conftest import check_accessibility, check_contrast, login, open_page
from tests.browser.test_print import FAULTS
from tests.builders import WHO, edit_account
from tests.servers import serving

SUBMIT = """ids => {
  const form = document.createElement("form");
  form.method = "post";
  form.action = "/accounts/cards";
  form.append(document.querySelector("[name=csrf_token]").cloneNode());
  for (const id of ids) {
    const field = document.createElement("input");
    Object.assign(field, {type: "hidden", name: "id", value: id});
    form.append(field);
  }
  document.body.append(form);
  form.submit();
}"""


@pytest.fixture
def address(instance, ctx, anna):
    """A server that writes files only, with ten live phones and two that are pending."""
    for account_id in range(1, 13):
        edit_account(ctx, account_id, phone="other", user_id=anna)
    generations.generate(ctx, WHO)
    edit_account(ctx, 11, active=False)
    edit_account(ctx, 2, number=333)
    with serving(instance, pbx="files") as address:
        yield address


def open_cards(browser, address, ids=range(1, 12), **options):
    """Return a page with the cards of these accounts."""
    page = open_page(browser, address, **options)
    login(page)
    with page.expect_navigation():
        page.evaluate(SUBMIT, [str(one) for one in ids])
    return page


def test_cards_are_readable_on_every_screen(browser, address):
    for width, locale in ((1280, "en-GB"), (390, "pl-PL")):
        page = open_cards(browser, address, viewport={"width": width, "height": 844}, locale=locale)
        expect(page.locator(".card")).to_have_count(10)
        page.locator(".phone-steps summary").nth(5).press("Enter")
        expect(page.locator(".phone-steps details[open] dl")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        check_accessibility(page)
        page.emulate_media(color_scheme="dark")
        check_contrast(page)
    page = open_cards(browser, address, java_script_enabled=False)
    expect(page.locator(".card .qr svg").first).to_be_visible()
    expect(page.locator("[data-print]:visible")).to_have_count(0)
    page.locator("summary", has_text="Snom").click()
    expect(page.get_by_text("Outbound Proxy", exact=True)).to_be_visible()
    page.get_by_role("link", name="Back to SIP accounts").click()
    assert page.url.endswith("/accounts")


def test_eight_cards_fit_on_a_sheet_in_black_and_white_and_none_is_split(browser, address, tmp_path):
    page = open_cards(browser, address, color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(FAULTS) == []
    assert page.locator(".without-card, h1, .card-actions, main > p").filter(visible=True).count() == 0
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext: run make tools")
    page.pdf(path=tmp_path / "cards.pdf", format="A4")
    command = ["pdftotext", "-layout", tmp_path / "cards.pdf", "-"]
    text = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    sheets = text.rstrip("\f").split("\f")
    assert [sheet.count("Password") for sheet in sheets[:2]] == [8, 2]
    assert [sheet.count("Anna Nowak") for sheet in sheets[:2]] == [8, 2]
    assert "Authenticate Password" in sheets[2]
    assert len(sheets) == 3
