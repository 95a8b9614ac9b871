"""What comes out on paper: the lists as whole tables, black on white, without what belongs to a screen."""

import re
import shutil
import subprocess

import pytest

from tests.browser.conftest import login, open_page
from tests.builders import edit_account, make_account, make_route, make_trunk
from tests.servers import serving

PAPER = {"portrait": 703, "landscape": 1032}  # A4 without its margins, in CSS pixels
PAGES = (
    "/accounts", "/accounts?edit=2&add=1", "/accounts/2/phone", "/users", "/routes", "/trunks", "/recordings", "/calls",
    "/generation", "/generation/1", "/audit",
)  # fmt: skip
FAULTS = """() => {
  const faults = [];
  for (const element of document.querySelectorAll("main *")) {
    if (!element.checkVisibility({checkOpacity: true, contentVisibilityAuto: true})) continue;
    const style = getComputedStyle(element), box = element.getBoundingClientRect();
    if (element.matches(".button, .message, #pending, .filters, #warnings") || element.closest(".menu"))
      faults.push(`not for paper: ${element.outerHTML.slice(0, 80)}`);
    if (element.closest("svg, .visually-hidden") || !box.width) continue;
    if (box.right > innerWidth + 1) faults.push(`cut off: ${element.outerHTML.slice(0, 80)}`);
    if (element.childElementCount === 0 && element.textContent.trim() && style.color !== "rgb(0, 0, 0)")
      faults.push(`${style.color}: ${element.outerHTML.slice(0, 80)}`);
    if (!["rgba(0, 0, 0, 0)", "rgb(255, 255, 255)"].includes(style.backgroundColor))
      faults.push(`on ${style.backgroundColor}: ${element.outerHTML.slice(0, 80)}`);
  }
  if (document.querySelector(".menu").checkVisibility()) faults.push("the menu");
  return faults;
}"""
ROWS = """rows => rows.map(row => [...row.cells].filter(cell => cell.checkVisibility()).map(cell => {
  const box = cell.getBoundingClientRect();
  const control = cell.querySelector("[role=switch]");
  const text = control ? getComputedStyle(control, "::after").content.replaceAll('"', "") : cell.innerText.trim();
  return [Math.round(box.left), text];
}))"""


@pytest.fixture
def address(instance, ctx, anna):
    """A server that writes files only, with a phone, a trunk, a route and something that is pending."""
    edit_account(ctx, 2, phone="other", user_id=anna)
    edit_account(ctx, 3, recording=True)
    make_route(make_trunk(ctx))
    with serving(instance, pbx="files") as address:
        yield address


def print_page(browser, address, width=PAPER["portrait"], **options):
    """Return a logged-in administrator's page that is shown as it would be printed."""
    page = open_page(browser, address, viewport={"width": width, "height": 1000}, **options)
    login(page)
    page.emulate_media(media="print")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_printed_black_on_white_without_menu_and_buttons(browser, address, scheme):
    found = {}
    page = print_page(browser, address, color_scheme=scheme)
    for path in PAGES:
        page.goto(path)
        page.emulate_media(media="print", color_scheme=scheme)
        if faults := page.evaluate(FAULTS):
            found[path] = faults[:3]
    assert found == {}


@pytest.mark.parametrize("width", PAPER.values(), ids=PAPER)
def test_list_is_printed_as_a_table_with_all_columns(browser, address, width):
    page = print_page(browser, address, width)
    page.goto("/accounts")
    heads, *rows = page.locator(".accounts-table tr").evaluate_all(ROWS)
    assert [text for _left, text in heads] == [
        "Internal number", "User", "Hardware phone", "State", "Account active", "Call recording", "Permission level",
    ]  # fmt: skip
    assert len(rows) == 20
    for row in rows:
        assert [left for left, _text in row] == [left for left, _text in heads]
    assert [text for _left, text in rows[1]][1:] == [
        "Anna Nowak\nnow: Automat Automat", "Other softphone\nnow: Thulium Softphone", "Free pending", "yes", "no",
        "10",
    ]  # fmt: skip
    assert [text for _left, text in rows[2]][4:6] == ["yes", "yes"]
    assert "Configuration version 1 · " in page.locator("#live-version").inner_text()


def test_words_of_switches_are_in_the_language_of_the_page(browser, address):
    page = print_page(browser, address, locale="pl-PL")
    page.goto("/accounts")
    rows = page.locator(".accounts-table tr").evaluate_all(ROWS)
    assert [text for _left, text in rows[2]][4:6] == ["tak", "nie"]
    assert "Wersja konfiguracji 1 · " in page.locator("#live-version").inner_text()


def test_screen_shows_no_line_for_paper(browser, address):
    page = print_page(browser, address)
    page.emulate_media(media="screen")
    page.goto("/accounts")
    assert page.locator("#live-version").is_hidden()


def test_headings_are_repeated_on_each_sheet_and_no_row_is_split(browser, address, ctx, tmp_path):
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext: run make tools")
    edit_account(ctx, 3, recording=False)
    for number in range(300, 400):
        make_account(ctx, number)
    page = print_page(browser, address)
    page.goto("/accounts")
    for landscape in (False, True):
        page.pdf(path=tmp_path / "list.pdf", format="A4", landscape=landscape)
        command = ["pdftotext", "-layout", tmp_path / "list.pdf", "-"]
        text = subprocess.run(command, capture_output=True, check=True, text=True).stdout
        sheets = text.rstrip("\f").split("\f")
        assert len(sheets) > 2
        assert all("Hardware phone" in sheet for sheet in sheets)
        numbers = [str(number) for number in (*range(200, 220), *range(300, 400))]
        assert re.findall(r"^ *(\d{3}) ", text, re.MULTILINE) == numbers
        for sheet in sheets:  # what belongs to a new account's row stands below its number on the same sheet
            assert sheet.count("Not live") == sheet.count("now: off")
