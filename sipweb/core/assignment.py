"""Which account an agent gets, and why none: the decision table of the agent login, and nothing else.

Accounts are looked at as generated, the agent as saved. The first line of the table that matches decides.
"""

from collections.abc import Collection
from dataclasses import dataclass

from .snapshot import BUILTIN, Account, Snapshot

AUTOMATIC, MANUAL = "automatic", "manual"
# Reasons, for the administrator only: the agent is told one sentence whatever the reason.
UNKNOWN = "unknown"  # not a number of a live account; the service knows whether it is inactive or not generated
FOREIGN = "foreign"  # another user's
BUSY = "busy"  # in use by another agent
OWN_BUSY = "own_busy"  # all own accounts are in use
POOL_EMPTY = "pool_empty"  # no automatic account of the built-in phone is live
POOL_BUSY = "pool_busy"  # all of them are in use
MANUAL_MODE = "manual"  # no number given, none owned, and not automatic with the built-in phone
# Lines of the table that give an account.
OWN, POOL, ASKED_OWN, ASKED_POOL = "own", "pool", "asked_own", "asked_pool"


@dataclass(frozen=True, slots=True)
class Agent:
    """Who logs in: the saved user."""

    id: int
    work_mode: str
    external_phone: str


def assign(agent: Agent, number: int | None, live: Snapshot, taken: Collection[int]) -> Account | str:
    """The account that the agent gets, or the reason why none. `taken` are the ids of accounts in use by others."""
    if number is not None:
        return _asked_for(agent, number, live, taken)
    own = [account for account in live.accounts if account.user_id == agent.id]
    if own:
        return _lowest(own, taken) or OWN_BUSY
    if agent.work_mode != AUTOMATIC or agent.external_phone != BUILTIN:
        return MANUAL_MODE
    pool = [account for account in live.accounts if account.user_id is None and account.phone == BUILTIN]
    return _lowest(pool, taken) or (POOL_BUSY if pool else POOL_EMPTY)


def line(account: Account, *, asked: bool) -> str:
    """The line of the table by which `assign` gave this account; `asked` when a number was given."""
    if account.user_id is None:
        return ASKED_POOL if asked else POOL
    return ASKED_OWN if asked else OWN


def _asked_for(agent: Agent, number: int, live: Snapshot, taken: Collection[int]) -> Account | str:
    account = next((account for account in live.accounts if account.number == number), None)
    if account is None:
        return UNKNOWN
    if account.user_id not in (None, agent.id):
        return FOREIGN
    return BUSY if account.id in taken else account


def _lowest(accounts: list[Account], taken: Collection[int]) -> Account | None:
    free = (account for account in accounts if account.id not in taken)
    return min(free, key=lambda account: account.number, default=None)
