"""The settings to enter on a phone: one account's page, which leads on to the next phone of the same list."""

from dataclasses import replace
from functools import partial

import pytest

from sipweb.core.phone_server import PhoneServer
from sipweb.services import account_secrets, accounts, generations
from tests.builders import WHO, edit_account
from tests.client import soup, text_of
from tests.host_rows import add_host

phone_server = partial(PhoneServer, ports={"udp": 5060})


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
    assert page.select_one("#secret").text == account_secrets.reveal(ctx, WHO, 6).text
    assert links(page)["Next: 209 →"] == "/accounts/10/phone?q=anna"


def test_phone_is_not_called_without_an_asterisk(admin):
    assert "/accounts/1/call" not in admin.get("/accounts?edit=1").text
    answer = admin.post("/accounts/1/call", htmx=True)
    assert answer.status_code == 409
    assert "sipweb may not write to" in answer.text


def lines(page):
    """The card's settings, each with what is pending beside it."""
    return {
        text_of(name): [text_of(part) for part in name.find_next_sibling("dd").select("span, code, small")]
        for name in page.select("#phone-settings dt")
    }


def warnings(page):
    return [text_of(warning) for warning in page.select("main > p.warn")]


@pytest.fixture
def reachable(app, ctx):
    """A server whose address every phone can reach, so that the card has no warning about it."""
    app.extensions["sipweb"] = replace(ctx, phone_server=phone_server("pbx.example.org"))


@pytest.mark.usefixtures("reachable")
def test_card_shows_the_live_settings_and_also_what_is_pending(admin, ctx):
    generations.generate(ctx, WHO)
    old = account_secrets.reveal(ctx, WHO, 6).text
    assert warnings(soup(admin.get("/accounts/6/phone"))) == []
    edit_account(ctx, 6, number=305, secret="another password")
    assert lines(soup(admin.get("/accounts/6/phone")))["Username"] == ["205", "after generating: 305"]
    shown = lines(soup(admin.post("/accounts/6/secret")))
    assert shown["Password"] == [old, "after generating: another password"]
    generations.generate(ctx, WHO)
    shown = lines(soup(admin.post("/accounts/6/secret")))
    assert (shown["Username"], shown["Password"]) == (["305"], ["another password"])


@pytest.mark.usefixtures("reachable")
def test_card_says_what_a_generation_will_do_to_the_phone(admin, ctx):
    generations.generate(ctx, WHO)
    edit_account(ctx, 6, active=False)
    assert warnings(soup(admin.get("/accounts/6/phone"))) == [
        "Pending: the phone stops working when the configuration is generated."
    ]
    edit_account(ctx, 6, active=True, phone="builtin")
    assert warnings(soup(admin.get("/accounts/6/phone"))) == [
        "Pending: only Thulium Softphone can use this account after the configuration is generated."
    ]
    assert soup(admin.get("/accounts?edit=6")).select_one("a[href='/accounts/6/phone']")
    generations.generate(ctx, WHO)
    assert "There is nothing to enter on a phone." in admin.get("/accounts/6/phone").text
    edit_account(ctx, 6, phone="other")
    assert warnings(soup(admin.get("/accounts/6/phone"))) == [
        "Until the configuration is generated, only Thulium Softphone can use this account."
    ]
    new = accounts.create(ctx, WHO, accounts.AccountInput(number=900, phone="other"))
    assert warnings(soup(admin.get(f"/accounts/{new}/phone"))) == [
        "This account isn't live yet. Generate the configuration first."
    ]
    edit_account(ctx, new, active=False)
    assert warnings(soup(admin.get(f"/accounts/{new}/phone"))) == ["This account is inactive: the PBX doesn't have it."]


@pytest.mark.parametrize(
    ("server", "warning"),
    [
        (phone_server("pbx.example.org", "0.0.0.0"), ""),
        (phone_server("10.0.0.1", "10.0.0.1"), ""),
        (phone_server("203.0.113.1", "10.0.0.1", external_address="203.0.113.1"), ""),
        (phone_server("127.0.0.1"), "other machines can't reach 127.0.0.1. Set SIPWEB_SIP_HOST to"),
        (phone_server("127.0.0.1", "0.0.0.0"), "other machines can't reach 127.0.0.1. Set SIPWEB_SIP_HOST to"),
        (phone_server("::1", "127.0.0.1"), "can't reach ::1. Set SIPWEB_SIP_HOST and SIPWEB_SIP_BIND to"),
        (phone_server("pbx.example.org", "127.0.0.1"), "Asterisk doesn't listen on the address that phones get"),
        (phone_server("10.0.0.2", "10.0.0.1"), "Asterisk doesn't listen on the address that phones get"),
        (phone_server("127.0.0.1", "10.0.0.1"), "Asterisk doesn't listen on the address that phones get"),
        (phone_server("0.0.0.0", "0.0.0.0"), "it stands for all addresses"),
        (phone_server("a.example", "::", ports={"udp": 16000}, rtp_ports=(16000, 20000)), "one of SIPWEB_RTP_PORTS"),
        (phone_server("a.example", "::", ports={"tls": 5061}, other_ports={"SIPWEB_WS_PORT": 5061}), "the same port"),
    ],
)
def test_card_warns_when_phones_cannot_reach_the_server(app, admin, ctx, server, warning):
    generations.generate(ctx, WHO)
    app.extensions["sipweb"] = replace(ctx, phone_server=server)
    shown = warnings(soup(admin.get("/accounts/6/phone")))
    assert len(shown) == bool(warning)
    assert warning in "".join(shown)
    problems = admin.get("/healthz").json["problems"]
    assert problems == ([] if "can't reach" in warning else shown)


def test_account_of_the_built_in_phone_has_no_settings_to_enter(admin):
    page = soup(admin.get("/accounts/1/phone"))
    assert "registers over WebSocket" in text_of(page.select_one(".phonecard"))
    assert page.select_one("#phone-settings, form[action$='/secret']") is None
    shown = soup(admin.post("/accounts/1/secret"))  # without JavaScript
    assert "registers over WebSocket" in text_of(shown.select_one(".phonecard"))
    assert shown.select_one("#secret") is not None
    assert shown.select_one("#phone-settings, .qr") is None
    rows = [admin.get(f"/accounts/{account_id}/edit", htmx=True).text for account_id in (1, 6)]
    assert [("registers over WebSocket" in row) for row in rows] == [True, False]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_card_names_the_first_and_the_second_server(admin, ctx):
    generations.generate(ctx, WHO)
    add_host("krakow")
    add_host("pbx", sip_host="127.0.0.1", sip_port=5070)
    add_host("warsaw")
    page = soup(admin.get("/accounts/6/phone"))
    shown = lines(page)
    assert (shown["Server"], shown["Second server"]) == (["krakow.example.org"], ["127.0.0.1:5070"])
    assert (shown["Port"], shown["Transport"]) == (["5060"], ["UDP"])
    assert "registration expiry 60 s" in text_of(page.select_one("#phone-settings"))
    assert warnings(page) == ["Phones on other machines can't reach 127.0.0.1."]
    (step,) = (step for step in page.select(".phone-steps details") if text_of(step.summary) == "Grandstream")
    assert [text_of(value) for value in step.select("dd")][1:3] == ["krakow.example.org:5060", "127.0.0.1:5070"]
