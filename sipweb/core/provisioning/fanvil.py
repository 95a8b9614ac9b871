"""Fanvil: MAC.cfg, in the XML format of firmware 2.2.10 and newer.

Sources: Fanvil, "Auto Provision Description" (fanvil.com, Support, Download Center): the name of the file, the version
that must rise. The elements of sip/line and mm/capability, and the numbers of the transports, are those that Wazo's
plug-in wazo-fanvil writes, which is in use with these phones; so are the Backup elements of the second server. Fanvil
publishes no table of the values for encrypted sound: it is left as it is set on the phone.
"""

from xml.etree import ElementTree

from .phone import PhoneSettings, add, to_xml

TRANSPORTS = {"udp": 0, "tcp": 1, "tls": 3}
CODECS = {"alaw": "PCMA", "ulaw": "PCMU", "g722": "G722", "opus": "opus", "g729": "G729"}


def render(phone: PhoneSettings) -> str:
    """Return the file of one phone."""
    root = ElementTree.Element("sysConf")
    add(root, "Version", f"2.{phone.generation:010d}")  # a phone takes only a file with a higher one than it has
    if phone.language:
        display = ElementTree.SubElement(ElementTree.SubElement(root, "phone"), "display")
        add(display, "DefaultLanguage", phone.language)
    capability = ElementTree.SubElement(ElementTree.SubElement(root, "mm"), "capability")
    add(capability, "AudioCodecSets", ",".join(CODECS[codec] for codec in phone.codecs))
    line = ElementTree.SubElement(ElementTree.SubElement(root, "sip"), "line", index="1")
    values: dict[str, object] = {
        "PhoneNumber": phone.number,
        "DisplayName": phone.name,
        "RegisterAddr": phone.server.host,
        "RegisterPort": phone.server.port,
        "RegisterUser": phone.number,
        "RegisterPswd": phone.secret,
        "RegisterTTL": phone.register_seconds,
        "EnableReg": 1,
        "Transport": TRANSPORTS[phone.server.transport],
    }
    if phone.second:
        values |= {
            "BackupAddr": phone.second.host,
            "BackupPort": phone.second.port,
            "BackupTransport": TRANSPORTS[phone.second.transport],
            "BackupTTL": phone.register_seconds,
        }
    for name, value in values.items():
        add(line, name, value)
    return to_xml(root)
