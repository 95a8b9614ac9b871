"""The errors that several services share."""

from typing import Protocol

from sqlalchemy.exc import InterfaceError, InternalError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from ..core.errors import N_, SipwebError, StorageFailed
from .state_records import AccountView

# What the database raises when it can't be read or written. InternalError: PostgreSQL is a standby, which is read-only.
DatabaseFailure = (OperationalError, InternalError, InterfaceError, PoolTimeoutError)
WrongStatement = ProgrammingError  # a table or a column does not exist: an error of ours, or another schema
_CAUSES = {  # part of the database's own message → cause
    "is full": "full",
    "No space left": "full",
    "locked": "locked",
    "lock timeout": "locked",
    "readonly": "read_only",
    "read-only": "read_only",
}
_MESSAGES = {
    "full": N_("The disk with the database is full. Nothing was saved. Free some space and try again."),
    "locked": N_("The database is locked by another program. Nothing was saved. Try again in a moment."),
    "read_only": N_("The database can't be written. Nothing was saved. Check the owner and permissions of its files."),
    "down": N_("The database doesn't answer. Nothing was saved. Try again in a moment."),
}


def is_programming_error(error: Exception) -> bool:
    """Return whether a statement is wrong: SQLite reports that with the same class as a failing disk."""
    wrong = ("syntax error", "no such table", "no such column", "has no column")
    return isinstance(error, WrongStatement) or any(part in failure_reason(error) for part in wrong)


def failure_reason(error: Exception) -> str:
    """Return the database's own message in one line, without the statement and its values."""
    return " ".join(str(getattr(error, "orig", None) or error).split())


def storage_failed(error: Exception) -> StorageFailed:
    """Return what a failure of the database means."""
    return StorageFailed(_MESSAGES[failure_cause(error)])


def failure_cause(error: Exception) -> str:
    """Return why the database failed: full, locked, read_only or down."""
    reason = failure_reason(error)
    return next((cause for part, cause in _CAUSES.items() if part in reason), "down")


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


class ChangedSincePreview(SipwebError):
    """Something was edited, added, deleted or taken into use since the preview, so nothing was saved."""
