"""Typed errors with a translatable message.

They carry a message id, marked with N_(), and named values. web and cli translate them.
"""


def N_(message: str) -> str:  # noqa: N802  # the name Babel looks for
    """Mark a message for extraction by Babel; web and cli translate it."""
    return message


class SipwebError(Exception):
    """Base of all errors that can be shown to the user.

    `field` names the form field, if any.
    """

    def __init__(self, message: str, field: str | None = None, **values: object) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.values = values

    def __str__(self) -> str:
        return self.message % self.values if self.values else self.message


class Invalid(SipwebError):
    """The values are not allowed; other values would be."""


class NotFound(SipwebError):
    """The object does not exist, or no longer exists."""


class OperationRefused(SipwebError):
    """The current state forbids the operation: something is running, in use or down."""


class Forbidden(SipwebError):
    """The role of the user does not allow the operation."""


class StorageFailed(SipwebError):
    """The database or a disk can't be written: the cause must be removed first."""


class Throttled(OperationRefused):
    """Too many attempts; `seconds` until the next one is allowed."""

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message, seconds=seconds)
        self.seconds = seconds
