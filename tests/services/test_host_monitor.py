"""The monitor of one of several PBX hosts: what it reports about itself, and when it looks."""

import socket
import socketserver
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import NullPool, create_engine, select, text

from sipweb.core.snapshot import RENDERER_VERSION
from sipweb.db import db, transaction
from sipweb.models import Generation, Host, HostReport
from sipweb.monitor import Monitor
from sipweb.pbx.connection import PbxConnection
from sipweb.services import generation_history, generations, host_reports, hosts
from sipweb.services.machine_id import MACHINE_ID, make_machine_id
from tests.builders import WHO, make_account
from tests.host_rows import NOW, add_host

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@pytest.fixture
def silent_port():
    """Return a port that accepts connections and answers nothing, like that of a stopped Asterisk."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


class RefusingAmi(socketserver.StreamRequestHandler):
    """An Asterisk that refuses to reload, and answers "Success" to everything else."""

    def handle(self):
        self.wfile.write(b"Asterisk Call Manager/9\r\n")
        request = {}
        for line in self.rfile:
            name, _, value = line.decode().strip().partition(": ")
            if name:
                request[name] = value
                continue
            result = "Error\r\nMessage: A reload is in progress" if request["Action"] == "Reload" else "Success"
            self.wfile.write(f"Response: {result}\r\nActionID: {request['ActionID']}\r\n\r\n".encode())


@pytest.fixture
def refusing_port():
    """Return the port of an Asterisk that refuses to reload."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), RefusingAmi) as server:
        threading.Thread(target=server.serve_forever).start()
        yield server.server_address[1]
        server.shutdown()


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


def test_machine_id_is_made_once_and_an_empty_file_is_none(ctx):
    path, barrier = ctx.runtime_dir / MACHINE_ID, threading.Barrier(8)

    def ask(_):
        barrier.wait()
        return make_machine_id(ctx)

    path.parent.mkdir(exist_ok=True)
    for make_state in (lambda: path.unlink(missing_ok=True), lambda: path.write_text("")):
        make_state()
        with ThreadPoolExecutor(8) as threads:
            assert {*threads.map(ask, range(8))} == {path.read_text()}
        assert len(path.read_text()) == 32
    path.write_text("")
    hosts.join(ctx)
    assert db.session.scalar(select(Host.machine_id)) == path.read_text() != ""


def test_host_reports_no_generation_that_became_live_after_it_looked(ctx):
    hosts.join(ctx)
    monitor = Monitor(ctx)
    monitor.tick()
    assert hosts.all_hosts()[0].generation == 1
    with transaction() as session:
        earlier = session.get_one(Generation, 1)
        session.add(Generation(number=2, state="verified", created_by="x", steps=[], differences=[], digest="another",
                               snapshot=earlier.snapshot, started_at=earlier.started_at))  # fmt: skip
    monitor._host.report(None, is_right=True)
    assert hosts.all_hosts()[0].generation == 1
    monitor.notified("generation")
    monitor.tick()
    assert hosts.all_hosts()[0].generation == 2


def test_notification_during_the_work_is_not_lost(ctx, monkeypatch):
    hosts.join(ctx)
    monitor, times = Monitor(ctx), []
    poll = monitor.poll
    monkeypatch.setattr(monitor, "poll", lambda: (times.append(monitor.notified("generation")), poll())[1])
    monitor.tick()
    monitor.tick()
    assert len(times) == 2


@pytest.fixture
def waiting(ctx):
    """Return a function that claims a generation, which berlin tries before the own host, and returns its number."""
    hosts.join(ctx)
    add_host("berlin", renderer_version=RENDERER_VERSION)
    make_account(ctx, 300)

    def claim():
        run, is_tried_here = generations._claim(ctx, WHO, generations._Target(None))
        assert not is_tried_here
        return run.number

    return claim


def report_of_berlin(number, state):
    with transaction() as session:
        session.merge(HostReport(number=number, host="berlin", state=state, reported_at=NOW))


def test_full_disk_does_not_end_the_wait_for_a_generation(ctx, waiting, monkeypatch, caplog):
    number = waiting()
    report_of_berlin(number, "verified")  # now it is the own host's turn
    link = ctx.generation_files.directory / "current"
    link.unlink()
    link.symlink_to("generation-000099")
    link.with_name(".current").mkdir()  # in the way of the link to the live generation
    monkeypatch.setattr(generations, "WAIT", 0.5)
    generations._wait(ctx, number)
    assert [record.getMessage()[:28] for record in caplog.records] == ["Following the other hosts: ["]
    link.with_name(".current").rmdir()
    generations._wait(ctx, number)
    assert host_reports.states(number) == {"berlin": "verified", "pbx": "written"}


def test_host_that_can_not_become_the_live_generation_refuses_the_running_one(ctx, refusing_port, caplog):
    hosts.join(ctx)
    add_host("warsaw", renderer_version=RENDERER_VERSION)
    make_account(ctx, 300)
    monitor = Monitor(replace(ctx, pbx=replace(ctx.pbx, mode="ami", port=refusing_port)), lambda: 0.0)
    monitor.reconciled = True
    ctx.generation_files.write(99, ctx.generation_files.read(1))
    ctx.generation_files.activate(99)  # it was away while the live generation was made
    web_server = replace(ctx, pbx=PbxConnection("none"))
    number = generations._claim(web_server, WHO, generations._Target(None))[0].number
    monitor.tick()
    view = generation_history.get_generation(number)
    assert (view.state, view.host, view.values["why"]) == ("refused", "pbx", "A reload is in progress")
    assert host_reports.states(number) == {"pbx": "refused"}
    assert not monitor.reconciled  # the files are those of the live generation, but its Asterisk may have read others
    [host] = [host for host in hosts.all_hosts() if host.name == "pbx"]
    assert (host.is_present, host.generation, bool(host.problem)) == (True, 0, True)
    refused = "Following the other hosts: Asterisk rejected Reload: A reload is in progress"
    assert [one.getMessage() for one in caplog.records].count(refused) == 1


def test_claim_does_not_keep_the_monitor_busy_that_waits_for_its_turn(ctx, waiting, monkeypatch):
    monitor, polls = Monitor(ctx, lambda: 0.0), []
    poll = monitor.poll
    monkeypatch.setattr(monitor, "poll", lambda: (polls.append(1), poll())[1])
    monitor.tick()
    number = waiting()
    monitor.notified("generation")
    monitor.tick()
    assert (len(polls), host_reports.states(number)) == (1, {})
    report_of_berlin(number, "verified")
    monitor.notified("generation")
    monitor.tick()
    assert (len(polls), host_reports.states(number)["pbx"]) == (2, "written")
