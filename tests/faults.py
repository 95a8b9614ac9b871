"""Faults of the database and the disk; each is there while its context is entered, in the test's own process."""

import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager, suppress

import pytest
from sqlalchemy import event, text

from sipweb.db import db
from sipweb.version import schemas
from tests import postgres


def mount(*arguments):
    subprocess.run(["mount", *map(str, arguments)], check=True, timeout=10)


def unmount(path):
    subprocess.run(["umount", "--lazy", str(path)], check=True, timeout=10)


@contextmanager
def locked(instance, server=None):
    """Another program has the database locked; sipweb waits for it for 0.2 seconds only."""
    with closing(sqlite3.connect(instance / "sipweb.db", isolation_level=None)) as other, _pragma("busy_timeout=200"):
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def read_only(instance, server=None):
    """The database can be read, but not written."""
    with _pragma("query_only=ON"):
        yield


@contextmanager
def _pragma(setting):
    """Set something of each connection while it lasts."""
    _disconnect()

    def begin(connection, *_):
        connection.execute(f"PRAGMA {setting}")

    event.listen(db.engine, "connect", begin)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules["sipweb.db"], "BUSY_TIMEOUT", 200)  # sipweb.db is also an object
        patch.setattr("sipweb.services.health.LOCK_TIMEOUT", 0.2)
        yield
    event.remove(db.engine, "connect", begin)
    _disconnect()


def _disconnect():
    db.session.remove()
    db.engine.dispose()


@contextmanager
def disk_full(instance, server=None):
    """The disk with the instance is full: a small one, which is mounted for this."""
    fill(instance)
    yield
    (instance / "filler").unlink()


def fill(folder):
    """Fill the disk with a folder, with a file `filler`."""
    with (folder / "filler").open("wb", buffering=0) as file:
        for size in (65536, 4096):
            with suppress(OSError):
                while True:
                    file.write(b"x" * size)


@contextmanager
def gone(instance, server):
    """PostgreSQL accepts no connection, and has cut those that there were."""
    name = db.engine.url.database
    db.session.remove()
    postgres.run(server, f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")
    _cut(server, name)
    yield
    postgres.run(server, f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")


@contextmanager
def standby(instance, server):
    """PostgreSQL accepts no writing, like a standby."""
    name = db.engine.url.database
    db.session.remove()
    postgres.run(server, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    _cut(server, name)
    yield
    postgres.run(server, f"ALTER DATABASE {name} RESET default_transaction_read_only")
    _cut(server, name)


def _cut(server, name):
    postgres.run(server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name", name=name)


@contextmanager
def other_schema(instance, server=None):
    """The database has a column less: it belongs to an older sipweb."""
    db.session.remove()
    with db.engine.begin() as connection:
        _set_schema(connection, "0009")
        connection.execute(text("ALTER TABLE account RENAME COLUMN level TO former_level"))
    yield
    db.session.remove()
    with db.engine.begin() as connection:
        _set_schema(connection, schemas()[-1])
        connection.execute(text("ALTER TABLE account RENAME COLUMN former_level TO level"))


@contextmanager
def newer_schema(oldest):
    """A newer sipweb has migrated the database: code works with it that knows the schema `oldest`."""
    set_newer_schema(oldest)
    yield
    with db.engine.begin() as connection:
        _set_schema(connection, schemas()[-1])


def set_newer_schema(oldest):
    """Let the schema be newer from now on."""
    db.session.remove()
    with db.engine.begin() as connection:
        _set_schema(connection, "9999")
        connection.execute(text("UPDATE alembic_version SET oldest_schema = :oldest"), {"oldest": oldest})


def _set_schema(connection, version):
    connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
