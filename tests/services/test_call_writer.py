"""Writing the call history: batches, limits, times and names."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from sipweb.core.call_quality import CallQuality
from sipweb.db import db
from sipweb.models import AuditEntry, Call
from sipweb.pbx.call_records import CallRecord, CallRecords
from sipweb.services import leases
from sipweb.services.call_writer import CallWriter
from sipweb.services.context import utc_now
from sipweb.services.errors import DatabaseFailure
from sipweb.services.row_limit import BURST
from sipweb.services.state import current_state
from tests.builders import acquire
from tests.conftest import on_both_databases

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)


def record(*, at=AT, number="202", ahead=timedelta(0), seconds=60, values=True):
    """A call from 200, of an Asterisk whose local time is so far ahead of UTC."""
    local = (at + ahead).replace(tzinfo=None)
    noted = ("sipweb", "1", str(int(at.timestamp())), "200", "200", number, "", "1.1", "", "", "", "", "")
    return CallRecord(
        "1.1", "PJSIP/200-1", f"PJSIP/{number}-2", True, False, local, local + timedelta(seconds=5),
        local + timedelta(seconds=seconds), noted if values else (), CallQuality(),
    )  # fmt: skip


def stored():
    return list(db.session.scalars(select(Call).order_by(Call.id)))


def test_calls_are_kept_while_the_database_is_locked(ctx, instance):
    writer = CallWriter(ctx)
    db.session.connection().exec_driver_sql("PRAGMA busy_timeout=0")
    with closing(sqlite3.connect(instance / "sipweb.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseFailure, match="locked"):
            writer.write([[record()]])
        db.session.rollback()
    for _ in range(2):
        writer.write([])
    assert [call.number for call in stored()] == ["202"]


@on_both_databases
def test_calls_raise_no_revision_and_are_limited(ctx):
    revision = current_state(ctx).marks.revision
    CallWriter(ctx).write([[record()]] * 1000)
    assert db.session.scalar(select(func.count(Call.id))) <= BURST + 1
    assert current_state(ctx).marks.revision == revision


@pytest.mark.parametrize("minutes", [0, 60, 345, -480])
def test_times_are_right_whatever_the_time_zone_of_asterisk(ctx, minutes):
    CallWriter(ctx).write([[record(ahead=timedelta(minutes=minutes))]])
    [call] = stored()
    assert (call.started_at, call.answered_at, call.ended_at) == tuple(AT + timedelta(seconds=s) for s in (0, 5, 60))


def test_name_is_the_agents_who_used_the_account_when_the_call_began(ctx, anna):
    token = acquire(ctx).token
    now, minute = utc_now(), timedelta(minutes=1)  # afterwards: a call's second may not be the one before the login
    writer = CallWriter(ctx)
    writer.write([[record(at=now - minute)], [record(at=now)]])
    leases.release(ctx, token, "")
    db.session.execute(update(AuditEntry).where(AuditEntry.action == "lease.release").values(created_at=now + minute))
    db.session.commit()
    writer.write([[record(at=now)], [record(at=now + 2 * minute)]])
    assert [call.caller_name for call in stored()] == ["Automat Automat", "Anna Nowak", "Anna Nowak", "Automat Automat"]


@pytest.mark.parametrize("field", ["", "somebody else's", "sipweb|1|x", "sipweb|1|2", "sipweb" + "|" * 12])
def test_user_fields_of_others_are_harmless(ctx, field):
    times = dict.fromkeys(("StartTime", "AnswerTime", "EndTime"), "2026-11-24 12:00:00")
    records = CallRecords()
    records.add_record({"Event": "Cdr", "UserField": field, "UniqueID": "1.1", "Disposition": "ANSWERED", **times})
    records.add_record({"Event": "Cdr", "UserField": field, "UniqueID": "1.2", "StartTime": "nonsense"})
    records._records = {key: (0.0, value) for key, (_, value) in records._records.items()}
    CallWriter(ctx).write(records.take())
    assert stored() == []
