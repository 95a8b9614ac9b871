"""Grandstream: cfgMAC.xml with P-values.

Sources: Grandstream, "SIP Device Provisioning Guide"
(documentation.grandstream.com/knowledge-base/sip-device-provisioning-guide): the name of the file in lower case, the
elements gs_provision and config. Grandstream, "Configuration Template For GXP1782/1780/1760 Firmware Version 1.0.1.133"
(grandstream.com, Tools): each P-value of account 1 and its range. Grandstream, "GRP26xx - Server Redundancy Guide"
(documentation.grandstream.com/knowledge-base/grp26xx-server-redundancy-guide): the secondary SIP server with its port;
the phone registers at both. P1362 is the language of the display, as Wazo's plug-in wazo-grandstream writes it.
"""

from xml.etree import ElementTree

from .phone import PhoneSettings, add, to_xml

TRANSPORTS = {"udp": 0, "tcp": 1, "tls": 2}
ENCRYPTION = {"no": 0, "optional": 1, "required": 2}
CODECS = {"ulaw": 0, "alaw": 8, "g722": 9, "g729": 18}  # the number of Opus depends on the model
CODEC_CHOICES = ("P57", "P58", "P59", "P60")  # the first choices of eight


def render(phone: PhoneSettings) -> str:
    """Return the file of one phone."""
    values: dict[str, object] = {
        "P271": 1,  # account active
        "P270": phone.number,  # account name
        "P47": phone.server.host_and_port,  # SIP server
        "P35": phone.number,  # SIP user ID
        "P36": phone.number,  # authenticate ID
        "P34": phone.secret,  # authenticate password
        "P3": phone.name,  # name
        "P31": 1,  # SIP registration
        "P32": phone.register_seconds // 60,  # register expiration in minutes
        "P130": TRANSPORTS[phone.server.transport],
        "P2329": 0,  # URI scheme when using TLS: sip
        "P2311": 1,  # check domain certificates
        "P2367": 1,  # validate certification chain
        "P183": ENCRYPTION[phone.encryption],  # SRTP mode
    }
    if phone.second:
        values["P2312"] = phone.second.host_and_port  # secondary SIP server
    codecs = [CODECS[codec] for codec in phone.codecs if codec in CODECS]
    values |= dict(zip(CODEC_CHOICES, codecs, strict=False))
    if phone.language:
        values["P1362"] = phone.language
    root = ElementTree.Element("gs_provision", version="1")
    config = ElementTree.SubElement(root, "config", version="1")
    for name, value in values.items():
        add(config, name, value)
    return to_xml(root)
