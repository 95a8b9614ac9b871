"""What prevents sipweb from working. Each check returns one sentence, or None.

The commands ask before they start, `/healthz` asks while the server runs.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from sqlalchemy import inspect, text

from ..core.errors import OperationRefused
from ..crypto import KEYS_FILE, SecretCipher
from ..db import database_exists, db, oldest_schema, sqlite_file, stored_schema
from ..version import schemas
from .context import ServiceContext

NOT_SET_UP = "Run 'flask setup' first."
KEYS_MISSING = (
    "keys.json is missing, but the database has users or SIP accounts. Put back the keys.json that belongs to this "
    "database."
)
KEYS_DO_NOT_FIT = (
    "keys.json and SECRETS_KEYS do not belong to this database: they don't decrypt its passwords. Put back the ones "
    "that do."
)


def start_problem(ctx: ServiceContext) -> str | None:
    """Return the first reason why sipweb can't work.

    Raises:
        DatabaseFailure: the database doesn't answer.
    """
    return folder_problem(ctx) or schema_problem() or keys_problem(ctx.cipher)


def folder_problem(ctx: ServiceContext) -> str | None:
    """Return which folder or database file can't be written."""
    files = [ctx.generation_files.directory] if ctx.pbx.writes_files else []
    return unwritable([ctx.runtime_dir, *files, *_database_files()])


def unwritable(paths: Iterable[Path]) -> str | None:
    """Return the first of the paths that can't be written. A path that doesn't exist must be possible to create."""
    for path in paths:
        existing = next((one for one in (path, *path.parents) if _exists(one)), path)
        needed = os.W_OK | os.X_OK if existing.is_dir() else os.W_OK
        if not os.access(existing, needed):
            return f"{existing} can't be written. Check its owner and permissions, and that the disk is not read-only."
    return None


def exposed_files(instance: Path) -> Iterator[str]:
    """Yield which files with secrets every user of this machine can read."""
    for path in (instance / KEYS_FILE, instance / "sipweb.env"):
        with suppress(OSError):
            is_reachable = all(folder.stat().st_mode & stat.S_IXOTH for folder in path.parents)
            if path.stat().st_mode & stat.S_IROTH and is_reachable:
                yield f"{path.name} can be read by every user of this machine. In its folder run: chmod o= {path.name}"


def protect_files(instance: Path) -> Iterator[str]:
    """Let only their owner read files with secrets that everybody could. Yield those that belong to somebody else."""
    for path in (instance / KEYS_FILE, instance / "sipweb.env"):
        with suppress(OSError):
            status = path.stat()
            if status.st_mode & stat.S_IRWXO and status.st_uid == os.geteuid():
                path.chmod(0o600)
    yield from exposed_files(instance)


def schema_problem() -> str | None:
    """Return whether the database has a schema that this code can't work with."""
    found = stored_schema()
    if found == schemas()[-1]:
        return None
    if not found:
        return NOT_SET_UP
    if found in schemas():
        return f"The database has an older schema ({found}, not {schemas()[-1]}). Run 'flask setup'."
    return newer_schema_problem()


def newer_schema() -> str:
    """Return the database's schema if a newer version of sipweb has migrated it; otherwise ""."""
    found = stored_schema()
    return "" if found in schemas() else found


def newer_schema_problem() -> str | None:
    """Return whether a newer version has migrated the database to a schema that this code doesn't work with."""
    found = newer_schema()
    if not found or oldest_schema() in schemas():
        return None
    return (
        f"The database has a newer schema ({found}) than this version of sipweb ({schemas()[-1]}). Install the version "
        "that it was used with, or restore a backup."
    )


def keys_problem(cipher: SecretCipher) -> str | None:
    """Return whether the keys don't decrypt a password of the database."""
    if not database_exists():
        return None
    with db.engine.connect() as connection:
        if not inspect(connection).has_table("account"):
            return None
        account = connection.execute(text("SELECT secret, fingerprint FROM account ORDER BY id LIMIT 1")).first()
        trunk = None
        if account is None and inspect(connection).has_table("trunk"):
            trunk = connection.scalar(text("SELECT secret FROM trunk WHERE secret <> '' ORDER BY id LIMIT 1"))
    try:
        if account:
            fits = cipher.fingerprint(cipher.decrypt(account.secret)) == account.fingerprint
        else:
            fits = trunk is None or bool(cipher.decrypt(trunk))
    except OperationRefused:
        fits = False
    return None if fits else KEYS_DO_NOT_FIT


def missing_keys_problem() -> str:
    """Return what to do without keys.json."""
    return KEYS_MISSING if has_data() else NOT_SET_UP


def has_data() -> bool:
    """Return whether the database has users or SIP accounts, of any schema."""
    if not database_exists():
        return False
    with db.engine.connect() as connection:
        tables = {"user", "account"} & set(inspect(connection).get_table_names())
        return any(connection.scalar(text(f'SELECT 1 FROM "{table}" LIMIT 1')) for table in tables)  # noqa: S608


def _database_files() -> list[Path]:
    """Return the SQLite database, its log where there is one, and their folder."""
    file = sqlite_file()
    if file is None:
        return []
    return [file.parent, *(path for path in (file, file.with_name(f"{file.name}-wal")) if _exists(path))]


def _exists(path: Path) -> bool:
    return os.path.exists(path)  # unlike Path.exists, False without the right to look
