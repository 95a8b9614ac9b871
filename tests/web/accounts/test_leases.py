"""Leases as administrators see and revoke them."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from sipweb.db import transaction
from sipweb.models import Lease
from sipweb.pbx.status import Contact
from sipweb.services import (
    accounts,
    generations,
    leases,
    pbx_status,
)
from sipweb.services.account_updates import Stamp
from sipweb.services.context import utc_now
from sipweb.services.state import current_state
from tests.builders import (
    WHO,
    acquire,
    edit_account,
)
from tests.client import partials, soup
from tests.conftest import on_both_databases
from tests.web.agent.test_api import log_in


def test_renumbered_account_in_use_is_still_listed_as_in_use(admin, ctx, anna):
    acquire(ctx, number="205")
    edit_account(ctx, 6, number=305)
    pbx_status.write_status(ctx, {203: Contact("10.0.0.5")})
    page = soup(admin.get("/accounts?show=in-use"))
    assert [row["id"] for row in page.select("tbody.account")] == ["account-6"]
    assert page.select_one("#show-in-use").text == "In use 1"


def test_lease_of_another_day_shows_its_date(admin, ctx, anna, piotr):
    acquire(ctx, "anna")
    with transaction() as session:
        session.execute(update(Lease).values(acquired_at=utc_now() - timedelta(days=2)))
    acquire(ctx, "piotr")
    page = soup(admin.get("/accounts"))
    assert re.search(r"Anna \w+ since \d+ \w+ \d{4}", page.select_one("#account-1 td.busy").text)
    assert re.search(r"Piotr \w+ since \d+:\d\d", page.select_one("#account-2 td.busy").text)


def test_plan_names_the_agents_whose_lease_a_generation_ends(admin, ctx, anna, piotr):
    acquire(ctx)
    acquire(ctx, "piotr")
    accounts.set_flag(ctx, WHO, 1, 1, name="recording", value=True)
    assert "in use by" not in admin.get("/generation").text
    edit_account(ctx, 2, number=333)
    assert "in use by Piotr Lis" in admin.get("/generation").text
    accounts.set_flag(ctx, WHO, 1, 2, name="active", value=False)
    text = admin.get("/generation").text
    assert "in use by Anna Nowak" in text
    assert text.count("in use by") == 2
    assert Stamp.of("7-pbx~8~berlin~9") == (7, {"pbx": 8, "berlin": 9})


@on_both_databases
def test_administrator_sees_and_revokes_leases(call_api, admin, ctx, anna):
    login = log_in(call_api)[1]
    page = admin.get("/accounts").text
    assert "In use by Anna Nowak since" in page
    assert "Free 19" in page
    assert page.count("<tbody id=") - 20 <= 1
    assert admin.get("/accounts?show=in-use").text.count('<tbody id="account-') == 1
    assert "200 is in use by an agent" in admin.post("/accounts/1/delete", htmx=True).text
    answer = admin.post("/accounts/1/release", htmx=True, version="1")
    assert "200 released." in answer.text
    assert "keep registering with the old password" in answer.text
    assert call_api("heartbeat", login["token"])[0] == 401
    assert [change.fields[0].field for change in current_state(ctx).plan.changed] == ["secret"]
    assert admin.post("/accounts/1/release", htmx=True).status_code == 404


@pytest.mark.parametrize("case", [("builtin", False, ["2"]), ("other", False, ["2"]), ("other", True, [])])
def test_release_keeps_the_row_open_and_updates_only_a_raised_version(admin, ctx, anna, case):
    """An account of another phone keeps its password.

    It gets a new one if the PBX has it as a built-in phone's.
    """
    phone, generated, versions = case
    accounts.update(ctx, WHO, 1, 1, accounts.AccountInput(number=200, phone=phone, level=20))
    if generated:
        generations.generate(ctx, WHO)
    leases.acquire(ctx, anna, "200", "")
    answer = admin.post("/accounts/1/release", htmx=True)
    assert answer.headers["HX-Retarget"] == "#edit-1-shown"
    assert "<tbody" not in answer.text
    assert 'hx-target="#edit-1-release" hx-swap="delete"' in answer.text
    assert re.findall(r"#edit-1-version\[value='(\d)'\]", answer.text) == versions
    assert ("The phone keeps working with the account" in answer.text) is (versions == [])


def test_deleted_but_live_account_can_be_revoked(admin, ctx, anna):
    accounts.delete(ctx, WHO, 1)
    leases.acquire(ctx, anna, "200", "")
    assert 'formaction="/accounts/1/release"' in admin.get("/accounts").text
    answer = admin.post("/accounts/1/release", htmx=True)
    announcement = partials(soup(answer), "#announce")[0].get_text()
    assert "200 released. The agent's phone can keep registering with the old password" in announcement
    assert answer.headers["HX-Retarget"] == "#account-1"
    assert "/release" not in answer.text
