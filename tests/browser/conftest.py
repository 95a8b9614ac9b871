"""A real Chromium and the real server: what all browser tests share."""

import os
import shutil
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from sipweb.pbx import local_asterisk
from tests.client import PASSWORD
from tests.servers import health, serving, wait_for

ARGS = [
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost", "--disable-background-networking",
    *(["--no-sandbox"] if os.getuid() == 0 else []),
]  # fmt: skip

expect.set_options(timeout=15_000)  # milliseconds; several tests may share the processor


@pytest.fixture
def server(instance, chromium):
    """Run `flask serve` with a real Asterisk, and return its address."""
    if local_asterisk.find_asterisk() is None:
        pytest.skip("no Asterisk: run make pbx")
    with serving(instance, pbx="local", workers="2") as address:
        wait_for(lambda: b'"asterisk":"ok"' in health(address), "Asterisk answers")
        yield address
        close_contexts(chromium)


@pytest.fixture
def address(instance, chromium):
    """Run `flask serve` without an Asterisk: it writes files only. Return its address."""
    with serving(instance, pbx="files") as address:
        yield address
        close_contexts(chromium)


@contextmanager
def launch_chromium(playwright, programs, *more):
    """Start the first of these programs of Debian that is installed, with additional arguments."""
    path = next(filter(None, map(shutil.which, programs)), None)
    if path is None:
        pytest.skip("no chromium")
    chromium = playwright.chromium.launch(executable_path=path, args=[*ARGS, *more])
    yield chromium
    chromium.close()


@pytest.fixture(scope="session")
def chromium(playwright):
    """Start one Chromium for all tests of a process; the one without windows needs less time."""
    with launch_chromium(playwright, ["chromium-headless-shell", "chromium"]) as chromium:
        yield chromium


@pytest.fixture
def browser(chromium):
    """Return Chromium, and close what the test opened."""
    yield chromium
    close_contexts(chromium)


def close_contexts(chromium):
    """Close all pages, with their cookies. A server waits for open connections when it stops, so this comes first."""
    for context in chromium.contexts:
        context.close()


@pytest.fixture
def page(browser, server):
    """A logged-in administrator's page; any console or page error fails the test."""
    problems = []
    page = open_page(browser, server, problems)
    login(page)
    yield page
    assert problems == []


def open_page(browser, address, problems=None, **options):
    """Open a page with cookies of its own; console and page errors are added to `problems`."""
    page = browser.new_context(base_url=address, **{"locale": "en-GB", **options}).new_page()
    if problems is not None:
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda m: problems.append(m.text) if m.type == "error" and not _of_network(m.text) else None)
    return page


def _of_network(text):
    """Whether the browser logged a refusal or an unreachable server, and not, say, a violation of the policy."""
    return any(words in text for words in ("status of 4", "ERR_INTERNET_DISCONNECTED", "WebSocket connection to"))


def login(page, name="admin", password=PASSWORD):
    """Log in, in either language."""
    page.goto("/login")
    page.locator("[name=login]").fill(name)
    page.locator("[name=password]").fill(password)
    # The next page is complete then: a script that runs in it finds every element.
    with page.expect_navigation():
        page.locator("[name=password]").press("Enter")
    expect(page.locator("[name=password]")).to_have_count(0)


def check_accessibility(page, state=""):
    """Check the page with axe; `state` names it in the message of a failure."""
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    assert violations(page, {"type": "tag", "values": tags}) == [], state


def check_contrast(page, state=""):
    """Check only what depends on the colours."""
    assert violations(page, {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}) == [], state


def violations(page, rules):
    """Return the rules that axe finds broken, each with the first elements and why."""
    results = Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]})
    return [
        (rule["id"], [(node["html"], node["failureSummary"]) for node in rule["nodes"][:3]])
        for rule in results.response["violations"]
    ]
