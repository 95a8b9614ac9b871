"""The background process with real services and a clock of the test."""

import logging
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import update

from sipweb import logs
from sipweb.db import db
from sipweb.models import Lease
from sipweb.monitor import CLEANUP_INTERVAL, MAX_DELAY, POLL_INTERVAL, RETRY_DELAY, Monitor
from sipweb.pbx.status import Contact
from sipweb.services import leases, pbx_status
from sipweb.services.context import utc_now
from sipweb.services.lease_expiry import LeaseExpiry
from tests.servers import free_port
from tests.services.test_recording_cleanup import refuse, write_recording


class Clock:
    """Seconds that pass only when the test says so."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    """The monitor's clock."""
    return Clock()


@pytest.fixture
def without_startup_time(monkeypatch):
    """Log failures at once, as after the start of Asterisk."""
    monkeypatch.setattr(logs, "STARTUP_TIME", 0)


def unreachable(ctx):
    """Return a context whose PBX is at a port where nobody answers."""
    return replace(ctx, pbx=replace(ctx.pbx, mode="ami", port=free_port()))


def attempts(monitor, clock, seconds):
    """Return the times at which the monitor reconciles within so many seconds."""
    times, reconcile = [], monitor.reconcile
    monitor.reconcile = lambda: times.append(clock.now) or reconcile()
    while clock.now < seconds:
        clock.now += monitor.tick() or 0.1
    return times


def test_monitor_reconciles_once_and_polls_every_3_seconds(ctx, clock):
    monitor = Monitor(ctx, clock)
    assert monitor.tick() == POLL_INTERVAL
    assert monitor.reconciled


def test_attempts_to_reconcile_are_delayed_up_to_4_seconds(ctx, clock):
    monitor = Monitor(unreachable(ctx), clock)
    times = attempts(monitor, clock, 18)
    assert times == pytest.approx([0, 1, 3, 7, 11, 15])
    assert times[-1] - times[-2] == MAX_DELAY
    assert not monitor.reconciled


def test_monitor_reconciles_again_after_asterisk_was_unreachable(ctx, clock):
    monitor = Monitor(ctx, clock)
    monitor.tick()
    monitor.ctx = unreachable(ctx)
    clock.now = POLL_INTERVAL
    monitor.tick()
    assert not monitor.reconciled
    monitor.ctx = ctx
    clock.now += RETRY_DELAY - 1
    monitor.tick()
    assert not monitor.reconciled
    clock.now += 1
    monitor.tick()
    assert monitor.reconciled


def test_asterisk_that_does_not_answer_for_15_seconds_is_a_problem_until_it_does(ctx, clock):
    registered = {203: Contact("10.0.0.5"), 205: Contact("10.0.0.6")}
    stamp = pbx_status.write_status(ctx, registered)[1].stamp
    monitor = Monitor(unreachable(ctx), clock)
    for clock.now, has_problem in ((0.0, False), (14.9, False), (15.0, True), (18.0, True)):
        monitor.poll()
        current = pbx_status.current_status(ctx)
        assert (current.problem is not None) is has_problem, clock.now
    assert current.problem.message.startswith("Can't connect to Asterisk")
    assert current.registrations == {}
    assert pbx_status.numbers_changed_since(ctx, {"pbx": stamp}) == {203, 205}
    before, after = pbx_status.write_status(ctx, {203: Contact("10.0.0.5")})
    assert (before.registrations, after.problem) == (registered, None)  # the history gets what really changed
    assert pbx_status.numbers_changed_since(ctx, {"pbx": current.stamp}) == {203, 205}


def test_phone_that_did_not_respond_is_asked_again_when_it_registers_anew(ctx):
    silent = Contact("10.0.0.5", reachable=False, expires=100)
    contacts = {203: silent, 204: silent, 205: Contact("10.0.0.6", expires=100)}
    before = pbx_status.write_status(ctx, contacts)[1]
    assert pbx_status.write_status(ctx, contacts)[1].stamp == before.stamp
    later = {number: replace(contact, expires=200 if number != 204 else 100) for number, contact in contacts.items()}
    before, after = pbx_status.write_status(ctx, later | {206: silent})
    assert pbx_status.returned_phones(before, after) == [203]
    assert pbx_status.current_status(ctx).registrations[203].expires == 200


def hold_number(ctx, user_id, seen=-91):
    """Give an agent a number whose last heartbeat was so many seconds ago; return the token."""
    token = leases.acquire(ctx, user_id, None, "").token
    db.session.execute(update(Lease).values(last_seen_at=utc_now() + timedelta(seconds=seen)))
    db.session.commit()
    return token


def tick_until(monitor, clock, end):
    """Tick every 3 seconds until that time of the clock."""
    while clock.now < end:
        clock.now += POLL_INTERVAL
        monitor.tick()
    return db.session.scalar(db.select(db.func.count(Lease.id)))


@pytest.mark.parametrize("seen", [-91, 7200])
def test_leases_expire_also_while_asterisk_is_unreachable(ctx, clock, anna, seen):
    hold_number(ctx, anna, seen)  # in two hours: the clock was set back
    monitor = Monitor(unreachable(ctx), clock)
    assert tick_until(monitor, clock, 87) == 1
    assert tick_until(monitor, clock, 93) == 0


def test_time_without_the_database_does_not_count_for_leases(ctx, clock, anna):
    monitor = Monitor(ctx, clock)
    assert tick_until(monitor, clock, 120) == 0
    token = hold_number(ctx, anna, -95)
    monitor.interrupted()
    assert tick_until(monitor, clock, 200) == 1
    leases.heartbeat(token)  # the row is still there: the agent keeps the number
    assert tick_until(monitor, clock, 300) == 1
    hold_number(ctx, anna)
    assert tick_until(monitor, clock, 303) == 0


def test_leases_survive_a_clock_that_is_set_and_a_monitor_that_was_stopped(ctx, clock, anna):
    offset = [0.0]
    monitor = Monitor(ctx, clock)
    monitor._lease_expiry = LeaseExpiry(clock, lambda: offset[0])
    hold_number(ctx, anna)
    assert tick_until(monitor, clock, 60) == 1
    offset[0] = 7200.0
    assert tick_until(monitor, clock, 144) == 1
    clock.now = 200  # the process was stopped
    assert tick_until(monitor, clock, 285) == 1
    assert tick_until(monitor, clock, 294) == 0


def test_old_recordings_are_deleted_at_the_start_and_every_hour(ctx, clock):
    monitor, day = Monitor(ctx, clock), ctx.recordings_dir / "2020-01-01"
    for clock.now in (0.0, CLEANUP_INTERVAL):
        day.mkdir(parents=True)
        monitor.tick()
        assert not day.exists()
    day.mkdir()
    clock.now = CLEANUP_INTERVAL * 2 - 1
    monitor.tick()
    assert day.exists()


def test_failed_reconciling_is_logged_once_per_change(ctx, clock, caplog, without_startup_time):
    caplog.set_level(logging.INFO)
    monitor = Monitor(unreachable(ctx), clock)
    attempts(monitor, clock, 20)
    monitor.ctx = ctx
    clock.now += MAX_DELAY
    monitor.tick()
    lines = [record.getMessage() for record in caplog.records if record.name == "sipweb.monitor"]
    port_error = next(line.partition(": ")[2] for line in lines)
    assert port_error.startswith("Can't connect to Asterisk at 127.0.0.1:")
    assert lines == [
        f"Reconciling Asterisk with the live generation failed: {port_error}",
        f"Polling Asterisk failed: {port_error}",
        "Reconciling Asterisk with the live generation works again",
    ]


def test_failures_while_asterisk_starts_are_not_logged(ctx, clock, caplog, monkeypatch):
    monkeypatch.setattr(logs, "STARTUP_TIME", 1e9)
    attempts(Monitor(unreachable(ctx), clock), clock, 20)
    assert caplog.records == []


@pytest.mark.usefixtures("without_startup_time")
def test_recordings_that_cannot_be_deleted_are_logged_once_and_shown(ctx, admin, caplog, monkeypatch):
    path, clock = write_recording(ctx, "2020-01-01"), Clock()
    monitor = Monitor(ctx, clock)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse({path}, Path.unlink))
        for clock.now in (0.0, CLEANUP_INTERVAL):
            monitor.tick()
    assert caplog.text.count("Deleting old recordings failed: 1 files can't be deleted, the first: ") == 1
    assert str(path) in caplog.text
    shown = "1 expired recording can't be deleted."
    assert shown in unescape(admin.get("/recordings").text)
    clock.now += CLEANUP_INTERVAL
    monitor.tick()
    assert shown not in unescape(admin.get("/recordings").text)
