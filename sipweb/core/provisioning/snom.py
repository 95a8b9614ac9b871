"""Snom: MAC.xml, or snomMODEL-MAC.htm.

Sources: Snom, "Desk Phone Configuration Files" (service.snom.com/display/wiki/Desk+Phone+Configuration+Files): the
elements, idx and perm, user_*, language. Snom, "Auto Provisioning" (service.snom.com/display/wiki/Auto+Provisioning):
the names of the files, {mac}. Snom, "TLS Support" (service.snom.com/display/wiki/TLS+Support): phones check the
server's certificate without a setting for it. Snom, "SIP Failover" (service.snom.com/display/wiki/SIP+Failover): a
second server is that of a second identity, which takes over; both are registered. The transport in user_outbound,
user_srtp, user_savp, user_failover_identity, hide_identity and codec_priority_list are written as Wazo's plug-in
wazo-snom writes them, which is in use with these phones.
"""

from xml.etree import ElementTree

from ..sip_transports import SipAddress
from .phone import PhoneSettings, add, to_xml

CODECS = {"alaw": "pcma", "ulaw": "pcmu", "g722": "g722", "opus": "opus", "g729": "g729"}
LANGUAGES = {"pl": "Polski", "en": "English"}


def render(phone: PhoneSettings) -> str:
    """Return the file of one phone."""
    root = ElementTree.Element("settings")
    settings = ElementTree.SubElement(root, "phone-settings")
    if phone.language:
        add(settings, "language", LANGUAGES[phone.language], perm="RW")
    identities = [_identity(phone, phone.server)]
    if phone.second:
        identities[0]["user_failover_identity"] = 2
        identities.append(_identity(phone, phone.second) | {"hide_identity": "true"})
    for place, values in enumerate(identities, 1):
        for name, value in values.items():
            add(settings, name, value, idx=str(place), perm="R")
    return to_xml(root)


def _identity(phone: PhoneSettings, server: SipAddress) -> dict[str, object]:
    return {
        "user_active": "on",
        "user_realname": phone.name,
        "user_idle_text": f"{phone.number} {phone.name}",
        "user_name": phone.number,
        "user_pname": phone.number,
        "user_pass": phone.secret,
        "user_host": server.host_part,
        "user_outbound": f"{server.host_and_port};transport={server.transport}",
        "user_expiry": phone.register_seconds,
        "user_srtp": "off" if phone.encryption == "no" else "on",
        "user_savp": "mandatory" if phone.encryption == "required" else "optional",
        "codec_priority_list": ",".join([CODECS[codec] for codec in phone.codecs] + ["telephone-event"]),
    }
