"""Leases: which agent uses which account, and until when."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from ..core.accounts import BUILTIN
from ..core.assignment import Reason
from ..core.asterisk.pjsip import digest
from ..core.errors import N_, NotFound, SipwebError
from ..core.rights import Right
from ..core.snapshot import Account, Snapshot
from ..crypto import generate_password
from ..db import db, transaction
from ..logs import set_user
from ..models import Account as AccountRow
from ..models import Lease, User
from . import audit
from .accounts import replace_secret
from .assignment import decide
from .authentication import Authenticated, authenticate, change_password
from .context import SYSTEM_ACTOR, Actor, ServiceContext
from .hosts import database_time
from .lease_sync import HEARTBEAT_TIMEOUT, sync_leases
from .pbx_status import has_lease_credentials
from .pending_sign_in import SecondFactorRequired, complete_with_code
from .state import live_generation


class NoNumberAvailable(SipwebError):
    """The agent gets no number. The message is fixed; the audit log has the reason."""

    def __init__(self) -> None:
        super().__init__(N_("No free number or invalid number"))


class PasswordChangeRequired(SipwebError):
    """Somebody else set the password; it only allows changing the password."""


class LeaseExpired(SipwebError):
    """The token is unknown, its lease ended, or a newer login replaced it."""


@dataclass(frozen=True, slots=True)
class AgentSession:
    """What an agent got.

    `ha1` is what the phone registers with, never a plain secret. `sip_changed` tells that the phone was last given
    something else.
    """

    token: str
    number: int
    name: str
    phone: str
    realm: str
    ha1: str
    sip_changed: bool = False


def login_and_acquire(
    ctx: ServiceContext, name: str, password: str, number: str | None, address: str, *, code: str = "",
    new_password: str = "",
) -> AgentSession:  # fmt: skip
    """Authenticate an agent, change the password if a new one is given, and assign an account.

    `code` is of the agent's app, or a recovery code, if the agent has set up a second factor.

    Raises:
        WrongPassword, SecondFactorRequired, WrongSecondFactor, Throttled, PasswordChangeRequired, Invalid: no lease was
            acquired.
        NoNumberAvailable: no lease was acquired; a new password was stored.
    """
    user_id, epoch = _authenticate(ctx, name, password, code, address)
    user = db.session.get_one(User, user_id)
    actor = Actor(user.id, user.name, user.role, address)
    if new_password:
        change_password(actor, password, new_password)
        epoch += 1
    elif user.must_change_password:
        with transaction() as session:
            _record_refusal(session, actor, number, Reason.PASSWORD_CHANGE_REQUIRED)
        raise PasswordChangeRequired(N_("Sign in with a browser first and set a new password."))
    return acquire(ctx, user_id, number, address, epoch=epoch)


def _authenticate(ctx: ServiceContext, name: str, password: str, code: str, address: str) -> Authenticated:
    try:
        return authenticate(name, password, address)
    except SecondFactorRequired as error:
        if not code:
            raise
        complete_with_code(ctx, error.pending, code, address)
        return Authenticated(error.pending.user_id, error.pending.session_epoch)


def acquire(
    ctx: ServiceContext, user_id: int, number: str | None, address: str, *, epoch: int | None = None
) -> AgentSession:
    """Assign an account to a user who was authenticated at `epoch`, or is now.

    Raises:
        NoNumberAvailable: no lease was acquired.
        LeaseExpired: the user was deactivated or got another password meanwhile.
    """
    token = secrets.token_urlsafe(32)
    with transaction() as session:
        user = session.get_one(User, user_id)
        if not user.active or epoch not in (None, user.session_epoch):
            raise LeaseExpired(N_("You've been signed out. Sign in again."))
        actor = Actor(user.id, user.name, user.role, address)
        account = _assign(session, ctx, user, actor, number)
        agent_session = _store_lease(session, ctx, user, account, token) if account else None
    if agent_session is None:
        raise NoNumberAvailable
    sync_leases(ctx, [agent_session.number])
    return agent_session


def _assign(session: Session, ctx: ServiceContext, user: User, actor: Actor, number: str | None) -> Account | None:
    """Choose an account and record the login; if there is none, record the reason."""
    assignment = decide(session, ctx, user, number)
    account = assignment.account
    if account is None:
        _record_refusal(session, actor, number, assignment.reason)
        return None
    audit.record(session, actor, "lease.acquire", account.number, account_id=account.id, user_id=user.id)
    return account


def _store_lease(session: Session, ctx: ServiceContext, user: User, account: Account, token: str) -> AgentSession:
    """Create the lease, or renew the one that the agent has already: a new login replaces token and credential."""
    now = database_time()
    lease = session.scalar(select(Lease).where(Lease.account_id == account.id))
    if lease is None:
        session.add(lease := Lease(account_id=account.id, user_id=user.id, number=account.number, acquired_at=now))
    lease.token_digest, lease.session_epoch, lease.last_seen_at = _digest(token), user.session_epoch, now
    lease.secret = ctx.cipher.encrypt(generate_password()) if has_lease_credentials(ctx) else ""
    credential = _credential(ctx, account, lease.secret)
    lease.issued = _fingerprint(ctx, credential)
    return AgentSession(token, account.number, user.name, account.phone, *credential)


def _record_refusal(session: Session, actor: Actor, number: str | None, reason: Reason) -> None:
    audit.record(session, actor, "lease.refused", number or "", user_id=actor.id, changes={"reason": [None, reason]})


def get_session(ctx: ServiceContext, token: str) -> AgentSession:
    """Return the session of a token, with the account as it is live now.

    A generation may have changed what the phone registers with.

    Raises:
        LeaseExpired: the token is not valid.
    """
    lease = _valid_lease(token)
    account = live_generation(ctx)[1].by_id.get(lease.account_id)
    if account is None:
        raise LeaseExpired(N_("You've been signed out. Sign in again."))
    credential = _credential(ctx, account, lease.secret)
    changed = _fingerprint(ctx, credential) != lease.issued
    return AgentSession(token, account.number, lease.name, account.phone, *credential, changed)


def issue_credential(ctx: ServiceContext, token: str) -> AgentSession:
    """Return the session for a phone that asks what it registers with: it has the present credential from now on.

    Raises:
        LeaseExpired: the token is not valid.
    """
    agent_session = get_session(ctx, token)
    if agent_session.sip_changed:
        issued = _fingerprint(ctx, (agent_session.realm, agent_session.ha1))
        with transaction(bump_revision=False) as session:
            session.execute(update(Lease).where(Lease.token_digest == _digest(token)).values(issued=issued))
    return replace(agent_session, sip_changed=False)


def heartbeat(token: str) -> None:
    """Extend the lease. Raises no revision, because nothing that is shown changes.

    Raises:
        LeaseExpired: the token is not valid.
    """
    lease = _valid_lease(token)
    with transaction(bump_revision=False) as session:
        statement = update(Lease).where(Lease.id == lease.id, Lease.token_digest == _digest(token))
        updated_id = session.scalar(statement.values(last_seen_at=database_time()).returning(Lease.id))
        if updated_id is None:  # the lease ended meanwhile
            raise LeaseExpired(N_("You've been signed out. Sign in again."))


def renew_epoch(token: str) -> None:
    """Keep the lease valid after the agent changed their own password, and nobody else did meanwhile."""
    with transaction(bump_revision=False) as session:
        lease = session.scalar(select(Lease).where(Lease.token_digest == _digest(token)))
        if lease and lease.session_epoch == session.get_one(User, lease.user_id).session_epoch - 1:
            lease.session_epoch += 1


def release(ctx: ServiceContext, token: str, address: str) -> None:
    """End the lease of this token.

    Raises:
        LeaseExpired: the token is not valid.
    """
    valid = _valid_lease(token)
    with transaction() as session:
        lease = session.get(Lease, valid.id)
        if lease and lease.token_digest == _digest(
            token
        ):  # another login of the same agent may have replaced the token
            end_lease(session, lease, Actor(valid.user_id, valid.name, "agent", address), "lease.release")
    sync_leases(ctx, [valid.number])


class ReleasedNumber(NamedTuple):
    """A revoked number.

    `replaced`: the next generation replaces its password; until then the old phone can register. `keeps_working`: the
    agent's phone is another one than the built-in, and registers with the account's own password as before.
    """

    number: int
    replaced: bool
    keeps_working: bool = False


def release_by_admin(ctx: ServiceContext, actor: Actor, account_id: int) -> ReleasedNumber:
    """End the lease of an account.

    Raises:
        NotFound: nobody uses the account.
    """
    actor.require(Right.EDIT)
    with transaction() as session:
        lease = session.scalar(select(Lease).where(Lease.account_id == account_id))
        if lease is None:
            raise NotFound(N_("This account isn't in use."))
        released = revoke(session, ctx, actor, lease)
    sync_leases(ctx, [released.number])
    return released


def revoke(session: Session, ctx: ServiceContext, actor: Actor, lease: Lease) -> ReleasedNumber:
    """End a lease against the agent's will, within the caller's transaction.

    The credential of the lease ends with it. If the lease had none of its own, the phone knows the account's secret:
    then a built-in phone's account, live or saved, gets a new one.
    """
    number, account = lease.number, session.get(AccountRow, lease.account_id)
    live_account = live_generation(ctx)[1].by_id.get(lease.account_id)
    is_builtin = any(a is not None and a.phone == BUILTIN for a in (account, live_account))
    has_own = lease.secret and live_account is not None and live_account.phone == BUILTIN
    agent_knows_secret = is_builtin and not has_own
    if account and agent_knows_secret:
        replace_secret(ctx, account)
    changes: Mapping[str, list[Any]] = {"secret": []} if account and agent_knows_secret else {}
    end_lease(session, lease, actor, "lease.revoke", changes)
    return ReleasedNumber(number, agent_knows_secret, not is_builtin)


def expire_leases() -> int:
    """End the leases without a recent heartbeat; return how many.

    Only the monitor knows whether heartbeats could be stored (see LeaseExpiry). One in the future was stored before the
    clock was set back.
    """
    now = database_time()
    is_expired = (Lease.last_seen_at < now - HEARTBEAT_TIMEOUT) | (Lease.last_seen_at > now + HEARTBEAT_TIMEOUT)
    if db.session.scalar(select(Lease.id).where(is_expired).limit(1)) is None:
        return 0
    with transaction() as session:
        expired = session.scalars(select(Lease).where(is_expired)).all()
        for lease in expired:
            end_lease(session, lease, SYSTEM_ACTOR, "lease.expire")
        return len(expired)


def end_lease(session: Session, lease: Lease, actor: Actor, action: str, changes: Mapping[str, list[Any]] = {}) -> None:
    """End one lease within the caller's transaction and record the reason."""
    account_id, user_id = lease.account_id, lease.user_id
    audit.record(session, actor, action, lease.number, account_id=account_id, user_id=user_id, changes=changes)
    session.execute(delete(Lease).where(Lease.id == lease.id))


def end_orphaned_leases(session: Session, snapshot: Snapshot) -> None:
    """After a generation, end leases whose account was removed or renumbered."""
    numbers = {account.id: account.number for account in snapshot.accounts}
    for lease in session.scalars(select(Lease)):
        if numbers.get(lease.account_id) != lease.number:
            end_lease(session, lease, SYSTEM_ACTOR, "lease.end")


def _credential(ctx: ServiceContext, account: Account, lease_secret: str) -> tuple[str, str]:
    """Return realm and digest that the phone registers with: those of the lease, or of the account."""
    realm = live_generation(ctx)[1].settings.realm
    secret = lease_secret if lease_secret and account.phone == BUILTIN else account.secret
    return realm, digest(account.number, realm, secret, ctx.cipher.decrypt)


def _fingerprint(ctx: ServiceContext, credential: tuple[str, str]) -> str:
    return ctx.cipher.fingerprint(":".join(credential))


class _ValidLease(NamedTuple):
    id: int
    account_id: int
    user_id: int
    name: str
    number: int
    secret: str
    issued: str
    login: str


def _valid_lease(token: str) -> _ValidLease:
    """Return the lease of a valid token.

    Raises:
        LeaseExpired: the token is not valid.
    """
    row = db.session.execute(
        select(Lease.id, Lease.account_id, User.id, User.name, Lease.number, Lease.secret, Lease.issued, User.login)
        .join(User, User.id == Lease.user_id)
        .where(
            Lease.token_digest == _digest(token),
            User.active,
            User.session_epoch == Lease.session_epoch,
        )
    ).one_or_none()
    if row is None:
        raise LeaseExpired(N_("You've been signed out. Sign in again."))
    valid = _ValidLease(*row)
    set_user(valid.login)
    return valid


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
