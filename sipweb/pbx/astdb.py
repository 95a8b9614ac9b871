"""Leases in Asterisk's own database (AstDB), for its dialplan."""

from collections.abc import Mapping

from ..core.asterisk.dialplan.recording import LEASE_FAMILY
from .ami import AmiClient, AmiError


def read_leases(ami: AmiClient) -> dict[int, int]:
    """Return number → Unix time until which Asterisk holds a lease valid."""
    try:
        events = ami.events("DBGetTree", Family=LEASE_FAMILY)
    except AmiError:  # Asterisk's answer when the family is empty
        return {}
    pairs = ((event.get("Key", "").rpartition("/")[2], event.get("Val", "")) for event in events)
    return {int(number): int(until) for number, until in pairs if number.isdecimal() and until.isdecimal()}


def write_leases(ami: AmiClient, leases: Mapping[int, int | None]) -> None:
    """Write number → time until which the lease is valid; None removes the entry."""
    ami.run_many(_lease_action(number, until) for number, until in leases.items())


def _lease_action(number: int, until: int | None) -> tuple[str, dict[str, str]]:
    entry = {"Family": LEASE_FAMILY, "Key": str(number)}
    return ("DBDel", entry) if until is None else ("DBPut", entry | {"Val": str(until)})
