"""The agent's session in Chromium: tabs, leases and their ends."""

import time

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import expect
from sqlalchemy import update

from sipweb.db import transaction
from sipweb.models import Lease
from tests.browser.conftest import login
from tests.browser.softphone.steps import SIP_PHONE_SECRET, call, count_packets, is_registered, wait_until_registered
from tests.builders import AGENT_PASSWORD
from tests.pbx.phones import Phone
from tests.servers import wait_for


@pytest.mark.long
def test_changing_the_accounts_phone_ends_the_softphone(start_work, call_center):
    anna = wait_until_registered(start_work("anna"))
    page = BeautifulSoup(call_center[2].get("/accounts?edit=1")[1], "html5lib")
    version = page.select_one("#edit-1 [name=version], #edit-1-version")["value"]
    fields = {"number": "200", "phone": "other", "active": "y", "level": "10", "version": version}
    assert call_center[2].post("/accounts/1", **fields)[0] == 200
    assert call_center[2].post("/generation")[0] == 200
    expect(anna.get_by_text("ring on your own phone.")).to_be_visible(timeout=30000)


@pytest.mark.long
def test_login_in_second_tab_unregisters_the_first(start_work, call_center):
    anna = wait_until_registered(start_work("anna"))
    wait_for(lambda: is_registered(call_center, 200), "the PBX knows the phone")
    tab = anna.context.new_page()
    tab.goto("/account")
    tab.get_by_role("button", name="Sign out").click()
    login(tab, "anna", AGENT_PASSWORD)
    expect(anna.get_by_label("Internal number")).to_be_visible(timeout=30000)
    wait_for(lambda: not is_registered(call_center, 200), "the phone is gone", 20)


@pytest.mark.long
def test_revoked_lease_keeps_the_current_call(start_work, call_center):
    anna, piotr = wait_until_registered(start_work("anna", clock=True)), wait_until_registered(start_work("piotr"))
    call(anna, piotr, "201")
    wait_for(lambda: is_registered(call_center, 200), "the PBX knows the phone")
    assert "200 released" in call_center[2].post("/accounts/1/release")[1]
    expect(anna.locator("#number-lost")).to_be_visible(timeout=30000)
    wait_for(lambda: not is_registered(call_center, 200), "the next agent with the number gets its calls", 20)
    anna.clock.fast_forward(100_000)  # when a phone registers again
    time.sleep(5)
    assert not is_registered(call_center, 200)
    assert call_center[2].post("/generation")[0] == 200
    anna.clock.fast_forward(100_000)  # the phone registers again, with a password that is no longer valid
    anna.clock.fast_forward(10_000)
    time.sleep(1)
    assert min(count_packets(anna).values()) > 30
    jan = wait_until_registered(start_work("jan"))  # the next agent gets the number at once
    expect(jan.get_by_role("heading", name="Number 200")).to_be_visible()
    assert min(count_packets(anna).values()) > 30
    anna.get_by_role("button", name="Hang up").click()
    expect(anna.get_by_text("You no longer have your previous number")).to_be_visible()


@pytest.mark.long
def test_changed_credential_is_fetched_without_dropping_the_call(start_work, call_center, ctx):
    anna, piotr = wait_until_registered(start_work("anna")), wait_until_registered(start_work("piotr"))
    call(anna, piotr, "201")
    wait_for(lambda: is_registered(call_center, 200), "the PBX knows the phone")
    with transaction() as session:
        session.execute(update(Lease).where(Lease.number == 200).values(secret=ctx.cipher.encrypt("another one")))
    wait_for(lambda: not is_registered(call_center, 200), "a phone with the old credential is gone", 20)
    wait_for(lambda: is_registered(call_center, 200), "the phone got the new one", 30)
    assert min(count_packets(anna).values()) > 30
    anna.get_by_role("button", name="Hang up").click()


def test_logout_releases_the_number_and_a_second_tab_waits(start_work, call_center):
    anna = wait_until_registered(start_work("anna"))
    tab = anna.context.new_page()
    tab.goto("/agent")
    expect(tab.locator("#other-tab")).to_be_visible()
    anna.close()
    wait_until_registered(tab)
    expect(tab.locator("#other-tab")).to_be_hidden()
    assert "Anna Nowak since" in call_center[2].get("/accounts")[1]
    tab.get_by_role("button", name="Sign out").click()
    expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
    assert "Anna Nowak since" not in call_center[2].get("/accounts")[1]


@pytest.mark.long
def test_lease_expires_without_heartbeat_except_during_a_call(start_work, call_center, tmp_path):
    phone, zofia = Phone(tmp_path, call_center[1], 205, SIP_PHONE_SECRET), wait_until_registered(start_work("zofia"))
    assert phone.register() == 200
    dialog = phone.call(200)
    zofia.get_by_role("button", name="Answer").click()
    wait_for(lambda: dialog.far_media, "they dialog")
    phone.rtp.send_to(dialog.far_media)
    wait_for(lambda: count_packets(zofia)["received"] > 30, "and hear each other", 10)
    phone.close()  # without hanging up: the PBX notices that no sound arrives
    anna, piotr = wait_until_registered(start_work("anna")), wait_until_registered(start_work("piotr"))
    call(anna, piotr, "202")
    closed, offline = wait_until_registered(start_work("jan")), wait_until_registered(start_work("maria"))
    closed.context.close()
    offline.context.set_offline(True)
    start = time.monotonic()
    page = call_center[2].get("/accounts")[1]
    assert page.count("In use by") == 5
    time.sleep(60)  # their last heartbeats were up to 20 seconds before
    assert call_center[2].get("/accounts")[1].count("In use by") == 5
    wait_for(lambda: call_center[2].get("/accounts")[1].count("In use by") == 3, "two numbers are free again", 40)
    assert time.monotonic() - start < 100
    expect(anna.locator("#remote-party")).to_have_text("In call with 202")
    assert min(count_packets(anna).values()) > 30
    expect(zofia.locator("#call-message")).to_have_text("Call ended")
    expect(offline.locator("#alert")).to_contain_text("Can't reach the server")
    offline.context.set_offline(False)
    expect(offline.get_by_text("You no longer have your previous number")).to_be_visible(timeout=30000)
