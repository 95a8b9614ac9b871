"""The live state of 900 phones in an open list: what a poll costs when nothing changed, and when 50 phones did."""

import itertools
import re
from pathlib import Path

from playwright.sync_api import CDPSession, sync_playwright

from benchmarks.browser import USABLE, chromium, logged_in
from benchmarks.client import Client, Request
from benchmarks.data import ACCOUNTS
from benchmarks.subjects import Sipweb
from sipweb import config, create_app
from sipweb.pbx.status import Contact
from sipweb.services import pbx_status

ROUNDS, CHANGED = 15, 50


class Phones:
    """All phones, registered; the benchmark writes what the monitor would."""

    def __init__(self, subject: Sipweb) -> None:
        self.ctx = create_app(config.load(subject.environment)).extensions["sipweb"]
        self.numbers = [row["number"] for row in ACCOUNTS]
        self.ports = dict.fromkeys(self.numbers, 5060)
        self._places = itertools.cycle(range(0, len(ACCOUNTS), CHANGED))

    def change(self) -> None:
        """Fifty phones register at another port."""
        place = next(self._places)
        for number in self.numbers[place : place + CHANGED]:
            self.ports[number] += 1
        self.write()

    def write(self) -> None:
        phones = {
            number: Contact(f"10.0.{number // 250}.{number % 250}:{port}", user_agent="Yealink SIP-T46U", round_trip=9)
            for number, port in self.ports.items()
        }
        pbx_status.write_status(self.ctx, phones, accounts=self.numbers)


def live_state(folder: Path) -> dict[str, list[float]]:
    """Return ms of the server for both, and of the browser's main thread for 50 changed phones."""
    subject = Sipweb(folder)
    found: dict[str, list[float]] = {"unchanged": [], "changed": [], "main thread": []}
    try:
        subject.start()
        phones = Phones(subject)
        phones.write()
        client = subject.login()
        address = _poll_address(client.get(subject.list_path))
        for counted in [False, *[True] * ROUNDS]:
            phones.change()
            text, changed = _poll(client, address)
            address = _poll_address(text)
            phones.write()  # as the monitor does every three seconds
            unchanged = [_poll(client, address)[1] for _ in range(5)]
            if counted:
                found["changed"].append(changed)
                found["unchanged"] += unchanged
        found["main thread"] = _main_thread(subject, phones)
        return found
    finally:
        subject.stop()


def _poll_address(text: str) -> str:
    return re.search(r'id="poll"[^>]*? hx-get="([^"]+)"', text)[1].replace("&amp;", "&")


def _poll(client: Client, address: str) -> tuple[str, float]:
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://127.0.0.1:{client.port}/accounts"}
    return client.send(Request(address, headers=headers, expect=(200, 204)))


def _main_thread(subject: Sipweb, phones: Phones) -> list[float]:
    """Return ms that the main thread works from the request on, for 1.5 s."""
    with sync_playwright() as started, chromium(started) as browser:
        page = logged_in(browser, subject)
        page.evaluate(USABLE)
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        times = []
        for counted in [False, *[True] * 5]:
            phones.change()
            before = _task_time(session)
            with page.expect_response("**/accounts/updates*"):
                page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
            page.wait_for_timeout(1500)
            if counted:
                times.append(_task_time(session) - before)
        return times


def _task_time(session: CDPSession) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration") * 1000
