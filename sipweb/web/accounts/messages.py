"""What is announced after an account was saved: what the PBX does until the configuration is generated."""

from flask_babel import gettext

from ...services.state_records import AccountView


def added_message(account: AccountView) -> str:
    """Return the message for a new account."""
    added = gettext("SIP account %(number)s added.", number=account.number)
    if not account.active:
        return added
    return " ".join([added, gettext("Pending: the PBX doesn't have it yet.")])


def saved_message(account: AccountView) -> str:
    """Return the message for a saved form."""
    saved = gettext("SIP account %(number)s saved.", number=account.number)
    if account.pending == "added":
        return " ".join([saved, gettext("Pending: the PBX doesn't have it yet.")])
    if account.pending:
        return " ".join([saved, gettext("Pending: the PBX works as before until the configuration is generated.")])
    return saved


def deleted_message(account: AccountView) -> str:
    """Return the message for an account that was deleted and that the PBX still has."""
    deleted = gettext("SIP account %(number)s deleted.", number=account.number)
    return " ".join([deleted, gettext("Pending: it keeps working until the configuration is generated.")])


def switched_message(account: AccountView, name: str) -> str:
    """Return the message for a switch, `active` or `recording`."""
    if name == "active":
        return _activity_message(account)
    number, live = account.number, dict(account.live_values)
    if account.recording:
        switched = gettext("Recording on for %(number)s.", number=number)
        pending = gettext("Pending: the PBX doesn't record it yet.")
    else:
        switched = gettext("Recording off for %(number)s.", number=number)
        pending = gettext("Pending: the PBX still records it.")
    if "recording" in live:
        return " ".join([switched, pending])
    return switched if account.live else " ".join([switched, gettext("The PBX doesn't have this account.")])


def _activity_message(account: AccountView) -> str:
    if account.active:
        switched = gettext("SIP account %(number)s active.", number=account.number)
        pending = gettext("Pending: the PBX doesn't have it yet.")
    else:
        switched = gettext("SIP account %(number)s inactive.", number=account.number)
        pending = gettext("Pending: it keeps working until the configuration is generated.")
    return " ".join([switched, pending]) if account.pending in ("added", "removed") else switched
