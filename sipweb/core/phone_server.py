"""The server that phones connect to: whether the settings about it fit each other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address

from .errors import N_


@dataclass(frozen=True, slots=True)
class ServerProblem:
    """What prevents phones from connecting: a message id and its values."""

    message: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message % self.values if self.values else self.message


@dataclass(frozen=True, slots=True)
class PhoneServer:
    """The address that phones get, and what the local Asterisk listens on.

    `bind` is "" where another program starts Asterisk. `ports` has the port of each transport, `other_ports` what else
    Asterisk listens on over TCP, by setting. The TLS files are "" if they are unknown.
    """

    host: str = "127.0.0.1"
    bind: str = ""
    external_address: str = ""
    ports: Mapping[str, int] = field(default_factory=dict)
    other_ports: Mapping[str, int] = field(default_factory=dict)
    rtp_ports: tuple[int, int] = (0, 0)
    tls_cert: str = ""
    tls_key: str = ""

    @property
    def is_for_this_machine_only(self) -> bool:
        """Whether phones get an address that only this machine can reach."""
        return is_loopback(self.host)

    @property
    def is_bound_to_this_machine_only(self) -> bool:
        """Whether the local Asterisk listens to this machine only."""
        return is_loopback(self.bind)


def settings_problems(server: PhoneServer) -> tuple[ServerProblem, ...]:
    """Return which settings do not fit each other. The messages name settings, never their values."""
    return tuple(_settings_problems(server))


def _settings_problems(server: PhoneServer) -> Iterator[ServerProblem]:
    if _is_any(server.host):
        yield ServerProblem(N_("Phones can't connect to the address in SIPWEB_SIP_HOST: it stands for all addresses."))
    elif server.bind and not _listens_on(server.bind, server.host, server.external_address):
        yield ServerProblem(
            N_("Asterisk doesn't listen on the address that phones get: SIPWEB_SIP_BIND must fit SIPWEB_SIP_HOST.")
        )
    if not server.bind:
        return
    sip_ports = {port for transport, port in server.ports.items() if transport != "udp"}
    for name, port in server.other_ports.items():
        if port in sip_ports:
            yield ServerProblem(
                N_("%(name)s and a transport of SIPWEB_SIP_TRANSPORTS use the same port."), {"name": name}
            )
    first, last = server.rtp_ports
    if first <= server.ports.get("udp", -1) <= last:
        yield ServerProblem(N_("SIPWEB_SIP_PORT must not be one of SIPWEB_RTP_PORTS."))


def _listens_on(bind: str, host: str, external_address: str) -> bool:
    """Return whether something bound to `bind` can be reached as `host`; True for what a name cannot tell."""
    if _is_any(bind):
        return True
    if is_loopback(bind):
        return is_loopback(host)
    if is_loopback(host):
        return False
    addresses = _address(bind), _address(host)
    return None in addresses or addresses[0] == addresses[1] or host == external_address


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_any(host: str) -> bool:
    address = _address(host)
    return address is not None and address.is_unspecified


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach an address."""
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)
