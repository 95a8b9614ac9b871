"""`flask copy-database`: copies an SQLite database into an empty PostgreSQL database, and compares every row."""

import logging
import sqlite3
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    URL,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    NullPool,
    Row,
    Select,
    String,
    Table,
    Text,
    cast,
    collate,
    create_engine,
    func,
    inspect,
    make_url,
    select,
    text,
    type_coerce,
)
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.orm import Session

from ..core.errors import Invalid, OperationRefused
from ..db import Base, db, lift_time_limits, migrate, sqlite_file
from ..models import UTCDateTime
from ..postgresql import FAILURES, RefusedRow, configure, copy_rows
from ..process_lock import process_lock
from ..version import VERSION, schemas
from . import audit
from .context import Actor, ServiceContext
from .errors import failure_reason

logger = logging.getLogger(__name__)
Progress = Callable[[str, str, int], None]  # "copied" or "compared", the table, its rows so far
BATCH = 2000  # rows that are held in memory
REPORT_EVERY = 100_000  # rows
SCHEMA_TABLE = "alembic_version"
TABLES = Base.metadata.sorted_tables  # a table comes after those that its foreign keys name


def parse_target(given: str) -> URL:
    """Parse the URL of a PostgreSQL database; no message repeats it, because a part may be the password.

    Raises:
        Invalid: it is none, or has no name of a database.
    """
    try:
        url = make_url(given)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in ("postgresql", "postgresql+psycopg") or not url.database:
        raise Invalid("The URL must be like postgresql://USER:PASSWORD@HOST/NAME.")
    if "@" in (url.host or ""):
        raise Invalid("The URL has more than one @. Write an @ of the password as %(escaped)s.", escaped="%40")
    return url


def copy_database(
    ctx: ServiceContext, actor: Actor, target: URL, migrations: Path, progress: Progress
) -> dict[str, int]:
    """Copy everything in one transaction, which compares it before it ends. Return the number of rows by table.

    The audit entry about it is in the copy only: nothing changes in the SQLite database.

    Raises:
        OperationRefused: sipweb runs, the target isn't empty or can't be written, or a row doesn't arrive as it was.
            The target is as it was before.
    """
    file = sqlite_file()
    if file is None:
        raise OperationRefused("This instance uses PostgreSQL already. Only an SQLite database can be copied.")
    with ExitStack() as stack:
        source = stack.enter_context(_unused_sqlite(ctx, file))
        connection = stack.enter_context(_connected(target))
        try:
            _prepare(connection, migrations)
            counts = {table.name: _copy(source, connection, table, progress) for table in TABLES}
            _set_sequences(source, connection)
            for table in TABLES:
                _compare(source, connection, table, progress)
            audit.record(Session(connection), actor, "database.copy", "SQLite → PostgreSQL")
        except (SQLAlchemyError, *FAILURES) as error:
            raise OperationRefused(
                "The database couldn't be copied: %(why)s. Nothing was copied.", why=_reason(error)
            ) from None
        _commit(connection)
    logger.info("The database (%d rows) was copied to PostgreSQL by %s", sum(counts.values()), actor.name)
    return counts


@contextmanager
def _unused_sqlite(ctx: ServiceContext, file: Path) -> Iterator[Connection]:
    """Connect to the SQLite database while nobody else can use it."""
    db.session.remove()
    db.engine.dispose()
    message = "%(file)s is in use. Stop sipweb and every other program that uses it, then run this command again."
    engine = create_engine("sqlite://", creator=lambda: _exclusive(file), poolclass=NullPool)
    with ExitStack() as stack:
        for name in ("server.lock", "web.lock", "monitor.lock"):
            stack.enter_context(process_lock(ctx.runtime_dir / name, message, file=file))
        try:
            connection = stack.enter_context(engine.connect())
        except (sqlite3.Error, SQLAlchemyError) as error:
            if "locked" in failure_reason(error):
                raise OperationRefused(message, file=file) from None
            raise OperationRefused("%(file)s can't be read: %(why)s.", file=file, why=_reason(error)) from None
        yield connection


def _exclusive(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=1)
    try:
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # takes the lock
        connection.execute("PRAGMA query_only=ON")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


@contextmanager
def _connected(target: URL) -> Iterator[Connection]:
    engine = create_engine(target, poolclass=NullPool, hide_parameters=True)
    configure(engine)
    try:
        connection = engine.connect()
    except (SQLAlchemyError, *FAILURES) as error:
        raise OperationRefused(
            "The PostgreSQL database can't be used: %(why)s. Nothing was copied.", why=_reason(error)
        ) from None
    with closing(connection):
        try:
            lift_time_limits(connection)
            yield connection
        except BaseException:
            connection.invalidate()  # PostgreSQL rolls back; a rollback of ours would fail if the connection is lost
            raise


def _prepare(connection: Connection, migrations: Path) -> None:
    """Refuse a database that isn't empty, and give it the newest schema."""
    if (encoding := connection.scalar(text("SHOW server_encoding"))) != "UTF8":
        raise OperationRefused(
            "The PostgreSQL database has the encoding %(encoding)s. Create one with UTF8.", encoding=encoding
        )
    tables = inspect(connection).get_table_names()
    schema = _schema(connection) if SCHEMA_TABLE in tables else None
    if schema and schema not in schemas():
        raise OperationRefused(
            "The PostgreSQL database has a newer schema (%(schema)s) than sipweb %(version)s (%(own)s). Give an "
            "empty one. Nothing was copied.",
            schema=schema, own=schemas()[-1], version=VERSION,
        )  # fmt: skip
    unknown = not schema and [name for name in tables if name != SCHEMA_TABLE]
    filled = [name for name in tables if name != SCHEMA_TABLE and _has_rows(connection, name)]
    if unknown or filled:
        raise OperationRefused(
            "The PostgreSQL database isn't empty (%(tables)s). Give an empty one. Nothing was copied.",
            tables=", ".join(filled or unknown or ()),
        )
    migrate(migrations, connection)


def _schema(connection: Connection) -> str | None:
    found: str | None = connection.scalar(text(f"SELECT version_num FROM {SCHEMA_TABLE}"))  # noqa: S608  # a constant
    return found


def _has_rows(connection: Connection, table: str) -> bool:
    name = connection.dialect.identifier_preparer.quote(table)
    return connection.scalar(text(f"SELECT 1 FROM {name} LIMIT 1")) is not None  # noqa: S608  # a name of the database


def _copy(source: Connection, target: Connection, table: Table, progress: Progress) -> int:
    columns = [column.name for column in table.columns]
    rows = _reported(_read(source, table), table.name, "copied", progress)
    try:
        return copy_rows(target, table.name, columns, rows)
    except RefusedRow as error:
        raise OperationRefused(
            "PostgreSQL refuses the row %(row)s of the table %(table)s%(column)s: %(why)s. Nothing was copied.",
            row=_key_of(next(islice(_read(source, table), error.number - 1, None)), table),
            table=table.name, column=f", column {error.column}" if error.column else "", why=error.reason,
        ) from None  # fmt: skip


def _compare(source: Connection, target: Connection, table: Table, progress: Progress) -> None:
    with closing(_read(source, table)) as here, closing(_read(target, table)) as there:
        for before, after in _reported(zip_longest(here, there), table.name, "compared", progress):
            if before != after:
                raise OperationRefused(
                    "The row %(row)s of the table %(table)s differs in PostgreSQL (%(columns)s). Nothing was copied.",
                    row=_key_of(before or after, table), table=table.name, columns=_differing(before, after, table),
                )  # fmt: skip


def _read(connection: Connection, table: Table) -> Generator[Row[Any]]:
    """Yield the rows in the order of their keys, the same on both databases."""
    try:
        with connection.execute(_query(connection, table), execution_options={"yield_per": BATCH}) as result:
            for batch in result.partitions():
                yield from batch
    except (ValueError, SQLAlchemyError, sqlite3.Error) as error:
        raise OperationRefused(
            "The table %(table)s can't be read: %(why)s. Nothing was copied.", table=table.name, why=_reason(error)
        ) from None


def _query(connection: Connection, table: Table) -> Select[Any]:
    order: list[ColumnElement[Any]] = list(table.primary_key)
    if connection.dialect.name == "postgresql":  # SQLite sorts by bytes
        order = [collate(column, "C") if isinstance(column.type, String) else column for column in order]
    query: Select[Any] = select(*map(_readable, table.columns))
    return query.order_by(*order)


def _readable(column: Column[Any]) -> ColumnElement[Any]:
    """Return the column as it is copied: a time without its time zone; JSON as its text, where null is not NULL."""
    if isinstance(column.type, JSON):
        return cast(column, Text).label(column.name)
    if isinstance(column.type, UTCDateTime):
        return type_coerce(column, DateTime).label(column.name)
    return column


def _reported(rows: Iterator[Any], table: str, step: str, progress: Progress) -> Iterator[Any]:
    for number, row in enumerate(rows, 1):
        yield row
        if number % REPORT_EVERY == 0:
            progress(step, table, number)


def _key_of(row: Row[Any], table: Table) -> str:
    return ", ".join(str(getattr(row, column.name)) for column in table.primary_key)


def _differing(before: Row[Any] | None, after: Row[Any] | None, table: Table) -> str:
    """Return the names of the columns that differ; the key's, where the rows of one of the databases have ended."""
    if before is None or after is None:
        return ", ".join(column.name for column in table.primary_key)
    return ", ".join(name for name, one, other in zip(before._fields, before, after, strict=True) if one != other)


def _set_sequences(source: Connection, target: Connection) -> None:
    """Let new rows get ids that no row ever had: SQLite remembers those of deleted rows, too."""
    used = {row.name: row.seq for row in source.execute(text("SELECT name, seq FROM sqlite_sequence"))}
    for table in TABLES:
        column = table.autoincrement_column
        if column is None:
            continue
        name = target.dialect.identifier_preparer.quote(table.name)
        sequence = target.scalar(select(func.pg_get_serial_sequence(name, column.name)))
        highest = max(used.get(table.name, 0), source.scalar(select(func.max(column))) or 0)
        target.execute(text(f"ALTER SEQUENCE {sequence} RESTART WITH {int(highest) + 1}"))  # unlike setval, undone


def _commit(connection: Connection) -> None:
    try:
        connection.commit()
    except (SQLAlchemyError, *FAILURES) as error:
        raise OperationRefused(
            "The connection was lost at the very end (%(why)s): the copy is complete or not there at all. Empty the "
            "PostgreSQL database and run this command again.",
            why=_reason(error),
        ) from None


def _reason(error: Exception) -> str:
    """Return the database's own message in one line, without the values of rows."""
    return failure_reason(error).partition(" with text ")[0].removesuffix(".")
