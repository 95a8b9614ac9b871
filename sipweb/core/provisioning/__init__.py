"""Files from which phones set themselves up, in the formats of their vendors."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..errors import N_, Invalid
from . import fanvil, grandstream, linphone, snom, yealink
from .phone import PhoneSettings

MAC = "(?P<mac>[0-9a-f]{12})"
XML = "application/xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Vendor:
    """How the phones of a vendor fetch their file.

    `file_name` is the name that they ask for, in any case. `address_ending` is what follows the address of a phone's
    folder where an administrator enters it; the phone itself replaces a variable in it.
    """

    name: str
    file_name: re.Pattern[str]
    render: Callable[[PhoneSettings], str]
    content_type: str = XML
    address_ending: str = ""

    @property
    def has_mac(self) -> bool:
        """Whether the MAC address of the phone is in the name of its file."""
        return "mac" in self.file_name.groupindex

    def requested_mac(self, name: str) -> str | None:
        """Return the MAC address in the name of a file, "" if these phones have none; None for another file."""
        found = self.file_name.fullmatch(name.lower())
        return found and (found.groupdict().get("mac") or "")


def _vendor(name: str, file_name: str, render: Callable[[PhoneSettings], str], **values: str) -> Vendor:
    return Vendor(name, re.compile(file_name), render, **values)


VENDORS: Mapping[str, Vendor] = {
    "yealink": _vendor("Yealink", rf"{MAC}\.cfg", yealink.render, content_type="text/plain; charset=utf-8"),
    "grandstream": _vendor("Grandstream", rf"cfg{MAC}\.xml", grandstream.render),
    # without a file name in the address it is snomD785-000413A0B1C2.htm
    "snom": _vendor("Snom", rf"(snom[a-z0-9]+-)?{MAC}\.(xml|htm)", snom.render, address_ending="{mac}.xml"),
    "fanvil": _vendor("Fanvil", rf"{MAC}\.cfg", fanvil.render),
    "linphone": _vendor("Linphone", r"linphone\.xml", linphone.render, address_ending="linphone.xml"),
}


def clean_mac(text: str) -> str:
    """Return a MAC address as twelve lower-case hexadecimal digits. It may be typed with colons, dashes, dots, blanks.

    Raises:
        Invalid: it is not the address of one device.
    """
    mac = re.sub(r"[:.\s-]", "", text).lower()
    if not re.fullmatch("[0-9a-f]{12}", mac):
        raise Invalid(N_("Enter a MAC address: 12 digits from 0 to 9 and A to F."), "mac")
    if int(mac[:2], 16) & 1:  # a group of devices
        raise Invalid(N_("This MAC address can't belong to a phone."), "mac")
    return mac


def shown_mac(mac: str) -> str:
    """Return a MAC address as it is printed on phones: 00:15:65:AB:CD:EF."""
    return ":".join(mac[place : place + 2] for place in range(0, len(mac), 2)).upper()


__all__ = ["VENDORS", "PhoneSettings", "Vendor", "clean_mac", "shown_mac"]
