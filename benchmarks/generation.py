"""A generation with 900 changed accounts, from the click to verified, beside what Asterisk itself needs for it."""

import socket
import time
from pathlib import Path


def generation(folder: Path) -> tuple[float, float] | None:
    """Medians in ms of (POST /generation to "verified", the same reload and the same AMI answers read raw).

    None while there is no Asterisk to ask. To be filled in with sipweb/pbx: a Sipweb subject in `folder` with
    SIPWEB_PBX=local; every account changed by SQL (secret and fingerprint) and the revision raised; then POST
    /generation until its state is `verified`, and after it `raw(...)` with the actions that sipweb sent.
    """
    return None


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
