"""Many agents at once, over HTTP, against several worker processes."""

import json
import os
import random
import signal
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

import pytest

from sipweb.crypto import hash_password
from sipweb.db import db
from sipweb.models import Lease, User
from sipweb.services import lease_expiry
from tests.builders import AGENT_PASSWORD, set_heartbeat_age
from tests.conftest import on_both_databases
from tests.servers import serving, wait_for
from tests.web.agent.test_api import REFUSAL


def _make_agents(count):
    """Create so many agents named u0, u1 and so on."""
    hashed = hash_password(AGENT_PASSWORD)
    db.session.add_all(User(login=f"u{i}", name=f"U {i}", password_hash=hashed, role="agent") for i in range(count))
    db.session.commit()


@pytest.mark.long
@pytest.mark.timed
@on_both_databases
def test_200_simultaneous_logins_get_20_different_numbers(instance, app, anna):
    _make_agents(200)
    with serving(instance, pbx="files", workers="4") as address, ThreadPoolExecutor(40) as pool:
        responses = list(pool.map(lambda i: _log_in(address, f"u{i}"), range(200)))
    assert sorted(status for status, _ in responses) == [200] * 20 + [409] * 180
    assert {response["number"] for status, response in responses if status == 200} == {str(n) for n in range(200, 220)}
    assert all(response == {"error": REFUSAL} for status, response in responses if status == 409)


@on_both_databases
def test_killed_worker_loses_no_account(instance, app, anna):
    _make_agents(20)
    names = [f"u{i % 20}" for i in range(400)]  # more than the server answers before a connection is cut
    with serving(instance, pbx="files", workers="4") as address, ThreadPoolExecutor(20) as pool:
        futures = [pool.submit(_try_to_log_in, address, name) for name in names]
        wait_for(lambda: sum(future.done() for future in futures) >= 3, "some are logged in")
        wait_for(lambda: _cut_off(futures) or _kill_a_worker(instance), "a connection is cut")
        started = [(name, future) for name, future in zip(names, futures, strict=True) if not future.cancel()]
        assigned = {(name, _number(future.result(60))) for name, future in started if future.result(60)}
        before = _leases()
        assert assigned <= {(name, number) for name, (_lease, number) in before.items()}
        numbers = {_number(_log_in(address, name)) for name in sorted(set(names))}  # also those that never got a number
        assert numbers == {str(number) for number in range(200, 220)}
        assert before.items() <= _leases().items()
        assert _log_in(address, "anna") == (409, {"error": REFUSAL})
        set_heartbeat_age(91)
        lease_expiry.expire_leases()
        assert _number(_log_in(address, "anna")) == "200"


def _cut_off(futures):
    return any(future.done() and future.result() is None for future in futures)


def _kill_a_worker(instance):
    """Kill a worker. Any one: the first may have been idle."""
    with suppress(ProcessLookupError):
        os.kill(random.choice(_workers(instance)), signal.SIGKILL)


def _number(response):
    status, body = response
    assert status == 200
    return body["number"]


def _leases():
    """Return login → id and number of the lease."""
    db.session.rollback()
    query = db.select(User.login, Lease.id, Lease.number).join(Lease, Lease.user_id == User.id)
    return {login: (lease, str(number)) for login, lease, number in db.session.execute(query)}


def _workers(instance):
    """Return the worker processes of the server in this folder."""
    pids = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "comm").read_text() == "sipweb-web\n" and str(instance).encode() in (
                process / "environ"
            ).read_bytes():
                pids.append(int(process.name))
    parents = {pid: int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]) for pid in pids}
    return [pid for pid in pids if parents[pid] in pids]


def _try_to_log_in(address, name):
    """Return the result of _log_in; None if the connection was cut."""
    try:
        return _log_in(address, name)
    except (OSError, HTTPException):
        return None


def _log_in(address, name):
    body = json.dumps({"login": name, "password": AGENT_PASSWORD}).encode()
    request = urllib.request.Request(f"{address}/api/agent/login", body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as response:
        with response:
            return response.code, json.load(response)
