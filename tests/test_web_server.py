"""`flask web`: ready when systemd is told so, and there for everybody whatever single clients and workers do."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest

from sipweb.config import ROOT
from tests.servers import NotifySocket, free_port, wait_for

HEADER = b"GET /login HTTP/1.1\r\nHost: x\r\nX-Slow: "
BODY = (
    b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 1000\r\n\r\nlogin="
)
READER = b"GET /static/vendor/jssip-3.13.8.min.js HTTP/1.1\r\nHost: x\r\n\r\n"


class Server:
    """`flask web` of a test, and what it tells systemd."""

    def __init__(self, instance, tmp_path, **settings):
        self.port, self.log, self.systemd = free_port(), tmp_path / "log", NotifySocket(tmp_path)
        environ = {
            "SIPWEB_INSTANCE": str(instance), "SIPWEB_PBX": "files", "SIPWEB_PORT": str(self.port),
            "NOTIFY_SOCKET": str(self.systemd.path), **settings,
        }  # fmt: skip
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "flask", "--app", "wsgi", "web"],
                cwd=ROOT, env={**os.environ, **environ}, stdout=log, stderr=log,
            )  # fmt: skip
        self.systemd.wait_for("READY=1")

    def workers(self):
        """The process ids of the workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def get(self, path="/login", timeout=10):
        """Return the seconds that a request on a connection of its own took."""
        start = time.monotonic()
        connection = HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            response.read()
            assert response.status == 200
        finally:
            connection.close()
        return time.monotonic() - start

    def stop(self):
        self.process.terminate()
        try:
            assert self.process.wait(20) == 0
        finally:
            self.process.kill()
            self.systemd.close()


@pytest.fixture
def start(instance, tmp_path):
    """A function that starts the server with settings."""
    with ExitStack() as stack:

        def start(**settings):
            server = Server(instance, tmp_path, **{f"SIPWEB_{name.upper()}": v for name, v in settings.items()})
            stack.callback(server.stop)
            return server

        yield start


@contextmanager
def slow_clients(port, number):
    """Hold so many connections of each kind, which send or read a byte a second."""
    connections, done = [], threading.Event()
    for kind in [HEADER, BODY, READER] * number:
        connection = socket.socket()
        if kind is READER:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        connection.connect(("127.0.0.1", port))
        connection.sendall(kind)
        connection.setblocking(False)
        connections.append((kind, connection))

    def send_and_read():
        while not done.wait(1):
            for kind, connection in connections:
                with suppress(OSError):
                    connection.recv(1) if kind is READER else connection.send(b"x")

    thread = threading.Thread(target=send_and_read)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        for _kind, connection in connections:
            connection.close()


def test_server_tells_systemd_that_it_is_ready_works_and_stops(start):
    server = start(workers="2")
    assert server.get(timeout=2) < 2
    assert len(server.workers()) == 2
    server.systemd.wait_for("WATCHDOG=1")
    server.process.terminate()
    server.systemd.wait_for("STOPPING=1")


def test_requests_of_the_server_itself_are_not_logged(start):
    server = start(log_format="json")
    server.get()
    requests = [json.loads(line) for line in server.log.read_text().splitlines() if "sipweb.access" in line]
    assert [(line["path"], line["address"]) for line in requests] == [("/login", "127.0.0.1")]


def test_slow_clients_take_no_thread_from_others(start):
    server = start()
    with slow_clients(server.port, 5):
        assert max(server.get(timeout=5) for _ in range(20)) < 2


@pytest.mark.long
@pytest.mark.timed
def test_200_slow_clients_delay_nobody(start):
    server = start()
    with slow_clients(server.port, 67):
        times = []
        for _ in range(500):
            times.append(server.get())
            time.sleep(0.02)
    times.sort()
    assert times[494] <= 0.5, times[490:]


@pytest.mark.long
@pytest.mark.timed
def test_request_that_is_not_complete_after_a_minute_is_dropped(start):
    server = start()
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(HEADER)
        connection.setblocking(False)
        begin, answer = time.monotonic(), None
        while answer is None:
            time.sleep(1)
            with suppress(BlockingIOError):
                answer = connection.recv(1)
            with suppress(OSError):
                connection.send(b"x")
        assert answer == b""
        assert 58 < time.monotonic() - begin < 65


def test_too_large_and_ambiguous_requests_are_refused(start):
    server = start()
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("POST", "/login", body=b"x" * 2_000_000, headers={"Content-Type": "text/plain"})
    response = connection.getresponse()
    assert (response.status, response.getheader("Content-Type")) == (413, "text/html; charset=utf-8")  # our page
    connection.close()
    with socket.create_connection(("127.0.0.1", server.port), 10) as ambiguous:
        lengths = b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"
        ambiguous.sendall(b"POST /login HTTP/1.1\r\nHost: x\r\n" + lengths + b"\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n")
        answer = b"".join(iter(lambda: ambiguous.recv(1000), b""))
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert answer.count(b"HTTP/1.1") == 1


REFUSED = {
    b"GET / HTTP/1.1\r\n<script>alert(1)</script>\r\n\r\n": b"400",
    b"GET / HTTP/1.1\r\nContent-Length: <b>5</b>\r\n\r\n": b"400",
    b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n": b"413",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n": b"501",
}


def test_what_the_server_itself_refuses_has_the_security_headers(start):
    server = start()
    for request, status in REFUSED.items():
        with socket.create_connection(("127.0.0.1", server.port), 10) as connection:
            connection.sendall(request)
            answer = b"".join(iter(lambda: connection.recv(1000), b""))  # called in this round
        head, _, body = answer.partition(b"\r\n\r\n")
        headers = dict(line.split(b": ", 1) for line in head.splitlines()[1:])
        assert head.split()[1] == status
        assert b"<" not in body
        assert headers[b"Content-Type"] == b"text/plain; charset=utf-8"
        assert headers[b"X-Content-Type-Options"] == b"nosniff"
        assert headers[b"Referrer-Policy"] == b"same-origin"
        assert headers[b"Cache-Control"] == b"no-store"
        assert b"frame-ancestors 'none'" in headers[b"Content-Security-Policy"]


def test_server_finishes_what_has_begun_when_it_stops(start):
    server = start()
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(b"GET /login HTTP/1.1\r\nHost: x\r\n\r\n")
        server.process.terminate()
        connection.settimeout(10)
        assert connection.recv(100).startswith(b"HTTP/1.1 200 OK\r\n")
        assert server.process.wait(10) == 0


def test_workers_end_with_the_master_process(start):
    server = start(workers="2")
    workers = server.workers()
    server.process.kill()
    server.process.wait()
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), "the workers have ended", 5)
    server.process.returncode = 0


@pytest.mark.long
@pytest.mark.timed
def test_hung_worker_is_replaced_and_the_other_one_answers(start):
    server = start(workers="2")
    (hung, working), begin = server.workers(), time.monotonic()
    os.kill(hung, signal.SIGSTOP)
    while hung in server.workers():
        assert time.monotonic() < begin + 30, "replaced within 30 s"
        assert server.get() < 2
        time.sleep(0.2)
    wait_for(lambda: len(server.workers()) == 2, "the worker is replaced", 5)
    assert working in server.workers()
    assert re.search(rf"WORKER TIMEOUT \(pid:{hung}\)", server.log.read_text())


@pytest.mark.long
@pytest.mark.timed
def test_watchdog_is_silent_while_no_worker_works(start):
    server = start()
    (worker,) = server.workers()
    os.kill(worker, signal.SIGSTOP)
    os.kill(server.process.pid, signal.SIGSTOP)  # else it replaces the worker
    time.sleep(2)
    server.systemd.forget()
    with pytest.raises(TimeoutError):
        server.systemd.wait_for("WATCHDOG=1", 5)
    os.kill(server.process.pid, signal.SIGCONT)
    os.kill(worker, signal.SIGCONT)
    server.systemd.wait_for("WATCHDOG=1", 10)


def test_server_listens_on_a_unix_socket(start, tmp_path):
    start(host=f"unix:{tmp_path}/web.sock")
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(f"{tmp_path}/web.sock")
        connection.sendall(b"GET /login HTTP/1.0\r\nHost: x\r\n\r\n")
        assert connection.recv(15) == b"HTTP/1.0 200 OK"


def test_server_starts_in_any_folder_and_with_a_relative_instance(instance, tmp_path):
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", str(ROOT / "wsgi.py"), "web"], cwd=instance.parent,
        env={**os.environ, "SIPWEB_INSTANCE": instance.name, "SIPWEB_PBX": "files", "SIPWEB_PORT": str(port)},
    )  # fmt: skip
    try:

        def answers():
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as connection:
                connection.sendall(b"GET /login HTTP/1.0\r\n\r\n")
                return connection.recv(15) == b"HTTP/1.0 200 OK"

        wait_for(answers, "the server answers")
    finally:
        process.terminate()
        assert process.wait(10) == 0
    assert not (ROOT / instance.name).exists()
