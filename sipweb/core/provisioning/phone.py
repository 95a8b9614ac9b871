"""What a phone is set up with, and what the formats of all vendors have in common."""

from dataclasses import dataclass
from xml.etree import ElementTree

REGISTER_SECONDS = 300  # how long a registration is valid, as on the phone card


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneSettings:
    """One account as it is live, and the server.

    `codecs` and `srtp` are those of core.snapshot.PbxSettings. `language` is pl, en, or "" to leave the phone's.
    `generation` is the number of the live configuration: files of a higher one are newer.
    """

    number: int
    name: str
    secret: str
    realm: str
    host: str
    port: int
    transport: str
    codecs: tuple[str, ...] = ()
    srtp: str = "no"
    language: str = ""
    generation: int = 0

    @property
    def address(self) -> str:
        """Host and port of the server; an IPv6 address in brackets."""
        return f"{self.host_part}:{self.port}"

    @property
    def host_part(self) -> str:
        """The host as it is written in a SIP address."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def encryption(self) -> str:
        """Whether the phone encrypts the sound: no, optional or required.

        Without TLS the keys of an optional encryption can be read by whom it is meant to keep out; then it is left out,
        because it makes the offers of phones longer and is more often a cause of calls without sound.
        """
        return "no" if self.srtp == "optional" and self.transport != "tls" else self.srtp


def one_line(text: object) -> str:
    """Return text in which no character can begin a new line or is not allowed in XML."""
    return "".join(char if char.isprintable() else " " for char in str(text)).strip()


def add(parent: ElementTree.Element, tag: str, value: object, **attributes: str) -> ElementTree.Element:
    """Append an element with text."""
    element = ElementTree.SubElement(parent, tag, attributes)
    element.text = one_line(value)
    return element


def to_xml(root: ElementTree.Element) -> str:
    """Return the document with its XML declaration, an element a line."""
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'
