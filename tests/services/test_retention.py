"""What the monitor deletes from the database when it is old."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update

from sipweb.core.errors import OperationRefused
from sipweb.db import db, transaction
from sipweb.models import AuditEntry, Call, Event, Generation, LoginThrottle
from sipweb.monitor import CLEANUP_INTERVAL, POLL_INTERVAL, Monitor
from sipweb.services import accounts, audit, authentication, generations, retention, state, throttling
from sipweb.services.accounts import AccountInput
from sipweb.services.context import Actor, utc_now
from tests.builders import make_host
from tests.conftest import on_both_databases

WHO = Actor(None, "test")
NOW = utc_now()
ROWS = {
    AuditEntry: {"actor_name": "x", "ip_address": "", "action": "x", "subject": "x", "changes": {}},
    Event: {"host": "pbx", "kind": "registered"},
    Call: {"host": "pbx", "unique_id": "x", "ended_at": NOW, "result": "answered"},
}


def add(model, *ages):
    """Add a row of each age in days."""
    time = "started_at" if model is Call else "created_at"
    with transaction() as session:
        session.execute(insert(model), [ROWS[model] | {time: NOW - timedelta(days=age)} for age in ages])


def count(model):
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model))


@on_both_databases
@pytest.mark.parametrize(("model", "setting"), [(AuditEntry, "audit_days"), (Event, "event_days"), (Call, "call_days")])
def test_rows_are_deleted_after_their_days(ctx, model, setting):
    before = count(model)
    add(model, 91, 100, 89)
    assert not retention.delete_expired(replace(ctx, **{setting: 0}))
    assert count(model) == before + 3
    assert not retention.delete_expired(replace(ctx, **{setting: 90}))
    assert count(model) == before + 1


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("server", [("files", "zurich"), ("none", "pbx")])  # with "none" the name is nobody's
@pytest.mark.parametrize(("settings", "kept"), [({"CALL_DAYS": 0}, 3), ({"CALL_DAYS": 365}, 2), ({}, 1)])
def test_nothing_is_deleted_that_another_host_keeps(ctx, database, server, settings, kept):
    mode, name = server
    make_host(ctx, name, settings=settings)  # {} of an earlier version
    add(Call, 400, 200, 80)
    retention.delete_expired(replace(ctx, pbx=replace(ctx.pbx, mode=mode), call_days=90))
    assert count(Call) == kept


def test_audit_log_is_kept_forever_by_default(ctx):
    add(AuditEntry, 3650)
    before = count(AuditEntry)
    retention.delete_expired(ctx)
    assert count(AuditEntry) == before


def test_many_rows_are_deleted_in_batches_without_delaying_other_work(ctx, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 3)
    retained = count(Event)
    add(Event, *[100] * 7)
    now = [0.0]
    monitor, left = Monitor(ctx, lambda: now[0]), []
    for now[0] in (0.0, POLL_INTERVAL, 2 * POLL_INTERVAL, 3 * POLL_INTERVAL):
        monitor.tick()
        left.append(count(Event) - retained)
    assert left == [4, 1, 0, 0]
    add(Event, 100)
    now[0] = 2 * POLL_INTERVAL + CLEANUP_INTERVAL - 1
    monitor.tick()
    assert count(Event) == retained + 1
    now[0] += 1
    monitor.tick()
    assert count(Event) == retained


@on_both_databases
def test_counted_sign_ins_are_forgotten_a_day_after_the_last_attempt(app, ctx):
    for login in ("old", "new", "before-the-column"):
        with pytest.raises(authentication.WrongPassword):
            authentication.authenticate(login, "a wrong password", "203.0.113.7")
    counts = {login: throttling.of_login(login, "203.0.113.7").key for login in ("old", "new", "before-the-column")}
    for login, time in {"old": NOW - timedelta(hours=25), "before-the-column": None}.items():
        old = update(LoginThrottle).where(LoginThrottle.key == counts[login])
        db.session.execute(old.values(last_attempt_at=time))
    db.session.commit()
    retention.delete_expired(ctx)
    keys = select(LoginThrottle.key).order_by(LoginThrottle.key)
    assert db.session.scalars(keys).all() == ["address 203.0.113.7", counts["new"]]


@pytest.fixture
def versions(ctx, monkeypatch):
    """Five generations of which the contents of two are kept; return their numbers."""
    monkeypatch.setattr(state, "KEPT_SNAPSHOTS", 2)
    monkeypatch.setattr(retention, "KEPT_SNAPSHOTS", 2)
    numbers = [1]
    for number in range(300, 304):
        accounts.create(ctx, WHO, AccountInput(number=number, phone="other"))
        numbers.append(generations.generate(ctx, WHO).number)
    return numbers


def test_contents_of_old_versions_are_deleted_and_the_pages_say_so(ctx, admin, versions):
    assert not retention.delete_expired(ctx)
    kept = [row.number for row in db.session.scalars(select(Generation)) if row.snapshot != "{}"]
    assert kept == [4, 5]
    refused = "Configuration version 2 can't be restored: only the content of the newest 2 versions is kept."
    with pytest.raises(OperationRefused) as refusal:
        generations.restore(ctx, WHO, 2)
    assert str(refusal.value) == refused
    page = admin.get("/generation/2")
    assert refused.replace("'", "&#39;") in page.text
    assert "What this version changed is no longer stored." in page.text
    assert "restore-version" not in page.text
    assert admin.post("/generation/2/restore").status_code == 409
    page = admin.get("/generation/4")  # can be restored, but the content before it is not known
    assert "What this version changed is no longer stored." in page.text
    assert "restore-version" in page.text
    ctx.cache.change_counts = {}
    assert admin.get("/generation").status_code == 200
    assert generations.restore(ctx, WHO, 4).state == "written"


def test_content_of_the_live_version_is_kept(ctx, versions):
    db.session.execute(update(Generation).where(Generation.number > 1).values(state="refused"))
    db.session.commit()
    retention.delete_expired(ctx)
    kept = [row.number for row in db.session.scalars(select(Generation)) if row.snapshot != "{}"]
    assert kept == [1, 4, 5]


def test_deletion_writes_nothing_when_nothing_is_old(ctx, monkeypatch):
    def fail(**_options):
        raise AssertionError("wrote")

    audit.entries()
    monkeypatch.setattr(retention, "transaction", fail)
    assert not retention.delete_expired(replace(ctx, audit_days=1))
