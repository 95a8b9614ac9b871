"""Steps that tests of the softphone share."""

import time

from bs4 import BeautifulSoup
from playwright.sync_api import expect

SIP_PHONE_SECRET = "sip-phone-secret-1"
PACKETS = """async () => {
  const packets = {sent: 0, received: 0};
  for (const item of (await connections.at(-1).getStats()).values()) {
    if (item.type === "outbound-rtp") packets.sent += item.packetsSent;
    if (item.type === "inbound-rtp") packets.received += item.packetsReceived;
  }
  return packets;
}"""


def wait_until_registered(page):
    """Wait until the softphone is registered, and return its page."""
    expect(page.locator("#registration-state")).to_have_attribute("data-state", "registered", timeout=15000)
    return page


def call(caller, called, number):
    """Dial, and answer on the called page."""
    caller.get_by_label("Phone number").fill(number)
    caller.keyboard.press("Enter")
    called.get_by_role("button", name="Answer").click()
    expect(caller.locator("#remote-party")).to_have_text(f"In call with {number}")


def count_packets(page, seconds=1.0):
    """Return how many packets leave and arrive in so many seconds."""
    before = page.evaluate(PACKETS)
    time.sleep(seconds)
    return {direction: count - before[direction] for direction, count in page.evaluate(PACKETS).items()}


def is_registered(call_center, number):
    """Return whether the account list shows a registered phone for the number."""
    page = BeautifulSoup(call_center[2].get("/accounts")[1], "html5lib")
    (row,) = (row for row in page.select(".grid tbody[id]") if row.th and row.th.text.strip().startswith(str(number)))
    return row.select_one("td[title]") is not None
