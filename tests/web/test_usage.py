"""Account usage: the page, its plot and table, and the export."""

import csv
import io
import time
from datetime import timedelta

import pytest

from sipweb.db import transaction
from sipweb.models import AccountUsage
from sipweb.services.context import utc_now
from tests.builders import edit_account
from tests.client import soup


def add_usage(*rows):
    """Add (hours ago, in use at most, refused, needed) with 20 automatic accounts."""
    with transaction() as session:
        for ago, peak, refused, needed in rows:
            minute = utc_now().replace(minute=20, second=0, microsecond=0) - timedelta(hours=ago)
            session.add(
                AccountUsage(
                    minute=minute, total=20, in_use=0, peak=peak, needed=needed, refused=refused, audit_id=0
                )
            )  # fmt: skip


def table(page):
    """The table's numbers, the newest first."""
    rows = soup(page).select("#numbers tbody tr")
    return [tuple(int(cell.text) for cell in row.select("td")) for row in rows]


def test_page_shows_peak_refusals_and_how_many_accounts_to_add(admin):
    add_usage((5, 18, 0, 18), (3, 20, 3, 22))
    page = admin.get("/usage")
    text = " ".join(soup(page).select_one(".head").text.split())
    assert "Peak: 20 of 20 automatic accounts in use" in text
    assert "3 requests refused." in text
    assert "Add 5 automatic accounts to keep at least 3 free" in soup(page).select_one("#recommendation").text
    assert table(page) == [(0, 20, 0), (0, 20, 0), (0, 20, 0), (20, 0, 3), (0, 20, 0), (18, 2, 0)]
    paths = {path["class"][0]: path["d"] for path in soup(page).select("svg path")}
    assert paths["in-use"] == "M181 10.0h8V100h-8zM201 0.0h8V100h-8z"
    assert paths["free"].startswith("M181 0.0h8V10.0h-8zM191 0.0h8V100.0h-8zM211")
    assert paths["refused"] == "M201 0h8v6h-8z"


def test_enough_accounts_need_no_more(admin):
    add_usage((5, 17, 0, 17))
    assert "20 automatic accounts suffice." in soup(admin.get("/usage")).select_one("#recommendation").text


def test_empty_page_says_when_there_will_be_figures(admin):
    page = soup(admin.get("/usage"))
    assert "No figures yet" in page.select_one(".empty").text
    assert not page.select("svg, table")


@pytest.mark.parametrize(("span", "hours"), [("day", 24), ("week", 168), ("month", 720), ("century", 24), ("", 24)])
def test_span_is_chosen_by_a_link(admin, span, hours):
    add_usage((24 * 40, 4, 0, 4))
    page = admin.get(f"/usage?span={span}")
    assert len(table(page)) == hours
    current = soup(page).select_one(".filters a[aria-current]").text
    assert current == {24: "24 hours", 168: "7 days", 720: "30 days"}[hours]


def test_export_has_each_minute_with_a_change(admin):
    add_usage((5, 18, 0, 18), (3, 20, 3, 22), (30, 1, 0, 1))
    answer = admin.get("/usage/export?span=day")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["peak"], row["free_at_peak"], row["refused"], row["accounts_needed"]) for row in rows] == [
        ("18", "2", "0", "18"), ("20", "0", "3", "22"),
    ]  # fmt: skip
    assert len(admin.get("/usage/export?span=week").text.splitlines()) == 4


def test_low_pool_warning_and_users_lead_to_the_page(admin, ctx):
    assert soup(admin.get("/users")).select_one(".head a[href^='/usage']")
    assert not soup(admin.get("/routes")).select_one("#pool-warning")
    for account_id in range(1, 18):
        edit_account(ctx, account_id, active=False)
    assert admin.post("/generation", confirm="17").status_code == 303
    assert soup(admin.get("/routes")).select_one("#pool-warning a[href^='/usage']")
    assert soup(admin.get("/accounts")).select_one("#pool a[href^='/usage']")


@pytest.mark.long
@pytest.mark.timed
def test_thirty_days_with_a_change_each_minute_of_work_take_at_most_50_ms(admin):
    start = utc_now().replace(second=0, microsecond=0) - timedelta(days=30)
    with transaction() as session:
        for day in range(30):
            for minute in range(0, 600, 2):
                at = start + timedelta(days=day, minutes=minute)
                in_use = minute % 20
                session.add(
                    AccountUsage(
                        minute=at, total=20, in_use=in_use, peak=in_use, needed=in_use, refused=0, audit_id=0
                    )
                )  # fmt: skip
    times = []
    for _ in range(7):
        begin = time.perf_counter()
        assert admin._client.get("/usage?span=month").status_code == 200
        times.append(time.perf_counter() - begin)
    assert sorted(times)[3] <= 0.050, times
