"""Agents at work: who uses which account now, from the login to the logout, to silence, or to an administrator's word."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from ..core.assignment import UNKNOWN, Agent, assign, line
from ..core.asterisk.pjsip import ha1
from ..core.errors import N_, Invalid, NotFound, SipwebError
from ..core.numbers import parse_number
from ..core.snapshot import BUILTIN, Account, Snapshot
from ..db import db, transaction
from ..models import Account as AccountRow
from ..models import Lease, User
from . import audit
from .accounts import replace_secret
from .leases import SILENCE, tell
from .login import authenticate
from .site import SIPWEB, Actor, Site, now
from .state import live

OTHER_NUMBER = "other_number"  # asked for another number while one is in use
NOT_ACTIVE, NOT_GENERATED = "not_active", "not_generated"  # why a number is not live
HELD, INACTIVE = "held", "inactive"  # uses the number now; cannot log in at all
MUST_CHANGE = "must_change"  # the password opens nothing but the page where it is changed


class NoNumber(SipwebError):
    """The agent gets none. The sentence is the customer's and tells nothing more; the audit log has the reason."""

    def __init__(self) -> None:
        super().__init__(N_("No free number or invalid number"))


class MustChange(SipwebError):
    """The password was given by somebody else: it opens nothing but the page where it is changed."""


class NoLease(SipwebError):
    """The token opens nothing: never given, ended, or another took its place."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What an agent got. `ha1` is what the phone registers with; the plain secret is nobody's business."""

    token: str
    number: int
    name: str
    phone: str
    realm: str
    ha1: str


def login(site: Site, name: str, password: str, number: str | None, address: str) -> Desk:
    """Give the agent who comes with login and password an account.

    Raises WrongPassword, Throttled, MustChange or NoNumber.
    """
    user_id = int(authenticate(name, password, address).partition(".")[0])
    user = db.session.get_one(User, user_id)
    if user.must_change:
        with transaction() as session:
            _refused(session, Actor(user.id, user.name, user.role, address), number, MUST_CHANGE)
        raise MustChange(N_("Log in with your browser first and choose a password of your own."))
    return enter(site, user_id, number, address)


def enter(site: Site, user_id: int, number: str | None, address: str) -> Desk:
    """Give a person who is known already an account. Raises NoNumber; then nothing is taken."""
    token = secrets.token_urlsafe(32)
    with transaction() as session:
        user = session.get_one(User, user_id)
        who = Actor(user.id, user.name, user.role, address)
        snapshot = live(site)[1]
        found = _take(session, user, number, snapshot, token)
        if isinstance(found, str):
            _refused(session, who, number, found)
        else:
            audit.record(session, who, "agent.login", found.number, account_id=found.id, user_id=user.id)
    if isinstance(found, str):
        raise NoNumber
    tell(site, [found.number])
    return _desk(site, token, found, who.name)


def _refused(session: Session, who: Actor, number: str | None, reason: str) -> None:
    audit.record(session, who, "agent.refused", number or "", user_id=who.id, changes={"reason": [None, reason]})


def desk(site: Site, token: str) -> Desk:
    """What a token opened, as it is live now: a generation may have changed the password. Raises NoLease."""
    lease = _lease(token)
    account = live(site)[1].by_id.get(lease.account_id)
    if account is None:
        raise NoLease(N_("You are not logged in any more."))
    return _desk(site, token, account, lease.name)


@dataclass(frozen=True, slots=True)
class Offer:
    """What an agent would get now. `why` is the line of the table that gives the number, or the reason for none."""

    name: str
    number: int | None
    why: str


def would_get(site: Site, user_id: int, number: str) -> Offer:
    """What a login with this number, or with none, would give at this moment; nothing is taken. Raises NotFound."""
    user = db.session.get(User, user_id)
    if user is None:
        raise NotFound(N_("This user does not exist any more."))
    if not user.active:
        return Offer(user.name, None, INACTIVE)
    held, found = _decide(db.session(), user, number, live(site)[1], now())
    if isinstance(found, str):
        return Offer(user.name, None, found)
    return Offer(user.name, found.number, HELD if held else line(found, asked=bool(number)))


def heartbeat(token: str) -> None:
    """The agent is still there. Raises NoLease. Raises no revision: nothing that is shown changes."""
    lease = _lease(token)
    with transaction(quiet=True) as session:
        mine = update(Lease).where(Lease.id == lease.id, Lease.token == _digest(token))
        if session.scalar(mine.values(seen=now()).returning(Lease.id)) is None:  # it ended a moment ago
            raise NoLease(N_("You are not logged in any more."))


def keep(token: str) -> None:
    """The agent's own word changed the password: the lease of this token goes on, if there is one."""
    with transaction(quiet=True) as session:
        if lease := session.scalar(select(Lease).where(Lease.token == _digest(token))):
            lease.epoch = session.get_one(User, lease.user_id).epoch


def logout(site: Site, token: str, address: str) -> None:
    """End the lease of this token. Raises NoLease."""
    found = _lease(token)
    with transaction() as session:
        lease = session.get(Lease, found.id)
        if lease and lease.token == _digest(token):  # another login of the same agent may have come between
            end(session, lease, Actor(found.user_id, found.name, "agent", address), "agent.logout")
    tell(site, [found.number])


class Freed(NamedTuple):
    """A number taken back. `replaced`: a generation takes its password away; until then whoever used it registers on."""

    number: int
    replaced: bool


def release(site: Site, who: Actor, account_id: int) -> Freed:
    """End the lease of an account, and see to it that the agent's phone cannot register on. Raises NotFound."""
    with transaction() as session:
        lease = session.scalar(select(Lease).where(Lease.account_id == account_id))
        if lease is None:
            raise NotFound(N_("Nobody uses this account."))
        freed = take_back(session, site, who, lease)
    tell(site, [freed.number])
    return freed


def take_back(session: Session, site: Site, who: Actor, lease: Lease) -> Freed:
    """End a lease against the agent's will, within the caller's transaction.

    A credential outlives its lease: an account that is, or will be, a built-in phone's gets another secret.
    """
    number, account, lives = lease.number, session.get(AccountRow, lease.account_id), live(site)[1].by_id
    known = BUILTIN in {one.phone for one in (account, lives.get(lease.account_id)) if one}
    if account and known:
        replace_secret(site, account)
    end(session, lease, who, "agent.release", {"secret": []} if account and known else {})
    return Freed(number, known)


def expire() -> int:
    """End the leases of those who have fallen silent; how many."""
    if db.session.scalar(select(Lease.id).where(Lease.seen < now() - SILENCE).limit(1)) is None:
        return 0
    with transaction() as session:
        return _expire(session, now())


def end(session: Session, lease: Lease, who: Actor, action: str, changes: Mapping[str, list[Any]] = {}) -> None:
    """End one lease within the caller's transaction; the audit log says why, and whose account is free again."""
    whose = {"account_id": lease.account_id, "user_id": lease.user_id}
    audit.record(session, who, action, lease.number, **whose, changes=changes)
    session.execute(delete(Lease).where(Lease.id == lease.id))


def end_leases(session: Session, snapshot: Snapshot) -> None:
    """After a generation: a lease whose account is gone or has another number is over."""
    numbers = {account.id: account.number for account in snapshot.accounts}
    for lease in session.scalars(select(Lease)):
        if numbers.get(lease.account_id) != lease.number:
            end(session, lease, SIPWEB, "agent.ended")


def _take(session: Session, user: User, number: str | None, live: Snapshot, token: str) -> Account | str:
    """The lease in the table and its account, or the reason why none."""
    moment = now()
    _expire(session, moment)
    lease, found = _decide(session, user, number, live, moment)
    if isinstance(found, str):
        return found
    if lease is None:
        session.add(lease := Lease(account_id=found.id, user_id=user.id, number=found.number, since=moment))
    lease.token, lease.epoch, lease.seen = _digest(token), user.epoch, moment
    return found


def _decide(
    session: Session, user: User, number: str | None, live: Snapshot, moment: datetime
) -> tuple[Lease | None, Account | str]:
    """The lease that the agent holds already, and the account of a login at this moment, or the reason why none.

    Only reads: who has fallen silent by then counts as gone, ended or not.
    """
    try:
        wanted = parse_number(number) if number else None
    except Invalid:
        return None, UNKNOWN
    leases = session.scalars(select(Lease).where(Lease.seen >= moment - SILENCE)).all()
    held = next((lease for lease in leases if lease.user_id == user.id), None)
    account = live.by_id.get(held.account_id) if held else None
    if held and account:
        return held, account if wanted in (None, held.number) else OTHER_NUMBER
    taken = {lease.account_id for lease in leases}
    found = assign(Agent(user.id, user.work_mode, user.external_phone), wanted, live, taken)
    return None, _unknown(session, wanted) if found == UNKNOWN else found


def _unknown(session: Session, number: int | None) -> str:
    """Why no live account has this number, as far as the saved ones tell."""
    active = session.scalar(select(AccountRow.active).where(AccountRow.number == number))
    return {None: UNKNOWN, False: NOT_ACTIVE, True: NOT_GENERATED}[active]


def _desk(site: Site, token: str, account: Account, name: str) -> Desk:
    realm = live(site)[1].settings.realm
    return Desk(token, account.number, name, account.phone, realm, ha1(account, realm, site.vault.decrypt))


class _Lease(NamedTuple):
    id: int
    account_id: int
    user_id: int
    name: str
    number: int


def _lease(token: str) -> _Lease:
    """The lease of a token that still opens something. Raises NoLease."""
    row = db.session.execute(
        select(Lease.id, Lease.account_id, User.id, User.name, Lease.number)
        .join(User, User.id == Lease.user_id)
        .where(Lease.token == _digest(token), Lease.seen >= now() - SILENCE, User.active, User.epoch == Lease.epoch)
    ).one_or_none()
    if row is None:
        raise NoLease(N_("You are not logged in any more."))
    return _Lease(*row)


def _expire(session: Session, moment: datetime) -> int:
    silent = session.scalars(select(Lease).where(Lease.seen < moment - SILENCE)).all()
    for lease in silent:
        end(session, lease, SIPWEB, "agent.expired")
    return len(silent)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
