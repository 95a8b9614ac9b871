"""A generation with 900 changed accounts, 100 rules and 10 trunks, from the click to verified, beside what Asterisk itself needs for it."""

import json
import os
import re
import socket
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from .client import Client, Request, fields
from .subjects import Sipweb, free_port

ROUNDS = 3
LISTS = ("PJSIPShowEndpoints", "PJSIPShowAuths", "PJSIPShowAors")


@dataclass(frozen=True)
class Generations:
    """In ms: POST /generation to "verified"; the same reload and the same AMI answers read raw."""

    ours: list[float]
    asterisk: list[float]
    version: str


def generation(folder: Path) -> Generations | None:
    """Every account has another secret and another caller ID each time; None without an Asterisk.

    For the raw figure the symlink is set to the generation before and then back, so that Asterisk has the same 900
    changes to take over.
    """
    ports = {f"{name}_PORT": str(free_port()) for name in ("AMI", "SIP", "WS")}
    subject = Sipweb(folder, PBX="local", **ports)
    try:
        subject.start()
        client = subject.login()
        subject.ways()
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
    """Generate until Asterisk, which is starting, has verified it; whether it came up in time."""
    for _ in range(40):
        try:
            _generated(subject, client)
            return True
        except NotVerified:
            time.sleep(0.5)
    return False


def _generated(subject: Sipweb, client: Client) -> float:
    """Change all accounts and generate: milliseconds until it is verified."""
    subject.pending()
    form = [pair for pair in fields(client.get("/generation")) if pair[0] == "csrf_token"][:1]
    before = _newest(subject)[0]
    elapsed = client.send(Request("/generation", form, expect=(303, 409, 502, 503, 504)))[1]
    number, state = _newest(subject)
    if number == before or state != "verified":
        raise NotVerified(f"generation {number}, before it {before}, is {state}")
    return elapsed


class NotVerified(RuntimeError):
    """Asterisk was not there, or refused."""


def _newest(subject: Sipweb) -> tuple[int, str]:
    with closing(sqlite3.connect(subject.database)) as connection:
        return connection.execute("SELECT number, state FROM generation ORDER BY number DESC").fetchone()


def _asterisk_alone(instance: Path, port: int) -> tuple[list[float], str]:
    """What Asterisk needs to take over the generation before, and this one again; and its version."""
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
    """What sipweb asks: the reload, the lists, every account by itself, and the dialplan."""
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
    """Milliseconds that Asterisk takes to answer all of the actions, sent at once, and its version.

    Nothing is parsed or compared.
    A session's actions are answered in turn, so the answer to the ping behind them ends the reading.
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
    """The end of what is answered to the actions and a ping behind them."""
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
