"""The sessions of browsers: begun at sign-in, ended at sign-out, by a new password, or by their limits."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, delete, exists, select, update
from sqlalchemy.orm import Session

from ..core.errors import N_, NotFound
from ..crypto import token_digest
from ..db import db, transaction
from ..logs import set_user
from ..models import Lease, User, WebSession
from .context import CLOCKS_DIFFER, Actor, ServiceContext, utc_now
from .pbx_status import numbers_on_call
from .second_factor import HAS_SECOND_FACTOR

RECENT = timedelta(minutes=5)  # how long after the password was entered nobody is asked for it again
USE_INTERVAL = timedelta(minutes=1)  # a session's last use is stored at most this often
_QUERY = (
    select(
        User.id.label("user_id"), User.login, User.name, User.role, User.language, User.must_change_password,
        User.active, (User.session_epoch == WebSession.session_epoch).label("is_valid"),
        HAS_SECOND_FACTOR.label("has_second_factor"),
        WebSession.id, WebSession.session_epoch, WebSession.started_at, WebSession.confirmed_at,
        WebSession.last_used_at,
    )
    .join(User, User.id == WebSession.user_id)
    .where(WebSession.token_digest == bindparam("token_digest"))
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The user of a session. `session_id` is the row's, `epoch` the user's at the sign-in, as still now.

    `confirmed_at` is when the user last entered the password in it. `ends_at` is when it ends, however much it is used.
    """

    actor: Actor
    session_id: int
    epoch: int
    confirmed_at: datetime
    last_used_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session as its user sees it."""

    id: int
    started_at: datetime
    last_used_at: datetime
    ip_address: str
    user_agent: str


def start(user_id: int, address: str, user_agent: str, *, epoch: int | None = None) -> str:
    """Begin a session for an authenticated user; return its identifier, which only the browser keeps.

    It is not valid if the password was replaced since `epoch`, when it was checked; None: it is checked now.
    """
    token, now = secrets.token_urlsafe(32), utc_now()
    with transaction(bump_revision=False) as session:
        if epoch is None:
            epoch = session.scalar(select(User.session_epoch).where(User.id == user_id))
        session.add(
            WebSession(
                user_id=user_id, token_digest=token_digest(token), started_at=now, confirmed_at=now, last_used_at=now,
                ip_address=address, session_epoch=epoch, user_agent=user_agent[:200],
            )
        )  # fmt: skip
    return token


def load(ctx: ServiceContext, token: str, address: str) -> SignedIn | None:
    """Return the user of a session that has not ended.

    A session that has reached its lifetime goes on while its user is in a call. One that was begun before the clock was
    set back goes on, too, unless that was by more than a lifetime.
    """
    row = db.session.connection().execute(_QUERY, {"token_digest": token_digest(token)}).one_or_none()
    now, limits = utc_now(), ctx.session_limits
    if row is None or not row.active or not row.is_valid or row.started_at > now + limits.lifetime:
        return None
    ends_at = row.started_at + limits.lifetime
    if now - row.last_used_at > limits.idle + USE_INTERVAL or (now > ends_at and not _is_in_call(ctx, row.user_id)):
        return None
    set_user(row.login)
    must_set_up = ctx.require_two_factor and row.role != "agent" and not row.has_second_factor
    actor = Actor(row.user_id, row.name, row.role, address, row.language, row.must_change_password, must_set_up)
    return SignedIn(actor, row.id, row.session_epoch, row.confirmed_at, row.last_used_at, ends_at)


def is_recent(signed_in: SignedIn) -> bool:
    """Return whether the password was entered in this session a short time ago."""
    return -CLOCKS_DIFFER <= utc_now() - signed_in.confirmed_at < RECENT


def record_use(signed_in: SignedIn, address: str) -> None:
    """Store that the user does something in this session; what a page does by itself does not count."""
    if abs(utc_now() - signed_in.last_used_at) < USE_INTERVAL:
        return
    with transaction(bump_revision=False) as session:
        used = update(WebSession).where(WebSession.id == signed_in.session_id)
        session.execute(used.values(last_used_at=utc_now(), ip_address=address))


def renew(session_id: int, *, is_confirmed: bool = True) -> str:
    """Keep one session after a change by its user that has ended all others. Return the new identifier.

    `is_confirmed`: the user has entered the password for it. If somebody else set another password meanwhile, the
    session has ended too.
    """
    token = secrets.token_urlsafe(32)
    with transaction(bump_revision=False) as session:
        row = session.get(WebSession, session_id)
        if row and row.session_epoch == session.get_one(User, row.user_id).session_epoch - 1:
            row.token_digest, row.session_epoch = token_digest(token), row.session_epoch + 1
            row.confirmed_at = utc_now() if is_confirmed else row.confirmed_at
    return token


def confirm(session: Session, session_id: int) -> str:
    """Note that the user has just entered the password; return the session's new identifier.

    A copy of the cookie, which has the old one, ends.
    """
    token = secrets.token_urlsafe(32)
    row = session.get(WebSession, session_id)
    if row is None:
        raise NotFound(N_("This session has already ended."))
    row.token_digest, row.confirmed_at = token_digest(token), utc_now()
    return token


def end(session_id: int) -> None:
    """End one session; nothing if it has ended already."""
    with transaction(bump_revision=False) as session:
        session.execute(delete(WebSession).where(WebSession.id == session_id))


def list_sessions(ctx: ServiceContext, user_id: int) -> tuple[SessionView, ...]:
    """Return a user's sessions that have not ended, the one used last first."""
    ended = _is_unused(ctx) if _is_in_call(ctx, user_id) else _is_unused(ctx) | _is_too_old(ctx)
    rows = db.session.execute(
        select(
            WebSession.id, WebSession.started_at, WebSession.last_used_at, WebSession.ip_address, WebSession.user_agent
        )
        .join(User, User.id == WebSession.user_id)
        .where(User.id == user_id, User.session_epoch == WebSession.session_epoch, ~ended)
        .order_by(WebSession.last_used_at.desc())
    )
    return tuple(SessionView(*row) for row in rows)


def has_ended(ctx: ServiceContext) -> ColumnElement[bool]:
    """Return the condition that a session has surely ended: one of a user with a number may wait for a call's end."""
    works = exists().where(Lease.user_id == WebSession.user_id)
    return _is_unused(ctx) | (_is_too_old(ctx) & ~works)


def _is_unused(ctx: ServiceContext) -> ColumnElement[bool]:
    return WebSession.last_used_at < utc_now() - ctx.session_limits.idle - USE_INTERVAL


def _is_too_old(ctx: ServiceContext) -> ColumnElement[bool]:
    return WebSession.started_at < utc_now() - ctx.session_limits.lifetime


def _is_in_call(ctx: ServiceContext, user_id: int) -> bool:
    """Return whether a user who works with a number is in a call with it."""
    number = db.session.scalar(select(Lease.number).where(Lease.user_id == user_id))
    return number is not None and number in numbers_on_call(ctx)
