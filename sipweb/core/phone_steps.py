"""What to enter on phones and softphones by hand: the page of their menu, and its fields with the account's values.

The names are those of the vendors' English menus. Sources, as far as they could be found: Linphone, issues 189 of
linphone-iphone and 759 of linphone-desktop (github.com/BelledonneCommunications). Yealink, "SIP-T40P User Guide",
Account Registration. Grandstream, "GRP26XX Administration Guide" (Account General Settings) and "GRP26XX Security
Manual" (SIP Settings). Snom, wiki.snom.com/Web_Interface/Identities/Login. Gigaset, N670 and N870
(teamwork.gigaset.com/gigawiki, Mobile devices), and the guide of the same device by Unify, "OpenScape Cordless IP V2".
Cisco, "IP Phone 7800 Series Multiplatform Phones Administration Guide" (Subscriber Information). docs/decisions says
what could not be checked.
"""

from dataclasses import dataclass

OPTIONS = frozenset({"Enabled", "Yes", "on", "Skip"})  # values that the menus offer, in English
Fields = tuple[tuple[str, str], ...]  # label and value


@dataclass(frozen=True, slots=True)
class SipAccess:
    """What a phone needs to register."""

    username: str
    password: str
    host: str
    port: int
    transport: str

    @property
    def host_part(self) -> str:
        """The host as it is written before a port."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def server(self) -> str:
        """Host and port."""
        return f"{self.host_part}:{self.port}"


@dataclass(frozen=True, slots=True)
class PhoneSteps:
    """One kind of phones: the places of its menu in their order, each with its fields."""

    phone: str
    places: tuple[tuple[str, Fields], ...]

    def is_option(self, value: str) -> bool:
        """Return whether a value is a word of the menu."""
        return value in OPTIONS


def phone_steps(access: SipAccess) -> tuple[PhoneSteps, ...]:
    """Return what to enter on each kind of phones."""
    return _softphones(access) + _hardware_phones(access)


def _softphones(access: SipAccess) -> tuple[PhoneSteps, ...]:
    username, password, transport = access.username, access.password, access.transport.upper()
    return (
        PhoneSteps("Linphone", (
            ("Assistant → Use a SIP account", (
                ("Username", username), ("Domain", access.server), ("Password", password), ("Transport", transport),
            )),
        )),
        PhoneSteps("Zoiper", (
            ("Settings → Accounts → Add", (
                ("Username", username), ("Password", password), ("Hostname or provider", access.server),
                ("Authentication and outbound proxy", "Skip"), ("Configuration", f"SIP {transport}"),
            )),
        )),
        PhoneSteps("MicroSIP", (
            ("Menu → Add Account", (
                ("SIP Server", access.server), ("Username", username), ("Domain", access.server), ("Login", username),
                ("Password", password), ("Transport", transport),
            )),
        )),
    )  # fmt: skip


def _hardware_phones(access: SipAccess) -> tuple[PhoneSteps, ...]:
    username, password, transport = access.username, access.password, access.transport.upper()
    host, port = access.host, str(access.port)
    return (
        PhoneSteps("Yealink", (
            ("Account → Register", (
                ("Line Active", "Enabled"), ("Register Name", username), ("User Name", username),
                ("Password", password), ("SIP Server 1: Server Host", host), ("Port", port), ("Transport", transport),
            )),
        )),
        PhoneSteps("Grandstream", (
            ("Accounts → Account 1 → General Settings", (
                ("Account Active", "Yes"), ("SIP Server", access.server), ("SIP User ID", username),
                ("Authenticate ID", username), ("Authenticate Password", password),
            )),
            ("Accounts → Account 1 → SIP Settings → Basic Settings", (("SIP Transport", transport),)),
        )),
        PhoneSteps("Snom", (
            ("Setup → Identity 1 → Login", (
                ("Identity active", "on"), ("Account", username), ("Password", password),
                ("Registrar", access.host_part), ("Outbound Proxy", f"{access.server};transport={access.transport}"),
                ("Authentication Username", username),
            )),
        )),
        PhoneSteps("Fanvil", (
            ("Line → SIP", (
                ("Username", username), ("Authentication User", username), ("Authentication Password", password),
                ("Activate", "✓"), ("Server Address", host), ("Server Port", port), ("Transport Protocol", transport),
            )),
        )),
        PhoneSteps("Gigaset", (
            ("Settings → Provider or PBX profiles", (
                ("Domain", host), ("Proxy server address", host), ("Proxy server port", port),
                ("Registration server", host), ("Registration server port", port), ("Transport protocol", transport),
            )),
            ("Settings → Mobile devices → Administration", (
                ("Authentication name", username), ("Authentication password", password), ("Username", username),
            )),
        )),
        PhoneSteps("Cisco", (
            ("Admin Login → advanced → Voice → Ext 1", (
                ("Line Enable", "Yes"), ("SIP Transport", transport), ("Proxy", access.server), ("User ID", username),
                ("Password", password), ("Auth ID", username),
            )),
        )),
    )  # fmt: skip
