"""A generation with 900 changed accounts, and Asterisk's own time.

There are 100 routes and 10 trunks.
"""

import json
import os
import re
import socket
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.client import Client, Request, fields
from benchmarks.subjects import Sipweb, free_port

ROUNDS = 3
LISTS = ("PJSIPShowEndpoints", "PJSIPShowAuths", "PJSIPShowAors")


@dataclass(frozen=True)
class Generations:
    """In ms: POST /generation to "verified".

    The same reload and AMI responses read raw.
    """

    ours: list[float]
    asterisk: list[float]
    version: str


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
        ours, asterisk = [], []
        for _ in range(ROUNDS):
            ours.append(_generated(subject, client))
            times, version = _asterisk_alone(folder / "instance", int(ports["AMI_PORT"]))
            asterisk += times
        return Generations(ours, asterisk, version)
    finally:
        subject.stop()


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


def _generated(subject: Sipweb, client: Client) -> float:
    """Change all accounts and generate; return ms until verified."""
    subject.pending()
    form = [pair for pair in fields(client.get("/generation")) if pair[0] == "csrf_token"][:1]
    before = _newest(subject)[0]
    elapsed = client.send(Request("/generation", form, expect=(303, 409, 502, 503, 504)))[1]
    number, state = _newest(subject)
    if number == before or state != "verified":
        raise NotVerified(f"generation {number}, before it {before}, is {state}")
    return elapsed


class NotVerified(RuntimeError):
    """Asterisk was unreachable, or refused."""


def _newest(subject: Sipweb) -> tuple[int, str]:
    with closing(sqlite3.connect(subject.database)) as connection:
        return connection.execute("SELECT number, state FROM generation ORDER BY number DESC").fetchone()


def _asterisk_alone(instance: Path, port: int) -> tuple[list[float], str]:
    """Return Asterisk's time to apply two generations, and its version.

    It applies the previous generation, then this one again.
    """
    link = instance / "asterisk" / "sipweb" / "current"
    now = link.readlink().name
    before = f"generation-{int(now.rpartition('-')[2]) - 1:06}"
    secret = json.loads((instance / "keys.json").read_text())["ami_secret"]
    times = []
    for name in (before, now):
        draft = link.with_name("bench")
        draft.symlink_to(name)
        os.replace(draft, link)
        elapsed, version = raw(port, "sipweb", secret, _actions(link))
        times.append(elapsed)
    return times, version


def _actions(current: Path) -> list[dict[str, str]]:
    """Return sipweb's actions: reload, lists, each account, and the dialplan."""
    names = [*map(str, range(100, 1000)), *(f"sipweb-trunk-{n}" for n in range(1, 11))]
    contexts = re.findall(r"^\[([^]]+)\]", (current / "extensions.conf").read_text(), re.MULTILINE)
    return [
        {"Action": "Reload", "Module": "res_pjsip.so"},
        {"Action": "Reload", "Module": "pbx_config.so"},
        *({"Action": name} for name in LISTS),
        {"Action": "PJSIPShowRegistrationsOutbound"},
        *({"Action": "PJSIPShowEndpoint", "Endpoint": name} for name in names),
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
