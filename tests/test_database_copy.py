"""`flask copy-database`: an instance goes on with PostgreSQL where it was with SQLite."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from itertools import count

import pytest
from sqlalchemy import NullPool, create_engine, text

from sipweb import create_app
from sipweb.config import ROOT, load
from sipweb.db import db, migrate, transaction
from sipweb.models import Call
from sipweb.services import accounts, audit, database_copy, drift, generations, imports, sessions
from sipweb.services.context import Actor, utc_now
from sipweb.services.state import current_state
from tests import postgres
from tests.builders import edit_account, make_account, make_route, make_trunk, make_user
from tests.client import PASSWORD, Client
from tests.conftest import use_database
from tests.servers import free_port, wait_for

ACTOR = Actor(None, "test")
NUMBERS = count()


@pytest.fixture(autouse=True)
def _settings(monkeypatch):
    monkeypatch.setenv("SIPWEB_PBX", "files")


def application(instance):
    return create_app(load({"SIPWEB_INSTANCE": str(instance), "SIPWEB_PBX": "files"}))


def run(instance, *arguments, stdin=None):
    """Run a command; return exit code, standard output and standard error."""
    app = application(instance)
    result = app.test_cli_runner().invoke(args=[str(one) for one in arguments], input=stdin)
    with app.app_context():
        db.engine.dispose()
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def refused(instance, target):
    """Return the message of a copy that is refused and prints nothing else."""
    url = target if isinstance(target, str) else target.render_as_string(hide_password=False)
    code, output, error = run(instance, "copy-database", url)
    assert (code, output) == (1, "")
    return error.removesuffix("\n")


def with_context(instance, function):
    app = application(instance)
    with app.app_context():
        try:
            return function(app.extensions["sipweb"])
        finally:
            db.session.remove()
            db.engine.dispose()


def change(instance, *statements):
    """Change the SQLite database behind sipweb's back."""
    with closing(sqlite3.connect(instance / "sipweb.db")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def dump(instance):
    with closing(sqlite3.connect(instance / "sipweb.db")) as connection:
        return list(connection.iterdump())


def rows(url):
    """The number of rows of each table that has some."""
    with create_engine(url, poolclass=NullPool).connect() as connection:
        counts = {
            table.name: connection.scalar(text(f'SELECT count(*) FROM "{table.name}"'))  # noqa: S608  # our tables
            for table in database_copy.TABLES
        }
    return {name: number for name, number in counts.items() if number}


@pytest.fixture
def empty(postgresql):
    """An empty database."""
    with postgres.copied(postgresql, "empty") as url:
        yield url


@pytest.fixture(scope="module")
def schema_only(postgresql, tmp_path_factory):
    """The URL of a database that has the schema and no rows."""
    with postgres.copied(postgresql, "schema") as url:
        instance = tmp_path_factory.mktemp("schema")
        use_database(instance, url)
        app = application(instance)
        with app.app_context():
            migrate(ROOT / "migrations")
            db.engine.dispose()
        yield url


@pytest.fixture
def new_target(postgresql, schema_only):
    """A context manager: another database with the schema and no rows, after some statements."""

    @contextmanager
    def target(*statements):
        with postgres.copied(postgresql, f"target{next(NUMBERS)}", schema_only.database) as url:
            for statement in statements:
                postgres.run(url, statement)
            yield url

    return target


@pytest.fixture
def lived_in(instance):
    """An instance in which each kind of value occurs, with three pending edits and ids that nobody has any more."""

    def work(ctx):
        anna = make_user("anna", "Anna Żółć")
        session_id = sessions.load(ctx, sessions.start(anna, "", ""), "").session_id
        imports.store_upload(ctx, session_id, "accounts", imports.Upload("ż.csv", "number\n300\n"))
        make_route(make_trunk(ctx, username="u", secret="a trunk's secret"))
        deleted = make_account(ctx, 300)
        generations.generate(ctx, ACTOR)
        edit_account(ctx, 1, level=77)
        accounts.delete(ctx, ACTOR, deleted)
        with transaction() as session:
            times = {"started_at": utc_now(), "ended_at": utc_now()}
            session.add(Call(host="pbx", unique_id="1.1", result="answered", loss=0.1, jitter=1e-300, **times))

    with_context(instance, work)
    change(
        instance,
        "UPDATE generation SET outcome = 'null' WHERE number = 1",  # not the same as NULL, which the other one has
        "UPDATE account SET forward_busy = char(9, 92, 10) || 'żółw', recording = 1 WHERE id = 3",
        "INSERT INTO login_throttle VALUES ('Zoe', 1, NULL, '2026-01-02 03:04:05.678901'), ('anna', 2, NULL, NULL), "
        "('żaneta', 3, NULL, NULL), ('_', 4, '2026-01-02 03:04:05', NULL)",
    )
    return instance


def test_copied_instance_works_as_before(lived_in, empty):
    def look(ctx):
        state = current_state(ctx)
        secrets = [ctx.cipher.decrypt(trunk.secret) for trunk in state.saved.trunks]
        return state.generation, state.plan, state.accounts, secrets, audit.entries()[-25:]

    before, exported, seen = dump(lived_in), run(lived_in, "export-accounts"), with_context(lived_in, look)
    assert len(seen[1]) == 3
    code, output, error = run(lived_in, "copy-database", "-", stdin=f"{empty.render_as_string(hide_password=False)}\n")
    assert (code, error) == (0, "")
    counted = rows(empty)
    entries = counted["audit"] - 1  # the last one is about the copy
    lines = output.splitlines()
    assert sorted(lines[:-4]) == sorted(f"{name}: {number}" for name, number in (counted | {"audit": entries}).items())
    assert lines[-4] == f"Copied and compared {sum(counted.values()) - 1} rows."
    assert lines[-3] == f"Now put this line into {lived_in}/sipweb.env and start sipweb:"
    assert lines[-2].startswith("  DATABASE_URL=postgresql://sipweb")
    assert lines[-1].startswith(f"To go back, undo that and start sipweb again: {lived_in}/sipweb.db is unchanged")
    assert dump(lived_in) == before

    use_database(lived_in, empty)
    assert run(lived_in, "export-accounts") == exported
    assert with_context(lived_in, look) == seen

    def work(ctx):
        assert audit.entries()[0].action == "database.copy"
        null, absent = db.session.execute(text("SELECT outcome::text FROM generation ORDER BY number")).scalars()
        assert (null, absent) == ("null", None)
        assert not drift.check_now(ctx)
        assert Client(ctx_app).login("admin", PASSWORD).status_code == 303
        assert make_account(ctx, 301) == 22  # 21 was the id of the deleted account
        assert generations.generate(ctx, ACTOR).state == "written"
        assert len(current_state(ctx).plan) == 0

    ctx_app = application(lived_in)
    with ctx_app.app_context():
        work(ctx_app.extensions["sipweb"])
        db.session.remove()
        db.engine.dispose()


def test_every_table_goes_on_with_new_ids(lived_in, new_target):
    with new_target() as url:
        assert run(lived_in, "copy-database", url.render_as_string(hide_password=False))[0] == 0
        for table in database_copy.TABLES:
            if (column := table.autoincrement_column) is not None:
                with create_engine(url, poolclass=NullPool).connect() as connection:
                    name = f'"{table.name}"'
                    following = connection.scalar(text(f"SELECT nextval(pg_get_serial_sequence('{name}', 'id'))"))
                    highest = connection.scalar(text(f"SELECT max({column.name}) FROM {name}")) or 0  # noqa: S608
                assert following > highest, table.name


def test_row_that_arrives_differently_is_noticed(instance, new_target):
    def trigger(work, table="account"):
        body = f"BEGIN IF NEW.id = 7 THEN {work} END IF; RETURN NEW; END"
        return (
            f"CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
            f"CREATE TRIGGER meddle BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION meddle()",
        )

    for work, table, problem in (
        ("NEW.level = 99; NEW.recording = true;", "account", "recording, level"),
        ("RETURN NULL;", "account", None),
        ("NEW.created_at = NEW.created_at + interval '1 microsecond';", "audit", "created_at"),
        ("NEW.changes = '{\"a\": 1}';", "audit", "changes"),
    ):
        with new_target(*trigger(work, table)) as url:
            message = refused(instance, url)
            assert message.startswith("The row "), message
            if problem:  # else all that follows differs, too
                expected = f"The row 7 of the table {table} differs in PostgreSQL ({problem}). Nothing was copied."
                assert message == expected
            assert rows(url) == {}


def test_value_that_postgresql_refuses_is_named(instance, new_target):
    cases = (
        ("name = 'a' || char(0) || 'b'", "column name|"),
        (f"name = '{'x' * 81}'", "column name: value too long for type character varying(80)"),
        ("session_epoch = 5000000000", "column session_epoch: "),
        ("role = 'boss'", 'new row for relation "user" violates check constraint "ck_user_role"'),
    )
    before = dump(instance)
    with new_target() as url:
        for assignment, problem in cases:
            ignore = "PRAGMA ignore_check_constraints=ON"
            change(instance, ignore, f'UPDATE "user" SET {assignment} WHERE id = 1')  # noqa: S608
            message = refused(instance, url)
            assert message.startswith("PostgreSQL refuses the row 1 of the table user"), message
            assert message.endswith(" Nothing was copied.")
            assert problem.partition("|")[0] in message or "NUL" in message, message
            assert rows(url) == {}
            undo = next(line for line in before if line.startswith('INSERT INTO "user"'))
            change(instance, 'DELETE FROM "user"', undo)
        change(instance, "UPDATE account SET user_id = 99 WHERE id = 2")
        assert "violates foreign key constraint" in refused(instance, url)
        change(instance, "UPDATE account SET user_id = NULL", "UPDATE audit SET created_at = 'yesterday' WHERE id = 3")
        assert refused(instance, url).startswith("The table audit can't be read: ")
        change(instance, "UPDATE audit SET created_at = '2026-01-01 00:00:00', subject = CAST(X'ff' AS TEXT)")
        assert refused(instance, url) == (
            "The table audit can't be read: Could not decode to UTF-8 column 'subject'. Nothing was copied."
        )
        assert rows(url) == {}


@pytest.fixture
def cluster():
    """A PostgreSQL that asks the user "guest" for a password."""
    cluster = postgres.Cluster(free_port())
    try:
        cluster.create()
        settings = cluster.folder / "data" / "pg_hba.conf"
        settings.write_text(f"host all guest 127.0.0.1/32 scram-sha-256\n{settings.read_text()}")
        cluster.start()
        postgres.run(cluster.url, "CREATE ROLE guest LOGIN PASSWORD 'Right-Secret-1'")
        yield cluster
    finally:
        cluster.remove()


def test_wrong_targets_are_refused_without_their_password(instance, cluster, caplog):
    secret = "Very-Secret-1"
    guest = cluster.url.set(username="guest", password=secret)
    form = "The URL must be like postgresql://USER:PASSWORD@HOST/NAME."
    for url, message in (
        (f"mysql://u:{secret}@db/sipweb", form),
        (f"postgres://u:{secret}@db/sipweb", form),
        (f"sqlite:////{secret}.db", form),
        (f"postgresql://u:{secret}@db", form),
        (f"postgresql://u@db:{secret}/sipweb", form),
        (secret, form),
        (f"postgresql://u:Very-Secret-0@{secret}@db/sipweb", "The URL has more than one @. Write an @ of the password"),
        (f"postgresql://u:{secret}@nowhere.invalid/sipweb", "The PostgreSQL database can't be used: "),
        (f"postgresql://u:{secret}@127.0.0.1:{free_port()}/sipweb", "Connection refused"),
        (guest, 'password authentication failed for user "guest"'),
        (guest.set(database="nothing", password="Right-Secret-1"), 'database "nothing" does not exist'),
        (f"{cluster.url}?unknown={secret}", 'invalid connection option "unknown"'),
        (guest.set(password="Right-Secret-1"), "permission denied for schema public"),
    ):
        error = refused(instance, url)
        assert message in error, error
        assert "\n" not in error
        assert secret not in error + caplog.text
        assert "Right-Secret-1" not in error + caplog.text
    postgres.run(cluster.url, "CREATE DATABASE polish TEMPLATE template0 ENCODING LATIN2 LC_COLLATE 'C' LC_CTYPE 'C'")
    assert refused(instance, cluster.url.set(database="polish")).endswith(
        "has the encoding LATIN2. Create one with UTF8."
    )
    postgres.run(cluster.url, "ALTER DATABASE postgres OWNER TO guest")
    code, output, error = run(instance, "copy-database", f"{guest}".replace("***", "Right-Secret-1"))
    assert (code, error) == (0, "")
    assert f"  DATABASE_URL=postgresql://guest:…@127.0.0.1:{guest.port}/postgres\nwith the password in place" in output
    assert "Right-Secret-1" not in output + caplog.text


def test_database_that_is_not_empty_is_refused(instance, empty, new_target, tmp_path):
    with new_target("INSERT INTO revision VALUES (1, 0)") as url:
        message = "The PostgreSQL database isn't empty (revision). Give an empty one. Nothing was copied."
        assert refused(instance, url) == message
    postgres.run(empty, "CREATE TABLE alembic_version (version_num varchar(32))")
    postgres.run(empty, "INSERT INTO alembic_version VALUES ('9999')")
    assert refused(instance, empty).startswith("The PostgreSQL database has a newer schema (9999) than sipweb ")
    postgres.run(empty, "DROP TABLE alembic_version")
    postgres.run(empty, 'CREATE TABLE "Other things" (id int)')
    assert "isn't empty (Other things)" in refused(instance, empty)
    use_database(instance, empty)
    assert run(instance, "copy-database", str(empty))[2] == "Run 'flask setup' first.\n"
    postgres.run(empty, 'DROP TABLE "Other things"')
    with new_target() as url:
        (instance / "sipweb.env").unlink()
        assert run(instance, "copy-database", str(url))[0] == 0
        assert "isn't empty (" in refused(instance, url)
        use_database(instance, url)
        assert refused(instance, empty).startswith("This instance uses PostgreSQL already.")


@pytest.mark.parametrize("command", ["web", "monitor"])
def test_running_sipweb_is_noticed(instance, schema_only, command):
    environ = {**os.environ, "SIPWEB_INSTANCE": str(instance), "SIPWEB_PORT": str(free_port())}
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", command], cwd=ROOT, env=environ, stderr=subprocess.PIPE
    )
    try:
        lines = iter(process.stderr.readline, b"")
        assert next(line for line in lines if b"Booting worker" in line or b"start" in line)
        wait_for(lambda: "is in use" in refused(instance, schema_only), "the copy is refused", 10)
    finally:
        process.terminate()
        process.communicate()
    assert rows(schema_only) == {}


def test_database_that_another_program_uses_is_refused(instance, schema_only):
    with closing(sqlite3.connect(instance / "sipweb.db")) as connection:
        connection.execute('SELECT * FROM "user"').fetchall()
        assert refused(instance, schema_only) == (
            f"{instance}/sipweb.db is in use. Stop sipweb and every other program that uses it, then run this command "
            "again."
        )


SLOW = (
    "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$",
    "CREATE TRIGGER wait BEFORE INSERT ON account FOR EACH ROW WHEN (NEW.id = 20) EXECUTE FUNCTION wait()",
)


@pytest.mark.parametrize("cause", [signal.SIGKILL, signal.SIGINT, "server"])
def test_interrupted_copy_leaves_nothing(instance, new_target, cause):
    with new_target(*SLOW) as url:
        busy = f"datname = '{url.database}' AND query LIKE 'COPY%account%' AND wait_event = 'PgSleep'"
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "wsgi", "copy-database", str(url)],
            cwd=ROOT, env={**os.environ, "SIPWEB_INSTANCE": str(instance)},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        with create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect() as connection:
            query = text(f"SELECT pid FROM pg_stat_activity WHERE {busy}")  # noqa: S608  # as above
            wait_for(lambda: connection.scalar(query), "the copy is under way")
            if cause == "server":
                connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": connection.scalar(query)})
            else:
                process.send_signal(cause)
            output, error = process.communicate(timeout=20)
            if cause == signal.SIGKILL:  # PostgreSQL notices when it would answer
                connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": connection.scalar(query)})
                wait_for(lambda: not connection.scalar(query), "the transaction ends")
        assert (process.returncode != 0, output) == (True, "")
        if cause == "server":
            assert error.startswith("The database couldn't be copied: ")
            assert error.endswith(" Nothing was copied.\n")
        assert "Traceback" not in error
        assert rows(url) == {}
        postgres.run(url, "DROP TRIGGER wait ON account")
        assert run(instance, "copy-database", str(url))[0] == 0


def test_command_for_another_user_has_no_password(instance):
    (instance / "keys.json").chmod(0o600)
    os.chown(instance / "keys.json", 65534, 65534)
    result = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "copy-database", "postgresql://u:Very-Secret-1@db/sipweb"],
        cwd=ROOT, env={**os.environ, "SIPWEB_INSTANCE": str(instance)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 1
    assert result.stderr.endswith("copy-database URL\n")
    assert "Very-Secret-1" not in result.stdout + result.stderr
