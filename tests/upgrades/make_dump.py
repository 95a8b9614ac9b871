"""Make the data of one of the folders beside: an instance as a commit leaves it.

Run it in a checkout of that commit, with its requirements installed:

    PYTHONPATH=. .venv/bin/python COPY_OF_THIS_FILE FOLDER

It was run once for each commit, and speaks the names of those commits; they must not follow later renames.
"""

import base64
import dataclasses
import json
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from cryptography.fernet import Fernet

from sipweb import create_app
from sipweb.config import load
from sipweb.db import db, transaction
from sipweb.models import Account, User
from sipweb.services import accounts, generations, users

try:  # since f901fe1
    from sipweb.services import routes, trunks
    from sipweb.services.context import Actor
except ImportError:  # before
    from sipweb.services.site import Actor

    from sipweb.services import ways

    trunks = routes = None

PASSWORDS = {
    "admin": "orchard-lantern-7", "anna": "agent-anna-zażółć", "piotr": "list-od-piotra-1", "olga": "olej-od-olgi-33",
}  # fmt: skip
TRUNK_SECRET = "trunk secret 1"
ADMIN = Actor(1, "Administrator", address="192.0.2.1")


def main(target):
    """Make an instance, then write `target` from it."""
    with tempfile.TemporaryDirectory() as folder:
        instance = Path(folder) / "i"
        instance.mkdir()
        write_keys(instance / "keys.json")
        environ = {"SIPWEB_INSTANCE": str(instance), "SIPWEB_PBX": "files"}
        set_up = create_app(load(environ | {"SIPWEB_ADMIN_PASSWORD": PASSWORDS["admin"]})).test_cli_runner()
        assert set_up.invoke(args=["setup"]).exit_code == 0
        app = create_app(load(environ))
        with app.app_context():
            ctx = app.extensions["sipweb"]
            people(ctx)
            routing(ctx)
            phones_and_second_factor(ctx)
            assert generations.generate(ctx, ADMIN).state == "written"
            edit(ctx, 203, level=33)
            accounts.renew_secret(ctx, ADMIN, account(204).id)
            assert generations.generate(ctx, ADMIN).state == "written"
            history()
            db.session.remove()
            db.engine.dispose()
        store(instance, target)


def write_keys(path):
    """Write keys that anybody can see are made up."""
    text = b"made-up key of a test fixture %d."
    keys = {
        "secret_key": "made-up-key-of-a-test-fixture-which-has-32-characters",
        "secrets_keys": [base64.urlsafe_b64encode((text % 1).ljust(32, b"!")).decode()],
        "fingerprint_key": (text % 2).ljust(32, b"!").hex(),
        "ami_secret": "made-up-ami-secret-of-a-test-fixture",
    }
    path.write_text(json.dumps(keys, indent=2) + "\n")


def account(number):
    return db.session.scalar(db.select(Account).where(Account.number == number))


def edit(ctx, number, **changes):
    """Save an account with some fields changed."""
    db.session.rollback()
    row = account(number)
    form, save = (accounts.AccountInput, accounts.update) if trunks else (accounts.Draft, accounts.change)
    names = [field.name for field in dataclasses.fields(form) if field.name != "secret"]
    save(ctx, ADMIN, row.id, row.version, form(**{name: getattr(row, name) for name in names} | changes))


def people(ctx):
    """Two agents, one with an account; accounts of every kind."""
    users.create_user(ADMIN, "anna", "Anna Żółć", PASSWORDS["anna"], "agent")
    users.create_user(ADMIN, "piotr", "Piotr Lis", PASSWORDS["piotr"], "agent")
    anna = db.session.scalar(db.select(User.id).where(User.login == "anna"))
    edit(ctx, 201, user_id=anna, phone="other", recording=True, level=55, secret="typed; secret #201")
    edit(ctx, 219, active=False)
    if hasattr(Account, "max_contacts"):
        edit(ctx, 202, phone="other", max_contacts=3, pickup_group=5)
    if hasattr(Account, "forward_busy"):
        edit(ctx, 205, forward_busy="206", forward_no_answer="207")


def routing(ctx):
    """Two trunks and three rules."""
    first = {"port": 5999, "register": True, "secret": TRUNK_SECRET}
    values = {"port": 5060, "transport": "udp", "realm": "", "register": False, "active": True}
    if trunks:
        named = {"username": "", "caller_id": ""}
        registered = first | {"username": "centrum", "caller_id": "+48221234567"}
        if "from_user" in {field.name for field in dataclasses.fields(trunks.TrunkInput)}:
            registered |= {"from_user": "centrum", "from_domain": "example.com", "send_pai": True, "dtmf_mode": "info"}
        one = trunks.create_trunk(ctx, ADMIN, trunks.TrunkInput("Zielony", "127.0.0.1", **values | named | registered))
        two = trunks.create_trunk(ctx, ADMIN, trunks.TrunkInput("Szary", "backup.example.com", **values | named))
    else:
        named = {"user": "", "caller": ""}
        registered = first | {"user": "centrum", "caller": "+48221234567"}
        one = ways.save_trunk(
            ctx, ADMIN, None, 0, ways.TrunkDraft("Zielony", "127.0.0.1", **values | named | registered)
        )
        two = ways.save_trunk(ctx, ADMIN, None, 0, ways.TrunkDraft("Szary", "backup.example.com", **values | named))
    for name, pattern, level, trunk, strip, prepend, emergency in (
        ("Miejskie", "0[1-9].*", 10, one, 1, "+48", False),
        ("Alarmowe", "112|99[789]", 0, two, 0, "", True),
        ("Zagraniczne", "00.+", 80, two, 2, "+", False),
    ):
        given = (name, pattern, level, trunk, strip, prepend, emergency, True)
        if trunks:
            routes.create_route(ADMIN, routes.RouteInput(*given))
        else:
            ways.save_rule(ADMIN, None, 0, ways.RuleDraft(*given))


def phones_and_second_factor(ctx):
    """What there is of: a phone that fetches its settings, an editor with an authenticator app, a blocked address."""
    try:
        from sipweb.models import AddressBlock, Totp
        from sipweb.services import provisioning, second_factor, totp
        from sipweb.services.context import utc_now
    except ImportError:
        return
    provisioning.set_up(ADMIN, account(202).id, "yealink", "00:15:65:00:00:01")
    users.create_user(ADMIN, "olga", "Olga Nowak", PASSWORDS["olga"], "editor")
    editor = Actor(db.session.scalar(db.select(User.id).where(User.login == "olga")), "Olga Nowak", "editor")
    totp.begin_set_up(ctx, editor)
    with transaction() as session:
        session.get(Totp, editor.id).confirmed_at = utc_now()
        second_factor.record_addition(session, editor, "totp")
        session.add(AddressBlock(address="192.0.2.66", begun_at=utc_now(), ends_at=utc_now(), attempts=31))


def history():
    """A call and a session, where there are such."""
    try:
        from sipweb.models import Call
    except ImportError:
        return
    from sipweb.services.context import utc_now

    try:
        from sipweb.services import sessions
    except ImportError:
        pass
    else:
        sessions.start(ADMIN.id, ADMIN.address, "Firefox")

    with transaction() as session:
        call = Call(host="pbx", unique_id="1.1", started_at=utc_now(), ended_at=utc_now(), result="answered")
        call.caller, call.number, call.callee = "201", "202", "202"
        session.add(call)


def store(instance, target):
    """Write the database as SQL, the keys, the live files, and what a test may expect."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    live = (instance / "asterisk/sipweb/current").readlink().name
    shutil.copytree(instance / "asterisk/sipweb" / live, target / "sipweb" / live)
    shutil.copyfile(instance / "keys.json", target / "keys.json")
    keys = json.loads((target / "keys.json").read_text())["secrets_keys"]
    with closing(sqlite3.connect(instance / "sipweb.db")) as connection:
        (target / "database.sql").write_text("\n".join(connection.iterdump()) + "\n")
        secrets = {
            str(number): Fernet(keys[0]).decrypt(secret).decode()
            for number, secret in connection.execute("SELECT number, secret FROM account ORDER BY number")
        }
        logins = {login for (login,) in connection.execute("SELECT login FROM user")}
    passwords = {login: password for login, password in PASSWORDS.items() if login in logins}
    expected = {"live": int(live[-6:]), "passwords": passwords, "accounts": secrets, "trunk": TRUNK_SECRET}
    (target / "expected.json").write_text(json.dumps(expected, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
