"""The database: one session a request or command, and transaction(), the only way to change anything."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, MetaData, event, text
from sqlalchemy.orm import DeclarativeBase, Session

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """All tables; constraints have names, so that migrations can change them."""

    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Base)


@event.listens_for(Engine, "connect")
def _prepare(connection: Any, _record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA busy_timeout=10000")
        connection.execute("PRAGMA foreign_keys=ON")


@contextmanager
def transaction(*, quiet: bool = False) -> Iterator[Session]:
    """One unit of work: commit on success, roll back on any exception. `quiet` when nothing that is shown changes.

    Raising the revision is the first statement, so that writers queue here on SQLite and on PostgreSQL alike, what
    is read afterwards cannot be changed by another, and whoever caches by the revision sees that something changed.
    """
    session = db.session()
    session.rollback()  # reads of this request may be older than the lock below
    session.info["writing"] = True
    try:
        if not quiet:
            session.execute(text("UPDATE revision SET value = value + 1"))
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info["writing"] = False


def writing() -> bool:
    """Whether a transaction() is open: what is read now may never be committed, and must not be remembered."""
    return bool(db.session().info.get("writing"))


def migrate(directory: Path) -> None:
    """Bring the database of the application's context to the newest form."""
    from alembic import command  # only set-up needs it
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(directory))
    command.upgrade(config, "head")
