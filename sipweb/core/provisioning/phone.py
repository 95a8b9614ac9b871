"""What a phone is set up with, and what the formats of all vendors have in common."""

from dataclasses import dataclass
from xml.etree import ElementTree

from ..sip_transports import SipAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneSettings:
    """One account as it is live, and the server; the second one is used while the first does not answer.

    `codecs` and `srtp` are those of core.snapshot.PbxSettings. `language` is pl, en, or "" to leave the phone's.
    `generation` is the number of the live configuration: files of a higher one are newer.
    """

    number: int
    name: str
    secret: str
    realm: str
    server: SipAddress
    second: SipAddress | None = None
    codecs: tuple[str, ...] = ()
    srtp: str = "no"
    language: str = ""
    generation: int = 0

    @property
    def register_seconds(self) -> int:
        """How long a registration is valid, as on the card: only then many phones notice that a server is gone."""
        return 60 if self.second else 300

    @property
    def encryption(self) -> str:
        """Whether the phone encrypts the sound: no, optional or required.

        Without TLS the keys of an optional encryption can be read by whom it is meant to keep out; then it is left out,
        because it makes the offers of phones longer and is more often a cause of calls without sound.
        """
        return "no" if self.srtp == "optional" and self.server.transport != "tls" else self.srtp


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
