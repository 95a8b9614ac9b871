"""Leases in Asterisk's own database (AstDB), for its dialplan and as credentials of the agents' phones.

The entries of a lease have the account's number as key: until when it is valid, the agent's name, and an auth, where
the lease has a credential of its own. With the lines of sorcery.conf, Asterisk looks for an auth here before it
looks in pjsip.conf (measured on Asterisk 22.10): without a reload, and a generation never touches it.
"""

import json
from collections.abc import Collection, Mapping
from contextlib import suppress

from ..core.asterisk.dialplan.recording import LEASE_FAMILY, NAME_FAMILY
from ..core.asterisk.pjsip import digest_auth
from .ami import Action, AmiClient, AmiError

AUTH_FAMILY = "sipweb/auth"  # "sipweb" of sorcery.conf, and the type of the object
FAMILIES = (LEASE_FAMILY, NAME_FAMILY, AUTH_FAMILY)
Entries = dict[tuple[str, int], str]  # family and number → value
_PROBE = "probe"  # an auth of no endpoint


def lease_entries(number: int, until: int, name: str, realm: str, ha1: str) -> Entries:
    """Return the entries of one lease, valid until this Unix time. Without `ha1` it has no credential of its own."""
    entries = {(LEASE_FAMILY, number): str(until), (NAME_FAMILY, number): name}
    if ha1:
        entries[AUTH_FAMILY, number] = _auth(str(number), realm, ha1)
    return entries


def read_entries(ami: AmiClient, numbers: Collection[int] | None = None) -> Entries:
    """Return the entries of these numbers, or all."""
    if numbers is None:
        actions: list[Action] = [("DBGetTree", {"Family": family}) for family in FAMILIES]
    else:
        actions = [("DBGet", _place(family, number)) for family in FAMILIES for number in numbers]
    entries = {}
    for response in ami.try_many(actions):
        for event in () if isinstance(response, AmiError) else response[1:]:  # an error: no entry
            family, _, key = f"{event.get('Family', '')}/{event.get('Key', '')}".strip("/").rpartition("/")
            if family in FAMILIES and key.isdecimal():
                entries[family, int(key)] = event.get("Val", "")
    return entries


def numbers_with_auth(ami: AmiClient) -> set[int]:
    """Return the numbers whose leases have a credential of their own in Asterisk."""
    return {number for family, number in read_entries(ami) if family == AUTH_FAMILY}


def write_entries(ami: AmiClient, entries: Mapping[tuple[str, int], str | None]) -> None:
    """Write entries; None removes one."""
    ami.run_many(("DBPut", _place(*entry) | {"Val": value}) for entry, value in entries.items() if value is not None)
    removed = [("DBDel", _place(*entry)) for entry, value in entries.items() if value is None]
    ami.try_many(removed)  # an entry may be gone already


def reads_auths(ami: AmiClient) -> bool:
    """Return whether Asterisk looks for auths in its database: sorcery.conf has the lines."""
    place = _place(AUTH_FAMILY, _PROBE)
    ami.action("DBPut", **place, Val=_auth(_PROBE, "sipweb", "0" * 32))
    try:
        return any(auth.get("ObjectName") == _PROBE for auth in ami.events("PJSIPShowAuths"))
    finally:
        with suppress(AmiError):
            ami.action("DBDel", **place)


def _auth(username: str, realm: str, ha1: str) -> str:
    options = dict(digest_auth(username, realm, ha1))
    del options["type"]
    return json.dumps(options, separators=(",", ":"))


def _place(family: str, key: object) -> dict[str, str]:
    return {"Family": family, "Key": str(key)}
