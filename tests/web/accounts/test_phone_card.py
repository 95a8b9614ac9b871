"""The settings to enter on a phone: one account's page, which leads on to the next phone of the same list."""

import pytest

from sipweb.services import accounts
from tests.builders import WHO, edit_account
from tests.client import soup, text_of


@pytest.fixture(autouse=True)
def phones(ctx, anna):
    """Three phones of Anna's (201, 205, 209) and one in the pool (207)."""
    for account_id in (2, 6, 10):
        edit_account(ctx, account_id, phone="other", user_id=anna)
    edit_account(ctx, 8, phone="other")


def links(page):
    """The addresses that the card leads to by the links' texts."""
    return {text_of(link): link["href"] for link in page.select("main :is(.tools, .card-actions) a")}


def test_card_names_the_account_and_its_user(admin):
    page = soup(admin.get("/accounts/6/phone"))
    assert text_of(page.h1) == "Phone settings for 205 · Anna Nowak"
    assert text_of(page.select_one(".menu [aria-current]")) == "SIP accounts"


def test_card_leads_to_its_neighbours_in_the_list(admin, ctx):
    assert links(soup(admin.get("/accounts/6/phone"))) == {
        "← Previous: 201": "/accounts/2/phone",
        "Next: 207 →": "/accounts/8/phone",
        "Back to SIP accounts": "/accounts#account-6",
    }
    query = "show=pending&sort=-number&q=anna"
    assert links(soup(admin.get(f"/accounts/6/phone?{query}"))) == {
        "← Previous: 209": f"/accounts/10/phone?{query}",
        "Next: 201 →": f"/accounts/2/phone?{query}",
        "Back to SIP accounts": f"/accounts?{query}#account-6",
    }
    assert list(links(soup(admin.get(f"/accounts/2/phone?{query}")))) == ["← Previous: 205", "Back to SIP accounts"]
    assert list(links(soup(admin.get("/accounts/8/phone?q=anna")))) == ["Back to SIP accounts"]
    accounts.delete(ctx, WHO, 8)
    assert "Next: 209 →" in links(soup(admin.get("/accounts/6/phone")))


def test_revealed_password_keeps_the_list(admin, ctx):
    form = soup(admin.get("/accounts/6/phone?q=anna")).select_one(".phonecard form")
    answer = admin.post(form["action"])
    assert answer.headers["Cache-Control"] == "no-store"
    page = soup(answer)
    assert page.select_one("#secret").text == accounts.reveal(ctx, WHO, 6).text
    assert links(page)["Next: 209 →"] == "/accounts/10/phone?q=anna"


def test_phone_is_not_called_without_an_asterisk(admin):
    assert "/accounts/1/call" not in admin.get("/accounts?edit=1").text
    answer = admin.post("/accounts/1/call", htmx=True)
    assert answer.status_code == 409
    assert "sipweb may not write to" in answer.text
