"""What a row of the account list tells about the account's phone."""

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple

from flask_babel import gettext, to_user_timezone

from ...pbx.status import Contact
from ...services import account_list
from ...services.context import utc_now
from ...services.state_records import AccountView, PbxStatus
from ..formatting import short_time
from ..locale import language


class PhoneState(NamedTuple):
    """One phone, or several with one number, as text. `state` is the name of a label in RowLabels.

    `details` has the address, `name` the phone's name and version. `phones` is how many are registered.
    """

    state: str
    since: str = ""
    details: str = ""
    name: str = ""
    phones: int = 0
    has_old_password: bool = False


class Locale(NamedTuple):
    """What the text of a time depends on, the same for all rows: the user's present day and language."""

    day: date
    language: str


def current_locale() -> Locale:
    """Return the day and the language of this request."""
    return Locale(to_user_timezone(utc_now()).date(), language())


def phone_state(account: AccountView, status: PbxStatus, locale: Locale) -> PhoneState | None:
    """Return what is known about the account's phone; None if it neither is registered nor should be."""
    state, number = account_list.phone_state(account, status), account.live_number
    if contact := status.registrations.get(number):
        has_old_password = account.should_register and any(field == "secret" for field, _ in account.live_values)
        return _registered(state, contact, locale, has_old_password=has_old_password)
    if not state:
        return None
    if refusal := status.refusal(number):
        details = gettext("wrong password from %(address)s", address=refusal.address)
        return PhoneState(state, _since(refusal.since, locale), details)
    return PhoneState(state, _since(status.ended.get(number, 0), locale))


@lru_cache(maxsize=4096)  # kept for one day and one language
def _registered(state: str, contact: Contact, locale: Locale, *, has_old_password: bool) -> PhoneState:
    round_trip = f"{contact.round_trip} ms" if contact.round_trip and contact.reachable else ""
    details = " · ".join(filter(None, (contact.address, contact.host, round_trip)))
    since = _since(contact.since, locale)
    return PhoneState(state, since, details, contact.user_agent, contact.phones, has_old_password)


@lru_cache(maxsize=4096)
def _since(timestamp: int, _locale: Locale) -> str:
    """Return since when, or "" if it is unknown."""
    return gettext("since %(time)s", time=short_time(datetime.fromtimestamp(timestamp, UTC))) if timestamp else ""
