"""PostgreSQL for the tests.

It is the server of SIPWEB_TEST_POSTGRESQL, or a temporary cluster.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, NullPool, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

# the C locale knows no Polish, so that no test depends on the locale
LOCALE = ("--encoding=UTF8", "--locale=C", "--no-sync")
OPTIONS = ("-c", "listen_addresses=", "-c", "fsync=off", "-c", "log_min_messages=fatal")


@contextmanager
def server():
    """Yield the URL of a server where databases may be created; None if there is none."""
    if url := os.environ.get("SIPWEB_TEST_POSTGRESQL"):
        yield make_url(url)
    elif programs := _programs():
        with _cluster(programs) as url:
            yield url
    else:
        yield None


def _programs():
    """Return the folder of initdb and postgres; Debian does not put them on PATH."""
    if path := shutil.which("initdb"):
        return Path(path).resolve().parent
    programs = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((path.parent for path in programs), default=None, key=lambda path: int(path.parent.name))


@contextmanager
def _cluster(programs):
    """Start a cluster with a socket in a folder that only its user and root may enter."""
    with tempfile.TemporaryDirectory(prefix="sipweb-pg-") as folder:
        options = {"cwd": folder, "stdout": subprocess.DEVNULL} | _ordinary(folder)
        subprocess.run(
            [programs / "initdb", "-D", "data", "-A", "trust", "-U", "sipweb", *LOCALE], check=True, **options
        )
        process = subprocess.Popen([programs / "postgres", "-D", "data", "-k", folder, *OPTIONS], **options)
        try:
            url = URL.create("postgresql", "sipweb", database="postgres", query={"host": folder})
            _wait(url, process)
            yield url
        finally:
            process.terminate()
            process.wait(20)


def _ordinary(folder):
    """Return the user that owns the folder and runs the processes.

    PostgreSQL refuses to run as root.
    """
    if os.getuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _wait(url, process):
    for _ in range(200):
        try:
            return run(url, "SELECT 1")
        except OperationalError:
            assert process.poll() is None, "PostgreSQL did not start"
            time.sleep(0.1)
    raise AssertionError("PostgreSQL does not answer")


def run(url, command, **values):
    """Run one command outside of a transaction, as CREATE DATABASE requires."""
    with create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text(command), values)


@contextmanager
def copied(server, name, template="template0"):
    """Create a copy of the template database and yield its URL.

    End its connections at the end.
    """
    name = f"sipweb_{name}_{os.getpid()}"
    run(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield server.set(database=name)
    finally:
        run(server, f"DROP DATABASE {name} WITH (FORCE)")
