"""Two-step sign-in in a real Chromium: its virtual authenticator for passkeys, and an app without JavaScript."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from sipweb.db import db, transaction
from sipweb.models import Passkey, PasskeyChallenge
from sipweb.services.context import utc_now
from tests.browser.conftest import check_accessibility, login, open_page
from tests.builders import code_of

PAGE = "/account/second-factor"
STEP, LOGIN = re.compile("/login/second-factor"), re.compile(r"/login\?next=")


class Authenticator:
    """Chromium's virtual authenticator, like the one that is built into a phone or a notebook."""

    def __init__(self, page):
        self._session = page.context.new_cdp_session(page)
        self._session.send("WebAuthn.enable")
        self.id = ""
        self.replace()

    def replace(self):
        """Put another, empty authenticator in its place."""
        if self.id:
            self._session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self.id})
        options = {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True,
        }  # fmt: skip
        self.id = self._session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def credentials(self):
        return self._session.send("WebAuthn.getCredentials", {"authenticatorId": self.id})["credentials"]

    def add(self, credential):
        self._session.send("WebAuthn.addCredential", {"authenticatorId": self.id, "credential": credential})


@pytest.fixture
def local_page(browser, address):
    """An administrator's page on http://localhost, where browsers have passkeys."""
    problems = []
    page = open_page(browser, address.replace("127.0.0.1", "localhost"), problems)
    login(page)
    yield page
    assert problems == []


def add_passkey(page, name="Notebook"):
    page.goto(PAGE)
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Add a passkey").click()


def add_first_passkey(page):
    """Add a passkey and return its authenticator."""
    authenticator = Authenticator(page)
    add_passkey(page)
    expect(page.locator("#recovery-codes")).to_be_visible()
    return authenticator


def sign_out_and_give_the_password(page):
    page.goto("/account")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login")
    give_the_password(page)


def give_the_password(page):
    login(page)
    page.wait_for_url(STEP)


def send_answer(page, body):
    """Send what a browser has sent before."""
    page.evaluate(
        """(body) => {
          const form = document.querySelector("form[data-passkey]");
          form.elements.credential.value = new URLSearchParams(body).get("credential");
          form.submit();
        }""",
        body,
    )


def use_passkey(page):
    page.get_by_role("button", name="Use a passkey").click()


def expect_no_session(page, message):
    expect(page.locator("[role=alert]").filter(has_text=message)).to_be_visible()
    page.goto("/accounts")
    page.wait_for_url(LOGIN)


def sign_count():
    db.session.rollback()
    return db.session.scalar(select(Passkey.sign_count))


def test_passkey_is_added_signs_in_and_is_removed(local_page, app):
    page = local_page
    authenticator = add_first_passkey(page)
    first = authenticator.credentials()
    page.get_by_role("link", name="Done").click()
    row = page.get_by_role("row", name="Notebook")
    expect(row).to_contain_text("localhost")
    expect(row).to_contain_text("never")
    check_accessibility(page)
    add_passkey(page, "The same")
    expect(page.get_by_text("This device already has a passkey for sipweb.")).to_be_visible()
    authenticator.replace()
    add_passkey(page, "Phone")
    expect(page.locator("tbody tr")).to_have_count(2)
    for credentials in (authenticator.credentials(), first):
        authenticator.replace()
        authenticator.add(credentials[0])
        sign_out_and_give_the_password(page)
        expect(page.locator("[name=code]")).to_have_count(0)
        check_accessibility(page)
        use_passkey(page)
        page.wait_for_url("**/accounts")
    assert sign_count() > first[0]["signCount"]
    page.goto(PAGE)
    expect(row).to_contain_text("just now")
    for name in ("Notebook", "Phone"):
        page.get_by_role("button", name=f"Remove {name}").click()
        expect(page.get_by_text("The passkey has been removed.")).to_be_visible()
        expect(page.get_by_role("row", name=name)).to_have_count(0)
    page.get_by_role("button", name="Sign out").click()
    login(page)
    page.wait_for_url("**/accounts")


def test_passkey_that_does_not_fit_is_refused(local_page, app):
    page, answers = local_page, []
    authenticator = add_first_passkey(page)
    [own] = authenticator.credentials()
    authenticator.replace()
    add_passkey(page, "Other")
    expect(page.locator("tbody tr")).to_have_count(2)
    [other] = authenticator.credentials()
    authenticator.replace()
    authenticator.add(own)
    page.on("request", lambda sent: answers.append(sent.post_data) if "credential=" in (sent.post_data or "") else None)
    sign_out_and_give_the_password(page)
    use_passkey(page)
    page.wait_for_url("**/accounts")

    page.get_by_role("button", name="Sign out").click()  # an authenticator of somebody else
    authenticator.replace()
    login(page)
    page.wait_for_url(STEP)
    use_passkey(page)
    expect_no_session(page, "No passkey was used.")

    give_the_password(page)  # a recorded answer
    send_answer(page, answers[-1])
    expect_no_session(page, "This passkey was not accepted.")

    authenticator.add(own)  # a copy, which has used the key less often than the original
    give_the_password(page)
    use_passkey(page)
    expect_no_session(page, "This passkey was not accepted.")

    authenticator.replace()  # another key under the same id
    authenticator.add(own | {"privateKey": other["privateKey"], "signCount": 1000})
    give_the_password(page)
    use_passkey(page)
    expect_no_session(page, "This passkey was not accepted.")


def test_answer_that_comes_after_5_minutes_is_refused(local_page, app):
    page = local_page

    def answer_late(route):
        response = route.fetch()
        with app.app_context(), transaction(bump_revision=False) as session:
            session.execute(update(PasskeyChallenge).values(expires_at=utc_now() - timedelta(seconds=1)))
        route.fulfill(response=response)

    authenticator = Authenticator(page)
    page.route("**/options", answer_late)
    add_passkey(page)
    expect(page.get_by_text("The passkey could not be added. Try again.")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(0)
    page.unroute("**/options")
    authenticator.replace()
    add_passkey(page)
    expect(page.locator("#recovery-codes")).to_be_visible()
    sign_out_and_give_the_password(page)
    page.route("**/options", answer_late)
    use_passkey(page)
    expect_no_session(page, "This passkey was not accepted.")
    page.unroute("**/options")
    give_the_password(page)
    page.context.clear_cookies(name="session")  # so does a sign-in that has expired
    use_passkey(page)
    page.wait_for_url(LOGIN)
    expect(page.locator("#password")).to_be_visible()


def test_page_under_an_ip_address_says_why_there_are_no_passkeys(browser, address):
    sentences = {"en-GB": "Open sipweb by its host name, not by an IP address", "pl-PL": "a nie pod adresem IP"}
    for locale, words in sentences.items():
        page = open_page(browser, address, locale=locale)
        login(page)
        page.goto(PAGE)
        expect(page.get_by_text(words)).to_be_visible()
        expect(page.locator("form[data-passkey]")).to_have_count(0)


@pytest.mark.parametrize("locale", ["en-GB", pytest.param("pl-PL", marks=pytest.mark.long)])
def test_app_and_recovery_codes_work_without_javascript(browser, address, locale):
    page = open_page(browser, address, java_script_enabled=False, locale=locale)
    login(page)
    page.goto("/account")
    page.locator(f"a[href='{PAGE}']").click()
    page.locator("form[action$='/totp/new'] button").click()
    assert page.locator(".qr svg").bounding_box()["width"] > 100
    key = page.locator("#totp-key").inner_text()
    page.locator("#code").fill(code_of(key))
    page.locator("#code").press("Enter")
    codes = page.locator("#recovery-codes").inner_text().split("\n")
    for field, code in (("code", code_of(key, later=1)), ("recovery_code", codes[4])):
        page.locator("form[action='/logout'] button").click()
        give_the_password(page)
        if field == "recovery_code":
            page.locator("summary").click()
        page.locator(f"#{field}").fill("000000")
        page.locator(f"#{field}").press("Enter")
        expect(page.locator(f"#{field}-error")).to_be_visible()
        page.locator(f"#{field}").fill(code)
        page.locator(f"#{field}").press("Enter")
        page.wait_for_url("**/accounts")
