"""The errors that several services share."""

import logging
from typing import Protocol

from sqlalchemy.exc import OperationalError

from ..core.errors import N_, SipwebError, StorageFailed
from .state_records import AccountView

DatabaseFailure = OperationalError  # what the database raises when it can't be read or written
logger = logging.getLogger(__name__)
_PROBLEMS = {  # part of the database's own message → what to tell the user
    "is full": N_("The disk with the database is full. Nothing was saved. Free some space and try again."),
    "No space left": N_("The disk with the database is full. Nothing was saved. Free some space and try again."),
    "locked": N_("The database is locked by another program. Nothing was saved. Try again in a moment."),
    "readonly": N_("The database can't be written. Nothing was saved. Check the owner and permissions of its files."),
    "read-only": N_("The database can't be written. Nothing was saved. Check the owner and permissions of its files."),
}


def is_programming_error(error: DatabaseFailure) -> bool:
    """Return whether a statement is wrong: SQLite reports that with the same class as a failing disk."""
    return any(part in str(error.orig) for part in ("syntax error", "no such table", "no such column"))


def storage_failed(error: DatabaseFailure) -> StorageFailed:
    """Return what a failure of the database means, and log it without the values of the statement."""
    reason = str(error.orig)
    logger.error("The database failed: %s", reason)
    message = next((message for part, message in _PROBLEMS.items() if part in reason), None)
    return StorageFailed(message or N_("The database doesn't answer. Nothing was saved. Try again in a moment."))


class NamedRecord(Protocol):
    """A user, trunk or route as saved."""

    @property
    def id(self) -> int:
        """Its id."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def version(self) -> int:
        """The version that a form must name to be saved."""


class StaleEdit(SipwebError):
    """Somebody else saved the record meanwhile; `saved` is the record as it is now."""

    def __init__(self, saved: AccountView | NamedRecord) -> None:
        if isinstance(saved, AccountView):
            super().__init__(
                N_("SIP account %(number)s was changed by someone else. Your changes were not saved."),
                number=saved.number,
            )
        else:
            super().__init__(N_("%(name)s was changed by someone else. Your changes were not saved."), name=saved.name)
        self.saved = saved
