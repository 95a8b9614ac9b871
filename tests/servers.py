"""Ports, an Asterisk and `flask serve` of a test's own."""

import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from sipweb import create_app
from sipweb.config import ROOT, load
from sipweb.core.errors import OperationRefused
from sipweb.pbx import local_asterisk
from sipweb.pbx.ami import AmiClient
from sipweb.supervisor import local_asterisk_config

WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
_PORTS = itertools.cycle(range(11000 + WORKER * 2500, 13500 + WORKER * 2500))


def free_port(kind=socket.SOCK_STREAM):
    """Return a free port that this process returns only once.

    It is below the ephemeral ports, which an outgoing connection could take first, and above 10080, the last port that
    Chromium blocks.
    """
    for port in _PORTS:
        with socket.socket(socket.AF_INET, kind) as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def free_sip_port():
    """Return a port that is free for UDP and TCP, and whose successor is free for TLS."""
    while True:
        port, following = free_port(), free_port()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            if following == port + 1:
                return port


def rtp_ports(kind):
    """Return the RTP ports of one of the three kinds of Asterisk (0 to 2) in this process.

    There is room for four processes.
    """
    first = 21000 + (WORKER * 3 + kind) * 900
    return f"{first}-{first + 899}"


@contextmanager
def running_asterisk(instance, **settings):
    """Start an Asterisk on ports of its own that runs the instance; yield its settings and process.

    Keywords set more settings.
    """
    installation = local_asterisk.find_asterisk()
    if installation is None:
        pytest.skip("no Asterisk: run make pbx")
    environ = {
        "SIPWEB_INSTANCE": str(instance), "SIPWEB_PBX": "local", "SIPWEB_AMI_PORT": str(free_port()),
        "SIPWEB_WS_PORT": str(free_port()), "SIPWEB_SIP_PORT": str(free_sip_port()), "SIPWEB_RTP_PORTS": rtp_ports(0),
        **{f"SIPWEB_{name.upper()}": value for name, value in settings.items()},
    }  # fmt: skip
    settings = create_app(load(environ)).config["SETTINGS"]
    asterisk = local_asterisk_config(settings)
    local_asterisk.configure(asterisk, installation)
    with (asterisk.directory / "manager.conf").open("a") as file:  # tests read files back by Asterisk's own parser
        file.write("\n[reader]\nsecret=reader\nread=config,call\nwrite=config,originate,system,call\n")
    # Many installations have a system name, which is part of each call's unique id.
    with (asterisk.directory / "asterisk.conf").open("a") as file:
        file.write("systemname=pbx-1\n")
    with open(instance / "asterisk.out", "w") as out:
        process = subprocess.Popen(local_asterisk.argv(asterisk, installation), stdout=out, stderr=out)
    try:
        assert local_asterisk.wait_until_up(asterisk), Path(instance / "asterisk.out").read_text()
        wait_for(lambda: _has_loaded(asterisk), "Asterisk read its accounts")
        yield environ, process
    finally:
        process.kill()
        process.wait()


def _has_loaded(asterisk):
    try:
        with AmiClient.connect("127.0.0.1", asterisk.ami_port, asterisk.ami_user, asterisk.ami_secret) as ami:
            ami.events("ShowDialPlan", Context="sipweb-accounts")
            return len(ami.events("PJSIPShowEndpoints")) > 20
    except OperationRefused:
        return False


class NotifySocket:
    """What systemd listens on: the states that a service tells."""

    def __init__(self, folder):
        self.path = folder / "notify"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self.path))

    def wait_for(self, expected, seconds=30):
        """Wait until the service tells this."""
        deadline = time.monotonic() + seconds
        while True:
            self._socket.settimeout(max(0.001, deadline - time.monotonic()))
            if expected in self._socket.recv(100).decode().split("\n"):
                return

    def forget(self):
        """Forget what the service has told so far."""
        self._socket.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                self._socket.recv(100)

    def close(self):
        self._socket.close()


def wait_for(condition, what, seconds=20.0):
    """Return when the condition holds; fail after so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s: {what}"
        time.sleep(0.1)


@contextmanager
def serving(instance, log=None, **settings):
    """Run `flask serve` on ports of its own and yield its address. `log` is a file for its output."""
    ports = {name: str(free_port()) for name in ("port", "ami_port", "ws_port")}
    ports["sip_port"] = str(free_port(socket.SOCK_DGRAM))
    ports["rtp_ports"] = rtp_ports(1)
    ports |= settings
    environ = {f"SIPWEB_{name.upper()}": value for name, value in ports.items()}
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "serve"],
        cwd=ROOT,
        env={**os.environ, "SIPWEB_INSTANCE": str(instance), **environ},
        stdout=log,
        stderr=log,
    )
    address = f"http://127.0.0.1:{ports['port']}"
    try:
        wait_for(lambda: health(address), "the server answers", 60)
        yield address
    finally:
        process.terminate()
        assert process.wait(20) == 0


def app_of_server(instance):
    """Return an application with the settings of the server that runs in this instance."""
    server = json.loads((instance / "run" / "server.json").read_text())["settings"]
    names = ("ami_port", "sip_port", "ws_port", "port")
    environ = {f"SIPWEB_{name.upper()}": server[name] for name in names}
    return create_app(load({"SIPWEB_INSTANCE": str(instance), "SIPWEB_PBX": "local", **environ}))


def health(address):
    """Return the body of /healthz, or nothing while the server does not answer."""
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=5) as response:
            return response.read()
    except OSError:
        return b""


def kill_asterisk(instance):
    """Kill the Asterisk that `flask serve` started for this instance."""
    arguments = b"asterisk\0-f\0-C\0" + os.fsencode(f"{instance}/")
    pids = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # the process ended meanwhile
            if arguments in (process / "cmdline").read_bytes():
                pids.append(int(process.name))
    assert len(pids) == 1, pids
    os.kill(pids[0], signal.SIGKILL)
