"""Fixtures of the softphone's tests: a contact centre at work."""

import socket

import pytest

from sipweb.pbx import local_asterisk
from sipweb.services import accounts
from tests.browser.conftest import close_contexts, launch_chromium, login, open_page
from tests.browser.softphone.steps import SIP_PHONE_SECRET
from tests.builders import AGENT_PASSWORD, WHO, make_user
from tests.client import HttpClient
from tests.servers import free_port, health, serving, wait_for

MICROPHONE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


# Keep each connection of a page so that its packets can be counted.
WATCH = """
const Real = RTCPeerConnection;
globalThis.connections = [];
globalThis.RTCPeerConnection = function (...options) {
  const connection = new Real(...options);
  connections.push(connection);
  return connection;
};
RTCPeerConnection.prototype = Real.prototype;
"""


@pytest.fixture
def call_center(instance, app, ctx, tmp_path, chromium):
    """Run a contact centre; yield its address, SIP port and an administrator's client.

    Ewa has a SIP phone with the number 205, which is recorded; the other agents have the built-in softphone.
    """
    if local_asterisk.find_asterisk() is None:
        pytest.skip("no Asterisk: run make pbx")
    for name in ("Anna", "Piotr", "Jan", "Maria", "Zofia"):
        make_user(name.lower(), f"{name} Nowak")
    ewa = make_user("ewa", "Ewa Nowak", external_phone="other")
    accounts.update(
        ctx,
        WHO,
        6,
        1,
        accounts.AccountInput(number=205, user_id=ewa, phone="other", recording=True, secret=SIP_PHONE_SECRET),
    )
    port = free_port(socket.SOCK_DGRAM)
    with serving(instance, pbx="local", workers="2", sip_port=str(port)) as address:
        wait_for(lambda: b'"asterisk":"ok"' in health(address), "Asterisk answers")
        admin = HttpClient(address)
        admin.login()
        admin.get("/accounts")
        status, text = admin.post("/generation")
        assert status == 200, text
        yield address, port, admin
        close_contexts(chromium)


@pytest.fixture(scope="session")
def chromium(playwright):
    """Start one Chromium with a fake microphone."""
    with launch_chromium(playwright, ["chromium"], *MICROPHONE) as chromium:
        yield chromium


@pytest.fixture
def start_work(browser, call_center):
    """Return a function that logs an agent in and acquires a number. Any console or page error fails the test."""
    problems = []

    def start(name, number="", *, clock=False, **options):
        page = open_page(browser, call_center[0], problems, **options)
        page.add_init_script(WATCH)
        if clock:
            page.clock.install()
        login(page, name, AGENT_PASSWORD)
        page.locator("#number").fill(number)
        page.locator("form.narrow button").click()
        return page

    yield start
    assert problems == []
