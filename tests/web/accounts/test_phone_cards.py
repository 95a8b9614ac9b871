"""The page with cards to print for selected accounts."""

import time

import pytest

from sipweb.services import account_secrets, accounts, audit, audit_subjects, generations
from tests.builders import WHO, age_sign_ins, edit_account, make_account
from tests.client import PASSWORD, soup, text_of
from tests.host_rows import add_host


@pytest.fixture(autouse=True)
def phones(ctx, anna):
    """Two live phones of Anna's (201, 205); the others are built-in."""
    for account_id in (2, 6):
        edit_account(ctx, account_id, phone="other", user_id=anna)
    generations.generate(ctx, WHO)


def cards(page):
    """The lines of each card by its heading."""
    return {
        text_of(card.h2): {text_of(name): text_of(name.find_next_sibling("dd")) for name in card.select("dt")}
        for card in page.select(".card")
    }


def test_each_card_has_the_settings_the_password_and_a_code(admin, ctx):
    answer = admin.post("/accounts/cards", id=["2", "6"])
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert "Content-Encoding" not in answer.headers
    found = cards(soup(answer))
    assert list(found) == ["201 Anna Nowak", "205 Anna Nowak"]
    assert found["205 Anna Nowak"] == {
        "Server": "127.0.0.1", "Transport": "UDP", "Username": "205",
        "Password": account_secrets.reveal(ctx, WHO, 6).text,
    } | {"Port": found["205 Anna Nowak"]["Port"]}  # fmt: skip
    assert len(soup(answer).select(".card .qr svg")) == 2
    assert len({str(code) for code in soup(answer).select(".card .qr")}) == 2


def test_all_of_a_search_are_selected_and_the_link_leads_back_to_it(admin):
    answer = admin.post("/accounts/cards?q=anna&sort=-number", all="1")
    page = soup(answer)
    assert list(cards(page)) == ["205 Anna Nowak", "201 Anna Nowak"]
    assert page.select_one(".card-actions a")["href"] == "/accounts?sort=-number&q=anna"
    assert page.select_one(".without-card") is None


def test_accounts_without_a_card_are_at_the_top(admin, ctx):
    edit_account(ctx, 3, active=False)
    accounts.delete(ctx, WHO, 4)
    page = soup(admin.post("/accounts/cards", id=["1", "2", "3", "4", "5"]))
    assert list(cards(page)) == ["201 Anna Nowak"]
    assert [text_of(item) for item in page.select(".without-card li")] == [
        "200, 204: uses Thulium Softphone", "202: inactive", "203: deleted",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("ids", "sentence"),
    [
        ([], "No account is selected. Select accounts in the list first."),
        (["x", "", "-1"], "No account is selected. Select accounts in the list first."),
        (["1"], "None of the selected accounts can have a card."),
    ],
)
def test_without_a_card_the_page_says_why(admin, ids, sentence):
    entries = len(audit.entries())
    answer = admin.post("/accounts/cards", id=ids)
    assert answer.status_code == 422
    assert sentence in text_of(soup(answer).main)
    assert soup(answer).select_one("main :is(.card, [data-print], .phone-steps)") is None
    assert len(audit.entries()) == entries


def test_selection_survives_the_confirmation(admin):
    age_sign_ins()
    answer = admin.post("/accounts/cards?sort=-number", id=["2", "6"])
    assert answer.status_code == 401
    form = soup(answer).select_one("main form")
    sent = [(field["name"], field["value"]) for field in form.select("input[type=hidden]")]
    ids = [value for name, value in sent if name == "id"]
    assert (form["action"], ids) == ("/accounts/cards?sort=-number", ["2", "6"])
    assert "account.cards" not in [entry.action for entry in audit.entries()]
    answer = admin.post(form["action"], id=ids, current_password=PASSWORD)
    assert list(cards(soup(answer))) == ["201 Anna Nowak", "205 Anna Nowak"]
    assert [entry.action for entry in audit.entries()][:2] == ["account.cards", "session.confirm"]


def test_pending_settings_are_named_and_the_cards_show_what_works(admin, ctx):
    old = account_secrets.reveal(ctx, WHO, 2).text
    account_secrets.renew_secret(ctx, WHO, 2)
    page = soup(admin.post("/accounts/cards", id=["2", "6"]))
    assert cards(page)["201 Anna Nowak"]["Password"] == old
    assert "Pending: 201." in text_of(page.main)


def steps(page):
    """What to enter, by the phone's name: labels and values."""
    return {
        text_of(one.summary): {text_of(dt): text_of(dt.find_next_sibling("dd")) for dt in one.select("dt")}
        for one in page.select(".phone-steps details")
    }


def test_steps_have_the_values_of_the_account(admin, ctx):
    shown = steps(soup(admin.get("/accounts/6/phone")))
    assert len(shown) == 9
    assert (shown["Yealink"]["User Name"], shown["Yealink"]["Password"]) == ("205", "the account's password")
    secret = account_secrets.reveal(ctx, WHO, 6).text
    shown = steps(soup(admin.post("/accounts/6/secret")))
    assert shown["Snom"]["Password"] == secret
    assert shown["Yealink"]["SIP Server 1: Server Host"] == "127.0.0.1"
    shown = steps(soup(admin.post("/accounts/cards", id="6")))
    assert shown["Cisco"]["Password"] == "the password on the card"


def test_cards_are_polish(admin):
    admin.post("/language", language="pl")
    page = soup(admin.post("/accounts/cards", id=["1", "6"]))
    assert text_of(page.h1) == "Karty telefonów"
    assert cards(page)["205 Anna Nowak"]["Nazwa użytkownika"] == "205"
    assert text_of(page.select_one(".without-card li")) == "200: używa Thulium Softphone"
    assert steps(page)["Gigaset"]["Authentication password"] == "hasło z karty"


@pytest.mark.long
def test_900_cards_take_a_few_seconds(admin, ctx):
    for number in {*range(100, 1000)} - {*range(200, 220)}:
        make_account(ctx, number, phone="other")
    generations.generate(ctx, WHO)
    start = time.process_time()
    answer = admin._client.post("/accounts/cards?show=all", data={"csrf_token": admin.token, "all": "1"})
    duration = time.process_time() - start
    passwords = [card.code.text for card in soup(answer).select(".card")]
    assert (len(passwords), len(set(passwords))) == (882, 882)
    assert duration < 4, f"{duration:.1f} s"
    assert len(answer.data) < 4_000_000
    assert len(audit_subjects.accounts_of([audit.entries()[0].id])) == 882


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_cards_have_both_servers(admin):
    add_host("krakow")
    add_host("pbx")
    for card in cards(soup(admin.post("/accounts/cards", id=["2", "6"]))).values():
        assert list(card) == ["Server", "Port", "Transport", "Second server", "Username", "Password"]
        assert (card["Server"], card["Second server"]) == ("krakow.example.org", "pbx.example.org")
