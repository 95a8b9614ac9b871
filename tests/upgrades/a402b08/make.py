"""Make this folder's data: an instance as commit a402b08 leaves it, with every kind of row that its code writes.

Run it in a checkout of commit a402b08 in which `make pbx` was run:

    PYTHONPATH=. .venv/bin/python COPY_OF_THIS_FILE FOLDER

The names in here are those of that commit; they must not follow later renames.
"""

import base64
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from unittest import mock

from sipweb.serve import local_pbx
from sipweb.services.site import Actor, now
from sqlalchemy import update

from sipweb import create_app
from sipweb.config import load
from sipweb.core.errors import SipwebError
from sipweb.core.snapshot import RENDERER
from sipweb.db import db, transaction
from sipweb.models import Account, Generation, Lease, Trunk, User
from sipweb.pbx import local
from sipweb.pbx import state as pbx_state
from sipweb.services import accounts, agents, generations, history, login, presence, recordings, users, ways
from sipweb.services.state import live, state
from sipweb.web import words

PASSWORDS = {
    "admin": "administrator-1", "ewa": "administrator-ewa", "anna": "agent-anna-zażółć", "piotr": "agent-piotr-1",
    "lukasz": "agent-lukasz-1", "zoe": "agent-zoe-number-1", "kasia": "agent-kasia-1", "tomek": "agent-tomek-1",
    "marta": "one-time-marta", "jan": "agent-jan-inactive",
}  # fmt: skip
SECRETS = {"201": "typed; secret #201, with blanks", "303": "typed-secret-303"}
KEPT = 2  # folders of generations, the live one included
DESK = "192.0.2.10"  # where everybody is
THIEF = "203.0.113.9"
DIE = """
import os, signal
from sipweb import create_app
from sipweb.pbx.release import Release
from sipweb.services import generations
from sipweb.services.site import Actor

Release.switch = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
app = create_app()
with app.app_context():
    generations.generate(app.extensions["sipweb"], Actor(1, "Administrator"))
"""


def main(target):
    """Make an instance, then write `target` from it."""
    assert RENDERER == 7, "this is not a checkout of commit a402b08"
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        instance = Path(folder) / "i"
        instance.mkdir()
        write_keys(instance / "keys.json")
        runner = create_app(load(environ(instance, ADMIN_PASSWORD=PASSWORDS["admin"]))).test_cli_runner()
        done = runner.invoke(args=["setup"])
        assert done.exit_code == 0, done.output
        with working(instance) as site:
            people(site)
            account_changes(site)
            routing(site)
        with working(instance, EMERGENCY_NUMBERS="112,997,998,999,984", SIP_REALM="pbx.example.com") as site:
            generate(site, "written")
        with working(instance) as site:
            generate(site, "written")
            earlier_generation(site)
            at_work(site)
            failures(site, instance)
        real_asterisk(instance)
        with working(instance) as site:
            accounts.switch(site, EWA, number(300).id, number(300).version, name="recording", value=True)
            generate(site, "written")
            tokens = leases(site)
            recorded(site)
            failed_logins()
            presence.store(site, {220: f"{DESK}:5060"}, {1: pbx_state.TrunkState("Registered", True)})
            check(site)
            write_expected(site, target / "expected.json", tokens)
        store(instance, target)


ADMIN = Actor(1, "Administrator", address="192.0.2.1")
EWA = Actor(2, "Ewa Żółć-Kowalska", address="192.0.2.2")


def write_keys(path):
    """Keys that anybody can see are made up."""
    text = b"made-up key of a test fixture %d."
    keys = {
        "secret_key": "made-up-key-of-a-test-fixture",
        "secrets_keys": [base64.urlsafe_b64encode((text % 1).ljust(32, b"!")).decode()],
        "fingerprint_key": (text % 2).ljust(32, b"!").hex(),
        "ami_secret": "made-up-ami-secret-of-a-test-fixture",
    }
    path.write_text(json.dumps(keys, indent=2) + "\n")


def environ(instance, **settings):
    """The settings as environment variables."""
    named = {f"SIPWEB_{name}": str(value) for name, value in settings.items()}
    return {"SIPWEB_INSTANCE": str(instance), "SIPWEB_PBX": "files"} | named


@contextmanager
def working(instance, **settings):
    """The application's context; what the services work with."""
    app = create_app(load(environ(instance, **settings)))
    with app.app_context():
        yield app.extensions["sipweb"]
        db.session.remove()
        db.engine.dispose()


def generate(site, state, who=ADMIN):
    """Generate, and insist on how it ends."""
    done = generations.generate(site, who)
    assert done is not None, "nothing was pending"
    assert done.state == state, done
    return done


def number(wanted):
    """The saved account of this number."""
    return db.session.scalar(db.select(Account).where(Account.number == wanted))


def person(name):
    """The saved user of this login."""
    db.session.rollback()
    return db.session.scalar(db.select(User).where(User.login == name))


def draft(of, **changes):
    """The form of a saved account with some fields changed."""
    names = ("number", "user_id", "phone", "active", "recording", "level")
    return accounts.Draft(**{name: getattr(of, name) for name in names} | changes)


def edit(site, wanted, who=ADMIN, **changes):
    """Save an account's form."""
    account = number(wanted)
    accounts.change(site, who, account.id, account.version, draft(account, **changes))


def user_form(name, /, **changes):
    """The form of a saved user with some fields changed."""
    user = person(name)
    names = ("name", "login", "role", "active", "work_mode", "external_phone")
    return user.id, user.version, users.UserDraft(**{field: getattr(user, field) for field in names} | changes)


def expect(kind, call, *args):
    """Insist on a refusal."""
    try:
        call(*args)
    except kind:
        return
    raise AssertionError(f"{call} was not refused")


def people(site):
    """Users of every kind; some with an account."""
    made = users.create_user(ADMIN, "ewa", EWA.name, PASSWORDS["ewa"], "administrator")
    assert made == EWA.id
    for name, called in (("anna", "Anna Nowak"), ("kasia", "Kasia Łoś"), ("tomek", "Tomek Ćma")):
        users.create_user(ADMIN, name, called, PASSWORDS[name], "agent")
    users.create_user(ADMIN, "lukasz", "Łukasz Gęśl", PASSWORDS["lukasz"], "agent", work_mode="manual")
    users.create_user(ADMIN, "marta", "Marta Źdźbło", PASSWORDS["marta"], "agent", must_change=True)
    drafts = (
        ("piotr", "Piotr Wisniewski", "builtin"),
        ("zoe", "Zoë Müller-Ångström", "other"),
        ("jan", "Jan Lis", "builtin"),
    )
    for name, called, phone in drafts:
        new = users.UserDraft(called, name, "agent", True, "automatic", phone, PASSWORDS[name])
        users.add_user(site, ADMIN, new, account=True)
    login.set_language(replace(EWA), "pl")
    login.set_language(Actor(person("anna").id, "Anna Nowak"), "en")


def account_changes(site):
    """Accounts of every kind: owners, other phones, recording, levels, typed and new passwords, inactive, deleted."""
    for gone in range(205, 220):
        accounts.delete(site, ADMIN, number(gone).id)
    edit(site, 201, user_id=person("lukasz").id, phone="other", recording=True, level=55, secret=SECRETS["201"])
    edit(site, 203, phone="other", level=0)
    edit(site, 204, number=240, user_id=person("lukasz").id, level=100)
    for new, changes in {
        300: {"user_id": person("zoe").id, "level": 75}, 301: {"active": False}, 302: {},
        303: {"secret": SECRETS["303"], "recording": True}, 999: {"level": 1},
    }.items():  # fmt: skip
        given = {"user_id": None, "phone": "other", "active": True, "recording": False, "level": 10} | changes
        accounts.add(site, EWA, accounts.Draft(new, **given))
    accounts.delete(site, EWA, number(302).id)
    # Anna asks for numbers that the PBX does not know, before they are generated and after.
    anna = person("anna").id
    for asked in ("303", "301", "777"):
        expect(agents.NoNumber, agents.enter, site, anna, asked, DESK)
    generate(site, "written")
    accounts.renew_secret(site, EWA, number(202).id)
    accounts.reveal(site, EWA, number(201).id)
    lost = number(999).id
    accounts.delete(site, EWA, lost)
    accounts.undo(site, EWA, lost)
    accounts.switch(site, EWA, number(240).id, number(240).version, name="recording", value=True)
    users.change_user(site, ADMIN, *user_form("piotr", name="Piotr Wiśniewski"))
    users.set_password(ADMIN, "tomek", PASSWORDS["tomek"])
    generate(site, "written", EWA)
    accounts.delete(site, ADMIN, number(999).id)
    generate(site, "written")


def trunk(name, host, **values):
    """A trunk's form."""
    given = {"port": 5060, "transport": "udp", "user": "", "caller": "", "realm": "", "register": False, "active": True}
    return ways.TrunkDraft(name, host, **given | values)


def rule(name, pattern, level, trunk_id, **values):
    """A routing rule's form."""
    given = {"strip": 0, "prepend": "", "emergency": False, "active": True}
    return ways.RuleDraft(name, pattern, level, trunk_id, **given | values)


def routing(site):
    """Trunks and routing rules of every kind; changed, moved and deleted ones."""
    green = trunk(
        "Zielony", "127.0.0.1", port=5999, user="centrum@example", caller="+48221234567", realm="sip.example.com",
        register=True, secret="trunk secret 1",
    )  # fmt: skip
    ids = [
        ways.save_trunk(site, EWA, None, 0, one)
        for one in (
            replace(green, secret="an earlier trunk secret", caller=""),
            trunk("Szary", "127.0.0.1", port=5998, transport="tcp"),
            trunk("Żółty bez realmu", "127.0.0.1", port=5997, user="zolty", secret="trunk-secret-3"),
            trunk("Zapasowy", "backup.example.com", user="backup", secret="trunk-secret-4", active=False),
            trunk("Dawny", "old.example.com"),
        )
    ]
    ways.delete_trunk(EWA, ids[4])
    rules = [
        ways.save_rule(EWA, None, 0, one)
        for one in (
            rule("Miejskie", "0[1-9].*", 10, ids[0], strip=1, prepend="+48"),
            rule("Komórkowe", "[5-8][0-9]{8}", 20, ids[1]),
            rule("Zagraniczne", "00.+", 80, ids[2], strip=2, prepend="+"),
            rule("Alarmowe", "112|99[789]", 0, ids[1], emergency=True),
            rule("Premium", "0?70.*", 100, ids[0], active=False),
            rule("Przez zapasowy", "1[0-9]{4}", 30, ids[3]),
            rule("Dawna", "9.*", 5, ids[0]),
        )
    ]
    ways.delete_rule(EWA, rules[6])
    ways.move(EWA, rules[3], 1)
    generate(site, "written", EWA)
    ways.save_trunk(site, ADMIN, ids[0], 1, green)
    ways.save_rule(ADMIN, rules[1], 1, rule("Komórkowe", "[45678][0-9]{8}", 25, ids[0], prepend="+48"))
    ways.move(ADMIN, rules[2], 2)
    generate(site, "written")


def earlier_generation(site):
    """An earlier one is put back, and then what is saved."""
    assert generations.restore(site, ADMIN, 4).state == "written"
    generate(site, "written")


def at_work(site):
    """Agents come and go, and are refused for every reason."""
    ids = {name: person(name).id for name in PASSWORDS}

    def refused(name, asked=None):
        expect(agents.NoNumber, agents.enter, site, ids[name], asked, DESK)

    desk = agents.login(site, "anna", PASSWORDS["anna"], "", DESK)
    assert desk.number == 200
    agents.enter(site, ids["kasia"], "202", DESK)
    expect(agents.MustChange, agents.login, site, "marta", PASSWORDS["marta"], "", DESK)
    refused("anna", "202")  # uses another
    refused("tomek")  # the pool is in use
    refused("tomek", "200")  # it is in use
    refused("tomek", "201")  # another user's
    users.change_user(site, ADMIN, *user_form("tomek", work_mode="manual"))
    refused("tomek")  # manual
    edit(site, 202, user_id=ids["tomek"])
    generate(site, "written")
    refused("tomek")  # Kasia still uses the only own one
    agents.logout(site, desk.token, DESK)
    agents.enter(site, ids["anna"], None, DESK)
    agents.release(site, EWA, number(200).id)
    edit(site, 200, phone="other")
    edit(site, 202, number=230, user_id=None)
    generate(site, "written")  # ends Kasia's lease: her number is another now
    edit(site, 230, user_id=ids["tomek"])
    generate(site, "written")
    refused("kasia")  # the pool is empty
    edit(site, 200, phone="builtin")
    edit(site, 230, number=202, user_id=None)
    users.change_user(site, ADMIN, *user_form("tomek", work_mode="automatic"))
    generate(site, "written")
    agents.enter(site, ids["jan"], None, DESK)
    users.change_user(site, ADMIN, *user_form("jan", active=False))
    agents.enter(site, ids["tomek"], None, DESK)
    with transaction() as session:
        session.execute(update(Lease).values(seen=now() - timedelta(minutes=5)))
    assert agents.expire() == 1
    generate(site, "written")


def failures(site, instance):
    """A refused generation, whose message has a value, and an interrupted one."""
    edit(site, 303, level=33)
    blocked = site.release.directory / f".draft-{history.newest(1)[0].number + 1:06d}"
    blocked.write_text("a file where the folder should be made")
    generate(site, "refused")
    blocked.unlink()
    child = subprocess.run([sys.executable, "-c", DIE], env=os.environ | environ(instance), check=False)
    assert child.returncode == -signal.SIGKILL
    assert generations.settle(site)
    assert history.newest(1)[0].state == "interrupted"
    generate(site, "written")


def free_port(kind):
    """A port that nobody uses now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def real_asterisk(instance):
    """Generations on a real Asterisk: verified, refused with differences, refused because Asterisk died."""
    installation = local.find()
    assert installation, "no Asterisk: run make pbx"
    settings = {
        "PBX": "local", "AMI_PORT": free_port(socket.SOCK_STREAM), "WS_PORT": free_port(socket.SOCK_STREAM),
        "SIP_PORT": free_port(socket.SOCK_DGRAM),
    }  # fmt: skip
    with working(instance, **settings) as site:
        pbx = local_pbx(load(environ(instance, **settings)))
        pbx = replace(pbx, ami_secret=site.link.secret)
        local.configure(pbx, installation)
        process = subprocess.Popen(local.argv(pbx, installation), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            assert local.wait_until_up(pbx)
            assert generations.settle(site)
            assert history.newest(1)[0].state == "verified"
            edit(site, 303, level=34)
            generate(site, "verified")
            edit(site, 303, number=304)
            neighbour = pbx.directory / "pjsip.conf"
            text = neighbour.read_text()
            neighbour.write_text(text + "\n[304]\ntype=endpoint\n")
            assert generate(site, "refused").differences
            neighbour.write_text(text)
            generate(site, "verified")

            def die(_ami):
                process.kill()
                process.wait()
                raise pbx_state.Refused("Asterisk refused %(action)s: %(why)s", action="Reload", why="it is gone")

            edit(site, 304, number=303)
            with mock.patch.object(pbx_state, "reload", die):
                assert generate(site, "refused").values["back"] == "unknown"
        finally:
            process.kill()
            process.wait()


def leases(site):
    """Numbers that are in use: login → the token that keeps the number."""
    names = {"anna": None, "piotr": "220", "zoe": "300"}
    tokens = {name: f"made-up-token-of-{name}" for name in names}
    for name, asked in names.items():
        with mock.patch("sipweb.services.agents.secrets.token_urlsafe", return_value=tokens[name]):
            agents.login(site, name, PASSWORDS[name], asked, DESK)
    return tokens


def recorded(site):
    """Recordings that are heard, taken along, and too old."""
    for day, began in (("2020-01-01", 1577880000), (now().date().isoformat(), int(now().timestamp()))):
        folder = site.recordings / day
        folder.mkdir(parents=True)
        (folder / f"120000_201_501234567_{began}-12.1.wav").write_bytes(bytes(32044))
    assert recordings.expire(site) == 1
    found = recordings.search(site).recordings[0]
    for action in ("recording.listen", "recording.download"):
        recordings.take(site, EWA, found.day, found.key, action=action)


def failed_logins():
    """Logins, and tries that are counted by login, by address and by user."""
    login.authenticate("ewa", PASSWORDS["ewa"], EWA.address)
    login.logout(EWA)
    expect(login.WrongPassword, login.authenticate, "anna", "a wrong password", DESK)
    for _ in range(6):
        with suppress(login.Throttled):
            expect(login.WrongPassword, login.authenticate, "Nobody", "a wrong password", DESK)
        forgive("login nobody")
    for guess in range(21):
        with suppress(login.Throttled):
            expect(login.WrongPassword, login.authenticate, f"guess-{guess // 3}", "a wrong password", THIEF)
    zoe = Actor(person("zoe").id, "Zoë Müller-Ångström", "agent", DESK)
    for _ in range(5):
        expect(SipwebError, login.change_password, zoe, "a wrong password", "a new password")


def forgive(name):
    """A wait that is over, so that the next try is counted."""
    entry = db.session.get(login.Throttle, name)
    if entry and entry.locked_until:
        with transaction() as session:
            session.get_one(login.Throttle, name).locked_until = now() - timedelta(seconds=1)


def check(site):
    """Nothing is pending, and every action, state and reason occurs."""
    assert len(state(site).plan) == 0
    rows = db.session.scalars(db.select(agents.audit.AuditEntry)).all()
    assert {row.action for row in rows} == set(words.ACTIONS), set(words.ACTIONS) - {row.action for row in rows}
    reasons = {row.changes["reason"][1] for row in rows if row.action == "agent.refused"}
    assert reasons == set(words.REASONS), set(words.REASONS) - reasons
    states = set(db.session.scalars(db.select(Generation.state)))
    assert states == {"written", "verified", "refused", "interrupted"}


def write_expected(site, path, tokens):
    """What the database means, as the code of this commit says it."""
    said = {
        "passwords": PASSWORDS,
        "tokens": tokens,
        "live": live(site)[0],
        "accounts": {a.number: site.vault.decrypt(a.secret) for a in db.session.scalars(db.select(Account))},
        "trunks": {t.name: t.secret and site.vault.decrypt(t.secret) for t in db.session.scalars(db.select(Trunk))},
        "rules": [rule.name for rule in ways.rules()],
        "generations": {view.number: changes(history.plan_of(view)) for view in history.newest(1000)},
    }
    text = json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True, default=str)
    path.write_text(text + "\n")


def changes(plan):
    """A plan without the names of fields: what is added and removed, and old and new values."""
    changed = {str(c.old.number): values(c.fields) for c in plan.changed}
    routing = {c.name: values(c.fields) for c in plan.ways}
    return {
        "added": [account.number for account in plan.added], "removed": [account.number for account in plan.removed],
        "changed": changed, "routing": routing, "settings": values(plan.settings),
    }  # fmt: skip


def values(fields):
    """Old and new values as text, sorted."""
    return sorted(f"{field.old} → {field.new}" for field in fields)


def store(instance, target):
    """The database as SQL text, the keys, and the generation's files."""
    with closing(sqlite3.connect(instance / "sipweb.db")) as connection:
        (target / "database.sql").write_text("\n".join(connection.iterdump()) + "\n")
    shutil.copyfile(instance / "keys.json", target / "keys.json")
    shutil.copyfile(instance / "run" / "registered.json", target / "registered.json")
    files = target / "sipweb"
    shutil.rmtree(files, ignore_errors=True)
    files.mkdir()
    source = instance / "asterisk" / "sipweb"
    for folder in sorted(source.glob("generation-*"))[-KEPT:]:
        shutil.copytree(folder, files / folder.name)


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
