"""A real Chromium before the real server: what all browser tests share."""

import os
import shutil
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from sipweb.pbx import local
from tests.conftest import PASSWORD, fetched, serving, wait_for

ARGS = [
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost", "--disable-background-networking",
    *(["--no-sandbox"] if os.getuid() == 0 else []),
]  # fmt: skip


@pytest.fixture
def server(instance):
    """`flask serve` with a real Asterisk; its address."""
    if local.find() is None:
        pytest.skip("no Asterisk: run make pbx")
    with serving(instance, pbx="local", workers="2") as address:
        wait_for(lambda: b'"asterisk":"ok"' in fetched(address), "Asterisk answers")
        yield address


@contextmanager
def launched(*more):
    """Debian's Chromium, with more of its options."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=[*ARGS, *more])
        yield chromium
        chromium.close()


@pytest.fixture
def browser():
    """Chromium as it is."""
    with launched() as chromium:
        yield chromium


@pytest.fixture
def page(browser, server):
    """A logged-in administrator's page; any console or page error fails the test."""
    problems = []
    page = opened(browser, server, problems)
    login(page)
    yield page
    assert problems == []


def opened(browser, address, problems=None, **options):
    """A page with cookies of its own; console and page errors are noted among the problems."""
    page = browser.new_context(base_url=address, **{"locale": "en-GB", **options}).new_page()
    if problems is not None:
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda m: problems.append(m.text) if m.type == "error" and not _of_network(m.text) else None)
    return page


def _of_network(text):
    """What a browser says of a refusal, or of a server that is away; a policy's violation has other words."""
    return any(words in text for words in ("status of 4", "ERR_INTERNET_DISCONNECTED", "WebSocket connection to"))


def login(page, name="admin", password=PASSWORD):
    """Come in; in whatever language the page is."""
    page.goto("/login")
    page.locator("[name=login]").fill(name)
    page.locator("[name=password]").fill(password)
    page.locator("[name=password]").press("Enter")
    expect(page.locator("[name=password]")).to_have_count(0)


def axe(page):
    """axe finds nothing."""
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    assert found.violations_count == 0, found.generate_report()
