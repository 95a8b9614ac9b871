"""Leases on PostgreSQL, which several servers share: the clock of each may be wrong."""

import time
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from sipweb.core.asterisk.dialplan.recording import LEASE_FAMILY
from sipweb.db import transaction
from sipweb.models import Lease
from sipweb.monitor import Monitor
from sipweb.pbx import astdb
from sipweb.services import lease_expiry, lease_sync, leases
from sipweb.services.context import utc_now
from sipweb.services.state import current_state
from tests.builders import make_user
from tests.clocks import wrong_clock

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
off = pytest.mark.parametrize("seconds", [300, -300])


def let_pass(seconds):
    """Let the last heartbeat have been earlier."""
    earlier = Lease.last_seen_at - text(f"interval '{seconds} s'")
    with transaction(bump_revision=False) as session:
        session.execute(update(Lease).values(last_seen_at=earlier))


@off
def test_server_with_a_wrong_clock_ends_the_right_leases(ctx, anna, seconds):
    token = leases.acquire(ctx, anna, None, "").token
    with wrong_clock(seconds):
        assert lease_expiry.expire_leases() == 0
        let_pass(89)
        assert lease_expiry.expire_leases() == 0
        leases.heartbeat(token)
    let_pass(89)
    assert lease_expiry.expire_leases() == 0
    let_pass(2)
    with wrong_clock(seconds):
        assert lease_expiry.expire_leases() == 1


@off
def test_lease_of_a_server_with_a_wrong_clock_is_kept_and_ended_by_the_others(ctx, anna, seconds):
    with wrong_clock(seconds):
        leases.acquire(ctx, anna, None, "")
    assert lease_expiry.expire_leases() == 0
    [lease] = current_state(ctx).leases.values()
    assert abs(utc_now() - lease.since) < timedelta(seconds=10)  # "In use by Anna Nowak since …"
    let_pass(91)
    assert lease_expiry.expire_leases() == 1


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_setting_a_servers_own_clock_does_not_keep_leases(ctx, anna):
    clock = Clock()
    monitor = Monitor(ctx, clock)
    leases.acquire(ctx, anna, None, "")
    let_pass(91)
    for clock.now in range(0, 60, 3):
        monitor.tick()
    with wrong_clock(300):
        for clock.now in range(60, 93, 3):
            monitor.tick()
    with transaction(bump_revision=False) as session:
        assert session.scalars(select(Lease.id)).all() == []


@off
def test_asterisk_gets_the_time_by_the_clock_of_its_own_host(live_app, seconds):
    ctx = live_app.extensions["sipweb"]
    leases.acquire(ctx, make_user("anna", "Anna Nowak"), None, "")
    with wrong_clock(seconds), ctx.pbx.open() as ami:
        lease_sync.sync_all_leases(ctx, ami)
        until = int(astdb.read_entries(ami, [200])[LEASE_FAMILY, 200])
        assert 80 < until - time.time() <= 90
