"""axe on every page and state in both colour schemes; Polish is a part of `make test-long`."""

import pytest

from tests.browser.conftest import check_accessibility, check_contrast, login, open_page
from tests.browser.states import GROUPS, signed_in
from tests.builders import make_account
from tests.servers import serving

ROLES = {"auditor", "editor"}  # they see what administrators see, and less of it


@pytest.mark.parametrize("locale", ["en-GB", pytest.param("pl-PL", marks=pytest.mark.long)])
@pytest.mark.parametrize("group", [pytest.param(one, marks=[pytest.mark.long] * (one in ROLES)) for one in GROUPS])
def test_every_state_passes_axe(browser, instance, ctx, group, locale):
    with signed_in(group, browser, instance, ctx, locale=locale) as (page, states):
        for name, bring in states.items():
            bring(page, ctx)
            check_both_schemes(page, name)


def check_both_schemes(page, name):
    """Check a page with axe, then again what depends on the colours."""
    check_accessibility(page, name)
    page.emulate_media(color_scheme="dark")
    check_contrast(page, name)
    page.emulate_media(color_scheme="light")


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_list_of_900_accounts_passes_axe(browser, instance, ctx, scheme):
    for number in {*range(100, 1000)} - {*range(200, 220)}:
        make_account(ctx, number, phone="other")
    with serving(instance, pbx="files") as address:
        page = open_page(browser, address, color_scheme=scheme)
        login(page)
        page.locator("tbody.account >> nth=899").wait_for()
        check_accessibility(page)
