"""`flask serve` restarts what ends or hangs, tells so in the log, and leaves nothing behind."""

import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from gunicorn.util import parse_address

from sipweb import create_app, ports, supervisor
from sipweb.child_process import PARENT, ForkedProcess, end_leftovers
from sipweb.config import ROOT, load
from sipweb.core.errors import OperationRefused
from sipweb.pbx.local_asterisk import find_asterisk
from sipweb.supervisor import MAX_RESTART_DELAY, SILENT_AFTER, STABLE_AFTER, Process, local_host
from sipweb.systemd import Listener, Notifier
from sipweb.version import VERSION
from sipweb.web_server import url_host
from tests.client import PASSWORD, HttpClient
from tests.servers import NotifySocket, free_port, free_sip_port, health, rtp_ports, serving, wait_for


@contextmanager
def serve(instance, tmp_path):
    """Run `flask serve` without Asterisk. Yields functions that return its output and its log, and its port."""
    port, files = free_port(), [tmp_path / "stdout", tmp_path / "stderr"]
    settings = {"SIPWEB_INSTANCE": str(instance), "SIPWEB_PBX": "files", "SIPWEB_PORT": str(port)}
    with files[0].open("w") as stdout, files[1].open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "wsgi", "serve"],
            cwd=ROOT, env={**os.environ, **settings}, stdout=stdout, stderr=stderr,
        )  # fmt: skip
        try:
            wait_for(files[0].read_text, "the address is printed", 60)
            yield files[0].read_text, files[1].read_text, port
        finally:
            process.terminate()
            assert process.wait(20) == 0


def test_server_prints_its_address_when_it_answers(instance, tmp_path):
    with serve(instance, tmp_path) as (output, _log, port):
        assert health(f"http://127.0.0.1:{port}")
        assert output() == f"sipweb runs on http://127.0.0.1:{port}. Sign in as admin.\n"


def test_start_and_end_are_logged_with_version_address_and_database(instance, tmp_path):
    with serve(instance, tmp_path) as (_output, log, port):
        wait_for(lambda: "sys_startup:monitor" in log(), "the monitor has started")
        values = rf"version={re.escape(VERSION)} listens=127\.0\.0\.1:{port} database=sqlite pbx=files"
        assert re.search(rf"INFO sipweb\.security: sys_startup:web {values}$", log(), re.MULTILINE)
    assert "sipweb.security: sys_shutdown:web\n" in log()
    assert "sipweb.security: sys_shutdown:monitor\n" in log()
    form = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (INFO|WARNING|ERROR) [a-z.]+: .+")
    assert [line for line in log().splitlines() if not form.fullmatch(line)] == []


def test_log_can_be_json(instance, tmp_path):
    (instance / "sipweb.env").write_text("LOG_FORMAT=json\n")
    with serve(instance, tmp_path) as (_output, log, port):
        HttpClient(f"http://127.0.0.1:{port}").login()
        lines = [json.loads(line) for line in log().splitlines()]
        assert {"sys_startup:web", "authn_login_success:admin"} < {line["message"] for line in lines}
        assert PASSWORD not in log()


def test_web_workers_log_in_the_same_format(instance, tmp_path):
    with serve(instance, tmp_path) as (_output, log, port):
        client = HttpClient(f"http://127.0.0.1:{port}")
        client.login()
        client.post("/accounts", number="300", phone="other", active="y", level="10")
        client.post("/generation")
        lines = [line for line in log().splitlines() if "sipweb.services.generation" in line]
        assert re.fullmatch(
            r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO sipweb\.services\.generations: Generation 2 is claimed by "
            r"Administrator address=127\.0\.0\.1 user=admin request_id=[0-9a-f]{16} method=POST path=/generation",
            lines[0],
        )


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),  # a setting; nothing binds to it here
        ("::", "[::1]"),
        ("::1", "[::1]"),
        ("pbx", "pbx"),
    ],
)
def test_address_that_is_shown_can_be_opened(host, shown):
    assert url_host(local_host(host)) == shown
    assert parse_address(f"{url_host(host)}:8000") == (host, 8000)


def test_server_logs_a_killed_process_and_its_restart(instance, tmp_path):
    with serve(instance, tmp_path) as (_output, log, _port):
        pid = int(re.search(r"monitor started \(pid (\d+)\)", log())[1])
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: log().count("monitor started") == 2, "the monitor is restarted")
        line = next(line for line in log().splitlines() if f"monitor (pid {pid}) ended" in line)
        assert re.fullmatch(
            r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ERROR sipweb\.supervisor: "
            rf"monitor \(pid {pid}\) ended with exit status -9; restart in \d+\.\d s",
            line,
        )


def test_process_that_ends_at_once_is_restarted_with_growing_delays(caplog):
    process = Process("example", lambda: subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"]))
    now, delays = 0.0, []
    for _ in range(6):
        process.keep_running(now)
        process.popen.wait()
        process.keep_running(now)
        assert process.popen is None
        delays.append(process.restart_at - now)
        now = process.restart_at
    assert delays == [2, MAX_RESTART_DELAY, MAX_RESTART_DELAY, MAX_RESTART_DELAY, MAX_RESTART_DELAY, MAX_RESTART_DELAY]
    assert caplog.text.count("ended with exit status 3") == 6


@pytest.mark.parametrize(("lived", "delay"), [(STABLE_AFTER + 1, 0), (1, 1)])
def test_process_that_ran_long_is_restarted_at_once(lived, delay, caplog):
    caplog.set_level(logging.INFO)
    process = Process("example", lambda: subprocess.Popen([sys.executable, "-c", ""]))
    process.keep_running(0.0)
    process.popen.wait()
    process.keep_running(float(lived))
    assert process.restart_at - lived == delay
    assert (process.popen is not None) is (delay == 0)
    if process.popen:
        process.popen.wait()


@pytest.mark.parametrize(("setting", "kind"), [
    ("port", socket.SOCK_STREAM), ("ami_port", socket.SOCK_STREAM), ("ws_port", socket.SOCK_STREAM),
    ("sip_port", socket.SOCK_DGRAM),
])  # fmt: skip
def test_port_in_use_is_named_before_anything_starts(instance, setting, kind):
    numbers = {name: free_port() for name in ("port", "ami_port", "ws_port")} | {"sip_port": free_sip_port()}
    environ = {f"SIPWEB_{name.upper()}": str(number) for name, number in numbers.items()}
    settings = create_app(load({"SIPWEB_INSTANCE": str(instance), "SIPWEB_PBX": "local", **environ})).config["SETTINGS"]
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind(("127.0.0.1", numbers[setting]))
        if kind == socket.SOCK_STREAM:
            other.listen()
        with pytest.raises(OperationRefused) as refusal:
            supervisor.serve(settings, pytest.fail)
    assert str(refusal.value) == (f"Port {numbers[setting]} on 127.0.0.1 (SIPWEB_{setting.upper()}) is already in use.")
    assert not (instance / "run" / "server.json").exists()


def test_silent_process_is_killed_and_restarted(caplog, monkeypatch):
    listener = Listener("example")
    process = Process("example", lambda: subprocess.Popen(["sleep", "100"]), listener=listener)
    process.keep_running(0.0)
    monkeypatch.setenv("NOTIFY_SOCKET", listener.address)
    Notifier().notify("WATCHDOG=1")
    process.keep_running(30.0)
    process.keep_running(30.0 + SILENT_AFTER)
    assert process.popen.poll() is None
    process.keep_running(31.0 + SILENT_AFTER)
    assert process.popen.wait(5) == -signal.SIGKILL
    assert f"example (pid {process.popen.pid}) has not worked for 45 s: it is killed" in caplog.text
    process.keep_running(32.0 + SILENT_AFTER)
    assert process.popen.poll() is None
    process.popen.kill()
    process.popen.wait()
    listener.close()


def test_messages_of_other_users_are_no_sign_of_life(monkeypatch):
    listener = Listener("example")
    monkeypatch.setenv("NOTIFY_SOCKET", listener.address)
    notifier = Notifier()

    def send_as(user):
        def send():
            os.setuid(user)
            notifier.notify("READY=1")

        assert ForkedProcess("example", send).wait(5) == 0

    send_as(os.getuid())
    assert (listener.heard(), listener.is_ready) == (True, True)
    listener.is_ready = False
    if is_root := os.getuid() == 0:
        send_as(65534)
    else:  # then the messages of this user are those of another one
        user = os.getuid()
        monkeypatch.setattr(os, "getuid", lambda: user + 1)
        send_as(user)
    assert (listener.heard(), listener.is_ready) == (False, False)
    if is_root:
        monkeypatch.setattr(os, "getuid", lambda: 65534)  # root may always
        send_as(0)
        assert listener.heard()
    listener.close()


def test_copy_of_the_process_runs_its_function_and_never_returns():
    def stop(number):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(number))
        signal.pause()

    ended = [(lambda: None, 0), (lambda: sys.exit(3), 3), (lambda: sys.exit("a message"), 1), (lambda: 1 / 0, 1)]
    for run, status in ended:
        assert ForkedProcess("example", run).wait(5) == status
    stopped, killed = (ForkedProcess("example", lambda: stop(7)) for _ in range(2))
    wait_for(lambda: Path(f"/proc/{stopped.pid}/comm").read_text() == "example\n", "it has its name")
    assert (stopped.poll(), killed.poll()) == (None, None)
    with pytest.raises(subprocess.TimeoutExpired):
        killed.wait(0.1)
    killed.kill()
    assert killed.wait(5) == -signal.SIGKILL
    killed.kill()  # it has ended: nothing is done to who may have its number now
    wait_for(lambda: stopped.terminate() or stopped.poll() is not None, "it ends when it is asked to")
    assert stopped.returncode in (7, -signal.SIGTERM)  # the latter before it has its handler


def test_leftovers_of_an_earlier_start_are_ended(tmp_path):
    mine, other = (
        subprocess.Popen(["sleep", "100"], env={PARENT: str(instance)}) for instance in (tmp_path, tmp_path / "other")
    )
    end_leftovers(tmp_path)
    assert mine.wait(5) == -signal.SIGKILL
    assert other.poll() is None
    other.kill()
    other.wait()


def processes_of(instance):
    """The processes that servers of this instance started."""
    mark, found = os.fsencode(f"{PARENT}={instance}"), []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark in (process / "environ").read_bytes().split(b"\0"):
                found.append(int(process.name))
    return found


def test_no_process_outlives_a_killed_server_and_the_next_start_works(instance):
    if find_asterisk() is None:
        pytest.skip("no Asterisk: run make pbx")
    numbers = {name: str(free_port()) for name in ("port", "ami_port", "ws_port")}
    numbers |= {"sip_port": str(free_sip_port()), "rtp_ports": rtp_ports(1)}
    environ = {f"SIPWEB_{name.upper()}": value for name, value in numbers.items()}
    killed = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "serve"], cwd=ROOT,
        env={**os.environ, "SIPWEB_INSTANCE": str(instance), "SIPWEB_PBX": "local", **environ},
    )  # fmt: skip
    settings = load({"SIPWEB_INSTANCE": str(instance), **environ})
    listening = [*ports.web_ports(settings), *ports.asterisk_ports(settings)]
    try:
        wait_for(lambda: health(f"http://127.0.0.1:{numbers['port']}"), "the server answers", 60)
        wait_for(lambda: all(map(in_use, listening)), "Asterisk listens")
        processes = {pid: (Path(f"/proc/{pid}") / "environ").read_bytes() for pid in processes_of(instance)}
        assert len(processes) == 5  # the server, Asterisk, gunicorn, its worker, the monitor
        assert [b"\0SIPWEB_" in environ for environ in processes.values()].count(False) == 1  # Asterisk has none
    finally:
        killed.kill()
        killed.wait()
    wait_for(lambda: not any(map(in_use, listening)), "nothing listens any more", 15)
    assert processes_of(instance) == []
    with serving(instance, pbx="local", **numbers):
        pass


def test_asterisk_of_its_own_command_outlives_the_server(instance):
    if find_asterisk() is None:
        pytest.skip("no Asterisk: run make pbx")
    numbers = {name: str(free_port()) for name in ("port", "ami_port", "ws_port")}
    numbers |= {"sip_port": str(free_sip_port()), "rtp_ports": rtp_ports(1)}
    environ = {f"SIPWEB_{name.upper()}": value for name, value in numbers.items()}
    environ = {**os.environ, "SIPWEB_INSTANCE": str(instance), "SIPWEB_PBX": "local", **environ}
    flask = [sys.executable, "-m", "flask", "--app", "wsgi"]
    asterisk = subprocess.Popen([*flask, "asterisk"], cwd=ROOT, env=environ)
    address = f"http://127.0.0.1:{numbers['port']}"
    try:
        for _ in range(2):
            server = subprocess.Popen([*flask, "serve", "--no-asterisk"], cwd=ROOT, env=environ)
            try:
                wait_for(lambda: b'"asterisk":"ok"' in health(address), "sipweb works with Asterisk", 60)
                assert len(processes_of(instance)) == 4  # the server, gunicorn, its worker, the monitor
            finally:
                server.terminate()
                assert server.wait(20) == 0
        assert asterisk.poll() is None
        assert b"SIPWEB_" not in Path(f"/proc/{asterisk.pid}/environ").read_bytes()
        second = subprocess.run(
            [*flask, "asterisk"], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
        )
        assert (second.returncode, "SIPWEB_AMI_PORT) is already in use" in second.stderr) == (1, True)
    finally:
        asterisk.terminate()
        asterisk.wait(20)


def in_use(port):
    """Return whether a port is in use."""
    try:
        ports.check_free([port])
    except OperationRefused:
        return True
    return False


@pytest.fixture
def systemd(tmp_path):
    """What systemd listens on."""
    notify_socket = NotifySocket(tmp_path)
    yield notify_socket
    notify_socket.close()


MONITOR = [sys.executable, "-m", "flask", "--app", "wsgi", "monitor"]


def test_monitor_tells_systemd_its_state_and_needs_no_parent(instance, systemd):
    environ = {"SIPWEB_INSTANCE": str(instance), "SIPWEB_PBX": "files", "NOTIFY_SOCKET": str(systemd.path)}
    shell = subprocess.run(
        ["sh", "-c", '"$@" >/dev/null 2>&1 & echo $!', "sh", *MONITOR], cwd=ROOT, env={**os.environ, **environ},
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    try:
        systemd.wait_for("READY=1")
        alive = instance / "run" / "monitor.alive"
        before = alive.stat().st_mtime
        for _ in range(2):
            systemd.wait_for("WATCHDOG=1", 10)
        assert alive.stat().st_mtime > before
        second = subprocess.run(
            MONITOR, cwd=ROOT, env={**os.environ, **environ}, capture_output=True, text=True, check=False
        )
        assert second.returncode == 1
        assert second.stderr.splitlines()[-1] == "Another monitor already runs in this instance."
        assert second.stdout == ""
    finally:
        os.kill(int(shell.stdout), signal.SIGTERM)
    systemd.wait_for("STOPPING=1", 5)


@pytest.mark.long
def test_hung_monitor_is_replaced_within_a_minute(instance, tmp_path):
    with serve(instance, tmp_path) as (_output, log, _port):
        pid = int(re.search(r"monitor started \(pid (\d+)\)", log())[1])
        os.kill(pid, signal.SIGSTOP)
        wait_for(lambda: log().count("monitor started") == 2, "the monitor is replaced", 60)
        assert f"monitor (pid {pid}) has not worked for 45 s: it is killed" in log()
