"""Many new accounts in one transaction: a range of numbers with its preview, the rows of an import, and Undo."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from ..core.accounts import check_account, pick
from ..core.errors import N_, Invalid, NotFound, OperationRefused
from ..core.forwarding import check_forwarding
from ..core.numbers import number_ranges
from ..core.rights import Right
from ..core.snapshot import POOL_OWNER_NAME
from ..crypto import generate_password
from ..db import transaction
from ..models import Account, AuditEntry, AuditSubject
from . import audit
from .account_owners import check_active_owner
from .account_secrets import secret_columns
from .accounts import COLUMNS, AccountInput, added_changes
from .audit import Part
from .context import Actor, ServiceContext
from .errors import ChangedSincePreview
from .state import current_state, live_generation
from .state_records import State

ADDITIONS = ("account.bulk_add", "account.import")  # actions that Undo can take back


@dataclass(frozen=True, slots=True)
class RangePreview:
    """What adding a range would do with its numbers. Those of saved accounts are left as they are.

    `deleted` are the new numbers whose deleted accounts the PBX has until the next generation, `emergency` the new ones
    that are emergency numbers.
    """

    numbers: Collection[int]
    new: Sequence[int]
    active: Collection[int]
    inactive: Collection[int]
    deleted: Collection[int]
    emergency: Collection[int]


@dataclass(frozen=True, slots=True)
class Added:
    """The numbers that were added, and the id of the audit entry, for Undo."""

    numbers: Sequence[int]
    entry_id: int


def preview_range(ctx: ServiceContext, values: AccountInput, numbers: Collection[int]) -> RangePreview:
    """Return what adding these numbers would do; the number in `values` does not matter.

    Raises:
        Invalid: the values can't be saved, or all numbers are in use. The error names the field.
    """
    return _preview(ctx, current_state(ctx), values, numbers)


def add_range(
    ctx: ServiceContext, actor: Actor, values: AccountInput, numbers: Collection[int], seen: Collection[int]
) -> Added:  # fmt: skip
    """Add an account of these values for each number that is free, all or none; each gets a password of its own.

    `seen` are the new numbers that the preview showed.

    Raises:
        ChangedSincePreview, Invalid: nothing was added.
    """
    actor.require(Right.EDIT)
    with transaction() as session:
        state = current_state(ctx)
        new = _preview(ctx, state, values, numbers).new
        if changed := set(seen) ^ set(new):
            message = N_("Nothing was added: since the preview, %(numbers)s changed. Look at the new preview.")
            raise ChangedSincePreview(message, "number", numbers=number_ranges(changed))
        ids = insert_accounts(session, ctx, [pick(values, COLUMNS) | {"number": number} for number in new])
        changes = added_changes(values, _owner_name(state, values.user_id))
        parts = [Part(str(number), account_id=ids[number], changes=changes) for number in new]
        added = {"added": [None, number_ranges(new)]}
        return Added(new, _record(session, actor, "account.bulk_add", parts, added | changes))


def insert_accounts(session: Session, ctx: ServiceContext, accounts: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """Insert accounts in the caller's transaction; return number → id. Those without a `secret` get a random one."""
    if not accounts:
        return {}
    rows = [
        {name: account[name] for name in COLUMNS}
        | secret_columns(ctx, account.get("secret") or generate_password())
        for account in accounts
    ]  # fmt: skip
    added = session.execute(insert(Account).returning(Account.number, Account.id), rows)
    return {number: account_id for number, account_id in added}  # noqa: C416  # rows are no pairs to mypy


def undo_addition(ctx: ServiceContext, actor: Actor, entry_id: int) -> int:
    """Delete the accounts that were added together, all or none; return how many. `entry_id` is the audit entry's.

    Raises:
        NotFound: the entry is about no such addition, or is no longer kept.
        OperationRefused: an account was changed or deleted since, or the PBX has it. Nothing was deleted.
    """
    actor.require(Right.EDIT)
    with transaction() as session:
        numbers = _added_numbers(session, entry_id)
        found = select(Account.id).where(Account.id.in_(numbers), Account.version == 1)
        _refuse(N_("Changed since they were added: %(numbers)s. Nothing was deleted."),
                numbers, numbers.keys() - set(session.scalars(found)))  # fmt: skip
        _refuse(N_("The PBX has these accounts already: %(numbers)s. Nothing was deleted."),
                numbers, numbers.keys() & live_generation(ctx)[1].by_id.keys())  # fmt: skip
        session.connection().execute(delete(Account).where(Account.id.in_(numbers)))
        parts = [Part(number, account_id=account_id) for account_id, number in numbers.items()]
        deleted = {"accounts": [None, number_ranges(map(int, numbers.values()))]}
        _record(session, actor, "account.bulk_add_undo", parts, deleted)
    return len(numbers)


def _preview(ctx: ServiceContext, state: State, values: AccountInput, numbers: Collection[int]) -> RangePreview:
    if values.secret:
        raise Invalid(N_("Each account of a range gets a password of its own. Leave this blank."), "secret")
    check_active_owner(state, values.user_id)
    saved = {account.number: account.active for account in state.by_id.values()}
    new = [number for number in numbers if number not in saved]
    active, inactive = ([number for number in numbers if saved.get(number) is is_active] for is_active in (True, False))
    if not new:
        raise _all_exist(active, inactive)
    check_account(values)
    for number in new if values.forwards else ():
        check_forwarding(replace(values, number=number), ctx.pbx_settings)
    deleted = {account.number for account in state.accounts if account.deleted}
    return RangePreview(
        numbers,
        new,
        active=active,
        inactive=inactive,
        deleted=[number for number in new if number in deleted],
        emergency=[number for number in new if str(number) in ctx.pbx_settings.emergency_numbers],
    )


def _all_exist(active: Collection[int], inactive: Collection[int]) -> Invalid:
    """Return the refusal to add numbers that all exist; it tells which are inactive."""
    if not inactive:
        return Invalid(N_("All of these numbers are already in use."), "number")
    message = N_("All of these numbers already exist: %(active)s active, %(inactive)s inactive.")
    if not active:
        message = N_("All of these numbers already exist and are inactive: %(inactive)s.")
    return Invalid(message, "number", active=_shown(active), inactive=_shown(inactive))


def _shown(numbers: Collection[int]) -> str:
    return number_ranges(numbers, max_length=audit.MAX_SUBJECT)


def _owner_name(state: State, user_id: int | None) -> str:
    return next((user.name for user in state.users if user.id == user_id), POOL_OWNER_NAME)


def _added_numbers(session: Session, entry_id: int) -> dict[int, str]:
    """Return account's id → number of the accounts that an entry says were added."""
    entry = session.get(AuditEntry, entry_id)
    if entry is None or entry.action not in ADDITIONS or "changed" in entry.changes:
        raise NotFound(N_("Nothing to undo."))
    rows = session.execute(
        select(AuditSubject.account_id, AuditSubject.subject).where(AuditSubject.entry_id == entry_id)
    )
    return {account_id: subject for account_id, subject in rows if account_id is not None}


def _refuse(message: str, numbers: Mapping[int, str], refused: Collection[int]) -> None:
    if refused:
        raise OperationRefused(message, numbers=number_ranges(int(numbers[account_id]) for account_id in refused))


def _record(
    session: Session, actor: Actor, action: str, parts: Sequence[Part], changes: Mapping[str, list[Any]]
) -> int:  # fmt: skip
    """Write one entry, whose subject are the numbers: all are in its parts."""
    subject = number_ranges((int(part.subject) for part in parts), max_length=audit.MAX_SUBJECT)
    return audit.record_many(session, actor, action, subject, changes=changes, parts=parts)
