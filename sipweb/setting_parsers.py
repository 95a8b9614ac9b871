"""Parsers of the settings' values; each raises ValueError with what it expects."""

import ipaddress
import re
import zoneinfo
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

TRANSPORTS = ("udp", "tcp", "tls")
CODECS = ("alaw", "ulaw", "g722", "opus", "g729", "gsm")


def integer(low: int, high: int) -> Callable[[str], int]:
    """Return a parser of whole numbers from `low` to `high`."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
            raise ValueError(f"expected a whole number from {low} to {high}")
        return int(text)

    return parse


def one_of(*choices: str) -> Callable[[str], str]:
    """Return a parser that accepts these words."""

    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(f"expected {', '.join(choices[:-1])} or {choices[-1]}")
        return text

    return parse


def at_least(length: int) -> Callable[[str], str]:
    """Return a parser of texts with at least so many characters."""

    def parse(text: str) -> str:
        if len(text) < length:
            raise ValueError(f"expected at least {length} characters")
        return text

    return parse


port = integer(1, 65535)


def yes_or_no(text: str) -> bool:
    """Parse yes or no."""
    return one_of("yes", "no")(text) == "yes"


def port_range(text: str) -> tuple[int, int]:
    """Parse FIRST-LAST."""
    first, _, last = text.partition("-")
    low, high = port(first), port(last)
    if high - low < 3:
        raise ValueError("expected FIRST-LAST with room for at least four ports")
    return low, high


def split_list(text: str) -> tuple[str, ...]:
    """Split at commas and spaces."""
    return tuple(word for word in re.split(r"[,\s]+", text) if word)


def transports(text: str) -> tuple[str, ...]:
    """Parse a list of SIP transports, the preferred one first."""
    return tuple(dict.fromkeys(one_of(*TRANSPORTS)(word) for word in split_list(text)))


def codecs(text: str) -> tuple[str, ...]:
    """Parse a list of codecs; alaw must be one of them, because trunks and the built-in phone use it."""
    words = tuple(dict.fromkeys(one_of(*CODECS)(word) for word in split_list(text)))
    if "alaw" not in words:
        raise ValueError("expected a list that contains alaw")
    return words


def emergency_numbers(text: str) -> tuple[str, ...]:
    """Parse a list of numbers; return it sorted and without duplicates."""
    for word in split_list(text):
        if not re.fullmatch(r"[0-9]{2,15}", word):
            raise ValueError(f"{word} is not a number of 2 to 15 digits")
    return tuple(sorted(set(split_list(text))))


def feature_code(text: str) -> str:
    """Parse a feature code; an empty text turns the feature off."""
    if text and not re.fullmatch(r"[*#][0-9*#]{1,7}", text):
        raise ValueError("expected * or # with one to seven more digits, * or #")
    return text


def caller_id(text: str) -> str:
    """Parse a number that a provider is shown."""
    if not re.fullmatch(r"\+?[0-9*#]{1,31}", text):
        raise ValueError("expected digits, * and #, with an optional leading +")
    return text


def networks(text: str) -> tuple[str, ...]:
    """Parse a list of networks (CIDR) and addresses; return networks without duplicates."""
    found: dict[str, None] = {}
    for word in split_list(text):
        try:
            found[str(ipaddress.ip_network(word))] = None
        except ValueError:
            raise ValueError(f"{word} is not a network, for example 192.168.1.0/24, or an address") from None
    return tuple(found)


def host_name(text: str) -> str:
    """Return the name of a PBX host."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,19}", text):
        raise ValueError("expected up to 20 lower-case letters, digits and hyphens, a letter first")
    return text


def realm(text: str) -> str:
    """Parse a SIP realm."""
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", text):
        raise ValueError("expected letters, digits, dots, dashes and underscores")
    return text


def host(text: str) -> str:
    """Parse a host name or an address."""
    if not re.fullmatch(r"[A-Za-z0-9.:_-]{1,255}", text):
        raise ValueError("expected a host name or an address")
    return text


def bind_host(text: str) -> str:
    """Parse where the web server listens: a host name, an address, or unix:PATH."""
    return text if re.fullmatch(r"unix:/.{1,100}", text) else host(text)


def database_url(text: str) -> str:
    """Parse the URL of an SQLite or PostgreSQL database."""
    if not re.match(r"(sqlite:///|postgresql(\+psycopg)?://)[^/]*/?.", text):
        raise ValueError("expected sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME")
    try:
        host_name = make_url(text).host or ""
    except (ValueError, ArgumentError):  # whose message may contain a part of the password
        host_name = "@"
    if "@" in host_name:
        raise ValueError("the host or the port is wrong; write @ in a password as %40 and % as %25")
    return text


def keys(text: str) -> tuple[str, ...]:
    """Parse a list of Fernet keys."""
    for word in split_list(text):
        if not re.fullmatch(r"[A-Za-z0-9_-]{43}=", word):
            raise ValueError("expected keys as Fernet makes them: 32 bytes, URL-safe base64")
    return split_list(text)


def websocket_url(text: str) -> str:
    """Parse the address of a WebSocket."""
    if not re.fullmatch(r"wss?://[A-Za-z0-9.:\[\]_-]+(/[A-Za-z0-9._~/-]*)?", text):
        raise ValueError("expected ws://HOST/PATH or wss://HOST/PATH")
    return text


def absolute_path(text: str) -> Path:
    """Parse a path."""
    return Path(text).absolute()


def existing_file(text: str) -> str:
    """Parse the name of a file that exists."""
    if not Path(text).is_file():
        raise ValueError("there is no such file")
    return text


def token(text: str) -> str:
    """Parse a secret that a program sends in a header."""
    if not re.fullmatch(r"[A-Za-z0-9._~+/=-]{16,200}", text):
        raise ValueError("expected 16 to 200 letters, digits and . _ ~ + / = -")
    return text


def sound_folder(text: str) -> str:
    """Parse the name of a folder with sound files that Asterisk can play."""
    folder = Path(text).absolute()
    if not any(path.suffix in (".wav", ".alaw", ".ulaw", ".gsm", ".g722") for path in folder.glob("*")):
        raise ValueError("expected a folder with .wav, .alaw, .ulaw, .gsm or .g722 files")
    return str(folder)


def timezone(text: str) -> str:
    """Parse the name of a time zone."""
    zoneinfo.ZoneInfo(text)
    return text
