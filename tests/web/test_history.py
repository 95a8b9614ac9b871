"""The page with the history of an account, a trunk or a rule."""

import pytest

from sipweb.services import accounts, generations
from sipweb.services.context import Actor
from tests.builders import edit_account, make_route, make_trunk
from tests.client import soup, text_of

WHO = Actor(None, "Ewa")


def rows(page):
    return [[text_of(cell) for cell in row.select("td")[1:]] for row in page.select("tbody tr")]


def test_history_of_an_account_is_linked_from_its_open_row(ctx, admin):
    edit_account(ctx, 1, level=50)
    generations.generate(ctx, WHO)
    link = soup(admin.get("/accounts?edit=1")).find("a", href="/accounts/1/history")
    page = soup(admin.get(link["href"]))
    assert page.h1.text == "History of 200"
    assert rows(page)[:2] == [
        ["Configuration version 2", "changed", "", ""], ["SIP account changed", "Permission level: 10 50", "test", ""],
    ]  # fmt: skip
    assert [text_of(chip) for chip in page.select(".filters a")] == [
        "All", "Edits", "Versions", "Use by agents", "Calls", "Registrations", "Failed sign-ins",
    ]  # fmt: skip
    page = soup(admin.get("/accounts/1/history?show=generations"))
    assert [row[0] for row in rows(page)] == ["Configuration version 2", "Configuration version 1"]
    assert page.select_one(".filters [aria-current]").text == "Versions"
    assert "No events." in admin.get("/accounts/1/history?show=failures").text


def test_deleted_account_keeps_its_history_and_an_unknown_one_has_none(ctx, admin):
    accounts.delete(ctx, WHO, 1)
    generations.generate(ctx, WHO)
    page = soup(admin.get("/accounts/1/history"))
    assert page.h1.text == "History of 200"
    assert rows(page)[1][:1] == ["SIP account deleted"]
    assert admin.get("/accounts/999/history").status_code == 404


@pytest.mark.parametrize("kind", ["trunk", "route"])
def test_trunks_and_rules_have_a_history_too(ctx, admin, kind):
    make_route(make_trunk(ctx))
    generations.generate(ctx, WHO)
    assert soup(admin.get(f"/{kind}s?edit=1")).find("a", href=f"/{kind}s/1/history")
    page = soup(admin.get(f"/{kind}s/1/history"))
    assert [row[0] for row in rows(page)] == [
        "Configuration version 2", "Trunk added" if kind == "trunk" else "Rule added",
    ]  # fmt: skip


def test_older_entries_are_on_another_page(ctx, admin):
    for level in range(60):
        edit_account(ctx, 1, level=level)
    page = soup(admin.get("/accounts/1/history"))
    assert len(rows(page)) == 50
    older = soup(admin.get(page.find("a", string="Older entries")["href"]))
    assert len(rows(older)) == 12  # with the account's creation and the first version
    assert older.find("a", string="Older entries") is None
    assert len(rows(soup(admin.get("/accounts/1/history?before=x-y")))) == 50
