"""Imports of 900 accounts: upload, preview and import, as the pages' forms send them."""

import itertools
import sqlite3
from contextlib import closing
from pathlib import Path

from benchmarks.client import Client, Request, fields
from benchmarks.data import ACCOUNTS, USERS
from benchmarks.subjects import Sipweb

ROUNDS = 5


def imports(folder: Path) -> dict[str, list[float]]:
    """Return ms on the server of the whole import: where all accounts are new, and where the level of each changes."""
    subject, found = Sipweb(folder), {"all added": [], "all changed": []}
    levels = itertools.cycle(range(10, 50))
    try:
        subject.start()
        client = subject.login()
        for counted in [False, *[True] * ROUNDS]:
            _delete_accounts(subject)
            for times, outcome in zip(found.values(), ("added", "changed"), strict=True):
                elapsed = _imported(client, _file(next(levels)), outcome)
                if counted:
                    times.append(elapsed)
        return found
    finally:
        subject.stop()


def _delete_accounts(subject: Sipweb) -> None:
    with closing(sqlite3.connect(subject.database)) as connection, connection:
        connection.execute("UPDATE revision SET value = value + 1")
        connection.execute("DELETE FROM account")


def _file(level: int) -> str:
    header = "Internal number,User,Account active,Call recording,Permission level"
    rows = [
        f"{row['number']},{name},{'yes' if row['active'] else 'no'},{'yes' if row['recording'] else 'no'},{level}"
        for row, (_login, name) in zip(ACCOUNTS, USERS, strict=True)
    ]
    return "\r\n".join([header, *rows, ""])


def _imported(client: Client, text: str, outcome: str) -> float:
    token = [pair for pair in fields(client.get("/accounts/import")) if pair[0] == "csrf_token"][:1]
    file = ("file", "accounts.csv", text)
    _, uploaded = client.send(Request("/accounts/import", token, expect=(303,), file=file))
    page, previewed = client.send(Request(client.location))
    if f"900 {outcome}" not in page:
        raise RuntimeError(f"the preview lacks '900 {outcome}'")
    names = {"csrf_token", "upload", "seen"}
    form = {name: value for name, value in fields(page) if name in names}
    columns = [pair for pair in fields(page) if pair[0].startswith("column-")]
    chosen = dict(reversed(columns))  # the first of each name: that of the form that imports
    _, imported = client.send(Request("/accounts/import/preview", [*form.items(), *chosen.items()], expect=(303,)))
    return uploaded + previewed + imported
