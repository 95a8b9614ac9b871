"""The search of the account list: what it finds, what survives an edit, and what is not understood."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from sipweb.db import db
from sipweb.models import AuditEntry
from sipweb.pbx.status import Contact
from sipweb.services import accounts, generations, leases, pbx_status
from tests.builders import AGENT_PASSWORD, WHO, edit_account, make_account
from tests.client import Client, partials, soup, text_of


def age_audit_log(days):
    """Make all entries older."""
    for entry in db.session.scalars(select(AuditEntry)):
        entry.created_at -= timedelta(days=days)
    db.session.commit()


@pytest.fixture
def numbers(admin):
    """Return a function: the numbers of the rows that a search shows."""

    def search(text, **args):
        page = soup(admin.get("/accounts", query_string={"q": text, **args}))
        return [int(row.text) for row in page.select("tbody.account th")]

    return search


def test_words_and_filters_narrow_the_list(ctx, numbers, anna):
    edit_account(ctx, 1, user_id=anna, level=50, recording=True)
    edit_account(ctx, 2, phone="other", level=20)
    accounts.set_flag(ctx, WHO, 3, 1, name="active", value=False)
    every = list(range(200, 220))
    assert numbers("") == every
    assert numbers("nowak 20") == [200]
    assert numbers("nowak 21") == []
    assert numbers("user:automat") == every[1:]
    assert numbers('użytkownik:"anna nowak"') == [200]
    assert numbers("level:>10") == [200, 201]
    assert numbers("poziom:10-20 level:>10") == [201]
    assert numbers("phone:other") == numbers("telefon:inny") == [201]
    assert numbers("recording:on") == numbers("nagrywanie:wł") == [200]
    assert numbers("active:off") == numbers("state:inactive") == [202]
    assert numbers("number:205-207") == [205, 206, 207]
    assert numbers("state:pending") == [200, 201, 202]
    assert numbers("level:>10", sort="-level") == [200, 201]
    assert numbers("level:>10", show="inactive") == []


def test_states_are_those_that_the_rows_show(ctx, admin, numbers, anna):
    for account_id in (1, 2, 3):
        edit_account(ctx, account_id, phone="other")
    generations.generate(ctx, WHO)
    edit_account(ctx, 4, phone="other")  # the PBX does not expect this one yet
    leases.acquire(ctx, anna, "205", "")
    pbx_status.write_status(ctx, {200: Contact("192.0.2.1:5060"), 201: Contact("192.0.2.2:5060", reachable=False)})
    assert numbers("state:registered") == [200, 201]
    assert numbers("state:unreachable") == [201]
    assert numbers("state:unregistered") == numbers("stan:niezarejestrowane") == [202]
    assert numbers("state:in-use") == [205]
    assert 205 not in numbers("state:free")
    page = soup(admin.get("/accounts?show=unregistered"))
    assert [row["id"] for row in page.select("tbody.account")] == ["account-3"]
    assert page.select_one("#filters [aria-current]").text == "Not registered 1"


def test_changed_accounts_are_found_by_the_day_of_their_last_edit(ctx, numbers):
    age_audit_log(days=40)
    edit_account(ctx, 1, level=50)
    age_audit_log(days=1)
    make_account(ctx, 300)
    assert numbers("changed:today") == [300]
    assert numbers("zmienione:wczoraj") == [200]
    assert numbers("changed:week level:50") == [200]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("levl:>10", "There is no filter “levl”. Did you mean “level”?"),
        ("zzz:1", "There is no filter “zzz”. "
                  "The filters are: number, user, phone, state, active, recording, level, changed."),
        ("level:high", "The filter “level” needs a number, "
                       "for example level:10, level:>10, level:<=20, level:10-20 or level:10,15-20."),
        ("phone:desk", "The filter “phone” can be: builtin, other."),
        ("user:", "The filter “user” needs a value, for example user:automat."),
        ("changed:soon", "The filter “changed” needs a day, for example changed:today, changed:week, "
                         "changed:2026-11-24 or changed:>2026-11-01."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("htmx", [True, False])
def test_mistyped_filter_is_reported_and_nothing_is_lost(admin, query, sentence, htmx):
    answer = admin.get("/accounts", query_string={"q": f"20 {query}", "sort": "-number"}, htmx=htmx)
    page = soup(answer)
    assert answer.status_code == 422
    assert [text_of(error) for error in page.select(".err")] == [sentence]
    rows = [row["id"] for row in page.select("tbody.account")]
    assert rows == [f"account-{account_id}" for account_id in range(10, 0, -1)]
    if htmx:
        assert answer.headers["HX-Replace-Url"].startswith("/accounts?sort=-number&q=20+")
    else:
        assert page.select_one("#q")["value"] == f"20 {query}"
        assert page.select_one("#q")["aria-invalid"] == "true"
        assert page.select_one("#search [name=sort]")["value"] == "-number"


def test_polish_page_speaks_of_polish_filters(admin):
    admin.post("/language", language="pl")
    page = soup(admin.get("/accounts?q=poziom:wysoki+levl:1"))
    assert [text_of(error) for error in page.select(".err")] == [
        "Filtr „poziom” wymaga liczby, np. poziom:10, poziom:>10, poziom:<=20, poziom:10-20 lub poziom:10,15-20.",
        "Nie ma filtra „levl”. Czy chodziło o „level”?",
    ]
    examples = [code.text for code in page.select("#filter-help code")]
    assert {"poziom:>10", "telefon:inny", "stan:niezarejestrowane", "zmienione:dziś"} <= set(examples)


@pytest.mark.parametrize("language", ["en", "pl"])
def test_each_example_of_the_help_leads_to_a_list_without_an_error(admin, language):
    admin.post("/language", language=language)
    links = soup(admin.get("/accounts?sort=-level&q=20")).select("#filter-help a")
    assert len(links) > 20
    for link in links:
        page = admin.get(link["href"])
        assert page.status_code == 200
        assert soup(page).select_one("#q")["value"] == link.text
        assert soup(page).select_one("#col-level[aria-sort=descending]")


def test_htmx_gets_the_results_without_the_page(admin):
    answer = admin.get("/accounts?q=205", htmx=True)
    page = soup(answer)
    assert answer.status_code == 200
    assert answer.headers["HX-Replace-Url"] == "/accounts?q=205"
    assert answer.text.lstrip().startswith("<div")
    assert [row.text for row in page.select("#results tbody th")] == ["205"]
    assert text_of(partials(page, "#hits")[0]) == "1 of 20 · Clear"
    assert "q=205" in partials(page, "#filters")[0].a["href"]
    assert not page.select("h1, #q, #poll")
    assert admin.get("/accounts?q=++", htmx=True).headers["HX-Replace-Url"] == "/accounts?q=++"
    assert soup(admin.get("/accounts?q=zzz", htmx=True)).select_one("#empty")


def test_filter_and_hits_survive_an_edit_an_undo_a_switch_and_adding(admin, ctx):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/accounts?sort=-level&q=level:10"}

    def post(path, **data):
        answer = admin._client.post(path, data={"csrf_token": admin.token, **data}, headers=headers)
        db.session.rollback()
        page = soup(answer)
        assert (answer.status_code, "q=level:10" in partials(page, "#filters")[0].a["href"]) == (200, True)
        return page, text_of(partials(page, "#hits")[0])

    row = {"number": "200", "user": "", "phone": "builtin", "active": "y", "level": "50", "secret": "", "version": "1"}
    page, hits = post("/accounts/1", **row)
    assert hits == "19 of 20 · Clear"
    _page, hits = post("/accounts/undo", undo=page.select_one("[name=undo]")["value"])
    assert hits == "20 of 20 · Clear"
    _page, hits = post("/accounts/2/recording?value=on&version=1")
    assert hits == "20 of 20 · Clear"
    _page, hits = post("/accounts", **row | {"number": "300", "level": "10"})
    assert hits == "21 of 21 · Clear"


def test_only_administrators_search(app, anna):
    client = Client(app)
    assert client.get("/accounts?q=2").status_code == 302
    assert client.get("/accounts?q=2", htmx=True).status_code == 401
    client.login("anna", AGENT_PASSWORD)
    assert client.get("/accounts?q=2", htmx=True).status_code == 403
