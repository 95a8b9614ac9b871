"""The fields that few accounts need: they stand under "More" in the form and below the phone in the list."""

import pytest

from sipweb.core.errors import Invalid
from sipweb.pbx.status import Contact
from sipweb.services import generations, pbx_status
from sipweb.services.state import current_state
from tests.builders import WHO, edit_account, make_account
from tests.client import soup, text_of

ROW = {"number": "200", "phone": "other", "active": "y", "level": "10", "version": "1"}


def test_fields_are_saved_and_shown_with_what_is_live(admin, ctx):
    generations.generate(ctx, WHO)
    page = soup(admin.get("/accounts?edit=1"))
    assert not page.select_one(".more").has_attr("open")
    assert page.select_one(".phone-details") is None
    admin.post("/accounts/1", htmx=True, **ROW, max_contacts="3", pickup_group="5")
    account = current_state(ctx).account(1)
    assert (account.max_contacts, account.pickup_group) == (3, 5)
    page = soup(admin.get("/accounts"))
    assert text_of(page.select_one("#account-1 .phone-details")) == "phones: 3 · pickup group: 5"
    shown = [text_of(value) for value in page.select("#account-1 td:nth-child(4) .live-value")]
    assert shown == ["now: Thulium Softphone", "now: phones: 1", "now: pickup group: –"]
    assert soup(admin.get("/accounts?edit=1")).select_one(".more").has_attr("open")
    assert "Pickup group" in admin.get("/generation").text


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"max_contacts": "11"}, "Number of phones (1-10): Enter a whole number from 1 to 10."),
        ({"pickup_group": "x"}, "Pickup group (1-63, 0: none): Enter a whole number from 0 to 63."),
        (
            {"max_contacts": "2", "phone": "builtin"},
            "Number of phones (1-10): Only accounts for another phone may have more than one.",
        ),
    ],
)
def test_a_refused_value_stays_and_the_fields_are_open(admin, ctx, values, message):
    answer = admin.post("/accounts/1", htmx=True, **ROW | values)
    assert answer.status_code == 422
    page = soup(answer)
    assert text_of(page.select_one(".err")) == message
    assert page.select_one(".more").has_attr("open")
    name = next(iter(values))
    assert page.select_one(f"#edit-1-{name}")["value"] == values[name]
    assert current_state(ctx).account(1).version == 1


def test_state_has_the_number_of_registered_phones(admin, ctx):
    edit_account(ctx, 1, phone="other", max_contacts=3)
    edit_account(ctx, 2, phone="other")
    generations.generate(ctx, WHO)
    registered = {200: Contact("10.0.0.5", phones=2), 201: Contact("10.0.0.6")}
    pbx_status.write_status(ctx, registered)
    page = soup(admin.get("/accounts"))
    assert [text_of(page.select_one(f"#account-{number} td.registered")) for number in (1, 2)] == [
        "Registered · phones: 2 10.0.0.5", "Registered 10.0.0.6",
    ]  # fmt: skip


def test_built_in_phone_is_one(ctx):
    with pytest.raises(Invalid):
        make_account(ctx, 300, max_contacts=2)
    edit_account(ctx, 1, phone="other", max_contacts=2)
    with pytest.raises(Invalid):
        edit_account(ctx, 1, phone="builtin")
