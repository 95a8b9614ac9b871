"""Races between administrators, over HTTP, against several worker processes."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conftest import Visitor, on_both, serving


@pytest.fixture
def visitors(instance):
    """Twenty logged-in administrators of one server with four worker processes."""
    with serving(instance, pbx="files", workers="4") as address:
        first = [Visitor(address) for _ in range(20)]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(Visitor.login, first))
        for visitor in first:
            assert visitor.get("/accounts")[0] == 200
        yield first


def at_once(visitors, work):
    with ThreadPoolExecutor(len(visitors)) as pool:
        return list(pool.map(work, visitors))


NEW = {"phone": "builtin", "user": "", "active": "y", "level": "10"}


@on_both
def test_of_twenty_simultaneous_adds_of_one_proposal_one_succeeds_and_the_others_get_a_fresh_one(visitors):
    answers = at_once(visitors, lambda visitor: visitor.post("/accounts", number="220", **NEW))
    assert sorted(status for status, _ in answers) == [200] + [422] * 19
    for status, text in answers:
        if status == 422:
            assert "220 is taken already" in text
            assert 'name="number" value="221"' in text
    _, page = visitors[0].get("/accounts")
    assert len(re.findall(r">220<td", page)) == 1


def test_of_two_generations_at_once_one_runs_and_the_plan_is_done_once(visitors):
    assert visitors[0].post("/accounts", number="300", **NEW)[0] == 200
    at_once(visitors[:6], lambda visitor: visitor.post("/generation"))
    _, page = visitors[0].get("/generation")
    assert "There is nothing to do." in page
    assert len(re.findall(r'<th scope="row" class="num">', page)) == 2


def test_of_simultaneous_saves_of_one_row_one_wins_and_the_others_see_both_values(visitors):
    answers = at_once(
        list(enumerate(visitors[:8])),
        lambda pair: pair[1].post("/accounts/1", **NEW | {"number": "200", "level": str(20 + pair[0]), "version": "1"}),
    )
    assert sorted(status for status, _ in answers) == [200] + [409] * 7
    assert all("Saved meanwhile" in text for status, text in answers if status == 409)
