"""Configuration of the log, and failures that are logged once per change."""

import logging
import time
from logging.config import dictConfig
from typing import Any

STARTUP_TIME = 15.0  # seconds that Asterisk may need to start before a failure is logged

# gunicorn_conf passes it to gunicorn, whose own messages then have the same format.
LOGGING: dict[str, Any] = {  # the schema of logging.config.dictConfig
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"generic": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "generic", "stream": "ext://sys.stderr"}},
    "root": {"level": "WARNING", "handlers": ["console"]},
    "loggers": {
        "sipweb": {"level": "INFO"},
        "gunicorn.error": {"level": "WARNING", "handlers": [], "propagate": True},
        "gunicorn.access": {"level": "WARNING", "handlers": [], "propagate": True},
    },
}
_PROCESS_START = time.monotonic()
_DISCARD = logging.NullHandler()


def configure() -> None:
    """Write log lines to standard error. Called by the servers."""
    dictConfig(LOGGING)


def discard() -> None:
    """Discard log lines unless `configure` is called.

    Called for the commands, which print messages of their own.
    """
    for name in ("sipweb.services", "sipweb.pbx"):
        logging.getLogger(name).addHandler(_DISCARD)


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
