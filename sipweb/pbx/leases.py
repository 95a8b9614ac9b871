"""Which accounts are in use, told to the running Asterisk in its own database: its dialplan asks at each call."""

from collections.abc import Mapping

from ..core.asterisk.recording import LEASES
from .ami import Ami, AmiRefused


def known(ami: Ami) -> dict[int, int]:
    """Number → until when (Unix time) Asterisk believes it to be in use."""
    try:
        events = ami.events("DBGetTree", Family=LEASES)
    except AmiRefused:  # what it calls a database without any entry of ours
        return {}
    pairs = ((event.get("Key", "").rpartition("/")[2], event.get("Val", "")) for event in events)
    return {int(number): int(until) for number, until in pairs if number.isdecimal() and until.isdecimal()}


def tell(ami: Ami, leases: Mapping[int, int | None]) -> None:
    """Number → until when, or None for one that nobody uses."""
    ami.many(_action(number, until) for number, until in leases.items())


def _action(number: int, until: int | None) -> tuple[str, dict[str, str]]:
    place = {"Family": LEASES, "Key": str(number)}
    return ("DBDel", place) if until is None else ("DBPut", place | {"Val": str(until)})
