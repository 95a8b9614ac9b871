"""Instances that earlier commits left become today's with `flask setup`, and lose nothing."""

import json
import re
import shutil
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from sipweb import create_app
from sipweb.config import ROOT, load
from sipweb.db import Base, db, migrate
from sipweb.models import Totp
from sipweb.services import account_secrets, audit, drift, generations, routes, trunks, user_list
from sipweb.services.authentication import authenticate
from sipweb.services.backup import Manifest, copy_before_migration
from sipweb.services.backup_file import write_backup
from sipweb.services.context import Actor
from sipweb.services.generation_history import recent_generations
from sipweb.services.pending_sign_in import SecondFactorRequired
from sipweb.services.state import current_state
from sipweb.version import schemas
from tests import postgres
from tests.servers import running_asterisk

HERE = Path(__file__).parent
COMMITS = sorted(path.parent.name for path in HERE.glob("*/database.sql"))
RENAMED_TABLES = {"rule": "outbound_route", "throttle": "login_throttle"}  # a table of a dump → its name now
NEW_SETTINGS = {"echo_test", "pickup", "withhold_prefix"}  # with defaults that earlier versions did not have
ACTOR = Actor(None, "test")


@pytest.fixture(params=COMMITS)
def left(request):
    """The folder with what a commit left."""
    return HERE / request.param


@pytest.fixture
def expected(left):
    return json.loads((left / "expected.json").read_text())


@pytest.fixture
def instance(left, tmp_path):
    """The instance as that commit left it."""
    path = tmp_path / "i"
    shutil.copytree(left / "sipweb", path / "asterisk" / "sipweb")
    live = max(folder.name for folder in (left / "sipweb").iterdir())
    (path / "asterisk" / "sipweb" / "current").symlink_to(live)
    shutil.copyfile(left / "keys.json", path / "keys.json")
    (path / "keys.json").chmod(0o600)
    with closing(sqlite3.connect(path / "sipweb.db")) as connection:
        connection.executescript((left / "database.sql").read_text())
    return path


def rows(path):
    """The number of rows of each table, by its name today."""
    with closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        queries = {name: f'SELECT count(*) FROM "{name}"' for name in names}  # noqa: S608  # names from the dump
        counts = {name: connection.execute(query).fetchone()[0] for name, query in queries.items()}
    return {RENAMED_TABLES.get(name, name): count for name, count in counts.items() if name != "sqlite_sequence"}


def schema(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]


def set_up(instance, *arguments):
    """Run a command, `setup` if none is given; return its output."""
    app = create_app(load({"SIPWEB_INSTANCE": str(instance), "SIPWEB_PBX": "files"}))
    result = app.test_cli_runner().invoke(args=arguments or ["setup"])
    with app.app_context():
        db.engine.dispose()
    errors = [line for line in result.stderr.splitlines() if not line.startswith("Advice: ")]  # to root
    assert (result.exit_code, errors) == (0, []), result.output
    return result.stdout


@contextmanager
def context_of(environ):
    app = create_app(load(environ))
    with app.app_context():
        yield app.extensions["sipweb"]
        db.session.remove()
        db.engine.dispose()


def test_there_is_a_dump_of_each_landed_schema():
    found = {schema_of_dump(HERE / commit) for commit in COMMITS}
    assert {"0003", "0004", "0006", "0007", "0011", "0015", "0022"} <= found


def schema_of_dump(folder):
    return re.search(r"""INSERT INTO "?alembic_version"? VALUES\('(\d+)'\)""", (folder / "database.sql").read_text())[1]


def test_set_up_upgrades_and_loses_nothing(left, instance, expected):
    before, old = rows(instance / "sipweb.db"), schema_of_dump(left)
    newest = schemas()[-1]
    output = set_up(instance)
    copies = list(instance.glob("backup-before-*.db"))
    if old != newest:
        (copy,) = copies
        assert output.startswith(f"Copied the database to {copy} before its migration.\n")
        assert (schema(copy), rows(copy), copy.stat().st_mode & 0o777) == (old, before, 0o600)
    else:
        assert copies == []
    assert output.endswith("Setup complete; nothing to do.\n")
    assert schema(instance / "sipweb.db") == newest
    after = rows(instance / "sipweb.db")
    assert {name: after[name] for name in before} == before
    assert all(before[name] for name in ("user", "account", "generation", "audit", "trunk", "outbound_route"))
    with context_of({"SIPWEB_INSTANCE": str(instance), "SIPWEB_PBX": "files"}) as ctx:
        state = current_state(ctx)
        assert state.generation == expected["live"] == ctx.generation_files.current()
        assert not any((state.plan.added, state.plan.changed, state.plan.removed, state.plan.routing))
        assert {change.field for change in state.plan.settings} <= NEW_SETTINGS
        secrets = {str(one.number): account_secrets.reveal(ctx, ACTOR, one.id).text for one in state.accounts}
        assert secrets == expected["accounts"]
        trunk_secrets = {trunk.name: ctx.cipher.decrypt(trunk.secret) for trunk in state.saved.trunks if trunk.secret}
        assert trunk_secrets["Zielony"] == "trunk secret 1"
        assert all(ctx.cipher.decrypt(totp.secret) for totp in db.session.scalars(select(Totp)))
        assert len(trunks.list_trunks()) >= 2
        assert len(routes.list_routes()) >= 3
        assert len(user_list.list_users(ctx)) == before["user"]
        assert len(audit.entries()) > 0
        for login, password in expected["passwords"].items():
            if login == "olga":  # who has a second factor
                with pytest.raises(SecondFactorRequired):
                    authenticate(login, password, "192.0.2.1")
            elif login != "jan":  # who is inactive
                assert authenticate(login, password, "192.0.2.1"), login
        generations.generate(ctx, ACTOR)
        assert len(current_state(ctx).plan) == 0
        assert not drift.check_now(ctx)


def test_upgraded_instance_is_copied_to_postgresql(instance, expected, postgresql):
    environ = {"SIPWEB_INSTANCE": str(instance), "SIPWEB_PBX": "files"}
    with context_of(environ) as ctx:
        migrate(ROOT / "migrations")
        before = current_state(ctx)
    exported = set_up(instance, "export-accounts")
    with postgres.copied(postgresql, "copy") as url:
        assert "Copied and compared " in set_up(instance, "copy-database", str(url))
        (instance / "sipweb.env").write_text(f"DATABASE_URL={url}\n")
        assert set_up(instance, "export-accounts") == exported
        with context_of(environ) as ctx:
            state = current_state(ctx)
            assert (state.generation, state.plan, state.accounts) == (before.generation, before.plan, before.accounts)
            secrets = {str(one.number): account_secrets.reveal(ctx, ACTOR, one.id).text for one in state.accounts}
            assert secrets == expected["accounts"]
            for login in expected["passwords"].keys() - {"olga", "jan"}:  # as above
                assert authenticate(login, expected["passwords"][login], "192.0.2.1"), login
            generations.generate(ctx, ACTOR)
            assert len(current_state(ctx).plan) == 0


def test_upgraded_instance_gets_new_keys(instance, expected):
    set_up(instance)
    output = set_up(instance, "rotate-keys")
    (new,) = json.loads((instance / "keys.json").read_text())["secrets_keys"]
    with context_of({"SIPWEB_INSTANCE": str(instance), "SIPWEB_PBX": "files"}) as ctx:
        found = []
        for table in Base.metadata.sorted_tables:
            for row in db.session.execute(select(table)):
                found += re.findall(r"gAAAA[\w=-]+", json.dumps([str(value) for value in row]))
        assert len(found) > 60
        assert int(output.split()[0]) > 20
        assert all(Fernet(new).decrypt(value.encode()) for value in found)
        assert generations.restore(ctx, ACTOR, 1, generations.ANY_NUMBER).state == "written"


def test_backup_of_an_earlier_version_is_restored(left, instance, expected, tmp_path, monkeypatch):
    monkeypatch.setenv("SIPWEB_PBX", "files")
    with (tmp_path / "b").open("wb") as output, write_backup(output, None, b"") as writer:
        manifest = Manifest(1, "0.1.0", schema_of_dump(left), "2026-11-24T00:00:00Z", "sqlite")
        writer.add_bytes("manifest.json", json.dumps(asdict(manifest)).encode(), 0)
        writer.add_bytes("keys.json", (instance / "keys.json").read_bytes(), 0)
        writer.add_bytes("sipweb.db", (instance / "sipweb.db").read_bytes(), 0)
        writer.add_sums(0)
    new = tmp_path / "new"
    output = set_up(new, "restore", str(tmp_path / "b"))
    assert ("The database was migrated.\n" in output) == (schema_of_dump(left) != schemas()[-1])
    assert rows(new / "sipweb.db")["account"] == rows(instance / "sipweb.db")["account"]
    with context_of({"SIPWEB_INSTANCE": str(new), "SIPWEB_PBX": "files"}) as ctx:
        assert ctx.generation_files.current() == expected["live"]
        generations.generate(ctx, ACTOR)
        assert len(current_state(ctx).plan) == 0
        assert not drift.check_now(ctx)


@pytest.mark.parametrize("left", [HERE / name for name in COMMITS if name != "a402b08"], ids=lambda left: left.name)
def test_upgraded_instance_runs_on_asterisk(left, instance):
    """That of a402b08 has too few accounts for this way to start Asterisk; test_a402b08 generates it."""
    set_up(instance)
    with running_asterisk(instance) as (environ, _process), context_of(environ) as ctx:
        assert generations.reconcile(ctx)
        generations.generate(ctx, ACTOR)
        assert recent_generations()[0].state == "verified"
        assert len(current_state(ctx).plan) == 0
        assert not drift.check_now(ctx)


def test_only_the_newest_copies_are_kept(tmp_path):
    with closing(sqlite3.connect(tmp_path / "sipweb.db")) as connection:
        connection.execute("CREATE TABLE t (x)")
    url = f"sqlite:///{tmp_path}/sipweb.db"
    for number in range(6):
        assert copy_before_migration(url, tmp_path, f"{number:04d}", f"{number + 1:04d}").is_file()
    names = sorted(path.name[:18] for path in tmp_path.glob("backup-before-*"))
    assert names == ["backup-before-0004", "backup-before-0005", "backup-before-0006"]
    assert copy_before_migration(url, tmp_path, "0006", "0006") is None
    assert copy_before_migration(url, tmp_path, "", "0006") is None
