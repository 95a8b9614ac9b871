"""The work on the database that one of several monitors does for all: two would count the same things twice."""

from sqlalchemy import Connection, text

from ..db import db
from .database_clock import can_have_several
from .errors import DatabaseFailure

_LOCK = text("SELECT pg_try_advisory_lock(7476932)")  # any number that nothing else in the database locks


class DatabaseDuties:
    """A lock that PostgreSQL keeps as long as the connection lasts. On SQLite there is one monitor."""

    def __init__(self) -> None:
        self._connection: Connection | None = None

    def acquire(self) -> bool:
        """Return whether this monitor does the work. The one that does goes on until it ends, or loses its connection.

        Raises:
            DatabaseFailure: the database does not answer.
        """
        if not can_have_several():
            return True
        if self._connection is None:
            self._connection = db.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            if self._connection.scalar(_LOCK):  # again and again: each time shows that the connection lasts
                return True
        except DatabaseFailure:
            self._connection.invalidate()
            self.release()
            raise
        self.release()
        return False

    def release(self) -> None:
        """Leave the work to another monitor."""
        if self._connection:
            self._connection.close()
            self._connection = None
