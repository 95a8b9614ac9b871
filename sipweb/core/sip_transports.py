"""Where SIP phones connect to: the port of each transport, and the address in a QR code."""

from urllib.parse import quote


def transport_port(transport: str, sip_port: int) -> int:
    """Return the port of a transport; TLS has the next one."""
    return sip_port + 1 if transport == "tls" else sip_port


def phone_uri(number: int, secret: str, host: str, transport: str, port: int) -> str:
    """Return what a phone needs to register, as one SIP address (RFC 3261, 19.1)."""
    address = f"[{host}]" if ":" in host else host
    return f"sip:{number}:{quote(secret, safe='')}@{address}:{port};transport={transport}"
