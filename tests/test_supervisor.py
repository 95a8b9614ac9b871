"""`flask serve` restarts what ends, tells so in the log, and prints its address last."""

import json
import logging
import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
from gunicorn.util import parse_address

from sipweb.config import ROOT
from sipweb.supervisor import MAX_RESTART_DELAY, STABLE_AFTER, Process, local_host
from sipweb.version import VERSION
from sipweb.web_server import url_host
from tests.client import PASSWORD, HttpClient
from tests.servers import free_port, health, wait_for


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
        lines = [line for line in log().splitlines() if "sipweb.services.generations" in line]
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
