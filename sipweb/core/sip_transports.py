"""Where SIP phones connect to: the port of each transport, and the address in a QR code."""

from urllib.parse import quote


def transport_port(transport: str, sip_port: int) -> int:
    """Return the port of a transport; TLS has the next one."""
    return sip_port + 1 if transport == "tls" else sip_port


def sip_address(host: str, port: int, transport: str) -> str:
    """Return where somebody is reached over SIP, as 192.0.2.1:5060/udp."""
    return f"{_in_brackets(host)}:{port}/{transport}"


def phone_uri(number: int, secret: str, host: str, transport: str, port: int) -> str:
    """Return what a phone needs to register, as one SIP address (RFC 3261, 19.1)."""
    return f"sip:{number}:{quote(secret, safe='')}@{_in_brackets(host)}:{port};transport={transport}"


def _in_brackets(host: str) -> str:
    return f"[{host}]" if ":" in host else host
