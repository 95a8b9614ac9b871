"""Where SIP phones connect to: the port of each transport, and the address in a QR code."""

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class SipAddress:
    """Where a phone reaches a server over one transport."""

    host: str
    port: int
    transport: str

    @property
    def host_part(self) -> str:
        """The host as it is written in a SIP address and before a port."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def host_and_port(self) -> str:
        """Host and port."""
        return f"{self.host_part}:{self.port}"

    def __str__(self) -> str:
        return f"{self.host_and_port}/{self.transport}"


def transport_port(transport: str, sip_port: int) -> int:
    """Return the port of a transport; TLS has the next one."""
    return sip_port + 1 if transport == "tls" else sip_port


def phone_uri(number: int, secret: str, address: SipAddress) -> str:
    """Return what a phone needs to register, as one SIP address (RFC 3261, 19.1)."""
    return f"sip:{number}:{quote(secret, safe='')}@{address.host_and_port};transport={address.transport}"
