"""Generations of 900 accounts and of one, restoring a version, a search for drift, and Asterisk's own time for each.

There are 100 routes and 10 trunks.
"""

import json
import os
import re
import signal
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.client import Client, Request, fields
from benchmarks.processes import program_of
from benchmarks.subjects import Sipweb, free_port
from sipweb import create_app
from sipweb.config import load
from sipweb.services.drift import find_drift

ROUNDS = 3
ALL = [str(number) for number in range(100, 1000)]
RELOAD = [{"Action": "Reload", "Module": name} for name in ("res_pjsip.so", "pbx_config.so")]
LISTS = ("PJSIPShowEndpoints", "PJSIPShowAuths", "PJSIPShowAors")


@dataclass(frozen=True)
class Generations:
    """Times in ms: ours from the POST to "verified"; Asterisk's for the same reload and responses, read raw.

    `drift_cpu` is the processor time of each cheap search for drift.
    """

    version: str = ""
    ours: list[float] = field(default_factory=list)
    asterisk: list[float] = field(default_factory=list)
    one: list[float] = field(default_factory=list)
    one_asterisk: list[float] = field(default_factory=list)
    restored: list[float] = field(default_factory=list)
    drift: list[float] = field(default_factory=list)
    drift_cpu: list[float] = field(default_factory=list)
    drift_asterisk: list[float] = field(default_factory=list)


def generation(folder: Path) -> Generations | None:
    """Measure generations; None without an Asterisk.

    Every account gets a new secret and caller ID each time. For the raw figure the symlink is set to the previous
    generation and back, so that Asterisk has the same 900 changes to apply.
    """
    ports = {f"{name}_PORT": str(free_port()) for name in ("AMI", "SIP", "WS")}
    subject = Sipweb(folder, PBX="local", **ports)
    try:
        subject.start()
        client = subject.login()
        subject.add_routing()
        if not _first(subject, client):
            return None
        found, asterisk = Generations(), _Asterisk(subject, int(ports["AMI_PORT"]))
        for _ in range(ROUNDS):
            found.ours.append(_generated(subject, client))
            found.asterisk.extend(asterisk.applies(ALL))
        for _ in range(ROUNDS * 3):
            found.one.append(_generated(subject, client, lambda: _change_one(subject)))
            found.one_asterisk.extend(asterisk.applies(ALL[:1]))
        for _ in range(ROUNDS):
            found.restored.append(_restored(subject, client))
        _search(subject, found, asterisk)
        return replace(found, version=asterisk.version)
    finally:
        subject.stop()


def _change_one(subject: Sipweb) -> None:
    """Another level for the first account."""
    level = time.monotonic_ns() % 89 + 1
    with closing(sqlite3.connect(subject.database)) as connection, connection:
        connection.execute("UPDATE revision SET value = value + 1")
        connection.execute(
            "UPDATE account SET level = (level + ?) % 100, version = version + 1, "
            "revision = (SELECT value FROM revision) WHERE number = 100",
            [level],
        )


def _restored(subject: Sipweb, client: Client) -> float:
    """Restore the version before the last one, whose one account differs; return ms until verified."""
    _wait_for_search(subject)
    number = _newest(subject)[0] - 1
    form = [pair for pair in fields(client.get(f"/generation/{number}")) if pair[0] == "csrf_token"][:1]
    return _verified(subject, client, Request(f"/generation/{number}/restore", form, expect=(303, 409, 503)))


def _search(subject: Sipweb, found: Generations, asterisk: "_Asterisk") -> None:
    """Search for drift as the background process does, in this process."""
    app = create_app(load(subject.environment))
    with app.app_context(), asterisk.alone():
        for _ in range(12):
            started, cpu = time.perf_counter(), time.process_time()
            if find_drift(app.extensions["sipweb"], full=False, timeout=5):
                raise RuntimeError("there is drift")
            found.drift.append((time.perf_counter() - started) * 1000)
            found.drift_cpu.append((time.process_time() - cpu) * 1000)
            found.drift_asterisk.append(asterisk.answers())
    for values in (found.drift, found.drift_cpu, found.drift_asterisk):
        del values[:2]  # the first ones load what later ones have


def _first(subject: Sipweb, client: Client) -> bool:
    """Generate until the starting Asterisk has verified it.

    Return whether it came up in time.
    """
    for _ in range(40):
        try:
            _generated(subject, client)
            return True
        except NotVerified:
            time.sleep(0.5)
    return False


def _generated(subject: Sipweb, client: Client, change: Callable[[], None] | None = None) -> float:
    """Change all accounts, or as told, and generate; return ms until verified."""
    (change or subject.pending)()
    _wait_for_search(subject)
    page = client.get("/generation")
    form = [pair for pair in fields(page) if pair[0] == "csrf_token"][:1]
    if removed := re.search(r"will be removed from the PBX \((\d+)\)", page):  # the first 20, at first
        form.append(("confirm", removed[1]))
    return _verified(subject, client, Request("/generation", form, expect=(303, 409, 502, 503, 504)))


def _wait_for_search(subject: Sipweb) -> None:
    """Wait until the search for drift that follows a generation is over: a generation would wait for it."""
    for _ in range(50):
        time.sleep(0.1)
        with closing(sqlite3.connect(subject.database)) as connection:
            checked = connection.execute("SELECT generation FROM drift_check").fetchone()
        if checked == (_newest(subject)[0],):
            return


def _verified(subject: Sipweb, client: Client, request: Request) -> float:
    before = _newest(subject)[0]
    elapsed = client.send(request)[1]
    number, state = _newest(subject)
    if number == before or state != "verified":
        raise NotVerified(f"generation {number}, before it {before}, is {state}")
    return elapsed


class NotVerified(RuntimeError):
    """Asterisk was unreachable, or refused."""


def _newest(subject: Sipweb) -> tuple[int, str]:
    with closing(sqlite3.connect(subject.database)) as connection:
        return connection.execute("SELECT number, state FROM generation ORDER BY number DESC").fetchone()


class _Asterisk:
    """Asterisk's own part, without sipweb's background process."""

    def __init__(self, subject: Sipweb, port: int) -> None:
        instance = subject.folder / "instance"
        self._link = instance / "asterisk" / "sipweb" / "current"
        self._secret = json.loads((instance / "keys.json").read_text())["ami_secret"]
        self._monitor = next(pid for pid in subject.processes() if program_of(pid)[0] == "sipweb-monitor")
        self._port = port
        self.version = ""

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Stop the background process, which would repair the link."""
        os.kill(self._monitor, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._monitor, signal.SIGCONT)

    def applies(self, names: list[str]) -> list[float]:
        """Return ms to apply the previous generation and then this one again; these accounts are read one by one."""
        now = self._link.readlink().name
        before = f"generation-{int(now.rpartition('-')[2]) - 1:06}"
        times = []
        with self.alone():
            for name in (before, now):
                draft = self._link.with_name("bench")
                draft.symlink_to(name)
                os.replace(draft, self._link)
                times.append(self._raw([*RELOAD, *self._answers(names)]))
        return times

    def answers(self) -> float:
        """Return ms of what a search for drift asks."""
        return self._raw(self._answers([]))

    def _raw(self, actions: list[dict[str, str]]) -> float:
        elapsed, self.version = raw(self._port, "sipweb", self._secret, actions)
        return elapsed

    def _answers(self, names: list[str]) -> list[dict[str, str]]:
        """Return sipweb's questions: the lists, these accounts and all trunks, and the dialplan."""
        trunks = [f"sipweb-trunk-{number}" for number in range(1, 11)]
        contexts = re.findall(r"^\[([^]]+)\]", (self._link / "extensions.conf").read_text(), re.MULTILINE)
        return [
            *({"Action": name} for name in LISTS),
            {"Action": "PJSIPShowRegistrationsOutbound"},
            *({"Action": "PJSIPShowEndpoint", "Endpoint": name} for name in [*names, *trunks]),
            *({"Action": "ShowDialPlan", "Context": name} for name in contexts),
        ]


def raw(port: int, user: str, secret: str, actions: list[dict[str, str]]) -> tuple[float, str]:
    """Return ms until all actions, sent at once, were answered, and the version.

    Nothing is parsed or compared. Actions of one session are answered in order, so the response to the final ping ends
    the reading.
    """
    login = {"Action": "Login", "Username": user, "Secret": secret, "Events": "off"}
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        greeting = _exchange(connection, [login, {"Action": "CoreSettings"}]).decode()
        started = time.perf_counter()
        _exchange(connection, actions)
        elapsed = (time.perf_counter() - started) * 1000
    version = re.search(r"AsteriskVersion: ([\d.]+)", greeting)
    return elapsed, version[1] if version else "unknown"


def _exchange(connection: socket.socket, actions: list[dict[str, str]]) -> bytes:
    """Send the actions and a ping; return the end of the response."""
    end = f"sipweb-bench-{time.monotonic_ns()}"
    lines = ["".join(f"{k}: {v}\r\n" for k, v in a.items()) for a in [*actions, {"Action": "Ping", "ActionID": end}]]
    connection.sendall("\r\n".join([*lines, ""]).encode())
    tail = b""
    while f"ActionID: {end}\r\n".encode() not in tail or not tail.endswith(b"\r\n\r\n"):
        chunk = connection.recv(65536)
        if not chunk:
            raise RuntimeError(f"Asterisk closed the connection after {tail[-200:]!r}")
        tail = (tail + chunk)[-70000:]
    return tail
