"""What a phone's card shows: the settings that work now, and beside them what is pending."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext

from ...core.accounts import OTHER
from ...core.phone_server import is_loopback, settings_problems
from ...core.phone_steps import PhoneSteps, SipAccess, phone_steps
from ...core.sip_transports import phone_uri
from ...core.snapshot import Account, PbxSettings
from ...services.account_secrets import RevealedSecret
from ...services.sip_servers import SipServer
from ...services.state_records import AccountView, State
from ..access import current_context
from ..labels import label, phone_name
from ..locale import translate_message
from ..qr_code import qr_code

CODEC_NAMES = {"alaw": "G.711 A-law", "ulaw": "G.711 µ-law", "g722": "G.722", "opus": "Opus", "g729": "G.729"}


@dataclass(frozen=True, slots=True)
class CardLine:
    """One setting to enter on a phone; `pending` is what it will be, "" if it stays."""

    name: str
    value: str
    pending: str = ""


@dataclass(frozen=True, slots=True)
class PhoneCard:
    """One account's card. `live` is what the PBX has; None if it does not know the account.

    Of the `servers` a phone registers at the first, and at the second if there is one.
    """

    account: AccountView
    live: Account | None
    settings: PbxSettings
    pending_settings: PbxSettings
    servers: tuple[SipServer, ...]

    @classmethod
    def of(cls, account: AccountView, state: State, servers: tuple[SipServer, ...]) -> "PhoneCard":
        """Return the card of an account."""
        live = state.live.by_id.get(account.id)
        settings = state.live.settings if live else state.saved.settings
        return cls(account, live, settings, state.saved.settings, servers)

    @property
    def number(self) -> int:
        """The user name to enter now."""
        return self.live.number if self.live else self.account.number

    @property
    def is_available(self) -> bool:
        """Whether a phone other than the built-in one can use the account, now or after the next generation."""
        return OTHER in (self.account.phone, self.live.phone if self.live else "")

    def connection_lines(self) -> Iterator[CardLine]:
        """Yield the lines before the password."""
        server, ports = self.servers[0], self.servers[0].ports
        yield CardLine(gettext("Server"), server.host)
        if len(ports) == 1:
            [(transport, port)] = ports.items()
            yield CardLine(gettext("Port"), str(port))
            yield CardLine(gettext("Transport"), transport.upper())
        else:
            yield from (
                CardLine(gettext("Port for %(transport)s", transport=transport.upper()), str(port))
                for transport, port in ports.items()
            )
        for second in self.servers[1:2]:
            has_same_ports = second.ports == ports
            yield CardLine(gettext("Second server"), second.host if has_same_ports else second.address.host_and_port)
        pending = self.account.number if self.live and self.account.number != self.live.number else ""
        yield CardLine(gettext("Username"), str(self.number), str(pending))

    def sound_lines(self) -> Iterator[CardLine]:
        """Yield the lines after the password."""
        now, later = (
            (
                (label("codecs"), ", ".join(CODEC_NAMES.get(codec, codec.upper()) for codec in of.codecs)),
                (label("srtp"), _srtp(of.srtp)),
            )
            for of in (self.settings, self.pending_settings)
        )
        for (name, value), (_, pending) in zip(now, later, strict=True):
            yield CardLine(name, value, pending if pending != value else "")

    def warnings(self) -> Iterator[str]:
        """Yield why a phone with these settings can't work, or will stop working."""
        builtin = phone_name("builtin")
        yield from server_warnings(self.servers)
        if self.live is None:
            yield (
                gettext("This account isn't live yet. Generate the configuration first.")
                if self.account.active
                else gettext("This account is inactive: the PBX doesn't have it.")
            )
        elif self.account.pending == "removed":
            yield gettext("Pending: the phone stops working when the configuration is generated.")
        elif self.live.phone != OTHER:
            yield gettext("Until the configuration is generated, only %(phone)s can use this account.", phone=builtin)
        elif self.account.phone != OTHER:
            yield gettext(
                "Pending: only %(phone)s can use this account after the configuration is generated.", phone=builtin
            )

    def qr(self, secret: RevealedSecret, *, fast: bool = False) -> str:
        """Return the SVG of a QR code with the settings that work now; `fast` is for many at once."""
        return qr_code(phone_uri(self.number, secret.usable, self.servers[0].address), fast=fast)

    def steps(self, secret: RevealedSecret | None) -> tuple[PhoneSteps, ...]:
        """Return what to enter on each kind of phones, with the password if it is shown."""
        password = secret.usable if secret else gettext("the account's password")
        return steps_for(str(self.number), password, self.servers)


def server_warnings(servers: tuple[SipServer, ...]) -> Iterator[str]:
    """Yield why no phone can reach the servers."""
    if len(servers) > 1 or not current_context().pbx.writes_files:
        for host in dict.fromkeys(server.host for server in servers if is_loopback(server.host)):
            yield gettext("Phones on other machines can't reach %(host)s.", host=host)
        return
    server = current_context().phone_server
    problems = settings_problems(server)
    yield from (translate_message(problem.message, problem.values) for problem in problems)
    if server.is_for_this_machine_only and not problems:
        yield " ".join([
            gettext("Phones on other machines can't reach %(host)s.", host=server.host),
            gettext("Set SIPWEB_SIP_HOST and SIPWEB_SIP_BIND to this server's address.")
            if server.is_bound_to_this_machine_only
            else gettext("Set SIPWEB_SIP_HOST to this server's address."),
        ])  # fmt: skip


def steps_for(username: str, password: str, servers: tuple[SipServer, ...]) -> tuple[PhoneSteps, ...]:
    """Return what to enter on each kind of phones, with the servers' first transport."""
    return phone_steps(SipAccess(username, password, *(server.address for server in servers[:2])))


def _srtp(srtp: str) -> str:
    return {"no": gettext("no"), "optional": gettext("optional"), "required": gettext("required")}[srtp]
