"""Trunks and routing rules in the browser's hands: add, change, order, delete; secrets stay where they are."""

import pytest

from sipweb.db import db
from sipweb.models import Trunk
from sipweb.services import audit, generations
from sipweb.services.site import Actor
from sipweb.services.state import state

WHO = Actor(None, "test")
SECRET = "a secret of the trunk"
TRUNK = {
    "name": "Provider",
    "host": "sip.example.org",
    "port": "5060",
    "transport": "udp",
    "user": "us",
    "secret": SECRET,
    "active": "y",
}
RULE = {
    "name": "Warsaw",
    "pattern": "22[0-9]{7}",
    "level": "10",
    "trunk_id": "1",
    "strip": "0",
    "prepend": "+48",
    "active": "y",
}


@pytest.fixture
def ways(admin):
    """One trunk and two rules."""
    assert admin.post("/trunks", **TRUNK).status_code == 303
    for name in ("Warsaw", "Abroad"):
        assert admin.post("/routes", **RULE | {"name": name}).status_code == 303


def names(admin):
    text = admin.get("/routes").text
    return sorted((name for name in ("Warsaw", "Abroad") if f">{name}</th>" in text), key=text.index)


def test_a_trunk_and_a_rule_are_added_and_pending_then_generated(admin, ways, site):
    assert len(state(site).plan.ways) == 3
    page = admin.get("/generation").text
    assert "3 ways out" in admin.get("/accounts").text
    assert "Provider" in page
    assert generations.generate(site, WHO).state == "written"
    assert len(state(site).plan) == 0
    answer = admin.post("/routes/1", htmx=True, **RULE | {"level": "50"}, version="1")
    assert answer.status_code == 200
    assert "Warsaw was saved." in answer.text
    assert [(f.field, f.old, f.new) for f in state(site).plan.ways[0].fields] == [("level", 10, 50)]


def test_the_trunks_secret_is_in_no_page_log_or_plan_and_blank_keeps_it(admin, ways, site):
    admin.post("/trunks/1", **{**TRUNK, "secret": ""}, version="1")
    row = db.session.scalar(db.select(Trunk))
    assert site.vault.decrypt(row.secret) == SECRET
    generations.generate(site, WHO)
    pages = ("/trunks", "/trunks?edit=1", "/generation", "/generation/2", "/audit")
    assert all(SECRET not in admin.get(url).text for url in pages)
    assert SECRET not in str(audit.entries())


@pytest.mark.parametrize(
    ("kind", "field", "text"),
    [
        ("trunks", "name", ""), ("trunks", "name", "Provider"), ("trunks", "host", "a b"), ("trunks", "host", "x;y"),
        ("trunks", "port", "0"), ("trunks", "port", "65536"), ("trunks", "transport", "ws"), ("trunks", "user", "a\"b"),
        ("trunks", "caller", "12a"), ("trunks", "secret", "short"), ("trunks", "realm", "a b"),
        ("routes", "name", ""), ("routes", "pattern", "12a"), ("routes", "pattern", ""), ("routes", "level", "101"),
        ("routes", "trunk_id", "9"), ("routes", "strip", "33"), ("routes", "prepend", "48x"), ("routes", "prepend", "${EXTEN}"),
    ],
)  # fmt: skip
def test_bad_input_is_a_sentence_and_loses_nothing(admin, ways, kind, field, text):
    given = (TRUNK | {"name": "Other"} if kind == "trunks" else RULE) | {field: text}
    for htmx in (True, False):
        answer = admin.post(f"/{kind}", htmx=htmx, **given)
        assert answer.status_code == 422
        assert 'class="err"' in answer.text
        assert given["host" if kind == "trunks" and field != "host" else "name"] in answer.text


def test_two_administrators_on_one_rule_see_both_values(admin, ways):
    admin.post("/routes/1", **RULE | {"level": "20"}, version="1")
    answer = admin.post("/routes/1", htmx=True, **RULE | {"level": "30"}, version="1")
    assert answer.status_code == 409
    assert "Saved meanwhile: 20" in answer.text
    assert 'value="30"' in answer.text
    assert admin.post("/routes/1", htmx=True, **RULE | {"level": "30"}, version="2").status_code == 200


def test_rules_move_and_the_moved_ones_button_has_the_focus(admin, ways):
    assert names(admin) == ["Warsaw", "Abroad"]
    answer = admin.post("/routes/2/up")
    assert answer.status_code == 303
    assert (
        'id="up2" aria-label="Move up Abroad" autofocus' in admin.get(answer.headers["Location"].partition("#")[0]).text
    )
    assert names(admin) == ["Abroad", "Warsaw"]
    admin.post("/routes/2/up")
    assert names(admin) == ["Abroad", "Warsaw"]
    admin.post("/routes/2/down")
    assert names(admin) == ["Warsaw", "Abroad"]


def test_a_trunk_in_use_is_not_deleted_and_a_rule_asks_first(admin, ways):
    assert "Delete Provider?" in admin.get("/trunks/1/delete").text
    answer = admin.post("/trunks/1/delete")
    assert answer.status_code == 409
    assert "Provider is used by: Warsaw, Abroad." in answer.text
    for rule in ("1", "2"):
        assert admin.post(f"/routes/{rule}/delete").status_code == 303
    assert admin.post("/trunks/1/delete").status_code == 303
    assert admin.get("/trunks/1/delete").status_code == 404


def test_what_is_not_there_and_other_methods(admin, ways):
    assert admin.get("/routes/9/edit", htmx=True).status_code == 404
    assert admin.post("/routes/9", **RULE, version="1").status_code == 404
    assert admin.post("/routes/9/up").status_code == 404
    assert admin.get("/routes/1/up").status_code == 405
    assert admin.get("/routes/1/edit").headers["Location"] == "/routes?edit=1#way-1"
    assert admin.get("/trunks/1/row", htmx=True).status_code == 200
