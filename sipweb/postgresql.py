"""Connections to PostgreSQL: nothing waits for a silent server for longer than a web page may."""

import re
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import psycopg
from psycopg import sql
from psycopg.abc import PQGen
from sqlalchemy import Connection, Engine, event

CONNECT_TIMEOUT = 3  # seconds for each host of the URL
ANSWER_TIMEOUT = 9.0  # seconds without an answer, after which the connection is given up
SLOW = 1.0  # seconds; an attempt to connect that takes longer to fail was not refused, but got no answer
NEXT_ATTEMPT = 2.0  # seconds after such an attempt in which further ones fail at once
CONNECT_ARGUMENTS = {  # libpq's parameters, unless the URL has them
    "connect_timeout": CONNECT_TIMEOUT,
    "tcp_user_timeout": 8000,  # milliseconds
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}
SESSION_SETTINGS = {  # PostgreSQL's own, in case that the connection is lost and nobody waits any longer
    "statement_timeout": "8s",
    "lock_timeout": "7s",
    "idle_in_transaction_session_timeout": "60s",
    "tcp_keepalives_idle": "5",  # the locks of a machine that lost its power end with its connections
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
}
FAILURES = (psycopg.Error,)
_PLACE = re.compile(r"COPY \S+,\D*(\d+)(?:,\s*\S+\s+(\w+))?")  # in any language: ", line 3, column y"
__all__ = ["FAILURES", "NotificationListener", "RefusedRow", "configure", "copy_rows", "lift_time_limits"]


class _Connection(psycopg.Connection[Any]):
    """A connection that is closed when the server does not answer: a stopped server acknowledges packets for ever."""

    answer_timeout: float | None = ANSWER_TIMEOUT

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for an answer; close the connection if there is none in time."""
        began = time.monotonic()
        try:
            return super().wait(gen, interval, timeout or self.answer_timeout)
        except psycopg.OperationalError:
            if self.answer_timeout and time.monotonic() - began >= self.answer_timeout:
                self.pgconn.finish()
                raise psycopg.OperationalError("the server did not answer in time") from None
            raise


class _Connector:
    """Opens connections. While nobody can connect, only one attempt is made at a time, and the others fail at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._due = 0.0
        self._reason = ""

    def connect(self, *arguments: Any, **parameters: Any) -> _Connection:
        """Open a connection.

        Raises:
            psycopg.OperationalError: the server can't be reached, or could not be reached a short time ago.
        """
        if not self._reason:
            return self._attempt(arguments, parameters)
        if time.monotonic() < self._due or not self._lock.acquire(blocking=False):
            raise psycopg.OperationalError(self._reason)
        try:
            return self._attempt(arguments, parameters)
        finally:
            self._lock.release()

    def _attempt(self, arguments: tuple[Any, ...], parameters: dict[str, Any]) -> _Connection:
        began = time.monotonic()
        try:
            connection = _Connection.connect(*arguments, **parameters)
        except psycopg.OperationalError as error:
            now = time.monotonic()
            self._reason, self._due = str(error) or "no connection", now + NEXT_ATTEMPT if now - began > SLOW else now
            raise
        self._reason = ""
        return connection


def configure(engine: Engine) -> None:
    """Set the time limits of all connections of an engine."""
    connector = _Connector()

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: object, _record: object, arguments: Any, parameters: Any) -> _Connection:
        return connector.connect(*arguments, **CONNECT_ARGUMENTS | parameters)

    @event.listens_for(engine, "connect")
    def set_limits(connection: _Connection, _record: object) -> None:
        connection.execute("; ".join(f"SET {name} = '{value}'" for name, value in SESSION_SETTINGS.items()))
        connection.commit()


def lift_time_limits(connection: _Connection) -> None:
    """Let the statements of a connection take as long as they need: a migration may rewrite tables."""
    connection.answer_timeout = None
    connection.execute("SET statement_timeout = 0; SET lock_timeout = 0")
    connection.commit()


class NotificationListener(threading.Thread):
    """A thread with a connection of its own that receives the notifications of a channel, and reconnects.

    It calls `handle` with the payload of each, and with "" after it has connected: some may have been lost.
    """

    def __init__(self, engine: Engine, channel: str, handle: Callable[[str], None]) -> None:
        super().__init__(name="notifications", daemon=True)
        self._engine, self._channel, self._handle = engine, channel, handle

    def run(self) -> None:
        """Listen until the process ends."""
        _arguments, parameters = self._engine.dialect.create_connect_args(self._engine.url)
        while True:
            try:
                with psycopg.connect(**{**CONNECT_ARGUMENTS, **parameters}, autocommit=True) as connection:
                    connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._channel)))
                    self._handle("")
                    for notification in connection.notifies():
                        self._handle(notification.payload)
            except psycopg.Error:  # the work on the database logs it
                time.sleep(NEXT_ATTEMPT)


class RefusedRow(Exception):
    """PostgreSQL refuses a row: its number, from 1, and the column, or "" if that is not known."""

    def __init__(self, number: int, column: str, reason: str) -> None:
        super().__init__(reason)
        self.number, self.column, self.reason = number, column, reason


def copy_rows(connection: Connection, table: str, columns: Iterable[str], rows: Iterable[Sequence[Any]]) -> int:
    """Add rows to a table by COPY; return their number.

    Raises:
        RefusedRow: one can't be stored.
        psycopg.Error: anything else.
    """
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
    driver: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]  # our own
    number = 0
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for number, row in enumerate(rows, 1):  # noqa: B007  # used afterwards
                copy.write_row(row)
    except (psycopg.DataError, psycopg.IntegrityError) as error:
        reason = error.diag.message_primary or str(error)
        place = _PLACE.match(error.diag.context or "")
        if place:
            raise RefusedRow(int(place[1]), place[2] or "", reason) from None
        if error.sqlstate is None:  # found by psycopg itself, in the row that it was given
            raise RefusedRow(number, "", reason) from None
        raise
    return number
