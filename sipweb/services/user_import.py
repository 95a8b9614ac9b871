"""Users from CSV files: what an import would do, and the import itself, all or nothing."""

import os
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from ..core.accounts import pick
from ..core.csv_files import Table
from ..core.errors import N_, Invalid
from ..core.import_file import ADDED, CHANGED, REFUSED, ImportLine, Layout, guess_columns, import_lines, seen_versions
from ..core.plan import FieldChange
from ..core.rights import ADMINISTRATOR, REFUSALS, Right, right_to_edit_user
from ..core.user_file import NAMES, parsers
from ..crypto import generate_password, hash_password
from ..db import transaction
from ..logs import acting_user, security_event
from ..models import User
from . import audit
from .audit import Part
from .authentication import check_password, set_password_hash, store_hash
from .context import Actor, ServiceContext
from .imports import Preview, check_lines
from .lease_end import ReleasedNumber
from .lease_sync import sync_leases
from .user_list import UserView, list_users
from .users import COLUMNS, UserInput, check_names, log_changes, save_columns

MAX_PASSWORDS = 1000  # hashed by one import: one takes 21 ms
DEFAULTS = {
    "name": "", "role": "agent", "active": True, "work_mode": "automatic", "external_phone": "builtin",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NewPassword:
    """The password with which a new user signs in for the first time."""

    name: str
    login: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ImportedUsers:
    """How many users an import added and changed, and the passwords that were made up."""

    added: int
    changed: int
    passwords: Sequence[NewPassword] = ()
    released: Sequence[ReleasedNumber] = ()


def guess_user_columns(table: Table) -> Mapping[str, int]:
    """Return which column holds which field."""
    return guess_columns(table, NAMES)


def preview(
    ctx: ServiceContext, actor: Actor, table: Table, softphone: str, columns: Mapping[str, int] | None = None
) -> Preview:
    """Return what an import would do with each line. `columns` None: they are guessed from the header.

    Raises:
        Forbidden: only who may edit users needs a preview.
        Invalid: no column has the login.
    """
    actor.require(Right.EDIT)
    columns = guess_user_columns(table) if columns is None else columns
    users = {user.login: user for user in list_users(ctx)}
    lines = import_lines(table, columns, _layout(actor, softphone, users), users)
    return Preview(table, columns, _keep_an_administrator(lines, users.values()))


def import_users(
    ctx: ServiceContext, actor: Actor, table: Table, softphone: str, *, name: str, skip_refused: bool,
    columns: Mapping[str, int] | None = None, seen: Mapping[str, int] | None = None,
) -> ImportedUsers:  # fmt: skip
    """Add and change users as a file says, all or none. `name` is the file's, for the audit log.

    A new user without a password gets a random one. All passwords of an import must be changed at the first sign-in.
    `seen` are the versions that the preview showed; None if there was none.

    Raises:
        Forbidden, ChangedSincePreview, LinesRefused, Invalid: nothing was imported.
    """
    planned = preview(ctx, actor, table, softphone, columns).lines
    check_lines(planned, seen, skip_refused=skip_refused)
    passwords = _passwords(planned)
    hashes = _hashes(passwords)  # outside of the transaction, because it is slow
    freed: list[ReleasedNumber] = []
    changes: dict[str, dict[str, list[Any]]] = {}
    with transaction() as session:
        lines = preview(ctx, actor, table, softphone, columns).lines
        check_lines(lines, seen_versions(planned), skip_refused=skip_refused)
        added = [line for line in lines if line.outcome == ADDED]
        changed = [line for line in lines if line.outcome == CHANGED]
        parts = [_add(session, line, hashes[line.key]) for line in added]
        for line in changed:
            part, numbers = _change(session, ctx, actor, line, hashes.get(line.key))
            parts.append(part)
            freed += numbers
        changes = {part.subject: dict(part.changes) for part in parts}
        if parts:
            logins = {ADDED: _logins(added), CHANGED: _logins(changed)}
            summary = {outcome: [None, text] for outcome, text in logins.items() if text}
            audit.record_many(session, actor, "user.import", name, changes=summary, parts=parts)
    for line in added:
        security_event("user_created", acting_user(), line.key, line.values["role"])
    for line in changed:
        log_changes(line.key, changes[line.key])
    sync_leases(ctx, [released.number for released in freed])
    made_up = [
        NewPassword(line.values["name"], line.key, passwords[line.key])
        for line in added
        if not line.values.get("password")
    ]
    return ImportedUsers(len(added), len(changed), made_up, freed)


def _layout(actor: Actor, softphone: str, users: Collection[str]) -> Layout[UserView]:
    logins = {login.casefold(): login for login in users}

    def complete(user: UserView | None, values: Mapping[str, Any]) -> Mapping[str, Any]:
        saved: dict[str, Any] = pick(user, COLUMNS) if user else DEFAULTS
        complete = {**saved, **values}
        complete["name"], complete["login"] = check_names(UserInput(**complete))
        if user is None and (login := logins.get(complete["login"].casefold())):  # a typing error more likely than not
            message = N_("The user %(login)s exists: this login differs only in upper and lower case.")
            raise Invalid(message, "login", login=login)
        if user is None or complete != saved:  # nobody needs a right for what stays as it is
            right = right_to_edit_user(complete["role"], user.role if user else complete["role"])
            if not actor.can(right):
                raise Invalid(REFUSALS[right], "role")
        if password := values.get("password"):
            check_password(password, complete["login"], complete["name"], "password")
            if user and user.id == actor.id:
                raise Invalid(N_("Your password can't be imported. Change it with Change password."), "password")
        return complete

    def differences(user: UserView | None, values: Mapping[str, Any]) -> Sequence[FieldChange]:
        if user is None:
            return [FieldChange(name, None, values[name]) for name in COLUMNS if name != "login"]
        found = [
            FieldChange(name, getattr(user, name), values[name])
            for name in COLUMNS
            if values[name] != getattr(user, name)
        ]
        return [*found, FieldChange("secret")] if values.get("password") else found

    return Layout("login", parsers(softphone), (), ("password",), complete, differences)


def _keep_an_administrator(lines: Sequence[ImportLine], users: Any) -> Sequence[ImportLine]:
    """Refuse the lines that take the role away, or deactivate, if no active administrator would be left."""
    after = {user.login: _administers(user.role, user.active) for user in users}
    before = {login for login, administers in after.items() if administers}
    after |= {one.key: _administers(one.values["role"], one.values["active"]) for one in lines if one.values}
    if any(after.values()):
        return lines
    refusal = Invalid(N_("At least one active administrator is required."), "role")
    return [
        ImportLine(one.line, one.key, REFUSED, refusal=refusal) if one.values and one.key in before else one
        for one in lines
    ]


def _administers(role: str, active: bool) -> bool:  # two columns of a user
    return role == ADMINISTRATOR and active


def _passwords(lines: Sequence[ImportLine]) -> dict[str, str]:
    """Return the new passwords by login: those of the file, and random ones for new users without one."""
    given = {one.key: one.values.get("password") or "" for one in lines if one.outcome in (ADDED, CHANGED)}
    passwords = {login: text for login, text in given.items() if text}
    passwords |= {one.key: generate_password() for one in lines if one.outcome == ADDED and not given[one.key]}
    if len(passwords) > MAX_PASSWORDS:
        message = N_("An import can set %(count)s passwords at most. Split the file into smaller ones.")
        raise Invalid(message, count=MAX_PASSWORDS)
    return passwords


def _hashes(passwords: Mapping[str, str]) -> dict[str, str]:
    """Return the hash of each password. Threads suffice: the library calculates without the interpreter's lock."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(passwords, pool.map(hash_password, passwords.values()), strict=True))


def _add(session: Session, line: ImportLine, password_hash: str) -> Part:
    user = User(**{name: line.values[name] for name in COLUMNS})
    set_password_hash(user, password_hash, must_change=True)
    session.add(user)
    session.flush()
    return Part(user.login, user_id=user.id, changes={"role": [None, user.role]})


def _change(
    session: Session, ctx: ServiceContext, actor: Actor, line: ImportLine, password_hash: str | None
) -> tuple[Part, list[ReleasedNumber]]:
    user = session.get_one(User, line.id)
    changes, freed = save_columns(session, ctx, actor, user, {name: line.values[name] for name in COLUMNS})
    if password_hash:
        store_hash(session, user, password_hash, must_change=True)
        user.version = line.version + 1  # also when nothing but the password changed
        changes["secret"] = []
    return Part(user.login, user_id=user.id, changes=changes), freed


def _logins(lines: Sequence[ImportLine]) -> str:
    return ", ".join(line.key for line in lines)
