"""The table of PBX hosts on a narrow screen: it renews itself, and a host is removed with the keyboard."""

import pytest
from playwright.sync_api import expect

from sipweb.db import db, transaction
from tests.browser.conftest import check_accessibility, check_contrast, login, open_page
from tests.builders import make_host
from tests.servers import serving


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("locale", ["en-GB", pytest.param("pl-PL", marks=pytest.mark.long)])
def test_host_that_goes_away_is_shown_and_removed(browser, instance, ctx, locale):
    make_host(ctx, "pbx-1", seen=-600)  # they stay present
    make_host(ctx, "pbx-2", seen=-600)
    db.session.remove()
    with serving(instance, pbx="none") as address:
        page = open_page(browser, address, locale=locale, viewport={"width": 390, "height": 844})
        login(page)
        page.goto("/generation")
        state = page.locator("#hosts tbody tr", has_text="pbx-2").locator(".main").last
        expect(state.locator(".up-to-date")).to_be_visible()
        with transaction() as session:
            session.execute(db.text("UPDATE host SET seen_at = seen_at - interval '1 hour' WHERE name = 'pbx-2'"))
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(state.locator(".warn")).to_be_visible()
        expect(page.locator("#host-warning")).to_contain_text("pbx-2")
        check_accessibility(page)
        page.emulate_media(color_scheme="dark")
        check_contrast(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.locator("#remove-pbx-2").focus()
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("pbx-2")
        check_accessibility(page)
        page.locator("#remove").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#announce")).to_contain_text("pbx-2")
        expect(page.locator("#hosts tbody tr")).to_have_count(1)
        page.context.close()
