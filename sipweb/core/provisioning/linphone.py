"""Linphone: remote provisioning, an XML form of its file linphonerc.

Sources: Belledonne, "Linphone remote provisioning"
(wiki.linphone.org/xwiki/wiki/public/view/Lib/Features/Remote%20Provisioning/): config, section, entry and overwrite.
Belledonne, "Provisioning configuration keys"
(download.linphone.org/snapshots/docs/liblinphone/latest/c/group__group__provisioning__configuration__key.html): the
keys of sip, proxy_N and auth_info_N. A real linphone registers with it in tests/pbx/test_provisioning.py. An account
has one server, issue 2456 of linphone-android (github.com/BelledonneCommunications).
"""

from xml.etree import ElementTree

from .phone import PhoneSettings, add, one_line, to_xml


def render(phone: PhoneSettings) -> str:
    """Return the file of one phone."""
    name = one_line(phone.name).replace("\\", "\\\\").replace('"', '\\"')
    is_encrypted = phone.encryption != "no"
    sections: dict[str, dict[str, object]] = {
        "sip": {
            "default_proxy": 0,
            "verify_server_certs": 1,
            "verify_server_cn": 1,
            "media_encryption": "srtp" if is_encrypted else "none",
            "media_encryption_mandatory": int(phone.encryption == "required"),
        },
        "proxy_0": {
            "reg_proxy": f"<sip:{phone.server.host_and_port};transport={phone.server.transport}>",
            "reg_identity": f'"{name}" <sip:{phone.number}@{phone.server.host_part}>',
            "reg_expires": phone.register_seconds,
            "reg_sendregister": 1,
            "realm": phone.realm,
        },
        "auth_info_0": {
            "username": phone.number,
            "userid": phone.number,
            "passwd": phone.secret,
            "realm": phone.realm,
            "domain": phone.server.host,
        },
    }
    root = ElementTree.Element("config", xmlns="http://www.linphone.org/xsds/lpconfig.xsd")
    for name, values in sections.items():
        section = ElementTree.SubElement(root, "section", name=name)
        for key, value in values.items():
            add(section, "entry", value, name=key, overwrite="true")
    return to_xml(root)
