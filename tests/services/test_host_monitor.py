"""The monitor of one of several PBX hosts: what it reports about itself, and when it looks."""

import socket
import threading
import time
from dataclasses import replace

import pytest
from sqlalchemy import NullPool, create_engine, text

from sipweb.db import db
from sipweb.monitor import Monitor
from sipweb.services import hosts

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@pytest.fixture
def silent_port():
    """Return a port that accepts connections and answers nothing, like that of a stopped Asterisk."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def ages():
    """Return a list that gets the seconds since the host was last seen, ten times a second."""
    engine, end, found = create_engine(db.engine.url, poolclass=NullPool), threading.Event(), []
    query = text("SELECT extract(epoch FROM timezone('UTC', clock_timestamp()) - max(seen_at))::float FROM host")

    def watch():
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            while not end.wait(0.1):
                found.append(connection.execute(query).scalar())

    thread = threading.Thread(target=watch)
    thread.start()
    yield found
    end.set()
    thread.join()


def test_host_with_a_hanging_asterisk_stays_present(ctx, silent_port, ages):
    hosts.join(ctx)
    ctx = replace(ctx, pbx=replace(ctx.pbx, mode="ami", port=silent_port, timeout=2.0), drift_interval=60)
    monitor, began = Monitor(ctx), time.monotonic()
    ages.clear()
    pause = monitor.tick()
    assert max(age for age in ages if age) < 3.5  # each step waits for 2 seconds
    assert time.monotonic() - began < 5.5  # it is asked by two steps, not by a third one
    assert pause > 0
    [host] = hosts.all_hosts()
    assert (host.was_seen, host.is_present) == (True, False)
