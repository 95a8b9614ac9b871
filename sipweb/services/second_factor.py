"""The second factors of users: an authenticator app, passkeys, and recovery codes for when both are lost.

A change ends the user's other sessions. Each factor has a module of its own: totp, passkeys.
"""

import hashlib
from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from secrets import token_bytes
from typing import Any

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.orm import Session

from ..core.errors import N_, NotFound, OperationRefused
from ..core.rights import Right
from ..db import db, transaction
from ..logs import acting_user, security_event
from ..models import Passkey, PasskeyChallenge, RecoveryCode, Totp, User
from . import audit, records, throttling
from .context import Actor

RECOVERY_CODES = 10  # in a set
TOTP, PASSKEY, RECOVERY_CODE = "totp", "passkey", "recovery_code"
# The condition that a user has a second factor, for queries of users. Recovery codes alone are none.
HAS_SECOND_FACTOR = or_(
    exists().where(Totp.user_id == User.id, Totp.confirmed_at.is_not(None)),
    exists().where(Passkey.user_id == User.id),
)
_GONE = N_("This second factor has already been removed.")


@dataclass(frozen=True, slots=True)
class PasskeyView:
    """A passkey as its user sees it. `rp_id` is the host name that it works for."""

    id: int
    name: str
    rp_id: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class TotpView:
    """An authenticator app as its user sees it."""

    confirmed_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class SecondFactors:
    """The second factors of a user. `recovery_codes` is how many are left."""

    totp: TotpView | None
    passkeys: tuple[PasskeyView, ...]
    recovery_codes: int

    @property
    def is_set_up(self) -> bool:
        """Whether a sign-in needs one of them."""
        return bool(self.totp or self.passkeys)


def of_user(user_id: int) -> SecondFactors:
    """Return the second factors of a user."""
    totp = db.session.get(Totp, user_id)
    passkeys = db.session.execute(
        select(Passkey.id, Passkey.name, Passkey.rp_id, Passkey.created_at, Passkey.last_used_at)
        .where(Passkey.user_id == user_id)
        .order_by(Passkey.id)
    )
    return SecondFactors(
        TotpView(totp.confirmed_at, totp.last_used_at) if totp and totp.confirmed_at else None,
        tuple(PasskeyView(*row) for row in passkeys),
        recovery_codes_left(user_id),
    )


def is_set_up(user_id: int) -> bool:
    """Return whether the user needs a second factor to sign in."""
    return bool(db.session.scalar(select(HAS_SECOND_FACTOR).where(User.id == user_id)))


def users_with_second_factor() -> set[int]:
    """Return the ids of the users who have one."""
    return set(db.session.scalars(select(User.id).where(HAS_SECOND_FACTOR)))


def recovery_codes_left(user_id: int) -> int:
    """Return how many recovery codes the user has not used."""
    return db.session.scalar(select(func.count(RecoveryCode.id)).where(RecoveryCode.user_id == user_id)) or 0


def replace_recovery_codes(actor: Actor) -> list[str]:
    """Give a user a new set of recovery codes, which are shown only now; the earlier ones are void.

    Raises:
        OperationRefused: the user has no second factor that they could stand in for.
    """
    with transaction() as session:
        user = session.get_one(User, actor.id)
        if not is_set_up(user.id):
            raise OperationRefused(N_("Set up two-step sign-in first."))
        codes = _store_recovery_codes(session, user.id)
        audit.record(session, actor, "second_factor.recovery_codes", user.login, user_id=user.id)
        login = user.login
    security_event("user_updated", acting_user(), login, "recovery_codes")
    return codes


def use_recovery_code(session: Session, user_id: int, code: str) -> bool:
    """Return whether a user has this recovery code, and delete it within the caller's transaction."""
    digest = _digest(code.replace("-", "").replace(" ", "").lower())
    row = session.scalar(select(RecoveryCode).where(RecoveryCode.user_id == user_id, RecoveryCode.digest == digest))
    if row is None:
        return False
    session.delete(row)
    return True


def remove_totp(actor: Actor) -> None:
    """Remove the user's own authenticator app. Raises NotFound if there is none."""
    with transaction() as session:
        row = session.get(Totp, actor.id)
        if row is None or row.confirmed_at is None:
            raise NotFound(_GONE)
        session.delete(row)
        login = _record_removal(session, actor, {"second_factor": [TOTP, None]})
    security_event("user_updated", acting_user(), login, TOTP)


def remove_passkey(actor: Actor, passkey_id: int) -> None:
    """Remove one of the user's own passkeys. Raises NotFound if it is none of them."""
    with transaction() as session:
        row = session.get(Passkey, passkey_id)
        if row is None or row.user_id != actor.id:
            raise NotFound(_GONE)
        session.delete(row)
        login = _record_removal(session, actor, {"second_factor": [PASSKEY, None], "name": [row.name, None]})
    security_event("user_updated", acting_user(), login, PASSKEY)


def record_addition(session: Session, actor: Actor, factor: str, name: str = "") -> tuple[str, list[str]]:
    """Record within the caller's transaction that a user has added a second factor, and end the user's sessions.

    Return the login, and the recovery codes if the user has got them now.
    """
    user = session.get_one(User, actor.id)
    user.session_epoch += 1
    changes = {"second_factor": [None, factor]} | ({"name": [None, name]} if name else {})
    audit.record(session, actor, "second_factor.add", user.login, user_id=user.id, changes=changes)
    return user.login, [] if recovery_codes_left(user.id) else _store_recovery_codes(session, user.id)


def _record_removal(session: Session, actor: Actor, changes: Mapping[str, list[Any]]) -> str:
    """Record a removal and end the user's sessions; without a second factor no recovery code is of use."""
    user = session.get_one(User, actor.id)
    user.session_epoch += 1
    session.flush()
    if not is_set_up(user.id):
        session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    audit.record(session, actor, "second_factor.remove", user.login, user_id=user.id, changes=changes)
    return user.login


def reset(actor: Actor, user_id: int) -> str:
    """Remove all second factors of a user who has lost them, and end the user's sessions; return the user's name.

    Raises:
        Forbidden: only administrators may.
        NotFound: there is no such user, or no second factor.
    """
    actor.require(Right.ADMINISTER)
    with transaction() as session:
        user = records.get_or_raise(session, User, user_id, N_("This user no longer exists."))
        login, name = _reset(session, actor, user), user.name
    security_event("user_updated", acting_user(), login, "second_factor")
    return name


def reset_by_login(actor: Actor, login: str) -> None:
    """Do the same for the user with this login. Raises NotFound."""
    with transaction() as session:
        user = session.scalar(select(User).where(User.login == login.strip()))
        if user is None:
            raise NotFound(N_("No user has the login %(login)s."), login=login)
        known = _reset(session, actor, user)
    security_event("user_updated", acting_user(), known, "second_factor")


def _reset(session: Session, actor: Actor, user: User) -> str:
    if not is_set_up(user.id):
        raise NotFound(N_("%(name)s has no second factor."), name=user.name)
    for table in (Totp, Passkey, PasskeyChallenge, RecoveryCode):
        session.execute(delete(table).where(table.user_id == user.id))
    user.session_epoch += 1
    throttling.reset(session, throttling.of_second_factor(user.id))
    audit.record(session, actor, "second_factor.reset", user.login, user_id=user.id)
    return user.login


def _store_recovery_codes(session: Session, user_id: int) -> list[str]:
    """Replace a user's recovery codes within the caller's transaction; return them."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    codes = [b32encode(token_bytes(15)).decode().lower() for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(user_id=user_id, digest=_digest(code)) for code in codes)
    return ["-".join(code[start : start + 4] for start in range(0, 24, 4)) for code in codes]


def _digest(code: str) -> str:
    """Return a plain digest: a code is random and has 120 bits, so that nobody can find it by trying."""
    return hashlib.sha256(code.encode()).hexdigest()
