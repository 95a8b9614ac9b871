"""Which calls are recorded: every cell of the table as a real call, the file with sound in it, or no file."""

import time
from datetime import timedelta

import pytest
from sqlalchemy import update

from sipweb.core.asterisk.dialplan.recording import LEASE_FAMILY
from sipweb.db import transaction
from sipweb.models import Lease
from sipweb.monitor import Monitor
from sipweb.pbx import astdb
from sipweb.services import accounts, generations, lease_end, lease_sync, leases, recordings, user_list, users
from sipweb.services.context import utc_now
from sipweb.services.state import current_state
from tests.pbx.calls.steps import (
    OUTSIDE_NUMBER,
    count_channels,
    leases_in_asterisk,
    make_external_call,
    make_internal_call,
    start_work,
    take_recordings,
)
from tests.pbx.conftest import WHO
from tests.pbx.provider import FailingProvider
from tests.servers import wait_for


def test_internal_calls_are_recorded_by_either_switch_with_or_without_leases(agent_phone, ctx):
    on, off = agent_phone(201, recording=True), agent_phone(202, recording=False)
    also_on, also_off = agent_phone(203, recording=True), agent_phone(204, recording=False)
    for leased in (False, True):
        if leased:
            for one in (on, off, also_on, also_off):
                start_work(ctx, one)
            assert leases_in_asterisk(ctx) == {201, 202, 203, 204}
        for caller, called, expected in ((on, also_on, 1), (on, off, 1), (off, on, 1), (off, also_off, 0)):
            make_internal_call(caller, called)
            assert take_recordings(ctx) == [(str(caller.number), str(called.number))] * expected, (leased, expected)


def test_external_calls_of_leased_accounts_are_not_recorded(outbound_routing, agent_phone, ctx, provider):
    outbound_routing({"pattern": "22.*", "level": 0})
    on, off = agent_phone(201, recording=True), agent_phone(202, recording=False)
    make_external_call(on)
    assert take_recordings(ctx) == [("201", OUTSIDE_NUMBER)]
    make_external_call(off)
    assert take_recordings(ctx) == []
    tokens = start_work(ctx, on), start_work(ctx, off)
    make_external_call(on)
    make_external_call(off)
    assert take_recordings(ctx) == []
    for token in tokens:
        leases.release(ctx, token, "")
    assert leases_in_asterisk(ctx) == set()
    make_external_call(on)
    assert take_recordings(ctx) == [("201", OUTSIDE_NUMBER)]
    make_external_call(off)
    assert take_recordings(ctx) == []
    assert len(provider.arrived) == 6


def test_expired_lease_falls_back_to_account_switch(outbound_routing, agent_phone, ctx):
    outbound_routing({"pattern": "22.*", "level": 0})
    on = agent_phone(201, recording=True)
    start_work(ctx, on)
    with transaction(bump_revision=False) as session:
        session.execute(
            update(Lease).values(last_seen_at=utc_now() - lease_sync.HEARTBEAT_TIMEOUT + timedelta(seconds=10))
        )
    over = time.monotonic() + 11  # Asterisk counts whole seconds
    lease_sync.sync_leases(ctx, [201])
    make_external_call(on)
    assert take_recordings(ctx) == []
    time.sleep(max(0, over - time.monotonic()))
    make_external_call(on)
    assert take_recordings(ctx) == [("201", OUTSIDE_NUMBER)]


def test_leases_in_asterisk_follow_every_change_and_resync(agent_phone, ctx):
    one, two = agent_phone(201, recording=True), agent_phone(202, recording=True)
    start_work(ctx, one)
    start_work(ctx, two)
    assert leases_in_asterisk(ctx) == {201, 202}
    with ctx.pbx.open() as ami:
        values = {201: None, 202: "5", 999: str(2**31)}
        astdb.write_entries(ami, {(LEASE_FAMILY, number): value for number, value in values.items()})
        lease_sync.sync_all_leases(ctx, ami)
    assert leases_in_asterisk(ctx) == {201, 202}
    with ctx.pbx.open() as ami:
        before = astdb.read_entries(ami)
        assert min(int(until) for (family, _), until in before.items() if family == LEASE_FAMILY) > time.time() + 60
        lease_sync.sync_all_leases(ctx, ami)
        assert astdb.read_entries(ami) == before
    lease_end.release_by_admin(
        ctx, WHO, next(account_id for account_id, lease in current_state(ctx).leases.items() if lease.number == 201)
    )
    assert leases_in_asterisk(ctx) == {202}
    user = next(user for user in user_list.list_users(ctx) if user.id == two.owner)
    draft = users.UserInput(user.name, user.login, user.role, False, user.work_mode, user.external_phone, "")
    users.update_user(ctx, WHO, user.id, user.version, draft)
    assert leases_in_asterisk(ctx) == set()


def test_renumbering_an_account_removes_its_lease_from_asterisk(agent_phone, ctx):
    one = agent_phone(201, recording=True)
    start_work(ctx, one)
    account = next(account for account in current_state(ctx).accounts if account.number == 201)
    accounts.update(
        ctx,
        WHO,
        account.id,
        account.version,
        accounts.AccountInput(number=301, user_id=one.owner, phone="other", recording=True),
    )
    assert leases_in_asterisk(ctx) == {201}
    assert generations.generate(ctx, WHO).state == "verified"
    assert leases_in_asterisk(ctx) == set()


@pytest.mark.parametrize(
    "broken", ["a file where the folder was", "a link that leads nowhere", "a day nobody can write to"]
)
def test_calls_continue_when_recordings_cannot_be_written(agent_phone, ctx, broken):
    on, off = agent_phone(201, recording=True), agent_phone(202, recording=False)
    ctx.recordings_dir.rmdir()
    if broken == "a file where the folder was":
        ctx.recordings_dir.write_text("not a folder")
    elif broken == "a day nobody can write to":
        ctx.recordings_dir.mkdir()
        day = time.strftime("%Y-%m-%d")
        (ctx.recordings_dir / day).symlink_to("/proc")  # where nobody can write, root neither
    for caller, called in ((on, off), (off, on)):
        make_internal_call(caller, called)
    assert not list(ctx.recordings_dir.glob("*/*.wav"))


def test_unanswered_call_leaves_no_recording(outbound_routing, agent_phone, ctx):
    """Refused, busy outside and inside, absent: asked of Asterisk before anything is deleted, as it may still ring."""
    failing_provider = FailingProvider()
    outbound_routing(
        {"pattern": "22.*", "level": 50},
        {"pattern": "7.*", "level": 0},
        {"pattern": "8", "level": 0, "trunk_id": 1},
        dead=failing_provider.port,
    )
    on, busy = agent_phone(201, recording=True), agent_phone(202, recording=False)
    for number, status in (("99", 404), ("22000", 403)):
        assert on.call(number).ended() == status
    assert not list(ctx.recordings_dir.glob("*/*.wav"))
    inside = busy.wait(busy=True)
    for number, status in (("77", 486), ("202", 486), ("204", 480)):
        assert on.call(number).ended() == status
    inside.ended()
    assert recordings.search(ctx).recordings == ()
    wait_for(lambda: count_channels(ctx) == 0, "the calls are over")
    Monitor(ctx).poll()
    assert not list(ctx.recordings_dir.glob("*/*.wav"))
    failing_provider.answers = ["180 Ringing"]
    ringing = on.call("8")
    wait_for(lambda: list(ctx.recordings_dir.glob("*/*_8_*.wav")), "it rings")
    Monitor(ctx).poll()
    assert list(ctx.recordings_dir.glob("*/*_8_*.wav"))
    ringing.close()
