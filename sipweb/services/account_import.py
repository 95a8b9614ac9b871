"""Accounts from CSV files: what an import would do, and the import itself, all or nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from ..core.account_file import (
    CLEARS,
    OWN,
    default_phone,
    export_rows,
    file_format,
    guess_account_columns,
    parsers,
)
from ..core.accounts import FIELDS, AccountFields, check_account, pick
from ..core.csv_files import Table
from ..core.errors import Invalid
from ..core.forwarding import check_forwarding
from ..core.import_file import ADDED, CHANGED, ImportLine, Layout, import_lines
from ..core.numbers import number_ranges
from ..core.passwords import check_sip_password
from ..core.plan import FieldChange
from ..core.rights import Right
from ..db import transaction
from ..models import Account
from . import audit
from .account_addition import insert_accounts
from .account_owners import file_texts, owner_finder
from .account_secrets import secret_columns
from .accounts import COLUMNS
from .audit import Part
from .context import Actor, ServiceContext
from .imports import Preview, check_lines
from .state import current_state
from .state_records import AccountView, State

_UPDATE = update(Account).where(Account.id == bindparam("key"))


@dataclass(frozen=True, slots=True)
class Imported:
    """How many accounts an import added and changed.

    `entry_id` is that of the audit entry if Undo can delete the added ones; 0 if it also changed others.
    """

    added: int
    changed: int
    entry_id: int = 0


def export(
    state: State, accounts: Sequence[AccountView], language: str, softphone: str
) -> Sequence[Sequence[object]]:  # fmt: skip
    """Return header and rows of accounts for a file. Deleted accounts, which the PBX still has, are left out."""
    rows = [account for account in accounts if not account.deleted]
    return list(export_rows(rows, language, softphone, file_texts(state)))


def preview(ctx: ServiceContext, table: Table, softphone: str, columns: Mapping[str, int] | None = None) -> Preview:
    """Return what an import would do with each line. `columns` None: they are guessed from the header.

    Raises:
        Invalid: no column has the number.
    """
    return _preview(ctx, current_state(ctx), table, softphone, columns)


def guess_columns(ctx: ServiceContext, table: Table) -> Mapping[str, int]:
    """Return which column holds which field.

    Other PBXes have a name where we have a user: it is taken if at least one of the names is a user's.
    """
    return _guess_columns(current_state(ctx), table)


def import_accounts(
    ctx: ServiceContext, actor: Actor, table: Table, softphone: str, *, name: str, skip_refused: bool,
    columns: Mapping[str, int] | None = None, seen: Mapping[str, int] | None = None,
) -> Imported:  # fmt: skip
    """Add and change accounts as a file says, all or none. `name` is the file's, for the audit log.

    `seen` are the versions that the preview showed; None if there was none.

    Raises:
        Forbidden, ChangedSincePreview, LinesRefused, Invalid: nothing was imported.
    """
    actor.require(Right.EDIT)
    with transaction() as session:
        lines = _preview(ctx, current_state(ctx), table, softphone, columns).lines
        check_lines(lines, seen, skip_refused=skip_refused)
        added = [line for line in lines if line.outcome == ADDED]
        changed = [line for line in lines if line.outcome == CHANGED]
        if not (added or changed):
            return Imported(0, 0)
        ids = insert_accounts(session, ctx, [line.values for line in added])
        _update(session, ctx, changed)
        parts = [Part(line.key, account_id=ids[line.values["number"]], changes=_logged(line)) for line in added]
        parts += [Part(line.key, account_id=line.id, changes=_logged(line)) for line in changed]
        numbers = {ADDED: _numbers(added), CHANGED: _numbers(changed)}
        changes = {outcome: [None, text] for outcome, text in numbers.items() if text}
        entry_id = audit.record_many(session, actor, "account.import", name, changes=changes, parts=parts)
    return Imported(len(added), len(changed), 0 if changed else entry_id)


def _preview(
    ctx: ServiceContext, state: State, table: Table, softphone: str, columns: Mapping[str, int] | None
) -> Preview:  # fmt: skip
    columns = _guess_columns(state, table) if columns is None else columns
    accounts = {account.number: account for account in state.by_id.values()}
    lines = import_lines(table, columns, _layout(ctx, state, default_phone(table), softphone), accounts)
    emergency = [
        line.key for line in lines if line.outcome == ADDED and line.key in ctx.pbx_settings.emergency_numbers
    ]  # fmt: skip
    return Preview(table, columns, lines, file_format(table), emergency)


def _guess_columns(state: State, table: Table) -> Mapping[str, int]:
    columns = guess_account_columns(table)
    if file_format(table) == OWN or "user" not in columns:
        return columns
    find, column = owner_finder(state), columns["user"]
    if not any(_is_user(find, row.cells[column]) for row in table.rows if column < len(row.cells)):
        del columns["user"]
    return columns


def _is_user(find: Callable[[str, AccountView | None], int | None], text: str) -> bool:
    try:
        return find(text, None) is not None
    except Invalid:
        return False


def _layout(ctx: ServiceContext, state: State, phone: str, softphone: str) -> Layout[AccountView]:
    names = file_texts(state)

    def complete(account: AccountView | None, values: Mapping[str, Any]) -> Mapping[str, Any]:
        given = dict(values)
        if "user" in given:
            given["user_id"] = given.pop("user")
        if secret := given.get("secret"):
            check_sip_password(secret)
        saved: dict[str, Any] = pick(account, COLUMNS) if account else {"phone": phone, "active": True}
        complete = saved | given
        fields = AccountFields(**{name: value for name, value in complete.items() if name in FIELDS})
        check_account(fields)
        if fields.forwards:
            check_forwarding(fields, ctx.pbx_settings)
        return {**pick(fields, (name for name in COLUMNS if name != "active")), "active": complete["active"]} | (
            {"secret": secret} if secret else {}
        )

    def differences(account: AccountView | None, values: Mapping[str, Any]) -> Sequence[FieldChange]:
        found = []
        for name in COLUMNS:
            old = getattr(account, name) if account else None
            if name == "user_id":
                if account is None or values[name] != old:
                    found.append(FieldChange("user", names[old] if account else None, names[values[name]]))
            elif values[name] != old and not (account is None and name == "number"):
                found.append(FieldChange(name, old, values[name]))
        secret = values.get("secret")
        if secret and (account is None or ctx.cipher.fingerprint(secret) != account.fingerprint):
            found.append(FieldChange("secret"))
        return found if account else [one for one in found if one.new != ""]

    return Layout(
        "number", parsers(owner_finder(state), softphone), CLEARS, ("secret",), complete, differences
    )  # fmt: skip


def _update(session: Session, ctx: ServiceContext, lines: Sequence[ImportLine]) -> None:
    for line in lines:
        columns = {_column(change): line.values[_column(change)] for change in line.changes if change.field != "secret"}
        if any(change.field == "secret" for change in line.changes):
            columns |= secret_columns(ctx, line.values["secret"])
        session.connection().execute(_UPDATE, {"key": line.id, "version": line.version + 1, **columns})


def _column(change: FieldChange) -> str:
    return "user_id" if change.field == "user" else change.field


def _logged(line: ImportLine) -> dict[str, list[Any]]:
    """Return the changes of a line as the audit log keeps them; of a password only that there is another one."""
    changes = {change.field: [change.old, change.new] for change in line.changes}
    if "secret" in changes:
        changes["secret"] = []
    return changes


def _numbers(lines: Sequence[ImportLine]) -> str:
    return number_ranges(line.values["number"] for line in lines)
