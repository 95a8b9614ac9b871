"""PostgreSQL for the tests.

It is the server of SIPWEB_TEST_POSTGRESQL, or a temporary cluster.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
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


class Cluster:
    """A cluster on a port of its own, which a test kills, starts again and copies.

    `prefix` is a command that starts PostgreSQL somewhere else, as this user.
    """

    def __init__(self, port, address="127.0.0.1", prefix=()):
        programs = _programs()
        if programs is None:
            pytest.skip("no PostgreSQL: run make tools")
        self.url = URL.create("postgresql", "sipweb", host=address, port=port, database="postgres")
        self.folder = Path(tempfile.mkdtemp(prefix="sipweb-pg-"))
        self._options = {"cwd": self.folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._user = _ordinary(self.folder)
        self._programs, self._prefix, self._process = programs, prefix, None

    def create(self):
        """Make an empty cluster."""
        command = [self._programs / "initdb", "-D", "data", "-A", "trust", "-U", "sipweb", *LOCALE]
        subprocess.run(command, check=True, **self._options, **self._user)
        with (self.folder / "data" / "pg_hba.conf").open("a") as file:
            file.write("host all all 10.0.0.0/8 trust\n")

    def copy(self, other):
        """Become a copy of another cluster that is stopped, as a standby that lacks what follows."""
        shutil.copytree(other.folder / "data", self.folder / "data")
        if self._user:
            for path in (self.folder / "data", *(self.folder / "data").rglob("*")):
                os.chown(path, self._user["user"], self._user["group"])

    def follow(self, primary):
        """Become a standby of another cluster, which runs: it receives each commit, and can be promoted."""
        command = [
            self._programs / "pg_basebackup", "-D", "data", "--write-recovery-conf", "--no-sync", "--checkpoint=fast",
            "-d", f"host={primary.url.host} port={primary.url.port} user={primary.url.username}",
        ]  # fmt: skip
        subprocess.run(command, check=True, timeout=60, **self._options, **self._user)

    def stop_receiving(self):
        """Let a standby receive nothing more of its primary: what is committed now is lost in a failover."""
        run(self.url, "ALTER SYSTEM SET primary_conninfo = ''")
        run(self.url, "SELECT pg_reload_conf()")
        while count(self.url, "pg_stat_wal_receiver"):
            time.sleep(0.05)

    def promote(self):
        """Make a standby the primary; return when it accepts transactions that write."""
        run(self.url, "SELECT pg_promote()")

    def start(self):
        """Start and wait for it."""
        command = [
            *self._prefix, self._programs / "postgres", "-D", "data", "-k", self.folder, "-p", str(self.url.port),
            "-c", f"listen_addresses={self.url.host}", *OPTIONS[2:],
        ]  # fmt: skip
        user = {} if self._prefix else self._user
        self._process = subprocess.Popen(command, **self._options, **user)
        _wait(self.url, self._process)

    def kill(self):
        """End all processes at once, without a word to the clients."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(20)

    def remove(self):
        """Kill and delete it."""
        self.kill()
        shutil.rmtree(self.folder)


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


def count(url, table):
    """Return the number of rows."""
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return connection.scalar(text(f"SELECT count(*) FROM {table}"))  # noqa: S608  # of the test's own


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
