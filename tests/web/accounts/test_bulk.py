"""Changes of all selected accounts over HTTP, with and without htmx."""

import re

import pytest

from sipweb.services import account_secrets, accounts, generations
from sipweb.services.context import Actor
from sipweb.services.state import current_state
from tests.builders import WHO, acquire, edit_account, make_account, make_user
from tests.client import Client, partials, soup, text_of

OTHER = Actor(None, "Other")
LEVEL = {"action": "edit", "level": "50"}


def levels(ctx):
    return {account.number: account.level for account in current_state(ctx).by_id.values()}


def fields(answer):
    """The address and the fields of the form that makes the change."""
    form = soup(answer).select_one("form.bulk-form")
    return form["action"], {one["name"]: one["value"] for one in form.select("input[name]")}


def apply(client, answer, **options):
    address, values = fields(answer)
    return client.post(address, **values | options)


def announced(answer):
    [message] = soup(answer).select(".message")
    return message


@pytest.mark.parametrize("htmx", [True, False])
def test_selected_accounts_are_previewed_changed_and_undone(admin, ctx, anna, htmx):
    edit_account(ctx, 3, level=50)
    shown = admin.post("/accounts/bulk", htmx=htmx, id=["1", "2", "3"], **LEVEL, user="anna")
    page = soup(shown)
    assert shown.status_code == 200
    assert text_of(page.select_one("#bulk-summary")) == "3 change"
    rows = [[text_of(cell) for cell in row.select("th, td")] for row in page.select("tbody tr")]
    assert rows == [
        ["200-201 (2)", "Permission level: 10 50 User: Automat Automat Anna Nowak (anna)"],
        ["202", "User: Automat Automat Anna Nowak (anna)"],
    ]
    assert page.select_one("#bulk-apply").text == "Change 3 accounts"
    assert levels(ctx)[200] == 10  # a preview changes nothing
    if htmx:
        assert shown.headers["HX-Retarget"] == "#bulk-preview"
    done = apply(admin, shown, htmx=htmx)
    assert done.status_code == 200
    assert [levels(ctx)[number] for number in (200, 201, 202, 203)] == [50, 50, 50, 10]
    message = announced(done)
    assert message.p.text.startswith("3 SIP accounts changed. Pending: the PBX works as before")
    rows = soup(done).select("tbody.account")
    assert len(rows) == (3 if htmx else 20)
    assert all("Anna Nowak" in row.text for row in rows[:3])
    if htmx:
        assert partials(soup(done), "#pending")
        assert partials(soup(done), "#changed-rows")
    form = message.form
    undone = admin.post(form["action"], htmx=htmx, undo=form.select_one("[name=undo]")["value"])
    assert announced(undone).p.text == "Change of 3 SIP accounts undone."
    assert current_state(ctx).by_id[3].level == 50
    assert {one.user_id for one in current_state(ctx).by_id.values()} == {None}


def test_all_that_match_are_selected_by_the_search_of_the_address(admin, ctx):
    make_account(ctx, 305, phone="other")
    shown = admin.post("/accounts/bulk?q=phone:other", all="1", **LEVEL)
    assert "305" in soup(shown).select_one("tbody").text
    assert soup(shown).select_one("#bulk-cancel")["href"] == "/accounts?q=phone:other"
    apply(admin, shown)
    assert {number for number, level in levels(ctx).items() if level == 50} == {305}
    shown = admin.post("/accounts/bulk", all="1", action="delete")
    assert soup(shown).select_one("#bulk-apply").text == "Delete 21 accounts"
    several = admin.post("/accounts/bulk", id="1,2", action="delete")  # as a corrected form sends them
    assert soup(several).select_one("#bulk-apply").text == "Delete 2 accounts"


def test_refused_and_unchanged_accounts_are_named_and_left_out(admin, ctx, anna):
    generations.generate(ctx, WHO)
    acquire(ctx)
    make_account(ctx, 300)
    shown = soup(answer := admin.post("/accounts/bulk", id=["1", "2", "21"], action="delete"))
    assert text_of(shown.select_one("#bulk-summary")) == "2 are deleted, 1 is refused: in use by Anna Nowak"
    assert [text_of(hint) for hint in shown.select(".bulk-page > .hint")] == [
        "Accounts that are live keep working until the configuration is generated.",
        "1 isn't live yet: its deletion can't be undone.",
        "Until then you can undo the deletion: accounts are restored as they are live.",
    ]
    done = apply(admin, answer, htmx=True)
    assert {row["id"]: bool(row.select("td")) for row in soup(done).select("tbody")} == {
        "account-2": True, "account-21": False,
    }  # fmt: skip
    assert 200 in levels(ctx)
    assert not {201, 300} & levels(ctx).keys()
    undone = admin.post("/accounts/undo", htmx=True, undo=announced(done).select_one("[name=undo]")["value"])
    assert announced(undone).p.text == "1 deleted SIP account restored as it is live."
    assert 201 in levels(ctx)
    for one in (3, 4):
        edit_account(ctx, one, level=50)
    shown = admin.post("/accounts/bulk", id=["3", "4", "5"], **LEVEL)
    assert text_of(soup(shown).select_one("#bulk-summary")) == "1 changes, 2 stay as they are"
    assert text_of(soup(shown).select_one(".bulk-unchanged")) == "Unchanged: 202-203"


@pytest.mark.parametrize("htmx", [True, False])
def test_row_edited_since_the_preview_is_named_and_a_new_preview_must_be_seen(admin, ctx, htmx):
    shown = admin.post("/accounts/bulk", htmx=htmx, id=["1", "2"], **LEVEL)
    accounts.set_flag(ctx, OTHER, 2, 1, name="recording", value=True)
    refused = apply(admin, shown, htmx=htmx)
    assert refused.status_code == 409
    assert text_of(soup(refused).select_one("#bulk-error")).startswith("Changed since the preview: 201.")
    assert levels(ctx)[200] == 10
    assert apply(admin, refused, htmx=htmx).status_code == 200
    assert (levels(ctx)[200], levels(ctx)[201]) == (50, 50)
    assert current_state(ctx).by_id[2].recording


def test_accounts_deleted_before_the_preview_are_counted_or_all_there_is_to_say(admin, ctx):
    for one in (2, 3):
        accounts.delete(ctx, OTHER, one)
    shown = soup(admin.post("/accounts/bulk", id=["1", "2", "3"], **LEVEL))
    assert text_of(shown.select_one("#bulk-summary")) == "1 changes"
    assert "2 of the selected accounts no longer exist." in text_of(shown)
    for values in (LEVEL, {"action": "delete"}, {"action": "secrets"}):
        gone = admin.post("/accounts/bulk", id=["2", "3"], **values)
        assert gone.status_code == 422
        assert text_of(soup(gone).select_one("#bulk-error")) == "The selected accounts no longer exist."
        assert not soup(gone).select(".bulk-page input:not([type=hidden])")


def test_undo_names_rows_that_were_changed_since(admin, ctx):
    done = apply(admin, admin.post("/accounts/bulk", id=["1", "2", "3"], **LEVEL), htmx=True)
    accounts.set_flag(ctx, OTHER, 2, 2, name="recording", value=True)
    value = announced(done).select_one("[name=undo]")["value"]
    for htmx in (True, False):
        refused = admin.post("/accounts/undo", htmx=htmx, undo=value)
        assert refused.status_code == 409
        assert "Changed since: 201. Nothing was undone." in text_of(soup(refused))
    assert levels(ctx)[200] == 50


@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"level": "101"}, "Enter a whole number from 0 to 100."),
        ({"user": "nobody"}, "No active user matches 'nobody'. Enter a name or a login."),
        ({"phone": "toaster"}, "Select the hardware phone."),
        ({}, "Enter at least one new value."),
        ({"level": " "}, "Enter at least one new value."),
    ],
)
def test_wrong_or_missing_values_are_corrected_with_the_same_selection(admin, ctx, values, text, htmx):
    refused = admin.post("/accounts/bulk", htmx=htmx, id=["1", "2"], action="edit", **values)
    assert refused.status_code == 422
    page = soup(refused)
    assert text in [text_of(one) for one in page.select(".err")]
    address, kept = fields(refused)
    assert kept["id"] == "1,2"
    for select in page.select("form.bulk-form select"):
        chosen = select.select_one("[selected]")
        kept[select["name"]] = chosen["value"] if chosen else ""
    shown = admin.post(address, **kept | {"level": "50", "user": "", "phone": ""})
    assert soup(shown).select_one("#bulk-apply").text == "Change 2 accounts"


def test_nothing_selected_and_forged_forms_are_refused(admin, ctx):
    for data in ({}, {"id": "x"}, {"id": ""}):
        refused = admin.post("/accounts/bulk", **data, **LEVEL)
        assert refused.status_code == 422
        assert "Select at least one account." in refused.text
    assert admin.post("/accounts/bulk", id="1", action="format").status_code == 422
    for seen in ("", "1", "1-x", "-1", "1-1,", "9" * 30 + "-1"):
        assert admin.post("/accounts/bulk/apply", seen=seen, **LEVEL).status_code == 422
    assert admin.post("/accounts/bulk/apply", seen="999-1", **LEVEL).status_code in (409, 422)
    assert admin.post("/accounts/bulk/apply", seen="1-1", action="edit", level="x").status_code == 422
    assert admin.get("/accounts/bulk").status_code == 405
    assert set(levels(ctx).values()) == {10}
    too_many = ",".join(f"{one}-1" for one in range(2000))
    assert admin.post("/accounts/bulk/apply", seen=too_many, **LEVEL).status_code == 422
    assert admin.post("/accounts/bulk", id=too_many.replace("-1", ""), **LEVEL).status_code == 422


def test_new_passwords_are_in_no_page(admin, ctx):
    shown = admin.post("/accounts/bulk", id=["1", "2"], action="secrets", level="not looked at")
    assert text_of(soup(shown).select_one("#bulk-summary")) == "2 get new passwords"
    done = apply(admin, shown, htmx=True)
    assert announced(done).p.text.startswith("New passwords generated for 2 SIP accounts. Pending: ")
    for one in (1, 2):
        assert account_secrets.reveal(ctx, WHO, one).text not in shown.text + done.text
        assert "pending: password" in soup(done).select_one(f"#account-{one}").text


def test_changes_of_many_are_in_the_audit_log_and_in_each_history(admin, ctx):
    apply(admin, admin.post("/accounts/bulk", id=["1", "2"], **LEVEL, active="off"))
    row = soup(admin.get("/audit")).select_one("tbody tr")
    assert [text_of(cell) for cell in row.select("td")[3:5]] == ["SIP accounts changed", "200-201"]
    assert "SIP accounts changed" in admin.get("/accounts/1/history").text


def test_900_edits_can_be_undone_without_javascript(admin, ctx):
    for number in range(300, 420):
        make_account(ctx, number)
    done = apply(admin, admin.post("/accounts/bulk", all="1", action="edit", level="77", recording="on"))
    assert len(done.headers.get("Set-Cookie", "")) < 4000
    form = announced(done).form
    assert admin.post(form["action"], undo=form.select_one("[name=undo]")["value"]).status_code == 200
    assert set(levels(ctx).values()) == {10}


def test_selection_is_offered_to_those_who_may_edit(app, admin, ctx):
    accounts.delete(ctx, WHO, 3)
    page = soup(admin.get("/accounts"))
    boxes = page.select("#row-actions [name=id]")
    assert [box["value"] for box in boxes][:3] == ["1", "2", "4"]  # a deleted account cannot be selected
    assert boxes[0]["aria-label"] == "Select 200"
    assert page.select_one("#select-all")["aria-label"] == "Select all 19"
    assert page.select_one("#row-actions button:not([type])")["id"] == "bulk-edit"  # what Enter in the form presses
    assert soup(admin.get("/accounts?edit=1")).select_one("#account-1.edit [name=id]")
    make_user("kim", "Kim", role="auditor")
    auditor = Client(app)
    auditor.login("kim", "a long password")
    assert not re.search("bulk|checkbox|selectable", auditor.get("/accounts").text)
    assert auditor.post("/accounts/bulk", id="1", **LEVEL).status_code == 403


def test_preview_is_polish(admin):
    admin.post("/language", language="pl")
    shown = admin.post("/accounts/bulk", id=["1", "2"], **LEVEL)
    assert text_of(soup(shown).select_one("#bulk-summary")) == "2 zostaną zmienione"
    assert soup(shown).select_one("#bulk-apply").text == "Zmień 2 konta"
