"""The errors that several services share."""

from typing import Protocol

from ..core.errors import N_, SipwebError
from .state_records import AccountView


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
