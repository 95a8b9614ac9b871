"""Leases: which agent uses which account, and until when."""

import secrets
from dataclasses import dataclass, replace
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ..core.accounts import BUILTIN
from ..core.assignment import Reason
from ..core.asterisk.pjsip import digest
from ..core.errors import N_, SipwebError
from ..core.snapshot import Account
from ..crypto import generate_password, token_digest
from ..db import db, transaction
from ..logs import set_user
from ..models import Lease, User
from . import audit
from .assignment import decide
from .context import Actor, ServiceContext
from .database_clock import database_time
from .lease_end import end_lease
from .lease_sync import sync_leases
from .pbx_status import has_lease_credentials
from .state import live_generation

# Begins the token of a number that a browser works with. Such a token is in the cookie, which is not encrypted: it is
# good for nothing without the browser's session.
BROWSER_TOKEN = "web."  # noqa: S105


class NoNumberAvailable(SipwebError):
    """The agent gets no number. The message is fixed; the audit log has the reason."""

    def __init__(self) -> None:
        super().__init__(N_("No free number or invalid number"))


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


def acquire(
    ctx: ServiceContext, user_id: int, number: str | None, address: str, *, epoch: int | None = None, prefix: str = ""
) -> AgentSession:
    """Assign an account to a user who was authenticated at `epoch`, or is now. `prefix` begins the token.

    Raises:
        NoNumberAvailable: no lease was acquired.
        LeaseExpired: the user was deactivated or got another password meanwhile.
    """
    token = prefix + secrets.token_urlsafe(32)
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
        record_refusal(session, actor, number, assignment.reason)
        return None
    audit.record(session, actor, "lease.acquire", account.number, account_id=account.id, user_id=user.id)
    return account


def _store_lease(session: Session, ctx: ServiceContext, user: User, account: Account, token: str) -> AgentSession:
    """Create the lease, or renew the one that the agent has already: a new login replaces token and credential."""
    now = database_time()
    lease = session.scalar(select(Lease).where(Lease.account_id == account.id))
    if lease is None:
        session.add(lease := Lease(account_id=account.id, user_id=user.id, number=account.number, acquired_at=now))
    lease.token_digest, lease.session_epoch, lease.last_seen_at = token_digest(token), user.session_epoch, now
    lease.secret = ctx.cipher.encrypt(generate_password()) if has_lease_credentials(ctx) else ""
    credential = _credential(ctx, account, lease.secret)
    lease.issued = _fingerprint(ctx, credential)
    return AgentSession(token, account.number, user.name, account.phone, *credential)


def record_refusal(session: Session, actor: Actor, number: str | None, reason: Reason) -> None:
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
            session.execute(update(Lease).where(Lease.token_digest == token_digest(token)).values(issued=issued))
    return replace(agent_session, sip_changed=False)


def heartbeat(token: str) -> None:
    """Extend the lease. Raises no revision, because nothing that is shown changes.

    Raises:
        LeaseExpired: the token is not valid.
    """
    lease = _valid_lease(token)
    with transaction(bump_revision=False) as session:
        statement = update(Lease).where(Lease.id == lease.id, Lease.token_digest == token_digest(token))
        updated_id = session.scalar(statement.values(last_seen_at=database_time()).returning(Lease.id))
        if updated_id is None:  # the lease ended meanwhile
            raise LeaseExpired(N_("You've been signed out. Sign in again."))


def renew_epoch(token: str) -> None:
    """Keep the lease valid after the agent changed their own password, and nobody else did meanwhile."""
    with transaction(bump_revision=False) as session:
        lease = session.scalar(select(Lease).where(Lease.token_digest == token_digest(token)))
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
        # another login of the same agent may have replaced the token
        if lease and lease.token_digest == token_digest(token):
            end_lease(session, lease, Actor(valid.user_id, valid.name, "agent", address), "lease.release")
    sync_leases(ctx, [valid.number])


def end_own(session: Session, actor: Actor, *, kept_token: str = "") -> list[int]:
    """End the user's lease within the caller's transaction, unless this is its token; return its number, if any."""
    own = select(Lease).where(Lease.user_id == actor.id, Lease.token_digest != token_digest(kept_token))
    ended = session.scalars(own).all()
    for lease in ended:
        end_lease(session, lease, actor, "lease.release")
    return [lease.number for lease in ended]


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
            Lease.token_digest == token_digest(token),
            User.active,
            User.session_epoch == Lease.session_epoch,
        )
    ).one_or_none()
    if row is None:
        raise LeaseExpired(N_("You've been signed out. Sign in again."))
    valid = _ValidLease(*row)
    set_user(valid.login)
    return valid
