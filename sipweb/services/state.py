"""What is saved, what is live, and the plan between them: derived on demand, cached by the database's revision."""

from dataclasses import dataclass

from sqlalchemy import select

from ..core.plan import Plan, diff
from ..core.snapshot import AUTOMAT, BUILTIN, Account, Snapshot
from ..db import db, revision
from ..models import Account as AccountRow
from ..models import Generation, User
from .site import Site

LIVE = ("written", "verified")


@dataclass(frozen=True, slots=True)
class AccountView:
    """One account of the list, as saved; a deleted one that is still live as it lives, with `deleted`.

    `pending` is how it differs from the PBX ("added", "changed", "removed" or ""), `live` whether the PBX knows it,
    `free` whether an agent without a number could get it now.
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


@dataclass(frozen=True, slots=True)
class State:
    """Everything the pages say about accounts, at one revision. `generation` is the live one's number, 0 for none."""

    revision: int
    generation: int
    live: Snapshot
    saved: Snapshot
    plan: Plan
    accounts: tuple[AccountView, ...]

    def account(self, account_id: int) -> AccountView | None:
        """The account of that id, if it is in the list."""
        return next((account for account in self.accounts if account.id == account_id), None)


def state(site: Site) -> State:
    """The state now. Costs one small query while nothing was changed by any process."""
    current = revision()
    cached: State | None = site.saved
    if cached is None or cached.revision != current:
        cached = site.saved = _read(site, current)
    return cached


def live(site: Site) -> tuple[int, Snapshot]:
    """Number and snapshot of the newest generation that the PBX was given; (0, empty) before the first."""
    number = db.session.scalar(
        select(Generation.number).where(Generation.state.in_(LIVE)).order_by(Generation.number.desc()).limit(1)
    )
    if number is None:
        return 0, Snapshot()
    if site.live is None or site.live[0] != number:
        site.live = number, snapshot_of(number)
    return site.live


def snapshot_of(number: int) -> Snapshot:
    """The snapshot of one generation; it never changes."""
    return Snapshot.from_json(db.session.scalar(select(Generation.snapshot).where(Generation.number == number)) or "{}")


def _read(site: Site, current: int) -> State:
    table = AccountRow
    rows = db.session.execute(
        select(table.id, table.number, table.user_id, User.name, table.phone, table.active, table.recording,
               table.level, table.version, table.fingerprint, table.secret)
        .outerjoin(User, User.id == table.user_id)
        .order_by(table.number)
    ).all()  # fmt: skip
    number, snapshot = live(site)
    saved = Snapshot(
        tuple(
            Account(id_, no, owner, name or AUTOMAT, phone, recording, level, secret, fingerprint)
            for id_, no, owner, name, phone, active, recording, level, _version, fingerprint, secret in rows
            if active
        ),
        site.settings,
    )
    plan = diff(snapshot, saved)
    running = {account.id: account for account in snapshot.accounts}
    kinds = plan.kinds
    views = [
        AccountView(id_, no, owner, name or AUTOMAT, phone, active, recording, level, version, fingerprint,
                    kinds.get(id_, ""), id_ in running, _free(running.get(id_)))
        for id_, no, owner, name, phone, active, recording, level, version, fingerprint, _secret in rows
    ]  # fmt: skip
    kept = {view.id for view in views}
    gone = [_deleted(account) for account in plan.removed if account.id not in kept]
    accounts = sorted([*views, *gone], key=lambda view: view.number) if gone else views
    return State(current, number, snapshot, saved, plan, tuple(accounts))


def _free(account: Account | None) -> bool:
    return account is not None and account.user_id is None and account.phone == BUILTIN


def _deleted(account: Account) -> AccountView:
    return AccountView(
        account.id, account.number, account.user_id, account.user, account.phone, True, account.recording,
        account.level, 0, account.fingerprint, "removed", True, _free(account), True,
    )  # fmt: skip
