"""The page Configuration generation and the page of one version."""

import pytest

from sipweb.db import transaction
from sipweb.models import Generation
from sipweb.services import accounts, generations, leases, pbx_status
from sipweb.services.context import Actor
from sipweb.services.state import current_state
from tests.builders import edit_account, make_account, make_route, make_trunk
from tests.client import soup, text_of

WHO = Actor(None, "test")


def change_level(ctx, count, level=50):
    """Give the first accounts another level."""
    for account_id in range(1, count + 1):
        edit_account(ctx, account_id, level=level)


def lines(page):
    """The visible lines of the plan, without who and when and the link that discards."""
    for link in page.select(".plan .discard"):
        link.decompose()
    found = page.select(".plan > div, .plan > details > summary")
    return [text_of(line).replace(text_of(line.select_one(".author")), "").strip() for line in found]


def history(page):
    """The rows of the history as lists of cells, without the time."""
    rows = page.select("#history ~ .wide tbody tr")
    return [[text_of(cell) for cell in row.find_all(["th", "td"]) if not cell.time] for row in rows]


def test_without_changes_there_is_no_button_but_the_version_and_its_time(admin):
    page = soup(admin.get("/generation"))
    panel = page.select_one("section[aria-labelledby=planned-changes]")
    assert panel.button is None
    text = text_of(panel)
    assert text.startswith("Planned changes The configuration is up to date. Version 1, written ")
    assert "interrupted" not in text


def test_with_changes_there_is_one_button(ctx, admin):
    change_level(ctx, 1)
    panel = soup(admin.get("/generation")).select_one("section[aria-labelledby=planned-changes]")
    assert [button.text for button in panel.select("button")] == ["Generate configuration"]
    assert "Active calls won't be interrupted." in panel.text
    assert "up to date" not in panel.text


def test_a_page_that_is_out_of_date_can_still_be_sent(ctx, admin):
    change_level(ctx, 1)
    admin.get("/generation")
    generations.generate(ctx, WHO)
    assert admin.post("/generation").status_code == 303
    page = admin.get("/generation")
    assert "No changes to generate." in page.text
    assert "The configuration is up to date." in page.text


def test_equal_changes_are_one_line_that_names_the_accounts_when_opened(ctx, admin, anna):
    edit_account(ctx, 2, user_id=anna)
    generations.generate(ctx, WHO)
    change_level(ctx, 5)
    edit_account(ctx, 6, recording=True)
    page = soup(admin.get("/generation"))
    assert lines(page) == [
        "changed Permission level 10 → 50: 5 accounts",
        "205 changed Automat Automat Call recording no → yes",
    ]
    inside = [text_of(line) for line in page.select(".plan details > div")]
    assert inside[1] == "201 Anna Nowak test, just now"
    assert page.select_one(".plan details a")["href"] == "/accounts#account-1"
    assert text_of(page.select_one(".plan summary .author")) == "test, just now"


def test_added_deleted_and_deactivated_accounts_are_one_line_each(ctx, admin):
    for number in range(300, 304):
        make_account(ctx, number)
    for account_id in (1, 2, 3):
        accounts.delete(ctx, WHO, account_id)
    for account_id in (4, 5, 6):
        edit_account(ctx, account_id, active=False)
    assert sorted(lines(soup(admin.get("/generation")))) == [
        "3 accounts deactivated", "3 accounts deleted", "4 accounts added",
    ]  # fmt: skip


def test_warnings_of_a_groups_accounts_are_on_its_line_and_inside(ctx, admin, anna, monkeypatch):
    leases.acquire(ctx, anna, "203", "")
    monkeypatch.setattr(pbx_status, "numbers_on_call", lambda _: {200, 201})
    for account_id in (1, 2, 3, 4):
        edit_account(ctx, account_id, active=False)
    page = soup(admin.get("/generation"))
    assert lines(page) == ["4 accounts deactivated 2 in a call 1 in use by an agent"]
    warnings = [[text_of(warning) for warning in line.select(".warn")] for line in page.select(".plan details > div")]
    assert warnings == [["in a call"], ["in a call"], [], ["in use by Anna Nowak"]]


def test_a_group_by_several_users_names_none_on_its_line(ctx, admin):
    change_level(ctx, 3)
    account = current_state(ctx).account(3)
    accounts.update(ctx, Actor(None, "Piotr"), 3, account.version, accounts.AccountInput(number=202, level=60))
    accounts.update(ctx, Actor(None, "Piotr"), 3, account.version + 1, accounts.AccountInput(number=202, level=50))
    page = soup(admin.get("/generation"))
    assert text_of(page.select_one(".plan summary .author")) == ""
    assert [text_of(author).split(",")[0] for author in page.select(".plan details > div .author")] == [
        "test", "test", "Piotr",
    ]  # fmt: skip


def test_history_tells_what_each_version_changed_and_which_one_it_restored(ctx, admin):
    change_level(ctx, 2)
    make_account(ctx, 300)
    generations.generate(ctx, WHO)
    generations.restore(ctx, WHO, 1)
    page = soup(admin.get("/generation"))
    assert history(page) == [
        ["Version 3", "2 changed · 1 removed restored from version 1", "written, not verified · current", "test",
         "Show changes 3"],
        ["Version 2", "2 changed · 1 added", "written, not verified", "test", "Show changes 2"],
        ["Version 1", "20 added", "written, not verified", "flask setup", "Show changes 1"],
    ]  # fmt: skip
    assert page.find("a", string="Version 3")["href"] == "/generation/3"


def test_an_equal_version_that_was_made_by_hand_is_not_called_restored(ctx, admin):
    for level in (50, 10):
        change_level(ctx, 1, level)
        generations.generate(ctx, WHO)
    assert history(soup(admin.get("/generation")))[0][1] == "1 changed same as version 1"
    assert "same as version 1" in soup(admin.get("/generation/3")).select_one(".subtitle").text


def test_older_versions_are_on_another_page(ctx, admin):
    with transaction() as session:
        first = session.get_one(Generation, 1)
        for number in range(2, 31):
            session.add(
                Generation(
                    number=number, state="refused", started_at=first.started_at, created_by="test", steps=[],
                    differences=[], digest="", snapshot=first.snapshot, previous_number=1,
                )
            )  # fmt: skip
    page = soup(admin.get("/generation"))
    assert len(history(page)) == 25
    older = soup(admin.get(page.find("a", string="Older entries")["href"]))
    assert [row[0] for row in history(older)] == [f"Version {number}" for number in (5, 4, 3, 2, 1)]
    assert older.find("a", string="Older entries") is None
    assert older.select_one(".steps") is None


def test_steps_have_units(ctx, admin):
    with transaction() as session:
        row = session.get_one(Generation, 1)
        row.steps = [
            {"name": "rendered", "ms": 82, "count": 866}, {"name": "written", "ms": 3, "count": 2},
            {"name": "reloaded", "ms": 40, "count": 0}, {"name": "verified", "ms": 5, "count": 1},
        ]  # fmt: skip
    for url in ("/generation", "/generation/1"):
        assert [text_of(step) for step in soup(admin.get(url)).select(".steps li")] == [
            "Prepared 82 ms · 866 accounts", "Files written 3 ms · 2 files", "Asterisk reloaded 40 ms",
            "Verified 5 ms · 1 account",
        ]  # fmt: skip


def test_a_version_leads_to_its_neighbours_and_back(ctx, admin):
    for level in (20, 30):
        change_level(ctx, 4, level)
        generations.generate(ctx, WHO)
    page = soup(admin.get("/generation/2"))
    assert lines(page.select_one("section[aria-labelledby=changes]")) == [
        "changed Permission level 10 → 20: 4 accounts"
    ]
    assert page.select_one(".plan a") is None
    assert [link["href"] for link in page.select("nav[aria-label='Other versions'] a")] == [
        "/generation/1", "/generation/3",
    ]  # fmt: skip
    assert page.find("a", string="Back to configuration generation")["href"] == "/generation"
    assert [link["rel"] for link in soup(admin.get("/generation/3")).select("nav.tools a")] == [["prev"]]
    assert admin.get("/generation/9").status_code == 404


@pytest.mark.parametrize(
    ("count", "expected"),
    [(3, "3 konta"), (5, "5 kont"), (12, "12 kont")],
)
def test_polish_plan_has_the_right_plurals(ctx, admin, count, expected):
    admin.post("/language", language="pl")
    change_level(ctx, count)
    for number in range(300, 300 + count):
        make_account(ctx, number)
    assert lines(soup(admin.get("/generation"))) == [
        f"zmieniono Poziom uprawnień 10 → 50: {expected}", f"dodano {expected}",
    ]  # fmt: skip


@pytest.mark.parametrize(("language", "month"), [("en", "Nov"), ("pl", "lis")])
def test_times_are_european_with_24_hours_and_without_seconds(ctx, admin, language, month):
    admin.post("/language", language=language)
    with transaction() as session:
        row = session.get_one(Generation, 1)
        row.started_at = row.started_at.replace(year=2026, month=11, day=25, hour=12, minute=38, second=24)
    shown = [text_of(time) for time in soup(admin.get("/generation")).select("td time")]
    assert len(shown) == 1
    assert shown[0].startswith(f"25 {month} 2026, ")
    assert shown[0].endswith(":38")


def test_nine_hundred_changed_accounts_give_a_short_page(ctx, admin):
    for number in [n for n in range(100, 1000) if not 200 <= n <= 219]:
        make_account(ctx, number)
    page = soup(admin.get("/generation"))
    assert lines(page) == ["880 accounts added"]


def running(page):
    """The panel that compares what runs."""
    return page.select_one("section[aria-labelledby=running-configuration]")


def changed_file(ctx):
    """Change a live file as somebody does by hand, and return its path."""
    path = ctx.generation_files.path(current_state(ctx).generation) / "pjsip.conf"
    path.write_text(path.read_text() + "; mine\n")
    return path


def test_drift_is_on_every_page_and_in_healthz_until_it_is_applied_again(ctx, admin):
    assert admin.get("/healthz").json["drift"] is None
    assert "Not checked yet." in text_of(running(soup(admin.get("/generation"))))
    admin.post("/generation/check")
    assert admin.get("/healthz").json["drift"] == 0
    assert "No differences found. Last checked:" in text_of(running(soup(admin.get("/generation"))))
    path = changed_file(ctx)
    answer = admin.post("/generation/check")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/generation#running-configuration")
    assert admin.get("/healthz").json["drift"] == 1
    text = "The files of configuration version 1 were changed: 1 difference."
    for url in ("/accounts", "/users", "/trunks", "/routes", "/audit", "/generation"):
        warnings = soup(admin.get(url)).select_one("#warnings")
        assert not warnings.has_attr("hidden")
        assert text_of(warnings.select_one("#drift-warning")) == f"{text} View differences"
    row = running(soup(admin.get("/generation"))).select_one("tbody tr")
    assert [text_of(cell) for cell in row.find_all(["th", "td"])][:4] == [
        "pjsip.conf", "File", "present", "changed by hand",
    ]  # fmt: skip
    admin.post("/generation/apply")
    text = admin.get("/generation").text
    kept = next(file.name for file in path.parent.iterdir() if file.name.startswith("kept-"))
    assert f"Configuration version 1 applied again. Changed files were kept: {kept}." in text
    assert kept in admin.get("/audit").text
    assert admin.get("/healthz").json["drift"] == 0
    assert soup(admin.get("/accounts")).select_one("#drift-warning") is None
    assert "mine" not in path.read_text()


def test_open_pages_show_drift_when_it_is_found(ctx, admin):
    seen = soup(admin.get("/users")).select_one("#poll")["hx-get"]
    assert admin.get(seen, htmx=True).status_code == 204
    changed_file(ctx)
    admin.post("/generation/check")
    assert "drift-warning" in admin.get(seen, htmx=True).text


def test_another_version_shows_what_restoring_it_would_change(ctx, admin):
    change_level(ctx, 4, 20)
    generations.generate(ctx, WHO)
    change_level(ctx, 1, 30)
    panel = soup(admin.get("/generation/1")).select_one("section[aria-labelledby=restore]")
    assert lines(panel) == ["changed Permission level 20 → 10: 4 accounts"]
    assert "Restoring would make 4 changes" in text_of(panel)
    assert "Saved edits are kept and stay pending." in text_of(panel)
    assert soup(admin.get("/generation/2")).select_one("section[aria-labelledby=restore]") is None  # it is live
    assert admin.post("/generation/9/restore").status_code == 404
    admin.post("/generation/1/restore")
    text = admin.get("/generation").text
    assert "Version 1 restored as configuration version 3. Saved edits are kept and pending." in text
    state = current_state(ctx)
    assert (state.generation, len(state.plan)) == (3, 4)
    assert state.by_id[1].level == 30
    assert "The PBX is running this configuration already." in admin.get("/generation/1").text


def delete_accounts(ctx, count):
    """Delete the first accounts of 20."""
    for account_id in range(1, count + 1):
        accounts.delete(ctx, WHO, account_id)


def test_removing_many_accounts_needs_their_number(ctx, admin):
    delete_accounts(ctx, 6)
    assert soup(admin.get("/generation")).select_one("#confirm") is None
    accounts.delete(ctx, WHO, 7)
    page = soup(admin.get("/generation"))
    field = page.select_one("form #confirm")
    assert page.select_one(f"label[for={field['id']}]").text.endswith("will be removed from the PBX (7):")
    for confirm in ("", "8", "seven", "-1", "7777777777"):
        refused = admin.post("/generation", confirm=confirm)
        assert refused.status_code == 422
        field = soup(refused).select_one("#confirm")
        assert (field["value"], field["aria-describedby"]) == (confirm, "confirm-error")
        assert "This removes 7 of 20 accounts from the PBX. To confirm, enter 7." in refused.text
    assert current_state(ctx).generation == 1
    assert admin.post("/generation", confirm=" 7 ").status_code == 303
    assert current_state(ctx).generation == 2


def test_restoring_a_version_with_far_fewer_accounts_needs_their_number(ctx, admin):
    for number in range(300, 320):
        make_account(ctx, number)
    generations.generate(ctx, WHO)
    assert soup(admin.get("/generation/1")).select_one("#confirm")
    refused = admin.post("/generation/1/restore", confirm="19")
    assert (refused.status_code, current_state(ctx).generation) == (422, 2)
    assert "This removes 20 of 40 accounts from the PBX." in refused.text
    assert admin.post("/generation/1/restore", confirm="20").status_code == 303
    assert current_state(ctx).generation == 3


def test_plan_says_what_it_means_for_calls(ctx, admin):
    make_route(make_trunk(ctx), name="Abroad", pattern="00.*", level=10)
    generations.generate(ctx, WHO)
    change_level(ctx, 3, 5)
    page = soup(admin.get("/generation"))
    assert [text_of(line) for line in page.select(".impact li")] == ["3 accounts may no longer dial “Abroad”."]
    admin.post("/language", language="pl")
    assert "3 konta nie będą już mogły dzwonić według reguły „Abroad”." in admin.get("/generation").text
