"""Two PBX hosts, a and b, that share a database: `flask serve` with a real Asterisk each."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from sipweb import KEYS_FILE, create_app
from sipweb.config import ROOT, load
from sipweb.core.errors import OperationRefused
from sipweb.db import db
from sipweb.pbx.ami import AmiClient
from sipweb.pbx.status import registered_phones
from sipweb.services import account_secrets
from sipweb.services.state import current_state
from tests.builders import WHO, make_account
from tests.client import HttpClient
from tests.conftest import use_database
from tests.servers import free_port, free_sip_port, health, rtp_ports, wait_for

FLASK = (sys.executable, "-m", "flask", "--app", "wsgi")


@contextmanager
def in_threads(work, machines):
    """Do `work` with each machine in a thread of its own; it ends soon after the event that is its second argument."""
    end = threading.Event()
    threads = [threading.Thread(target=work, args=[machine, end]) for machine in machines]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        end.set()
        for thread in threads:
            thread.join()


class Machine:
    """A machine with `flask serve`, and with PBX=local a real Asterisk. Keywords set more settings.

    `code` is the folder of the code that it runs.
    """

    def __init__(self, name, instance, kind=1, **settings):
        self.name, self.instance, self.code = name, instance, ROOT
        self.address = f"http://127.0.0.1:{settings.setdefault('port', free_port())}"
        self.ami_port, self.sip_port = free_port(), free_sip_port()
        settings = {
            "instance": instance, "pbx": "local", "pbx_host": name, "ami_port": self.ami_port, "ws_port": free_port(),
            "sip_port": self.sip_port, "rtp_ports": rtp_ports(kind), **settings,
        }  # fmt: skip
        self.environ = {f"SIPWEB_{key.upper()}": str(value) for key, value in settings.items()}
        self.log = instance.parent / f"log-{name}"
        self.admin = HttpClient(self.address)
        self._process = None

    @property
    def is_running(self):
        return self._process is not None and self._process.poll() is None

    def start(self):
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                [*FLASK, "serve"], cwd=self.code, env=self._environ(), stdout=log, stderr=log
            )

    def stop(self):
        """Stop it as an administrator does."""
        if self.is_running:
            self._process.terminate()
            assert self._process.wait(20) == 0

    def die(self):
        """Cut the machine's power: no process of it does anything any more."""
        pids = self.processes()
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
        self._process.wait()
        wait_for(lambda: not self.processes(), f"{self.name} is dead")

    def come_back(self):
        """Switch the machine on again; return when it answers."""
        self.start()
        wait_for(self.is_well, f"{self.name} is back", 60)

    def run(self, *arguments):
        """Run a `flask` command of this machine."""
        return subprocess.run(
            [*FLASK, *arguments],
            cwd=self.code,
            env=self._environ(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def run_python(self, script, *arguments):
        """Run a script with this machine's settings."""
        return subprocess.run(
            [sys.executable, "-c", script, *arguments],
            cwd=self.code, env=self._environ(), capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def processes(self, word=""):
        """Return the ids of its processes, or of those whose name has this word.

        Copies of `flask serve` have names of their own; of the others it is the command line.
        """
        marks = {f"{name}={self.instance}".encode() for name in ("SIPWEB_INSTANCE", "STARTED_BY_SIPWEB_IN")}
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # it ended meanwhile
                if not marks & {*(process / "environ").read_bytes().split(b"\0")}:
                    continue
                name = (process / "comm").read_text()
                if word in (name if name.startswith("sipweb-") else (process / "cmdline").read_text()):
                    found.append(int(process.name))
        return found

    def kill_server(self):
        """Kill `flask serve`; the processes that it has started end with it."""
        self._process.kill()
        self._process.wait()

    def kill_asterisk(self):
        for pid in self.processes(f"{self.environ['SIPWEB_INSTANCE']}/asterisk/asterisk.conf"):
            os.kill(pid, signal.SIGKILL)

    @contextmanager
    def stopped(self, word):
        """Let the processes whose name has this word do nothing."""
        pids = self.processes(word)
        assert pids
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def is_well(self):
        """Return whether it serves, and its Asterisk answers, if it has one."""
        with suppress(ValueError):
            values = json.loads(health(self.address))
            return values["database"] == "ok" and values.get("asterisk", "ok") == "ok"
        return False

    def sign_in(self):
        assert self.admin.login()[0] in (200, 303)

    def click(self):
        """Press "Generate configuration" at this server; return status, text and seconds."""
        began = time.monotonic()
        status, page = self.admin.post("/generation")
        return status, page, time.monotonic() - began

    @contextmanager
    def ami(self):
        secret = json.loads((self.instance / KEYS_FILE).read_text())["ami_secret"]
        with AmiClient.connect("127.0.0.1", self.ami_port, "sipweb", secret) as ami:
            yield ami

    def accounts(self):
        """Return the numbers of the accounts that its Asterisk has; none while it does not answer."""
        with suppress(OperationRefused), self.ami() as ami:
            names = {item["ObjectName"] for item in ami.events("PJSIPShowEndpoints")}
            return {int(name) for name in names if name.isdigit()}
        return set()

    def contacts(self):
        """Return the numbers of the phones that are registered here."""
        with self.ami() as ami:
            return set(registered_phones(ami))

    def files_of(self, number):
        """Return the folder of a generation's files."""
        return self.instance / "asterisk" / "sipweb" / f"generation-{number:06d}"

    @contextmanager
    def refusing(self, number):
        """Let it be unable to write this generation: a file is in the way of its folder."""
        path = self.files_of(number).with_name(f".draft-{number:06d}")
        path.write_text("")
        try:
            yield
        finally:
            path.unlink()

    def _environ(self):
        ours = {name: value for name, value in os.environ.items() if not name.startswith("SIPWEB_TEST_")}
        return {**ours, **self.environ}


class Pair:
    """Machines a and b, their database, and an application without a PBX for edits."""

    def __init__(self, folder, template, url):
        self.url, self._template, self._folder = url, template, folder
        self._engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        self.a = Machine("a", self.copy_instance("a"), 1)
        self.b = Machine("b", self.copy_instance("b"), 2)
        self.machines = self.a, self.b
        environ = {"SIPWEB_INSTANCE": str(self.copy_instance("edits")), "SIPWEB_PBX": "none"}
        self.app = create_app(load(environ))
        self._numbers = iter(range(300, 1000))

    def copy_instance(self, name):
        """Return the folder of a further instance with the same keys and database."""
        instance = self._folder / name
        shutil.copytree(self._template, instance, symlinks=True)
        use_database(instance, self.url)
        return instance

    def start(self):
        """Start both; return when both are known and run the same, verified."""
        for machine in self.machines:
            if not machine.is_running:
                machine.start()
        for machine in self.machines:
            wait_for(machine.is_well, f"{machine.name} answers: {machine.log.read_text()[-2000:]}", 60)
            machine.sign_in()
        wait_for(lambda: len(self.hosts()) == 2, "both hosts are known")
        wait_for(lambda: self.a.click()[0] == 200, "nothing is pending")
        wait_for(self.agrees, "both hosts run the same", 30)

    def end(self):
        for machine in self.machines:
            if machine.is_running:
                machine.die()
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()

    # what is in the database

    def rows(self, query, **values):
        with self._engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query), values)]

    def execute(self, command, **values):
        with self._engine.connect() as connection:
            connection.execute(text(command), values)

    def hosts(self):
        """Return name → generation and digest that the host runs, verified."""
        return {row[0]: row[1:] for row in self.rows("SELECT name, generation, digest FROM host")}

    def newest(self):
        """Return number and state of the newest generation."""
        return self.rows("SELECT number, state FROM generation ORDER BY number DESC LIMIT 1")[0]

    def live(self):
        """Return number and digest of the live generation."""
        query = "SELECT number, digest FROM generation WHERE state IN ('verified', 'written') ORDER BY number DESC"
        return self.rows(query)[0]

    def reports(self, number):
        """Return host and state of the reports about a generation, the first one first."""
        query = "SELECT host, state FROM host_report WHERE number = :number ORDER BY reported_at"
        return self.rows(query, number=number)

    def agrees(self):
        """Return whether all hosts run the live generation, verified, and none is being made."""
        with suppress(SQLAlchemyError):
            return self.newest()[1] != "running" and set(self.hosts().values()) == {self.live()}
        return False

    def have(self, number):
        """Return whether the Asterisks of both hosts have an account."""
        return all(number in machine.accounts() for machine in self.machines)

    def lack(self, number):
        """Return whether neither has it, and both answer."""
        found = [machine.accounts() for machine in self.machines]
        return all(found) and not any(number in accounts for accounts in found)

    # what an administrator does

    def add_account(self):
        """Add an account, which is pending then; return its number."""
        number = next(self._numbers)
        with self.app.app_context():
            make_account(self.app.extensions["sipweb"], number, phone="other")
            db.session.remove()
        return number

    def password(self, number):
        """Return the saved SIP password of an account."""
        return self._with_account(number, lambda ctx, account: account_secrets.reveal(ctx, WHO, account.id).text)

    def change_password(self, number):
        self._with_account(number, lambda ctx, account: account_secrets.renew_secret(ctx, WHO, account.id))

    def _with_account(self, number, work):
        with self.app.app_context():
            ctx = self.app.extensions["sipweb"]
            result = work(ctx, next(one for one in current_state(ctx).accounts if one.number == number))
            db.session.remove()
        return result

    def pending(self):
        """Return the number of pending changes."""
        return json.loads(health(self.a.address))["pending"]

    def click_at_once(self):
        """Press the button at both servers so that both want to claim at the same moment; return the two answers."""
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        with ThreadPoolExecutor() as threads:
            with self._engine.connect().execution_options(isolation_level="READ COMMITTED") as connection:
                connection.execute(text("SELECT value FROM revision FOR UPDATE"))
                answers = [threads.submit(machine.click) for machine in self.machines]
                wait_for(lambda: self.rows(waiting)[0][0] >= 2, "both wait for the transaction")
            return [answer.result() for answer in answers]
