"""`flask serve`: runs the web server, the local Asterisk and the monitor."""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import click

from . import ports, web_server
from .child_process import PARENT, ForkedProcess, before_exec, end_leftovers
from .config import Settings, public_settings
from .core.errors import N_
from .pbx import local_asterisk
from .pbx.connection import ASTERISK_FAILURE
from .process_lock import process_lock
from .systemd import Listener, Notifier
from .web_server import url_host

logger = logging.getLogger(__name__)
MIN_RESTART_DELAY = 2.0  # seconds from a start to the next; doubles with each failure
MAX_RESTART_DELAY = 4.0  # seconds, so that everything works again soon after the cause has gone
FAILED_BEFORE = 5.0  # seconds; a process that ran less has failed to start
STABLE_AFTER = 60.0  # seconds; a process that ran longer is restarted without delay
SILENT_AFTER = 45.0  # seconds without a sign of life after which a process is killed
Child = subprocess.Popen[bytes] | ForkedProcess


@dataclass(slots=True)
class Process:
    """A child process that is restarted when it ends.

    Times are those of time.monotonic. `last_message` returns what the process said last. `failure_file` contains that
    while the process does not run, or has run for less than FAILED_BEFORE. `listener` hears its signs of life.
    """

    name: str
    start: Callable[[], Child]
    popen: Child | None = None
    started_at: float = 0.0
    restart_delay: float = MIN_RESTART_DELAY
    restart_at: float = 0.0
    last_message: Callable[[], str] = str
    failure_file: Path | None = None
    listener: Listener | None = None
    heard_at: float = 0.0

    def keep_running(self, now: float) -> None:
        """Start the process if it does not run and its restart is due."""
        if self.popen and self.popen.poll() is not None:
            self._schedule_restart(self.popen, now)
        if self.popen is None and now >= self.restart_at:
            self.popen, self.started_at, self.heard_at = self.start(), now, now
            logger.info("%s started (pid %d)", self.name, self.popen.pid)
        if self.failure_file and self.popen and now - self.started_at > FAILED_BEFORE:
            self.failure_file.unlink(missing_ok=True)
        if self.listener and self.popen:
            self._kill_if_silent(self.listener, self.popen, now)

    def _kill_if_silent(self, listener: Listener, popen: Child, now: float) -> None:
        if listener.heard():
            self.heard_at = now
        elif now - self.heard_at > SILENT_AFTER:
            logger.error("%s (pid %d) has not worked for %d s: it is killed", self.name, popen.pid, SILENT_AFTER)
            popen.kill()
            self.heard_at = now

    def _schedule_restart(self, ended: Child, now: float) -> None:
        if now - self.started_at > STABLE_AFTER:
            self.restart_delay = MIN_RESTART_DELAY
        self.restart_at = max(now, self.started_at + self.restart_delay)
        wait = self.restart_at - now
        logger.error(
            "%s (pid %d) ended with exit status %d; restart in %.1f s", self.name, ended.pid, ended.returncode, wait
        )
        if self.failure_file and now - self.started_at <= FAILED_BEFORE:
            message = self.last_message()
            logger.error("Last message of %s: %s", self.name, message)
            self.failure_file.write_text(message)
        self.popen, self.restart_delay = None, min(self.restart_delay * 2, MAX_RESTART_DELAY)


@dataclass(frozen=True, slots=True)
class Programs:
    """What runs in children that are copies of this process: it has loaded all that they need.

    The copies have this process's environment as the kernel shows it, so it must contain PARENT.
    """

    web: Callable[[], None]
    monitor: Callable[[], None]


def serve(settings: Settings, load: Callable[[], Programs], *, with_asterisk: bool = True) -> None:
    """Run until a signal, restart processes that die, and stop them all at the end.

    Without `with_asterisk` somebody else starts the local Asterisk.

    Raises:
        OperationRefused: a second server in this instance, or a port is in use.
    """
    run, notifier = settings.instance / "run", Notifier()
    message = N_("sipweb is already running in %(instance)s.")
    installation = local_asterisk.find_asterisk() if settings.pbx == "local" and with_asterisk else None
    with process_lock(run / "server.lock", message, instance=settings.instance) as lock:
        end_leftovers(settings.instance)
        ports.check_free(_ports(settings, installation))
        (run / "server.json").write_text(json.dumps({"pid": os.getpid(), "settings": public_settings(settings)}))
        try:
            programs = load()
            web = _forked("web server", "sipweb-web", programs.web, lock)
            if web_server.RELOADS:  # in a process of its own, which loads the code again
                environment = {**web_server.environment(settings), "NOTIFY_SOCKET": _address(web.listener)}
                web.start = lambda: _start(settings.instance, web_server.command(settings), environment)
            processes = [web, _forked("monitor", "sipweb-monitor", programs.monitor, lock)]
            if installation:
                processes.insert(0, _asterisk(settings, installation))
            _supervise(processes, _when_ready(settings, web.listener, notifier), notifier)
        finally:
            (run / "server.json").unlink(missing_ok=True)


def _ports(settings: Settings, installation: local_asterisk.Installation | None) -> Iterator[ports.Port]:
    """Return the ports of all servers that are started here."""
    yield from ports.web_ports(settings)
    if installation:
        yield from ports.asterisk_ports(settings)


def local_asterisk_config(settings: Settings) -> local_asterisk.LocalAsteriskConfig:
    """Return the configuration of the local Asterisk."""
    return local_asterisk.LocalAsteriskConfig(
        directory=settings.asterisk_dir, state=settings.instance / "asterisk-state", ami_port=settings.ami_port,
        ami_user=settings.ami_user, ami_secret=settings.ami_secret, sip_port=settings.sip_port,
        ws_port=settings.ws_port, rtp_ports=settings.rtp_ports, realm=settings.sip_realm, bind=settings.sip_bind,
        transports=settings.sip_transports, tls_cert=settings.tls_cert, tls_key=settings.tls_key,
        tls_ca=settings.tls_ca, external_address=settings.external_address, stun=settings.stun,
        recordings=settings.recordings, music_on_hold=settings.music_on_hold,
    )  # fmt: skip


def _forked(name: str, short_name: str, run: Callable[[], None], lock: IO[str]) -> Process:
    """Return a process that is a copy of this one."""
    listener = Listener(short_name) if sys.platform == "linux" else None  # without it a hung child is not noticed

    def run_in_child() -> None:
        lock.close()  # it belongs to the server alone
        os.environ["NOTIFY_SOCKET"] = _address(listener)
        run()

    return Process(name, lambda: ForkedProcess(short_name, run_in_child), listener=listener)


def _address(listener: Listener | None) -> str:
    return listener.address if listener else ""


def _asterisk(settings: Settings, installation: local_asterisk.Installation) -> Process:
    pbx = local_asterisk_config(settings)
    local_asterisk.configure(pbx, installation)
    command, environment = local_asterisk.argv(pbx, installation), asterisk_environment(settings)
    return Process(
        "Asterisk",
        lambda: _start(settings.instance, command, environment, log=pbx.console_log),
        last_message=lambda: local_asterisk.last_message(pbx),
        failure_file=settings.instance / "run" / ASTERISK_FAILURE,
    )


def asterisk_environment(settings: Settings) -> Mapping[str, str]:
    """Return Asterisk's environment: without our settings, which may be secrets, and what is for Python's memory."""
    ours = {PARENT, *web_server.MEMORY_ENVIRONMENT}
    environment = {name: text for name, text in os.environ.items() if name not in ours and name[:7] != "SIPWEB_"}
    return environment | ({"TZ": settings.timezone} if settings.timezone else {})  # recordings are named in local time


def _start(
    instance: Path, command: list[str], environ: Mapping[str, str], *, log: Path | None = None
) -> subprocess.Popen[bytes]:
    """Start a process that ends with this one; `log` gets its output, of this start only."""
    with log.open("wb") if log else nullcontext() as output:
        return subprocess.Popen(  # noqa: S603  # our own command lines
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env={**environ, PARENT: str(instance)},
            preexec_fn=before_exec(),  # noqa: PLW1509  # only sets a flag of the kernel, and takes no lock
        )  # fmt: skip


def _supervise(processes: list[Process], when_ready: Callable[[], None], notifier: Notifier) -> None:
    """Keep the processes running until SIGTERM or SIGINT, then stop them."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    try:
        while not stop.is_set():
            for process in processes:
                process.keep_running(time.monotonic())
            when_ready()
            notifier.notify("WATCHDOG=1")
            time.sleep(0.1)
    finally:
        notifier.notify("STOPPING=1")
        _stop(processes)


def _stop(processes: list[Process]) -> None:
    running = [process.popen for process in processes if process.popen and process.popen.poll() is None]
    for popen in running:
        popen.terminate()
    for popen in running:
        try:
            popen.wait(10)
        except subprocess.TimeoutExpired:
            popen.kill()
            popen.wait(10)


def local_host(host: str) -> str:
    """Return a host to connect to, also where `host` means all interfaces."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # compared, not bound to


def _when_ready(settings: Settings, web: Listener | None, notifier: Notifier) -> Callable[[], None]:
    """Return what prints the address to open, once, when the web server has said that it is ready."""
    is_unix = settings.host.startswith("unix:")
    address = settings.host if is_unix else f"http://{url_host(local_host(settings.host))}:{settings.port}"
    printed = False

    def print_address() -> None:
        nonlocal printed
        if not printed and (web is None or web.is_ready):
            printed = True
            notifier.notify("READY=1")
            click.echo(f"sipweb runs on {address}. Sign in as admin.")

    return print_address
