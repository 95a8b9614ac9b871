"""Users, trunks, rules, recordings and the audit log are searched in the same way as the accounts."""

import pytest

from sipweb.services import generations
from tests.builders import RECORDED_AT, WHO, edit_user, make_account, make_recording, make_route, make_trunk, make_user
from tests.client import partials, soup, text_of
from tests.conftest import on_both_databases

PAGES = ["/users", "/trunks", "/routes", "/recordings", "/audit"]


@pytest.fixture
def find(admin):
    """Return a function: the texts of the first cells that a search shows, or of those in `column`."""

    def search(url, text, column=1, **args):
        answer = admin.get(url, query_string={"q": text, **args})
        assert answer.status_code == 200
        cells = soup(answer).select(f"#results tbody tr > :nth-child({column})")
        return [text_of(cell) for cell in cells]

    return search


def test_users_are_narrowed_and_sorted_by_each_column(ctx, admin, find):
    ewa = make_user("ewa", "Ewa Łoś", work_mode="manual")
    make_user("jan", "Jan Nowak", external_phone="other")
    make_account(ctx, 300, user_id=ewa)
    edit_user(ctx, ewa, active=False)
    every = ["Administrator", "Ewa Łoś", "Jan Nowak"]
    assert find("/users", "") == every
    assert find("/users", "los") == find("/users", "300") == find("/users", "mode:manual") == ["Ewa Łoś"]
    assert find("/users", "role:administrator") == find("/users", "rola:administrator") == ["Administrator"]
    assert find("/users", "telefon:inny") == find("/users", "name:nowak login:jan") == ["Jan Nowak"]
    assert find("/users", "active:off changed:today") == ["Ewa Łoś"]
    assert find("/users", "", sort="-name") == every[::-1]
    for column in ("login", "role", "work_mode", "external_phone", "accounts", "gets", "active"):
        page = soup(admin.get(f"/users?sort=-{column}&q=a"))
        heading = page.select_one(f"#col-{column}[aria-sort=descending] a")
        assert heading["href"] == f"/users?q=a&sort={column}"
        assert page.select("tbody.user")
    assert find("/users", "", sort="accounts")[0] == "Ewa Łoś"
    assert find("/users", "", sort="active")[-1] == "Ewa Łoś"
    assert find("/users", "", sort="unknown") == every


def test_trunks_are_narrowed_and_sorted_by_each_column(ctx, admin, find):
    make_trunk(ctx, name="Żółty", host="b.example.org", transport="tcp")
    make_trunk(ctx, name="Alfa", host="a.example.org", active=False, caller_id="48221234567")
    assert find("/trunks", "") == ["Żółty", "Alfa"]
    assert find("/trunks", "zolty") == find("/trunks", "transport:tcp") == find("/trunks", "host:b.") == ["Żółty"]
    assert find("/trunks", "4822") == find("/trunks", "active:off") == find("/trunks", "aktywny:nie") == ["Alfa"]
    assert find("/trunks", "changed:yesterday") == []
    for column in ("name", "host"):
        assert find("/trunks", "", sort=column) == ["Alfa", "Żółty"]
        assert find("/trunks", "", sort=f"-{column}") == ["Żółty", "Alfa"]
    for column in ("port", "transport", "username", "caller_id", "active"):
        page = soup(admin.get(f"/trunks?sort={column}&q=example"))
        assert page.select_one(f"#col-{column}[aria-sort=ascending] a")["href"] == f"/trunks?q=example&sort=-{column}"
    assert text_of(soup(admin.get("/trunks?q=zzz")).select_one("#empty")) == "No trunks match your search."


def test_trunks_are_sorted_by_what_their_column_state_shows(ctx, admin, find):
    make_trunk(ctx, name="Off", host="off.example.org", active=False)
    make_trunk(ctx, name="Unknown", host="unknown.example.org")
    generations.generate(ctx, WHO)
    make_trunk(ctx, name="New", host="new.example.org")
    assert find("/trunks", "", sort="state") == ["Unknown", "New", "Off"]
    assert find("/trunks", "", sort="-state") == ["Off", "New", "Unknown"]


def test_rules_are_narrowed_in_their_order(ctx, admin, find):
    trunk = make_trunk(ctx)
    make_route(trunk, name="Warsaw", pattern="22.*", level=20)
    make_route(trunk, name="Emergency", pattern="112", level=0, emergency=True)
    make_route(trunk, name="Łódź", pattern="42.*", active=False)
    assert find("/routes", "") == ["Warsaw", "Emergency", "Łódź"]
    assert find("/routes", "provider") == ["Warsaw", "Emergency", "Łódź"]
    assert find("/routes", "lodz") == find("/routes", "active:off") == find("/routes", "pattern:42") == ["Łódź"]
    assert find("/routes", "level:>10") == find("/routes", "poziom:20") == ["Warsaw"]
    assert find("/routes", "emergency:on trunk:prov") == ["Emergency"]
    assert text_of(soup(admin.get("/routes?q=zzz")).select_one("#empty")) == "No rules match your search."


def test_recordings_are_narrowed(ctx, find):
    make_recording(ctx)
    make_recording(ctx, "206", "112", RECORDED_AT + 60, seconds=90)
    make_recording(ctx, "207", "205", RECORDED_AT - 86400, day="2026-11-23")
    assert find("/recordings", "205", 2) == ["205", "207"]
    assert find("/recordings", "caller:205", 2) == find("/recordings", "221 234", 2) == ["205"]
    assert find("/recordings", "(22) 123-45", 2) == ["205"]
    assert find("/recordings", "205 22", 2) == ["205"]
    assert find("/recordings", "called:112", 2) == find("/recordings", "duration:>60", 2) == ["206"]
    assert find("/recordings", "date:2026-11-23", 2) == ["207"]
    assert find("/recordings", "date:>2026-11-23", 2) == ["206", "205"]
    assert find("/recordings", "date:today", 2) == []


@on_both_databases
def test_audit_log_is_narrowed(ctx, admin, find):
    make_user("zolw", "Żółw Łoś", role="administrator")
    make_account(ctx, 300)
    admin.post("/accounts/1/secret")
    subjects = {"column": 5}
    assert find("/audit", "event:account.add", **subjects)[0] == "300"
    assert find("/audit", "SIP account added 300", **subjects) == ["300"]
    assert find("/audit", "SIP account deleted 300", **subjects) == []
    assert find("/audit", '"SIP account added" 300', **subjects) == ["300"]
    assert find("/audit", "account:300", **subjects) == ["300"]
    assert set(find("/audit", "konto:300-305", **subjects)) == {"300"}
    assert find("/audit", "user:admin event:login", **subjects) == ["admin"]
    assert find("/audit", "user:ADMINISTRATOR date:today event:login", **subjects) == ["admin"]
    assert find("/audit", "zolw", **subjects) == ["zolw"]
    assert find("/audit", "date:yesterday", **subjects) == []
    assert find("/audit", "100%", **subjects) == find("/audit", "'; --", **subjects) == []


@on_both_databases
def test_audit_log_is_searched_without_case_and_accents(admin, find):
    make_user("zolw", "Żółw Łoś", role="administrator")
    admin.post("/logout")
    admin.login("zolw", "a long password")
    assert "zolw" in find("/audit", "zolw los", 5)
    assert find("/audit", "user:ŻÓŁW", 5) == find("/audit", "user:zolw", 5) != []


@pytest.mark.parametrize("url", PAGES)
@pytest.mark.parametrize("language", ["en", "pl"])
def test_each_example_of_the_help_is_understood(admin, url, language):
    admin.post("/language", language=language)
    links = soup(admin.get(url)).select("#filter-help a")
    assert len(links) > 5
    for link in links:
        assert admin.get(link["href"]).status_code == 200, link["href"]


@pytest.mark.parametrize("url", PAGES)
@pytest.mark.parametrize("htmx", [True, False])
def test_mistyped_filter_is_reported_and_nothing_is_lost(admin, url, htmx):
    answer = admin.get(f"{url}?q=levvl:1", htmx=htmx)
    page = soup(answer)
    assert answer.status_code == 422
    assert "There is no filter “levvl”." in text_of(page.select_one(".err"))
    assert page.select("#results")
    if htmx:
        assert answer.headers["HX-Replace-Url"] == f"{url}?q=levvl:1"
        assert partials(page, "#hits")
        assert not page.select("h1, #q")
    else:
        assert page.select_one("#q")["value"] == "levvl:1"


def test_search_of_trunks_and_rules_survives_an_edit(ctx, admin):
    trunk = make_trunk(ctx)
    make_route(trunk)
    for url, record in (("/trunks", trunk), ("/routes", 1)):
        page = soup(admin.get(f"{url}?q=a&edit={record}"))
        assert page.select_one(f"#edit-{record}-cancel")["href"].startswith(f"{url}?q=a")
        assert page.select_one(f"#edit-{record}")["action"] == f"{url}/{record}?q=a"
        assert "q=a" in page.select_one("#add-new")["href"]
        deleted = admin.get(f"{url}/{record}/delete?q=a")
        assert "q=a" in soup(deleted).select_one("a.button[href*=q]")["href"]
