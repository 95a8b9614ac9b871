"""Changes of many accounts at once: the preview, the change itself, all or nothing, and its undo."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from ..core.accounts import pick
from ..core.bulk_changes import Action, BulkChange, BulkLine, bulk_line, changed_since
from ..core.errors import N_, OperationRefused
from ..core.import_file import CHANGED
from ..core.numbers import number_ranges
from ..core.rights import Right
from ..core.snapshot import POOL_OWNER_NAME
from ..crypto import generate_password
from ..db import transaction
from ..models import Account, Revision
from . import audit
from .account_owners import check_active_owner
from .account_secrets import secret_columns
from .accounts import check_previous_owner, restored_row
from .audit import Part
from .context import Actor, ServiceContext
from .edits import Replaced
from .errors import ChangedSincePreview
from .history import last_known_name
from .state import current_state
from .state_records import AccountView, State

Line = BulkLine[AccountView]
MAX_NAMED = 10  # accounts that a message names
_UPDATE_BY_ID = update(Account).where(Account.id == bindparam("key"))  # sets the columns that it is given


class ChangedSinceEdit(OperationRefused):
    """Accounts were changed since the edit that is to be undone, so nothing was."""


@dataclass(frozen=True, slots=True)
class BulkResult:
    """Which accounts were changed, what can be undone, and the id of the audit entry; 0 if nothing was changed."""

    ids: Collection[int]
    undo: Sequence[Replaced] = ()
    entry_id: int = 0


def preview(ctx: ServiceContext, ids: Iterable[int], change: BulkChange) -> list[Line]:
    """Return what a change would do with each of these accounts; with those that do not exist, nothing.

    Raises:
        Invalid: the new user is inactive.
    """
    return _lines(ctx, current_state(ctx), ids, change)


def change_accounts(ctx: ServiceContext, actor: Actor, change: BulkChange, seen: Mapping[int, int]) -> BulkResult:
    """Do with each account what the preview showed, all or nothing; `seen` are the versions that it showed, by id.

    Raises:
        Forbidden, ChangedSincePreview, Invalid: nothing was changed.
    """
    actor.require(Right.EDIT)
    with transaction() as session:
        state = current_state(ctx)
        lines = _lines(ctx, state, seen, change)
        if changed := changed_since(lines, seen):
            message = N_("Changed since the preview: %(names)s. Nothing was changed. Look at the new preview.")
            raise ChangedSincePreview(message, names=_names(state, changed))
        lines = [line for line in lines if line.outcome == CHANGED]
        if not lines:
            return BulkResult(())
        if change.action is Action.DELETE:
            return _delete(session, actor, lines)
        if change.action is Action.SECRETS:
            return _renew_secrets(session, ctx, actor, lines)
        return _edit(session, actor, state, change.values, lines)


def undo(ctx: ServiceContext, actor: Actor, edits: Sequence[Replaced]) -> int:
    """Restore the values that a change of many accounts replaced, or the deleted accounts: all or none.

    An edit of version 0 is a deletion. Returns the id of the audit entry.

    Raises:
        Forbidden, ChangedSinceEdit, Invalid: nothing was restored.
    """
    actor.require(Right.EDIT)
    with transaction() as session:
        state = current_state(ctx)
        if all(edit.version == 0 for edit in edits):
            return _restore_deleted(session, actor, state, [edit.id for edit in edits])
        return _restore_values(session, actor, state, edits)


def _lines(ctx: ServiceContext, state: State, ids: Iterable[int], change: BulkChange) -> list[Line]:
    accounts = [state.by_id[account_id] for account_id in ids if account_id in state.by_id]
    if "user_id" in change.values:
        check_active_owner(state, change.values["user_id"])
    users = {account_id: lease.name for account_id, lease in state.leases.items()}
    return [bulk_line(account, change, users.get(account.id, ""), ctx.pbx_settings) for account in accounts]


def _edit(
    session: Session, actor: Actor, state: State, values: Mapping[str, Any], lines: Sequence[Line]
) -> BulkResult:  # fmt: skip
    changes = {line.account: line.changes for line in lines}
    edited = update(Account).where(Account.id.in_([account.id for account in changes]))
    session.connection().execute(edited.values(**values, version=Account.version + 1))
    entry_id = _record(session, actor, "account.bulk_edit", _named_owners(state, changes))
    edits = [
        Replaced(account.id, account.version + 1, {name: old for name, (old, _new) in changed.items()})
        for account, changed in changes.items()
    ]
    return BulkResult([edit.id for edit in edits], edits, entry_id)


def _renew_secrets(session: Session, ctx: ServiceContext, actor: Actor, lines: Sequence[Line]) -> BulkResult:
    accounts = [line.account for line in lines]
    session.connection().execute(_UPDATE_BY_ID, [_secret_row(ctx, account) for account in accounts])
    entry_id = _record(session, actor, "account.bulk_secret", {account: {"secret": []} for account in accounts})
    return BulkResult([account.id for account in accounts], entry_id=entry_id)


def _delete(session: Session, actor: Actor, lines: Sequence[Line]) -> BulkResult:
    """Delete accounts. That can be undone with those that are live: they are restored as the PBX has them."""
    accounts = [line.account for line in lines]
    ids = [account.id for account in accounts]
    session.connection().execute(delete(Account).where(Account.id.in_(ids)))
    entry_id = _record(session, actor, "account.bulk_delete", {account: {} for account in accounts})
    return BulkResult(ids, [Replaced(account.id, 0, {}) for account in accounts if account.live], entry_id)


def _secret_row(ctx: ServiceContext, account: AccountView) -> dict[str, Any]:
    return {"key": account.id, "version": account.version + 1} | secret_columns(ctx, generate_password())


def _restore_values(session: Session, actor: Actor, state: State, edits: Sequence[Replaced]) -> int:
    changed = [
        edit.id
        for edit in edits
        if edit.id not in state.by_id or state.by_id[edit.id].version != edit.version
    ]  # fmt: skip
    _refuse_changed(state, changed)
    changes: dict[AccountView, Mapping[str, list[Any]]] = {}
    for edit in edits:
        account = state.by_id[edit.id]
        changes[account] = {name: [getattr(account, name), old] for name, old in edit.values.items()}
    for user_id in {edit.values["user_id"] for edit in edits if "user_id" in edit.values}:
        check_previous_owner(session, user_id)
    names = list(dict.fromkeys(name for edit in edits for name in edit.values))
    rows = [
        {"key": edit.id, "version": edit.version + 1} | pick(state.by_id[edit.id], names) | dict(edit.values)
        for edit in edits
    ]
    session.connection().execute(_UPDATE_BY_ID, rows)
    return _record(session, actor, "account.bulk_edit", _named_owners(state, changes))


def _restore_deleted(session: Session, actor: Actor, state: State, ids: Sequence[int]) -> int:
    """Save deleted accounts again as they are live, unless a number has another account or one is saved already."""
    live = state.live.by_id
    numbers = {account.number for account in state.by_id.values()}
    _refuse_changed(state, [one for one in ids if one not in live or one in state.by_id or live[one].number in numbers])
    revision = session.scalar(select(Revision.value))
    session.add_all([restored_row(session, live[account_id], revision) for account_id in ids])
    return _record(session, actor, "account.bulk_restore", {live[account_id]: {} for account_id in ids})


def _refuse_changed(state: State, ids: Collection[int]) -> None:
    if ids:
        message = N_("Changed since: %(names)s. Nothing was undone.")
        raise ChangedSinceEdit(message, names=_names(state, ids))


def _names(state: State, ids: Collection[int]) -> str:
    """Return the numbers of accounts, those included that do not exist any more; of many only the first."""
    numbers = sorted(_number(state, account_id) for account_id in ids)
    return ", ".join(numbers[:MAX_NAMED]) + (" …" if len(numbers) > MAX_NAMED else "")


def _number(state: State, account_id: int) -> str:
    account = state.account(account_id)
    return str(account.number) if account else last_known_name(("account", account_id))


def _named_owners(
    state: State, changes: Mapping[AccountView, Mapping[str, list[Any]]]
) -> dict[AccountView, Mapping[str, list[Any]]]:  # fmt: skip
    """Return the changes with old and new owner by name, as the audit log keeps them."""
    names: dict[int | None, str] = {user.id: user.name for user in state.users} | {None: POOL_OWNER_NAME}

    def named(changed: Mapping[str, list[Any]]) -> Mapping[str, list[Any]]:
        if "user_id" not in changed:
            return changed
        users = {"user": [names[user_id] for user_id in changed["user_id"]]}
        return users | {name: pair for name, pair in changed.items() if name != "user_id"}

    return {account: named(changed) for account, changed in changes.items()}


def _record(session: Session, actor: Actor, action: str, changes: Mapping[Any, Mapping[str, list[Any]]]) -> int:
    """Add one entry about all accounts of `changes`, each with its own; the entry has the values that all got.

    Returns the entry's id.
    """
    parts = [Part(str(account.number), account_id=account.id, changes=changed) for account, changed in changes.items()]
    common: dict[str, list[Any]] = {}
    for name in dict.fromkeys(name for changed in changes.values() for name in changed):
        pairs = [changed[name] for changed in changes.values() if name in changed]
        new = pairs[0][1:]
        common[name] = [None, *new] if new and all(pair[1:] == new for pair in pairs) else []
    common["count"] = [None, len(parts)]
    common["accounts"] = [None, number_ranges(account.number for account in changes)]  # the subject may be too short
    subject = number_ranges((account.number for account in changes), max_length=audit.MAX_SUBJECT)
    return audit.record_many(session, actor, action, subject, changes=common, parts=parts)
