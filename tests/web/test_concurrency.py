"""Races between administrators, over HTTP, against several worker processes."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from tests.client import HttpClient, soup
from tests.conftest import on_both_databases
from tests.servers import serving


@pytest.fixture
def sessions(instance):
    """Twenty logged-in administrators of one server with four worker processes."""
    with serving(instance, pbx="files", workers="4") as address:
        first = [HttpClient(address) for _ in range(20)]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(HttpClient.login, first))
        for visitor in first:
            assert visitor.get("/accounts")[0] == 200
        yield first


def at_once(sessions, work):
    with ThreadPoolExecutor(len(sessions)) as pool:
        return list(pool.map(work, sessions))


def parsed(text):
    return soup(SimpleNamespace(text=text))


NEW = {"phone": "builtin", "user": "", "active": "y", "level": "10"}


@on_both_databases
def test_simultaneous_adds_of_one_number_create_one_and_suggest_the_next(sessions):
    answers = at_once(sessions, lambda visitor: visitor.post("/accounts", number="220", **NEW))
    assert sorted(status for status, _ in answers) == [200] + [422] * 19
    for status, text in answers:
        if status == 422:
            assert "220 is already in use" in text
            assert parsed(text).select_one("[name=number]")["value"] == "221"
    _, text = sessions[0].get("/accounts")
    assert [number.text for number in parsed(text).select(".account th")].count("220") == 1


def test_simultaneous_generations_apply_the_plan_once(sessions):
    assert sessions[0].post("/accounts", number="300", **NEW)[0] == 200
    at_once(sessions[:6], lambda visitor: visitor.post("/generation"))
    _, text = sessions[0].get("/generation")
    assert "The configuration is up to date." in text
    assert len(parsed(text).select("th.number[scope=row]")) == 2


def test_simultaneous_saves_of_one_row_succeed_once_and_show_both_values(sessions):
    answers = at_once(
        list(enumerate(sessions[:8])),
        lambda pair: pair[1].post("/accounts/1", **NEW | {"number": "200", "level": str(20 + pair[0]), "version": "1"}),
    )
    assert sorted(status for status, _ in answers) == [200] + [409] * 7
    assert all("now saved as" in text for status, text in answers if status == 409)
