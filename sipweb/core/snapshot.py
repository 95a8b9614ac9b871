"""A snapshot: everything that reaches the PBX's configuration, frozen and sorted.

Live and saved state are both snapshots. The plan is their difference; a generation's files are rendered from one.
Snapshots are stored for years, so old ones must stay readable.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cached_property
from operator import attrgetter
from typing import Any, Self

from .accounts import AccountFields
from .sip_transports import SipAddress

POOL_OWNER_NAME = "Automat Automat"  # owner of the automatic accounts; a person's name, never translated
RENDERER_VERSION = 14  # raise it whenever the same snapshot renders to other bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Account(AccountFields):
    """One active account.

    `user` is the name in the caller ID. `secret` is encrypted. `fingerprint` is its keyed digest; only fingerprints are
    compared.
    """

    id: int
    user: str
    secret: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class InactiveAccount:
    """An inactive account: calls to its number stay inside."""

    id: int
    number: int


@dataclass(frozen=True, slots=True)
class Trunk:
    """One active trunk to a provider.

    `caller_id` is the number shown, "" for the installation's or else the account's own. `from_user` and `from_domain`
    are the user and domain of From, "" for the caller ID and the host; `send_pai` adds P-Asserted-Identity. `realm` is
    the provider's realm for digests, "" when unknown; then the file contains the password itself. Without `username`
    the provider does not authenticate us.
    """

    id: int
    name: str
    host: str
    port: int
    transport: str
    username: str
    caller_id: str
    realm: str
    register: bool
    secret: str
    fingerprint: str
    from_user: str = ""
    from_domain: str = ""
    send_pai: bool = False
    dtmf_mode: str = "auto"


@dataclass(frozen=True, slots=True)
class Route:
    """One active route.

    `position` gives the order; `pattern` is a dial pattern (core.dial_patterns). `strip_digits` digits are removed from
    the number, then `prepend_digits` is put before it. `emergency` marks a route of emergency calls.
    """

    id: int
    position: int
    name: str
    pattern: str
    level: int
    trunk_id: int
    strip_digits: int = 0
    prepend_digits: str = ""
    emergency: bool = False


@dataclass(frozen=True, slots=True)
class HostAddress:
    """The name of a PBX host, and where the others reach its SIP: udp, tcp or tls."""

    name: str
    address: str
    port: int
    transport: str = "udp"

    def __str__(self) -> str:
        return f"{self.name} ({SipAddress(self.address, self.port, self.transport)})"


@dataclass(frozen=True, slots=True)
class PbxSettings:
    """Settings that reach a file.

    `emergency_numbers` holds the numbers that may always be dialled. An outside call rings `ring_seconds` at most.
    `codecs` are those of SIP phones, the preferred one first; `srtp` tells whether they may encrypt the sound (no,
    optional or required). `echo_test`, `pickup` and `withhold_prefix` are feature codes, "" where the feature is off.
    `caller_name_outside`: outside parties see the caller's name too. `fallback_caller_id` is the number shown
    over trunks without a caller ID. `phone_networks` are the networks (CIDR) of phones; empty: any. `hosts` are the PBX
    hosts by name if there are several, otherwise empty.
    """

    realm: str = "sipweb"
    emergency_numbers: tuple[str, ...] = ("112", "997", "998", "999")
    ring_seconds: int = 180
    codecs: tuple[str, ...] = ("alaw", "ulaw", "g722")
    srtp: str = "optional"
    echo_test: str = ""
    pickup: str = ""
    withhold_prefix: str = ""
    caller_name_outside: bool = False
    fallback_caller_id: str = ""
    phone_networks: tuple[str, ...] = ()
    hosts: tuple[HostAddress, ...] = ()


@dataclass(frozen=True)
class Snapshot:
    """Everything that reaches a file.

    Accounts are sorted by number, trunks by id, routes by position; only active ones are included, and of the inactive
    accounts their numbers. Snapshots of renderer versions up to 10 do not have these.
    """

    accounts: tuple[Account, ...] = ()
    settings: PbxSettings = PbxSettings()
    renderer_version: int = RENDERER_VERSION
    trunks: tuple[Trunk, ...] = ()
    routes: tuple[Route, ...] = ()
    inactive: tuple[InactiveAccount, ...] = ()

    @cached_property
    def by_id(self) -> dict[int, Account]:
        """The accounts by id."""
        return {account.id: account for account in self.accounts}

    @cached_property
    def by_number(self) -> dict[str, Account]:
        """The accounts by number, as it is dialled."""
        return {str(account.number): account for account in self.accounts}

    @cached_property
    def patterns(self) -> tuple[str, ...]:
        """The dial patterns of the routes."""
        return tuple(route.pattern for route in self.routes)

    @cached_property
    def inactive_numbers(self) -> frozenset[str]:
        """The numbers of inactive accounts."""
        return frozenset(str(account.number) for account in self.inactive)

    @classmethod
    def build(
        cls,
        accounts: Iterable[Account],
        settings: PbxSettings,
        trunks: Iterable[Trunk] = (),
        routes: Iterable[Route] = (),
        inactive: Iterable[InactiveAccount] = (),
    ) -> Self:
        """Build a snapshot from records in any order."""
        return cls(
            tuple(sorted(accounts, key=attrgetter("number"))), settings, RENDERER_VERSION,
            tuple(sorted(trunks, key=attrgetter("id"))), tuple(sorted(routes, key=attrgetter("position", "id"))),
            tuple(sorted(inactive, key=attrgetter("number"))),
        )  # fmt: skip

    def to_json(self) -> str:
        """Return canonical text: the same snapshot gives the same bytes."""
        return json.dumps(self._as_dict(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a snapshot of any version: a later one may have made it on another host.

        Renamed fields are read by both names. Missing fields get defaults, unknown ones are dropped.
        """
        data = _known_fields(cls, json.loads(text))
        settings = _known_fields(PbxSettings, data.get("settings", {}))
        for name in {"emergency_numbers", "codecs", "phone_networks"} & settings.keys():
            settings[name] = tuple(settings[name])
        settings["hosts"] = tuple(HostAddress(**_known_fields(HostAddress, host)) for host in settings.get("hosts", ()))
        return cls(
            tuple(Account(**_known_fields(Account, account)) for account in data.get("accounts", ())),
            PbxSettings(**settings),
            data.get("renderer_version", 0),
            tuple(Trunk(**_known_fields(Trunk, trunk)) for trunk in data.get("trunks", ())),
            tuple(Route(**_known_fields(Route, route)) for route in data.get("routes", ())),
            tuple(InactiveAccount(**_known_fields(InactiveAccount, account)) for account in data.get("inactive", ())),
        )

    def _as_dict(self) -> dict[str, Any]:
        """Return what dataclasses.asdict returns; that copies each value and takes 30 ms for 900 accounts."""
        settings = _values(self.settings)
        if hosts := settings.pop("hosts"):  # a single host has the digests that it always had
            settings["hosts"] = [_values(host) for host in hosts]
        return {
            "accounts": [_values(account) for account in self.accounts],
            "settings": settings,
            "renderer_version": self.renderer_version,
            "trunks": [_values(trunk) for trunk in self.trunks],
            "routes": [_values(route) for route in self.routes],
            "inactive": [_values(account) for account in self.inactive],
        }

    @cached_property
    def digest(self) -> str:
        """16 hex digits that identify the configuration.

        Encrypting the same secret again does not change them.
        """
        data = self._as_dict()
        for item in (*data["accounts"], *data["trunks"]):
            del item["secret"]
        text = json.dumps(data, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


# names of fields in the snapshots of renderer versions up to 7
_OLD_NAMES: dict[type, dict[str, str]] = {
    Snapshot: {"rules": "routes", "renderer": "renderer_version"},
    PbxSettings: {"emergency": "emergency_numbers"},
    Trunk: {"user": "username", "caller": "caller_id"},
    Route: {"strip": "strip_digits", "prepend": "prepend_digits"},
}


_RECORDS = (Account, InactiveAccount, Trunk, Route, PbxSettings, HostAddress)
_NAMES = {record: tuple(field.name for field in fields(record)) for record in _RECORDS}


def _values(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in _NAMES[type(record)]}


def _known_fields(record: type, data: dict[str, Any]) -> dict[str, Any]:
    names, old_names = {field.name for field in fields(record)}, _OLD_NAMES.get(record, {})
    current = {old_names.get(key, key): value for key, value in data.items()}
    return {key: value for key, value in current.items() if key in names}
