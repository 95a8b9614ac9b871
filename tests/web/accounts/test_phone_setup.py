"""The automatic set-up of a phone, on the page with the phone's settings."""

import re

import pytest

from sipweb import create_app
from sipweb.config import load
from sipweb.services import generations, provisioning
from tests.builders import WHO, age_sign_ins, edit_account
from tests.client import PASSWORD, Client, soup, text_of

MAC, PAGE = "00:15:65:ab:cd:ef", "/accounts/1/phone"
SETUP, REMOVE, ALLOW = f"{PAGE}/setup", f"{PAGE}/setup/remove", f"{PAGE}/setup/allow"
HERE, ELSEWHERE = "192.0.2.5", "192.0.2.7"


@pytest.fixture(autouse=True)
def live(ctx):
    """200 is a live account for another phone."""
    edit_account(ctx, 1, phone="other")
    generations.generate(ctx, WHO)


def set_up(admin, vendor="yealink", mac=MAC):
    admin.get(PAGE)
    return admin.post(SETUP, vendor=vendor, mac=mac)


def address_of(answer):
    return soup(answer).select_one("#phone-address").text


def fetched_from(ctx, answer, *addresses):
    """Fetch the file from each address; return whether it was given."""
    token, given = re.search(r"/provisioning/([^/]+)/", address_of(answer))[1], []
    for address in addresses:
        try:
            provisioning.fetch(ctx, token, "001565abcdef.cfg", address)
            given.append(True)
        except provisioning.NotFound:
            given.append(False)
    return given


@pytest.mark.parametrize(
    ("vendor", "ending"),
    [("yealink", ""), ("grandstream", ""), ("snom", "{mac}.xml"), ("fanvil", ""), ("linphone", "linphone.xml")],
)
@pytest.mark.parametrize("language", ["en", "pl"])
def test_address_is_shown_once_with_what_to_do(admin, vendor, ending, language):
    admin.get(PAGE)
    admin.post("/language", language=language)
    answer = set_up(admin, vendor)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Content-Encoding" not in answer.headers
    assert re.fullmatch(rf"http://localhost/provisioning/[\w-]{{32}}/{re.escape(ending)}", address_of(answer))
    assert len(soup(answer).select(".phone-setup li")) >= 2
    assert soup(admin.get(PAGE)).select_one("#phone-address") is None
    assert address_of(answer).split("/")[4] not in admin.get("/audit").text + admin.get("/accounts/1/history").text


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"vendor": "", "mac": MAC}, "vendor", "Select the phone's vendor."),
        ({"vendor": "cisco", "mac": MAC}, "vendor", "Select the phone's vendor."),
        ({"vendor": "snom", "mac": "<b>12"}, "mac", "Enter a MAC address: 12 digits from 0 to 9 and A to F."),
        ({"vendor": "snom", "mac": "x" * 300}, "mac", "Too long."),
        ({}, "vendor", "Select the phone's vendor."),
    ],
)
def test_what_was_entered_stays_with_the_reason_why_it_is_refused(admin, values, field, message):
    admin.get(PAGE)
    answer = admin.post(SETUP, **values)
    page = soup(answer)
    assert answer.status_code == 422
    assert text_of(page.select_one(f"#setup-{field}-error")) == message
    assert page.select_one("#setup-mac")["value"] == values.get("mac", "")
    assert provisioning.find(1) is None


def test_page_shows_the_phone_and_what_it_asked(admin, ctx):
    answer = set_up(admin)
    facts = text_of(soup(answer).select_one(".phone-setup dl"))
    assert facts == "Phone Yealink · 00:15:65:AB:CD:EF First fetched not yet"
    assert fetched_from(ctx, answer, HERE, ELSEWHERE) == [True, False]
    page = soup(admin.get(PAGE))
    assert HERE in text_of(page.select_one(".phone-setup dl"))
    assert f"Allow {ELSEWHERE} instead" in page.text
    assert page.select_one("#setup-mac")["value"] == "00:15:65:AB:CD:EF"
    assert page.select_one("#setup-vendor option[selected]")["value"] == "yealink"
    history = text_of(soup(admin.get("/accounts/1/history")).select_one("tbody"))
    assert "Phone fetched its settings for the first time" in history
    assert "another IP address" in history
    assert "00:15:65:AB:CD:EF" in history


def test_allowed_address_takes_the_place_of_the_first(admin, ctx):
    made = set_up(admin)
    assert fetched_from(ctx, made, HERE, ELSEWHERE) == [True, False]
    assert admin.post(ALLOW, address=ELSEWHERE).location == PAGE
    assert f"The phone may now fetch its settings from {ELSEWHERE}." in admin.get(PAGE).text
    assert fetched_from(ctx, made, ELSEWHERE, HERE) == [True, False]
    assert admin.post(ALLOW, address=ELSEWHERE).status_code == 409  # HERE asked meanwhile
    assert admin.post(ALLOW).status_code == 409


def test_renewed_and_removed_addresses_end(admin, ctx):
    first = set_up(admin)
    second = set_up(admin)
    assert address_of(first) != address_of(second)
    assert fetched_from(ctx, first, HERE) == [False]
    assert fetched_from(ctx, second, HERE) == [True]
    assert admin.post(REMOVE).location == PAGE
    assert fetched_from(ctx, second, HERE) == [False]
    assert admin.post(REMOVE).status_code == 404
    assert "Create address" in admin.get(PAGE).text


def test_missing_account_and_the_built_in_phone_have_no_set_up(admin):
    admin.get(PAGE)
    for path in ("", "/remove", "/allow"):
        assert admin.post(f"/accounts/999/phone/setup{path}", vendor="yealink", mac=MAC).status_code == 404
    assert admin.post("/accounts/2/phone/setup", vendor="yealink", mac=MAC).status_code == 409
    assert soup(admin.get("/accounts/2/phone")).select_one(".phone-setup") is None
    for path in (SETUP, REMOVE, ALLOW):
        assert admin.get(path).status_code == 405


def test_address_needs_a_recent_sign_in(admin):
    admin.get(PAGE)
    age_sign_ins()
    assert admin.post(SETUP, vendor="yealink", mac=MAC).status_code == 401
    assert admin.post(ALLOW, address=HERE).status_code == 401
    assert provisioning.find(1) is None
    answer = admin.post(SETUP, vendor="yealink", mac=MAC, current_password=PASSWORD)
    assert len(address_of(answer)) > 60


@pytest.mark.parametrize("allowed", ["no", "yes"])
def test_page_without_tls_warns_unless_http_is_allowed(environ, ctx, allowed):
    client = Client(create_app(load(environ | {"SIPWEB_PROVISIONING_HTTP": allowed})))
    client.login()
    assert ("Phones get their settings over HTTPS only." in client.get(PAGE).text) == (allowed == "no")
