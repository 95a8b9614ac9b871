"""Trunks and routing rules in the browser's hands: add, change, order, delete; secrets stay where they are."""

import re
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from sipweb.db import db, transaction
from sipweb.models import Rule, Trunk
from sipweb.pbx.state import TrunkState
from sipweb.services import audit, generations, presence
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
    assert "Provider · Host sip.example.org · Port 5060 · Transport udp · User us" in page
    assert "Warsaw · Pattern 22[0-9]{7} · Lowest level 10 · Trunk Provider · Digits to prepend +48" in page
    assert page.count("Administrator, ") == 3
    assert generations.generate(site, WHO).state == "written"
    assert len(state(site).plan) == 0
    answer = admin.post("/routes/1", htmx=True, **RULE | {"level": "50"}, version="1")
    assert answer.status_code == 200
    assert "Warsaw was saved." in answer.text
    assert [(f.field, f.old, f.new) for f in state(site).plan.ways[0].fields] == [("level", 10, 50)]


def test_the_plan_says_who_moved_and_what_was_only_switched_off(admin, ways, site):
    generations.generate(site, WHO)
    assert admin.post("/routes/2/up", htmx=True).status_code == 200
    assert admin.post("/routes/1", htmx=True, **RULE | {"active": ""}, version="1").status_code == 200
    page = admin.get("/generation").text
    assert page.count("Administrator, ") == 1
    assert "deactivated" in page
    admin.post("/routes/1", htmx=True, **RULE, version="2")
    page = admin.get("/generation").text
    assert page.count("Administrator, ") == 1
    assert "<dt>Order</dt><dd><del>2</del> <ins>1</ins></dd>" in page
    admin.post("/routes/1/delete")
    assert "removed" in admin.get("/generation").text


def test_the_audit_log_names_the_trunk(admin, ways):
    admin.post("/trunks", **TRUNK | {"name": "Other"})
    admin.post("/routes/1", htmx=True, **RULE | {"trunk_id": "2"}, version="1")
    assert audit.entries()[0].changes == {"trunk_id": ["Provider", "Other"]}
    assert "Trunk: <del>Provider</del> <ins>Other</ins>" in admin.get("/audit").text


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
        ("trunks", "caller", "12a"), ("trunks", "secret", "ends with \\"), ("trunks", "secret", "half\\;"), ("trunks", "secret", "ż"), ("trunks", "secret", "x" * 65), ("trunks", "realm", "a b"),
        ("trunks", "version", "x"), ("routes", "version", "1" * 20), ("routes", "name", ""), ("routes", "pattern", "12a"), ("routes", "pattern", ""), ("routes", "level", "101"),
        ("routes", "trunk_id", "9"), ("routes", "trunk_id", "x"), ("routes", "trunk_id", ""), ("routes", "strip", "33"), ("routes", "prepend", "48x"), ("routes", "prepend", "${EXTEN}"),
    ],
)  # fmt: skip
def test_bad_input_is_a_sentence_and_loses_nothing(admin, ways, kind, field, text):
    given = (TRUNK | {"name": "Other"} if kind == "trunks" else RULE) | {field: text}
    for htmx in (True, False):
        answer = admin.post(f"/{kind}", htmx=htmx, **given)
        assert answer.status_code == 422
        assert 'class="err"' in answer.text
        assert field != "trunk_id" or "Trunk: Choose a trunk.</p>" in answer.text
        assert given["host" if kind == "trunks" and field != "host" else "name"] in answer.text


def test_two_administrators_on_one_rule_see_both_values(admin, ways):
    admin.post("/routes/1", **RULE | {"level": "20"}, version="1")
    answer = admin.post("/routes/1", htmx=True, **RULE | {"level": "30"}, version="1")
    assert answer.status_code == 409
    assert "Saved meanwhile: 20" in answer.text
    assert 'value="30"' in answer.text
    assert admin.post("/routes/1", htmx=True, **RULE | {"level": "30"}, version="2").status_code == 200


def test_a_moved_rule_can_be_saved_by_who_edits_it(admin, ways):
    admin.post("/routes/2/up", htmx=True)
    for rule in ("1", "2"):
        assert admin.post(f"/routes/{rule}", htmx=True, **RULE | {"level": "30"}, version="1").status_code == 200


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


def test_an_added_rule_is_shown_at_the_end_and_no_page_says_any_more_that_there_is_none(admin, ways):
    answer = admin.post("/routes", htmx=True, **RULE | {"name": "Third"}).text.replace("\n", "")
    assert answer.startswith('<tbody id="add"></tbody>')
    assert '<hx-partial hx-target=".grid" hx-swap="beforeend"><tbody id="way-3"' in answer
    assert answer.count("<tbody") == 2
    assert '<hx-partial hx-target="#empty" hx-swap="delete">' in answer


def test_a_moved_rule_alone_is_sent_behind_the_one_before_it_and_open_rows_stay(admin, ways):
    admin.post("/routes", **RULE | {"name": "Third"})
    answer = admin.post("/routes/3/to", htmx=True, position="2").text
    assert 'hx-target="#way-3" hx-swap="delete"' in answer
    assert 'hx-target="#way-1" hx-swap="afterend"><' in answer.replace("\n", "")
    assert "Third is number 2 in the order now." in answer
    assert 'id="way-2"' not in answer
    answer = admin.post("/routes/3/up", htmx=True).text
    assert 'hx-target="#add" hx-swap="afterend"' in answer
    assert 'id="up3" aria-label="Move up Third" autofocus' in answer
    assert audit.entries()[0].changes == {"position": [2, 1]}
    for position, place in (("99", 3), ("0", 1), ("x", 1), ("", 1)):
        assert (
            f"Third is number {place} in the order now."
            in admin.post("/routes/3/to", htmx=True, position=position).text
        )


def test_a_dragged_rule_stands_behind_the_one_that_was_seen_before_it_whoever_moved_what_meanwhile(admin, ways):
    def order():
        return re.findall(r'id="way-(\d)"', admin.get("/routes").text)

    for name in ("Third", "Fourth"):
        admin.post("/routes", **RULE | {"name": name})
    for rule, after, expected in (
        ("1", "3", "2314"), ("4", "2", "2431"), ("3", "", "3241"), ("3", "3", "3241"), ("2", "1", "3412"),
    ):  # fmt: skip
        assert admin.post(f"/routes/{rule}/to", htmx=True, after=after).status_code == 200
        assert "".join(order()) == expected
    admin.post("/routes/4/delete")
    for gone in ("4", "x"):
        answer = admin.post("/routes/1/to", htmx=True, after=gone)
        assert (answer.status_code, answer.headers["HX-Retarget"]) == (404, "#alert")
    assert order() == ["3", "1", "2"]


def test_the_transports_of_our_own_asterisk_are_the_only_ones(admin, app, ways):
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], pbx="local", sip_transports=("udp", "tls"))
    transports = re.compile(r'<option value="(udp|tcp|tls)"')
    for url in ("/trunks/new", "/trunks/1/edit"):
        assert transports.findall(admin.get(url, htmx=True).text) == ["udp", "tls"]
    answer = admin.post("/trunks/1", htmx=True, **TRUNK | {"transport": "tcp"}, version="1")
    assert answer.status_code == 422
    assert "The PBX has the transports UDP, TLS only." in answer.text
    assert admin.post("/trunks/1", htmx=True, **TRUNK | {"transport": "tls"}, version="1").status_code == 200
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], sip_transports=("udp",))
    assert transports.findall(admin.get("/trunks/new", htmx=True).text) == ["udp"]
    form = admin.get("/trunks/1/edit", htmx=True).text
    assert transports.findall(form) == ["udp", "tls"]  # what it has is shown
    assert '<option value="tls" selected>' in form


def test_how_each_trunk_stands_is_shown_and_renewed(admin, ways, site):
    def state_of(text):
        return re.search(r'id="s1" class="(\w+)">(.*?)<', text).groups()

    page = admin.get("/trunks").text
    assert state_of(page) == ("new", "Not generated yet")
    poll = re.search(r'hx-get="(/trunks/live\?seen=\w+)"', page)[1]
    assert admin.get(poll, htmx=True).status_code == 204
    generations.generate(site, WHO)
    answer = admin.get(poll, htmx=True)
    assert state_of(answer.text) == ("idle", "Not known")
    for said, shown in (
        (TrunkState("Registered", True), ("registered", "answers, registered")),
        (TrunkState("Rejected", True), ("down", "answers, registration refused")),
        (TrunkState("", False), ("down", "does not answer")),
    ):
        presence.store(site, {}, {1: said})
        answer = admin.get(re.search(r'hx-get="(/trunks/live\?seen=\w+)"', answer.text)[1], htmx=True)
        assert state_of(answer.text) == shown
    admin.post("/trunks/1", **{**TRUNK, "active": ""}, version="1")
    assert state_of(admin.get("/trunks").text) == shown  # as long as the PBX runs it
    generations.generate(site, WHO)
    assert state_of(admin.get("/trunks").text) == ("off", "Inactive")


def test_every_page_says_that_emergency_calls_have_no_way_out_until_they_have(admin, site):
    missing = "Emergency calls have no way out: 112, 997, 998, 999. Add a trunk and generate."
    for url in ("/accounts", "/users", "/generation", "/trunks", "/recordings"):
        assert missing in admin.get(url).text
    answer = admin.post("/trunks", htmx=True, **TRUNK).text
    assert "Emergency calls have no way out until the next generation: 112, 997, 998, 999." in answer
    generations.generate(site, WHO)
    assert '<p id="stranded" class="warn" hidden></p>' in admin.get("/accounts").text
    admin.post("/trunks/1", **{**TRUNK, "active": ""}, version="1")
    assert "After the next generation emergency calls have no way out: 112" in admin.get("/generation").text


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


def answer(admin, account, number, *, htmx=True):
    url = f"/routes{'/may-dial' if htmx else ''}?{urlencode({'account': account, 'number': number})}"
    return admin.get(url, htmx=htmx)


@pytest.mark.parametrize(("strip", "prepend", "said"), [
    ("0", "", ""), ("0", "+48", "+48…"), ("1", "", "without the first 1 digit"),
    ("2", "+", "+…, without the first 2 digits"),
])  # fmt: skip
def test_how_a_number_is_sent_stands_in_words(admin, ways, strip, prepend, said):
    admin.post("/routes/1", **RULE | {"strip": strip, "prepend": prepend}, version="1")
    row = re.search('<tbody id="way-1".*?</tbody>', admin.get("/routes").text, re.DOTALL)[0]
    assert f'<td class="sent">{said}</td>' in row


def test_a_rule_says_that_its_trunk_is_inactive_and_a_stale_one_names_the_other_trunk(admin, ways):
    admin.post("/trunks", **TRUNK | {"name": "Second"})
    assert "(inactive)" not in admin.get("/routes").text
    admin.post("/routes/1", **RULE | {"trunk_id": "2"}, version="1")
    stale = admin.post("/routes/1", **RULE, version="1")
    assert "Saved meanwhile: Second" in stale.text
    admin.post("/trunks/2", **TRUNK | {"name": "Second", "active": ""}, version="1")
    assert "Second <em>(inactive)</em>" in admin.get("/routes").text


@pytest.mark.parametrize("caller", ["+", "48 22", "a"])
def test_a_callers_number_is_one(admin, caller):
    assert "Digits, star and hash only" in admin.post("/trunks", **TRUNK | {"caller": caller}).text


def test_the_answer_says_which_trunk_does_not_answer(admin, generated, site):
    presence.store(site, {}, {1: TrunkState("", False)})
    page = answer(admin, "200", "221234567")
    assert 'gets +48221234567 <span class="warn">does not answer</span>' in page.text
    assert "tried last" not in page.text  # it is the only one
    admin.post("/trunks", **TRUNK | {"name": "Second"})
    admin.post("/routes", **RULE | {"trunk_id": "2"})
    generations.generate(site, WHO)
    assert "One that does not answer is tried last." in answer(admin, "200", "221234567").text
    presence.store(site, {}, {1: TrunkState("", True)})
    assert "does not answer" not in answer(admin, "200", "221234567").text


@pytest.fixture
def generated(admin, ways, site):
    """Warsaw from level 10, Abroad from 50; 201 has level 50, all others 10; the PBX knows all that."""
    admin.post(
        "/routes/2",
        **RULE | {"name": "Abroad", "pattern": "00.+", "level": "50", "strip": "2", "prepend": "+"},
        version="1",
    )
    admin.post("/accounts/2", number="201", user="", phone="builtin", active="y", level="50", version="1")
    assert generations.generate(site, WHO).state == "written"


@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize(
    "case",
    [
        ("200", "22 123-45 67", ["Yes.", "has level 10", "Warsaw (from level 10 on)", "Provider gets +48221234567"]),
        ("200", "0044 123", ["No.", "needs a higher one", "Abroad (50)"]),
        ("201", "0044123", ["Yes.", "Abroad (from level 50 on)", "gets +44123"]),
        ("200", "5", ["No.", "No rule matches this number."]),
        ("200", "201", ["Yes.", "internal number"]),
        ("200", "112", ["Yes.", "whatever the level", "Without a rule", "gets 112"]),
        ("200", "Local/5@x", ["No.", "That is no number for outside"]),
        ("999", "112", ["No.", "does not know the account 999"]),
        ("99", "112", ["Enter a three-digit number from 100 to 999."]),
        ("200", "", ["Enter the number that is dialled."]),
        ("200", "<b>1", ["That is no number for outside"]),
    ],
)  # fmt: skip
def test_may_this_account_dial_is_answered_by_the_decision(admin, generated, case, htmx):
    account, number, sentences = case
    page = answer(admin, account, number, htmx=htmx)
    assert page.status_code == 200
    assert all(sentence in page.text for sentence in sentences), page.text
    assert "After the next generation:" not in page.text
    assert "<b>1" not in page.text


def test_the_answer_tells_what_a_generation_would_change(admin, generated):
    admin.post("/routes/1", **RULE | {"level": "60"}, version="1")
    now, _, later = answer(admin, "200", "221234567").text.partition("After the next generation:")
    assert "Yes." in now
    assert "No." in later
    assert "Warsaw (60)" in later
    assert "After the next" not in answer(admin, "200", "201").text
    admin.post("/accounts/1/active", value="off", version="1")
    assert "does not know the account" in answer(admin, "200", "201").text.partition("After the next")[2]


@pytest.mark.parametrize(
    ("level", "sentences"),
    [
        ("10", "Opens Warsaw."),
        (" 50 ", "Opens Warsaw, Abroad. New: Abroad."),
        ("9", "Opens no routing rule. No longer: Warsaw."),
        ("101", ""),
        ("x", ""),
        ("", ""),
    ],
)
def test_beside_the_level_stands_what_it_opens_before_it_is_saved(admin, generated, level, sentences):
    assert admin.get(f"/accounts/opens?{urlencode({'level': level, 'was': '10'})}", htmx=True).text == sentences
    assert "Opens Warsaw." in admin.get("/accounts/1/edit", htmx=True).text


def test_a_rules_name_is_text_beside_the_level_too(admin, generated):
    admin.post("/routes/1", **RULE | {"name": "A & B"}, version="1")
    assert "A &amp; B" in admin.get("/accounts/opens?level=10", htmx=True).text


def test_without_rules_the_level_says_so_and_many_are_counted(admin, ways, site):
    with transaction() as session:
        for place in range(20):
            session.add(Rule(name=f"R{place}", position=10 + place, pattern="1", level=0, trunk_id=1))
    text = admin.get("/accounts/opens?level=10", htmx=True).text
    assert "R9 and 10 more" in text
    for none in (db.update(Trunk).values(active=False), db.delete(Rule)):
        with transaction() as session:
            session.execute(none)
        assert "No routing rule is in effect:" in admin.get("/accounts/opens?level=10", htmx=True).text
