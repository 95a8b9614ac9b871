"""What a login assigns, in every situation, and its preview."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from sipweb.core.assignment import Reason
from sipweb.core.errors import NotFound
from sipweb.db import db
from sipweb.models import AuditEntry, Lease
from sipweb.services import accounts, agent_sign_in, audit, generations, lease_expiry, leases, user_list, users
from sipweb.services.assignment import preview_assignment
from sipweb.services.context import Actor, utc_now
from sipweb.services.state import current_state, live_generation

ACTOR = Actor(None, "test")
PASSWORD = "a long password"


@pytest.fixture
def anna(app):
    """An agent's id."""
    return users.create_user(ACTOR, "anna", "Anna Nowak", PASSWORD, "agent")


@pytest.fixture
def piotr(app):
    """Another agent's id."""
    return users.create_user(ACTOR, "piotr", "Piotr Lis", PASSWORD, "agent")


def enter(ctx, name="anna", number=None):
    return agent_sign_in.login_and_acquire(ctx, name, PASSWORD, number, "")


def give(ctx, account_id, user_id, *, active=True, phone="builtin"):
    """Save another owner, phone or state of an account."""
    account = current_state(ctx).account(account_id)
    values = accounts.AccountInput(number=account.number, user_id=user_id, phone=phone, active=active)
    accounts.update(ctx, ACTOR, account_id, account.version, values)


SITUATIONS = {
    "the lowest of the pool": ("", lambda ctx, anna, piotr: None),
    "the next of the pool": ("", lambda ctx, anna, piotr: enter(ctx, "piotr")),
    "requested": ("205", lambda ctx, anna, piotr: None),
    "requested and in use": ("205", lambda ctx, anna, piotr: enter(ctx, "piotr", "205")),
    "requested and without heartbeat": (
        "205",
        lambda ctx, anna, piotr: enter(ctx, "piotr", "205") and end_heartbeats(),
    ),
    "unknown": ("299", lambda ctx, anna, piotr: None),
    "no number at all": ("abc", lambda ctx, anna, piotr: None),
    "another script's digits": ("२०५", lambda ctx, anna, piotr: None),
    "blanks around": (" 205 ", lambda ctx, anna, piotr: None),
    "number of another user": ("204", lambda ctx, anna, piotr: give(ctx, 5, piotr)),
    "own": ("", lambda ctx, anna, piotr: give(ctx, 5, anna, phone="other")),
    "own and requested": ("204", lambda ctx, anna, piotr: give(ctx, 5, anna)),
    "own, not generated": ("", "later", lambda ctx, anna, piotr: give(ctx, 5, anna)),
    "own and inactive": ("", lambda ctx, anna, piotr: give(ctx, 5, anna, active=False)),
    "held": ("", lambda ctx, anna, piotr: enter(ctx, number="207")),
    "held and requested": ("207", lambda ctx, anna, piotr: enter(ctx, number="207")),
    "held, another requested": ("208", lambda ctx, anna, piotr: enter(ctx, number="207")),
    "held and without heartbeat": ("", lambda ctx, anna, piotr: enter(ctx, number="207") and end_heartbeats()),
    "manual": ("", lambda ctx, anna, piotr: change_user(ctx, anna, work_mode="manual")),
    "manual and requested": ("206", lambda ctx, anna, piotr: change_user(ctx, anna, work_mode="manual")),
    "another phone": ("", lambda ctx, anna, piotr: change_user(ctx, anna, external_phone="other")),
    "an empty pool": ("", lambda ctx, anna, piotr: [give(ctx, key, piotr) for key in range(1, 21)]),
}


def end_heartbeats():
    db.session.execute(update(Lease).values(last_seen_at=utc_now() - timedelta(seconds=91)))
    db.session.commit()
    lease_expiry.expire_leases()


def change_user(ctx, user_id, **more):
    user = next(user for user in user_list.list_users(ctx) if user.id == user_id)
    values = {"work_mode": user.work_mode, "external_phone": user.external_phone, **more}
    users.update_user(
        ctx, ACTOR, user_id, user.version, users.UserInput(user.name, user.login, user.role, True, **values)
    )


@pytest.mark.parametrize("situation", SITUATIONS)
def test_assignment_preview_equals_the_next_login(situation, ctx, anna, piotr):
    number, *later, prepare = SITUATIONS[situation]
    prepare(ctx, anna, piotr)
    if not later:
        generations.generate(ctx, ACTOR)
    db.session.rollback()
    before = db.session.scalar(db.select(db.func.max(AuditEntry.id)))
    preview = preview_assignment(ctx, anna, number)
    assert db.session.scalar(db.select(db.func.max(AuditEntry.id))) == before
    held = db.session.scalar(db.select(Lease.number).where(Lease.user_id == anna))
    try:
        session = enter(ctx, number=number)
    except leases.NoNumberAvailable:
        assert (preview.number, preview.reason) == (None, audit.entries()[0].changes["reason"][1])
        return
    account = next(account for account in live_generation(ctx)[1].accounts if account.number == session.number)
    kind = "pool" if account.user_id is None else "own"
    assert preview.number == session.number
    assert preview.reason == ("held" if held else f"asked_{kind}" if number else kind)


def test_preview_of_an_inactive_agent_says_so(ctx, anna):
    user = next(user for user in user_list.list_users(ctx) if user.id == anna)
    values = users.UserInput(user.name, user.login, user.role, False, user.work_mode, user.external_phone)
    users.update_user(ctx, ACTOR, anna, user.version, values)
    preview = preview_assignment(ctx, anna, "")
    assert (preview.number, preview.reason) == (None, Reason.INACTIVE)


def test_preview_of_an_unknown_user_raises_not_found(ctx):
    with pytest.raises(NotFound):
        preview_assignment(ctx, 999, "")
