"""The SIP password of an account, its secret: shown, renewed, and encrypted for its columns."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from ..core.errors import N_
from ..core.rights import Right
from ..core.snapshot import Account as LiveAccount
from ..crypto import generate_password
from ..db import transaction
from ..models import Account
from . import audit, records
from .context import Actor, ServiceContext
from .state import live_generation


@dataclass(frozen=True, slots=True)
class RevealedSecret:
    """A revealed secret. `live` is None while the PBX does not know the account, else whether it runs this secret.

    `previous` is the secret that the PBX runs instead, or "".
    """

    text: str
    live: bool | None
    previous: str = ""

    @property
    def usable(self) -> str:
        """The secret that a phone needs now."""
        return self.previous or self.text


def reveal(ctx: ServiceContext, actor: Actor, account_id: int) -> RevealedSecret:
    """Return the saved secret and record that in the audit log.

    Raises:
        NotFound: the account does not exist.
    """
    actor.require(Right.SHOW_PASSWORDS)
    with transaction() as session:
        account = _get(session, account_id)
        audit.record(session, actor, "account.reveal", account.number, account_id=account.id)
        return revealed_secret(ctx, account, live_generation(ctx)[1].by_id.get(account_id))


def revealed_secret(ctx: ServiceContext, account: Account, live: LiveAccount | None) -> RevealedSecret:
    """Return the saved secret of an account, and the one that the PBX runs if that differs. It is not audited."""
    secret = ctx.cipher.decrypt(account.secret)
    if live is None or live.fingerprint == account.fingerprint:
        return RevealedSecret(secret, None if live is None else True)
    return RevealedSecret(secret, live=False, previous=ctx.cipher.decrypt(live.secret))


def renew_secret(ctx: ServiceContext, actor: Actor, account_id: int) -> None:
    """Give the account a new random secret.

    Raises:
        NotFound: the account does not exist.
    """
    actor.require(Right.EDIT)
    with transaction() as session:
        account = _get(session, account_id)
        replace_secret(ctx, account)
        audit.record(session, actor, "account.secret", account.number, account_id=account.id)


def replace_secret(ctx: ServiceContext, account: Account) -> None:
    """Give the account a new random secret, within the caller's transaction."""
    set_secret(ctx, account, generate_password())
    account.version += 1


def set_secret(ctx: ServiceContext, account: Account, secret: str) -> None:
    """Give the account this secret, within the caller's transaction."""
    for name, value in secret_columns(ctx, secret).items():
        setattr(account, name, value)


def secret_columns(ctx: ServiceContext, secret: str) -> dict[str, str]:
    """Return the columns that hold a secret."""
    return {"secret": ctx.cipher.encrypt(secret), "fingerprint": ctx.cipher.fingerprint(secret)}


def _get(session: Session, account_id: int) -> Account:
    return records.get_or_raise(session, Account, account_id, N_("This account no longer exists."))
