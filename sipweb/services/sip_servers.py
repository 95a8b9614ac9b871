"""The servers that phones register at. Each PBX host is one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..core.sip_transports import SipAddress, transport_port
from .context import ServiceContext
from .hosts import HostView, all_hosts


@dataclass(frozen=True, slots=True)
class SipServer:
    """Where phones reach a PBX host. `ports` has the port of each transport, the preferred transport first."""

    host: str
    ports: Mapping[str, int]
    websocket: str
    is_present: bool = True

    @property
    def address(self) -> SipAddress:
        """The address over the preferred transport."""
        transport, port = next(iter(self.ports.items()))
        return SipAddress(self.host, port, transport)


def sip_servers(ctx: ServiceContext) -> tuple[SipServer, ...]:
    """Return the servers in the order in which phones try them: by the names of the hosts.

    If there is no other host, it is this one's, as its settings say.
    """
    hosts = all_hosts()
    if not hosts or (ctx.pbx.writes_files and {host.name for host in hosts} == {ctx.host}):
        return (SipServer(ctx.phone_server.host, ctx.phone_server.ports, ctx.websocket),)
    return tuple(SipServer(host.sip_host, _ports(ctx, host), host.websocket, host.is_present) for host in hosts)


def present_first(servers: Iterable[SipServer]) -> tuple[SipServer, ...]:
    """Return the servers in the order in which the softphone tries them."""
    return tuple(sorted(servers, key=lambda server: not server.is_present))


def present(servers: Iterable[SipServer]) -> tuple[SipServer, ...]:
    """Return those whose host is present; none if it is known of no host."""
    return tuple(server for server in servers if server.is_present)


def websockets(servers: Iterable[SipServer]) -> list[str]:
    """Return the servers' WebSockets; hosts behind one proxy may share one."""
    return list(dict.fromkeys(server.websocket for server in servers))


def _ports(ctx: ServiceContext, host: HostView) -> dict[str, int]:
    """Return the port of each transport. A host stores one; it is taken to have the others of this one's settings."""
    preferred, own = host.sip_transport, ctx.phone_server.ports
    sip_port = host.sip_port - transport_port(preferred, 0)
    transports = (preferred, *own) if preferred in own else (preferred,)
    return {transport: transport_port(transport, sip_port) for transport in transports}
