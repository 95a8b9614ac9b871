"""Agents who log in: how many a second, compared with the database alone.

And how long until the softphone is registered.
"""

import http.client
import json
import shutil
import sqlite3
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Playwright

from benchmarks.browser import ARGUMENTS
from benchmarks.data import PASSWORD, USERS
from benchmarks.seed_sipweb import password_checks
from benchmarks.subjects import Sipweb, free_port

IN_USE, ROUNDS, CLIENTS = 800, 5, 8
# The click on Start working, and the moment the line says "registered", on the wall clock and across the two documents.
WATCH = """
const [agentForm, registered] = SELECTORS;
const moment = () => performance.timeOrigin + performance.now();
addEventListener("click", event => { if (event.target.closest(agentForm)) sessionStorage.clicked = moment(); }, true);
const look = () => {
    if (document.querySelector(registered)) sessionStorage.registered ||= moment();
    else requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""


@dataclass(frozen=True)
class Logins:
    """Rates per second, and the milliseconds of one password check."""

    whole: list[float]
    database: list[float]
    check: list[float]


def logins(folder: Path) -> Logins:
    """900 automatic accounts, 800 of them in use; the other 100 users come and go."""
    subject = Sipweb(folder)
    try:
        subject.start()
        _all_automatic(subject)
        _take(subject)
        whole = [_round(subject) for _ in range(ROUNDS + 1)][1:]
        return Logins(whole, [_alone(subject) for _ in range(ROUNDS)], password_checks())
    finally:
        subject.stop()


def registered(started: Playwright, folder: Path) -> list[float]:
    """Milliseconds from the click to a registered softphone, in Chromium, against a real Asterisk; none without one."""
    subject = Sipweb(folder, PBX="local", **{f"{name}_PORT": str(free_port()) for name in ("AMI", "SIP", "WS")})
    arguments = [*ARGUMENTS, "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    chromium = started.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
    try:
        subject.start()
        _all_automatic(subject)
        return [_start_work(chromium, subject, login) for login, _name in USERS[:7]][1:]
    finally:
        chromium.close()
        subject.stop()


def _start_work(chromium, subject: Sipweb, login: str) -> float:
    page = chromium.new_context(base_url=subject.url, bypass_csp=True).new_page()
    page.add_init_script(WATCH.replace("SELECTORS", json.dumps([subject.agent_form, subject.registered])))
    page.goto("/login")
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.fill(subject.agent_number, "")
    page.click(f"{subject.agent_form} button")
    page.wait_for_function("sessionStorage.registered", timeout=60_000)
    elapsed = page.evaluate("sessionStorage.registered - sessionStorage.clicked")
    page.context.close()
    return elapsed


def _all_automatic(subject: Sipweb) -> None:
    with closing(sqlite3.connect(subject.database)) as connection, connection:
        connection.execute("UPDATE revision SET value = value + 1")
        connection.execute(
            "UPDATE account SET user_id = NULL, phone = 'builtin', active = 1, revision = (SELECT value FROM revision)"
        )
    for _ in range(40):
        try:
            return subject.generate()
        except subprocess.CalledProcessError:  # Asterisk is starting
            time.sleep(0.5)


def _take(subject: Sipweb) -> None:
    """The leases of the first 800 users, as their logins would have left them."""
    moment = datetime.now(UTC).replace(tzinfo=None, year=2100).isoformat(" ")  # they do not fall silent meanwhile
    with closing(sqlite3.connect(subject.database)) as connection, connection:
        users = [row[0] for row in connection.execute("SELECT id FROM user WHERE role = 'agent' ORDER BY id")]
        accounts = connection.execute("SELECT id, number FROM account ORDER BY number").fetchall()
        connection.executemany(
            "INSERT INTO lease (account_id, user_id, number, token_digest, session_epoch, acquired_at, last_seen_at) "
            "VALUES (?, ?, ?, ?, 0, ?, ?)",
            [
                (a, u, n, f"taken {a}", moment, moment)
                for (a, n), u in zip(accounts[:IN_USE], users[:IN_USE], strict=True)
            ],
        )


def _round(subject: Sipweb) -> float:
    """100 logins, eight at a time: how many a second. Then they all leave."""
    names = [login for login, _name in USERS[IN_USE:900]]
    with ThreadPoolExecutor(CLIENTS) as pool:
        started = time.perf_counter()
        tokens = list(
            pool.map(lambda name: _post(subject, "login", {"login": name, "password": PASSWORD})["token"], names)
        )
        elapsed = time.perf_counter() - started
        list(pool.map(lambda token: _post(subject, "logout", {}, token), tokens))
    return len(names) / elapsed


def _post(subject: Sipweb, what: str, body: dict[str, str], token: str = "") -> dict[str, str]:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    with closing(http.client.HTTPConnection("127.0.0.1", subject.port, timeout=60)) as connection:
        connection.request("POST", f"/api/agent/{what}", json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{what}: {answer.status} {text.decode()[:300]}")
        return json.loads(text)


def _alone(subject: Sipweb) -> float:
    """The transaction that takes an account, 100 times by one process without anything around it; then undone."""
    moment = datetime.now(UTC).replace(tzinfo=None).isoformat(" ")
    with closing(sqlite3.connect(subject.database, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=NORMAL")
        started = time.perf_counter()
        for place in range(100):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("UPDATE revision SET value = value + 1")
            connection.execute("SELECT account_id FROM lease WHERE last_seen_at >= ?", [moment]).fetchall()
            user, account = connection.execute(
                "SELECT u.id, a.id FROM user u, account a WHERE u.login = ? AND a.number = ?",
                [USERS[IN_USE + place][0], 100 + IN_USE + place],
            ).fetchone()
            connection.execute(
                "INSERT INTO lease "
                "(account_id, user_id, number, token_digest, session_epoch, acquired_at, last_seen_at) "
                "VALUES (?, ?, ?, ?, 0, ?, ?)",
                [account, user, 100 + IN_USE + place, f"alone {place}", moment, moment],
            )
            connection.execute(
                "INSERT INTO audit (created_at, actor_name, ip_address, action, account_id, user_id, subject, changes) "
                "VALUES (?, 'x', '', 'lease.acquire', ?, ?, '900', '{}')", [moment, account, user],
            )  # fmt: skip
            connection.execute("COMMIT")
        elapsed = time.perf_counter() - started
        connection.execute("DELETE FROM lease WHERE token_digest LIKE 'alone %'")
    return 100 / elapsed
