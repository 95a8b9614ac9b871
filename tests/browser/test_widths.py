"""From 320 to 1920 pixels nothing is cut off, and everything can be reached."""

import pytest

from tests.browser.conftest import login, open_page

PAGES = [
    "/accounts", "/accounts?edit=4", "/accounts?add=1", "/accounts/2/delete", "/users", "/users?add=1", "/users?edit=1",
    "/users/1/assignment", "/trunks?add=1", "/routes?add=1", "/generation", "/generation/1", "/audit", "/recordings",
    "/calls", "/accounts/import", "/users/import",
    "/account", "/account/second-factor", "/users/1/second-factor", "/agent",
]  # fmt: skip
FAULTS = """() => {
  const faults = [];
  if (document.documentElement.scrollWidth > innerWidth) faults.push("the page is too wide");
  for (const control of document.querySelectorAll("main :is(a, button, input:not([type=hidden]), select)")) {
    const box = control.getBoundingClientRect();
    if (box.width < 2 || control.closest(".visually-hidden, .wide")) continue;
    const panel = control.closest(".panel")?.getBoundingClientRect();
    if (box.left < -1 || box.right > (panel ? panel.right : innerWidth) + 1)
      faults.push("out of sight: " + (control.id || control.textContent));
  }
  for (const cell of document.querySelectorAll(".grid :is(td, th)"))
    if (cell.getBoundingClientRect().left >= 0 && cell.offsetParent && cell.textContent.trim() && cell.clientWidth < 24)
      faults.push("too narrow: " + cell.textContent.trim());
  return faults;
}"""


def check_widths(browser, server, widths, locale):
    page = open_page(browser, server, locale=locale)
    login(page)
    found = {}
    for path in PAGES:
        page.goto(path)
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            if faults := page.evaluate(FAULTS):
                found[path, width] = faults[:3]
    assert found == {}


@pytest.mark.parametrize("locale", ["en-GB", pytest.param("pl-PL", marks=pytest.mark.long)])
def test_nothing_is_cut_off_at_usual_widths(browser, server, locale):
    check_widths(browser, server, [320, 390, 800, 1024, 1040, 1280, 1920], locale)


@pytest.mark.long
@pytest.mark.parametrize("locale", ["en-GB", "pl-PL"])
def test_nothing_is_cut_off_at_any_width(browser, server, locale):
    check_widths(browser, server, range(320, 1921, 40), locale)
