"""The pages that discard pending edits."""

import pytest

from sipweb.services import accounts, generations
from sipweb.services.context import Actor
from sipweb.services.state import current_state
from tests.builders import edit_account, make_route, make_trunk
from tests.client import soup, text_of

WHO = Actor(None, "Ewa")


def seen(page):
    """What the form sends back."""
    return page.select_one("[name=seen]")["value"]


def test_page_shows_what_is_lost_and_whose_it_is(ctx, admin):
    edit_account(ctx, 1, level=50)
    accounts.set_flag(ctx, WHO, 2, 1, name="recording", value=True)
    link = soup(admin.get("/generation")).find("a", string="Discard changes")
    page = soup(admin.get(link["href"]))
    assert [text_of(line) for line in page.select(".plan .number")] == ["200", "201"]
    assert [text_of(line).split(",")[0] for line in page.select(".plan .author")] == ["test", "Ewa"]
    assert "The PBX isn't changed: it keeps configuration version 1." in page.text
    answer = admin.post("/generation/discard", seen=seen(page))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/generation")
    page = admin.get("/generation").text
    assert "2 changes discarded." in page
    assert "The configuration is up to date." in page


@pytest.mark.parametrize("kind", ["account", "trunk", "route"])
def test_one_edit_is_discarded_from_its_line_in_the_plan(ctx, admin, kind):
    route_id = make_route(make_trunk(ctx))
    generations.generate(ctx, WHO)
    edit_account(ctx, 1, level=50)
    admin.post("/trunks/1/delete")
    admin.post("/routes/1/delete")
    admin.post("/trunks/1/delete")
    assert route_id == 1
    count = len(current_state(ctx).plan)
    address = f"/{kind}s/1/discard"
    assert soup(admin.get("/generation")).find("a", href=address)
    if kind == "route":  # it needs its trunk
        admin.post("/trunks/1/discard", seen=seen(soup(admin.get("/trunks/1/discard"))))
        count -= 1
    answer = admin.post(address, seen=seen(soup(admin.get(address))))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/{kind}s#{kind}-1")
    assert len(current_state(ctx).plan) == count - 1


def test_later_change_of_somebody_else_is_named_and_kept(ctx, admin):
    edit_account(ctx, 1, level=50)
    old = seen(soup(admin.get("/accounts/1/discard")))
    accounts.set_flag(ctx, WHO, 1, current_state(ctx).by_id[1].version, name="recording", value=True)
    refused = admin.post("/accounts/1/discard", seen=old)
    assert refused.status_code == 409
    page = soup(refused)
    assert "these edits were changed after this page was shown (Ewa: 200)" in text_of(page.select_one("p[role=alert]"))
    assert "Call recording" in page.select_one(".plan").text
    assert current_state(ctx).by_id[1].recording
    assert admin.post("/accounts/1/discard", seen=seen(page)).status_code == 303
    assert not current_state(ctx).plan


@pytest.mark.parametrize("address", ["/generation/discard", "/accounts/1/discard", "/routes/99/discard"])
def test_nothing_pending_leads_back(admin, address):
    assert admin.get(address).status_code == 303
    assert admin.post(address, seen="x").status_code == 303
