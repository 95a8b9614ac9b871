"""The list of outbound routes: add, change, order, delete."""

from dataclasses import replace

import pytest

from sipweb.services import audit, generations
from sipweb.services.state import current_state
from sipweb.services.state_records import StateCache
from tests.client import soup
from tests.web.routing.conftest import ROUTE, TRUNK, WHO


def names(admin):
    """The routes' names in the order of the page."""
    return [header.get_text() for header in soup(admin.get("/routes")).select("tbody.route th")]


def order(admin):
    """The routes' ids in the order of the page."""
    return "".join(row["id"].removeprefix("route-") for row in soup(admin.get("/routes")).select("tbody.route"))


def partials(answer):
    """(target, swap) of the parts of an answer."""
    return [(part["hx-target"], part["hx-swap"]) for part in soup(answer).select("hx-partial")]


def test_saved_route_is_pending(admin, outbound_routing, ctx):
    generations.generate(ctx, WHO)
    answer = admin.post("/routes/1", htmx=True, **ROUTE | {"level": "50"}, version="1")
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (200, "#route-1")
    assert "Warsaw saved." in answer.text
    assert soup(answer).select_one("#edit-link-1").has_attr("autofocus")
    assert [(f.field, f.old, f.new) for f in current_state(ctx).plan.routing[0].fields] == [("level", 10, 50)]


def test_plan_names_who_moved_a_route_and_shows_a_deactivated_one(admin, outbound_routing, ctx):
    generations.generate(ctx, WHO)
    assert admin.post("/routes/2/move", htmx=True, direction="up").status_code == 200
    assert admin.post("/routes/1", htmx=True, **ROUTE | {"active": ""}, version="1").status_code == 200
    page = admin.get("/generation").text
    assert page.count("Administrator, ") == 1
    assert "deactivated" in page
    admin.post("/routes/1", htmx=True, **ROUTE, version="2")
    page = admin.get("/generation")
    assert page.text.count("Administrator, ") == 1
    [change] = soup(page).select(".plan dl")
    assert change.select_one("dt").get_text(strip=True) == "Order"
    assert (change.select_one("del").get_text(), change.select_one("ins").get_text()) == ("2", "1")
    admin.post("/routes/1/delete")
    assert "deleted" in admin.get("/generation").text


def test_audit_log_names_the_trunk(admin, outbound_routing):
    admin.post("/trunks", **TRUNK | {"name": "Other"})
    admin.post("/routes/1", htmx=True, **ROUTE | {"trunk_id": "2"}, version="1")
    assert audit.entries()[0].changes == {"trunk_id": ["Provider", "Other"]}
    entry = soup(admin.get("/audit")).select_one("tbody tr")
    assert (entry.select_one("del").get_text(), entry.select_one("ins").get_text()) == ("Provider", "Other")


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("version", "1" * 20), ("name", ""), ("pattern", "12a"), ("pattern", ""), ("level", "101"), ("trunk_id", "9"),
        ("trunk_id", "x"), ("trunk_id", ""), ("strip", "33"), ("prepend", "48x"), ("prepend", "${EXTEN}"),
    ],
)  # fmt: skip
def test_invalid_values_are_field_errors_and_keep_what_is_typed(admin, outbound_routing, field, text):
    values = ROUTE | {field: text}
    for htmx in (True, False):
        answer = admin.post("/routes", htmx=htmx, **values)
        assert answer.status_code == 422
        page = soup(answer)
        error = page.select_one(f"#add-form-{field}-error.err").get_text()
        assert field != "trunk_id" or error == "Trunk: Select a trunk. If the list is empty, add a trunk first."
        kept = "pattern" if field == "name" else "name"
        assert page.select_one(f"#add-form-{kept}")["value"] == values[kept]


def test_conflicting_edits_of_one_route_show_both_values(admin, outbound_routing):
    admin.post("/routes/1", **ROUTE | {"level": "20"}, version="1")
    answer = admin.post("/routes/1", htmx=True, **ROUTE | {"level": "30"}, version="1")
    assert answer.status_code == 409
    page = soup(answer)
    assert [line.get_text() for line in page.select(".saved-value")] == ["Minimum level: now saved as 20"]
    assert page.select_one("#edit-1-level")["value"] == "30"
    assert page.select_one("#edit-1 [name=version]")["value"] == "2"
    assert "Warsaw was changed by someone else. Your changes were not saved." in answer.text
    assert admin.post("/routes/1", htmx=True, **ROUTE | {"level": "30"}, version="2").status_code == 200


def test_stale_form_without_htmx_is_a_page_with_both_values(admin, outbound_routing):
    admin.post("/routes/1", **ROUTE | {"level": "20"}, version="1")
    answer = admin.post("/routes/1", **ROUTE | {"level": "30"}, version="1")
    assert answer.status_code == 409
    page = soup(answer)
    assert page.select_one(".saved-value").get_text() == "Minimum level: now saved as 20"
    message = page.select("#announce p")[-1].get_text()
    assert message.startswith("Warsaw was changed by someone else. Your changes were not saved. Last change: Admin")
    assert page.select_one("#route-2 th").get_text() == "Abroad"


def test_edited_route_can_be_saved_after_a_move(admin, outbound_routing):
    admin.post("/routes/2/move", htmx=True, direction="up")
    for route in ("1", "2"):
        assert admin.post(f"/routes/{route}", htmx=True, **ROUTE | {"level": "30"}, version="1").status_code == 200


def test_moved_routes_button_gets_the_focus(admin, outbound_routing):
    assert names(admin) == ["Warsaw", "Abroad"]
    answer = admin.post("/routes/2/move", direction="up")
    assert answer.status_code == 303
    button = soup(admin.get(answer.location)).select_one("[autofocus]")
    assert (button["id"], button["aria-label"]) == ("move-up-2", "Move up Abroad")
    assert names(admin) == ["Abroad", "Warsaw"]
    admin.post("/routes/2/move", direction="up")
    assert names(admin) == ["Abroad", "Warsaw"]
    admin.post("/routes/2/move", direction="down")
    assert names(admin) == ["Warsaw", "Abroad"]


def test_added_route_is_shown_at_the_end_without_the_empty_message(admin, outbound_routing):
    answer = admin.post("/routes", htmx=True, **ROUTE | {"name": "Third"})
    assert answer.headers["HX-Retarget"] == "#add"
    text = answer.text
    assert soup(answer).select_one("tbody#add").get_text(strip=True) == ""
    assert text.lstrip().startswith('<tbody id="add">')
    assert text.count("<tbody") == 2
    assert partials(answer)[:2] == [(".grid", "beforeend"), ("#empty", "delete")]
    assert text.index('hx-target=".grid"') < text.index('<tbody id="route-3"') < text.index('hx-target="#empty"')


def test_moved_route_alone_is_sent_to_its_new_place(admin, outbound_routing):
    admin.post("/routes", **ROUTE | {"name": "Third"})
    answer = admin.post("/routes/3/move", htmx=True, position="2")
    assert partials(answer)[:3] == [
        ("#route-3", "delete"), (".grid:not(:has(#route-1))", "beforeend"), ("#route-1", "afterend"),
    ]  # fmt: skip
    assert "Third moved to position 2." in answer.text
    assert 'id="route-2"' not in answer.text
    assert "autofocus" not in answer.text
    answer = admin.post("/routes/3/move", htmx=True, direction="up")
    assert partials(answer)[:2] == [("#route-3", "delete"), ("#add", "afterend")]
    assert soup(answer).select_one("[autofocus]")["id"] == "move-up-3"
    assert audit.entries()[0].changes == {"position": [2, 1]}
    for position, shown in (("99", 3), ("0", 1), ("x", 1), ("", 1)):
        answer = admin.post("/routes/3/move", htmx=True, position=position)
        assert f"Third moved to position {shown}." in answer.text


def test_dragged_route_follows_its_visible_predecessor(admin, outbound_routing):
    for name in ("Third", "Fourth"):
        admin.post("/routes", **ROUTE | {"name": name})
    for route, after, expected in (
        ("1", "3", "2314"), ("4", "2", "2431"), ("3", "", "3241"), ("3", "3", "3241"), ("2", "1", "3412"),
    ):  # fmt: skip
        assert admin.post(f"/routes/{route}/move", htmx=True, after=after).status_code == 200
        assert order(admin) == expected
    admin.post("/routes/4/delete")
    for unknown in ("4", "x"):
        answer = admin.post("/routes/1/move", htmx=True, after=unknown)
        assert (answer.status_code, answer.headers["HX-Retarget"]) == (404, "#alert")
    assert order(admin) == "312"


@pytest.mark.parametrize(("strip", "prepend", "text"), [
    ("0", "", ""), ("0", "+48", "+48…"), ("1", "", "first digit removed"),
    ("2", "+", "+…, first 2 digits removed"),
])  # fmt: skip
def test_sent_as_column_describes_the_transformation(admin, outbound_routing, strip, prepend, text):
    admin.post("/routes/1", **ROUTE | {"strip": strip, "prepend": prepend}, version="1")
    assert soup(admin.get("/routes")).select_one("#route-1 .sent-as").get_text() == text


def test_route_shows_an_inactive_trunk_and_a_conflict_names_the_other(admin, outbound_routing):
    admin.post("/trunks", **TRUNK | {"name": "Second"})
    assert "(inactive)" not in admin.get("/routes").text
    admin.post("/routes/1", **ROUTE | {"trunk_id": "2"}, version="1")
    stale = soup(admin.post("/routes/1", **ROUTE, version="1"))
    assert stale.select_one(".saved-value").get_text() == "Trunk: now saved as Second"
    admin.post("/trunks/2", **TRUNK | {"name": "Second", "active": ""}, version="1")
    assert soup(admin.get("/routes")).select("#route-1 td")[2].get_text().strip() == "Second (inactive)"


def test_route_is_deleted_after_confirmation(admin, outbound_routing):
    page = soup(admin.get("/routes/1/delete"))
    assert page.select_one("h1").get_text() == "Delete Warsaw?"
    assert page.select_one("main form a.button")["href"] == "/routes#route-1"
    assert admin.post("/routes/1/delete").location == "/routes"
    assert names(admin) == ["Abroad"]


def test_unknown_ids_and_wrong_methods_are_rejected(admin, outbound_routing):
    assert admin.get("/routes/9/edit", htmx=True).status_code == 404
    assert admin.post("/routes/9", **ROUTE, version="1").status_code == 404
    assert admin.post("/routes/9/move", direction="up").status_code == 404
    assert admin.get("/routes/1/move").status_code == 405
    assert admin.get("/routes/1/edit").location == "/routes?edit=1#route-1"
    assert admin.get("/routes/1/row", htmx=True).status_code == 200


def test_empty_list_leads_to_the_trunk_first_and_then_to_the_rule(admin):
    [link] = soup(admin.get("/routes")).select("#empty a")
    assert (link.text, link["href"]) == ("Add a trunk first", "/trunks?add=1")
    assert admin.post("/trunks", **TRUNK).status_code == 303
    [link] = soup(admin.get("/routes")).select("#empty a")
    assert (link.text, link["href"]) == ("Add your first rule", "/routes?add=1")


def test_form_without_a_trunk_leads_to_the_trunks(admin):
    form = soup(admin.get("/routes?add=1"))
    assert form.select_one("#add select") is None
    link = form.select_one("#add a[href='/trunks?add=1']")
    assert link.text == "Add a trunk first"
    assert admin.post("/routes", **ROUTE).status_code == 422


def test_every_field_of_an_open_row_has_a_label(admin, outbound_routing):
    for url in ("/routes?edit=1", "/routes?add=1", "/trunks?edit=1", "/trunks?add=1"):
        page = soup(admin.get(url))
        fields = [field["id"] for field in page.select(".edit :is(input, select)[id]")]
        assert len(fields) > 5
        assert all(page.find("label", attrs={"for": field}) for field in fields)


def test_feature_codes_are_shown_and_rules_that_match_one_are_marked(admin, outbound_routing, app, ctx):
    patterns = {"[*].*": "*43, *8, *67", "[*]67[0-9]{9}": "*67", "[*]4[0-9]": "*43", "22.*": "", "[*]60": ""}
    for pattern in patterns:
        admin.post("/routes", **ROUTE | {"name": f"Rule {pattern}", "pattern": pattern})
    page = soup(admin.get("/routes"))
    assert " ".join(page.select_one("#feature-codes").get_text().split()).startswith(
        "Feature codes take precedence over the rules: *43 Echo test, *8 Call pickup, *67 Withhold the number."
    )
    for index, codes in enumerate(patterns.values(), 3):
        warning = page.select_one(f"#route-{index} .warn")
        assert (warning.get_text() if warning else "") == (f"except {codes}" if codes else "")
    off = replace(ctx.pbx_settings, echo_test="", pickup="", withhold_prefix="")
    app.extensions["sipweb"] = replace(ctx, pbx_settings=off, cache=StateCache())
    assert not soup(admin.get("/routes")).select("#feature-codes, .route .warn")
