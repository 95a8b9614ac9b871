"""Yealink: MAC.cfg.

Sources: Yealink, "Administrator's Guide for SIP-T2/T3/T4/T5/CP92X IP Phones V86.5" (support.yealink.com): the first
line, account.X.*, account.X.sip_server.Y.*, account.X.fallback.redundancy_type, account.X.codec.*, lang.*,
static.security.*. Yealink, "IP Phones Auto Provisioning Guide": the name of the file, in lower case. Firmware from
version 81 on has these names, as Wazo's plug-in wazo-yealink v81 to v87.
"""

from .phone import PhoneSettings, one_line

FIRST_LINE = "#!version:1.0.0.1"  # of the format; without it a phone ignores the file
TRANSPORTS = {"udp": 0, "tcp": 1, "tls": 2}
ENCRYPTION = {"no": 0, "optional": 1, "required": 2}
CODECS = {"alaw": "pcma", "ulaw": "pcmu", "g722": "g722", "opus": "opus", "g729": "g729"}
LANGUAGES = {"pl": "Polish", "en": "English"}


def render(phone: PhoneSettings) -> str:
    """Return the file of one phone."""
    values: dict[str, object] = {
        "account.1.enable": 1,
        "account.1.label": phone.number,
        "account.1.display_name": phone.name,
        "account.1.user_name": phone.number,
        "account.1.auth_name": phone.number,
        "account.1.password": phone.secret,
        "account.1.srtp_encryption": ENCRYPTION[phone.encryption],
    }
    for place, server in enumerate(filter(None, (phone.server, phone.second)), 1):
        values |= {
            f"account.1.sip_server.{place}.address": server.host,
            f"account.1.sip_server.{place}.port": server.port,
            f"account.1.sip_server.{place}.transport_type": TRANSPORTS[server.transport],
            f"account.1.sip_server.{place}.expires": phone.register_seconds,
        }
    if phone.second:
        values["account.1.fallback.redundancy_type"] = 1  # registered at one server at a time
    for codec, name in CODECS.items():
        is_used = codec in phone.codecs
        values[f"account.1.codec.{name}.enable"] = int(is_used)
        if is_used:
            values[f"account.1.codec.{name}.priority"] = phone.codecs.index(codec) + 1
    if phone.language:
        values |= dict.fromkeys(("lang.gui", "lang.wui"), LANGUAGES[phone.language])
    # the certificates of the server are checked, and the name in them
    values |= dict.fromkeys(("static.security.trust_certificates", "static.security.cn_validation"), 1)
    lines = [f"{key} = {one_line(value)}" for key, value in values.items()]
    return "\n".join([FIRST_LINE, *lines, ""])
