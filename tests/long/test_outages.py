"""`flask serve` while its database, its disk, its monitor or its Asterisk fails.

No request waits longer than 20 seconds, each gets an answer of ours, no agent loses a number, the log stays short, and
all is well soon after the cause has gone.
"""

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from sipweb import create_app
from sipweb.config import load
from sipweb.db import db
from tests import faults, postgres
from tests.builders import AGENT_PASSWORD, make_user
from tests.client import HttpClient
from tests.conftest import set_up, use_database
from tests.servers import free_port, serving, wait_for

pytestmark = pytest.mark.long
LONGEST = 20.0  # seconds that a request may take
RECOVERY = 10.0  # seconds after the cause has gone
NETWORK = "10.213.7"


def answer(address, body=None, **headers):
    """Return status, text, headers and seconds of a request; status 0 if the server does not answer."""
    began = time.monotonic()
    request = urllib.request.Request(address, body, headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            found = reply.status, reply.read().decode(), reply.headers
    except urllib.error.HTTPError as reply:
        with reply:
            found = reply.code, reply.read().decode(), reply.headers
    except OSError as error:
        found = 0, str(error), {}
    return *found, time.monotonic() - began


def health(address):
    status, text, _, _ = answer(f"{address}/healthz")
    return status, json.loads(text) if status else {}


class System:
    """A server with an administrator and an agent, and threads in which both make requests until they are stopped."""

    def __init__(self, address, instance, log):
        self.address, self.instance, self.log = address, instance, log
        self.admin = HttpClient(address)
        assert self.admin.login()[0] in (200, 303)
        self.token = self._log_in()
        self.answers = []  # what, status, text, headers, seconds
        self._end = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=[visit]) for visit in (self._beat, self._look) * 3]

    def _log_in(self):
        body = json.dumps({"login": "anna", "password": AGENT_PASSWORD}).encode()
        headers = {"Content-Type": "application/json"}
        return json.loads(answer(f"{self.address}/api/agent/login", body, **headers)[1])["token"]

    def start(self):
        for thread in self._threads:
            thread.start()

    def stop(self):
        self._end.set()
        for thread in self._threads:
            thread.join(30)

    def _run(self, visit):
        while not self._end.wait(0.3):
            visit()

    def _beat(self):
        self.answers.append(("beat", *self.beat()))

    def beat(self):
        return answer(f"{self.address}/api/agent/heartbeat", b"", Authorization=f"Bearer {self.token}")

    def _look(self):
        began = time.monotonic()
        status, text = self.admin.get("/accounts")
        self.answers.append(("page", status, text, {}, time.monotonic() - began))

    def process(self, word):
        """Return the id of the process of this instance with this name, or with this word in its command line."""
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                name = (process / "comm").read_bytes().strip()
                command = [name, *(process / "cmdline").read_bytes().split(b"\0")]
                instance = f"SIPWEB_INSTANCE={self.instance}".encode()
                is_ours = str(self.instance) in word  # Asterisk does not get our settings
                is_ours = is_ours or instance in (process / "environ").read_bytes().split(b"\0")
                if word.encode() in command and is_ours:
                    return int(process.name)
        return None

    def check_answers(self, *, failing):
        """Check what was answered meanwhile: our own pages and sentences, all of them in time."""
        slowest = max(self.answers, key=lambda one: one[-1])
        assert slowest[-1] <= LONGEST, slowest
        assert {one[1] for one in self.answers} <= {200, *([503] if failing else [])}
        for what, status, text, headers, _ in self.answers:
            if status != 503:
                continue
            if what == "page":
                assert "<h1>Something went wrong</h1>" in text
            else:
                assert "error" in json.loads(text)
                assert headers["Retry-After"] == "10"
        assert failing == any(status == 503 for _, status, *_ in self.answers)

    def check_log(self, seconds):
        """Check the log: no traceback, a line or two a minute from the web server and from the monitor."""
        lines = self.log.read_text().splitlines()
        text = "\n".join(line for line in lines if " sipweb.access: " not in line)  # each request has one
        assert "Traceback" not in text, text
        failures = re.findall(r".*(?:The database failed|process's work failed|Writing what Asterisk).*", text)
        assert 1 <= len(failures) <= 3 * (seconds // 60 + 1), failures
        assert len(text) < 20_000

    def check_recovery(self):
        """Check that everything works again, with the number that the agent had."""
        wait_for(lambda: health(self.address)[0] == 200, "the server is well", RECOVERY)
        wait_for(lambda: self.beat()[0] == 200, "the agent has the number", RECOVERY)
        assert self.admin.get("/accounts")[0] == 200


@contextmanager
def running(instance, log=None, **settings):
    """Run the server with an agent; yield a System. `log` is the file of its log."""
    app = create_app(load({"SIPWEB_INSTANCE": str(instance), "SIPWEB_PBX": "files"}))
    with app.app_context():
        make_user("anna", "Anna Nowak")
        db.session.remove()
        db.engine.dispose()
    log = log or instance.parent / "log"
    with log.open("w") as file, serving(instance, log=file, **settings) as address:
        wait_for(lambda: health(address)[0] == 200, "the server is well", 60)
        system = System(address, instance, log)
        wait_for(lambda: system.process("sipweb-monitor"), "the monitor runs")
        yield system


@pytest.fixture
def cluster():
    """Return a cluster of the test's own."""
    cluster = postgres.Cluster(free_port())
    cluster.create()
    cluster.start()
    yield cluster
    cluster.remove()


def on_postgresql(tmp_path, url):
    """Set up an instance on PostgreSQL."""
    instance = tmp_path / "a" / "i"
    instance.mkdir(parents=True)
    use_database(instance, url)
    return set_up(instance)


@pytest.mark.parametrize("seconds", [22, 95])
def test_postgresql_is_gone(tmp_path, cluster, seconds):
    with running(on_postgresql(tmp_path, cluster.url), pbx="local") as system:
        wait_for(lambda: health(system.address)[1].get("asterisk") == "ok", "Asterisk answers")
        monitor = system.process("sipweb-monitor")
        cluster.kill()
        system.start()
        time.sleep(seconds - 2)
        status, seen = health(system.address)
        assert (status, seen["database"], seen["asterisk"]) == (503, "down", "ok")
        assert seen["problems"][0] == "The database doesn't answer."
        assert answer(f"{system.address}/healthz/live")[0] == 200
        cluster.start()
        time.sleep(1)
        system.stop()
        system.check_answers(failing=True)
        system.check_recovery()
        time.sleep(10)  # the monitor has looked for leases to end
        assert system.beat()[0] == 200
        assert system.process("sipweb-monitor") == monitor
        system.check_log(seconds)


@contextmanager
def stopped_proxy(cluster):
    """A proxy between sipweb and PostgreSQL; yield the URL, and a context in which it forwards nothing."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, Path(__file__).with_name("silent_proxy.py"), str(port), str(cluster.url.port)]
    )

    @contextmanager
    def silent():
        process.send_signal(signal.SIGSTOP)
        yield
        process.send_signal(signal.SIGCONT)

    try:
        url = cluster.url.set(port=port)
        wait_for(lambda: accepts(port), "the proxy runs")
        yield url, silent
    finally:
        process.kill()
        process.wait()


def accepts(port):
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@contextmanager
def dropped_packets(_cluster):
    """PostgreSQL in a network of its own; yield the URL, and a context in which its packets get lost."""
    if os.geteuid() != 0 or not (shutil.which("ip") and shutil.which("iptables")):
        pytest.skip("no network namespace: run scripts/get-tools long as root")
    name = f"sipweb-{os.getpid()}"
    run = ("ip", "netns", "exec", name)
    port = free_port()
    for command in (
        f"ip netns add {name}", f"ip link add {name[-14:]}o type veth peer name pg netns {name}",
        f"ip addr add {NETWORK}.1/30 dev {name[-14:]}o", f"ip link set {name[-14:]}o up",
        f"ip -n {name} addr add {NETWORK}.2/30 dev pg", f"ip -n {name} link set pg up", f"ip -n {name} link set lo up",
    ):  # fmt: skip
        subprocess.run(command.split(), check=True)
    user = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")
    cluster = postgres.Cluster(port, f"{NETWORK}.2", (*run, *user))

    @contextmanager
    def silent():
        rule = ("INPUT", "-p", "tcp", "--dport", str(port), "-j", "DROP")
        subprocess.run([*run, "iptables", "-A", *rule], check=True)
        yield
        subprocess.run([*run, "iptables", "-D", *rule], check=True)

    try:
        cluster.create()
        cluster.start()
        yield cluster.url, silent
    finally:
        cluster.remove()
        subprocess.run(["ip", "netns", "del", name], check=True)


@pytest.mark.parametrize("how", [stopped_proxy, dropped_packets])
def test_postgresql_is_silent(tmp_path, cluster, how):
    with how(cluster) as (url, silent), running(on_postgresql(tmp_path, url), pbx="files") as system:
        monitor = system.process("sipweb-monitor")
        system.start()
        time.sleep(2)
        with silent():
            time.sleep(30)
            status, _, _, seconds = answer(f"{system.address}/healthz")
            assert (status, seconds < LONGEST) == (503, True)
            assert answer(f"{system.address}/healthz/live")[0] == 200
        system.check_recovery()
        system.stop()
        system.check_answers(failing=True)
        assert system.process("sipweb-monitor") == monitor
        system.check_log(30)


def test_sqlite_is_locked(instance):
    with running(instance, pbx="files") as system:
        leaving = HttpClient(system.address)
        leaving.login()
        with closing(sqlite3.connect(instance / "sipweb.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            system.start()
            time.sleep(1)
            assert health(system.address)[1]["problems"][0] == "The database is locked by another program."
            began = time.monotonic()
            assert "Sign in" in leaving.post("/logout")[1]
            assert time.monotonic() - began < LONGEST
            time.sleep(max(0, 30 - (time.monotonic() - began)))
            other.execute("ROLLBACK")
        system.check_recovery()
        system.stop()
        system.check_answers(failing=True)
        assert "Sign in" in leaving.get("/accounts")[1]
        system.check_log(30)


def test_disk_is_full(instance_template, tmp_path):
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    faults.mount("-t", "tmpfs", "-o", "size=64m", "tmpfs", disk)
    try:
        instance = disk / "i"
        shutil.copytree(instance_template, instance, symlinks=True)
        with running(instance, tmp_path / "log", pbx="local") as system:
            wait_for(lambda: health(system.address)[1].get("asterisk") == "ok", "Asterisk answers")
            monitor = system.process("sipweb-monitor")
            faults.fill(instance)
            system.start()
            time.sleep(20)
            status, seen = health(system.address)
            assert (status, seen["problems"][0]) == (503, "The disk with sipweb's data is full.")
            assert "Sign in" in system.admin.post("/logout")[1]
            (instance / "filler").unlink()
            system.stop()
            system.check_answers(failing=True)
            system.admin.login()
            system.check_recovery()
            assert system.process("sipweb-monitor") == monitor
            system.check_log(20)
    finally:
        faults.unmount(disk)


def test_stopped_monitor_is_replaced_and_nothing_is_lost(instance):
    with running(instance, pbx="files") as system:
        monitor = system.process("sipweb-monitor")
        os.kill(monitor, signal.SIGSTOP)
        try:
            wait_for(lambda: system.process("sipweb-monitor") not in (monitor, None), "it is replaced", 100)
        finally:
            with suppress(ProcessLookupError):
                os.kill(monitor, signal.SIGCONT)
        system.check_recovery()


@pytest.mark.timed
def test_asterisk_hangs(instance):
    with running(instance, pbx="local") as system:
        wait_for(lambda: health(system.address)[1].get("asterisk") == "ok", "Asterisk answers")
        asterisk = system.process(f"{instance}/asterisk/asterisk.conf")
        os.kill(asterisk, signal.SIGSTOP)
        try:
            wait_for(lambda: health(system.address)[1]["asterisk"] == "down", "/healthz says so", 40)
            status, seen = health(system.address)
            assert (status, seen["problems"]) == (200, ["Asterisk doesn't answer."])
            times = []
            threads = [threading.Thread(target=ask_often, args=[system.address, times]) for _ in range(16)]
            for thread in threads:
                thread.start()
            logins = [answer(f"{system.address}/login")[3] for _ in range(20)]
            for thread in threads:
                thread.join()
        finally:
            os.kill(asterisk, signal.SIGCONT)
        assert statistics.quantiles(times, n=100)[98] < 1.0
        assert max(logins) < 1.0
        wait_for(lambda: health(system.address)[1]["asterisk"] == "ok", "/healthz says that it is back", RECOVERY)


def ask_often(address, times):
    for _ in range(20):
        status, _, _, seconds = answer(f"{address}/healthz")
        assert status == 200
        times.append(seconds)
