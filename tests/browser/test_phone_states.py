"""Phones that register while the account list is in use."""

import pytest
from playwright.sync_api import expect

from sipweb.pbx.status import Contact
from sipweb.services import generations, pbx_status
from tests.browser.test_account_updates import poll_now
from tests.builders import WHO, edit_account, make_account


@pytest.fixture
def server(address):
    """Without an Asterisk and its monitor: the test writes what the monitor would."""
    return address


def test_phones_that_register_leave_what_the_user_does_as_it_is(page, ctx):
    for number in range(300, 400):
        make_account(ctx, number, phone="other")
    edit_account(ctx, 6, phone="other")
    generations.generate(ctx, WHO)
    numbers = range(200, 400)
    pbx_status.write_status(ctx, {})
    pbx_status.write_status(ctx, {}, passwords=dict.fromkeys(range(350, 360), "203.0.113.9"), accounts=numbers)
    page.reload()
    page.get_by_role("link", name="Edit 205").click()
    page.locator("#edit-6-level").fill("5x5")
    page.keyboard.press("ArrowLeft")
    for account_id in (29, 30, 31):
        page.locator(f"#account-{account_id} input[name=id]").check()
    page.locator("#edit-6-level").focus()
    page.evaluate("""document.getElementById("edit-6-level").setSelectionRange(2, 2)
        document.querySelector("#number-30").scrollIntoView({block: "center"})""")
    expect(page.locator("#account-30 .state")).to_contain_text("Never registered")
    place = page.evaluate("document.querySelector('#number-30').getBoundingClientRect().top")
    phones = {n: Contact(f"10.0.0.5:{n}", user_agent="Yealink SIP-T46U", round_trip=9) for n in (205, *range(300, 330))}
    pbx_status.write_status(ctx, phones, accounts=numbers)
    poll_now(page)
    expect(page.locator("#account-30 .state")).to_contain_text("Registered")
    expect(page.locator("#account-6.edit .state")).to_contain_text("10.0.0.5:205")  # in the open row too
    assert page.evaluate("[document.activeElement.id, document.activeElement.selectionStart]") == ["edit-6-level", 2]
    expect(page.locator("#edit-6-level")).to_have_value("5x5")
    assert page.locator(".account input[name=id]:checked").count() == 3
    assert abs(page.evaluate("document.querySelector('#number-30').getBoundingClientRect().top") - place) < 2

    page.locator("#attempts-72").focus()  # of number 351
    pbx_status.write_status(ctx, phones, passwords={351: "203.0.113.10"}, accounts=numbers)
    poll_now(page)
    expect(page.locator("#account-72 .state")).to_contain_text("203.0.113.10")
    expect(page.locator("#attempts-72")).to_be_focused()
    page.locator("#edit-6-level").fill("55")
    page.keyboard.press("Enter")
    expect(page.locator("#account-6")).to_contain_text("Registered")

    phones |= {number: Contact(f"10.0.0.5:{number}") for number in range(330, 397)}
    pbx_status.write_status(ctx, phones, accounts=numbers)
    poll_now(page)
    page.get_by_role("link", name="Not registered 3").click()  # one click shows them
    expect(page.locator("tbody.account th")).to_have_text(["397", "398", "399"])
