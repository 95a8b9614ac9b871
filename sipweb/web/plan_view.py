"""A plan as the pages show it: grouped, with authors, calls, agents and impact."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from operator import attrgetter

from ..core.impact import Impact, assess
from ..core.plan import Plan
from ..core.plan_groups import AccountEntry, AccountGroup, group_accounts
from ..core.rights import Right
from ..core.snapshot import Snapshot
from ..services import audit_subjects, pbx_status, routes, trunks
from ..services.audit import Entry
from ..services.audit_subjects import Subject
from ..services.state_records import State
from .access import can, current_context


@dataclass(frozen=True)
class PlanView:
    """A plan, and what the page shows with each change.

    `saved`: kind and id of what still exists, and is removed from the PBX because it is inactive; `authors`: by kind
    and id the audit entry that made it pending; `on_call`: numbers of accounts in a call; `agents`: by account the
    agent who uses it; `is_pending`: the plan is what would be generated now; `impact`: unless it is in the past;
    `can_discard`: each change has a link that discards it.
    """

    plan: Plan
    saved: Collection[Subject] = ()
    authors: Mapping[Subject, Entry] = field(default_factory=dict)
    on_call: Collection[int] = ()
    agents: Mapping[int, str] = field(default_factory=dict)
    is_pending: bool = False
    can_discard: bool = False
    impact: Impact | None = None

    @cached_property
    def accounts(self) -> tuple[tuple[AccountGroup, ...], tuple[AccountEntry, ...]]:
        """The groups of accounts, and the accounts that are in none of them."""
        return group_accounts(self.plan, {key for kind, key in self.saved if kind == "account"})

    @cached_property
    def entries(self) -> tuple[AccountEntry, ...]:
        """What happens to each account, those of groups included."""
        groups, single = self.accounts
        return tuple(sorted((*single, *(e for group in groups for e in group.entries)), key=lambda e: e.account.number))

    @property
    def calls(self) -> list[str]:
        """The numbers of accounts that change or disappear while they are in a call."""
        return [str(entry.account.number) for entry in self.entries if self.is_on_call(entry)]

    @property
    def agents_without_number(self) -> list[str]:
        """The agents who lose their number."""
        return [f"{name} ({entry.account.number})" for entry in self.entries if (name := self.agent(entry))]

    def author(self, entry: AccountEntry) -> Entry | None:
        """Return the audit entry that made an account's change pending."""
        return self.authors.get(("account", entry.account.id))

    def group_author(self, group: AccountGroup) -> Entry | None:
        """Return the newest audit entry of a group, or None if its changes are by different users."""
        entries = [author for entry in group.entries if (author := self.author(entry))]
        is_by_one = len({entry.by for entry in entries}) == 1
        return max(entries, key=attrgetter("id")) if is_by_one else None

    def is_on_call(self, entry: AccountEntry) -> bool:
        """Return whether an account is in a call."""
        return entry.account.number in self.on_call

    def on_call_count(self, group: AccountGroup) -> int:
        """Return how many accounts of a group are in a call."""
        return sum(self.is_on_call(entry) for entry in group.entries)

    def in_use_count(self, group: AccountGroup) -> int:
        """Return how many accounts of a group are taken from the agents who use them."""
        return sum(bool(self.agent(entry)) for entry in group.entries)

    def agent(self, entry: AccountEntry) -> str:
        """Return the agent who uses the account and loses it with this change; "" if nobody does."""
        return self.agents.get(entry.account.id, "") if entry.ends_use else ""


def pending_changes(current: State) -> PlanView:
    """Return what a generation would change now."""
    view = plan_view(current, current.saved, current.plan)
    return replace(
        view,
        authors=audit_subjects.pending_authors(current.plan),
        is_pending=True,
        can_discard=bool(current.generation) and can(Right.EDIT),
    )


def plan_view(current: State, snapshot: Snapshot, plan: Plan) -> PlanView:
    """Return a plan that makes `snapshot` live, with what it means for the users of accounts."""
    return PlanView(
        plan,
        saved=saved_records(current),
        on_call=pbx_status.numbers_on_call(current_context()) if plan else (),
        agents={account_id: lease.name for account_id, lease in current.leases.items()},
        impact=assess(current.live, snapshot),
    )


def saved_records(current: State) -> set[Subject]:
    """Return kind and id of all accounts, trunks and routes that are not deleted."""
    records = {("account", account.id) for account in current.accounts if not account.deleted}
    records |= {("trunk", trunk.id) for trunk in trunks.list_trunks()}
    records |= {("route", route.id) for route in routes.list_routes()}
    return records
