"""The agent's page in Chromium: real calls between browsers and a SIP phone through a real Asterisk."""

import time

import pytest
from playwright.sync_api import expect

from tests.browser.softphone.steps import SIP_PHONE_SECRET, call, count_packets, wait_until_registered
from tests.pbx.phones import Phone
from tests.servers import kill_asterisk, wait_for


def test_two_agents_talk_hold_mute_and_hang_up_while_a_generation_runs(start_work, call_center):
    anna, piotr = wait_until_registered(start_work("anna")), wait_until_registered(start_work("piotr"))
    expect(anna.get_by_role("heading", name="Number 200")).to_be_visible()
    expect(piotr.get_by_role("heading", name="Number 201")).to_be_visible()
    anna.get_by_label("Phone number").fill("201")
    anna.keyboard.press("Enter")
    expect(piotr.get_by_role("alert").filter(has_text="Incoming call: 200")).to_be_visible()
    expect(piotr.get_by_role("button", name="Answer")).to_be_focused()
    piotr.keyboard.press("Enter")
    expect(anna.locator("#remote-party")).to_have_text("In call with 201")
    for page in (anna, piotr):
        wait_for(lambda page=page: min(count_packets(page).values()) > 30, "sound flows both ways", 10)
    call_center[2].post("/accounts/1/recording?version=1&value=on")
    assert call_center[2].post("/generation")[0] == 200
    assert "verified" in call_center[2].get("/generation")[1]
    assert min(count_packets(anna, 2.0).values()) > 60
    anna.get_by_role("button", name="Hold").click()
    expect(anna.locator("#remote-party")).to_have_text("On hold: 201")
    wait_for(lambda: count_packets(anna)["received"] == 0, "nothing is heard on hold", 10)
    anna.get_by_role("button", name="Hold").click()
    wait_for(lambda: min(count_packets(anna).values()) > 30, "sound flows again", 10)
    anna.get_by_role("button", name="Mute").click()
    expect(anna.get_by_role("button", name="Mute")).to_have_attribute("aria-pressed", "true")
    piotr.get_by_role("button", name="Hang up").click()
    expect(anna.locator("#call-message")).to_have_text("Call ended")
    expect(anna.get_by_label("Phone number")).to_be_focused()
    expect(anna.locator("#call-history li")).to_contain_text("outgoing")
    expect(piotr.locator("#call-history li")).to_contain_text("incoming")


def test_sip_phone_is_called_hears_the_keys_is_recorded_and_calls_back(start_work, call_center, instance, tmp_path):
    phone = Phone(tmp_path, call_center[1], 205, SIP_PHONE_SECRET)
    try:
        assert phone.register() == 200
        ewa = start_work("ewa")
        expect(ewa.get_by_role("heading", name="Number 205")).to_be_visible()
        expect(ewa.locator("#registration-state")).to_have_attribute("data-state", "registered", timeout=15000)
        expect(ewa.locator("#pad")).to_have_count(0)
        anna = wait_until_registered(start_work("anna"))
        dialog = phone.wait()
        call_number(anna, "205")
        expect(anna.locator("#remote-party")).to_have_text("In call with 205")
        phone.rtp.send_to(dialog.far_media)
        wait_for(lambda: phone.rtp.packets > 30, "the SIP phone hears the agent")
        wait_for(lambda: count_packets(anna)["received"] > 30, "the agent hears the SIP phone", 10)
        for key in "19#":
            anna.get_by_role("group", name="Keypad").get_by_role("button", name=key, exact=True).click()
            time.sleep(0.4)
        wait_for(lambda: phone.rtp.digits == "19#", f"the keys arrive, heard {phone.rtp.digits}")
        anna.get_by_role("button", name="Hang up").click()
        dialog.ended()
        (recording,) = (instance / "recordings").glob("*/*_200_205_*.wav")
        wait_for(lambda: recording.stat().st_size > 16000, "a second and more is recorded")
        ringing = phone.call(200)
        expect(anna.locator("#remote-party")).to_have_text("Incoming call: 205")
        anna.get_by_role("button", name="Decline").click()
        assert ringing.ended() == 486
        expect(anna.locator("#call-history li").first).to_contain_text("missed")
        withheld = phone.call("*67200")
        expect(anna.locator("#remote-party")).to_have_text("Incoming call: withheld number")
        anna.get_by_role("button", name="Decline").click()
        assert withheld.ended() == 486
        expect(anna.locator("#call-history li").first).to_contain_text("withheld number")
        expect(anna.locator("#call-history li").first.get_by_role("button")).to_have_count(0)
        anna.get_by_label("Withhold my number").check()
        dialog = phone.wait(busy=True)
        call_number(anna, "205")
        wait_for(lambda: dialog.messages, "the phone is called")
        assert "sip:anonymous@anonymous.invalid" in dialog.messages[0]
        expect(anna.locator("#call-message")).to_have_text("Busy: 205")
        expect(anna.get_by_label("Withhold my number")).not_to_be_checked()
    finally:
        phone.close()


def call_number(page, number):
    page.get_by_label("Phone number").fill(number)
    page.get_by_role("button", name="Call", exact=True).click()


def test_call_is_transferred(start_work, call_center, tmp_path):
    phone = Phone(tmp_path, call_center[1], 205, SIP_PHONE_SECRET)
    try:
        assert phone.register() == 200
        anna, piotr = wait_until_registered(start_work("anna")), wait_until_registered(start_work("piotr"))
        call(anna, piotr, "201")
        expect(piotr.locator("#remote-party")).to_have_text("In call with 200")
        assert phone.call(200).ended() == 486  # an agent in a call has no call waiting
        expect(anna.locator("#remote-party")).to_have_text("In call with 201")
        dialog = phone.wait()
        piotr.get_by_label("Transfer to").fill("205")
        piotr.keyboard.press("Enter")
        expect(piotr.locator("#call-message")).to_have_text("Call transferred to 205")
        wait_for(lambda: dialog.far_media, "the SIP phone is in the call")
        phone.rtp.send_to(dialog.far_media)
        wait_for(
            lambda: min(count_packets(anna).values()) > 30 and phone.rtp.packets > 30,
            "Anna dialogs with the SIP phone",
            10,
        )
        anna.get_by_role("button", name="Hang up").click()
        dialog.ended()
    finally:
        phone.close()


def test_unanswered_transfer_returns_to_transferrer(start_work, call_center, tmp_path):
    phone = Phone(tmp_path, call_center[1], 205, SIP_PHONE_SECRET)
    try:
        assert phone.register() == 200
        anna, piotr = wait_until_registered(start_work("anna")), wait_until_registered(start_work("piotr"))
        call(anna, piotr, "201")
        for number in ("201", "200"):
            piotr.get_by_label("Transfer to").fill(number)
            piotr.keyboard.press("Enter")
            expect(piotr.locator("#call-message")).to_have_text(f"Transfer to {number} failed")
        busy = phone.wait(busy=True)
        for number in ("205", "555"):
            piotr.get_by_label("Transfer to").fill(number)
            piotr.keyboard.press("Enter")
            expect(piotr.locator("#remote-party")).to_have_text("Incoming call: 200", timeout=15_000)
            expect(piotr.locator("#call-message")).to_have_text(f"Transfer to {number} failed")
            expect(piotr.locator("#target")).to_have_value("")
            piotr.get_by_role("button", name="Answer").click()
            expect(piotr.locator("#remote-party")).to_have_text("In call with 200")
            for page in (anna, piotr):
                wait_for(lambda page=page: min(count_packets(page).values()) > 30, "they hear each other again", 10)
        busy.ended()
        piotr.get_by_role("button", name="Hang up").click()
        expect(anna.locator("#call-message")).to_have_text("Call ended")
    finally:
        phone.close()


@pytest.mark.long
def test_softphone_reconnects_after_asterisk_is_killed(start_work, call_center, instance):
    anna, piotr = wait_until_registered(start_work("anna")), wait_until_registered(start_work("piotr"))
    call(anna, piotr, "201")
    expect(anna.locator("#remote-party")).to_have_text("In call with 201")
    wait_for(lambda: min(count_packets(anna).values()) > 30, "sound flows both ways", 10)
    kill_asterisk(instance)
    expect(anna.locator("#registration-state")).to_have_attribute("data-state", "lost", timeout=15000)
    wait_until_registered(anna)
    for page in (anna, piotr):  # the call died with it
        expect(page.locator("#call-message")).to_have_text("The call was disconnected.", timeout=60000)


@pytest.mark.long
def test_bad_connection_is_shown_in_the_call_and_in_the_history(start_work, call_center, tmp_path):
    """A SIP phone of whose packets each fifth is lost."""
    phone = Phone(tmp_path, call_center[1], 205, SIP_PHONE_SECRET)
    try:
        assert phone.register() == 200
        anna = wait_until_registered(start_work("anna"))
        dialog = phone.wait()
        anna.get_by_label("Phone number").fill("205")
        anna.keyboard.press("Enter")
        expect(anna.locator("#remote-party")).to_have_text("In call with 205")
        phone.rtp.drop_every = 5
        phone.rtp.send_to(dialog.far_media)
        warning = anna.locator("#poor-connection")
        expect(warning).to_have_text("Poor connection: you may not hear each other well.", timeout=20000)
        phone.rtp.drop_every = 0
        expect(warning).to_have_text("", timeout=25000)
        anna.get_by_role("button", name="Hang up").click()
        dialog.ended()
        wait_for(lambda: "poor quality" in call_center[2].get("/calls")[1], "the history shows it", 10)
        assert "205" in call_center[2].get("/calls?result=answered&user=anna")[1]
    finally:
        phone.close()
