"""The agent's desk in Chromium: real calls between browsers and a desk phone through a real Asterisk."""

import re
import socket
import subprocess
import time

import pytest
from playwright.sync_api import expect

from sipweb.pbx import local
from sipweb.services import accounts, users
from sipweb.services.site import Actor
from tests.browser.conftest import axe, launched, login, opened
from tests.conftest import Visitor, fetched, free_port, serving, wait_for
from tests.pbx.phones import Phone

WHO = Actor(None, "test")
PASSWORD = "a long password"
SECRET = "desk-phone-secret-1"
MICROPHONE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
# Every connection that a page makes, so that its packets can be counted.
WATCH = """
const Real = RTCPeerConnection;
globalThis.connections = [];
globalThis.RTCPeerConnection = function (...given) { const made = new Real(...given); connections.push(made); return made; };
RTCPeerConnection.prototype = Real.prototype;
"""
PACKETS = """async () => {
  const found = {sent: 0, received: 0};
  for (const item of (await connections.at(-1).getStats()).values()) {
    if (item.type === "outbound-rtp") found.sent += item.packetsSent;
    if (item.type === "inbound-rtp") found.received += item.packetsReceived;
  }
  return found;
}"""


@pytest.fixture
def centre(instance, app, site, tmp_path):
    """A contact centre at work: Anna, Piotr, and Ewa with a desk phone of her own, number 205, which is recorded. Address and SIP port."""
    if local.find() is None:
        pytest.skip("no Asterisk: run make pbx")
    for name in ("Anna", "Piotr", "Jan", "Maria", "Zofia"):
        users.create_user(WHO, name.lower(), f"{name} Nowak", PASSWORD, "agent")
    ewa = users.create_user(WHO, "ewa", "Ewa Nowak", PASSWORD, "agent", external_phone="other")
    accounts.change(site, WHO, 6, 1, accounts.Draft(205, ewa, "other", True, True, 10, SECRET))
    port = free_port(socket.SOCK_DGRAM)
    with serving(instance, pbx="local", workers="2", sip_port=str(port)) as address:
        wait_for(lambda: b'"asterisk":"ok"' in fetched(address), "Asterisk answers")
        admin = Visitor(address)
        admin.login()
        admin.get("/accounts")
        status, said = admin.post("/generation")
        assert status == 200, said
        yield address, port, admin


@pytest.fixture
def browser():
    """Chromium with a microphone that hums."""
    with launched(*MICROPHONE) as chromium:
        yield chromium


@pytest.fixture
def desk(browser, centre):
    """Opens a desk: an agent's page with a number. Any console or page error fails the test."""
    problems = []

    def sit_down(name, number="", *, clock=False, **options):
        page = opened(browser, centre[0], problems, **options)
        page.add_init_script(WATCH)
        if clock:
            page.clock.install()
        login(page, name, PASSWORD)
        page.locator("#number").fill(number)
        page.locator("form.narrow button").click()
        return page

    yield sit_down
    assert problems == []


def registered(page):
    expect(page.locator("#line")).to_have_attribute("data-line", "registered", timeout=15000)
    return page


def call(caller, called, number):
    """Dial, and be answered."""
    caller.get_by_label("Number to call").fill(number)
    caller.keyboard.press("Enter")
    called.get_by_role("button", name="Answer").click()
    expect(caller.locator("#peer")).to_have_text(f"In a call with {number}")


def flows(page, seconds=1.0):
    """How many packets leave and arrive in a second."""
    before = page.evaluate(PACKETS)
    time.sleep(seconds)
    return {way: count - before[way] for way, count in page.evaluate(PACKETS).items()}


def test_two_agents_talk_hold_mute_and_hang_up_and_a_generation_does_not_disturb_them(desk, centre):
    anna, piotr = registered(desk("anna")), registered(desk("piotr"))
    expect(anna.get_by_role("heading", name="Number 200")).to_be_visible()
    expect(piotr.get_by_role("heading", name="Number 201")).to_be_visible()
    anna.get_by_label("Number to call").fill("201")
    anna.keyboard.press("Enter")
    expect(piotr.get_by_role("alert").filter(has_text="200 is calling")).to_be_visible()
    expect(piotr.get_by_role("button", name="Answer")).to_be_focused()
    piotr.keyboard.press("Enter")
    expect(anna.locator("#peer")).to_have_text("In a call with 201")
    for page in (anna, piotr):
        wait_for(lambda page=page: min(flows(page).values()) > 30, "sound flows both ways", 10)
    centre[2].post("/accounts/1/recording?version=1&value=on")
    assert centre[2].post("/generation")[0] == 200
    assert "verified" in centre[2].get("/generation")[1]
    assert min(flows(anna, 2.0).values()) > 60
    anna.get_by_role("button", name="Hold").click()
    expect(anna.locator("#peer")).to_have_text("201 is on hold")
    wait_for(lambda: flows(anna)["received"] == 0, "nothing is heard on hold", 10)
    anna.get_by_role("button", name="Hold").click()
    wait_for(lambda: min(flows(anna).values()) > 30, "sound flows again", 10)
    anna.get_by_role("button", name="Mute").click()
    expect(anna.get_by_role("button", name="Mute")).to_have_attribute("aria-pressed", "true")
    piotr.get_by_role("button", name="Hang up").click()
    expect(anna.locator("#said")).to_have_text("The call has ended.")
    expect(anna.get_by_label("Number to call")).to_be_focused()
    expect(anna.locator("#log li")).to_contain_text("made")
    expect(piotr.locator("#log li")).to_contain_text("received")


def test_a_desk_phone_is_called_hears_the_keys_is_recorded_and_calls_back(desk, centre, instance, tmp_path):
    phone = Phone(tmp_path, centre[1], 205, SECRET)
    try:
        assert phone.register() == 200
        ewa = desk("ewa")
        expect(ewa.get_by_role("heading", name="Number 205")).to_be_visible()
        expect(ewa.locator("#line")).to_have_attribute("data-line", "registered", timeout=15000)
        expect(ewa.locator("#pad")).to_have_count(0)
        anna = registered(desk("anna"))
        talk = phone.wait()
        anna.get_by_label("Number to call").fill("205")
        anna.get_by_role("button", name="Dial").click()
        expect(anna.locator("#peer")).to_have_text("In a call with 205")
        phone.voice.speak_to(talk.far_media)
        wait_for(lambda: phone.voice.packets > 30, "the desk phone hears the agent")
        wait_for(lambda: flows(anna)["received"] > 30, "the agent hears the desk phone", 10)
        for key in "19#":
            anna.get_by_role("group", name="Dial pad").get_by_role("button", name=key, exact=True).click()
            time.sleep(0.4)
        wait_for(lambda: phone.voice.digits == "19#", f"the keys arrive, heard {phone.voice.digits}")
        anna.get_by_role("button", name="Hang up").click()
        talk.ended()
        (recording,) = (instance / "recordings").glob("*/*_200_205_*.wav")
        wait_for(lambda: recording.stat().st_size > 16000, "a second and more is recorded")
        ringing = phone.call(200)
        expect(anna.locator("#peer")).to_have_text("205 is calling")
        anna.get_by_role("button", name="Decline").click()
        assert ringing.ended() == 486
        expect(anna.locator("#log li").first).to_contain_text("missed")
    finally:
        phone.close()


def test_a_call_is_transferred(desk, centre, tmp_path):
    phone = Phone(tmp_path, centre[1], 205, SECRET)
    try:
        assert phone.register() == 200
        anna, piotr = registered(desk("anna")), registered(desk("piotr"))
        call(anna, piotr, "201")
        expect(piotr.locator("#peer")).to_have_text("In a call with 200")
        talk = phone.wait()
        piotr.get_by_label("Transfer to").fill("205")
        piotr.keyboard.press("Enter")
        expect(piotr.locator("#said")).to_have_text("The call was transferred to 205.")
        wait_for(lambda: talk.far_media, "the desk phone is in the call")
        phone.voice.speak_to(talk.far_media)
        wait_for(
            lambda: min(flows(anna).values()) > 30 and phone.voice.packets > 30, "Anna talks with the desk phone", 10
        )
        anna.get_by_role("button", name="Hang up").click()
        talk.ended()
    finally:
        phone.close()


def test_a_transfer_that_nobody_takes_brings_the_caller_back(desk, centre, tmp_path):
    phone = Phone(tmp_path, centre[1], 205, SECRET)
    try:
        assert phone.register() == 200
        anna, piotr = registered(desk("anna")), registered(desk("piotr"))
        call(anna, piotr, "201")
        for number in ("201", "200"):
            piotr.get_by_label("Transfer to").fill(number)
            piotr.keyboard.press("Enter")
            expect(piotr.locator("#said")).to_have_text(f"The transfer to {number} did not succeed.")
        busy = phone.wait(busy=True)
        for number in ("205", "555"):
            piotr.get_by_label("Transfer to").fill(number)
            piotr.keyboard.press("Enter")
            expect(piotr.locator("#peer")).to_have_text("200 is calling")
            expect(piotr.locator("#said")).to_have_text(f"The transfer to {number} did not succeed.")
            expect(piotr.locator("#target")).to_have_value("")
            piotr.get_by_role("button", name="Answer").click()
            expect(piotr.locator("#peer")).to_have_text("In a call with 200")
            for page in (anna, piotr):
                wait_for(lambda page=page: min(flows(page).values()) > 30, "they hear each other again", 10)
        busy.ended()
        piotr.get_by_role("button", name="Hang up").click()
        expect(anna.locator("#said")).to_have_text("The call has ended.")
    finally:
        phone.close()


def test_an_account_that_becomes_another_phones_ends_the_softphone(desk, centre):
    anna = registered(desk("anna"))
    page = centre[2].get("/accounts?edit=1")[1]
    version = re.search(r'id="edit-1-version" name="version" value="(\d+)"', page)[1]
    fields = {"number": "200", "phone": "other", "active": "y", "level": "10", "version": version}
    assert centre[2].post("/accounts/1", **fields)[0] == 200
    assert centre[2].post("/generation")[0] == 200
    expect(anna.get_by_text("You work with your own phone.")).to_be_visible(timeout=30000)


def test_the_refusal_is_the_given_text_and_what_was_typed_stays(desk):
    page = desk("anna", "777")
    expect(page.get_by_role("alert").filter(has_text="No free number or invalid number")).to_be_visible()
    expect(page.locator("#number")).to_have_value("777")
    expect(page.locator("#number")).to_be_focused()
    polish = desk("piotr", "777", locale="pl-PL")
    expect(polish.get_by_text("Brak wolnego numeru lub numer nieprawidłowy", exact=True)).to_be_visible()


def rings(centre, number):
    """Whether the list says that a phone is registered with the number."""
    row = re.search(rf"<th scope=row id=n\d+>{number}<.*?</tbody>", centre[2].get("/accounts")[1], re.DOTALL)[0]
    return 'title="' in row


def test_who_logs_in_anew_in_another_tab_leaves_no_phone_behind(desk, centre):
    anna = registered(desk("anna"))
    wait_for(lambda: rings(centre, 200), "the PBX knows the phone")
    tab = anna.context.new_page()
    tab.goto("/account")
    tab.get_by_role("button", name="Log out").click()
    login(tab, "anna", PASSWORD)
    expect(anna.get_by_label("Internal number")).to_be_visible(timeout=30000)
    wait_for(lambda: not rings(centre, 200), "the phone is gone", 20)


def test_a_number_that_is_taken_back_ends_the_desk_but_not_the_call(desk, centre):
    anna, piotr = registered(desk("anna", clock=True)), registered(desk("piotr"))
    call(anna, piotr, "201")
    wait_for(lambda: rings(centre, 200), "the PBX knows the phone")
    assert "200 is free again" in centre[2].post("/accounts/1/release")[1]
    expect(anna.locator("#taken")).to_be_visible(timeout=30000)
    wait_for(lambda: not rings(centre, 200), "whoever gets the number now gets its calls", 20)
    anna.clock.fast_forward(100_000)  # when a phone registers again
    time.sleep(5)
    assert not rings(centre, 200)
    assert centre[2].post("/generation")[0] == 200
    anna.clock.fast_forward(100_000)  # the phone registers again, with a password that is no longer valid
    anna.clock.fast_forward(10_000)
    time.sleep(1)
    assert min(flows(anna).values()) > 30
    anna.get_by_role("button", name="Hang up").click()
    expect(anna.get_by_text("The number you had is no longer yours")).to_be_visible()


def test_logging_out_gives_the_number_back_and_a_second_tab_waits(desk, centre):
    anna = registered(desk("anna"))
    tab = anna.context.new_page()
    tab.goto("/agent")
    expect(tab.locator("#elsewhere")).to_be_visible()
    anna.close()
    registered(tab)
    expect(tab.locator("#elsewhere")).to_be_hidden()
    assert "Anna Nowak since" in centre[2].get("/accounts")[1]
    tab.get_by_role("button", name="Log out").click()
    expect(tab.get_by_role("heading", name="Log in")).to_be_visible()
    assert "Anna Nowak since" not in centre[2].get("/accounts")[1]


def test_who_falls_silent_loses_the_number_within_100_seconds_but_never_during_a_call(desk, centre, tmp_path):
    phone, zofia = Phone(tmp_path, centre[1], 205, SECRET), registered(desk("zofia"))
    assert phone.register() == 200
    dies = phone.call(200)
    zofia.get_by_role("button", name="Answer").click()
    wait_for(lambda: dies.far_media, "they talk")
    phone.voice.speak_to(dies.far_media)
    wait_for(lambda: flows(zofia)["received"] > 30, "and hear each other", 10)
    phone.close()  # without a word: the PBX notices that nothing is heard of it
    anna, piotr = registered(desk("anna")), registered(desk("piotr"))
    call(anna, piotr, "202")
    closed, cut = registered(desk("jan")), registered(desk("maria"))
    closed.context.close()
    cut.context.set_offline(True)
    began = time.monotonic()
    page = centre[2].get("/accounts")[1]
    assert page.count("In use by") == 5
    time.sleep(60)  # their last heartbeats were up to 20 seconds before
    assert centre[2].get("/accounts")[1].count("In use by") == 5
    wait_for(lambda: centre[2].get("/accounts")[1].count("In use by") == 3, "two numbers are free again", 40)
    assert time.monotonic() - began < 100
    expect(anna.locator("#peer")).to_have_text("In a call with 202")
    assert min(flows(anna).values()) > 30
    expect(zofia.locator("#said")).to_have_text("The call has ended.")
    expect(cut.locator("#alert")).to_contain_text("The server cannot be reached")
    cut.context.set_offline(False)
    expect(cut.get_by_text("The number you had is no longer yours")).to_be_visible(timeout=30000)


def test_an_asterisk_that_dies_is_lost_and_found_again(desk, centre, instance):
    anna, piotr = registered(desk("anna")), registered(desk("piotr"))
    call(anna, piotr, "201")
    expect(anna.locator("#peer")).to_have_text("In a call with 201")
    wait_for(lambda: min(flows(anna).values()) > 30, "sound flows both ways", 10)
    subprocess.run(["pkill", "-9", "-f", f"asterisk -f -C {instance}/"], check=True)
    expect(anna.locator("#line")).to_have_attribute("data-line", "lost", timeout=15000)
    registered(anna)
    for page in (anna, piotr):  # the call died with it
        expect(page.locator("#said")).to_have_text("The connection to the other side was lost.", timeout=60000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_at_the_desk(desk, scheme, width):
    page = registered(desk("anna", color_scheme=scheme, viewport={"width": width, "height": 800}))
    axe(page)
    page.get_by_label("Number to call").fill("299")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_have_text("299 cannot be reached.")
    axe(page)
    page.get_by_role("button", name="Give the number back").click()
    expect(page.get_by_role("status")).to_contain_text("Your number was given back.")
    axe(page)


def test_without_javascript_the_desk_says_what_it_needs(desk):
    page = desk("anna", java_script_enabled=False)
    expect(page.get_by_text("The softphone needs JavaScript.")).to_be_visible()
    page.get_by_role("button", name="Give the number back").click()
    page = desk("ewa", java_script_enabled=False)
    page.get_by_role("button", name="I am still here").click()
    expect(page.get_by_role("heading", name="Number 205")).to_be_visible()


def test_the_whole_desk_is_polish(desk):
    page = registered(desk("anna", locale="pl-PL"))
    expect(page.get_by_role("heading", name="Numer 200")).to_be_visible()
    text = page.locator("main").inner_text()
    assert not re.search(r"\b(Call|Dial|Number|Devices|Speaker|Connecting|Registered)\b", text)
