"""The log: one line an event, in one format for all processes, and failures that are logged once per change.

A line of a request says who asked for what, and from where. Secrets and query strings are in no line.
"""

import json
import logging
import re
import time
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from logging.config import dictConfig
from typing import Any

from .version import VERSION

STARTUP_TIME = 15.0  # seconds that Asterisk may need to start before a failure is logged
SECURITY = logging.getLogger("sipweb.security")
# Events in OWASP's logging vocabulary (cheatsheetseries.owasp.org) that tell of something refused.
_REFUSALS = {
    "authn_login_fail",
    "authn_login_fail_max",
    "authn_login_lock",
    "authn_password_change_fail",
    "authz_fail",
    "excess_rate_limit_exceeded",
    "input_validation_fail",
}
_PROCESS_START = time.monotonic()
_DISCARD = logging.NullHandler()
_PLAIN_VALUE = re.compile(r"[!#-<>-\[\]-~]+")  # printable ASCII without blank, quotation mark, = and backslash


@dataclass(slots=True)
class RequestInfo:
    """What each line of a request says of it. `user` is the login, "-" as long as it is not known."""

    request_id: str
    address: str
    method: str
    path: str
    user: str = "-"


_request: ContextVar[RequestInfo | None] = ContextVar("request", default=None)


def begin_request(info: RequestInfo) -> None:
    """Let the lines of this thread say that they belong to a request."""
    _request.set(info)


def end_request() -> None:
    """Let them do so no more."""
    _request.set(None)


def set_user(login: str) -> None:
    """Say in the following lines of this request who made it; without a request do nothing."""
    if info := _request.get():
        info.user = login


def security_event(event: str, *details: object, **values: object) -> None:
    """Log an event of OWASP's logging vocabulary; `details` follow it as that defines, `values` follow the request's.

    No detail may be what somebody typed: a password may be in the field of the login.
    """
    level = logging.WARNING if event in _REFUSALS else logging.INFO
    SECURITY.log(level, "%s", ":".join([event, ",".join(map(str, details))]).rstrip(":"), extra={"values": values})


def log_start(process: str, **values: object) -> None:
    """Log that a process has started, with its version."""
    security_event("sys_startup", process, version=VERSION, **values)


def acting_user() -> str:
    """Return the login of who makes this request; "-" without one."""
    info = _request.get()
    return info.user if info else "-"


def configuration(log_format: str) -> dict[str, Any]:
    """Return what logging.config.dictConfig needs; gunicorn_conf passes it to gunicorn, for its messages too."""
    formatter = JsonFormatter if log_format == "json" else TextFormatter
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"generic": {"()": formatter}},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "generic", "stream": "ext://sys.stderr"}
        },
        "root": {"level": "WARNING", "handlers": ["console"]},
        "loggers": {
            "sipweb": {"level": "INFO"},
            "gunicorn.error": {"level": "WARNING", "handlers": [], "propagate": True},
            "gunicorn.access": {"level": "WARNING", "handlers": [], "propagate": True},
        },
    }


def configure(log_format: str) -> None:
    """Write log lines to standard error. Called by the servers."""
    dictConfig(configuration(log_format))


def discard() -> None:
    """Discard log lines unless `configure` is called.

    Called for the commands, which print messages of their own. Warnings of libraries have the format of the log.
    """
    for name in ("sipweb.services", "sipweb.pbx", "sipweb.security"):
        logging.getLogger(name).addHandler(_DISCARD)
    if logging.lastResort:
        logging.lastResort.setFormatter(TextFormatter())


class TextFormatter(logging.Formatter):
    """`TIME LEVEL LOGGER: MESSAGE NAME=VALUE …`, with the time in UTC. Values with blanks are JSON strings."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        values = "".join([f" {name}={_quoted(str(value))}" for name, value in self._values(record)])
        return f"{_utc(record.created)} {record.levelname} {record.name}: {_one_line(record.getMessage())}{values}"

    def _values(self, record: logging.LogRecord) -> Iterator[tuple[str, object]]:
        if info := _request.get():
            yield "address", info.address
            yield "user", info.user
            yield "request_id", info.request_id
            yield "method", info.method
            yield "path", info.path
        values: Mapping[str, object] = getattr(record, "values", {})
        yield from values.items()
        if record.exc_info:
            yield "exception", self.formatException(record.exc_info)


class JsonFormatter(TextFormatter):
    """The same as a JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        content = {
            "time": _utc(record.created),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        return json.dumps(content | dict(self._values(record)), default=str)


def _utc(timestamp: float) -> str:
    """Return a time as in 2026-11-27T02:30:00.123Z."""
    seconds = int(timestamp)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{int((timestamp - seconds) * 1000):03d}Z"


def _one_line(text: str) -> str:
    """Return the text with line breaks and other characters that can't be seen written out."""
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _quoted(value: str) -> str:
    return value if _PLAIN_VALUE.fullmatch(value) else json.dumps(value)


class FailureLog:
    """Log a failure that may come with each request or each attempt: at once, and then at most once every `interval`.

    `what` names what fails. `interval` is in seconds. A line tells how many failures had none.
    """

    def __init__(self, logger: logging.Logger, what: str, interval: float = 60.0) -> None:
        self._logger = logger
        self._what = what
        self._interval = interval
        self._due = 0.0
        self._unlogged = 0
        self._failing = False

    def failed(self, reason: str) -> None:
        """Log the reason, unless a failure was logged a short time ago."""
        self._failing = True
        if time.monotonic() < self._due:
            self._unlogged += 1
            return
        others = f" ({self._unlogged} more since the last line)" if self._unlogged else ""
        self._logger.warning("%s failed: %s%s", self._what, reason, others)
        self._due, self._unlogged = time.monotonic() + self._interval, 0

    def succeeded(self) -> None:
        """Log that it works again, if a failure was logged."""
        if self._failing:
            self._logger.info("%s works again", self._what)
        self._failing, self._due, self._unlogged = False, 0.0, 0


class StateLog:
    """Log when something starts to fail and when it works again, once per change.

    `what` names what fails. A failure before the first success is logged only STARTUP_TIME after the process started.
    """

    def __init__(self, logger: logging.Logger, what: str) -> None:
        self._logger = logger
        self._what = what
        self._has_worked = False
        self._last_reason = ""

    def failed(self, reason: str) -> None:
        """Log the reason, unless it is the one that was logged last."""
        starting = not self._has_worked and time.monotonic() < _PROCESS_START + STARTUP_TIME
        if reason != self._last_reason and not starting:
            self._logger.warning("%s failed: %s", self._what, reason)
            self._last_reason = reason

    def succeeded(self) -> None:
        """Log that it works again, if a failure was logged."""
        if self._last_reason:
            self._logger.info("%s works again", self._what)
        self._has_worked, self._last_reason = True, ""
