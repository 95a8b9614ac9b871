"""What to enter on phones and softphones by hand: the page of their menu, and its fields with the account's values.

The names are those of the vendors' English menus. Sources, as far as they could be found: Linphone, issues 189 of
linphone-iphone and 759 of linphone-desktop (github.com/BelledonneCommunications). Yealink, "SIP-T40P User Guide",
Account Registration. Grandstream, "GRP26XX Administration Guide" (Account General Settings) and "GRP26XX Security
Manual" (SIP Settings). Snom, wiki.snom.com/Web_Interface/Identities/Login. Gigaset, N670 and N870
(teamwork.gigaset.com/gigawiki, Mobile devices), and the guide of the same device by Unify, "OpenScape Cordless IP V2".
Cisco, "IP Phone 7800 Series Multiplatform Phones Administration Guide" (Subscriber Information, Dual Registration). The
second server: Yealink, the same guide (SIP Server 2); Grandstream, "GRP26xx - Server Redundancy Guide" (Secondary SIP
Server); Snom, service.snom.com/display/wiki/SIP+Failover (Failover Identity). docs/decisions says what could not be
checked.
"""

from dataclasses import dataclass

from .sip_transports import SipAddress

OPTIONS = frozenset({"Enabled", "Yes", "on", "Skip"})  # values that the menus offer, in English
Fields = tuple[tuple[str, str], ...]  # label and value
_SECOND_SERVER = {  # fields of the phones that have a place for it
    "Yealink": (("SIP Server 2: Server Host", "{host}"), ("Port", "{port}"), ("Transport", "{transport}")),
    "Grandstream": (("Secondary SIP Server", "{server}"),),
    "Fanvil": (
        ("SIP Server 2: Server Address", "{host}"), ("Server Port", "{port}"), ("Transport Protocol", "{transport}"),
    ),
    "Cisco": (("Dual Registration", "Yes"), ("Alternate Proxy", "{server}")),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SipAccess:
    """What a phone needs to register, at the second address if the first does not answer."""

    username: str
    password: str
    first: SipAddress
    second: SipAddress | None = None


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
    username, password, server = access.username, access.password, access.first.host_and_port
    transport = access.first.transport.upper()
    return (
        PhoneSteps("Linphone", (
            ("Assistant → Use a SIP account", (
                ("Username", username), ("Domain", server), ("Password", password), ("Transport", transport),
            )),
        )),
        PhoneSteps("Zoiper", (
            ("Settings → Accounts → Add", (
                ("Username", username), ("Password", password), ("Hostname or provider", server),
                ("Authentication and outbound proxy", "Skip"), ("Configuration", f"SIP {transport}"),
            )),
        )),
        PhoneSteps("MicroSIP", (
            ("Menu → Add Account", (
                ("SIP Server", server), ("Username", username), ("Domain", server), ("Login", username),
                ("Password", password), ("Transport", transport),
            )),
        )),
    )  # fmt: skip


def _hardware_phones(access: SipAccess) -> tuple[PhoneSteps, ...]:
    username, password, transport = access.username, access.password, access.first.transport.upper()
    host, port, server = access.first.host, str(access.first.port), access.first.host_and_port
    return (
        PhoneSteps("Yealink", (
            ("Account → Register", (
                ("Line Active", "Enabled"), ("Register Name", username), ("User Name", username),
                ("Password", password), ("SIP Server 1: Server Host", host), ("Port", port), ("Transport", transport),
                *_second_server("Yealink", access),
            )),
        )),
        PhoneSteps("Grandstream", (
            ("Accounts → Account 1 → General Settings", (
                ("Account Active", "Yes"), ("SIP Server", server), *_second_server("Grandstream", access),
                ("SIP User ID", username), ("Authenticate ID", username), ("Authenticate Password", password),
            )),
            ("Accounts → Account 1 → SIP Settings → Basic Settings", (("SIP Transport", transport),)),
        )),
        PhoneSteps("Snom", _snom_identities(access)),
        PhoneSteps("Fanvil", (
            ("Line → SIP", (
                ("Username", username), ("Authentication User", username), ("Authentication Password", password),
                ("Activate", "✓"), ("Server Address", host), ("Server Port", port), ("Transport Protocol", transport),
                *_second_server("Fanvil", access),
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
                ("Line Enable", "Yes"), ("SIP Transport", transport), ("Proxy", server),
                *_second_server("Cisco", access), ("User ID", username), ("Password", password), ("Auth ID", username),
            )),
        )),
    )  # fmt: skip


def _second_server(phone: str, access: SipAccess) -> Fields:
    if not (second := access.second):
        return ()
    values = {
        "host": second.host, "port": second.port, "transport": second.transport.upper(), "server": second.host_and_port,
    }  # fmt: skip
    return tuple((label, value.format(**values)) for label, value in _SECOND_SERVER[phone])


def _snom_identities(access: SipAccess) -> tuple[tuple[str, Fields], ...]:
    """Return the fields of an identity for each server: these phones have one server an identity."""
    return tuple(
        (f"Setup → Identity {place} → Login", (
            ("Identity active", "on"), ("Account", access.username), ("Password", access.password),
            ("Registrar", server.host_part), ("Outbound Proxy", f"{server.host_and_port};transport={server.transport}"),
            *((("Failover Identity", "2"),) if access.second and server is access.first else ()),
            ("Authentication Username", access.username),
        ))
        for place, server in enumerate(filter(None, (access.first, access.second)), 1)
    )  # fmt: skip
