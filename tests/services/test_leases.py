"""Leases without HTTP: acquired, renewed, expired, released and revoked."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from sipweb.db import db
from sipweb.models import Lease
from sipweb.services import accounts, audit, generations, lease_end, lease_expiry, leases, users
from sipweb.services.context import Actor, utc_now
from sipweb.services.state import current_state

ACTOR = Actor(None, "test")
PASSWORD = "a long password"


@pytest.fixture
def anna(app):
    """An agent's id."""
    return users.create_user(ACTOR, "anna", "Anna Nowak", PASSWORD, "agent")


def test_lease_is_acquired_for_the_lowest_free_number_and_recorded(ctx, anna):
    session = leases.acquire(ctx, anna, None, "192.0.2.1")
    assert (session.number, session.name, session.phone) == (200, "Anna Nowak", "builtin")
    entry = audit.entries()[0]
    assert (entry.action, entry.subject, entry.address) == ("lease.acquire", "200", "192.0.2.1")
    assert leases.get_session(ctx, session.token) == session


def test_second_login_keeps_the_lease_and_replaces_the_token(ctx, anna):
    first = leases.acquire(ctx, anna, None, "")
    lease_id = db.session.scalar(db.select(Lease.id))
    second = leases.acquire(ctx, anna, None, "")
    assert db.session.scalar(db.select(Lease.id)) == lease_id
    assert second.number == first.number
    with pytest.raises(leases.LeaseExpired):
        leases.heartbeat(first.token)
    leases.heartbeat(second.token)


def test_refused_login_leaves_no_lease_and_is_recorded_with_its_reason(ctx, anna):
    with pytest.raises(leases.NoNumberAvailable):
        leases.acquire(ctx, anna, "299", "")
    entry = audit.entries()[0]
    assert (entry.action, entry.subject, entry.changes) == ("lease.refused", "299", {"reason": [None, "unknown"]})
    assert db.session.scalar(db.select(db.func.count(Lease.id))) == 0


@pytest.mark.parametrize(("age", "expired"), [(89, 0), (91, 1)])
def test_lease_expires_90_seconds_after_the_last_heartbeat(ctx, anna, age, expired):
    leases.acquire(ctx, anna, None, "")
    db.session.execute(update(Lease).values(last_seen_at=utc_now() - timedelta(seconds=age)))
    db.session.commit()
    assert lease_expiry.expire_leases() == expired
    assert (audit.entries()[0].action == "lease.expire") is bool(expired)


def test_released_number_is_free_for_the_next_agent(ctx, anna):
    leases.release(ctx, leases.acquire(ctx, anna, None, "").token, "")
    piotr = users.create_user(ACTOR, "piotr", "Piotr Lis", PASSWORD, "agent")
    assert leases.acquire(ctx, piotr, None, "").number == 200


@pytest.mark.parametrize(
    ("live_phone", "saved_phone", "replaced"),
    [("builtin", "builtin", True), ("builtin", "other", True), ("other", "builtin", True), ("other", "other", False)],
)
def test_revoking_replaces_the_secret_that_the_agents_phone_knows(ctx, anna, live_phone, saved_phone, replaced):
    for phone, generate in ((live_phone, True), (saved_phone, False)):
        version = current_state(ctx).account(1).version
        accounts.update(ctx, ACTOR, 1, version, accounts.AccountInput(number=200, user_id=anna, phone=phone))
        if generate:
            generations.generate(ctx, ACTOR)
    token = leases.acquire(ctx, anna, "200", "").token
    before = current_state(ctx).account(1).fingerprint
    assert lease_end.release_by_admin(ctx, ACTOR, 1) == lease_end.ReleasedNumber(
        200, replaced, (live_phone, saved_phone) == ("other", "other")
    )
    assert (current_state(ctx).account(1).fingerprint != before) is replaced
    with pytest.raises(leases.LeaseExpired):
        leases.heartbeat(token)
