"""Administration → Telecommunication → Calls."""

import csv
import io
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from sipweb.db import transaction
from sipweb.models import Call
from sipweb.pbx.connection import PbxConnection
from sipweb.services.calls import RESULTS
from sipweb.services.state_records import PbxStatus
from sipweb.services.status_text import to_text
from tests import host_rows
from tests.builders import make_host
from tests.client import soup, text_of
from tests.conftest import on_both_databases

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)


def call_row(**values):
    row = dict.fromkeys(("unique_id", "linked_id", "caller_name", "callee", "callee_name", "transferred_by"), "")
    row |= dict.fromkeys(("trunk", "trunks", "recording", "search"), "")
    row |= dict.fromkeys(("caller_id", "callee_id", "cause", "sip_status", "loss", "jitter", "round_trip"))
    row |= {"host": "pbx", "started_at": AT, "answered_at": AT, "ended_at": AT + timedelta(seconds=65)}
    return row | {"caller": "201", "number": "202", "result": "answered"} | values


def add_calls(*rows):
    with transaction(bump_revision=False) as session:
        session.execute(insert(Call), [call_row(**row) for row in rows])


def add_office_calls():
    """Add calls of each kind."""
    add_calls(
        {"caller_id": 2, "caller_name": "Anna Nowak", "callee": "202", "callee_id": 3, "callee_name": "Piotr Lis",
         "loss": 0.4, "jitter": 4.0, "round_trip": 21.0},
        {"caller_id": 2, "caller_name": "Anna Nowak", "number": "221234567", "trunk": "Provider",
         "trunks": "Reserve\nProvider", "loss": 7.5, "jitter": 41.0, "round_trip": 350.0,
         "recording": "2026-11-24/1795491100-1795491100.0"},
        {"number": "330", "result": "not_allowed", "cause": 21, "answered_at": None},
        {"caller": "", "number": "203", "callee": "201", "callee_id": 2, "callee_name": "Anna Nowak",
         "transferred_by": "202"},
        {"number": "22123", "result": "trunks_failed", "cause": 34, "sip_status": 503, "answered_at": None,
         "trunks": "Reserve\nProvider"},
    )  # fmt: skip


def numbers(answer):
    return [row.select("td .number")[1].text for row in soup(answer).select(".calls tbody tr")]


@on_both_databases
def test_calls_are_searched(admin):
    add_calls(
        {"number": "202", "search": "wisniewska", "caller_name": "Wiśniewska"},
        {"number": "221234567", "result": "busy", "cause": 17, "sip_status": 486, "trunks": "Alfa\nBeta",
         "started_at": AT + timedelta(days=1)},
        {"number": "203", "result": "not_allowed", "cause": 21, "started_at": AT + timedelta(days=2),
         "recording": "2026-11-26/1-1"},
    )  # fmt: skip
    every = ["203", "221234567", "202"]
    assert numbers(admin.get("/calls")) == every
    for query, expected in (
        ("number=22 123-45", every[1:2]), ("number=201", every), ("user=WIŚNIEW", every[2:]),
        ("result=busy", every[1:2]),
        ("cause=486", every[1:2]), ("cause=21", every[:1]), ("trunk=beta", every[1:2]), ("recording=yes", every[:1]),
        ("from=2026-11-25", every[:2]), ("to=2026-11-24", every[2:]), ("from=2026-11-25&to=2026-11-25", every[1:2]),
        ("number=%25", []), ("result=nonsense", every),
    ):  # fmt: skip
        assert numbers(admin.get(f"/calls?{query}")) == expected, query


@pytest.mark.parametrize("query", ["from=yesterday", "to=9999-12-31", "from=0001-01-01", "cause=busy", "cause=99999"])
def test_what_cannot_be_searched_keeps_the_form(admin, query):
    answer = admin.get(f"/calls?user=Anna&{query}")
    assert answer.status_code == 422
    page = soup(answer)
    assert page.select_one("#search-error").text
    assert page.select_one("[name=user]")["value"] == "Anna"
    assert page.select_one("[aria-invalid]")["name"] == query.partition("=")[0]
    assert admin.get(f"/calls/export?{query}").status_code == 422


def test_older_calls_have_pages_of_their_own(admin):
    add_calls(*({"number": str(n), "started_at": AT + timedelta(seconds=n // 3)} for n in range(100, 330)))
    url, seen = "/calls?result=answered", []
    while url:
        page = admin.get(url)
        seen += numbers(page)
        link = soup(page).select_one("a[href^='/calls?before=']")
        url = link["href"] if link else None
    assert seen == [str(n) for n in range(329, 99, -1)]


def test_export_is_safe_in_a_spreadsheet(admin):
    add_calls(
        {"caller_name": "=1+1", "number": "+48221234567", "search": "=1+1"}, {"caller_name": 'Łoś, "Anna"', "loss": 4.2}
    )
    answer = admin.get("/calls/export")
    assert answer.headers["Content-Disposition"] == "attachment; filename=calls.csv"
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [(row["caller_name"], row["number"]) for row in rows] == [
        ('Łoś, "Anna"', "202"), ("'=1+1", "'+48221234567"),
    ]  # fmt: skip
    assert rows[0]["packet_loss_percent"] == "4.2"
    assert rows[0]["talk_seconds"] == "65"
    assert len(list(csv.reader(io.StringIO(admin.get("/calls/export?number=221").text)))) == 2


def test_bad_calls_are_marked(admin):
    add_calls(
        {"loss": 3.1}, {"jitter": 31.0}, {"round_trip": 301.0}, {"loss": 3.0, "jitter": 30.0, "round_trip": 300.0}
    )
    marks = [bool(row.select(".bad-quality")) for row in soup(admin.get("/calls")).select(".calls tbody tr")]
    assert marks == [False, True, True, True]


def test_every_result_has_a_name(admin):
    add_calls(*({"result": result} for result in RESULTS))
    cells = [row.select("td")[3].text.strip() for row in soup(admin.get("/calls")).select(".calls tbody tr")]
    assert len(set(cells)) == len(RESULTS)


def test_calls_are_in_the_history_of_both_accounts(admin):
    add_calls({"caller_id": 2, "callee_id": 3, "callee": "202", "caller_name": "Anna Nowak"})
    for account, text in ((2, "Call to 202"), (3, "Call from 201")):
        row = soup(admin.get(f"/accounts/{account}/history?show=calls")).select_one(".history tbody tr")
        assert text in row.text
        assert "answered, 1:05" in " ".join(row.text.split())
    assert "Call to" not in admin.get("/accounts/2/history?show=edits").text


def test_page_says_what_is_missing(admin, ctx):
    assert "not connected to an Asterisk" in admin.get("/calls").text
    assert "No calls match" in admin.get("/calls?number=5").text


def problems(page):
    return [text_of(one) for one in soup(page).select(".call-problem")]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_page_says_what_is_missing_on_which_host(admin, app, ctx):
    without = ["There is no call history, because sipweb is not connected to an Asterisk."]
    app.extensions["sipweb"] = replace(ctx, pbx=PbxConnection("none"))
    make_host(ctx, "a", stamp=1, status=to_text(PbxStatus()))  # a host without an Asterisk either
    assert problems(admin.get("/calls")) == without
    make_host(ctx, "b", stamp=1, status=to_text(PbxStatus(stamp=1)))
    assert problems(admin.get("/calls")) == []
    broken = to_text(PbxStatus(stamp=1, call_problem="cdr_off"))
    newer = broken.replace("cdr_off", "problem of a newer version")
    make_host(ctx, "c", stamp=1, status=broken)
    make_host(ctx, "d", stamp=1, status=newer)
    make_host(ctx, "e", stamp=1, status=broken, seen=60)
    elsewhere = ["PBX host c: Asterisk writes no call records. Set enable=yes in cdr.conf."]
    assert problems(admin.get("/calls")) == elsewhere
    app.extensions["sipweb"] = replace(ctx, pbx=PbxConnection("ami"))
    (ctx.runtime_dir / "calls.json").write_text('{"problem": "no_func_cdr"}')
    own = "PBX host pbx: Asterisk lacks the module func_cdr. Without it no calls are shown here."
    assert problems(admin.get("/calls")) == [*elsewhere, own]
    host_rows.set_present("b", is_present=False)
    app.extensions["sipweb"] = replace(ctx, pbx=PbxConnection("none"))
    assert problems(admin.get("/calls")) == elsewhere  # its calls are shown while it is away


@pytest.mark.long
@on_both_databases
def test_page_of_many_calls_is_fast(admin):
    for start in range(0, 100_000, 5_000):
        add_calls(*({"caller_id": n % 900, "number": str(n), "started_at": AT + timedelta(seconds=n)}
                    for n in range(start, start + 5_000)))  # fmt: skip
    for url in ("/calls", "/calls?number=nobody", "/calls?user=nobody", "/calls?result=busy", "/accounts/2/history"):
        began = time.perf_counter()
        assert admin.get(url).status_code == 200
        took = time.perf_counter() - began
        assert took < 1, url
    assert admin.get("/calls/export").data.count(b"\n") == 100_001


def test_forwarded_call_names_the_account_that_forwarded_it(admin):
    add_calls({"number": "221234567", "trunk": "Provider", "forwarded_by": "202", "forwarded_by_id": 3}, {})
    rows = soup(admin.get("/calls")).select(".calls tbody tr")
    assert ["forwarded by 202" in " ".join(row.text.split()) for row in rows] == [False, True]
    assert numbers(admin.get("/calls?number=202")) == ["202", "221234567"]
    text = " ".join(soup(admin.get("/accounts/3/history?show=calls")).text.split())
    assert "Call from 201" in text
    assert "forwarded to 221234567: answered, 1:05" in text
    exported = csv.DictReader(io.StringIO(admin.get("/calls/export?number=221234567").data.decode("utf-8-sig")))
    assert [row["forwarded_by"] for row in exported] == ["202"]
