"""SIP accounts: add, change, switch, delete, undo."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy import update as update_rows
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..core.accounts import FIELDS, AccountFields, check_account, pick
from ..core.errors import N_, Invalid, NotFound, OperationRefused
from ..core.forwarding import check_forwarding
from ..core.numbers import suggest_number
from ..core.passwords import check_sip_password
from ..core.rights import Right
from ..core.snapshot import POOL_OWNER_NAME
from ..core.snapshot import Account as LiveAccount
from ..crypto import generate_password
from ..db import db, transaction
from ..models import Account, Lease, Revision, User
from . import audit, records
from .account_secrets import secret_columns, set_secret
from .context import Actor, ServiceContext
from .edits import Replaced, replaced
from .errors import StaleEdit
from .state import current_state, live_generation

COLUMNS = (*FIELDS, "active")  # what the form of an account saves, besides the secret
_OWNER_NAME = select(User.name).where(User.id == bindparam("id"))
_SAVED = select(*(getattr(Account, name) for name in ("id", *COLUMNS, "version"))).where(Account.id == bindparam("id"))
_SAVE = update_rows(Account).where(Account.id == bindparam("key"))  # sets the columns that it is given


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountInput(AccountFields):
    """An account as a form gives it. An empty `secret` keeps the saved one; a new account gets a random one."""

    active: bool = True
    secret: str = ""


class NumberTaken(Invalid):
    """The number is in use; `suggestion` is a free one, None if all 900 are in use."""

    def __init__(self, number: int, suggestion: int | None) -> None:
        message = N_("%(number)s is already in use. Next available number: %(proposal)s.")
        super().__init__(message, "number", number=number, proposal=suggestion or "–")
        self.suggestion = suggestion


def suggested_number(ctx: ServiceContext) -> int | None:
    """Return the lowest free number that is no emergency number; None if all are taken."""
    return suggest_number(set(db.session.scalars(select(Account.number))), ctx.pbx_settings.emergency_numbers)


def create(ctx: ServiceContext, actor: Actor, values: AccountInput) -> int:
    """Save a new account and return its id.

    Raises:
        NumberTaken, Invalid: nothing was saved; the error names the field.
    """
    actor.require(Right.EDIT)
    check_account(values)
    check_forwarding(values, ctx.pbx_settings)
    with _unique_number(ctx, values.number), transaction() as session:
        _check_owner(session, values.user_id, None)
        return _insert(session, ctx, actor, values)


def create_for_user(session: Session, ctx: ServiceContext, actor: Actor, user_id: int, phone: str) -> int:
    """Add an account for a new user, within the caller's transaction; return its number, the next of the list.

    Raises:
        Invalid: all numbers are taken.
    """
    number = suggested_number(ctx)
    if number is None:
        raise Invalid(N_("All 900 numbers are in use. Delete an account first."), "account")
    _insert(session, ctx, actor, AccountInput(number=number, user_id=user_id, phone=phone))
    return number


def _insert(session: Session, ctx: ServiceContext, actor: Actor, values: AccountInput) -> int:
    secret = check_sip_password(values.secret) if values.secret else generate_password()
    account = Account(**pick(values, COLUMNS))
    set_secret(ctx, account, secret)
    session.add(account)
    session.flush()
    changes = added_changes(account, _owner_name(session, account.user_id))
    audit.record(session, actor, "account.add", account.number, account_id=account.id, changes=changes)
    return account.id


def added_changes(account: object, owner: str | None) -> dict[str, list[Any]]:
    """Return the values of a new account as the audit log keeps them; the number is the entry's subject."""
    values = pick(account, (name for name in COLUMNS if name not in ("number", "user_id")))
    return {"user": [None, owner]} | {name: [None, value] for name, value in values.items() if value != ""}


def update(
    ctx: ServiceContext, actor: Actor, account_id: int, version: int, values: AccountInput
) -> Replaced | None:  # fmt: skip
    """Save the form of an account. Returns what can be undone.

    Raises:
        StaleEdit, NumberTaken, NotFound, Invalid: nothing was saved.
    """
    actor.require(Right.EDIT)
    check_account(values)
    check_forwarding(values, ctx.pbx_settings)
    secret = check_sip_password(values.secret) if values.secret else ""
    with _unique_number(ctx, values.number), transaction() as session:
        account = _read(session, ctx, account_id, version)
        _check_owner(session, values.user_id, account.user_id)
        return _save(session, actor, account, pick(values, COLUMNS), secret_columns(ctx, secret) if secret else {})


def set_flag(
    ctx: ServiceContext, actor: Actor, account_id: int, version: int, *, name: str, value: bool
) -> Replaced | None:  # fmt: skip
    """Set `active` or `recording`. Returns what can be undone.

    Raises:
        StaleEdit, NotFound: nothing was saved.
    """
    actor.require(Right.EDIT)
    with transaction() as session:
        return _save(session, actor, _read(session, ctx, account_id, version), {name: value})


def undo(ctx: ServiceContext, actor: Actor, edit: Replaced) -> None:
    """Restore the values that an edit replaced.

    Raises:
        StaleEdit, NumberTaken, NotFound, Invalid: nothing was restored. StaleEdit: the account was changed since.
    """
    actor.require(Right.EDIT)
    with _unique_number(ctx, edit.values.get("number", 0)), transaction() as session:
        account = _read(session, ctx, edit.id, edit.version)
        check_previous_owner(session, edit.values.get("user_id"))
        _save(session, actor, account, edit.values)


def delete(ctx: ServiceContext, actor: Actor, account_id: int) -> None:
    """Delete the saved account; a live one stays on the PBX, and in the list, until the next generation.

    Raises:
        NotFound, OperationRefused: it does not exist, or an agent uses it.
    """
    actor.require(Right.EDIT)
    with transaction() as session:
        account = records.get_or_raise(session, Account, account_id, N_("This account no longer exists."))
        if session.scalar(select(Lease.id).where(Lease.account_id == account_id)) is not None:
            raise OperationRefused(
                N_("%(number)s is in use by an agent. Release the number first."), number=account.number
            )
        audit.record(session, actor, "account.delete", account.number, account_id=account.id)
        session.delete(account)


def restore_deleted(ctx: ServiceContext, actor: Actor, account_id: int) -> None:
    """Save a deleted account again as it is live on the PBX, its secret included.

    Raises:
        NotFound, NumberTaken: it was not deleted or is not live, or another account has its number.
    """
    actor.require(Right.EDIT)
    with transaction() as session:
        live = live_generation(ctx)[1].by_id.get(account_id)
        if live is None or session.get(Account, account_id) is not None:
            raise NotFound(N_("Nothing to undo."))
        if session.scalar(select(Account.id).where(Account.number == live.number)):
            raise NumberTaken(live.number, suggested_number(ctx))
        session.add(restored_row(session, live))
        audit.record(session, actor, "account.restore", live.number, account_id=live.id)


def restored_row(session: Session, live: LiveAccount, revision: int | None = None) -> Account:
    """Return a new row with the values of a live account; it belongs to the pool if its owner was deleted.

    Its version is higher than that of the deleted row, of which a form may still be open: the revision rises with each
    transaction, a version with some. Who restores many reads the revision once.
    """
    version = session.scalar(select(Revision.value)) if revision is None else revision
    account = Account(**pick(live, ("id", *FIELDS, "secret", "fingerprint")), active=True, version=version)
    if account.user_id and session.get(User, account.user_id) is None:
        account.user_id = None
    return account


def _read(session: Session, ctx: ServiceContext, account_id: int, version: int) -> Any:
    """Return the columns of _SAVED of an account, without the ORM (measured: 0.3 ms less of an edit's 5).

    Raises:
        NotFound, StaleEdit: the account has another version.
    """
    account = session.connection().execute(_SAVED, {"id": account_id}).one_or_none()
    if account is None:
        raise NotFound(N_("This account no longer exists."))
    if account.version != version:
        saved = current_state(ctx).account(account_id)
        assert saved is not None  # the row exists
        raise StaleEdit(saved)
    return account


def _check_owner(session: Session, user_id: int | None, previous: int | None) -> None:
    if user_id is None or user_id == previous:
        return
    if not session.scalar(select(User.active).where(User.id == user_id)):
        raise Invalid(N_("Select Automat Automat or an active user."), "user_id")


def check_previous_owner(session: Session, user_id: int | None) -> None:
    """Raise Invalid if the owner that an undo gives back was deleted; one that is inactive may have it."""
    if user_id is not None and session.get(User, user_id) is None:
        raise Invalid(N_("The user who had the account no longer exists."), "user_id")


def _save(
    session: Session,
    actor: Actor,
    account: Any,
    values: Mapping[str, object],
    secret: Mapping[str, str] = {},
) -> Replaced | None:
    """Save what differs from `account`, raise the version and record it, if anything does.

    `account` has the columns of _SAVED. `secret` has the columns of another one, if there is one.
    """
    changes = {name: [old, values[name]] for name, old in pick(account, values).items() if old != values[name]}
    columns = {name: new for name, (_old, new) in changes.items()} | dict(secret)
    undoable = None if secret else replaced(account.id, account.version + 1, changes)
    changes = _named_owner(session, changes)
    if secret:
        changes["secret"] = []
    if changes:
        session.connection().execute(_SAVE, {"key": account.id, "version": account.version + 1, **columns})
        number = columns.get("number", account.number)
        audit.record(session, actor, "account.edit", number, account_id=account.id, changes=changes)
    return undoable


def _named_owner(session: Session, changes: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Return the changes with old and new owner by name, as the audit log keeps them."""
    if "user_id" not in changes:
        return changes
    names = [_owner_name(session, user_id) for user_id in changes["user_id"]]
    return {"user": names} | {name: pair for name, pair in changes.items() if name != "user_id"}


def _owner_name(session: Session, user_id: int | None) -> str | None:
    return session.scalar(_OWNER_NAME, {"id": user_id}) if user_id else POOL_OWNER_NAME


@contextmanager
def _unique_number(ctx: ServiceContext, number: int) -> Iterator[None]:
    """Turn the database's refusal of a number into NumberTaken."""
    try:
        yield
    except IntegrityError:
        raise NumberTaken(number, suggested_number(ctx)) from None
