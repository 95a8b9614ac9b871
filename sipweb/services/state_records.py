"""What a process keeps of the database and of the monitor's status file, as records that never change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from ..core.accounts import AccountFields
from ..core.asterisk import Configuration
from ..core.plan import ChangeCounts, Plan
from ..core.snapshot import Snapshot
from ..pbx.status import Contact, TrunkState


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView(AccountFields):
    """One account of the list as saved; a deleted, still live one as it is live.

    `pending` is how it differs from the PBX ("added", "changed", "removed", "inactive" or ""). With "inactive" the PBX
    does not know yet that the number is an inactive account's. `live` tells whether the PBX has it,
    `live_values` what the PBX has instead of the saved values: (field, value), None for a password.
    `owner_active` tells whether the owner may log in (True for the pool). `free` tells whether an agent without a
    number could get it if nobody uses it, `automatic` whether it is or becomes such an account. `live_number` is the
    number with which the account's phone registers, 0 if the PBX does not have the account. `should_register` tells
    whether the PBX expects that: not of the built-in phone, which registers at work only, and whose agent sees when it
    is not (decision 072).
    """

    id: int
    user: str
    active: bool
    version: int
    fingerprint: str = ""
    pending: str = ""
    live: bool = False
    live_values: tuple[tuple[str, object], ...] = ()
    free: bool = False
    automatic: bool = False
    deleted: bool = False
    owner_active: bool = True
    live_number: int = field(default=0, compare=False)  # it follows from the other fields
    should_register: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class UserOption:
    """A user in the list of owners."""

    id: int
    name: str
    login: str
    active: bool


@dataclass(frozen=True, slots=True)
class LeaseView:
    """Who uses an account, and since when."""

    user_id: int
    number: int
    name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class AcknowledgementView:
    """What was acknowledged ("first_steps", or why emergency calls can't be placed), by whom and when."""

    subject: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DriftView:
    """A difference between the live generation and a PBX host; the first four are as in pbx.verification.Difference."""

    name: str
    field: str
    expected: str
    actual: str
    first_seen: datetime
    host: str


class Marks(NamedTuple):
    """What tells which parts of a cached state are still true; 0 where there are no rows.

    `generation` is the number of the live one. A table's revision is the newest of its rows.
    """

    revision: int
    generation: int
    user_revision: int
    account_count: int
    lease_count: int
    newest_lease_id: int
    trunk_count: int
    trunk_revision: int
    route_count: int
    route_revision: int
    acknowledgement_count: int
    newest_acknowledgement_id: int
    drift_count: int
    newest_drift_id: int

    @property
    def leases(self) -> tuple[int, int]:
        """What changes with any lease that begins or ends."""
        return self.lease_count, self.newest_lease_id

    @property
    def routing(self) -> tuple[int, int, int, int]:
        """What changes with any trunk or route."""
        return self.trunk_count, self.trunk_revision, self.route_count, self.route_revision

    @property
    def acknowledgements(self) -> tuple[int, int]:
        """What changes with any acknowledgement that is added or deleted."""
        return self.acknowledgement_count, self.newest_acknowledgement_id

    @property
    def drift(self) -> tuple[int, int]:
        """What changes with any difference that is found or gone."""
        return self.drift_count, self.newest_drift_id


@dataclass(frozen=True, slots=True)
class State:
    """Everything that pages show about accounts and owners, at one revision."""

    marks: Marks
    live: Snapshot
    saved: Snapshot
    plan: Plan
    accounts: tuple[AccountView, ...]
    users: tuple[UserOption, ...]
    by_id: dict[int, AccountView]  # without deleted accounts
    leases: dict[int, LeaseView]  # by the live account's id
    free: frozenset[int]  # ids of accounts that an agent without a number could get now
    acknowledgements: dict[str, AcknowledgementView]  # by the fingerprint of the facts
    drift: tuple[DriftView, ...]

    @property
    def generation(self) -> int:
        """The number of the live generation; 0 before the first."""
        return self.marks.generation

    def account(self, account_id: int) -> AccountView | None:
        """Return the account of that id, or None."""
        deleted = (account for account in self.accounts if account.deleted and account.id == account_id)
        return self.by_id.get(account_id) or next(deleted, None)


@dataclass(frozen=True, slots=True)
class PbxProblem:
    """Why Asterisk does not answer: a message id and its values."""

    message: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Attack:
    """Guessing of SIP passwords that is in progress: from where, and how many attempts in the last 5 minutes.

    `blocked_until` is a Unix time, 0 if the address is not blocked. `spared` tells why not: trusted, phone, host,
    trunk or full.
    """

    address: str
    attempts: int
    blocked_until: float = 0.0
    spared: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Wrong passwords for a number: the address of the last one, and when the first and the last one came.

    Unix times. Refusals that differ in `last` alone are equal.
    """

    address: str
    since: int
    last: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class PbxStatus:
    """What the monitor stored last, or what all hosts' monitors did (services.host_statuses).

    `registrations`: number → contact; `since`: number → time of its last change; `trunks`: trunk id → state.
    `stamp` is the time of the newest change, of a trunk too (milliseconds, strictly growing); 0 without a monitor.
    `problem` is None while Asterisk answers. `reads_leases` tells whether phones register with credentials of leases:
    sorcery.conf has the lines. `calls` is the number of calls in progress. `blocking_problem` tells why Asterisk
    accepts requests from blocked addresses: file (it can't be written) or not_denied. `refusals`: number → wrong
    password, of registered phones too. `ended`: number → when its phone was last registered, if it is not now (Unix
    time; 0 if unknown). `on_call` are the numbers of accounts in a call. `call_problem` is what the call history lacks,
    on the own host only (services.call_collection).
    """

    stamp: int = 0
    registrations: dict[int, Contact] = field(default_factory=dict)
    since: dict[int, int] = field(default_factory=dict)
    trunks: dict[int, TrunkState] = field(default_factory=dict)
    problem: PbxProblem | None = None
    reads_leases: bool = True
    calls: int = 0
    attacks: tuple[Attack, ...] = ()
    blocking_problem: str = ""
    refusals: dict[int, Refusal] = field(default_factory=dict)
    ended: dict[int, int] = field(default_factory=dict)
    on_call: frozenset[int] = frozenset()
    call_problem: str = ""

    def refusal(self, number: int) -> Refusal | None:
        """Return why the number's phone is not registered, or None.

        A phone that is registered is no concern of who else tries its number.
        """
        return None if number in self.registrations else self.refusals.get(number)


@dataclass(slots=True)
class StateCache:
    """What this process read last. Each value never changes; a thread replaces it as a whole.

    `live` is the live generation's number, the version of the keys that its secrets need, and its snapshot. `next` is
    the same of a running generation that this host will try, with what is rendered of it.
    `pbx_status` has the time and the inode of the file that it was read from, `host_statuses` by host the stamp of its
    row, and `merged_status` the hosts' stamps. `reported_status` is what the monitor reported, and its row's stamp.
    `change_counts` has generations by their number. `epoch` changes when everything must be read again.
    """

    live: tuple[int, object, Snapshot] | None = None
    next: tuple[int, object, Configuration] | None = None
    state: State | None = None
    pbx_status: tuple[tuple[int, int], PbxStatus] | None = None
    host_statuses: Mapping[str, tuple[int, PbxStatus]] = field(default_factory=dict)
    merged_status: tuple[Mapping[str, int], PbxStatus] | None = None
    reported_status: tuple[int, PbxStatus] | None = None
    change_counts: Mapping[int, ChangeCounts] = field(default_factory=dict)
    epoch: int = 0

    def clear(self) -> None:
        """Forget what was read from the database."""
        self.epoch += 1
        self.live = self.next = self.state = self.merged_status = self.reported_status = None
        self.change_counts, self.host_statuses = {}, {}
