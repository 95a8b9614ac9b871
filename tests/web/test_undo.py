"""Undo: the values that an edit replaced are restored, unless the record was changed since."""

import pytest

from sipweb.core.errors import Invalid
from sipweb.services import accounts, generations, user_list, users
from sipweb.services.context import Actor
from sipweb.services.state import current_state
from tests.builders import WHO, edit_user, make_user
from tests.client import partials, soup
from tests.web.routing.conftest import ROUTE, TRUNK

OTHER = Actor(None, "Other")
ROW = {"number": "200", "phone": "builtin", "active": "y", "level": "50", "version": "1"}


def message(answer):
    page = soup(answer)
    return next(
        box for area in ("#announce", "#alert") for part in partials(page, area) for box in part.select(".message")
    )


def press_undo(client, answer, **options):
    form = message(answer).select_one("form")
    return client.post(form["action"], undo=form.select_one("[name=undo]")["value"], **options)


@pytest.mark.parametrize("htmx", [True, False])
def test_undo_restores_the_values_of_an_account(admin, ctx, htmx):
    answer = admin.post("/accounts/1", htmx=True, **ROW)
    assert message(answer).p.text == (
        "SIP account 200 saved. Pending: the PBX works as before until the configuration is generated."
    )
    undone = press_undo(admin, answer, htmx=htmx)
    assert undone.status_code == (200 if htmx else 303)
    assert current_state(ctx).account(1).level == 10
    assert len(current_state(ctx).plan) == 0
    if htmx:
        assert message(undone).p.text == "Change of 200 undone."


def test_undo_refuses_when_the_account_was_changed_since(admin, ctx):
    answer = admin.post("/accounts/1", htmx=True, **ROW)
    accounts.set_flag(ctx, OTHER, 1, 2, name="recording", value=True)
    refused = press_undo(admin, answer, htmx=True)
    assert refused.status_code == 409
    assert "error" in message(refused)["class"]
    assert "Last change: Other, " in message(refused).p.text
    assert current_state(ctx).account(1).level == 50


@pytest.mark.parametrize("undo", ["", "x", "W1sxLDIse31dXQ.forged"])
def test_values_that_this_server_did_not_sign_are_refused(admin, undo):
    assert admin.post("/accounts/undo", undo=undo).status_code == 422


def test_values_of_another_list_are_refused(admin):
    answer = admin.post("/accounts/1", htmx=True, **ROW)
    value = message(answer).select_one("[name=undo]")["value"]
    assert admin.post("/trunks/undo", undo=value).status_code == 422


def test_edit_of_a_password_cannot_be_undone(admin):
    answer = admin.post("/accounts/1", htmx=True, **ROW | {"secret": "a new password 1"})
    assert not message(answer).select_one("form")


def test_trunk_and_route_are_undone(admin, ctx):
    admin.post("/trunks", **TRUNK)
    admin.post("/routes", **ROUTE)
    trunk = admin.post("/trunks/1", htmx=True, **TRUNK | {"host": "10.0.0.9", "secret": ""}, version="1")
    route = admin.post("/routes/1", htmx=True, **ROUTE | {"level": "77"}, version="1")
    assert message(press_undo(admin, route, htmx=True)).p.text == "Change of Warsaw undone."
    assert message(press_undo(admin, trunk, htmx=True)).p.text == "Change of Provider undone."
    [saved_trunk], [saved_route] = current_state(ctx).saved.trunks, current_state(ctx).saved.routes
    assert (saved_trunk.host, saved_route.level) == (TRUNK["host"], int(ROUTE["level"]))


def test_user_is_undone_unless_the_edit_set_a_password(admin, ctx):
    user_id = make_user("anna", "Anna Nowak")
    form = {"name": "Anna Lis", "login": "anna", "role": "agent", "work_mode": "automatic", "external_phone": "builtin"}
    answer = admin.post(f"/users/{user_id}", htmx=True, **form, version="1")  # inactive now
    assert message(press_undo(admin, answer, htmx=True)).p.text == "Change of Anna Nowak undone."
    user = next(user for user in user_list.list_users(ctx) if user.id == user_id)
    assert (user.name, user.active, user.version) == ("Anna Nowak", True, 3)
    refused = press_undo(admin, answer, htmx=True)  # once more
    assert refused.status_code == 409
    assert "Last change: Administrator, " in message(refused).p.text
    answer = admin.post(f"/users/{user_id}", htmx=True, **form, version="3", password="another long password")
    assert message(answer).select_one("form") is None


def test_undo_does_not_take_the_last_administrator(admin, ctx):
    user_id = make_user("ewa", "Ewa Kot", role="administrator")
    edit_user(ctx, user_id, role="agent")
    [ewa] = [user for user in user_list.list_users(ctx) if user.id == user_id]
    edit = users.update_user(
        ctx, WHO, user_id, ewa.version,
        users.UserInput("Ewa Kot", "ewa", "administrator", True, "automatic", "builtin"),
    ).undoable  # fmt: skip
    edit_user(ctx, 1, role="agent")
    with pytest.raises(Invalid):
        users.undo(ctx, WHO, edit)


@pytest.mark.parametrize(
    ("path", "value", "text"),
    [
        ("recording", "on", "Recording on for 200. Pending: the PBX doesn't record it yet."),
        ("active", "off", "SIP account 200 inactive. Pending: it keeps working until the configuration is generated."),
    ],
)
def test_switch_tells_what_the_pbx_does_until_the_next_generation(admin, ctx, path, value, text):
    answer = admin.post(f"/accounts/1/{path}", htmx=True, value=value, version="1")
    assert message(answer).p.text == text
    row = soup(answer).select_one("#account-1")
    live = row.select_one(f"#{path}-live-1")
    assert " ".join(live.text.split()) == ("now: off" if value == "on" else "now: on")
    assert row.select_one(f"#{path}-1")["aria-describedby"] == live["id"]
    generations.generate(ctx, WHO)
    assert not soup(admin.get("/accounts")).select(".live-value")
