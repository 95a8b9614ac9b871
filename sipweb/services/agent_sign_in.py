"""The sign-in of an agent who uses the API: password, second factor and new password, and the lease with it."""

from ..core.assignment import Reason
from ..core.errors import N_, SipwebError
from ..db import db, transaction
from ..models import User
from .authentication import Authenticated, authenticate, change_password
from .context import Actor, ServiceContext
from .leases import AgentSession, acquire, record_refusal
from .pending_sign_in import SecondFactorRequired, complete_with_code


class PasswordChangeRequired(SipwebError):
    """Somebody else set the password; it only allows changing the password."""


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
            record_refusal(session, actor, number, Reason.PASSWORD_CHANGE_REQUIRED)
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
