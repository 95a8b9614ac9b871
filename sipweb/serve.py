"""`flask serve`: the only parent of the web server, the local Asterisk and the background process."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType

from .config import ROOT, Settings, public
from .core.errors import N_, Refused
from .pbx import local

# The C library gives large blocks back at once instead of keeping them for each thread (measured: 15 MB a worker).
SMALL = {"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}


@dataclass(slots=True)
class _Child:
    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0


def serve(settings: Settings) -> None:
    """Run until a signal; restart what dies; leave nothing running. Raises Refused for a second server."""
    run = settings.instance / "run"
    run.mkdir(parents=True, exist_ok=True)
    with (run / "server.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(N_("sipweb runs already in %(instance)s."), instance=settings.instance) from None
        (run / "server.json").write_text(json.dumps({"pid": os.getpid(), "settings": public(settings)}))
        try:
            _watch(_children(settings))
        finally:
            (run / "server.json").unlink(missing_ok=True)


def local_pbx(settings: Settings) -> local.LocalPbx:
    """Our own Asterisk as the settings want it."""
    return local.LocalPbx(
        directory=settings.asterisk_dir, state=settings.instance / "asterisk-state", ami_port=settings.ami_port,
        ami_user=settings.ami_user, ami_secret=settings.ami_secret, sip_port=settings.sip_port,
        ws_port=settings.ws_port, rtp_ports=settings.rtp_ports, realm=settings.sip_realm, bind=settings.sip_bind,
        transports=settings.sip_transports, tls_cert=settings.tls_cert, tls_key=settings.tls_key,
        external_address=settings.external_address, stun=settings.stun, recordings=settings.recordings,
    )  # fmt: skip


def _children(settings: Settings) -> list[_Child]:
    flask = [sys.executable, "-m", "flask", "--app", "wsgi"]
    gunicorn = [
        sys.executable, "-m", "gunicorn", "wsgi:app", "-c", "python:sipweb.worker", "--no-control-socket",
        "--bind", f"{settings.host}:{settings.port}", "--workers", str(settings.workers),
    ]  # fmt: skip
    children = [
        _Child("web server", lambda: _start(gunicorn, environ=SMALL)),
        _Child("tend", lambda: _start([*flask, "tend"])),
    ]
    installation = local.find() if settings.pbx == "local" else None
    zone = {"TZ": settings.timezone} if settings.timezone else {}  # recordings are named by the pages' clock
    if installation:
        pbx = local_pbx(settings)
        local.configure(pbx, installation)
        children.insert(0, _Child("Asterisk", lambda: _start(local.argv(pbx, installation), quiet=True, environ=zone)))
    return children


def _start(
    command: list[str], *, quiet: bool = False, environ: dict[str, str] | None = None
) -> subprocess.Popen[bytes]:
    output = subprocess.DEVNULL if quiet else None
    environ = os.environ | (environ or {})
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environ)  # noqa: S603  # our own command lines


def _watch(children: list[_Child]) -> None:
    stop = False

    def end(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stop
        stop = True

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    try:
        while not stop:
            for child in children:
                dead = child.process is None or child.process.poll() is not None
                if dead and time.monotonic() - child.started > 2:  # not in a tight circle
                    child.process, child.started = child.start(), time.monotonic()
            time.sleep(0.1)
    finally:
        _end(children)


def _end(children: list[_Child]) -> None:
    processes = [child.process for child in children if child.process and child.process.poll() is None]
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
