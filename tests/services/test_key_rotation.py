"""`flask rotate-keys`: everything is encrypted with a new key, while other processes go on working."""

import json
import re
from dataclasses import replace

import pytest
from cryptography.fernet import Fernet, MultiFernet
from sqlalchemy import select

from sipweb import KEYS_FILE, create_app
from sipweb.config import load
from sipweb.crypto import SecretCipher
from sipweb.db import Base, db, in_transaction, transaction
from sipweb.models import Account, Generation, Lease
from sipweb.services import (
    account_secrets,
    accounts,
    apply_again,
    drift,
    generations,
    imports,
    key_rotation,
    sessions,
    totp,
    trunks,
)
from sipweb.services.context import Actor, utc_now
from sipweb.services.state import current_state
from tests.builders import TRUNK, add_totp, audit_entries, code_of, edit_account, make_account, make_trunk
from tests.conftest import on_both_databases

ACTOR = Actor(None, "test")


@pytest.fixture
def run(app):
    """A function that runs a command and returns its exit code, standard output and standard error."""

    def invoke(*arguments):
        result = app.test_cli_runner().invoke(args=arguments)
        return result.exit_code, result.stdout, result.stderr

    return invoke


@pytest.fixture
def keys_file(app):
    return app.config["SETTINGS"].instance / KEYS_FILE


@pytest.fixture
def other(app, environ):
    """The context of a process that was started before the keys were renewed and has read everything."""
    app = create_app(load(environ))
    with app.app_context():
        current_state(app.extensions["sipweb"])
        yield app
        db.session.remove()
        db.engine.dispose()


def stored_keys(path):
    return json.loads(path.read_text())["secrets_keys"]


def encrypted_values():
    """Everything in the database that looks like Fernet's output, wherever it is."""
    found = []
    for table in Base.metadata.sorted_tables:
        for row in db.session.execute(select(table)):
            found += re.findall(r"gAAAA[\w=-]+", json.dumps([str(value) for value in row]))
    return found


def reveal(ctx, account_id=1):
    return account_secrets.reveal(ctx, ACTOR, account_id).text


@on_both_databases
def test_everything_is_readable_with_the_new_key_alone(run, ctx, keys_file, anna):
    make_trunk(ctx, username="u", secret="a trunk's secret")
    key, _codes = add_totp(ctx, anna)
    generations.generate(ctx, ACTOR)
    with transaction() as session:
        lease = Lease(account_id=1, user_id=anna, number=200, token_digest="", session_epoch=0)
        lease.secret, lease.acquired_at, lease.last_seen_at = (
            ctx.cipher.encrypt("a lease's secret"),
            utc_now(),
            utc_now(),
        )
        session.add(lease)
    account_secrets.renew_secret(ctx, ACTOR, 2)
    generations.generate(ctx, ACTOR)
    session_id = sessions.load(ctx, sessions.start(anna, "", ""), "").session_id
    imports.store_upload(ctx, session_id, "accounts", imports.Upload("a.csv", "number,secret"))
    before, (old,) = [reveal(ctx, number) for number in range(1, 21)], stored_keys(keys_file)
    digests = set(db.session.scalars(select(Generation.digest)))
    # an open form can be saved if the version is the same
    versions = dict(db.session.execute(select(Account.id, Account.version)).all())
    code, output, _error = run("rotate-keys")
    assert (code, output.startswith("24 secrets encrypted with a new key.")) == (0, True), output
    (new,) = stored_keys(keys_file)
    assert new != old
    assert keys_file.stat().st_mode & 0o777 == 0o600
    values = encrypted_values()
    assert len(values) == 20 + 1 + 1 + 1 + 20 + 21 + 21  # accounts, trunk, lease, app, generations
    assert all(Fernet(new).decrypt(value.encode()) for value in values)
    assert [reveal(ctx, number) for number in range(1, 21)] == before
    with transaction() as session:
        assert totp.use_code(session, ctx, anna, code_of(key, later=1))
    assert dict(db.session.execute(select(Account.id, Account.version)).all()) == versions
    assert set(db.session.scalars(select(Generation.digest))) == digests
    assert len(current_state(ctx).plan) == 0
    assert not drift.check_now(ctx)
    files = ctx.generation_files.read(3)
    apply_again.apply_again(ctx, ACTOR)
    assert ctx.generation_files.read(3) == files
    assert [entry.action for entry in audit_entries("keys.rotate")] == ["keys.rotate"]


@pytest.mark.parametrize("first", ["restore", "renew"])
def test_process_that_runs_meanwhile_reads_and_writes_with_the_new_key(run, ctx, other, keys_file, first):
    running = other.extensions["sipweb"]
    with other.app_context():
        accounts.delete(running, ACTOR, 3)
    secret = reveal(ctx)
    assert run("rotate-keys")[0] == 0
    with other.app_context():
        if first == "renew":
            account_secrets.renew_secret(running, ACTOR, 2)
        accounts.restore_deleted(running, ACTOR, 3)  # it copies the live secret, which this process had read before
        assert reveal(running) == secret
        account_secrets.renew_secret(running, ACTOR, 4)
        assert generations.generate(running, ACTOR).state == "written"
    (new,) = stored_keys(keys_file)
    db.session.rollback()
    assert all(Fernet(new).decrypt(value.encode()) for value in encrypted_values())


def test_failure_midway_leaves_everything_readable(run, ctx, other, keys_file, monkeypatch):
    secret = reveal(ctx)

    def fail(*_args):
        raise RuntimeError("the power fails")

    monkeypatch.setattr(key_rotation, "_rotate_snapshot", fail)
    assert run("rotate-keys")[0] == 1
    monkeypatch.undo()
    assert len(stored_keys(keys_file)) == 2
    with other.app_context():
        running = other.extensions["sipweb"]
        assert reveal(running) == secret
        account_secrets.renew_secret(running, ACTOR, 2)
    both = MultiFernet([Fernet(key) for key in stored_keys(keys_file)])
    assert all(both.decrypt(value.encode()) for value in encrypted_values())
    assert run("rotate-keys")[0] == 0
    (new,) = stored_keys(keys_file)
    db.session.rollback()
    assert all(Fernet(new).decrypt(value.encode()) for value in encrypted_values())


def test_secret_that_was_saved_with_the_old_key_at_the_last_moment_is_not_lost(run, ctx, keys_file, monkeypatch):
    late = Fernet(stored_keys(keys_file)[0]).encrypt(b"saved late").decode()
    encrypt_again = key_rotation._encrypt_again

    def encrypt_then_save(*args):
        count = encrypt_again(*args)
        with transaction() as session:
            session.get_one(Account, 5).secret = late
        return count

    monkeypatch.setattr(key_rotation, "_encrypt_again", encrypt_then_save)
    assert run("rotate-keys")[0] == 0
    (new,) = stored_keys(keys_file)
    assert Fernet(new).decrypt(db.session.get_one(Account, 5).secret.encode()) == b"saved late"


def test_sessions_end_when_their_key_is_renewed(run, admin, environ):
    cookie = admin.get("/account").request.headers["Cookie"]

    def status():
        client = create_app(load(environ)).test_client(use_cookies=False)
        return client.get("/account", headers={"Cookie": cookie}).status_code

    assert status() == 200
    code, output, _error = run("rotate-keys", "--sessions")
    assert (code, output.splitlines()[-1]) == (0, "Restart sipweb. Everybody must sign in again.")
    assert admin.get("/account").status_code == 200  # until then
    assert status() == 302


@pytest.fixture
def invoke(environ):
    """A function that runs a command as a process of its own would."""

    def run(*arguments, **settings):
        app = create_app(load(environ | settings))
        result = app.test_cli_runner().invoke(args=arguments)
        with app.app_context():
            values = encrypted_values()
            db.session.remove()
            db.engine.dispose()
        return result, values

    return run


def test_keys_of_a_setting_are_not_replaced(invoke, instance, monkeypatch):
    (old,) = stored_keys(instance / KEYS_FILE)
    keys = [Fernet.generate_key().decode(), old]
    monkeypatch.setenv("SIPWEB_SECRETS_KEYS", ",".join(keys))
    result, values = invoke("rotate-keys", SIPWEB_SECRETS_KEYS=",".join(keys))
    assert result.stdout == (
        "20 secrets encrypted with the first key of SIPWEB_SECRETS_KEYS.\n"
        "Now remove the other keys from the setting and restart sipweb.\n"
    )
    assert stored_keys(instance / KEYS_FILE) == [old]
    assert len(values) == 40
    assert all(Fernet(keys[0]).decrypt(value.encode()) for value in values)


def test_wrong_key_is_refused_and_nothing_changes(invoke, instance):
    keys_file = instance / KEYS_FILE
    (old,), wrong = stored_keys(keys_file), Fernet.generate_key().decode()
    keys_file.write_text(json.dumps(json.loads(keys_file.read_text()) | {"secrets_keys": [wrong]}))
    result, values = invoke("rotate-keys")
    assert (result.exit_code, "do not belong to this database" in result.stderr) == (1, True)
    assert all(Fernet(old).decrypt(value.encode()) for value in values)
    assert stored_keys(keys_file) == [wrong]


def test_secret_without_its_key_stops_the_renewal(run, ctx, keys_file):
    lost = Fernet(Fernet.generate_key()).encrypt(b"lost").decode()
    with transaction() as session:
        session.get_one(Account, 7).secret = lost
    (old,), before = stored_keys(keys_file), encrypted_values()
    message = "Can't decrypt a password: its key is missing from SECRETS_KEYS.\n"
    assert run("rotate-keys") == (1, "", message)
    assert encrypted_values() == before
    assert old in stored_keys(keys_file)


def test_secrets_are_encrypted_in_the_transaction_that_saves_them(ctx, anna, monkeypatch):
    encrypt, encrypted = SecretCipher.encrypt, []

    def encrypt_in_transaction(cipher, secret):
        assert in_transaction()
        encrypted.append(secret)
        return encrypt(cipher, secret)

    monkeypatch.setattr(SecretCipher, "encrypt", encrypt_in_transaction)
    trunk_id = make_trunk(ctx, username="u", secret="one")
    (trunk,) = trunks.list_trunks()
    trunks.update_trunk(ctx, ACTOR, trunk_id, trunk.version, replace(TRUNK, username="u", secret="two"))
    account_id = make_account(ctx, 300, secret="a typed password 3")
    edit_account(ctx, account_id, level=20)
    account_secrets.renew_secret(ctx, ACTOR, account_id)
    add_totp(ctx, anna)
    assert len(encrypted) == 5


def test_every_table_with_a_secret_is_known_to_the_renewal():
    tables = {table.name for table in Base.metadata.sorted_tables if "secret" in table.columns}
    assert tables == {"account", "trunk", "lease", "totp"}  # as key_rotation._rows_with_secret has them
