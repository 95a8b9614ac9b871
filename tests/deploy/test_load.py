"""A contact centre at work: 50 administrators, 500 agents, 200 slow clients, and a worker that hangs."""

import asyncio
import os
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from sipweb.db import db
from sipweb.services import accounts, generations, leases
from tests.builders import WHO, make_user
from tests.deploy.load import ADMINISTRATORS, load, percentile
from tests.deploy.nginx import running_nginx, trusting
from tests.servers import wait_for
from tests.test_web_server import Server

pytestmark = [pytest.mark.long, pytest.mark.timed]
AGENTS, SLOW = 500, 200
WARM_UP = 30.0  # seconds: 50 administrators sign in at once, and all clients open their connections


@pytest.fixture
def tokens(ctx):
    """Return the tokens of the agents, each with a number."""
    for number in range(300, 300 + AGENTS):
        accounts.create(ctx, WHO, accounts.AccountInput(number=number))
    generations.generate(ctx, WHO)
    for number in range(ADMINISTRATORS):
        make_user(f"administrator{number}", f"Administrator {number}", "administrator")
    agents = [make_user(f"agent{number}", f"Agent {number}") for number in range(AGENTS)]
    tokens = [leases.acquire(ctx, agent, None, "").token for agent in agents]
    db.session.remove()
    db.engine.dispose()
    return tokens


def hang(pid, database):
    """Stop a worker outside a transaction: what SQLite's only writer holds, nobody else can write (decision 053)."""
    while True:
        os.kill(pid, signal.SIGSTOP)
        wait_for(lambda: is_stopped(pid), "all its threads stop", 5)  # one may begin a transaction until then
        with closing(sqlite3.connect(database, timeout=0.3, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("ROLLBACK")
                return
            except sqlite3.OperationalError:
                os.kill(pid, signal.SIGCONT)
                time.sleep(0.01)


def is_stopped(pid):
    states = [(task / "stat").read_text().rpartition(")")[2].split()[0] for task in Path(f"/proc/{pid}/task").iterdir()]
    return set(states) == {"T"}


def show(text):
    """Show the figures with pytest's option -s."""
    print(text)  # noqa: T201  # that's its purpose


def test_behind_nginx_a_hung_worker_costs_only_what_it_had_accepted(instance, tmp_path, tokens):
    server, folder = Server(instance, tmp_path, SIPWEB_WORKERS="2", SIPWEB_TRUSTED_PROXIES="1"), tmp_path / "nginx"
    with running_nginx(folder, server.port) as address:
        hung = server.workers()[0]
        began = time.monotonic()
        requests, stopped_at = asyncio.run(
            load(
                address,
                trusting(folder),
                tokens,
                seconds=84,
                slow=SLOW,
                midway=lambda: hang(hung, instance / "sipweb.db"),
            )
        )
        assert hung not in server.workers()  # it was replaced
    server.stop()
    accepted = [one for one in requests if one.began <= stopped_at <= one.ended]
    others = [one for one in requests if one not in accepted and one.began > began + WARM_UP]
    late = [one for one in accepted if one.status not in (200, 204) or one.seconds > 1]
    show(f"{len(others)} requests, p99 {percentile(others, 0.99) * 1000:.0f} ms; {len(accepted)} at the stop")
    for what in sorted({one.what for one in others}):
        kind = [one for one in others if one.what == what]
        show(f"  {what}: {len(kind)}, p50 {percentile(kind, 0.5) * 1000:.0f}, p99 {percentile(kind, 0.99) * 1000:.0f}")
    show("Late or failed: " + ", ".join(f"{one.what} {one.status} after {one.seconds:.1f} s" for one in late))
    assert [one for one in others if one.status not in (200, 204)] == []
    assert percentile(others, 0.99) <= 0.2
    assert 0 < len(late) < len(accepted)
    assert max(one.seconds for one in late) <= 30
    # nginx repeats a GET, unless the response has begun (0), and never repeats a POST (502).
    assert {one.status for one in late if "heartbeat" not in one.what} <= {200, 204, 0}
    assert {one.status for one in late if "heartbeat" in one.what} <= {200, 502, 0}


def test_without_nginx_slow_clients_delay_nobody(instance, tmp_path, tokens):
    server = Server(instance, tmp_path, SIPWEB_WORKERS="1")
    began = time.monotonic()
    requests, _ = asyncio.run(load(f"http://127.0.0.1:{server.port}", None, tokens, seconds=50, slow=SLOW))
    server.stop()
    others = [one for one in requests if one.began > began + WARM_UP]
    show(f"{len(others)} requests, p99 {percentile(others, 0.99) * 1000:.0f} ms")
    assert [one for one in others if one.status not in (200, 204)] == []
    assert percentile(others, 0.99) <= 0.5
