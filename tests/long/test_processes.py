"""Each process of `flask serve` killed and stopped, and all at once: it is replaced, and nothing is lost."""

import json
import os
import signal
import sys
import time
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from subprocess import Popen

import pytest
from bs4 import BeautifulSoup

from sipweb.config import ROOT
from sipweb.pbx.local_asterisk import find_asterisk
from tests.client import HttpClient
from tests.servers import free_port, health, serving, wait_for

pytestmark = pytest.mark.long
MASTER, WORKER, MONITOR, ASTERISK = "master process", "worker", "monitor", "Asterisk"
EVERYTHING = (MASTER, WORKER, MONITOR, ASTERISK)


def children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def processes(instance):
    """The processes of the server in this instance by what they are; those that do not run are missing."""
    found = {}
    for pid in children(json.loads((instance / "run" / "server.json").read_text())["pid"]):
        with suppress(ProcessLookupError, FileNotFoundError):  # it has just ended
            name = Path(f"/proc/{pid}/comm").read_text().strip()
            if name == "sipweb-web":
                found[MASTER] = pid
                if workers := children(pid):
                    found[WORKER] = workers[0]
            else:
                found[MONITOR if name == "sipweb-monitor" else ASTERISK] = pid
    return found


def works(address):
    """Return whether the server answers and knows that Asterisk does."""
    with suppress(ValueError):
        state = json.loads(health(address))
        return state["database"] == "ok" and state["asterisk"] == "ok" and state["generation"] == 1
    return False


@pytest.mark.parametrize(
    ("names", "signal_number", "seconds"),
    [
        *[([name], signal.SIGKILL, 20) for name in EVERYTHING],
        (EVERYTHING, signal.SIGKILL, 30),
        ([WORKER], signal.SIGSTOP, 30),
        ([MONITOR], signal.SIGSTOP, 60),
        ([MASTER], signal.SIGSTOP, 60),
        ([MASTER, WORKER, MONITOR], signal.SIGSTOP, 60),
    ],
    ids=lambda value: " and ".join(value) if isinstance(value, tuple | list) else str(value),
)
def test_process_is_replaced_and_nothing_is_lost(instance, names, signal_number, seconds):
    if find_asterisk() is None:
        pytest.skip("no Asterisk: run make pbx")
    with serving(instance, pbx="local") as address:
        wait_for(lambda: works(address), "Asterisk runs the first generation", 30)
        client = HttpClient(address)
        client.login()
        client.post("/accounts", number="300", phone="other", active="y", level="10")
        before = processes(instance)
        assert set(before) == set(EVERYTHING)
        for name in names:
            with suppress(ProcessLookupError):  # a worker ends with its master process
                os.kill(before[name], signal_number)

        def replaced():
            now = processes(instance)
            return set(now) == set(EVERYTHING) and all(now[name] != before[name] for name in names)

        wait_for(replaced, f"{names} are replaced", seconds)
        wait_for(lambda: works(address), "all works again", 30)
        status, page = client.get("/accounts?q=300")
        assert status == 200
        assert "300" in [cell.text.strip() for cell in BeautifulSoup(page, "html.parser").select("th[scope=row]")]


STUCK = """
import time

def app(environ, start_response):
    if environ["PATH_INFO"] == "/stuck":
        time.sleep(1000)
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
"""


def test_worker_whose_threads_are_all_stuck_is_replaced(tmp_path):
    (tmp_path / "stuck.py").write_text(STUCK)
    (tmp_path / "conf.py").write_text('worker_class = "sipweb.web_worker.Worker"\nthreads = 2\ntimeout = 20\n')
    port = free_port()
    command = [sys.executable, "-m", "sipweb.web_server", "stuck:app", "-c", str(tmp_path / "conf.py")]
    server = Popen(
        [*command, "--no-control-socket", "--bind", f"127.0.0.1:{port}"], cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{tmp_path}"},
    )  # fmt: skip

    def ask(path, timeout):
        connection = HTTPConnection("127.0.0.1", port, timeout=timeout)
        connection.request("GET", path)
        return connection

    def answers():
        with suppress(OSError, HTTPException), closing(ask("/", 1)) as connection:
            return connection.getresponse().read() == b"ok"

    try:
        wait_for(answers, "the server answers")
        stuck = [ask("/stuck", 100) for _ in range(2)]
        time.sleep(1)
        assert not answers()
        wait_for(answers, "the worker is replaced", 30)
        for connection in stuck:
            connection.close()
    finally:
        server.terminate()
        assert server.wait(20) == 0
