"""`flask restore`: unpacks a backup beside the instance's data, checks it there, and moves it into place."""

import json
import logging
import os
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from . import create_app
from .config import ROOT, Settings, load
from .core.errors import OperationRefused
from .crypto import KEYS_FILE
from .db import db, migrate, stored_schema, transaction
from .services import audit
from .services.backup import DATABASE, FORMAT, MANIFEST, RECORDINGS, SETTINGS, Manifest
from .services.backup_file import DamagedBackup, Member, read_backup
from .services.context import Actor, ServiceContext
from .services.generation_lock import generation_lock
from .services.generation_recovery import recover, write_failed
from .services.key_rotation import count_unreadable
from .services.recording_files import DAY, NAME
from .services.state import live_number
from .version import VERSION, schemas

logger = logging.getLogger(__name__)
MIGRATIONS = ROOT / "migrations"


@dataclass(slots=True)
class Restored:
    """What was restored.

    `migrated` tells whether the database had an older schema. `database` says what is to do about PostgreSQL, `files`
    why Asterisk's files could not be written; both are "" where everything is done.
    """

    manifest: Manifest
    recordings: int = 0
    migrated: bool = False
    database: str = ""
    files: str = ""


@dataclass(slots=True)
class _Unpacked:
    """A backup in its temporary folder, with the settings that it has there, and where its files belong."""

    manifest: Manifest
    settings: Settings
    folder: Path
    moves: list[tuple[Path, Path]] = field(default_factory=list)  # unpacked file or folder → its place
    recordings: int = 0


def restore(
    backup: Path, instance: Path, environ: Mapping[str, str], ask_passphrase: Callable[[], str], actor: Actor
) -> Restored:
    """Restore a backup into an empty instance. If it is refused, everything is as it was.

    Raises:
        OperationRefused: there is data already, or the backup is damaged, of a newer sipweb or not what it seems.
        Invalid: a setting of the backup isn't valid on this machine.
    """
    _refuse_existing([instance / name for name in (KEYS_FILE, SETTINGS, DATABASE)])
    try:
        with ExitStack() as temporary:
            unpacked = _unpack(backup, instance, environ, ask_passphrase, temporary)
            restored = Restored(unpacked.manifest, unpacked.recordings)
            _check(unpacked, restored, actor)
            _move_into_place(unpacked.moves)
    except OSError as error:
        raise OperationRefused(
            "The backup couldn't be restored: %(why)s (%(path)s).",
            why=error.strerror or error, path=error.filename or backup,
        ) from None  # fmt: skip
    if not restored.database:
        restored.files = _write_files(load({**environ, "SIPWEB_INSTANCE": str(instance)}))
    logger.info("The backup of %s was restored by %s", restored.manifest.created_at, actor.name)
    return restored


def _refuse_existing(paths: Iterable[Path]) -> None:
    if existing := [str(path) for path in paths if path.exists() or path.is_symlink()]:
        raise OperationRefused(
            "There is data already: %(paths)s. Restore into an empty instance.", paths=", ".join(existing)
        )


def _unpack(
    backup: Path,
    instance: Path,
    environ: Mapping[str, str],
    ask_passphrase: Callable[[], str],
    temporary: ExitStack,
) -> _Unpacked:
    members = read_backup(backup, ask_passphrase)
    manifest = _read_manifest(next(members, None))
    _make_folder(instance, temporary)
    folder = Path(temporary.enter_context(tempfile.TemporaryDirectory(dir=instance, prefix=".restore-")))
    unpacked: _Unpacked | None = None
    names = set()
    for member in members:
        names.add(member.name)
        if member.name in (KEYS_FILE, SETTINGS, DATABASE):
            _write(member, folder / member.name, 0o640 if member.name == DATABASE else 0o600)
            continue
        unpacked = unpacked or _with_settings(manifest, folder, instance, environ)
        _unpack_recording(member, unpacked, temporary)
    if KEYS_FILE not in names or (manifest.database == "sqlite") != (DATABASE in names):
        raise DamagedBackup("a file is missing")
    unpacked = unpacked or _with_settings(manifest, folder, instance, environ)
    if SETTINGS in names:
        unpacked.moves.append((folder / SETTINGS, instance / SETTINGS))
    unpacked.moves.append((folder / KEYS_FILE, instance / KEYS_FILE))  # last: without keys the instance isn't set up
    return unpacked


def _read_manifest(member: Member | None) -> Manifest:
    if member is None or member.name != MANIFEST:
        raise OperationRefused("This is not a backup of sipweb.")
    try:
        values = json.loads(member.read())
        if values["format"] != FORMAT:
            raise OperationRefused(
                "The backup was made by sipweb %(version)s, whose format this version doesn't know.",
                version=values["sipweb"],
            )
        manifest = Manifest(**values)
    except (ValueError, TypeError, KeyError):
        raise DamagedBackup("its description can't be read") from None
    _check_schema(manifest.schema, manifest.sipweb)
    return manifest


def _check_schema(schema: str, version: str) -> None:
    if schema and schema not in schemas():
        raise OperationRefused(
            "The backup was made by sipweb %(theirs)s with a newer database (%(schema)s). This is sipweb %(own)s: "
            "install the newer one first.",
            theirs=version, schema=schema, own=VERSION,
        )  # fmt: skip


def _make_folder(path: Path, temporary: ExitStack) -> None:
    """Create a folder; it is removed again if nothing comes into it."""

    def remove_if_empty() -> None:
        if not any(path.iterdir()):
            path.rmdir()

    if not path.exists():
        path.mkdir(parents=True)
        temporary.callback(remove_if_empty)


def _with_settings(manifest: Manifest, folder: Path, instance: Path, environ: Mapping[str, str]) -> _Unpacked:
    """Load the settings that the backup will have, and find where its database belongs."""
    settings = load({**environ, "SIPWEB_INSTANCE": str(folder)})
    unpacked = _Unpacked(manifest, settings, folder)
    url = make_url(settings.database_url)
    if url.get_backend_name() != manifest.database:
        raise OperationRefused(
            "The backup is of a %(theirs)s database, but SIPWEB_DATABASE_URL names another one (%(own)s).",
            theirs=manifest.database, own=url.get_backend_name(),
        )  # fmt: skip
    if manifest.database == "sqlite":
        database = folder / DATABASE
        place = instance / DATABASE if Path(url.database or "") == database else Path(url.database or "")
        _refuse_existing([place])
        unpacked.settings = replace(settings, database_url=f"sqlite:///{database}")
        unpacked.moves.append((database, place))
    return unpacked


def _unpack_recording(member: Member, unpacked: _Unpacked, temporary: ExitStack) -> None:
    """Write a recording into a temporary folder of the recordings' folder, which may be on another disk."""
    parts = member.name.split("/")
    if len(parts) != 3 or parts[0] != RECORDINGS or not DAY.fullmatch(parts[1]) or not NAME.fullmatch(parts[2]):
        raise OperationRefused("The backup holds %(name)r, which sipweb doesn't write there.", name=member.name)
    if not unpacked.recordings:
        place = unpacked.settings.recordings
        if place == unpacked.folder / RECORDINGS:
            place = unpacked.folder.parent / RECORDINGS
        _make_folder(place, temporary)
        if any(place.iterdir()):
            _refuse_existing([place])
        draft = temporary.enter_context(tempfile.TemporaryDirectory(dir=place, prefix=".restore-"))
        unpacked.settings = replace(unpacked.settings, recordings=Path(draft))
    day = unpacked.settings.recordings / parts[1]
    if not day.exists():
        day.mkdir()
        day.chmod(stat.S_IMODE(day.parent.parent.stat().st_mode))  # Asterisk goes on writing into that of today
        unpacked.moves.append((day, day.parent.parent / day.name))
    _write(member, day / parts[2], 0o640)
    unpacked.recordings += 1


def _write(member: Member, path: Path, mode: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as output:
        member.copy_to(output)


def _check(unpacked: _Unpacked, restored: Restored, actor: Actor) -> None:
    """Check that the keys open what the database holds, and migrate the copy of an SQLite database."""
    if unpacked.manifest.database == "sqlite":
        _check_sqlite(unpacked.folder / DATABASE, unpacked.manifest.sipweb)
    app = create_app(unpacked.settings)
    with app.app_context():
        try:
            if unpacked.manifest.database == "sqlite":
                restored.migrated = stored_schema() != schemas()[-1]
                migrate(MIGRATIONS)
            elif message := _postgresql_to_do(unpacked.manifest):
                restored.database = message
                return
            _check_keys(app.extensions["sipweb"])
            with transaction() as session:
                audit.record(session, actor, "backup.restore", unpacked.manifest.created_at)
        finally:
            db.session.remove()
            db.engine.dispose()


def _check_sqlite(path: Path, version: str) -> None:
    try:
        with closing(sqlite3.connect(path)) as connection:
            if connection.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise DamagedBackup("its database is damaged")
            (schema,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except (sqlite3.Error, TypeError):
        raise DamagedBackup("its database can't be read") from None
    _check_schema(schema, version)


def _postgresql_to_do(manifest: Manifest) -> str:
    """Return what is to do before sipweb can use the database; "" if it has been restored already."""
    try:
        schema = stored_schema()
    except SQLAlchemyError:
        return "The database doesn't answer. Restore its dump with pg_restore, then run 'flask setup'."
    _check_schema(schema, manifest.sipweb)
    if not schema:
        return "The database is empty. Restore its dump with pg_restore, then run 'flask setup'."
    return "Run 'flask setup', which migrates the database." if schema != schemas()[-1] else ""


def _check_keys(ctx: ServiceContext) -> None:
    if count := count_unreadable(ctx):
        raise OperationRefused(
            "The keys don't fit the database: %(count)s passwords can't be decrypted. Nothing was restored.",
            count=count,
        )


def _move_into_place(moves: Iterable[tuple[Path, Path]]) -> None:
    """Move everything; if one fails, remove what was moved."""
    with ExitStack() as undo:
        for source, target in moves:
            _refuse_existing([target])
            shutil.move(source, target)
            undo.callback(shutil.rmtree if target.is_dir() else os.unlink, target)
        undo.pop_all()
    os.sync()


def _write_files(settings: Settings) -> str:
    """Write the files of the live generation if there are none; return why they aren't written, or ""."""
    app = create_app(settings)
    with app.app_context():
        ctx: ServiceContext = app.extensions["sipweb"]
        try:
            live, current = live_number(), ctx.generation_files.current()
            if current not in (0, live):  # an Asterisk may be running with them
                return (
                    f"{ctx.generation_files.directory} holds version {current} of the configuration. sipweb will "
                    f"activate version {live} there when it starts."
                )
            with generation_lock(ctx):
                recover(ctx, None)
        except OSError as error:
            message, values = write_failed(error)
            return f"{message % values} When the cause is removed, run 'flask generate --again'."
        finally:
            db.session.remove()
            db.engine.dispose()
    return ""
