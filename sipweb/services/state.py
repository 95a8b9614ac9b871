"""What is saved, what is live, and the plan between them: derived on demand, cached by the database's revision."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import Any, TypeVar

from sqlalchemy import Row, bindparam, func, select

from ..core import snapshot as records
from ..core.names import fold
from ..core.plan import Plan, compare, diff
from ..core.snapshot import AUTOMAT, BUILTIN, Account, Snapshot
from ..db import db, writing
from ..models import Account as AccountRow
from ..models import Generation, Lease, Revision, Rule, Trunk, User
from .site import Site

R = TypeVar("R")
LIVE = ("written", "verified")
_LIVE_NUMBER = select(func.max(Generation.number)).where(Generation.state.in_(LIVE))
_GLANCE = select(
    Revision.value,
    _LIVE_NUMBER.scalar_subquery(),
    select(func.max(User.revision)).scalar_subquery(),
    select(func.count(AccountRow.id)).scalar_subquery(),
    select(func.count(Lease.id)).scalar_subquery(),
    select(func.max(Lease.id)).scalar_subquery(),
    *(
        select(what).scalar_subquery()
        for table in (Trunk, Rule)
        for what in (func.count(table.id), func.max(table.revision))
    ),
)
_ROWS = select(
    *(getattr(AccountRow, name) for name in (
        "id", "number", "user_id", "phone", "active", "recording", "level", "version", "fingerprint", "secret")),
    User.name, User.active.label("owner_active"),
).outerjoin(User, User.id == AccountRow.user_id).where(AccountRow.revision > bindparam("since"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class AccountView:
    """One account of the list, as saved; a deleted one that is still live as it lives, with `deleted`.

    `pending` is how it differs from the PBX ("added", "changed", "removed" or ""), `live` whether the PBX knows it,
    `owner_active` whether the owner may log in (Automat Automat counts as one), `free` whether an agent without a number could get it now, if nobody uses it.
    """

    id: int
    number: int
    user_id: int | None
    user: str
    phone: str
    active: bool
    recording: bool
    level: int
    version: int
    fingerprint: str = ""
    pending: str = ""
    live: bool = False
    free: bool = False
    deleted: bool = False
    owner_active: bool = True


@dataclass(frozen=True, slots=True)
class Person:
    """A user as a list of owners needs one."""

    id: int
    name: str
    active: bool


@dataclass(frozen=True, slots=True)
class LeaseView:
    """Who uses an account, since when."""

    user_id: int
    number: int
    name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class State:
    """Everything the pages say about accounts and owners, at one revision. `generation` is the live one's number, or 0."""

    revision: int
    generation: int
    live: Snapshot
    saved: Snapshot
    plan: Plan
    accounts: tuple[AccountView, ...]
    people: tuple[Person, ...]
    by_id: dict[int, AccountView]  # without the deleted
    leases: dict[int, LeaseView]  # by the live account's id
    leased: tuple[int, int]  # how many, and the newest one's id: whether they are still the same
    ways: tuple[int | None, ...]  # how many trunks and rules, and their newest revisions: the same
    free: frozenset[int]  # ids of the accounts of which an agent without a number could get one now

    def account(self, account_id: int) -> AccountView | None:
        """The account of that id, if it is in the list."""
        deleted = (account for account in self.accounts if account.deleted and account.id == account_id)
        return self.by_id.get(account_id) or next(deleted, None)


def state(site: Site) -> State:
    """The state now. Costs one small query while nothing was changed by any process."""
    glance = db.session.connection().execute(_GLANCE).one()
    cached: State | None = site.saved
    if cached is None or cached.revision != glance[0]:
        cached = _read(site, glance)
        if not writing():
            site.saved = cached
    return cached


def let_go() -> None:
    """After an error: what was begun in the database is undone, so that the page which says so can be read from it."""
    db.session.rollback()


def live(site: Site) -> tuple[int, Snapshot]:
    """Number and snapshot of the newest generation that the PBX was given; (0, empty) before the first."""
    return _live(site, live_number())


def live_number() -> int:
    """Number of the newest generation that the PBX was given; 0 before the first."""
    return db.session.scalar(_LIVE_NUMBER) or 0


def _live(site: Site, number: int) -> tuple[int, Snapshot]:
    if not number:
        return 0, Snapshot()
    if site.live is None or site.live[0] != number:
        site.live = number, snapshot_of(number)
    return site.live


def snapshot_of(number: int) -> Snapshot:
    """The snapshot of one generation; it never changes."""
    return Snapshot.from_json(db.session.scalar(select(Generation.snapshot).where(Generation.number == number)) or "{}")


def _read(site: Site, glance: Row[Any], *, anew: bool = False) -> State:
    """The state anew; what did not change since the one that is known is taken from there."""
    current, newest, users, count, leases, lease, *seen = tuple(glance)
    number, snapshot = _live(site, newest or 0)
    known: State | None = site.saved
    if known and (anew or known.generation != number or (users or 0) > known.revision):
        known = None
    running = snapshot.by_id
    views = dict(known.by_id) if known else {}
    active = dict(known.saved.by_id) if known else {}
    for row in db.session.execute(_ROWS, {"since": known.revision if known else -1}):
        account = _account(row, running)
        views[account.id] = _view(row, account, running)
        active.pop(account.id, None)
        if row.active:
            active[account.id] = account
    if known and len(views) != count:  # something was deleted
        return _read(site, glance, anew=True)
    ways = tuple(seen)
    trunks, rules = (known.saved.trunks, known.saved.rules) if known and known.ways == ways else _ways()
    saved = Snapshot.of(active.values(), site.settings, trunks, rules)
    plan = diff(snapshot, saved, known.plan if known else None)
    gone = [_deleted(account) for account in plan.removed if account.id not in views]
    accounts = tuple(sorted([*views.values(), *gone], key=attrgetter("number")))
    same = known if known and known.leased == (leases, lease or 0) else None
    used, leased = (same.leases, same.leased) if same else _leases()
    return State(
        current, number, snapshot, saved, plan, accounts, known.people if known else _people(), views, used, leased,
        ways, frozenset(account.id for account in accounts if account.free) - used.keys(),
    )  # fmt: skip


def _people() -> tuple[Person, ...]:
    """All users by name."""
    people = (Person(*row) for row in db.session.execute(select(User.id, User.name, User.active)))
    return tuple(sorted(people, key=lambda person: (fold(person.name), person.id)))


def _leases() -> tuple[dict[int, LeaseView], tuple[int, int]]:
    """The leases, and how many and the newest id of these very ones: somebody may have come since the glance."""
    query = select(Lease.id, Lease.account_id, User.id, Lease.number, User.name, Lease.since).join(
        User, User.id == Lease.user_id
    )
    rows = db.session.execute(query).all()
    return {row[1]: LeaseView(*row[2:]) for row in rows}, (len(rows), max((row[0] for row in rows), default=0))


def _ways() -> tuple[tuple[records.Trunk, ...], tuple[records.Rule, ...]]:
    """The active trunks, and the active rules that have one."""
    trunks = db.session.scalars(select(Trunk).where(Trunk.active).order_by(Trunk.id)).all()
    rules = db.session.scalars(
        select(Rule)
        .join(Trunk, Trunk.id == Rule.trunk_id)
        .where(Rule.active, Trunk.active)
        .order_by(Rule.position, Rule.id)
    ).all()
    return tuple(_record(records.Trunk, row) for row in trunks), tuple(_record(records.Rule, row) for row in rules)


def _record(kind: type[R], row: object) -> R:
    return kind(**{field.name: getattr(row, field.name) for field in fields(kind)})  # type: ignore[arg-type]  # a dataclass


def _account(row: Any, running: Mapping[int, Account]) -> Account:
    name = row.name or AUTOMAT
    account = Account(
        row.id, row.number, row.user_id, name, row.phone, row.recording, row.level, row.secret, row.fingerprint
    )
    lives = running.get(row.id)
    return lives if lives == account else account  # the same object: nothing to compare


def _view(row: Any, account: Account, running: Mapping[int, Account]) -> AccountView:
    lives = running.get(account.id)
    if lives is None:
        pending = "added" if row.active else ""
    else:
        pending = "removed" if not row.active else ("changed" if compare(lives, account).fields else "")
    return AccountView(
        account.id, account.number, account.user_id, account.user, account.phone, row.active, account.recording,
        account.level, row.version, account.fingerprint, pending, lives is not None, _free(lives),
        owner_active=row.owner_active is not False,
    )  # fmt: skip


def _free(account: Account | None) -> bool:
    return account is not None and account.user_id is None and account.phone == BUILTIN


def _deleted(account: Account) -> AccountView:
    return AccountView(
        account.id, account.number, account.user_id, account.user, account.phone, True, account.recording,
        account.level, 0, account.fingerprint, "removed", True, _free(account), True,
    )  # fmt: skip
