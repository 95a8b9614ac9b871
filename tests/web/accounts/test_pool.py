"""The summary above the list: how many automatic accounts are free."""

from sipweb import create_app
from sipweb.config import load
from sipweb.services import (
    accounts,
    generations,
)
from tests.builders import WHO, acquire, edit_account, make_account
from tests.client import Client, partials, soup
from tests.web.accounts.polling import PollingPage


def chips(page):
    return {link["id"].removeprefix("show-"): int(link.text.split()[-1]) for link in page.select("#filters a")}


def test_filters_count_what_the_rows_show(open_page, admin, ctx, anna):
    acquire(ctx)
    accounts.set_flag(ctx, WHO, 2, 1, name="active", value=False)  # free until the configuration is generated
    edit_account(ctx, 3, user_id=anna)
    edit_account(ctx, 4, phone="other")
    make_account(ctx, 300)
    make_account(ctx, 301, active=False)
    make_account(ctx, 302, phone="other")
    before = {"all": 23, "free": 19, "in-use": 1, "unregistered": 0, "automatic": 22, "inactive": 2, "pending": 6}
    after = {"all": 23, "free": 17, "in-use": 1, "unregistered": 2, "automatic": 20, "inactive": 2, "pending": 0}
    for expected in (before, after):
        page = soup(admin.get("/accounts"))
        states = [cell["class"][0] for cell in page.select(".account td:nth-of-type(4)")]
        assert chips(page) == expected
        assert (states.count("free"), states.count("busy")) == (expected["free"], expected["in-use"])
        assert len(page.select(".account.changed")) == expected["pending"]
        assert len(page.select("[id^=active-][aria-checked=false]")) == expected["inactive"]
        for show, count in expected.items():
            assert len(soup(admin.get(f"/accounts?show={show}")).select(".account")) == count
        generations.generate(ctx, WHO)
    assert chips(soup(open_page.poll())) == after


def test_pages_warn_of_few_free_accounts_and_announce_the_last_one_once(environ, ctx, anna, piotr):
    for account_id in range(3, 21):
        edit_account(ctx, account_id, user_id=anna)
    generations.generate(ctx, WHO)
    admin = _administrator(environ, "1")
    assert "only 2 free" not in admin.get("/accounts").text
    client = _administrator(environ, "3")
    assert "Only 2 free automatic accounts are left." in client.get("/accounts").text
    assert "Only 2 free automatic accounts are left." in client.get("/audit").text
    open_page = PollingPage(client)
    acquire(ctx, "piotr")
    page = soup(open_page.poll())
    assert page.select_one("#pool .low").text == "Only 1 free automatic account is left."
    assert not partials(page, "#announce")
    acquire(ctx, number="201")
    page = soup(open_page.poll())
    assert page.select_one("#pool .low").text == "No free accounts remain."
    assert [announced.p.text for announced in partials(page, "#announce")] == ["No free accounts remain."]
    accounts.set_flag(ctx, WHO, 3, 2, name="recording", value=True)
    assert not partials(soup(open_page.poll()), "#announce")


def _administrator(environ, warning):
    app = create_app(load(environ | {"SIPWEB_FREE_WARNING": warning}))
    app.testing = True
    client = Client(app)
    client.login()
    return client
