"""Two hosts on one database while one of them already has a newer version of sipweb."""

import json
import logging
import os
import re
import shutil
import time
import urllib.error
import urllib.request
from collections import Counter
from contextlib import contextmanager, suppress

import pytest
from bs4 import BeautifulSoup

from sipweb.config import ROOT
from sipweb.core.snapshot import RENDERER_VERSION
from sipweb.db import db
from sipweb.pbx import local_asterisk
from sipweb.version import VERSION, schemas
from tests import postgres
from tests.builders import AGENT_PASSWORD, make_user
from tests.client import HttpClient, text_of
from tests.hosts.pair import Pair, in_threads
from tests.pbx.phones import Phone, conversation
from tests.servers import wait_for

pytestmark = pytest.mark.long
logger = logging.getLogger(__name__)
SECONDS = float(os.environ.get("TEST_SECONDS", "60"))  # with two versions
NEWER_VERSION, NEWER_SCHEMA = "99.0.0", f"{int(schemas()[-1]) + 1:04}"
EDITED = 219  # the number of an account that no agent gets
ADDS = """
    op.add_column("account", sa.Column("note", sa.String(80), nullable=True))
    op.add_column("user", sa.Column("colour", sa.String(20), nullable=False, server_default="grey"))
    op.create_table("holiday", sa.Column("day", sa.Date(), primary_key=True))
"""
BREAKS = f"""
    op.drop_column("trunk", "dtmf_mode")
    op.execute("UPDATE alembic_version SET oldest_schema = '{NEWER_SCHEMA}'")
"""  # noqa: S608  # a constant
MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{down_revision}"


def upgrade() -> None:
{changes}
"""
WRITE_NOTE = f"""
from sqlalchemy import update
from sipweb import create_app
from sipweb.db import transaction
from sipweb.models import Account

with create_app().app_context(), transaction() as session:
    session.execute(update(Account).where(Account.number == {EDITED}).values(note="kept"))
"""
CALLS = "SELECT id, started_at, host, number, callee, result, unique_id FROM call ORDER BY id"
REFUSED = (
    f"The database has a newer schema ({NEWER_SCHEMA}) than this version of sipweb ({schemas()[-1]}). Install the "
    "version that it was used with, or restore a backup."
)


@pytest.fixture
def pair(tmp_path, postgresql, postgresql_template):
    """Return two hosts with a database of their own, which a test migrates."""
    if local_asterisk.find_asterisk() is None:
        pytest.skip("no Asterisk: run make pbx")
    template, url = postgresql_template
    with postgres.copied(postgresql, "upgrade", url.database) as database:
        pair = Pair(tmp_path, template, database)
        try:
            pair.start()
            yield pair
        finally:
            pair.end()


def newer_code(folder, changes, renderer_version=RENDERER_VERSION):
    """Copy this code as a newer version, with a migration more; return its folder."""
    ignored = shutil.ignore_patterns(".*", "__pycache__", "benchmarks", "docs", "instance", "tests")
    shutil.copytree(ROOT, folder, ignore=ignored)
    (folder / ".asterisk").symlink_to(local_asterisk.TREE)
    replace(folder / "sipweb/version.py", f'VERSION = "{VERSION}"', f'VERSION = "{NEWER_VERSION}"')
    replace(
        folder / "sipweb/core/snapshot.py",
        f"RENDERER_VERSION = {RENDERER_VERSION} ", f"RENDERER_VERSION = {renderer_version} ",
    )  # fmt: skip
    if "note" in changes:
        column = "    max_contacts: Mapped[int] = mapped_column(default=1)\n"
        replace(folder / "sipweb/models/accounts.py", column, f"{column}    note: Mapped[str | None]\n")
    text = MIGRATION.format(revision=NEWER_SCHEMA, down_revision=schemas()[-1], changes=changes)
    (folder / f"migrations/versions/{NEWER_SCHEMA}_newer.py").write_text(text)
    return folder


def replace(path, old, new):
    text = path.read_text()
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new))


def set_up(machine, code):
    """Stop a host, which has no calls, and set it up with other code; return how long that took, in seconds."""
    machine.stop()
    machine.code = code
    began = time.monotonic()
    done = machine.run("setup")
    assert done.returncode == 0, done.stderr
    return time.monotonic() - began


def upgrade(machine, code):
    """Do what README says under Upgrading; return how long set-up took, in seconds."""
    seconds = set_up(machine, code)
    machine.come_back()
    return seconds


def healthz(machine):
    """Return status and content of /healthz."""
    status, text = HttpClient(machine.address).get("/healthz")
    return status, json.loads(text)


def hosts_table(machine):
    """Return host → state and version, as the page of a server shows them."""
    rows = BeautifulSoup(machine.admin.get("/generation")[1], "html5lib").select("table.hosts tbody tr")
    cells = {row.th.text.strip(): [text_of(cell) for cell in row.select("td")] for row in rows}
    return {name: (state, version) for name, (state, _, _, _, _, version, *_) in cells.items()}


def versions(machine):
    """Return the version of each host as the page of a server shows it."""
    return {name: version for name, (_, version) in hosts_table(machine).items()}


class Agent:
    """An agent's program."""

    def __init__(self, pair, login, machine):
        with pair.app.app_context():
            make_user(login, login.title())
            db.session.remove()
        self._token = ""
        status, values = self._post(machine, "login", {"login": login, "password": AGENT_PASSWORD})
        assert status == 200, values
        self._token, self.number = values["token"], values["number"]

    def beat(self, machine):
        """Send a heartbeat to a server; return its status."""
        return self._post(machine, "heartbeat", {})[0]

    def _post(self, machine, action, values):
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"}
        request = urllib.request.Request(f"{machine.address}/api/agent/{action}", json.dumps(values).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.read().decode()


@contextmanager
def in_use(machines, agents, answers):
    """Ask servers all the time for their health and a page, and send heartbeats; count the answers.

    At the end none may have failed.
    """

    def use(machine, end):
        client = HttpClient(machine.address)
        client.login()
        while not end.wait(0.5):
            requests = {path: lambda path=path: client.get(path)[0] for path in ("/healthz", "/accounts")}
            requests |= {agent.number: lambda agent=agent: agent.beat(machine) for agent in agents}
            for name, request in requests.items():
                status = "none"
                with suppress(OSError):
                    status = request()
                answers[machine.name, name, status] += 1

    with in_threads(use, machines):
        yield
    assert {status for _, _, status in answers} <= {200}, answers
    assert {name for name, _, _ in answers} >= {machine.name for machine in machines}


def edit(pair, machine, level):
    """Edit an account at a server."""
    [(key, version)] = pair.rows("SELECT id, version FROM account WHERE number = :number", number=EDITED)
    values = {"number": EDITED, "level": level, "phone": "builtin", "active": "on", "owner": ""}
    status, text = machine.admin.post(f"/accounts/{key}", version=version, **values)
    assert status == 200, text
    return f"/accounts/{key}/row"


def check_round(pair, one, other, level, phones):
    """Edit at one server, and generate at the other one; phones are registered at both hosts."""
    row = edit(pair, one, level)
    assert re.search(rf"\b{level}\b", text_of(BeautifulSoup(other.admin.get(row)[1], "html5lib")))
    number = pair.newest()[0] + 1
    status, page, _ = other.click()
    assert status == 200, page
    assert pair.newest() == (number, "verified")
    assert pair.reports(number) == [("a", "verified"), ("b", "verified")]
    wait_for(pair.agrees, "both report it", 5)
    for machine in pair.machines:
        assert phones[machine.name].register() == 200
        assert machine.contacts() == {phones[machine.name].number}


def work(pair, seconds, phones, agents, answers):
    """Work with both servers for so many seconds, and now and then call; return the number of rounds."""
    rounds, end, calls, before = 0, time.monotonic() + seconds, [], {id for (id,) in pair.rows("SELECT id FROM call")}
    with in_use(pair.machines, agents, answers):
        while time.monotonic() < end or rounds < 2:
            machines = pair.machines[:: -1 if rounds % 2 else 1]
            check_round(pair, *machines, 11 + (pair.newest()[0] % 80), phones)
            if rounds % 20 < 2:  # from each host to the other one
                with conversation(*(phones[machine.name] for machine in machines)):
                    calls.append(f"{time.strftime('%H:%M:%S', time.gmtime())} from {machines[0].name}")
            rounds += 1
            time.sleep(1)
        deadline = time.monotonic() + 15
        while len(listed := [row for row in pair.rows(CALLS) if row[0] not in before]) != len(calls):
            assert time.monotonic() < deadline, "\n".join(map(str, ["Made:", *calls, "Listed:", *listed]))
    return rounds


def test_two_versions_work_side_by_side(pair, tmp_path):
    newer, answers, phones = newer_code(tmp_path / "newer", ADDS), Counter(), {}
    agents = [Agent(pair, "anna", pair.a), Agent(pair, "piotr", pair.b)]
    numbers = {machine.name: pair.add_account() for machine in pair.machines}
    assert pair.a.click()[0] == 200
    for machine in pair.machines:
        number = numbers[machine.name]
        phones[machine.name] = Phone(tmp_path, machine.sip_port, number, pair.password(number))
    try:
        with in_use([pair.a], agents, answers):
            seconds = upgrade(pair.b, newer)
        assert [healthz(machine)[1].get("newer_schema") for machine in pair.machines] == [NEWER_SCHEMA, None]
        for machine in pair.machines:
            assert versions(machine) == {"a": VERSION, "b": NEWER_VERSION}
        written = pair.b.run_python(WRITE_NOTE)
        assert written.returncode == 0, written.stderr
        rounds = work(pair, SECONDS / 2, phones, agents, answers)

        pair.a.stop()
        done = pair.a.run("setup")
        assert (done.returncode, "it stays as it is" in done.stdout) == (0, True), done.stderr
        pair.a.come_back()
        assert "A newer version of sipweb has migrated the database" in pair.a.log.read_text()
        wait_for(pair.agrees, "both run the same", 10)
        rounds += work(pair, SECONDS / 2, phones, agents, answers)
        assert pair.rows("SELECT note FROM account WHERE number = :number", number=EDITED) == [("kept",)]

        with in_use([pair.b], agents, answers):
            upgrade(pair.a, newer)
        assert healthz(pair.a)[1].get("newer_schema") is None
        wait_for(pair.agrees, "both run the same", 10)
        assert versions(pair.b) == {"a": NEWER_VERSION, "b": NEWER_VERSION}
        rounds += work(pair, 0, phones, agents, answers)
    finally:
        for phone in phones.values():
            phone.close()
    assert {name for (name,) in pair.rows("SELECT number FROM lease")} == {int(agent.number) for agent in agents}
    assert pair.pending() == 0
    assert pair.a.accounts() == pair.b.accounts()
    text = "".join(machine.log.read_text() for machine in pair.machines)
    assert "Traceback" not in text, text[text.index("Traceback") - 500 :][:5000]
    logger.info("%d rounds; set-up took %.1f s; answers: %s", rounds, seconds, dict(answers))


def test_migration_that_breaks_earlier_code_stops_it(pair, tmp_path):
    set_up(pair.b, newer_code(tmp_path / "newer", BREAKS))
    status, values = healthz(pair.a)
    assert (status, values["problems"][0]) == (503, REFUSED)
    pair.a.stop()
    for command in ("serve", "setup"):
        done = pair.a.run(command)
        assert (done.returncode, done.stderr.splitlines()[-1]) == (1, REFUSED)
        assert "Traceback" not in done.stderr
    assert pair.rows("SELECT version_num, oldest_schema FROM alembic_version") == [(NEWER_SCHEMA, NEWER_SCHEMA)]


def test_versions_that_make_other_files_generate_nothing_together(pair, tmp_path):
    newer = newer_code(tmp_path / "newer", ADDS, RENDERER_VERSION + 1)
    upgrade(pair.b, newer)
    before, account = (pair.live(), pair.newest()), pair.add_account()
    reports = pair.rows("SELECT count(*) FROM host_report")
    for machine in pair.machines:
        status, page, _ = machine.click()
        other = "b" if machine is pair.a else "a"
        assert status == 409
        sentence = f"sipweb has another version on the PBX host {other}. Upgrade all hosts first."
        assert sentence in text_of(BeautifulSoup(page, "html5lib"))
        assert healthz(machine)[0] == 200
        edit(pair, machine, 44)
    assert (pair.live(), pair.newest(), pair.rows("SELECT count(*) FROM host_report")) == (*before, reports)
    assert pair.lack(account)

    # b is alone for a while, and makes what a can't
    pair.a.stop()
    wait_for(lambda: pair.b.click()[0] == 200, "a is away", 20)
    assert account in pair.b.accounts()
    pair.a.come_back()
    state = "differs: sipweb has another version on the PBX host a"
    wait_for(lambda: hosts_table(pair.b)["a"][0] == state, "the page says so", 20)
    assert account not in pair.a.accounts()
    assert healthz(pair.a)[0] == 200
    assert pair.a.click()[0] == 409

    upgrade(pair.a, newer)
    wait_for(pair.agrees, "a has caught up", 10)
    assert account in pair.a.accounts()
    assert pair.a.click()[0] == 200
