"""Sign-ins whose password was right and whose second factor is still to come. There is no session before that."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..core.errors import N_, SipwebError, Throttled
from ..db import db, transaction
from ..logs import security_event, set_user
from ..models import Passkey, User
from . import audit, passkeys, second_factor, throttling, totp
from .context import Actor, ServiceContext
from .passkeys import Site

LIFETIME = 300  # seconds


@dataclass(frozen=True, slots=True)
class PendingSignIn:
    """Who has given the right password, and when (Unix time). A change of `session_epoch` ends it."""

    user_id: int
    session_epoch: int
    started_at: float


class SecondFactorRequired(SipwebError):
    """Login and password are right; the user has a second factor."""

    def __init__(self, pending: PendingSignIn) -> None:
        super().__init__(N_('A code of two-step sign-in is required, too: the field "code".'))
        self.pending = pending


class WrongSecondFactor(SipwebError):
    """The code or the passkey is not right; the message does not say why."""


class SignInExpired(SipwebError):
    """The password was given too long ago, or the user has been changed since."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the user can sign in with. `other_hosts` are names of this server for which there are passkeys, too."""

    has_totp: bool
    has_passkey: bool
    other_hosts: tuple[str, ...]


def choices(pending: PendingSignIn, site: Site | None) -> Choices:
    """Return what the user can sign in with at this site; None is one where passkeys don't work.

    Raises:
        SignInExpired: the user must give the password again.
    """
    user = _user(pending)
    hosts = set(db.session.scalars(select(Passkey.rp_id).where(Passkey.user_id == user.id)))
    here = site.rp_id if site else ""
    return Choices(second_factor.of_user(user.id).totp is not None, here in hosts, tuple(sorted(hosts - {here})))


def passkey_options(pending: PendingSignIn, site: Site) -> str:
    """Return what the browser needs to sign in with a passkey, as JSON. Raises SignInExpired."""
    return passkeys.sign_in_options(_user(pending).id, site)


def complete_with_code(ctx: ServiceContext, pending: PendingSignIn, code: str, address: str) -> str:
    """Sign the user in with a code of the app or a recovery code; return which of them it was.

    Raises:
        WrongSecondFactor, Throttled, SignInExpired: no session.
    """
    code = code.replace(" ", "")

    def check(session: Session) -> str:
        if totp.is_code(code):
            return second_factor.TOTP if totp.use_code(session, ctx, pending.user_id, code) else ""
        is_recovery_code = second_factor.use_recovery_code(session, pending.user_id, code)
        return second_factor.RECOVERY_CODE if is_recovery_code else ""

    return _complete(pending, address, check, WrongSecondFactor(N_("Incorrect code.")))


def complete_with_passkey(pending: PendingSignIn, site: Site, response: str, address: str) -> None:
    """Sign the user in with what a passkey has answered.

    Raises:
        WrongSecondFactor, Throttled, SignInExpired: no session.
    """

    def check(session: Session) -> str:
        return second_factor.PASSKEY if passkeys.use(session, pending.user_id, site, response) else ""

    _complete(pending, address, check, WrongSecondFactor(N_("This passkey was not accepted.")))


def _complete(pending: PendingSignIn, address: str, check: Callable[[Session], str], refusal: WrongSecondFactor) -> str:
    """Sign the user in if `check` returns a second factor; it may change the database. Record it in any case."""
    user = _user(pending)
    login, count = user.login, throttling.of_second_factor(user.id)
    actor = Actor(user.id, user.name, user.role, address)
    somebody = replace(actor, id=None, name="")  # who has only the password
    try:
        wait = throttling.add_attempt(count)
    except Throttled as error:
        security_event("authn_login_fail_max", login, wait=error.seconds)
        raise
    with transaction() as session:
        if factor := check(session):
            throttling.reset(session, count)
            changes = {"second_factor": [None, factor]}
            audit.record(session, actor, "login", login, user_id=actor.id, changes=changes)
        else:
            audit.record(session, somebody, "login.failed.second_factor", login, user_id=actor.id)
            if wait:
                audit.record(session, somebody, "login.locked.second_factor", login, user_id=actor.id)
    if factor:
        set_user(login)
        security_event("authn_login_success", login, factor=factor)
        return factor
    security_event("authn_login_fail", login, factor="second")
    if wait:
        security_event("authn_login_lock", login, "second_factor", wait=wait)
    raise refusal


def _user(pending: PendingSignIn) -> User:
    """Return the user, if the sign-in is still valid: also where the clock was changed meanwhile."""
    user = db.session.get(User, pending.user_id, populate_existing=True)
    is_recent = abs(time.time() - pending.started_at) <= LIFETIME
    if not (is_recent and user and user.active and user.session_epoch == pending.session_epoch):
        raise SignInExpired(N_("The sign-in took too long. Sign in again."))
    return user
