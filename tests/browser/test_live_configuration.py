"""Drift, restoring, discarding and confirming with the keyboard alone, in both languages, on a narrow screen."""

import pytest

from sipweb.services import accounts, generations
from sipweb.services.state import current_state
from tests.browser.conftest import check_accessibility, login, open_page
from tests.builders import WHO, edit_account
from tests.servers import serving


@pytest.fixture(params=["en-GB", pytest.param("pl-PL", marks=pytest.mark.long)])
def narrow(request, browser, instance, ctx):
    """An administrator's page, 390 px wide, in either language."""
    with serving(instance, pbx="files") as address:
        page = open_page(browser, address, locale=request.param, viewport={"width": 390, "height": 844})
        login(page)
        page.locator("tbody.account").first.wait_for()
        yield page


def press(page, selector):
    """Reach an element with Tab from the top of the content, and press Enter."""
    page.locator("#main").evaluate("main => { main.tabIndex = -1; main.focus() }")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.locator(selector).first.evaluate("element => element === document.activeElement"):
            break
    else:
        raise AssertionError(f"Tab does not reach {selector}")
    page.keyboard.press("Enter")
    page.wait_for_load_state()


def check(page):
    """Nothing is wider than the screen, and axe finds nothing."""
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    check_accessibility(page, page.url)


def test_drift_is_applied_again_from_any_page(narrow, ctx):
    path = ctx.generation_files.path(1) / "pjsip.conf"
    path.write_text(path.read_text() + "; mine")
    narrow.goto("/generation")
    narrow.set_viewport_size({"width": 800, "height": 844})
    check_button, apply_button = (narrow.locator(one).bounding_box() for one in ("#check", "#apply"))
    assert apply_button["x"] - (check_button["x"] + check_button["width"]) == 8  # side by side
    narrow.set_viewport_size({"width": 390, "height": 844})
    press(narrow, "#check")
    narrow.locator(".differences").first.wait_for()
    narrow.goto("/users")
    check(narrow)
    press(narrow, "#drift-warning a")
    narrow.locator(".differences").wait_for()
    check(narrow)
    press(narrow, "#apply")
    narrow.locator(".message", has_text="kept-").wait_for()
    assert narrow.locator("#drift-warning").count() == 0
    check(narrow)
    assert "mine" not in path.read_text()


def test_everything_is_discarded_after_it_was_shown(narrow, ctx):
    edit_account(ctx, 1, level=50)
    accounts.delete(ctx, WHO, 2)
    narrow.goto("/generation")
    press(narrow, "a[href='/generation/discard']")
    narrow.locator("#discard").wait_for()
    assert narrow.locator(".plan .number").all_inner_texts() == ["200", "201"]
    check(narrow)
    press(narrow, "#discard")
    narrow.locator(".up-to-date").wait_for()
    check(narrow)
    assert not current_state(ctx).plan


def test_version_is_restored_from_its_page(narrow, ctx):
    edit_account(ctx, 1, level=50)
    generations.generate(ctx, WHO)
    narrow.goto("/generation/1")
    check(narrow)
    press(narrow, "#restore-version")
    narrow.locator("#outcome").wait_for()
    check(narrow)
    state = current_state(ctx)
    assert (state.generation, len(state.plan)) == (3, 1)


def test_wrong_confirmation_is_corrected_where_the_focus_is(narrow, ctx):
    for account_id in range(1, 8):
        accounts.delete(ctx, WHO, account_id)
    narrow.goto("/generation")
    narrow.locator("#confirm").fill("70")
    press(narrow, "#generate")
    narrow.locator("#confirm-error").wait_for()
    assert narrow.locator("#confirm").evaluate("element => element === document.activeElement")
    check(narrow)
    narrow.keyboard.press("ControlOrMeta+a")
    narrow.keyboard.type("7")
    narrow.keyboard.press("Enter")
    narrow.locator(".up-to-date").wait_for()
    assert current_state(ctx).generation == 2


def test_history_is_filtered(narrow, ctx):
    edit_account(ctx, 1, level=50)
    narrow.goto("/accounts?edit=1")
    narrow.locator("a[href='/accounts/1/history']").press("Enter")
    narrow.locator("table.history").wait_for()
    check(narrow)
    press(narrow, ".filters a[href$='show=failures']")
    narrow.locator(".empty").wait_for()
    check(narrow)
