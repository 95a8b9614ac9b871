"""The page of recordings in a real Chromium: found, played, sought in, by keyboard and in both languages."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import axe, login, opened
from tests.web.test_recordings import put

PLAYS = "a => new Promise(done => { const see = () => a.currentTime > 0.2 ? done(a.duration) : setTimeout(see, 50); see(); })"
SEEK = "a => new Promise(done => { a.onseeked = () => done(a.currentTime); a.currentTime = 50; })"


@pytest.fixture
def recordings(site):
    """A minute of sound, and two short ones."""
    put(site, "207", "112", seconds=2, at=1795491000)
    put(site, "", "208", seconds=2, at=1795491100)
    put(site, seconds=60)


def test_a_recording_is_played_and_sought_in_by_keyboard(recordings, page):
    page.goto("/recordings")
    first = page.locator("tbody tr").first
    expect(first).to_contain_text("221234560")
    first.get_by_role("button", name="Listen").press("Enter")
    sound = first.locator("audio")
    assert 59 < sound.evaluate(PLAYS) < 61
    assert 50 <= sound.evaluate(SEEK) < 51
    expect(sound).to_be_focused()
    with page.expect_download() as taken:
        first.get_by_role("button", name="Download").press("Enter")
    assert taken.value.suggested_filename.startswith("2026-11-24_033334_205_221234560")
    page.goto("/audit")
    expect(page.get_by_role("row").filter(has_text="Recording listened to")).to_have_count(1)
    expect(page.get_by_role("row").filter(has_text="Recording downloaded")).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_where_the_recordings_are(recordings, browser, server, scheme, width):
    page = opened(browser, server, color_scheme=scheme, locale="pl-PL", viewport={"width": width, "height": 800})
    login(page)
    page.goto("/recordings?number=2")
    page.get_by_role("button", name="Odsłuchaj").first.click()
    expect(page.locator("audio")).to_have_count(1)
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_recordings_are_heard_without_javascript(recordings, browser, server):
    page = opened(browser, server, java_script_enabled=False)
    login(page)
    page.goto("/recordings?number=22")
    page.get_by_role("button", name="Listen").click()
    expect(page.locator("audio")).to_have_count(1)
    expect(page.locator("tbody tr")).to_have_count(1)
