"""What two PBX hosts do in a soak test: agents' heartbeats, calls, edits, generations, and deaths at random."""

import asyncio
import itertools
import os
import random
import re
import signal
import threading
import time
import traceback
from collections import Counter
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

from sqlalchemy import insert, select

from sipweb import crypto
from sipweb.db import db, transaction
from sipweb.models import Account, User
from sipweb.services import leases
from tests.builders import AGENT_PASSWORD
from tests.deploy.load import Client
from tests.pbx.phones import Phone, hear_each_other, speak
from tests.servers import health

AGENTS = range(100, 600)  # the numbers of the accounts for the agents' built-in phones
OTHERS = range(600, 1000)  # those of accounts for other phones; the first ones are in calls
HEARTBEAT_EVERY = 20.0  # seconds, as the page with the built-in softphone sends them (static/softphone.js)
CHANGE_EVERY = 15.0  # seconds from one edit and generation to the next
CALL_SECONDS = 60, 180
SOUND_EVERY = 5.0  # seconds without sound, after which both phones of a call must hear each other again
RETRY_AFTER = 2.0  # seconds after a call that could not be made
RECOVERY = 30.0  # seconds after the death of an Asterisk in which calls may fail
CONNECTIONS = (
    "SELECT pid FROM pg_stat_activity "
    "WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
)
DOWN = 4.0  # seconds until a machine is switched on again, or systemd starts the server again
NO_SERVER_ANSWERS = OSError, HTTPException  # it was killed before or while it answered


def add_accounts(pair):
    """Give each number an account; return id of the account and SIP password by number."""
    with pair.app.app_context():
        cipher = pair.app.extensions["sipweb"].cipher
        secrets = {number: crypto.generate_password() for number in (*AGENTS, *OTHERS)}
        with transaction() as session:
            present = {*session.scalars(select(Account.number))}
            rows = [
                {
                    "number": number, "phone": _phone(number), "active": True, "recording": False, "level": 10,
                    "secret": cipher.encrypt(secret), "fingerprint": cipher.fingerprint(secret),
                }
                for number, secret in secrets.items() if number not in present
            ]  # fmt: skip
            session.execute(insert(Account), rows)
        ids = {number: key for key, number in db.session.execute(select(Account.id, Account.number))}
        _leave(db)
    return ids, secrets


def _phone(number):
    return "builtin" if number in AGENTS else "other"


def start_working(pair):
    """Add an agent for each of their accounts, who signs in; return the token of each lease."""
    with pair.app.app_context():
        ctx = pair.app.extensions["sipweb"]
        password = crypto.hash_password(AGENT_PASSWORD)
        rows = [
            {"login": f"agent{n}", "name": f"Agent {n}", "password_hash": password, "role": "agent"} for n in AGENTS
        ]
        with transaction() as session:
            users = list(session.scalars(insert(User).returning(User.id), rows))
        tokens = [leases.acquire(ctx, user, "", "").token for user in users]
        _leave(db)
    return tokens


def _leave(db):
    """Close all connections: a test that cuts one at random means one of the servers."""
    db.session.remove()
    db.engine.dispose()


class Agents(threading.Thread):
    """Agents who send heartbeats, each to one of the servers, and to the other one when that does not answer.

    `heartbeats` are load.Request. `refused` are the answers that are none of a server that lacks its database or is
    gone, such as to agents who have lost their number. `longest_gap` is the longest time in seconds between two
    heartbeats of one agent that were accepted.
    """

    def __init__(self, addresses, tokens):
        super().__init__()
        self.heartbeats, self.refused, self.longest_gap, self.problems = [], [], 0.0, []
        self._addresses, self._tokens, self._end = addresses, tokens, threading.Event()

    def run(self):
        """Send heartbeats until stop()."""
        asyncio.run(self._run())

    def stop(self):
        """Say that it should end; join() waits for it."""
        self._end.set()

    async def _run(self):
        tasks = [asyncio.create_task(self._work(token, n)) for n, token in enumerate(self._tokens)]
        while not self._end.is_set():
            await asyncio.sleep(0.2)
        pending = tasks
        while pending:  # the end of a wait_for() at the same moment hides that its task was cancelled (Python 3.11)
            for task in pending:
                task.cancel()
            _done, pending = await asyncio.wait(pending, timeout=1)
        self.problems = [error for task in tasks if not task.cancelled() and (error := task.exception())]
        await asyncio.sleep(0.1)  # the connections end

    async def _work(self, token, first):
        clients = [Client(address, None, self.heartbeats, HEARTBEAT_EVERY) for address in self._addresses]
        turns = itertools.cycle(clients if first % 2 else clients[::-1])
        client = next(turns)
        try:
            await asyncio.sleep(random.uniform(0, HEARTBEAT_EVERY))
            accepted_at = time.monotonic()
            while True:
                if not (is_accepted := await self._beat(client, token)):
                    client = next(turns)
                    is_accepted = await self._beat(client, token)
                self.longest_gap = max(self.longest_gap, time.monotonic() - accepted_at)
                accepted_at = time.monotonic() if is_accepted else accepted_at
                await asyncio.sleep(HEARTBEAT_EVERY)
        finally:
            for client in clients:
                client.close()

    async def _beat(self, client, token):
        headers = [f"Authorization: Bearer {token}"]
        status, text = await client.request("POST", "/api/agent/heartbeat", "", headers, what="heartbeat")
        if status not in (0, 200, 503):
            self.refused.append((status, text))
        return status == 200


def accepted(address, tokens):
    """Return how many of these tokens a server accepts."""

    async def count():
        done, limit = [], asyncio.Semaphore(10)

        async def beat(token):
            async with limit:
                client = Client(address, None, done)
                await client.request("POST", "/api/agent/heartbeat", "", [f"Authorization: Bearer {token}"])
                client.close()

        await asyncio.gather(*map(beat, tokens))
        await asyncio.sleep(0.1)  # the connections end
        return sum(request.status == 200 for request in done)

    return asyncio.run(count())


class Worker(threading.Thread):
    """Something that is done again and again until stop(). An exception is in `problems`."""

    def __init__(self):
        super().__init__()
        self.problems, self._end = [], threading.Event()

    def run(self):
        """Work until the end."""
        try:
            while not self._end.is_set():
                self.work()
        except BaseException:
            self.problems.append(traceback.format_exc())
        finally:
            self.close()

    def work(self):
        raise NotImplementedError

    def close(self):
        """Leave nothing behind."""

    def stop(self):
        """Say that it should end; join() waits for it."""
        self._end.set()


class Visitor(Worker):
    """Somebody who asks a server all the time whether it works; `answered` has the times of its answers."""

    def __init__(self, machine):
        super().__init__()
        self.answered, self._machine = [], machine

    def work(self):
        if health(self._machine.address):
            self.answered.append(time.monotonic())
        self._end.wait(0.2)


def longest_silence(visitors):
    """Return the longest time in seconds in which no server answered."""
    times = sorted(at for visitor in visitors for at in visitor.answered)
    return max(after - before for before, after in itertools.pairwise(times))


class Changes(Worker):
    """An administrator who changes an account's level and generates, at one server and then at the other one.

    `levels` are the saved ones: number → level. An edit counts as saved when a server says so. `edits` counts those,
    `unsaved` the tries that no server answered.
    """

    def __init__(self, machines, ids, seed):
        super().__init__()
        self.levels, self.edits, self.unsaved = {}, 0, 0
        self._machines, self._ids, self._random = machines, ids, random.Random(seed)
        self._turns, self._due = itertools.cycle((machines, machines[::-1])), time.monotonic()

    def work(self):
        if self._end.wait(max(0.0, self._due - time.monotonic())):
            return
        self._due = max(self._due + CHANGE_EVERY, time.monotonic())
        machines = next(self._turns)
        number, level = self._random.choice([*self._ids]), self._random.randrange(100)
        if self._edit(machines, number, level):
            self.levels[number], self.edits = level, self.edits + 1
        else:  # it may be saved nevertheless
            self.levels.pop(number, None)
            self.unsaved += 1
        self._click(machines)

    def _edit(self, machines, number, level):
        values = {"number": number, "phone": _phone(number), "active": "y", "level": level}
        for machine in machines:
            with suppress(*NO_SERVER_ANSWERS):
                status, text = machine.admin.post(f"/accounts/{self._ids[number]}", **values)
                if status == 200:
                    return True
                assert status == 503, (status, text)
        return False

    def _click(self, machines):
        for machine in machines:
            with suppress(*NO_SERVER_ANSWERS):
                status, page, _seconds = machine.click()
                if status == 200:
                    return
                assert status in (409, 503), (status, page)


class Conversation(Worker):
    """Two phones that call each other again and again; `deaths` has the time of the last death of each host's Asterisk.

    A call ends after some minutes, or with its Asterisk: `ended_by_death` counts these. `cut` are the calls that ended
    otherwise or could not be made, and why. `not_made` counts those that could not be made just after a death.
    """

    def __init__(self, folder, caller, called, secrets, deaths):
        super().__init__()
        self.made, self.not_made, self.ended_by_death, self.cut = 0, 0, 0, []
        self._deaths, self._machines = deaths, {machine for machine, _number in (caller, called)}
        self._caller, self._called = (
            Phone(folder, machine.sip_port, number, secrets[number], longest=CALL_SECONDS[1] + 120)
            for machine, number in (caller, called)
        )

    def work(self):
        began = time.monotonic()
        try:
            sides = self._begin()
        except Exception as error:
            if self._has_died(began - RECOVERY):
                self.not_made += 1
            else:
                self.cut.append((self._caller.number, 0, str(error)))
            self._release()
            self._end.wait(RETRY_AFTER)
            return
        self.made += 1
        try:
            self._talk(sides, began)
            sides[0].hang_up()
            assert [side.ended() for side in sides] == [200, None]
        except Exception as error:
            if self._has_died(began):
                self.ended_by_death += 1
            else:
                self.cut.append((self._caller.number, time.monotonic() - began, str(error)))
            self._release()

    def _begin(self):
        assert [phone.register() for phone in (self._caller, self._called)] == [200, 200]
        answer = self._called.wait()
        sides = self._caller.call(self._called.number), answer
        speak(self._caller, sides[0], self._called, answer)
        return sides

    def _talk(self, sides, began):
        """Let both hear each other now and then, until the call should end.

        Raises:
            AssertionError: the call has ended, or one does not hear the other.
        """
        phones, ports = (self._caller, self._called), [side.far_media for side in sides]
        until = time.monotonic() + random.uniform(*CALL_SECONDS)
        while time.monotonic() < until and not self._end.is_set():
            assert not self._has_died(began), "Asterisk was killed"
            assert not any(side.is_finished for side in sides), [side.messages[-1] for side in sides]
            for phone, port in zip(phones, ports, strict=True):
                phone.rtp.send_to(port)
            hear_each_other(*phones, packets=10)
            for phone in phones:
                phone.rtp.send_to(None)
            self._end.wait(SOUND_EVERY)

    def _has_died(self, since):
        return any(self._deaths[machine] >= since for machine in self._machines)

    def _release(self):
        """Forget the dialogs of a call that has ended."""
        for phone in (self._caller, self._called):
            phone.rtp.send_to(None)
            phone.end_dialogs()

    def close(self):
        for phone in (self._caller, self._called):
            phone.close()


class Deaths:
    """Kills processes at random, and starts again what systemd would start."""

    KINDS = "web worker", "web server", "monitor", "flask serve", "Asterisk", "machine", "PostgreSQL connection"

    def __init__(self, pair, choice):
        self.counts, self.history = Counter(), []
        self.of_asterisk = dict.fromkeys(pair.machines, 0.0)  # time.monotonic of the last one
        self._pair, self._random = pair, choice
        self._start_at = dict(self.of_asterisk)

    def keep_running(self):
        """Start the servers that do not run and whose start is due."""
        for machine, due in self._start_at.items():
            if not machine.is_running and time.monotonic() >= due:
                machine.start()

    def cause(self):
        """Kill something on a machine that runs; return whether it was there."""
        running = [machine for machine in self._pair.machines if machine.is_running]
        if not running:
            return False
        machine, kind = self._random.choice(running), self._random.choice(self.KINDS)
        if kind in ("flask serve", "Asterisk", "machine"):
            self.of_asterisk[machine] = time.monotonic()
        self._start_at[machine] = time.monotonic() + DOWN
        if was_there := self._kill(machine, kind):
            self.counts[kind] += 1
            self.history.append((machine.name, kind))
        return was_there

    def _kill(self, machine, kind):
        if kind == "machine":
            machine.die()
        elif kind == "flask serve":
            machine.kill_server()
        elif kind == "PostgreSQL connection":
            pid = self._random.choice(self._pair.rows(CONNECTIONS))[0]
            return self._pair.rows("SELECT pg_terminate_backend(:pid)", pid=pid) == [(True,)]
        else:
            try:
                os.kill(_processes(machine, kind)[0], signal.SIGKILL)
            except (IndexError, ProcessLookupError):
                return False
        return True


def _processes(machine, kind):
    if kind in ("monitor", "Asterisk"):
        return machine.processes("sipweb-monitor" if kind == "monitor" else "asterisk.conf")
    pids = machine.processes("sipweb-web")
    return [pid for pid in pids if (_parent(pid) in pids) == (kind == "web worker")]


def _parent(pid):
    with suppress(OSError):  # it ended meanwhile
        return int(re.search(r"^PPid:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)[1])
    return 0


def memory(machine):
    """Return the PSS in MB of sipweb's processes on a machine, and of its Asterisk."""
    found = {"sipweb": 0.0, "Asterisk": 0.0}
    asterisks = machine.processes("asterisk.conf")
    for pid in machine.processes():
        with suppress(OSError):
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
            kind = "Asterisk" if pid in asterisks else "sipweb"
            found[kind] += int(re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)[1]) / 1024
    return found


def levels(machine):
    """Return number → level of the accounts that a machine's Asterisk runs."""
    with machine.ami() as ami:
        lines = ami.events("ShowDialPlan", Context="sipweb-accounts")
    pattern = re.compile(r"SIPWEB_CALLED_LEVEL=(\d+)")
    return {
        int(line["Extension"]): int(found[1]) for line in lines if (found := pattern.match(line.get("AppData", "")))
    }
