"""A generation with 900 changed accounts, from the click to verified, beside what Asterisk itself needs for it."""

import json
import os
import re
import socket
import sqlite3
import statistics
import sys
import time
from contextlib import closing
from pathlib import Path

from .client import Client, Request, fields
from .subjects import Sipweb, free_port

ROUNDS = 3
LISTS = ("PJSIPShowEndpoints", "PJSIPShowAuths", "PJSIPShowAors")


def generation(folder: Path) -> tuple[float, float] | None:
    """Medians in ms of (POST /generation to "verified", the same reload and the same AMI answers read raw).

    Every account has another secret and another caller ID each time. For the raw figure the symlink is set to the
    generation before and then back, so that Asterisk has the same 900 changes to take over. None without an Asterisk.
    """
    ports = {f"{name}_PORT": str(free_port()) for name in ("AMI", "SIP", "WS")}
    subject = Sipweb(folder, PBX="local", **ports)
    try:
        subject.start()
        client = subject.login()
        if not _generated(subject, client, patience=20):
            return None
        ours, asterisk = [], []
        for _ in range(ROUNDS):
            ours.append(_generated(subject, client))
            asterisk += _asterisk_alone(folder / "instance", int(ports["AMI_PORT"]))
        return statistics.median(ours), statistics.median(asterisk)
    finally:
        subject.stop()


def _generated(subject: Sipweb, client: Client, patience: float = 0) -> float:
    """Change all accounts and generate. Milliseconds until verified; 0 when Asterisk did not come up in time."""
    subject.run([sys.executable, "-m", "benchmarks.seed_sipweb", "renew"])
    until = time.monotonic() + patience
    while True:
        form = [pair for pair in fields(client.get("/generation")) if pair[0] == "csrf_token"][:1]
        elapsed = client.send(Request("/generation", form, expect=(303, 409, 502, 503, 504)))[1]
        if _newest(subject) == "verified":
            return elapsed
        if time.monotonic() > until:
            if patience:
                return 0
            raise RuntimeError(f"the newest generation is {_newest(subject)}")
        time.sleep(0.5)


def _newest(subject: Sipweb) -> str:
    with closing(sqlite3.connect(subject.database)) as connection:
        return connection.execute("SELECT state FROM generation ORDER BY number DESC").fetchone()[0]


def _asterisk_alone(instance: Path, port: int) -> list[float]:
    link = instance / "asterisk" / "sipweb" / "current"
    now = link.readlink().name
    before = f"generation-{int(now.rpartition('-')[2]) - 1:06}"
    secret = json.loads((instance / "keys.json").read_text())["ami_secret"]
    times = []
    for name in (before, now):
        draft = link.with_name("bench")
        draft.symlink_to(name)
        os.replace(draft, link)
        times.append(raw(port, "sipweb", secret, _actions(link)))
    return times


def _actions(current: Path) -> list[dict[str, str]]:
    """What sipweb asks: the reload, the lists, every account by itself, and the dialplan."""
    contexts = re.findall(r"^\[([^]]+)\]", (current / "extensions.conf").read_text(), re.MULTILINE)
    return [
        {"Action": "Reload", "Module": "res_pjsip.so"},
        {"Action": "Reload", "Module": "pbx_config.so"},
        *({"Action": name} for name in LISTS),
        *({"Action": "PJSIPShowEndpoint", "Endpoint": str(number)} for number in range(100, 1000)),
        *({"Action": "ShowDialPlan", "Context": name} for name in contexts),
    ]


def raw(port: int, user: str, secret: str, actions: list[dict[str, str]]) -> float:
    """Milliseconds that Asterisk takes to answer all of the actions, sent at once; nothing is parsed or compared.

    A session's actions are answered in turn, so the answer to the ping behind them ends the reading.
    """
    login = {"Action": "Login", "Username": user, "Secret": secret, "Events": "off"}
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        _exchange(connection, [login])
        started = time.perf_counter()
        _exchange(connection, actions)
        return (time.perf_counter() - started) * 1000


def _exchange(connection: socket.socket, actions: list[dict[str, str]]) -> None:
    end = f"sipweb-bench-{time.monotonic_ns()}"
    lines = ["".join(f"{k}: {v}\r\n" for k, v in a.items()) for a in [*actions, {"Action": "Ping", "ActionID": end}]]
    connection.sendall("\r\n".join([*lines, ""]).encode())
    tail = b""
    while f"ActionID: {end}\r\n".encode() not in tail or not tail.endswith(b"\r\n\r\n"):
        chunk = connection.recv(65536)
        if not chunk:
            raise RuntimeError(f"Asterisk closed the connection after {tail[-200:]!r}")
        tail = (tail + chunk)[-70000:]
