"""The keyboard shortcuts are switched off in the profile."""

import pytest

from tests.builders import AGENT_PASSWORD
from tests.client import Client, soup


def has_shortcuts(admin, url="/accounts"):
    page = soup(admin.get(url))
    fields = page.select("#q[aria-keyshortcuts='/'], #add-new[aria-keyshortcuts=n]")
    assert bool(page.select("dialog#shortcuts")) == (len(fields) == 2)
    return bool(fields)


def test_shortcuts_are_switched_off_and_on_in_this_browser(app, admin):
    assert has_shortcuts(admin)
    answer = admin.post("/account/shortcuts", value="off")
    assert (answer.status_code, answer.location) == (303, "/account")
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert not has_shortcuts(admin)
    assert soup(admin.get("/account")).select_one("#keyboard button")["value"] == "on"
    other = Client(app)
    other.login()
    assert has_shortcuts(other)
    admin.post("/account/shortcuts", value="on")
    assert has_shortcuts(admin)


@pytest.mark.parametrize("data", [{}, {"value": "x"}])
def test_another_value_is_refused(admin, data):
    assert admin.post("/account/shortcuts", **data).status_code == 422
    assert has_shortcuts(admin)


def test_only_administrators_have_shortcuts(app, admin, anna):
    assert admin.get("/account/shortcuts").status_code == 405
    agent = Client(app)
    agent.login("anna", AGENT_PASSWORD)
    agent.get("/account")
    assert agent.post("/account/shortcuts", value="off").status_code == 403
    assert Client(app).post("/account/shortcuts", value="off").location.startswith("/login")


def test_polish_page_has_a_polish_list(admin):
    admin.post("/language", language="pl")
    assert soup(admin.get("/accounts")).select_one("#shortcuts h2").text == "Skróty klawiszowe"
