"""Saved state, live state and the plan, cached by the database's revision."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from operator import attrgetter
from typing import Any, TypeVar

from sqlalchemy import bindparam, func, select

from ..core import snapshot as records
from ..core.accounts import BUILTIN, FIELDS, OTHER, pick
from ..core.errors import N_, OperationRefused
from ..core.plan import compare, diff
from ..core.snapshot import POOL_OWNER_NAME, Account, InactiveAccount, Snapshot
from ..core.text import search_key
from ..db import db, in_transaction
from ..models import DELETED_SNAPSHOT, Acknowledgement, Drift, Generation, Lease, OutboundRoute, Revision, Trunk, User
from ..models import Account as AccountRow
from . import hosts
from .context import ServiceContext
from .state_records import AccountView, AcknowledgementView, DriftView, LeaseView, Marks, State, UserOption

Record = TypeVar("Record", records.Trunk, records.Route)
Routing = tuple[tuple[records.Trunk, ...], tuple[records.Route, ...]]
LIVE_STATES = ("written", "verified")
KEPT_SNAPSHOTS = 200  # of the newest generations; the live one is kept too
_LIVE_NUMBER = select(func.max(Generation.number)).where(Generation.state.in_(LIVE_STATES))
_MARKS = select(
    Revision.value,
    _LIVE_NUMBER.scalar_subquery(),
    *(
        select(value).scalar_subquery()
        for value in (
            func.max(User.revision), func.count(AccountRow.id), func.count(Lease.id), func.max(Lease.id),
            func.count(Trunk.id), func.max(Trunk.revision),
            func.count(OutboundRoute.id), func.max(OutboundRoute.revision),
            func.count(Acknowledgement.id), func.max(Acknowledgement.id), func.count(Drift.id), func.max(Drift.id),
        )
    ),
)  # fmt: skip
_COLUMNS = (*FIELDS, "id", "active", "version", "fingerprint", "secret")
_CHANGED_ACCOUNTS = (
    select(*(getattr(AccountRow, name) for name in _COLUMNS), User.name, User.active.label("owner_active"))
    .outerjoin(User, User.id == AccountRow.user_id)
    .where(AccountRow.revision > bindparam("revision"))
)


class SnapshotDeleted(OperationRefused):
    """The snapshot of an old generation was deleted."""


def current_state(ctx: ServiceContext) -> State:
    """Return the current state. Costs one small query if nothing changed."""
    marks = Marks(*(value or 0 for value in db.session.connection().execute(_MARKS).one()))
    cached, epoch = ctx.cache.state, ctx.cache.epoch
    if cached and cached.marks.revision == marks.revision:
        return cached
    state = _refresh(ctx, cached, marks)
    if not in_transaction() and ctx.cache.epoch == epoch:
        ctx.cache.state = state
    return state


def rollback() -> None:
    """Roll back after an error, so that the error page can read the database."""
    db.session.rollback()


def live_generation(ctx: ServiceContext) -> tuple[int, Snapshot]:
    """Return number and snapshot of the live generation; before the first 0 and only the settings."""
    number = live_number()
    return number, _live_snapshot(ctx, number)


def live_number() -> int:
    """Return the number of the live generation; 0 before the first."""
    return db.session.scalar(_LIVE_NUMBER) or 0


def load_snapshot(number: int) -> Snapshot:
    """Return the snapshot of one generation; only new keys change it.

    Raises:
        SnapshotDeleted: it is not kept any more.
    """
    text = db.session.scalar(select(Generation.snapshot).where(Generation.number == number))
    if text == DELETED_SNAPSHOT:
        raise SnapshotDeleted(
            N_(
                "Configuration version %(number)s can't be restored:"
                " only the content of the newest %(count)s versions is kept."
            ),
            number=number,
            count=KEPT_SNAPSHOTS,
        )
    return Snapshot.from_json(text or "{}")


def _live_snapshot(ctx: ServiceContext, number: int) -> Snapshot:
    if not number:
        return Snapshot(settings=ctx.pbx_settings)
    keys, cached = ctx.cipher.keys_version(), ctx.cache.live
    if cached is None or cached[:2] != (number, keys):  # new keys: its secrets were encrypted again
        cached = ctx.cache.live = number, keys, load_snapshot(number)
    return cached[2]


def _refresh(ctx: ServiceContext, cached: State | None, marks: Marks) -> State:
    """Build the state at these marks; what did not change since the cached state is not read again."""
    live = _live_snapshot(ctx, marks.generation)
    if cached and (cached.marks.generation != marks.generation or marks.user_revision > cached.marks.revision):
        cached = None  # any account may be pending now, or have an owner of another name
    accounts = _load_accounts(live, cached)
    if cached and len(accounts.views) != marks.account_count:  # one was deleted, and no row tells which
        cached, accounts = None, _load_accounts(live, None)
    inactive = [InactiveAccount(view.id, view.number) for view in accounts.views.values() if not view.active]
    host_addresses = hosts.addresses()
    settings = replace(ctx.pbx_settings, hosts=host_addresses) if host_addresses else ctx.pbx_settings
    saved = Snapshot.build(accounts.active.values(), settings, *_current_routing(cached, marks), inactive=inactive)
    plan = diff(live, saved, cached.plan if cached else None, accounts.written)
    leases, marks = _current_leases(cached, marks)
    views = _with_deleted(accounts.views, plan.removed)
    return State(
        marks=marks, live=live, saved=saved, plan=plan, accounts=views, by_id=accounts.views, leases=leases,
        users=cached.users if cached else _load_users(),
        free=frozenset(view.id for view in views if view.free) - leases.keys(),
        acknowledgements=_current_acknowledgements(cached, marks), drift=_current_drift(cached, marks),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Accounts:
    """The saved accounts by id.

    `active` has what reaches the PBX of those that are active, `written` the ids of the rows that were read.
    """

    views: dict[int, AccountView] = field(default_factory=dict)
    active: dict[int, Account] = field(default_factory=dict)
    written: set[int] = field(default_factory=set)


def _load_accounts(live: Snapshot, cached: State | None) -> _Accounts:
    """Return the accounts of the cached state, with the rows that were written since; all rows without one."""
    accounts = _Accounts(dict(cached.by_id), dict(cached.saved.by_id)) if cached else _Accounts()
    connection = db.session.connection()  # without the ORM, which has nothing to do here
    rows = connection.execute(_CHANGED_ACCOUNTS, {"revision": cached.marks.revision if cached else -1})
    for row in rows:
        account, view = _to_account(row, live)
        accounts.written.add(account.id)
        accounts.views[account.id] = view
        accounts.active.pop(account.id, None)
        if view.active:
            accounts.active[account.id] = account
    return accounts


def _to_account(row: Any, live: Snapshot) -> tuple[Account, AccountView]:  # the columns of _CHANGED_ACCOUNTS
    """Return an account as it reaches the PBX and as the list shows it."""
    values, user = pick(row, FIELDS), row.name or POOL_OWNER_NAME
    account = Account(**values, id=row.id, user=user, secret=row.secret, fingerprint=row.fingerprint)
    live_account = live.by_id.get(row.id)
    if live_account == account:
        account = live_account  # the same object, so nothing needs comparing
    pending, live_values = _differences(account, live_account, active=row.active)
    if not pending and _is_unknown_inactive(row, live):
        pending = "inactive"
    is_free = _is_pool_account(live_account)
    return account, AccountView(
        **values, id=row.id, user=user, active=row.active, version=row.version, fingerprint=row.fingerprint,
        pending=pending, live=live_account is not None, live_values=live_values, free=is_free,
        automatic=is_free or _is_pool_account(account), owner_active=row.owner_active is not False,
        **_registration(live_account),
    )  # fmt: skip


def _differences(
    account: Account, live_account: Account | None, *, active: bool
) -> tuple[str, tuple[tuple[str, object], ...]]:
    """Return how a saved account differs from the PBX: `pending` and `live_values` as in AccountView."""
    if live_account is None:
        return ("added", ()) if active else ("", ())
    fields = () if live_account is account else compare(live_account, account).fields
    live_values = tuple((change.field, change.old) for change in fields)
    return ("changed" if live_values else "") if active else "removed", live_values


def _is_unknown_inactive(row: Any, live: Snapshot) -> bool:
    """Return whether an account is inactive, and the PBX does not know that calls to its number stay inside."""
    if row.active or live.renderer_version != records.RENDERER_VERSION:
        return False
    number = str(row.number)
    return number not in live.inactive_numbers and number not in live.by_number


def _with_deleted(views: dict[int, AccountView], removed: Iterable[Account]) -> tuple[AccountView, ...]:
    """Return all accounts by number, those included that were deleted and are still live."""
    deleted = [_deleted_view(account) for account in removed if account.id not in views]
    return tuple(sorted([*views.values(), *deleted], key=attrgetter("number")))


def _deleted_view(account: Account) -> AccountView:
    return AccountView(
        **pick(account, FIELDS), id=account.id, user=account.user, active=True, version=0,
        fingerprint=account.fingerprint, pending="removed", live=True, free=_is_pool_account(account),
        automatic=_is_pool_account(account), deleted=True, **_registration(account),
    )  # fmt: skip


def _registration(live_account: Account | None) -> dict[str, Any]:
    if live_account is None:
        return {}
    return {"live_number": live_account.number, "should_register": live_account.phone == OTHER}


def _is_pool_account(account: Account | None) -> bool:
    return account is not None and account.user_id is None and account.phone == BUILTIN


def _load_users() -> tuple[UserOption, ...]:
    """Return all users by name."""
    users = (UserOption(*row) for row in db.session.execute(select(User.id, User.name, User.login, User.active)))
    return tuple(sorted(users, key=lambda user: (search_key(user.name), user.id)))


def _current_leases(cached: State | None, marks: Marks) -> tuple[dict[int, LeaseView], Marks]:
    """Return the leases, and the marks with the count and newest id of exactly these.

    A lease may have begun after the marks were read.
    """
    if cached and cached.marks.leases == marks.leases:
        return cached.leases, marks
    query = select(Lease.id, Lease.account_id, Lease.user_id, Lease.number, User.name, Lease.acquired_at).join(
        User, User.id == Lease.user_id
    )
    rows = db.session.execute(query).all()
    newest = max((row.id for row in rows), default=0)
    leases = {row.account_id: LeaseView(row.user_id, row.number, row.name, row.acquired_at) for row in rows}
    return leases, marks._replace(lease_count=len(rows), newest_lease_id=newest)


def _current_acknowledgements(cached: State | None, marks: Marks) -> dict[str, AcknowledgementView]:
    if cached and cached.marks.acknowledgements == marks.acknowledgements:
        return cached.acknowledgements
    rows = db.session.scalars(select(Acknowledgement)).all()
    return {row.fingerprint: AcknowledgementView(row.subject, row.actor_name, row.created_at) for row in rows}


def _current_drift(cached: State | None, marks: Marks) -> tuple[DriftView, ...]:
    if cached and cached.marks.drift == marks.drift:
        return cached.drift
    rows = db.session.scalars(select(Drift).order_by(Drift.host, Drift.name, Drift.field)) if marks.drift_count else ()
    return tuple(DriftView(row.name, row.field, row.expected, row.actual, row.first_seen_at, row.host) for row in rows)


def _current_routing(cached: State | None, marks: Marks) -> Routing:
    """Return the active trunks, and the active routes that have one."""
    if cached and cached.marks.routing == marks.routing:
        return cached.saved.trunks, cached.saved.routes
    trunks = db.session.scalars(select(Trunk).where(Trunk.active).order_by(Trunk.id)).all()
    rules = db.session.scalars(
        select(OutboundRoute)
        .join(Trunk, Trunk.id == OutboundRoute.trunk_id)
        .where(OutboundRoute.active, Trunk.active)
        .order_by(OutboundRoute.position, OutboundRoute.id)
    ).all()
    return _to_records(records.Trunk, trunks), _to_records(records.Route, rules)


def _to_records(record: type[Record], rows: Iterable[Trunk | OutboundRoute]) -> tuple[Record, ...]:
    names = [column.name for column in fields(record)]
    return tuple(record(**pick(row, names)) for row in rows)
