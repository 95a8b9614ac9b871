"""Snom: MAC.xml, or snomMODEL-MAC.htm.

Sources: Snom, "Desk Phone Configuration Files" (service.snom.com/display/wiki/Desk+Phone+Configuration+Files): the
elements, idx and perm, user_*, language. Snom, "Auto Provisioning" (service.snom.com/display/wiki/Auto+Provisioning):
the names of the files, {mac}. Snom, "TLS Support" (service.snom.com/display/wiki/TLS+Support): phones check the
server's certificate without a setting for it. The transport in user_outbound, user_srtp, user_savp and
codec_priority_list are written as Wazo's plug-in wazo-snom writes them, which is in use with these phones.
"""

from xml.etree import ElementTree

from .phone import REGISTER_SECONDS, PhoneSettings, add, to_xml

CODECS = {"alaw": "pcma", "ulaw": "pcmu", "g722": "g722", "opus": "opus", "g729": "g729"}
LANGUAGES = {"pl": "Polski", "en": "English"}


def render(phone: PhoneSettings) -> str:
    """Return the file of one phone."""
    values: dict[str, object] = {
        "user_active": "on",
        "user_realname": phone.name,
        "user_idle_text": f"{phone.number} {phone.name}",
        "user_name": phone.number,
        "user_pname": phone.number,
        "user_pass": phone.secret,
        "user_host": phone.host_part,
        "user_outbound": f"{phone.address};transport={phone.transport}",
        "user_expiry": REGISTER_SECONDS,
        "user_srtp": "off" if phone.encryption == "no" else "on",
        "user_savp": "mandatory" if phone.encryption == "required" else "optional",
        "codec_priority_list": ",".join([CODECS[codec] for codec in phone.codecs] + ["telephone-event"]),
    }
    root = ElementTree.Element("settings")
    settings = ElementTree.SubElement(root, "phone-settings")
    if phone.language:
        add(settings, "language", LANGUAGES[phone.language], perm="RW")
    for name, value in values.items():
        add(settings, name, value, idx="1", perm="R")
    return to_xml(root)
