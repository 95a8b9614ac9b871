"""The authenticator app (TOTP, RFC 6238): six digits that change every 30 seconds."""

import time
from dataclasses import dataclass, field

import pyotp
from pyotp.exceptions import OTPVerificationError
from sqlalchemy.orm import Session

from ..core.errors import N_, Invalid, OperationRefused
from ..db import db, transaction
from ..logs import acting_user, security_event
from ..models import Totp, User
from .context import Actor, ServiceContext, utc_now
from .second_factor import TOTP, record_addition

STEP = 30  # seconds that a code is shown
WINDOW = 1  # steps before and after the present one whose codes are accepted, as clocks differ


@dataclass(frozen=True, slots=True)
class SetUp:
    """The key of an app, in base32, and the address that says the same in a QR code."""

    key: str = field(repr=False)
    uri: str = field(repr=False)


def begin_set_up(ctx: ServiceContext, actor: Actor) -> None:
    """Make a key for the user's app. It counts when a code has confirmed it.

    Raises:
        OperationRefused: the user has an app already.
    """
    with transaction(bump_revision=False) as session:
        row = session.get(Totp, actor.id)
        if row is None:
            session.add(row := Totp(user_id=actor.id))
        elif row.confirmed_at:
            raise OperationRefused(N_("An authenticator app is already set up. Remove it first."))
        row.secret, row.created_at = ctx.cipher.encrypt(pyotp.random_base32()), utc_now()


def get_set_up(ctx: ServiceContext, actor: Actor, host: str) -> SetUp | None:
    """Return what the user's app must get; None if nothing is being set up. `host` is the name of this server."""
    row = db.session.get(Totp, actor.id)
    if row is None or row.confirmed_at:
        return None
    key, login = ctx.cipher.decrypt(row.secret), db.session.get_one(User, actor.id).login
    return SetUp(key, pyotp.TOTP(key, name=f"{login}@{host}", issuer="sipweb").provisioning_uri())


def confirm(ctx: ServiceContext, actor: Actor, code: str) -> list[str]:
    """Turn two-step sign-in with the app on; return the recovery codes if the user has got them now.

    Raises:
        Invalid: the code is not one of this key.
        OperationRefused: nothing is being set up.
    """
    with transaction() as session:
        row = session.get(Totp, actor.id)
        if row is None or row.confirmed_at:
            raise OperationRefused(N_("Nothing is being set up. Start again."))
        step = _step_of(ctx.cipher.decrypt(row.secret), code.replace(" ", ""))
        if step is None:
            raise Invalid(N_("Incorrect code. Check that the time on your phone is right, and try again."), "code")
        row.confirmed_at, row.last_step = utc_now(), step
        login, recovery_codes = record_addition(session, actor, TOTP)
    security_event("user_updated", acting_user(), login, TOTP)
    return recovery_codes


def use_code(session: Session, ctx: ServiceContext, user_id: int, code: str) -> bool:
    """Return whether this is a code of the user's app that has not been used; from now on it has, and all earlier ones.

    Works within the caller's transaction.
    """
    row = session.get(Totp, user_id)
    step = _step_of(ctx.cipher.decrypt(row.secret), code) if row and row.confirmed_at else None
    if row is None or step is None or step <= row.last_step <= _present_step() + WINDOW:
        return False  # a later last step was stored before the clock was set back
    row.last_step, row.last_used_at = step, utc_now()
    return True


def is_code(text: str) -> bool:
    """Return whether a text could be a code of an app."""
    return len(text) == 6 and text.isascii() and text.isdigit()


def _present_step() -> int:
    return int(time.time()) // STEP


def _step_of(key: str, code: str) -> int | None:
    """Return the step whose code this is, near the present one; None if there is none."""
    if not is_code(code):
        return None
    try:
        return pyotp.TOTP(key).verify_and_get_timecode(code, valid_window=WINDOW)
    except OTPVerificationError:
        return None
