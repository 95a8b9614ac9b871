"""The dial test, and the routes that a level allows."""

from urllib.parse import urlencode

import pytest

from sipweb.db import db, transaction
from sipweb.models import OutboundRoute, Trunk
from sipweb.pbx.status import TrunkState
from sipweb.services import generations, pbx_status
from tests.builders import make_account
from tests.client import soup
from tests.web.routing.conftest import ROUTE, TRUNK, WHO


def dial_test(admin, account, number, *, htmx=True):
    """The answer to a dial test."""
    url = f"/routes{'/dial-test' if htmx else ''}?{urlencode({'account': account, 'number': number})}"
    return admin.get(url, htmx=htmx)


def text_of(answer):
    """The words of an answer, blanks as a browser shows them."""
    return " ".join(soup(answer).get_text().split())


def test_dial_test_marks_an_unreachable_trunk(admin, generated, ctx):
    pbx_status.write_status(ctx, {}, {1: TrunkState("", False)})
    answer = dial_test(admin, "200", "221234567")
    assert soup(answer).select_one("li .warn").get_text() == "Unreachable"
    assert "sends +48221234567 via trunk Provider Unreachable" in text_of(answer)
    assert "tried last" not in answer.text  # it is the only one
    admin.post("/trunks", **TRUNK | {"name": "Second"})
    admin.post("/routes", **ROUTE | {"trunk_id": "2"})
    generations.generate(ctx, WHO)
    assert "Unreachable trunks are tried last." in dial_test(admin, "200", "221234567").text
    pbx_status.write_status(ctx, {}, {1: TrunkState("", True)})
    assert "Unreachable" not in dial_test(admin, "200", "221234567").text


@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize(
    "case",
    [
        ("200", "22 123-45 67", ["Allowed.", "level 10", "Warsaw (minimum level 10)", "sends +48221234567 via"]),
        ("200", "0044 123", ["Not allowed.", "requires a higher level", "Skipped (level too low): Abroad (50)"]),
        ("201", "0044123", ["Allowed.", "Abroad (minimum level 50): sends +44123 via trunk"]),
        ("200", "5", ["Not allowed.", "No routing rule matches this number."]),
        ("200", "201", ["Allowed.", "internal number"]),
        ("200", "112", ["Allowed.", "regardless of permission level", "No rule (emergency default): sends 112"]),
        ("200", "Local/5@x", ["Not allowed.", "Not a valid external number"]),
        ("999", "112", ["Not allowed.", "Account 999 isn't live"]),
        ("99", "112", ["Enter a three-digit number from 100 to 999."]),
        ("200", "", ["Enter the number to dial."]),
        ("200", "<b>1", ["Not a valid external number"]),
    ],
)  # fmt: skip
def test_dial_test_returns_the_routing_decision(admin, generated, case, htmx):
    account, number, messages = case
    answer = dial_test(admin, account, number, htmx=htmx)
    assert answer.status_code == 200
    result = soup(answer) if htmx else soup(answer).select_one("#dial-result")
    text = " ".join(result.get_text().split())
    assert all(message in text for message in messages), text
    assert "After the configuration is generated:" not in answer.text
    assert "<b>1" not in answer.text


def test_dial_test_without_htmx_leads_to_the_page(admin):
    location = admin.get("/routes/dial-test?account=200&number=112").location
    assert location == "/routes?account=200&number=112#dial-test"
    page = soup(admin.get(location.partition("#")[0]))
    assert page.select_one("#dial-test-account")["value"] == "200"
    assert page.select_one("#dial-test-number")["value"] == "112"


def test_dial_test_shows_result_after_generation(admin, generated):
    admin.post("/routes/1", **ROUTE | {"level": "60"}, version="1")
    now, _, after = text_of(dial_test(admin, "200", "221234567")).partition("After the configuration is generated:")
    assert "Allowed." in now
    assert "Not allowed." in after
    assert "Warsaw (60)" in after
    assert "After the configuration is generated" not in dial_test(admin, "200", "201").text
    admin.post("/accounts/1/active", value="off", version="1")
    assert "isn't live" in text_of(dial_test(admin, "200", "201")).partition("After the configuration is generated:")[2]


@pytest.mark.parametrize(
    ("level", "message"),
    [
        ("10", "Allows: Warsaw."),
        (" 50 ", "Allows: Warsaw, Abroad. Adds: Abroad."),
        ("9", "Allows no routing rules. Removes: Warsaw."),
        ("101", ""),
        ("x", ""),
        ("", ""),
    ],
)
def test_level_field_shows_allowed_routes(admin, generated, level, message):
    query = urlencode({"level": level, "was": "10"})
    assert admin.get(f"/accounts/allowed-routes?{query}", htmx=True).text == message
    form = admin.get("/accounts/1/edit", htmx=True).text
    assert "Allows: Warsaw." in form
    assert "/accounts/allowed-routes?was=10" in form


def test_route_name_is_escaped_in_the_allowed_routes(admin, generated):
    admin.post("/routes/1", **ROUTE | {"name": "A & B"}, version="1")
    assert "A &amp; B" in admin.get("/accounts/allowed-routes?level=10", htmx=True).text


def test_allowed_routes_message_handles_none_and_many(admin, outbound_routing, ctx):
    with transaction() as session:
        for index in range(20):
            session.add(OutboundRoute(name=f"R{index}", position=10 + index, pattern="1", level=0, trunk_id=1))
    text = admin.get("/accounts/allowed-routes?level=10", htmx=True).text
    assert "R9 and 10 more" in text
    for statement in (db.update(Trunk).values(active=False), db.delete(OutboundRoute)):
        with transaction() as session:
            session.execute(statement)
        text = admin.get("/accounts/allowed-routes?level=10", htmx=True).text
        assert "No routing rules yet" in text


def test_inactive_accounts_number_stays_inside_after_the_generation(admin, generated, ctx):
    admin.post("/routes", **ROUTE | {"name": "Short", "pattern": "[0-9]{3}", "trunk_id": "1"})
    generations.generate(ctx, WHO)
    make_account(ctx, 321, active=False)
    text = text_of(dial_test(admin, "200", "3-2-1"))
    now, after = text.split("After the configuration is generated:")
    assert "Rule Short" in now
    assert "321 is the number of an inactive account: the call stays inside" in after
    plan = " ".join(soup(admin.get("/generation")).select_one(".plan").get_text().split())
    assert "Calls to 321 will stay inside the PBX." in plan
    assert "Numbers of inactive accounts" in admin.get("/accounts").text


@pytest.mark.parametrize(("number", "words"), [("*43", "Echo test"), ("*8", "Call pickup"), ("*67*43", "Echo test")])
def test_feature_code_is_named(admin, generated, number, words):
    text = text_of(dial_test(admin, "200", number))
    assert f"{number} is a feature code ({words})" in text


def test_withheld_number_is_shown(admin, generated):
    assert "The caller's number is withheld." in text_of(dial_test(admin, "200", "*67221234567"))
    assert "withheld" not in text_of(dial_test(admin, "200", "*67112"))
