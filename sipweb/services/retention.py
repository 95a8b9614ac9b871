"""What is deleted from the database when it is old. Recordings are files: see recording_cleanup."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import InstrumentedAttribute

from ..db import db, transaction
from ..models import (
    DELETED_SNAPSHOT,
    AccountUsage,
    AddressBlock,
    AuditEntry,
    Call,
    Event,
    Generation,
    ImportUpload,
    LoginThrottle,
    PasskeyChallenge,
    Totp,
    WebSession,
)
from . import imports, sessions
from .context import ServiceContext, utc_now
from .hosts import longest_days
from .state import KEPT_SNAPSHOTS, live_number

BATCH = 2000  # rows of one transaction, so that nobody waits long for it
SNAPSHOT_BATCH = 20  # a snapshot of 900 accounts has 300 kB
THROTTLE_DAYS = 1
UNCONFIRMED_DAYS = 1  # of an authenticator app whose set-up was not completed


def delete_expired(ctx: ServiceContext) -> bool:
    """Delete one batch of each kind of old rows; return whether more are left."""
    audit_days, event_days, call_days = (longest_days(ctx, f"{kind}_days") for kind in ("audit", "event", "call"))
    ages: Sequence[tuple[InstrumentedAttribute[Any], InstrumentedAttribute[Any], int]] = (
        (AuditEntry.id, AuditEntry.created_at, audit_days),
        (Event.id, Event.created_at, event_days),
        (Call.id, Call.started_at, call_days),
        (AddressBlock.id, AddressBlock.ends_at, event_days),
        (AccountUsage.minute, AccountUsage.minute, event_days),
    )
    more = [_delete_batch(key, time, time < utc_now() - timedelta(days=days)) for key, time, days in ages if days]
    time = LoginThrottle.last_attempt_at
    old = time.is_(None) | (time < utc_now() - timedelta(days=THROTTLE_DAYS))
    more.append(_delete_batch(LoginThrottle.key, time, old))
    more.append(_delete_batch(WebSession.id, WebSession.last_used_at, sessions.has_ended(ctx)))
    more.append(_delete_batch(ImportUpload.session_id, ImportUpload.created_at, imports.has_expired()))
    expires_at, created_at = PasskeyChallenge.expires_at, Totp.created_at
    more.append(_delete_batch(PasskeyChallenge.challenge, expires_at, expires_at < utc_now()))
    abandoned = Totp.confirmed_at.is_(None) & (created_at < utc_now() - timedelta(days=UNCONFIRMED_DAYS))
    more.append(_delete_batch(Totp.user_id, created_at, abandoned))
    return any([*more, _delete_snapshots()])


def _delete_batch(key: InstrumentedAttribute[Any], order: InstrumentedAttribute[Any], old: ColumnElement[bool]) -> bool:
    """Delete the oldest rows of a table; return whether more may be left. Without old rows nothing is written."""
    keys = db.session.scalars(select(key).where(old).order_by(order).limit(BATCH)).all()
    if keys:
        with transaction(bump_revision=False) as session:
            session.execute(delete(key.class_).where(key.in_(keys), old).execution_options(synchronize_session=False))
    return len(keys) == BATCH


def _delete_snapshots() -> bool:
    """Delete snapshots but the newest KEPT_SNAPSHOTS and the live one; return whether more may be left."""
    newest = select(Generation.number).order_by(Generation.number.desc())
    oldest_kept = db.session.scalar(newest.offset(KEPT_SNAPSHOTS - 1).limit(1)) or 0
    old = (Generation.number < oldest_kept, Generation.snapshot != DELETED_SNAPSHOT)
    query = select(Generation.number).where(*old, Generation.number != live_number())
    numbers = db.session.scalars(query.order_by(Generation.number).limit(SNAPSHOT_BATCH)).all()
    if numbers:
        with transaction(bump_revision=False) as session:
            statement = update(Generation).where(Generation.number.in_(numbers)).values(snapshot=DELETED_SNAPSHOT)
            session.execute(statement.execution_options(synchronize_session=False))
    return len(numbers) == SNAPSHOT_BATCH
