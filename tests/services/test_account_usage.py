"""The use of automatic accounts, counted from the audit log and stored by the minute."""

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, insert, select

from sipweb.core.errors import OperationRefused
from sipweb.db import db, transaction
from sipweb.models import AccountUsage, AuditEntry
from sipweb.services import account_usage, generations, leases, retention
from sipweb.services.account_usage import HOURS, UsageRecorder, usage
from sipweb.services.context import utc_now
from sipweb.services.state import current_state
from tests.builders import WHO, acquire, edit_account, make_account, make_user
from tests.conftest import on_both_databases

WARSAW = ZoneInfo("Europe/Warsaw")


def stored():
    db.session.rollback()
    return list(db.session.scalars(select(AccountUsage).order_by(AccountUsage.minute)))


def numbers(row):
    return row.total, row.in_use, row.peak, row.refused


@on_both_databases
def test_first_run_stores_what_is_in_use_and_later_ones_only_changes(ctx):
    make_user("anna", "Anna")
    acquire(ctx)
    recorder = UsageRecorder(ctx)
    recorder.run()
    assert [numbers(row) for row in stored()] == [(20, 1, 1, 0)]
    before = [row.audit_id for row in stored()]
    recorder.run()
    edit_account(ctx, 5, level=50)
    recorder.run()
    assert [row.audit_id for row in stored()] == before


def test_leases_refusals_and_generations_are_counted_also_while_the_monitor_was_off(ctx):
    for name in ("anna", "piotr"):
        make_user(name, name)
    UsageRecorder(ctx).run()
    for account in current_state(ctx).accounts[1:]:
        edit_account(ctx, account.id, active=False)
    assert generations.generate(ctx, WHO, generations.ANY_NUMBER).state in ("written", "verified")
    acquire(ctx, "anna")
    with pytest.raises(leases.NoNumberAvailable):
        acquire(ctx, "piotr")
    UsageRecorder(ctx).run()
    last = stored()[-1]
    assert (last.total, last.in_use, last.needed, sum(row.refused for row in stored())) == (1, 1, 2, 1)
    view = usage(ctx, "day", 3, WARSAW)
    assert (view.peak.peak, view.refused, view.total, view.to_add) == (1, 1, 1, 4)


def test_a_failure_of_the_database_loses_nothing(ctx, monkeypatch):
    make_user("anna", "Anna")
    recorder = UsageRecorder(ctx)
    recorder.run()
    acquire(ctx)
    with monkeypatch.context() as patched:
        patched.setattr(account_usage, "transaction", _failing_transaction)
        with pytest.raises(OperationRefused):
            recorder.run()
    recorder.run()
    assert numbers(stored()[-1])[1:] == (1, 1, 0)


def _failing_transaction(**_):
    raise OperationRefused("The disk is full.")


def simulated_week(ctx, agents=24):
    """Write a week of the audit log: agents sign in and out; on Monday morning more want an account than there are.

    Return (time, change of what is in use, refused) of each entry.
    """
    chance, steps, free = random.Random(7), [], [account.id for account in current_state(ctx).accounts]
    monday = (utc_now() - timedelta(days=7)).replace(minute=0, second=0, microsecond=0)
    for day in range(7):
        begin = monday + timedelta(days=day, minutes=1)
        present = range(agents if day == 0 else chance.randint(3, 19))
        came = sorted((begin + timedelta(seconds=chance.randint(0, 9000)), "come", agent) for agent in present)
        went = [(at + timedelta(seconds=chance.randint(9100, 40000)), "go", agent) for at, _, agent in came]
        steps += sorted(came + went)
    rows, moments, held = [], [], {}
    for at, step, agent in steps:
        if step == "come" and free:
            held[agent] = free.pop()
            rows.append({"action": "lease.acquire", "account_id": held[agent], "changes": {}})
            moments.append((at, 1, 0))
        elif step == "come":
            rows.append({"action": "lease.refused", "account_id": None, "changes": {"reason": [None, "pool_busy"]}})
            moments.append((at, 0, 1))
        elif agent in held:
            free.append(held.pop(agent))
            ended = chance.choice(["lease.release", "lease.expire", "lease.revoke"])
            rows.append({"action": ended, "account_id": free[-1], "changes": {}})
            moments.append((at, -1, 0))
        else:
            continue
        rows[-1] |= {"created_at": at, "user_id": agent, "actor_name": "x", "ip_address": "", "subject": "x"}
    return rows, moments


def test_page_of_a_simulated_week_has_the_peaks_and_refusals_of_the_audit_log(ctx):
    with transaction() as session:  # nothing was counted yet: the week before is unknown but for this row
        session.execute(delete(AuditEntry))
    rows, moments = simulated_week(ctx)
    with transaction() as session:
        at = rows[0]["created_at"].replace(second=0) - timedelta(days=1)
        session.add(AccountUsage(minute=at, total=20, in_use=0, peak=0, needed=0, refused=0, audit_id=0))
    for part in range(0, len(rows), 40):
        with transaction() as session:
            session.execute(insert(AuditEntry), rows[part : part + 40])
        UsageRecorder(ctx).run()  # each time after a restart
    view = usage(ctx, "month", 3, WARSAW)
    assert sum(refused for _, _, refused in moments) == view.refused > 0
    for hour in view.hours:
        level = sum(change for at, change, _ in moments if at < hour.start)
        end, highest = hour.start + timedelta(hours=1), level
        for at, change, _ in moments:
            if hour.start <= at < end:
                level += change
                highest = max(highest, level)
        assert (hour.start, hour.peak, hour.refused) == (
            hour.start, highest, sum(refused for at, _, refused in moments if hour.start <= at < end),
        )  # fmt: skip
    assert view.peak.peak == 20
    assert 0 < view.to_add <= 24 + 3 - 20


@pytest.mark.parametrize("span", HOURS)
def test_hours_end_with_the_present_one(span):
    starts = account_usage.hours(span, WARSAW)
    assert len(starts) == HOURS[span]
    assert timedelta() <= datetime.now(UTC) - starts[-1] < timedelta(hours=1)
    assert {later - earlier for earlier, later in pairwise(starts)} == {timedelta(hours=1)}


def test_rows_are_kept_as_long_as_events(ctx):
    UsageRecorder(ctx).run()
    with transaction() as session:
        old = utc_now() - timedelta(days=91)
        session.add(AccountUsage(minute=old, total=1, in_use=1, peak=1, needed=1, refused=0, audit_id=0))
    assert not retention.delete_expired(ctx)
    assert len(stored()) == 1


def test_new_automatic_accounts_count_after_their_generation(ctx):
    recorder = UsageRecorder(ctx)
    recorder.run()
    make_account(ctx, 300)
    recorder.run()
    assert stored()[-1].total == 20
    generations.generate(ctx, WHO)
    recorder.run()
    assert stored()[-1].total == 21
