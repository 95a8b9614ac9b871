"""Decision table of the agent login: which account an agent gets, or why none.

Accounts are compared as generated, the agent as saved. The first matching row of the table decides.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from .accounts import BUILTIN
from .snapshot import Account, Snapshot

AUTOMATIC, MANUAL = "automatic", "manual"


class Reason(StrEnum):
    """Why an agent gets an account, or none. The audit log stores the values.

    Only administrators see a reason; a refused agent always gets the same sentence.
    """

    # An account is assigned:
    OWN = "own"  # the lowest free account of the agent
    POOL = "pool"  # the lowest free automatic account
    REQUESTED_OWN = "asked_own"  # the requested number, an account of the agent
    REQUESTED_POOL = "asked_pool"  # the requested number, an automatic account
    ALREADY_ASSIGNED = "held"  # the agent uses the account now

    # No account is assigned:
    UNKNOWN = "unknown"  # no account has this number
    NOT_ACTIVE = "not_active"  # the account with this number is inactive
    NOT_GENERATED = "not_generated"  # the account with this number is not live yet
    OTHER_USER = "foreign"  # the account belongs to another user
    IN_USE = "busy"  # another agent uses the account
    OWN_IN_USE = "own_busy"  # all accounts of the agent are in use
    POOL_EMPTY = "pool_empty"  # no live automatic account is of the built-in phone
    POOL_IN_USE = "pool_busy"  # all automatic accounts are in use
    NUMBER_REQUIRED = "manual"  # no number, no own account, and not automatic mode with the built-in phone
    OTHER_NUMBER = "other_number"  # the agent requests another number than the one in use
    INACTIVE = "inactive"  # the agent cannot log in
    ROLE = "role"  # the user's role does not work with numbers
    PASSWORD_CHANGE_REQUIRED = "must_change"  # noqa: S105  # not a password; the agent must change the password first


@dataclass(frozen=True, slots=True)
class Agent:
    """The user who logs in, as saved."""

    id: int
    work_mode: str
    external_phone: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """The outcome of the decision table: an account or None, and the reason in either case."""

    account: Account | None
    reason: Reason


def assign(agent: Agent, number: int | None, live: Snapshot, in_use: Collection[int]) -> Assignment:
    """Assign an account to an agent who requests this number, or none.

    `in_use` holds the ids of the accounts that agents use now.
    """
    if number is not None:
        return _requested(agent, number, live, in_use)
    return assign_without_number([agent], live, in_use)[agent.id]


def assign_without_number(agents: Iterable[Agent], live: Snapshot, in_use: Collection[int]) -> dict[int, Assignment]:
    """Return, by agent's id, what each agent who requests no number gets if no other agent logs in before."""
    own: dict[int | None, list[Account]] = {}
    for account in live.accounts:
        own.setdefault(account.user_id, []).append(account)
    pool = [account for account in own.pop(None, ()) if account.phone == BUILTIN]
    automatic = _lowest_free(pool, in_use, Reason.POOL, otherwise=Reason.POOL_IN_USE if pool else Reason.POOL_EMPTY)
    return {agent.id: _without_number(agent, own.get(agent.id, ()), automatic, in_use) for agent in agents}


def _without_number(
    agent: Agent, own: Collection[Account], automatic: Assignment, in_use: Collection[int]
) -> Assignment:
    if own:
        return _lowest_free(own, in_use, Reason.OWN, otherwise=Reason.OWN_IN_USE)
    if agent.work_mode != AUTOMATIC or agent.external_phone != BUILTIN:
        return Assignment(None, Reason.NUMBER_REQUIRED)
    return automatic


def _requested(agent: Agent, number: int, live: Snapshot, in_use: Collection[int]) -> Assignment:
    account = next((account for account in live.accounts if account.number == number), None)
    if account is None:
        return Assignment(None, Reason.UNKNOWN)
    if account.user_id not in (None, agent.id):
        return Assignment(None, Reason.OTHER_USER)
    if account.id in in_use:
        return Assignment(None, Reason.IN_USE)
    return Assignment(account, Reason.REQUESTED_POOL if account.user_id is None else Reason.REQUESTED_OWN)


def _lowest_free(
    accounts: Collection[Account], in_use: Collection[int], reason: Reason, *, otherwise: Reason
) -> Assignment:
    free = [account for account in accounts if account.id not in in_use]
    if not free:
        return Assignment(None, otherwise)
    return Assignment(min(free, key=lambda account: account.number), reason)
