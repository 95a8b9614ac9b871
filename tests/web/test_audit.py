"""The page of the audit log."""

import re

import pytest

from tests.builders import make_account
from tests.client import soup, text_of


def test_added_account_is_one_cell_of_all_its_values(ctx, admin):
    make_account(ctx, 300)
    row = soup(admin.get("/audit")).select_one("tbody tr")
    cells = [text_of(cell) for cell in row.select("td")]
    assert cells[3:5] == ["SIP account added", "300"]
    assert len(row.select("td:last-child span")) > 3


@pytest.mark.parametrize("query", ["?q=account:999", "?q=event:lease.refused"])
def test_filter_that_finds_nothing_can_be_cleared(admin, query):
    empty = soup(admin.get(f"/audit{query}")).select_one(".empty")
    assert empty.p.text == "No events."
    assert (empty.a.text, empty.a["href"]) == ("Clear", "/audit")


@pytest.mark.parametrize(("language", "month"), [("en", r"[A-Z][a-z]+"), ("pl", r"[a-z]{3}")])
def test_times_have_24_hours_and_seconds(admin, language, month):
    admin.post("/language", language=language)
    time = soup(admin.get("/audit")).select_one("tbody time").text
    assert re.fullmatch(rf"\d{{1,2}} {month} \d{{4}}, \d\d:\d\d:\d\d", time)
