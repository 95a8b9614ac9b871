"""The database: a session per request or command; only transaction() changes data."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, MetaData, String, event, inspect, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from .core.text import search_key

BUSY_TIMEOUT = 10_000  # milliseconds that SQLite waits for another process's transaction
NAMING_CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of all tables. Constraints have names, so that migrations can change them."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)


db = SQLAlchemy(model_class=Base)


def end_session(_error: BaseException | None) -> None:
    """End a request's session, also if the database went away after the response was made: it is sent then."""
    try:
        db.session.remove()
    except SQLAlchemyError:  # the connection is not used again
        db.session.registry.clear()


class SearchKey(FunctionElement[str]):
    """core.text.search_key() of a column, for conditions."""

    type = String()
    inherit_cache = True


@compiles(SearchKey, "sqlite")
def _search_key_of_sqlite(element: SearchKey, compiler: SQLCompiler, **options: Any) -> str:
    return f"search_key({compiler.process(element.clauses, **options)})"


@compiles(SearchKey, "postgresql")
def _search_key_of_postgresql(element: SearchKey, compiler: SQLCompiler, **options: Any) -> str:
    plain = f"translate({compiler.process(element.clauses, **options)}, 'łŁ', 'll')"
    # lower() comes last: with the locale C it knows ASCII only
    return f"lower(regexp_replace(normalize({plain}, NFKD), '[\\u0300-\\u036f]', '', 'g'))"


@event.listens_for(Engine, "connect")
def _configure_sqlite(connection: Any, _record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.create_function("search_key", 1, search_key, deterministic=True)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")  # an answered edit survives a power failure
        connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT}")
        connection.execute("PRAGMA foreign_keys=ON")


_RAISE_REVISION = text("UPDATE revision SET value = value + 1")


@contextmanager
def transaction(*, bump_revision: bool = True) -> Iterator[Session]:
    """Run one unit of work: commit on success, roll back on any exception.

    `bump_revision` is False when nothing that is shown changes. Otherwise the first statement raises the revision.
    Writers therefore queue there, on SQLite and PostgreSQL. What is read afterwards cannot change, and caches keyed by
    the revision become invalid.
    """
    session = db.session()
    session.rollback()  # earlier reads of this request may be older than the lock below
    session.info["writing"] = True
    try:
        if bump_revision:
            session.connection().execute(_RAISE_REVISION)
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info["writing"] = False


def check_writable(timeout: float) -> None:
    """Begin a transaction that writes, and roll it back; `timeout` is how long it may wait for another one, in seconds.

    Raises:
        DatabaseFailure: the database can't be written.
    """
    with db.engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            connection.execute(text(f"SET LOCAL lock_timeout = {int(timeout * 1000)}"))
            connection.execute(text("SELECT value FROM revision FOR UPDATE"))
            return
        connection.exec_driver_sql(f"PRAGMA busy_timeout={int(timeout * 1000)}")
        try:
            connection.execute(text("UPDATE revision SET value = value"))
        finally:
            connection.rollback()
            connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_TIMEOUT}")


def in_transaction() -> bool:
    """Return whether a transaction() is open.

    Data read inside it may be rolled back; do not cache it.
    """
    return bool(db.session().info.get("writing"))


def configure_postgresql(on_connect: Callable[[], None]) -> None:
    """Set the time limits of a PostgreSQL database, and call `on_connect` with each new connection.

    Another server may answer than before, which may lack the last transactions.
    """
    if db.engine.dialect.name == "postgresql":
        from . import postgresql  # imported here, because SQLite needs no driver

        postgresql.configure(db.engine)
        event.listen(db.engine, "connect", lambda *_: on_connect())


def listen(channel: str, handle: Callable[[str], None]) -> None:
    """Call `handle`, in a thread, with each notification of a PostgreSQL database; SQLite has none."""
    if db.engine.dialect.name == "postgresql":
        from . import postgresql

        postgresql.NotificationListener(db.engine, channel, handle).start()


def lift_time_limits(connection: Connection) -> None:
    """Let the statements of this connection take as long as they need."""
    if connection.dialect.name == "postgresql":
        from . import postgresql

        postgresql.lift_time_limits(connection.connection.driver_connection)  # type: ignore[arg-type]  # our own


def sqlite_file() -> Path | None:
    """Return the file of an SQLite database; None on PostgreSQL."""
    url = db.engine.url
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def database_exists() -> bool:
    """Return whether there is a database to ask; connecting to a missing SQLite file would create it."""
    file = sqlite_file()
    return file is None or os.path.exists(file)  # unlike Path.exists, False without the right to look


def stored_schema() -> str:
    """Return the version of the database's schema; "" before set-up."""
    if not database_exists():
        return ""
    with db.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return ""
        return str(connection.scalar(text("SELECT version_num FROM alembic_version")) or "")


def oldest_schema() -> str:
    """Return the oldest schema whose code works with the database, as its migrations have stored it; "" if none has."""
    with db.engine.connect() as connection:
        row = connection.execute(text("SELECT * FROM alembic_version")).mappings().one()
    return row.get("oldest_schema") or ""


def migrate(directory: Path, connection: Connection | None = None) -> None:
    """Migrate the database of the application's context to the newest version.

    With a connection: its database, in the transaction that it has begun.
    """
    from alembic import command  # imported here, because only set-up needs it
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(directory))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
