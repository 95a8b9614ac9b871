"""Sessions of browsers: what ends them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sipweb.core.errors import NotFound
from sipweb.db import db, transaction
from sipweb.models import WebSession
from sipweb.services import authentication, lease_expiry, leases, retention, sessions, sign_out
from sipweb.services.context import Actor, SessionLimits, utc_now
from tests.builders import AGENT_PASSWORD, edit_user, make_user, set_heartbeat_age


@pytest.fixture
def anna(app):
    return make_user("anna", "Anna Nowak")


def start(user_id):
    return sessions.start(user_id, "192.0.2.1", "Firefox")


def age(ctx, token, **times):
    """Make a session older by these times."""
    with transaction(bump_revision=False) as session:
        row = session.get_one(WebSession, sessions.load(ctx, token, "").session_id)
        for name, past in times.items():
            setattr(row, name, utc_now() - past)


def test_identifier_is_not_stored(ctx, anna):
    token = start(anna)
    with transaction() as session:
        assert token not in session.scalar(sessions.select(WebSession.token_digest))
    assert sessions.load(ctx, token, "").actor.id == anna
    assert sessions.load(ctx, f"{token}x", "") is None


@pytest.mark.parametrize(
    "change", [{"active": False}, {"password": "another long password"}, {"role": "administrator"}], ids=str
)
def test_change_by_an_administrator(ctx, anna, change):
    token = start(anna)
    edit_user(ctx, anna, **change)
    assert (sessions.load(ctx, token, "") is None) == ("role" not in change)


def test_own_new_password_ends_all_other_sessions_and_replaces_the_identifier(ctx, anna):
    mine, other = start(anna), start(anna)
    signed_in = sessions.load(ctx, mine, "")
    authentication.change_password(signed_in.actor, AGENT_PASSWORD, "another long password")
    renewed = sessions.renew(signed_in.session_id)
    assert [sessions.load(ctx, token, "") for token in (mine, other)] == [None, None]
    assert sessions.load(ctx, renewed, "").session_id == signed_in.session_id
    assert [one.id for one in sessions.list_sessions(ctx, anna)] == [signed_in.session_id]


@pytest.mark.parametrize(
    "changes", [[{"password": "another long password"}], [{"active": False}], [{"active": False}, {"active": True}]],
    ids=str,
)  # fmt: skip
def test_sign_in_that_began_before_the_change_gives_neither_session_nor_number(ctx, anna, changes):
    authenticated = authentication.authenticate("anna", AGENT_PASSWORD, "192.0.2.1")
    for change in changes:
        edit_user(ctx, anna, **change)
    token = sessions.start(anna, "192.0.2.1", "Firefox", epoch=authenticated.epoch)
    assert sessions.load(ctx, token, "") is None
    with pytest.raises(leases.LeaseExpired):
        leases.acquire(ctx, anna, None, "192.0.2.1", epoch=authenticated.epoch)


def test_change_by_somebody_else_ends_also_the_session_that_changes_its_own_password(ctx, anna):
    token = start(anna)
    lease_token = leases.acquire(ctx, anna, None, "").token
    signed_in = sessions.load(ctx, token, "")
    authentication.change_password(signed_in.actor, AGENT_PASSWORD, "another long password")
    edit_user(ctx, anna, password="a third long password")
    assert sessions.load(ctx, sessions.renew(signed_in.session_id), "") is None
    leases.renew_epoch(lease_token)
    with pytest.raises(leases.LeaseExpired):
        leases.heartbeat(lease_token)


def test_unused_session_ends(ctx, anna):
    token = start(anna)
    age(ctx, token, last_used_at=timedelta(minutes=29))
    sessions.record_use(sessions.load(ctx, token, ""), "192.0.2.7")
    [one] = sessions.list_sessions(ctx, anna)
    assert (one.ip_address, utc_now() - one.last_used_at < timedelta(minutes=1)) == ("192.0.2.7", True)
    age(ctx, token, last_used_at=timedelta(minutes=32))
    assert sessions.load(ctx, token, "") is None
    assert sessions.list_sessions(ctx, anna) == ()
    retention.delete_expired(ctx)
    assert db.session.scalar(db.select(WebSession.id)) is None


def test_session_ends_after_its_lifetime(ctx, anna):
    token = start(anna)
    leases.acquire(ctx, anna, None, "")
    age(ctx, token, started_at=timedelta(hours=13))
    assert sessions.load(ctx, token, "") is None
    assert sessions.list_sessions(ctx, anna) == ()
    retention.delete_expired(ctx)
    assert db.session.scalar(db.select(WebSession.id))  # only Asterisk knows whether there is a call
    set_heartbeat_age(91)
    lease_expiry.expire_leases()
    retention.delete_expired(ctx)
    assert db.session.scalar(db.select(WebSession.id)) is None


def test_session_from_a_far_future_is_not_valid(ctx, anna):
    """It was begun while the clock was very wrong, and would last until that time and a lifetime longer."""
    token = start(anna)
    age(ctx, token, started_at=timedelta(hours=-11))
    assert sessions.load(ctx, token, "")  # a clock that was ahead is corrected: nobody is signed out
    age(ctx, token, started_at=timedelta(hours=-13))
    assert sessions.load(ctx, token, "") is None
    retention.delete_expired(ctx)
    assert db.session.scalar(db.select(WebSession.id)), "the clock may be wrong now"


def test_use_counts_after_the_clock_was_set_back(ctx, anna):
    token = start(anna)
    age(ctx, token, last_used_at=timedelta(hours=-2))
    sessions.record_use(sessions.load(ctx, token, ""), "")
    assert sessions.load(ctx, token, "").last_used_at <= utc_now()


def test_limits_are_settings(ctx, anna):
    token = start(anna)
    strict = replace(ctx, session_limits=SessionLimits(timedelta(minutes=5), timedelta(minutes=15)))
    age(ctx, token, last_used_at=timedelta(minutes=7))
    assert sessions.load(ctx, token, "") is not None
    assert sessions.load(strict, token, "") is None


def test_only_own_sessions_can_be_ended(ctx, anna):
    piotr = make_user("piotr", "Piotr Lis")
    session_id = sessions.load(ctx, start(anna), "").session_id
    with pytest.raises(NotFound):
        sign_out.end_own(ctx, Actor(piotr, "Piotr Lis"), session_id, "")
    sign_out.end_own(ctx, Actor(anna, "Anna Nowak"), session_id, "")
    assert sessions.list_sessions(ctx, anna) == ()
    tokens = [start(anna), start(anna), start(piotr)]
    sign_out.end_all_own(ctx, Actor(anna, "Anna Nowak"))
    assert [sessions.load(ctx, token, "") is None for token in tokens] == [True, True, False]
