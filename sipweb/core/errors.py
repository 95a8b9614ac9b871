"""Errors are sentences for people: a message id marked with N_() and named values, translated at the edge."""


def N_(message: str) -> str:  # noqa: N802  # the name Babel looks for
    """Mark a message for extraction; the edge translates it."""
    return message


class SipwebError(Exception):
    """A refusal that can be shown as it is. `field` names the form field it belongs to, if any."""

    def __init__(self, message: str, field: str | None = None, **values: object) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.values = values

    def __str__(self) -> str:
        return self.message % self.values if self.values else self.message


class Invalid(SipwebError):
    """What was asked cannot be done with these values; another value would do."""


class NotFound(SipwebError):
    """The thing is not there (any more)."""


class Refused(SipwebError):
    """The state of things forbids it now: something runs, something is in use, something is down."""


class Throttled(Refused):
    """Too many tries; `seconds` until the next one is looked at."""

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message, seconds=seconds)
        self.seconds = seconds
