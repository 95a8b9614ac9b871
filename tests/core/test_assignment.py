"""The decision table of the agent login, row by row, and its properties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipweb.core.assignment import Agent, Reason, assign
from sipweb.core.snapshot import Account, Snapshot

ANNA, PIOTR = 1, 2


def account(key, owner=None, phone="builtin"):
    return Account(id=key, number=200 + key, user_id=owner, phone=phone, user="?", secret="", fingerprint="")


def agent(work_mode="automatic", external_phone="builtin"):
    return Agent(ANNA, work_mode, external_phone)


POOL = (account(0), account(1), account(2, phone="other"))
OWN = (account(5, ANNA, "other"), account(4, ANNA))
OTHERS = (account(7, PIOTR),)


@pytest.mark.parametrize(
    ("actor", "number", "accounts", "in_use", "expected"),
    [
        (agent(), 299, POOL, (), (None, "unknown")),
        (agent(), 207, OTHERS, (), (None, "foreign")),
        (agent(), 200, POOL, (0,), (None, "busy")),
        (agent(), 204, OWN, (4,), (None, "busy")),
        (agent(), 201, POOL, (0,), (201, "asked_pool")),
        (agent(), 202, POOL, (), (202, "asked_pool")),
        (agent("manual"), 201, POOL, (), (201, "asked_pool")),
        (agent("manual", "other"), 205, OWN, (), (205, "asked_own")),
        (agent(), None, POOL + OWN, (), (204, "own")),
        (agent("manual", "other"), None, POOL + OWN, (), (204, "own")),
        (agent(), None, POOL + OWN, (4,), (205, "own")),
        (agent(), None, POOL + OWN, (4, 5), (None, "own_busy")),
        (agent(), None, POOL, (), (200, "pool")),
        (agent(), None, POOL, (0,), (201, "pool")),
        (agent(), None, POOL, (0, 1), (None, "pool_busy")),
        (agent(), None, POOL[2:], (), (None, "pool_empty")),
        (agent(), None, OTHERS, (), (None, "pool_empty")),
        (agent(), None, (), (), (None, "pool_empty")),
        (agent("manual"), None, POOL, (), (None, "manual")),
        (agent("automatic", "other"), None, POOL, (), (None, "manual")),
    ],
)
def test_decision_table_assigns_the_account_or_gives_the_reason(actor, number, accounts, in_use, expected):
    assignment = assign(actor, number, Snapshot(accounts), in_use)
    assert (assignment.account and assignment.account.number, assignment.reason) == expected
    assert isinstance(assignment.reason, Reason)


accounts_ = st.lists(
    st.builds(account, st.integers(0, 40), st.sampled_from([None, ANNA, PIOTR]), st.sampled_from(["builtin", "other"])),
    unique_by=lambda a: a.id,
)
agents = st.builds(agent, st.sampled_from(["automatic", "manual"]), st.sampled_from(["builtin", "other"]))


@given(agents, st.none() | st.integers(195, 245), accounts_, st.sets(st.integers(0, 40)))
def test_assigned_account_is_the_lowest_allowed_and_free_one(actor, number, accounts, in_use):
    assigned = assign(actor, number, Snapshot(tuple(accounts)), in_use).account
    if assigned is None:
        return
    assert assigned in accounts
    assert assigned.id not in in_use
    assert assigned.user_id in (None, ANNA)
    if number is not None:
        assert assigned.number == number
        return
    candidates = [a for a in accounts if a.user_id == assigned.user_id and a.id not in in_use]
    if assigned.user_id is None:
        assert assigned.phone == "builtin"
        assert not any(a.user_id == ANNA for a in accounts)
        candidates = [a for a in candidates if a.phone == "builtin"]
    assert assigned.number == min(a.number for a in candidates)
