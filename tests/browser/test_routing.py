"""Trunks, routes and the dial test in Chromium, against the real server and a real Asterisk."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import check_accessibility, login, open_page


def test_closed_add_form_returns_the_focus_unless_it_moved(page):
    for url in ("/accounts", "/users", "/trunks", "/routes"):
        page.goto(url)
        for control, key in (("save", "Escape"), ("cancel", "Enter")):
            page.locator("#add-new").press("Enter")
            page.locator(f"#add-form-{control}").press(key)
            expect(page.locator("#add-form-save")).to_have_count(0)
            expect(page.locator("#add-new")).to_be_focused()
    held = []
    page.route("**/routes/new/cancel", lambda route: route.continue_() if held else held.append(route))
    page.locator("#add-new").press("Enter")
    with page.expect_request("**/routes/new/cancel"):
        page.locator("#add-form-cancel").press("Enter")
    page.locator("#dial-test-account").focus()
    held[0].continue_()
    expect(page.locator("#add-form-save")).to_have_count(0)
    expect(page.locator("#dial-test-account")).to_be_focused()


def test_trunk_and_routes_are_added_and_ordered_by_keyboard(page):
    page.goto("/trunks")
    page.locator("#add-new").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#add-form-name")).to_be_focused()
    page.locator("#add-form-name").fill("Provider")
    page.locator("#add-form-host").fill("127.0.0.1")
    expect(page.locator("#empty")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Provider added.")
    expect(page.get_by_role("link", name="Edit Provider")).to_be_focused()
    expect(page.locator("#empty")).to_have_count(0)
    page.get_by_role("link", name="Call routing").click()
    for name, pattern in (("Warsaw", "22[0-9]{7"), ("Abroad", "00.+")):
        page.get_by_role("link", name="Add rule").click()
        page.locator("#add-form-name").fill(name)
        page.locator("#add-form-pattern").fill(pattern)
        page.keyboard.press("Enter")
        if name == "Warsaw":
            expect(page.locator("#add")).to_contain_text("The pattern is incomplete.")
            page.locator("#add-form-pattern").fill(pattern + "}")
            page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text(f"{name} added.")
        expect(page.locator("tbody.route th").last).to_have_text(name)
        expect(page.get_by_role("link", name=f"Edit {name}")).to_be_focused()
        expect(page.locator("#empty")).to_have_count(0)
    page.get_by_role("button", name="Move up Abroad").focus()
    page.keyboard.press("Enter")
    expect(page.locator("tbody.route th").first).to_have_text("Abroad")
    expect(page.get_by_role("button", name="Move up Abroad")).to_be_focused()
    page.get_by_role("link", name="Review changes").click()
    page.get_by_role("button", name="Generate configuration").click()
    expect(page.get_by_role("table", name="History").locator("tbody tr").first).to_contain_text("verified · current")


def test_routes_are_dragged_tested_and_shown_and_typed_text_is_kept(page):
    page.goto("/trunks?add=1")
    page.locator("#add-form-name").fill("Provider")
    page.locator("#add-form-host").fill("127.0.0.1")
    page.locator("#add-form-save").click()
    expect(page.get_by_role("status")).to_contain_text("Provider added.")
    for name, pattern, level in (("Warsaw", "22.*", "10"), ("Abroad", "00.+", "50"), ("Mobile", "[5-8].*", "20")):
        page.goto("/routes?add=1")
        for field, text in (("name", name), ("pattern", pattern), ("level", level)):
            page.locator(f"#add-form-{field}").fill(text)
        page.locator("#add-form-save").click()
        expect(page.get_by_role("status")).to_contain_text(f"{name} added.")
    page.goto("/routes")
    names = page.locator("tbody.route th")
    page.get_by_role("link", name="Edit Abroad").click()
    page.locator("#edit-2-name").fill("Far away")
    page.locator("#route-3 .drag-handle").drag_to(page.locator("#route-1 .drag-handle"))
    expect(page.get_by_role("status")).to_contain_text("Mobile moved to position 1.")
    expect(names.nth(0)).to_have_text("Mobile")
    expect(names.nth(1)).to_have_text("Warsaw")
    expect(page.locator("#edit-2-name")).to_have_value("Far away")
    page.get_by_role("button", name="Move down Mobile").press("Enter")
    expect(names.nth(1)).to_have_text("Mobile")
    expect(page.get_by_role("button", name="Move down Mobile")).to_be_focused()
    expect(page.locator("#edit-2-name")).to_have_value("Far away")
    page.locator("#edit-2-cancel").click()
    page.reload()
    expect(names).to_have_text(["Warsaw", "Mobile", "Abroad"])
    held = []
    page.route("**/move", lambda route: route.continue_() if held else held.append(route))
    page.get_by_role("button", name="Move down Warsaw").dblclick()
    page.get_by_role("button", name="Move up Warsaw").click()
    with page.expect_response(lambda response: "direction=up" in (response.request.post_data or "")):
        held[0].continue_()
    expect(page.get_by_role("status")).to_contain_text("Warsaw moved to position 2.")
    expect(names).to_have_text(["Mobile", "Warsaw", "Abroad"])
    page.reload()
    expect(names).to_have_text(["Mobile", "Warsaw", "Abroad"])

    with page.context.new_page() as other:  # somebody else moves a rule that this page still shows in its old place
        other.goto("/routes")
        other.get_by_role("button", name="Move up Abroad").click()
        expect(other.get_by_role("status")).to_contain_text("Abroad moved to position 2.")
        other.get_by_role("button", name="Move up Abroad").click()
        expect(other.get_by_role("status")).to_contain_text("Abroad moved to position 1.")
    page.locator("#route-3 .drag-handle").drag_to(page.locator("#route-1 .drag-handle"))
    expect(page.get_by_role("status")).to_contain_text("Mobile moved to position 3.")
    page.reload()
    expect(names).to_have_text(["Abroad", "Warsaw", "Mobile"])

    page.get_by_label("SIP account", exact=True).fill("200")
    page.get_by_label("Number", exact=True).fill("22 123 45 67")
    page.get_by_label("Number", exact=True).press("Enter")
    expect(page.locator("#dial-result p")).to_have_text(
        [
            "Not allowed. No routing rule matches this number.",
            "After the configuration is generated:",
            "Allowed. Account 200 has permission level 10.",
        ]
    )
    page.goto("/generation")
    page.get_by_role("button", name="Generate configuration").click()
    expect(page.get_by_role("table", name="History").locator("tbody tr").first).to_contain_text("verified · current")
    page.goto("/trunks")
    # Asterisk checks it within 10 s and waits 3 s for its answer; monitor and page ask every few seconds.
    expect(page.locator("#status-1")).to_have_text("Unreachable", timeout=25_000)

    page.goto("/accounts?edit=1")
    allowed_routes = page.locator("#edit-1-allowed-routes")
    expect(allowed_routes).to_have_text("Allows: Warsaw.")
    page.locator("#edit-1-level").fill("50")
    expect(allowed_routes).to_have_text("Allows: Abroad, Warsaw, Mobile. Adds: Abroad, Mobile.")
    page.locator("#edit-1-level").fill("5")
    expect(allowed_routes).to_have_text("Allows no routing rules. Removes: Warsaw.")
    page.locator("#edit-1-level").fill("50")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("SIP account 200 saved.")


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_routing_page_passes_axe(browser, server, scheme, width):
    page = open_page(browser, server, color_scheme=scheme, viewport={"width": width, "height": 800})
    login(page)
    page.goto("/trunks?add=1")
    page.locator("#add-form-name").fill("Provider")
    page.locator("#add-form-host").fill("127.0.0.1")
    page.locator("#add-form-save").click()
    expect(page.get_by_role("status")).to_contain_text("Provider added.")
    for url in ("/trunks", "/trunks?edit=1", "/routes?add=1"):
        page.goto(url)
        check_accessibility(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("#add-form-name").fill("Warsaw")
    page.locator("#add-form-save").click()
    expect(page.get_by_text("The pattern is incomplete.")).to_be_visible()
    check_accessibility(page)
