"""An instance that commit a402b08 left (see a402b08/README.md) works after today's migrations."""

import hashlib
import json
import re
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import astuple
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from sipweb import create_app
from sipweb.config import ROOT, load
from sipweb.core.snapshot import Snapshot
from sipweb.db import db, migrate
from sipweb.services import generation_history, generations
from sipweb.services.context import Actor
from sipweb.services.renamed_messages import current_message
from sipweb.services.state import current_state
from sipweb.translations import compile_translations
from tests.client import Client

LEFT = Path(__file__).parent / "a402b08"
DUMP = (LEFT / "database.sql").read_text()
EXPECTED = json.loads((LEFT / "expected.json").read_text())
LIVE_FILES = LEFT / "sipweb" / f"generation-{EXPECTED['live']:06d}"
RENAMED_TABLES = {"rule": "outbound_route", "throttle": "login_throttle"}  # a table of the dump → its name now
LANGUAGES = ("en", "pl")


@pytest.fixture(scope="module")
def dump():
    """The database as it was: asked in the words of its own time."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(DUMP)
        connection.row_factory = sqlite3.Row
        yield connection


@pytest.fixture
def instance(tmp_path):
    """The old instance after today's migrations. Whoever used a number then was heard of a moment ago."""
    compile_translations()
    path = tmp_path / "i"
    shutil.copytree(LEFT / "sipweb", path / "asterisk" / "sipweb")
    (path / "asterisk" / "sipweb" / "current").symlink_to(LIVE_FILES.name)
    (path / "run").mkdir()
    shutil.copyfile(LEFT / "registered.json", path / "run" / "registered.json")
    shutil.copyfile(LEFT / "keys.json", path / "keys.json")
    with closing(sqlite3.connect(path / "sipweb.db")) as connection:
        connection.executescript(DUMP)
        connection.execute("UPDATE lease SET seen = ?", (f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}",))
        connection.commit()
    app = create_app(load({"SIPWEB_INSTANCE": str(path), "SIPWEB_PBX": "files"}))
    with app.app_context():
        migrate(ROOT / "migrations")
        db.session.remove()
        db.engine.dispose()
    return path


@pytest.fixture
def admin(app):
    """A client that is signed in with the administrator's password in the dump."""
    client = Client(app)
    assert client.login(password=EXPECTED["passwords"]["admin"]).status_code == 303
    return client


@pytest.fixture
def api(app):
    """POST to the agents' interface: (status, JSON)."""
    client = app.test_client()

    def post(what, token="", address="127.0.0.1", **body):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        origin = {"REMOTE_ADDR": address}
        answer = client.post(f"/api/agent/{what}", json=body, headers=headers, environ_base=origin)
        return answer.status_code, answer.json

    return post


def read(client, url):
    """A page, parsed; and its text with single blanks."""
    answer = client.get(url)
    assert answer.status_code == 200, url
    page = BeautifulSoup(answer.text, "html5lib")
    return page, " ".join(page.main.get_text(" ").split())


def credentials(files):
    """Number or trunk → its password or digest, as a generation's pjsip.conf has it."""
    text = (files / "pjsip.conf").read_text()
    found = re.findall(r"^\[(.+)\]\ntype=auth\n(?:.+\n)*?(?:password|password_digest)=(.+)$", text, re.MULTILINE)
    secrets = {name: secret for name, secret in found if not re.fullmatch(r"sipweb-[0-9a-f]{16}", name)}  # no marker
    assert len(secrets) == 12
    return secrets


def rows(dump, table):
    """All rows of one table."""
    return dump.execute(f'SELECT * FROM "{table}" ORDER BY 1').fetchall()  # noqa: S608  # a name from the dump


def test_no_row_is_lost(instance, dump):
    tables = [name for (name,) in dump.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    before = {RENAMED_TABLES.get(name, name): len(rows(dump, name)) for name in tables}
    with closing(sqlite3.connect(instance / "sipweb.db")) as connection:
        after = {
            name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608  # as above
            for name in before
        }
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert after == before
    assert min(before.values()) > 0


def test_everybody_signs_in_with_the_old_password(app):
    for login, password in EXPECTED["passwords"].items():
        client = Client(app)
        assert client.login(login, password).status_code == (422 if login == "jan" else 303), login
        if login == "marta":  # a password from somebody else opens only the page where it is changed
            assert client.get("/agent").headers["Location"] == "/account"
        assert Client(app).login(login, password + "x").status_code == 422, login


def test_everybody_keeps_the_language(app):
    for login, language in (("ewa", "pl"), ("anna", "en")):
        client = Client(app)
        client.login(login, EXPECTED["passwords"][login])
        assert read(client, "/account")[0].html["lang"] == language


def test_failed_tries_of_an_address_still_count(api):
    tries = [api("login", login="somebody", password="a wrong password", address="203.0.113.9")[0] for _ in range(2)]
    assert tries == [401, 429]


def test_failed_tries_to_change_a_password_still_count(app):
    client = Client(app)
    client.login("zoe", EXPECTED["passwords"]["zoe"])
    new = {"new": "another password", "again": "another password"}
    client.get("/account")
    tries = [client.post("/account", old="a wrong password", **new).status_code for _ in range(2)]
    assert tries == [422, 429]


def test_agents_go_on_working_with_their_numbers(admin, api, dump):
    _page, text = read(admin, "/accounts?show=in-use")
    for lease in rows(dump, "lease"):
        name = dump.execute("SELECT name FROM user WHERE id = ?", (lease["user_id"],)).fetchone()[0]
        assert str(lease["number"]) in text
        assert name in text
    for token in EXPECTED["tokens"].values():
        assert api("heartbeat", token)[0] == 200
        assert api("logout", token)[0] == 200
        assert api("heartbeat", token)[0] == 401


def test_secrets_can_be_read_and_are_those_of_the_stored_files(admin, dump):
    digests = credentials(LIVE_FILES)
    for account in rows(dump, "account"):
        number, secret = str(account["number"]), EXPECTED["accounts"][str(account["number"])]
        page = BeautifulSoup(admin.post(f"/accounts/{account['id']}/secret").text, "html5lib")
        assert secret in [code.get_text() for code in page.select("code")]
        digest = hashlib.md5(f"{number}:sipweb:{secret}".encode(), usedforsecurity=False).hexdigest()
        assert digests.get(number) == (f"MD5:{digest}" if account["active"] else None)


@pytest.mark.parametrize(("login", "number"), [("anna", "200"), ("piotr", "220"), ("zoe", "300"), ("lukasz", "240")])
def test_phone_registers_with_the_digest_of_the_stored_files(api, login, number):
    status, response = api("login", login=login, password=EXPECTED["passwords"][login], number=number)
    assert (status, response["number"]) == (200, number)
    assert f"MD5:{response['sip']['ha1']}" == credentials(LIVE_FILES)[number]


FORMS = [
    ("/accounts", "account", ("number", "phone", "level", "version"), ("active", "recording")),
    ("/users", "user", ("name", "login", "role", "work_mode", "external_phone", "version"), ("active",)),
    (
        "/trunks",
        "trunk",
        ("name", "host", "port", "transport", "user", "caller", "realm", "version"),
        ("active", "register"),
    ),
    (
        "/routes",
        "rule",
        ("name", "pattern", "level", "trunk_id", "strip", "prepend", "version"),
        ("active", "emergency"),
    ),
]


@pytest.mark.parametrize("form", FORMS, ids=[form[1] for form in FORMS])
def test_every_row_is_edited_with_its_values(admin, dump, form):
    url, table, fields, switches = form
    for row in rows(dump, table):
        page, _text = read(admin, f"{url}?edit={row['id']}")
        shown = Counter(field.get("value", "") for field in page.select("main input, main option[selected]"))
        wanted = Counter("" if row[name] is None else str(row[name]) for name in fields)
        assert not wanted - shown, dict(row)
        assert len(page.select("main input[type=checkbox][checked]")) == sum(row[name] for name in switches), dict(row)


def test_every_account_is_edited_with_its_owner(admin, dump):
    logins = {row["id"]: row["login"] for row in rows(dump, "user")}
    for row in rows(dump, "account"):
        page, _text = read(admin, f"/accounts?edit={row['id']}")
        shown = page.select_one("tbody.edit [name=user]")["value"]
        assert shown == "" if row["user_id"] is None else f"({logins[row['user_id']]})" in shown


def test_routing_rules_keep_their_order(admin):
    _page, text = read(admin, "/routes")
    places = [text.index(name) for name in EXPECTED["rules"]]
    assert places == sorted(places)
    assert len(places) == 6


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_audit_entry_is_shown_and_labelled(admin, dump, language):
    admin.post("/language", language=language)
    shown, before = [], ""
    while before is not None:
        page, _text = read(admin, f"/audit?before={before}")
        lines = page.select("main tbody tr")
        shown += [line.select("td") for line in lines]
        older = [link["href"] for link in page.select("main a[href]") if "before=" in link["href"]]
        before = re.search(r"before=(\d+)", older[-1])[1] if older else None
    entries = dump.execute("SELECT * FROM audit ORDER BY id DESC").fetchall()
    assert len(shown) == len(entries) + 1  # the administrator's login
    for (when, actor, address, what, subject, changes), entry in zip(shown[1:], entries, strict=True):
        at = datetime.fromisoformat(entry["at"]).replace(tzinfo=UTC, microsecond=0)
        assert datetime.fromisoformat(when.time["datetime"]) == at
        cells = [cell.get_text().strip() for cell in (actor, address, subject)]
        assert cells == [entry["by"] or "–", entry["address"], entry["subject"]]
        assert what.get_text()[0].isupper(), entry["action"]
        fields = json.loads(entry["changes"])
        labels = [span.find(string=True).strip() for span in changes.select("span")]
        assert len(labels) == len(fields)
        assert all(label[0].isupper() for label in labels), (labels, fields)
        assert fields.get("reason", [None, None])[1] not in [new.get_text() for new in changes.select("ins")]


def test_audit_log_of_one_number_is_found(admin, dump):
    ids = "SELECT account_id FROM audit WHERE subject = '202'"
    entries = dump.execute(f"SELECT count(*) FROM audit WHERE account_id IN ({ids})").fetchone()[0]  # noqa: S608
    page, _text = read(admin, "/audit?q=account:202")
    assert len(page.select("main tbody tr")) == entries > 5


def test_every_snapshot_loads_with_all_its_values(dump):
    for row in rows(dump, "generation"):
        snapshot, stored = Snapshot.from_json(row["snapshot"]), json.loads(row["snapshot"])
        assert snapshot.renderer_version == stored["renderer"] == 7
        settings = Counter(
            str(tuple(value) if isinstance(value, list) else value) for value in stored["settings"].values()
        )
        assert not settings - Counter(map(str, astuple(snapshot.settings)))
        for records, old in (
            (snapshot.accounts, stored["accounts"]),
            (snapshot.trunks, stored["trunks"]),
            (snapshot.routes, stored["rules"]),
        ):
            assert len(records) == len(old)
            for one, values in zip(records, old, strict=True):
                assert not Counter(map(str, values.values())) - Counter(map(str, astuple(one)))


def changes(plan):
    """A plan as a402b08/make.py writes it: without the names of fields."""
    return {
        "added": [account.number for account in plan.added],
        "removed": [account.number for account in plan.removed],
        "changed": {str(change.old.number): _values(change.fields) for change in plan.changed},
        "routing": {change.name: _values(change.fields) for change in plan.routing},
        "settings": _values(plan.settings),
    }


def _values(fields):
    return sorted(f"{field.old} → {field.new}" for field in fields)


def test_every_generation_says_what_it_changed(app, dump):
    for row in rows(dump, "generation"):
        assert (
            changes(generation_history.generation_plan(generation_history.get_generation(row["number"])))
            == EXPECTED["generations"][str(row["number"])]
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_generation_has_its_page(admin, dump, language):
    admin.post("/language", language=language)
    listed = read(admin, "/generation")[1].split()
    secrets = [secret for secret in (*EXPECTED["accounts"].values(), *EXPECTED["trunks"].values()) if secret]
    for row in rows(dump, "generation"):
        page, text = read(admin, f"/generation/{row['number']}")
        files = [pre.get_text() for pre in page.select("pre")]
        assert len(files) == 2
        assert "********" in "".join(files)
        assert not any(secret in file for file in files for secret in secrets)
        assert str(row["number"]) in listed
        assert row["by"] in text
        items = [item.get_text() for item in page.select("main li")]
        for difference in json.loads(row["differences"]):
            assert any(all(part in item for part in difference.values()) for item in items), difference
        message = json.loads(row["message"] or "null")
        if message:
            assert all(value in text for value in message["values"].values())
            sentence = current_message(message["message"]) % message["values"]
            assert (sentence in text) == (language == "en")  # in Polish there is a translation of it


def test_nothing_is_pending_but_the_upgrade_and_its_feature_codes(ctx, admin):
    current = current_state(ctx)
    assert current.generation == EXPECTED["live"]
    assert len(current.plan) == current.plan.upgraded + bool(current.plan.settings) == 2
    assert {change.field for change in current.plan.settings} == {"echo_test", "pickup", "withhold_prefix"}
    assert len(current.accounts) == len(EXPECTED["accounts"])
    assert admin.get("/healthz").json["pending"] == len(current.plan)


def test_generation_after_the_upgrade_leaves_nothing_pending(admin, ctx, instance):
    before = credentials(LIVE_FILES)
    account = next(account for account in current_state(ctx).accounts if account.number == 203)
    answer = admin.post(f"/accounts/{account.id}/recording", version=str(account.version), value="on")
    assert answer.status_code == 303
    assert len(current_state(ctx).plan) == 3
    assert admin.post("/generation").status_code == 303
    newest = generation_history.recent_generations()[0]
    assert (newest.number, newest.state, newest.is_live) == (EXPECTED["live"] + 1, "written", True)
    assert len(current_state(ctx).plan) == 0
    assert credentials(instance / "asterisk" / "sipweb" / "current") == before


def test_restored_generation_shows_who_changed_what_since(admin, ctx):
    restored = generations.restore(ctx, Actor(None, "test"), 5)
    assert restored.state == "written"
    plan = current_state(ctx).plan
    assert len(plan.routing) == 3
    page, _text = read(admin, "/generation")
    edits = len(plan) - bool(plan.settings) - bool(plan.inactive)
    assert len(page.select(".plan time")) == edits > 6
