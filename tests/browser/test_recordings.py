"""The page of recordings in a real Chromium: searching, playing and seeking, by keyboard and in both languages."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import check_accessibility, login, open_page
from tests.builders import make_recording

PLAYS = """audio => new Promise(resolve => {
  const check = () => audio.currentTime > 0.2 ? resolve(audio.duration) : setTimeout(check, 50);
  check();
})"""
SEEK = """audio => new Promise(resolve => {
  audio.onseeked = () => resolve(audio.currentTime);
  audio.currentTime = 50;
})"""


@pytest.fixture
def recordings(ctx):
    """A minute of sound, and two short ones."""
    make_recording(ctx, "207", "112", seconds=2, at=1795491000)
    make_recording(ctx, "", "208", seconds=2, at=1795491100)
    make_recording(ctx, seconds=60)


def test_recording_is_played_and_seeked_by_keyboard(recordings, page):
    page.goto("/recordings")
    first = page.locator("tbody tr").first
    expect(first).to_contain_text("221234560")
    first.get_by_role("button", name="Play").press("Enter")
    sound = first.locator("audio")
    assert 59 < sound.evaluate(PLAYS) < 61
    assert 50 <= sound.evaluate(SEEK) < 51
    expect(sound).to_be_focused()
    with page.expect_download() as taken:
        first.get_by_role("button", name="Download").press("Enter")
    assert taken.value.suggested_filename.startswith("2026-11-24_033334_205_221234560")
    page.goto("/audit")
    expect(page.get_by_role("row").filter(has_text="Recording played")).to_have_count(1)
    expect(page.get_by_role("row").filter(has_text="Recording downloaded")).to_have_count(1)


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_recordings_page_passes_axe(recordings, browser, server, scheme, width):
    page = open_page(browser, server, color_scheme=scheme, locale="pl-PL", viewport={"width": width, "height": 800})
    login(page)
    page.goto("/recordings?q=2")
    page.get_by_role("button", name="Odtwórz").first.click()
    expect(page.locator("audio")).to_have_count(1)
    check_accessibility(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_recordings_are_played_without_javascript(recordings, browser, server):
    page = open_page(browser, server, java_script_enabled=False)
    login(page)
    page.goto("/recordings?q=22")
    page.get_by_role("button", name="Play").click()
    expect(page.locator("audio")).to_have_count(1)
    expect(page.locator("tbody tr")).to_have_count(1)
