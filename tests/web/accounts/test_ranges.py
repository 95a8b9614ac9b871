"""The add form with several numbers: preview, addition, refusals and Undo, with and without htmx."""

import pytest

from sipweb.services import accounts
from sipweb.services.state import current_state
from tests.builders import WHO, edit_account, make_account, make_user
from tests.client import soup, text_of

VALUES = {"number": "218-221, 112", "user": "", "phone": "other", "active": "y", "recording": "y", "level": "30"}


def saved(ctx):
    return {account.number: account for account in current_state(ctx).by_id.values()}


def hidden(answer):
    """The fields that tell what the preview showed."""
    return {name: soup(answer).select_one(f"input[name={name}]")["value"] for name in ("previewed", "seen")}


@pytest.mark.parametrize("htmx", [True, False])
def test_range_is_previewed_then_added_then_shown_and_undone(admin, ctx, htmx):
    edit_account(ctx, saved(ctx)[219].id, active=False)
    answer = admin.post("/accounts", htmx=htmx, **VALUES)
    assert answer.status_code == 200
    assert 220 not in saved(ctx)
    page = soup(answer)
    text = text_of(page.select_one("#several-numbers"))
    assert "3 SIP accounts will be added: 112, 220-221" in text
    assert "Already exist and stay as they are: 218" in text
    assert "Already exist, inactive, and stay as they are: 219" in text
    assert "112 is an emergency number" in text
    assert text_of(page.select_one("#add-form-save")) == "Add 3 SIP accounts"
    assert page.select_one("#add-form-save").has_attr("autofocus")
    assert page.select_one("#add-form-number")["value"] == "218-221, 112"
    added = admin.post("/accounts", htmx=htmx, **VALUES, **hidden(answer))
    assert added.status_code == (200 if htmx else 303)
    shown = admin.get(added.headers["HX-Redirect" if htmx else "Location"])
    assert [row.text for row in soup(shown).select("tbody.account th")] == ["112", "220", "221"]
    assert (saved(ctx)[220].phone, saved(ctx)[220].recording, saved(ctx)[220].level) == ("other", True, 30)
    message = soup(shown).select_one(".message")
    assert message.p.text == "3 SIP accounts added: 112, 220-221. Pending: the PBX doesn't have them yet."
    undone = admin.post(message.form["action"], htmx=htmx, undo=message.select_one("[name=undo]")["value"])
    shown = admin.get(undone.headers["HX-Redirect" if htmx else "Location"])
    assert soup(shown).select_one(".message p").text == "3 SIP accounts deleted again."
    assert saved(ctx).keys() == set(range(200, 220))


def test_number_taken_meanwhile_refuses_all_and_shows_the_preview_again(admin, ctx):
    seen = hidden(admin.post("/accounts", htmx=True, **VALUES))
    make_account(ctx, 220)
    refused = admin.post("/accounts", htmx=True, **VALUES, **seen)
    assert refused.status_code == 409
    page = soup(refused)
    error = "Nothing was added: since the preview, 220 changed. Look at the new preview."
    assert error in text_of(page.select_one("#add-form-number-error"))
    assert "2 SIP accounts will be added: 112, 221" in text_of(page.select_one("#several-numbers"))
    assert 221 not in saved(ctx)
    assert admin.post("/accounts", htmx=True, **VALUES, **hidden(refused)).headers["HX-Redirect"]
    assert {112, 221} < saved(ctx).keys()


def test_another_range_than_the_previewed_one_is_previewed_first(admin, ctx):
    seen = hidden(admin.post("/accounts", htmx=True, **VALUES))
    for number in ("218-230", "220-221"):
        answer = admin.post("/accounts", htmx=True, **VALUES | {"number": number}, **seen)
        assert (answer.status_code, bool(soup(answer).select(".err"))) == (200, False)
    for field in ("previewed", "seen"):
        answer = admin.post("/accounts", htmx=True, **VALUES, **seen | {field: "x²,"})
        assert answer.status_code in (200, 409)
    assert 220 not in saved(ctx)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"number": "259-220"}, "Internal number: 259-220: enter the lower number first, 220-259."),
        ({"number": "220-230, 225"}, "Internal number: Listed more than once: 225. Enter each number once."),
        ({"number": "200-219"}, "Internal number: All of these numbers are already in use."),
        ({"level": "101"}, "Permission level (0-100): Enter a whole number from 0 to 100."),
        ({"secret": "a long password"},
         "Password: Each account of a range gets a password of its own. Leave this blank."),
    ],
)  # fmt: skip
def test_refused_range_keeps_what_was_typed(admin, ctx, changes, error):
    make_user("ewa", "Ewa Nowak")
    values = VALUES | {"user": "ewa"} | changes
    answer = admin.post("/accounts", htmx=True, **values)
    assert answer.status_code == 422
    page = soup(answer)
    assert [message.text for message in page.select(".err")] == [error]
    for name in ("number", "user", "level"):
        assert page.select_one(f"#add-form-{name}")["value"] == values[name]
    assert "will be added" not in text_of(page.select_one("#several-numbers"))
    assert len(saved(ctx)) == 20


def test_range_that_exists_names_the_inactive_accounts(admin, ctx):
    for account_id in (1, 2):
        accounts.set_flag(ctx, WHO, account_id, 1, name="active", value=False)
    sentences = {
        "200-205": "All of these numbers already exist: 202-205 active, 200-201 inactive.",
        "200-201": "All of these numbers already exist and are inactive: 200-201.",
    }
    for number, sentence in sentences.items():
        answer = admin.post("/accounts", htmx=True, **VALUES | {"number": number})
        assert f"Internal number: {sentence}" in answer.text


def test_undo_refuses_when_an_account_was_changed_since(admin, ctx):
    added = admin.post("/accounts", **VALUES, **hidden(admin.post("/accounts", **VALUES)))
    form = soup(admin.get(added.location)).select_one(".message form")
    accounts.set_flag(ctx, WHO, saved(ctx)[221].id, 1, name="active", value=False)
    refused = admin.post(form["action"], htmx=True, undo=form.select_one("[name=undo]")["value"])
    assert refused.status_code == 409
    assert "Changed since they were added: 221. Nothing was deleted." in refused.text
    assert 220 in saved(ctx)
    assert admin.post(form["action"], htmx=True, undo="x").status_code == 404
