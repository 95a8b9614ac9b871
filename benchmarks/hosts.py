"""Two PBX hosts on one PostgreSQL, each with an Asterisk: from the click until both have verified the generation."""

import shutil
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import NullPool, create_engine, text

from benchmarks.client import Client, Request, fields
from benchmarks.subjects import Sipweb, free_port
from tests import postgres

ROUNDS = 8
_BUMP = "UPDATE revision SET value = value + 1"
_CHANGE = "UPDATE account SET level = (level + 1) % 100, version = version + 1, revision = (SELECT value FROM revision)"


@dataclass(frozen=True)
class Rollouts:
    """Times in ms: with 20 accounts one changed; with 900 one changed, and all."""

    few: list[float]
    one: list[float]
    every: list[float]


class _Host(Sipweb):
    """A PBX host. Only the first one sets the database up; the other one has its keys."""

    def __init__(self, folder: Path, name: str, url: str, first: Path | None = None) -> None:
        ports = {f"{kind}_PORT": str(free_port()) for kind in ("AMI", "SIP", "WS")}
        super().__init__(folder, DATABASE_URL=url, PBX="local", PBX_HOST=name, **ports)
        self._first = first

    def seed(self) -> None:
        if self._first:  # of the other host
            (self.folder / "instance").mkdir(parents=True)
            shutil.copy(self._first / "instance" / "keys.json", self.folder / "instance")
        self.run(self.flask("setup"))

    def add_accounts(self) -> None:
        """The same 900 accounts as in the other measures, instead of the first 20."""
        self.run([sys.executable, "-m", "benchmarks.seed_sipweb"])
        self.generate()


def rollouts(folder: Path) -> Rollouts | None:
    """Measure generations on two hosts; None without a PostgreSQL."""
    folder.mkdir()
    with ExitStack() as stack:
        server = stack.enter_context(postgres.server())
        if server is None:
            return None
        url = stack.enter_context(postgres.copied(server, "bench")).render_as_string(hide_password=False)
        first = _Host(folder / "a", "a", url)
        second = _Host(folder / "b", "b", url, first.folder)
        for host in (first, second):
            stack.callback(host.stop)
            host.start()
        client = first.login()
        _wait(url, "SELECT count(*) = 2 FROM host WHERE generation > 0")
        first.generate()  # the hosts know each other from now on
        one, every = f"{_CHANGE} WHERE number = (SELECT min(number) FROM account WHERE active)", _CHANGE
        few = [_generated(client, url, one) for _ in range(ROUNDS)]
        first.add_accounts()
        return Rollouts(
            few, [_generated(client, url, one) for _ in range(ROUNDS)],
            [_generated(client, url, every) for _ in range(ROUNDS // 2)],
        )  # fmt: skip


def _generated(client: Client, url: str, change: str) -> float:
    """Return ms from the click until both hosts have verified the change."""
    newest = _execute(url, _BUMP, change, "SELECT max(number) FROM generation")
    time.sleep(2)  # the searches for drift after the last generation have ended
    form = [pair for pair in fields(client.get("/generation")) if pair[0] == "csrf_token"][:1]
    started = time.perf_counter()
    client.send(Request("/generation", form, expect=(303,)))
    elapsed = (time.perf_counter() - started) * 1000
    verified = f"SELECT count(*) FROM host_report WHERE number > {newest} AND state = 'verified'"
    if _execute(url, verified) != 2:
        raise RuntimeError("not both hosts have verified it")
    return elapsed


def _wait(url: str, condition: str) -> None:
    for _ in range(300):
        if _execute(url, condition):
            return
        time.sleep(0.1)
    raise RuntimeError(condition)


def _execute(url: str, *statements: str) -> object:
    """Execute statements; return the value that the last one selects."""
    with create_engine(url, poolclass=NullPool).begin() as connection:
        for statement in statements:
            result = connection.execute(text(statement))
        return result.scalar() if result.returns_rows else None
