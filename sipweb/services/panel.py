"""What stands above the list, and what changed since a page was made: an open page stays true without a reload."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from sqlalchemy import bindparam, func, select

from ..core.snapshot import BUILTIN
from ..db import db
from ..models import AuditEntry
from . import presence
from .history import generation, plan_of
from .site import Site
from .state import State, state

QUIET = (
    "login",
    "login.failed",
    "logout",
    "account.reveal",
    "user.add",
    "user.password",
    "recording.listen",
    "recording.download",
    "recording.expired",
)  # they change no row
MOST = 200  # rows sent to an open page at once; beyond that a reload is cheaper for everybody
_NEWER = (
    select(AuditEntry.id, AuditEntry.action, AuditEntry.subject, AuditEntry.account_id, AuditEntry.user_id)
    .where(AuditEntry.id > bindparam("seen"), AuditEntry.action.not_in(QUIET))
    .order_by(AuditEntry.id)
    .limit(5 * MOST)
)


@dataclass(frozen=True, slots=True)
class Pool:
    """The automatic accounts: of Automat Automat, for the built-in phone. Each is counted once.

    Free and in use are those that the PBX knows as such; of the others some are inactive, the rest wait for a generation.
    """

    free: int
    in_use: int
    inactive: int
    waiting: int


def pool(current: State) -> Pool:
    """How the automatic accounts stand."""
    used = [account for account in map(current.account, current.leases) if account and account.free]
    others = [a.active for a in current.accounts if not a.free and a.user_id is None and a.phone == BUILTIN]
    return Pool(len(current.free), len(used), len(others) - sum(others), sum(others))


class Stamp(NamedTuple):
    """What a page has seen: the newest entry of the audit log, and the newest change of a registration."""

    entry: int
    watch: int

    def __str__(self) -> str:
        return f"{self.entry}-{self.watch}"

    @classmethod
    def of(cls, text: str) -> Self:
        """Read a stamp; nonsense means that nothing was seen."""
        entry, _, watch = text.partition("-")
        parts = ((entry, 9), (watch, 17))  # as many digits as a column, or a moment, can have
        return cls(*(int(part) if part.isdecimal() and len(part) <= most else 0 for part, most in parts))


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of a page since its stamp: ids of accounts, None when they are too many; and the stamp to ask with next."""

    stamp: Stamp
    accounts: frozenset[int] | None


def stamp(site: Site) -> Stamp:
    """To be taken before the state that is shown: what happens between the two is then only shown twice."""
    return Stamp(db.session.scalar(select(func.max(AuditEntry.id))) or 0, presence.watch(site).stamp)


def since(site: Site, seen: Stamp) -> Changes | None:
    """What changed; None, for one small query, when nothing did. Everything that changes a row leaves an entry."""
    entries = db.session.execute(_NEWER, {"seen": seen.entry}).all()
    watch = presence.watch(site).stamp
    if not entries and watch == seen.watch:
        return None
    newest = Stamp(entries[-1].id if entries else seen.entry, watch)
    if len(entries) == 5 * MOST:
        return Changes(stamp(site), None)
    found = _touched(state(site), entries, presence.changed(site, seen.watch))
    return Changes(newest, found if len(found) <= MOST else None)


def _touched(current: State, entries: Iterable[Any], numbers: set[int]) -> frozenset[int]:
    """The accounts of these entries: their own, those of changed people, those that a generation brought to the PBX."""
    found = {entry.account_id for entry in entries if entry.account_id}
    people = {entry.user_id for entry in entries if entry.action == "user.edit"}
    found |= {a.id for a in current.accounts if a.number in numbers or (a.user_id and a.user_id in people)}
    found |= {account_id for account_id, lease in current.leases.items() if lease.user_id in people}
    for entry in entries:
        if entry.action in ("generation.verified", "generation.written") and (view := generation(int(entry.subject))):
            found |= plan_of(view).kinds.keys()
    return frozenset(found)
