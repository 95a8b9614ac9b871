"""Checks, before anything is started, that the ports of the servers are free."""

import errno
import os
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .config import Settings
from .core.errors import OperationRefused


@dataclass(frozen=True, slots=True)
class Port:
    """A port that a server will listen on; `setting` is where it is set."""

    setting: str
    host: str
    number: int
    kind: socket.SocketKind = socket.SOCK_STREAM


def web_ports(settings: Settings) -> Iterator[Port]:
    """Return the port of the web server; none for a Unix socket."""
    if not settings.host.startswith("unix:"):
        yield Port("PORT", settings.host, settings.port)


def asterisk_ports(settings: Settings) -> Iterator[Port]:
    """Return the ports of the local Asterisk."""
    yield Port("AMI_PORT", "127.0.0.1", settings.ami_port)
    yield Port("WS_PORT", settings.sip_bind, settings.ws_port)
    for transport, number in settings.transport_ports.items():
        kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
        yield Port("SIP_PORT", settings.sip_bind, number, kind)


def check_free(ports: Iterable[Port]) -> None:
    """Try to listen on each port.

    Raises:
        OperationRefused: names the first port that can't be used.
    """
    for port in ports:
        try:
            _listen(port)
        except OSError as error:
            why = "is already in use" if error.errno == errno.EADDRINUSE else f"can't be used: {_reason(error)}"
            raise OperationRefused(
                "Port %(port)s on %(host)s (SIPWEB_%(setting)s) %(why)s.",
                port=port.number, host=port.host, setting=port.setting, why=why,
            ) from None  # fmt: skip


def _listen(port: Port) -> None:
    family, kind, protocol, _name, address = socket.getaddrinfo(port.host, port.number, type=port.kind)[0]
    with socket.socket(family, kind, protocol) as probe:
        if kind == socket.SOCK_STREAM:  # connections of a server that has just ended do not matter
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)


def _reason(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror or str(error)
