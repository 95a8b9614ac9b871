"""What changed in the account list since a page was made, so that an open page can update itself."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from sqlalchemy import bindparam, func, select

from ..db import db
from ..models import AuditEntry
from . import audit_subjects, pbx_status
from .context import ServiceContext
from .generation_history import generation_plan, get_generation
from .state import current_state
from .state_records import State

INVISIBLE_ACTIONS = (
    "login",
    "login.failed",
    "logout",
    "account.reveal",
    "account.cards",
    "user.add",
    "user.password",
    "recording.listen",
    "recording.download",
    "recording.expired",
    "backup.make",
    "keys.rotate",
)  # these actions change no row
MAX_ROWS = 200  # rows in one response; for more, reloading the page is cheaper
_NEWER_ENTRIES = (
    select(AuditEntry.id, AuditEntry.action, AuditEntry.subject, AuditEntry.account_id, AuditEntry.user_id)
    .where(AuditEntry.id > bindparam("seen"), AuditEntry.action.not_in(INVISIBLE_ACTIONS))
    .order_by(AuditEntry.id)
    .limit(5 * MAX_ROWS)
)


class Stamp(NamedTuple):
    """What a page has seen: the newest audit entry, and of each PBX host the newest registration change."""

    entry: int
    watch: Mapping[str, int]

    def __str__(self) -> str:
        return f"{self.entry}-" + "~".join(f"{host}~{stamp}" for host, stamp in self.watch.items())

    @classmethod
    def of(cls, text: str) -> Self:
        """Parse a stamp; an invalid one means that nothing was seen."""
        entry, _, watch = text.partition("-")
        parts = watch.split("~")
        pairs = zip(parts[::2], parts[1::2], strict=False)
        return cls(_number(entry, 9), {host: _number(stamp, 17) for host, stamp in pairs})


def _number(text: str, most: int) -> int:
    """Return a number of at most so many digits, as many as the column or the time can have; 0 if it is none."""
    return int(text) if text.isdecimal() and len(text) <= most else 0


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since a page's stamp, and the next stamp.

    `accounts` holds ids of accounts whose rows changed, or None if they are too many; `phones` those of accounts whose
    phone registered or ceased to: only the state in the row changed.
    """

    stamp: Stamp
    accounts: frozenset[int] | None
    phones: frozenset[int] = frozenset()


def current_stamp(ctx: ServiceContext) -> Stamp:
    """Return the present stamp.

    Take it before the state: a change between is then shown twice, not lost.
    """
    return Stamp(db.session.scalar(select(func.max(AuditEntry.id))) or 0, pbx_status.stamps(ctx))


def changes_since(ctx: ServiceContext, seen: Stamp, own: Collection[int] = ()) -> Changes | None:
    """Return what changed since a stamp; None, for one small query, if nothing did.

    Everything that changes a row writes an audit entry. `own` are entries whose changes the page has already.
    """
    entries = db.session.execute(_NEWER_ENTRIES, {"seen": seen.entry}).all()
    watch = pbx_status.stamps(ctx)
    if not entries and watch == seen.watch:
        return None
    newest = Stamp(entries[-1].id if entries else seen.entry, watch)
    if len(entries) == 5 * MAX_ROWS:
        return Changes(current_stamp(ctx), None)
    current, numbers = current_state(ctx), pbx_status.numbers_changed_since(ctx, seen.watch)
    all_phones = bool(watch) != bool(seen.watch)  # without a monitor nothing is known of any phone
    phones = frozenset(
        account.id
        for account in current.accounts
        if account.live_number in numbers or (all_phones and account.should_register)
    )
    by_others = [entry for entry in entries if entry.id not in own]
    found = _changed_accounts(current, by_others) if by_others else frozenset()
    if len(found | phones) > MAX_ROWS:
        return Changes(newest, None)
    return Changes(newest, found, phones)


def _changed_accounts(current: State, entries: Iterable[Any]) -> frozenset[int]:
    """Return accounts named by entries, owned by changed users, or brought to the PBX."""
    found = {entry.account_id for entry in entries if entry.account_id}
    people = {entry.user_id for entry in entries if entry.action == "user.edit"}
    if many := [entry.id for entry in entries if entry.action in audit_subjects.ABOUT_MANY]:
        found |= audit_subjects.accounts_of(many)
        people |= audit_subjects.users_of(many)
    found |= {a.id for a in current.accounts if a.user_id and a.user_id in people}
    found |= {account_id for account_id, lease in current.leases.items() if lease.user_id in people}
    if any(entry.action.startswith(("route.", "trunk.")) for entry in entries):
        found |= {account.id for account in current.accounts if account.forwards}  # a row tells whether it can
    for entry in entries:
        if entry.action in ("generation.verified", "generation.written") and (
            view := get_generation(int(entry.subject))
        ):
            plan = generation_plan(view)
            found |= plan.change_by_account.keys() if plan else {account.id for account in current.accounts}
            found |= {account.id for account in current.accounts if not account.active}
    return frozenset(found)
