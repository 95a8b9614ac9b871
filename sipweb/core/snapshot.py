"""A snapshot: everything the PBX's configuration is made from, frozen, sorted, and readable for years.

Live and saved state are both snapshots; the plan is their difference, a generation's files are its rendering.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from operator import attrgetter
from typing import Any, Self

AUTOMAT = "Automat Automat"  # the pool's owner: a person-name, never translated
BUILTIN, OTHER = "builtin", "other"
PHONES = (BUILTIN, OTHER)
RENDERER = 7  # raised whenever the same snapshot would render to other bytes


@dataclass(frozen=True, slots=True)
class Account:
    """One active account. `user_id` None is the automatic pool; `user` is the caller's name.

    `secret` is encrypted; `fingerprint` is its keyed digest and the only part that is ever compared.
    """

    id: int
    number: int
    user_id: int | None
    user: str
    phone: str
    recording: bool
    level: int
    secret: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Trunk:
    """One active way out, to a provider. `caller` is the number shown, "" for the account's own.

    `realm` is the provider's for digests, "" when unknown: then the secret must stand in the file in clear.
    `secret` and `fingerprint` as an account's; without `user` nothing is asked of us.
    """

    id: int
    name: str
    host: str
    port: int
    transport: str
    user: str
    caller: str
    realm: str
    register: bool
    secret: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One active routing rule. `position` orders them; `pattern` is core.patterns' text, on the whole dialled number.

    From the number `strip` digits are taken, then `prepend` is put before it. `emergency` marks the way of emergency calls.
    """

    id: int
    position: int
    name: str
    pattern: str
    level: int
    trunk_id: int
    strip: int = 0
    prepend: str = ""
    emergency: bool = False


@dataclass(frozen=True, slots=True)
class PbxSettings:
    """Settings that reach a file. `emergency` are the numbers that always go out."""

    realm: str = "sipweb"
    emergency: tuple[str, ...] = ("112", "997", "998", "999")


@dataclass(frozen=True)
class Snapshot:
    """All active accounts by number, trunks by id, rules in order, the settings, and the renderer that will read them."""

    accounts: tuple[Account, ...] = ()
    settings: PbxSettings = PbxSettings()
    renderer: int = RENDERER
    trunks: tuple[Trunk, ...] = ()
    rules: tuple[Rule, ...] = ()

    @cached_property
    def by_id(self) -> dict[int, Account]:
        """The accounts by their ids."""
        return {account.id: account for account in self.accounts}

    @classmethod
    def of(
        cls,
        accounts: Iterable[Account],
        settings: PbxSettings,
        trunks: Iterable[Trunk] = (),
        rules: Iterable[Rule] = (),
    ) -> Self:
        """A snapshot of these, in whatever order they come."""
        return cls(
            tuple(sorted(accounts, key=attrgetter("number"))), settings, RENDERER,
            tuple(sorted(trunks, key=attrgetter("id"))), tuple(sorted(rules, key=attrgetter("position", "id"))),
        )  # fmt: skip

    def to_json(self) -> str:
        """Canonical text: the same snapshot gives the same bytes."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what any earlier version wrote: missing fields get defaults, unknown ones are dropped."""
        data = json.loads(text)
        settings = _known(PbxSettings, data.get("settings", {}))
        if "emergency" in settings:
            settings["emergency"] = tuple(settings["emergency"])
        return cls(
            tuple(Account(**_known(Account, account)) for account in data.get("accounts", ())),
            PbxSettings(**settings),
            data.get("renderer", 0),
            tuple(Trunk(**_known(Trunk, trunk)) for trunk in data.get("trunks", ())),
            tuple(Rule(**_known(Rule, rule)) for rule in data.get("rules", ())),
        )

    @property
    def digest(self) -> str:
        """16 hex digits that name this configuration. Re-encryption of the same secret does not change it."""
        data = asdict(self)
        for item in (*data["accounts"], *data["trunks"]):
            del item["secret"]
        text = json.dumps(data, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def _known(record: type, data: dict[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(record)}
    return {key: value for key, value in data.items() if key in names}
