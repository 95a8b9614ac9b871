"""The decision table of the agent login, line by line, and what holds for every table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipweb.core.assignment import Agent, assign
from sipweb.core.snapshot import Account, Snapshot

ANNA, PIOTR = 1, 2


def account(key, owner=None, phone="builtin"):
    return Account(key, 200 + key, owner, "?", phone, False, 10, "", "")


def agent(work_mode="automatic", external_phone="builtin"):
    return Agent(ANNA, work_mode, external_phone)


POOL = (account(0), account(1), account(2, phone="other"))
OWN = (account(5, ANNA, "other"), account(4, ANNA))
FOREIGN = (account(7, PIOTR),)


@pytest.mark.parametrize(
    ("who", "number", "accounts", "taken", "expected"),
    [
        (agent(), 299, POOL, (), "unknown"),
        (agent(), 207, FOREIGN, (), "foreign"),
        (agent(), 200, POOL, (0,), "busy"),
        (agent(), 204, OWN, (4,), "busy"),
        (agent(), 201, POOL, (0,), 201),
        (agent(), 202, POOL, (), 202),
        (agent("manual"), 201, POOL, (), 201),
        (agent("manual", "other"), 205, OWN, (), 205),
        (agent(), None, POOL + OWN, (), 204),
        (agent("manual", "other"), None, POOL + OWN, (), 204),
        (agent(), None, POOL + OWN, (4,), 205),
        (agent(), None, POOL + OWN, (4, 5), "own_busy"),
        (agent(), None, POOL, (), 200),
        (agent(), None, POOL, (0,), 201),
        (agent(), None, POOL, (0, 1), "pool_busy"),
        (agent(), None, POOL[2:], (), "pool_empty"),
        (agent(), None, FOREIGN, (), "pool_empty"),
        (agent(), None, (), (), "pool_empty"),
        (agent("manual"), None, POOL, (), "manual"),
        (agent("automatic", "other"), None, POOL, (), "manual"),
    ],
)
def test_the_table(who, number, accounts, taken, expected):
    found = assign(who, number, Snapshot(accounts), taken)
    assert (found if isinstance(found, str) else found.number) == expected


accounts_ = st.lists(
    st.builds(account, st.integers(0, 40), st.sampled_from([None, ANNA, PIOTR]), st.sampled_from(["builtin", "other"])),
    unique_by=lambda a: a.id,
)
agents = st.builds(agent, st.sampled_from(["automatic", "manual"]), st.sampled_from(["builtin", "other"]))


@given(agents, st.none() | st.integers(195, 245), accounts_, st.sets(st.integers(0, 40)))
def test_nobody_gets_anothers_account_or_one_in_use_and_always_the_lowest(who, number, accounts, taken):
    found = assign(who, number, Snapshot(tuple(accounts)), taken)
    if isinstance(found, str):
        return
    assert found in accounts
    assert found.id not in taken
    assert found.user_id in (None, ANNA)
    if number is not None:
        assert found.number == number
        return
    rivals = [a for a in accounts if a.user_id == found.user_id and a.id not in taken]
    if found.user_id is None:
        assert found.phone == "builtin"
        assert not any(a.user_id == ANNA for a in accounts)
        rivals = [a for a in rivals if a.phone == "builtin"]
    assert found.number == min(a.number for a in rivals)
