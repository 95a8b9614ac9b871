"""Back up an instance while it is used: database, keys, settings and, if wanted, recordings."""

import json
import logging
import os
import secrets
import shlex
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL, make_url

from ..core.errors import OperationRefused
from ..crypto import KEYS_FILE, Keys
from ..db import transaction
from ..version import VERSION
from . import audit
from .backup_file import SALT_BYTES, BackupWriter, write_backup
from .context import Actor, utc_now
from .errors import DatabaseFailure, failure_reason
from .recording_files import day_folders, files_of_day

logger = logging.getLogger(__name__)
MANIFEST, SETTINGS, DATABASE, RECORDINGS = "manifest.json", "sipweb.env", "sipweb.db", "recordings"
FORMAT = 1
SHORTEST_PASSPHRASE = 12
KEPT_COPIES = 3  # copies of the database from before migrations
_COPY_PREFIX = "backup-before-"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says about itself.

    `schema` is the version of the database's schema. `database` is sqlite, whose copy is in the backup, or postgresql.
    """

    format: int
    sipweb: str
    schema: str
    created_at: str
    database: str


@dataclass(frozen=True, slots=True)
class Source:
    """What is backed up. `keys` are those in use, wherever they are set."""

    database_url: str
    schema: str
    keys: Keys
    settings_file: Path
    recordings: Path


@dataclass(frozen=True, slots=True)
class Made:
    """What a backup has become: its size in bytes, and how many recordings it has."""

    size: int
    recordings: int


def make_backup(source: Source, target: Path, actor: Actor, *, recordings: bool, passphrase: str | None) -> Made:
    """Write a backup and record it in the audit log. It is encrypted if there is a passphrase.

    The file appears when it is complete, with mode 0600.

    Raises:
        OperationRefused: the file exists, or something can't be read or written.
    """
    if target.exists() or target.is_symlink():
        raise OperationRefused("%(path)s exists already. Nothing was written.", path=target)
    if passphrase is not None and len(passphrase) < SHORTEST_PASSPHRASE:
        raise OperationRefused("The passphrase must have at least %(count)s characters.", count=SHORTEST_PASSPHRASE)
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as folder:
            draft = Path(folder) / "backup"
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as output:
                with write_backup(output, passphrase, secrets.token_bytes(SALT_BYTES)) as writer:
                    count = _add_members(writer, source, Path(folder), recordings=recordings)
                output.flush()
                os.fsync(output.fileno())
            made = Made(draft.stat().st_size, count)
            _publish(draft, target)
    except OSError as error:
        raise OperationRefused(
            "The backup couldn't be written: %(why)s (%(path)s).",
            why=error.strerror or error, path=error.filename or target,
        ) from None  # fmt: skip
    except sqlite3.Error as error:
        raise OperationRefused("The database couldn't be copied: %(why)s.", why=error) from None
    logger.info("Backup %s of %d bytes was made by %s", target.name, made.size, actor.name)
    try:
        with transaction() as session:
            audit.record(session, actor, "backup.make", target.name)
    except DatabaseFailure as error:  # a full disk, for example
        logger.warning("The audit log doesn't have the backup %s: %s", target.name, failure_reason(error))
    return made


def _add_members(writer: BackupWriter, source: Source, folder: Path, *, recordings: bool) -> int:
    """Add everything; return the number of recordings. Who restores can decide by the first members."""
    now, url = utc_now(), make_url(source.database_url)
    seconds = now.timestamp()
    backend = url.get_backend_name()
    manifest = Manifest(FORMAT, VERSION, source.schema, f"{now:%Y-%m-%dT%H:%M:%SZ}", backend)
    writer.add_bytes(MANIFEST, json.dumps(asdict(manifest), indent=2).encode(), seconds)
    writer.add_bytes(KEYS_FILE, json.dumps(asdict(source.keys)).encode(), seconds)
    if source.settings_file.is_file():
        writer.add_bytes(SETTINGS, source.settings_file.read_bytes(), seconds)
    if backend == "sqlite":
        copy = folder / DATABASE
        copy_sqlite(Path(url.database or ""), copy)
        _add_file(writer, DATABASE, copy)
    count = 0
    for name, path in _recordings(source.recordings) if recordings else ():
        try:
            _add_file(writer, f"{RECORDINGS}/{name}", path)
        except FileNotFoundError:  # deleted meanwhile, because it was too old
            continue
        count += 1
    writer.add_sums(seconds)
    return count


def _recordings(directory: Path) -> Iterator[tuple[str, Path]]:
    for day in sorted(day_folders(directory)):
        for _match, path in sorted(files_of_day(directory, day), key=lambda found: found[1].name):
            yield f"{day}/{path.name}", path


def _add_file(writer: BackupWriter, name: str, path: Path) -> None:
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        writer.add(name, file, status.st_size, status.st_mtime)


def _publish(draft: Path, target: Path) -> None:
    """Give the draft its name, unless somebody else has made such a file meanwhile."""
    try:
        os.link(draft, target)  # unlike a rename, a link fails if the file exists
    except FileExistsError:
        raise OperationRefused("%(path)s exists already. Nothing was written.", path=target) from None
    except OSError:  # a file system without links
        shutil.move(draft, target)
    handle = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def copy_sqlite(database: Path, copy: Path) -> None:
    """Copy an SQLite database as it is at one moment, while others read and write it; mode 0600."""
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    uri = f"{database.absolute().as_uri()}?mode=rw"  # else a missing file would be created
    with closing(sqlite3.connect(uri, uri=True, timeout=10)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")  # one file


def copy_before_migration(database_url: str, instance: Path, old: str, new: str) -> Path | None:
    """Copy an SQLite database that is going to be migrated into the instance; keep the newest copies.

    Return the copy; None on PostgreSQL and before set-up.
    """
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite" or old in ("", new):
        return None
    copy = instance / f"{_COPY_PREFIX}{new}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.db"
    try:
        copy_sqlite(Path(url.database or ""), copy)
    except OSError as error:
        copy.unlink(missing_ok=True)
        raise OperationRefused(
            "The database couldn't be copied before its migration: %(why)s.", why=error.strerror
        ) from None
    except sqlite3.Error as error:
        copy.unlink(missing_ok=True)
        raise OperationRefused("The database couldn't be copied before its migration: %(why)s.", why=error) from None
    for old_copy in sorted(instance.glob(f"{_COPY_PREFIX}*.db"), key=lambda path: path.stat().st_mtime)[:-KEPT_COPIES]:
        old_copy.unlink()
    return copy


def pg_dump_command(database_url: str, target: Path) -> str:
    """Return the command that dumps a PostgreSQL database; pg_dump asks for the password, which isn't in it."""
    url: URL = make_url(database_url)
    words = ["pg_dump", "--format=custom", f"--file={target}"]
    host = url.host or url.query.get("host")  # the latter: the folder of a socket
    words += [f"--host={host}"] if host else []
    words += [f"--port={url.port}"] if url.port else []
    words += [f"--username={url.username}"] if url.username else []
    return shlex.join([*words, url.database or ""])
