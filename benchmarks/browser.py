"""What a user waits for, measured inside the page."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, Playwright

from benchmarks.data import LOGIN, PASSWORD
from benchmarks.subjects import Subject

ARGUMENTS = [
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
]
# Enter is noted in the capture phase, before any handler. The end is the first painted frame in which the condition
# holds (an animation frame's callback, then a task). Both use the wall clock and sessionStorage, because Django's
# response is another document.
WATCH = """
const moment = () => performance.timeOrigin + performance.now();
const waits = () => sessionStorage.pressed && !sessionStorage.done;
addEventListener("keydown", event => {
    if (event.key !== (sessionStorage.awaited_key ?? "Enter") || event.repeat || !sessionStorage.shown_when) return;
    sessionStorage.pressed = moment();
    look();
}, true);
addEventListener("click", event => {
    if (!sessionStorage.button || !event.target.closest(sessionStorage.button)) return;
    sessionStorage.pressed = moment();
    look();
}, true);
const look = () => {
    if (document.body && benchShown()) setTimeout(() => { sessionStorage.done ||= moment(); });
    else if (waits()) requestAnimationFrame(look);
};
const benchShown = () => { try { return Function("return " + sessionStorage.shown_when)(); } catch { return false; } };
if (waits()) requestAnimationFrame(look);  // in the next document; a page at rest draws no frames and disturbs nobody
"""
USABLE = """() => new Promise(done => {
    const idle = () => requestAnimationFrame(() => requestIdleCallback(() => done(performance.now())));
    if (document.readyState === "complete") idle(); else addEventListener("load", idle);
})"""


@contextmanager
def chromium(started: Playwright) -> Iterator[Browser]:
    """A browser for each subject, so that none inherits another's state."""
    browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
    yield browser
    browser.close()


def logged_in(browser: Browser, subject: Subject) -> Page:
    """A page in its own context, at the list, with cached static files."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}, bypass_csp=True).new_page()
    page.set_default_timeout(60_000)
    page.add_init_script(WATCH)
    page.goto(subject.url + subject.login_path)
    page.fill(f"[name={subject.login_field}]", LOGIN)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: subject.login_path not in url)
    page.goto(subject.url + subject.list_path)
    return page


def usable(page: Page, subject: Subject) -> float:
    """Return ms from the navigation's start until the page is usable.

    Then, after load, a frame was painted and the main thread is idle.
    """
    page.goto(subject.url + subject.list_path, wait_until="commit")
    return page.evaluate(USABLE)


def screen(page: Page, subject: Subject, place: int, levels: Iterator[int]) -> float:
    """Return ms from Enter in the cell to the frame with the saved row.

    Opening the cell is not counted.
    """
    page.evaluate(USABLE)
    page.evaluate("delete sessionStorage.pressed, delete sessionStorage.done")
    cell = subject.open_cell(page, place)
    level = next(level for level in levels if not page.evaluate(subject.shown(place, level)))
    cell.fill(str(level))
    page.evaluate("condition => { sessionStorage.shown_when = condition }", subject.shown(place, level))
    target = page.locator(subject.save_button) if subject.save_button else cell
    target.press("Enter", no_wait_after=True)
    page.wait_for_function("sessionStorage.done")
    return page.evaluate("sessionStorage.done - sessionStorage.pressed")


def search(page: Page, subject: Subject, number: int) -> tuple[float, float]:
    """Search the whole list for one account's number, typed as quickly as a person does.

    Return ms from the last key press to the frame with the only row, and from the request to that frame.
    """
    page.goto(subject.url + subject.list_path)
    page.evaluate(USABLE)
    rows = f"document.querySelectorAll('{subject.row_selector}')"
    key = "Enter" if subject.searches_with_enter else str(number)[-1]
    page.evaluate(
        """([key, condition]) => {
            delete sessionStorage.pressed; delete sessionStorage.done;
            sessionStorage.awaited_key = key; sessionStorage.shown_when = condition;
        }""",
        [key, f"{rows}.length === 1 && {rows}[0].textContent.includes('{number}')"],
    )
    page.locator(subject.search_field).first.press_sequentially(str(number), delay=60)
    if subject.searches_with_enter:
        page.locator(subject.search_field).first.press("Enter", no_wait_after=True)
    page.wait_for_function("sessionStorage.done")
    requested = page.evaluate(
        """([isDocument, path]) => {
            const [entry] = isDocument ? performance.getEntriesByType("navigation")
                : performance.getEntriesByType("resource").filter(({ name }) => name.includes(path)).slice(-1);
            return performance.timeOrigin + entry.startTime;
        }""",
        [subject.searches_with_enter, subject.list_path + "?"],
    )
    done, pressed = page.evaluate("[Number(sessionStorage.done), Number(sessionStorage.pressed)]")
    page.evaluate("delete sessionStorage.awaited_key; delete sessionStorage.shown_when")
    return done - pressed, done - requested


def bulk_change(page: Page, subject: Subject) -> float:
    """Change the level of all accounts; return ms from the last click to the frame with all rows.

    What comes before the click is not counted: selecting, the level, a preview.
    """
    page.goto(subject.url + subject.list_path)
    page.evaluate(USABLE)
    level = 60 if page.evaluate(subject.all_shown(30)) else 30  # the peers' actions have no field for a level
    button = subject.select_all(page, level)
    button.evaluate(
        """(button, condition) => {
            delete sessionStorage.pressed; delete sessionStorage.done;
            button.classList.add("bench"); sessionStorage.button = ".bench"; sessionStorage.shown_when = condition;
        }""",
        subject.all_shown(level),
    )
    button.click(no_wait_after=True)
    page.wait_for_function("sessionStorage.done")
    found = page.evaluate("sessionStorage.done - sessionStorage.pressed")
    page.evaluate("delete sessionStorage.button; delete sessionStorage.shown_when")
    return found


def needless_requests(page: Page, subject: Subject) -> int:
    """Return how many requests follow what asks for nothing else than what the list already shows.

    These are a blank, and a digit that is deleted again at once.
    """
    count = "path => performance.getEntriesByType('resource').filter(({ name }) => name.includes(path)).length"
    field, path = page.locator(subject.search_field).first, subject.list_path + "?"
    before = page.evaluate(count, path)
    for keys in (["End", "Space"], ["1", "Backspace"]):
        for key in keys:
            field.press(key)
        page.wait_for_timeout(600)  # the field waits 150 ms
    return page.evaluate(count, path) - before
