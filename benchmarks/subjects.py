"""A subject: how it is started, logged in to and edited, as its own pages do it. And sipweb, now and earlier."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from benchmarks.client import Client, Request, fields, replaced
from benchmarks.data import ACCOUNTS, LOGIN, PASSWORD
from benchmarks.processes import descendants, parent, program_of

ROOT = Path(__file__).resolve().parent.parent
BASELINE_COMMIT = "caa9ddc"
"""The commit that the present code is measured against: the one before everyday work with 900 accounts (issue 18)."""
WORKERS = "2"


class Subject:
    """One product. `edit` is one cell's change as a request; the rest says the same of the browser."""

    name = login_path = login_field = list_path = ""
    edits_per_round = 4
    root = ROOT  # where its code lies
    save_button = ""  # where Enter is pressed instead of in the cell
    search_field = "[name=q]"
    row_selector = ""  # of the list's rows
    searches_with_enter = True  # otherwise as one types

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.environment = os.environ | {"BENCH_FOLDER": str(folder)}
        self._process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Seed, start, and wait until the login page answers; what the server says is in FOLDER/log."""
        self.folder.mkdir(exist_ok=True)
        self.seed()
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                self.command(), cwd=self.root, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        for _ in range(300):
            try:
                Client(self.port).get(self.login_path)
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"{self.name} does not answer: {self.last_output()}")

    def last_output(self) -> str:
        """Return the end of what the server printed."""
        return (self.folder / "log").read_text()[-2000:]

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)  # a session of its own

    def login(self) -> Client:
        client = Client(self.port)
        form = replaced(fields(client.get(self.login_path)), **{self.login_field: LOGIN, "password": PASSWORD})
        client.send(Request(self.login_path, form, expect=(302, 303)))
        return client

    def workers(self) -> list[int]:
        """Return gunicorn's workers: forked from their parent, so the same program, and without children."""
        tree = descendants(self._process.pid)
        workers = [pid for pid in tree if not descendants(pid) and program_of(pid) == program_of(parent(pid))]
        if len(workers) != int(WORKERS):
            raise RuntimeError(f"{self.name}: expected {WORKERS} workers, found {[program_of(pid) for pid in workers]}")
        return workers

    def processes(self) -> list[int]:
        """Everything that runs: what commands the workers, and what else the product starts."""
        return [self._process.pid, *descendants(self._process.pid)]

    def seed(self) -> None:
        raise NotImplementedError

    def command(self) -> list[str]:
        raise NotImplementedError

    def edit(self, client: Client, place: int, level: int) -> Request:
        """The request that sets the level of the account at this place of the list; not sent yet."""
        raise NotImplementedError

    # The browser: these are functions of Playwright's page, and JavaScript conditions.
    def select_all(self, page, level: int):
        """Prepare a change of the level of all accounts, and return the locator of the button that makes it."""
        raise NotImplementedError

    def all_shown(self, level: int) -> str:
        """JavaScript: whether all rows are shown with the level."""
        raise NotImplementedError

    def open_cell(self, page, place: int):
        """Make the level editable as a person does, and return the locator of its input."""
        raise NotImplementedError

    def shown(self, place: int, level: int) -> str:
        """JavaScript: whether the saved row is shown."""
        raise NotImplementedError


class Sipweb(Subject):
    """The present code. What the measures know of its pages stands here."""

    name = "sipweb"
    row_selector, searches_with_enter = "tbody[id^=account-]", False
    login_path, login_field, list_path = "/login", "login", "/accounts"
    row, edit_form = "#account-{}", "edit-{}"  # with an account's id
    agent_form, agent_number, registered = "form.narrow", "#number", "#registration-state[data-state=registered]"
    edits_per_round = 8

    def __init__(self, folder: Path, accounts: int = len(ACCOUNTS), **other: str) -> None:
        super().__init__(folder)
        self.environment["BENCH_ACCOUNTS"] = str(accounts)
        settings = {"INSTANCE": str(folder / "instance"), "PBX": "files", "ADMIN_PASSWORD": PASSWORD}
        settings |= {"WORKERS": WORKERS, "PORT": str(self.port), "LANGUAGE": "en"} | other
        self.database = folder / "instance" / "sipweb.db"
        self.environment |= {f"SIPWEB_{name}": value for name, value in settings.items()}

    def seed(self) -> None:
        """All 900 accounts are generated, so that none is pending, when the measuring begins."""
        self.run(self.flask("setup"))
        self.run([sys.executable, "-m", "benchmarks.seed_sipweb"])
        if self.environment["SIPWEB_PBX"] == "files":
            self.generate()
        with closing(sqlite3.connect(self.database)) as connection:
            self.ids = [key for (key,) in connection.execute("SELECT id FROM account ORDER BY number")]

    def pending(self) -> None:
        """A change in each of the 900 accounts."""
        self.run([sys.executable, "-m", "benchmarks.seed_sipweb", "renew"])

    def add_routing(self) -> None:
        """10 trunks and 100 routing rules."""
        self.run([sys.executable, "-m", "benchmarks.seed_sipweb", "routing"])

    def add_usage(self) -> None:
        """30 days of account usage, with a change every other minute of ten hours a day."""
        self.run([sys.executable, "-m", "benchmarks.seed_sipweb", "usage"])

    def generate(self) -> None:
        """Generate the configuration; the new accounts replace the first 20."""
        self.run([*self.flask("generate"), "--yes"])

    def command(self) -> list[str]:
        return self.flask("serve")

    def flask(self, command: str) -> list[str]:
        return [str(Path(sys.executable).with_name("flask")), "--app", "wsgi", command]

    def run(self, command: list[str]) -> None:
        subprocess.run(command, cwd=self.root, env=self.environment, check=True, stdout=subprocess.DEVNULL)

    def edit(self, client: Client, place: int, level: int) -> Request:
        key = self.ids[place]
        fragment = client.get(f"/accounts/{key}/edit", **{"HX-Request": "true"})
        form = replaced(fields(fragment, self.edit_form.format(key)), level=str(level))
        return Request(f"/accounts/{key}", form, {"HX-Request": "true"})

    def open_cell(self, page, place: int):
        row = page.locator(self.row.format(self.ids[place]))
        row.get_by_role("link", name="Edit").or_(row.get_by_role("button", name="Edit")).first.click()
        return row.locator("[name=level]")

    def select_all(self, page, level: int):
        page.check("#select-all")
        page.fill("#bulk-level", str(level))
        page.click("#bulk-edit")
        return page.locator("#bulk-apply")

    def all_shown(self, level: int) -> str:
        return holds_for_all("'#results td[data-label=\"Permission level\"]'", _has_level(level))

    def shown(self, place: int, level: int) -> str:
        row = f"document.querySelector('{self.row.format(self.ids[place])}')"
        cells = f"[...{row}.querySelectorAll('td')]"
        return f"!{row}.querySelector('[name=level]') && {cells}.some({_has_level(level)})"


class EarlierSipweb(Sipweb):
    """The code of an earlier commit, seeded by that commit's own benchmarks."""

    name = f"sipweb {BASELINE_COMMIT}"
    searches_with_enter = True

    def start(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="sipweb-baseline-")) / BASELINE_COMMIT
        git("worktree", "add", "--detach", str(self.root), BASELINE_COMMIT)
        super().start()

    def stop(self) -> None:
        super().stop()
        if self.root != ROOT:
            git("worktree", "remove", "--force", str(self.root))
            self.root.parent.rmdir()


def _has_level(level: int) -> str:
    return f"cell => cell.firstChild?.textContent.trim() === '{level}'"  # what is live may follow it


def holds_for_all(selector: str, condition: str) -> str:
    """JavaScript: whether the condition holds for all accounts' elements."""
    return f"[...document.querySelectorAll({selector})].filter({condition}).length === {len(ACCOUNTS)}"


def has_baseline_commit() -> bool:
    """Whether this repository has the earlier commit; a shallow clone does not."""
    return git("cat-file", "-e", f"{BASELINE_COMMIT}^{{commit}}", check=False).returncode == 0


def git(*words: str, check: bool = True) -> subprocess.CompletedProcess:
    return subprocess.run(["git", *words], cwd=ROOT, check=check, capture_output=True, text=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
