"""The files from which phones set themselves up: each vendor's parser reads back what was written."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipweb.core.errors import Invalid
from sipweb.core.provisioning import VENDORS, PhoneSettings, clean_mac, shown_mac
from sipweb.core.sip_transports import SipAddress
from tests.core.test_conf import HOSTILE

MAC = "001565abcdef"
ANNA = {
    "number": 205, "name": "Anna Żółć & Co", "secret": "a<b>&\"c' d%e#f=g", "realm": "sipweb",
    "codecs": ("alaw", "ulaw", "g722"), "srtp": "optional", "language": "pl", "generation": 12,
}  # fmt: skip
names = st.sampled_from(HOSTILE) | st.text() | st.lists(st.sampled_from(HOSTILE), max_size=4).map("".join)
secrets = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1)


def rendered(vendor, *, host="pbx.example.org", transport="tls", **values):
    return VENDORS[vendor].render(PhoneSettings(server=SipAddress(host, 5061, transport), **ANNA | values))


def read_yealink(text):
    """A line is a key, " = " and the rest of the line."""
    first, *lines = text.encode().decode().removesuffix("\n").split("\n")
    assert first == "#!version:1.0.0.1"
    pairs = [re.fullmatch(r"([a-z_0-9.]+) = (.*)", line).groups() for line in lines]
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def parsed(text):
    return ElementTree.fromstring(text.encode())  # noqa: S314  # our own text


def read_xml(text):
    """The texts of the innermost elements: in Linphone's file the names of section and entry, elsewhere the tag."""
    root, found = parsed(text), {}
    for element in root.iter():
        if not len(element):
            found[element.get("name") or element.tag] = element.text or ""
    for section in root.iter("{http://www.linphone.org/xsds/lpconfig.xsd}section"):
        found |= {f"{section.get('name')}.{entry.get('name')}": entry.text or "" for entry in section}
    return found


READERS = {  # parser, and the keys of name and password
    "yealink": (read_yealink, "account.1.display_name", "account.1.password"),
    "grandstream": (read_xml, "P3", "P34"),
    "snom": (read_xml, "user_realname", "user_pass"),
    "fanvil": (read_xml, "DisplayName", "RegisterPswd"),
    "linphone": (read_xml, "proxy_0.reg_identity", "auth_info_0.passwd"),
}
each_vendor = pytest.mark.parametrize("vendor", VENDORS)


@each_vendor
@given(name=names, secret=secrets)
def test_hostile_name_is_one_value_and_the_password_is_unchanged(vendor, name, secret):
    read, name_key, secret_key = READERS[vendor]
    found, usual = read(rendered(vendor, name=name, secret=secret)), read(rendered(vendor))
    assert found.keys() == usual.keys()
    assert found[secret_key] == secret
    shown = "".join(char if char.isprintable() else " " for char in name).strip()
    if vendor == "linphone":
        shown = '"{}" <sip:205@pbx.example.org>'.format(shown.replace("\\", "\\\\").replace('"', '\\"'))
    assert found[name_key] == shown


def test_yealink_file():
    assert read_yealink(rendered("yealink")) == {
        "account.1.enable": "1", "account.1.label": "205", "account.1.display_name": "Anna Żółć & Co",
        "account.1.user_name": "205", "account.1.auth_name": "205", "account.1.password": ANNA["secret"],
        "account.1.sip_server.1.address": "pbx.example.org", "account.1.sip_server.1.port": "5061",
        "account.1.sip_server.1.transport_type": "2", "account.1.sip_server.1.expires": "300",
        "account.1.srtp_encryption": "1",
        "account.1.codec.pcma.enable": "1", "account.1.codec.pcma.priority": "1",
        "account.1.codec.pcmu.enable": "1", "account.1.codec.pcmu.priority": "2",
        "account.1.codec.g722.enable": "1", "account.1.codec.g722.priority": "3",
        "account.1.codec.opus.enable": "0", "account.1.codec.g729.enable": "0",
        "lang.gui": "Polish", "lang.wui": "Polish",
        "static.security.trust_certificates": "1", "static.security.cn_validation": "1",
    }  # fmt: skip


def test_grandstream_file():
    text = rendered("grandstream")
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<gs_provision version="1">\n  <config version="1">')
    assert read_xml(text) == {
        "P271": "1", "P270": "205", "P47": "pbx.example.org:5061", "P35": "205", "P36": "205", "P34": ANNA["secret"],
        "P3": "Anna Żółć & Co", "P31": "1", "P32": "5", "P130": "2", "P2329": "0", "P2311": "1", "P2367": "1",
        "P183": "1", "P57": "8", "P58": "0", "P59": "9", "P1362": "pl",
    }  # fmt: skip


def test_snom_file():
    root = parsed(rendered("snom"))
    assert (root.tag, [child.tag for child in root]) == ("settings", ["phone-settings"])
    assert {element.get("idx") for element in root[0] if element.tag.startswith("user_")} == {"1"}
    assert {element.get("perm") for element in root[0] if element.tag == "user_pass"} == {"R"}
    assert read_xml(rendered("snom")) == {
        "language": "Polski", "user_active": "on", "user_realname": "Anna Żółć & Co",
        "user_idle_text": "205 Anna Żółć & Co", "user_name": "205", "user_pname": "205", "user_pass": ANNA["secret"],
        "user_host": "pbx.example.org", "user_outbound": "pbx.example.org:5061;transport=tls", "user_expiry": "300",
        "user_srtp": "on", "user_savp": "optional", "codec_priority_list": "pcma,pcmu,g722,telephone-event",
    }  # fmt: skip


def test_fanvil_file():
    root = parsed(rendered("fanvil"))
    assert root.find("sip/line").get("index") == "1"
    assert read_xml(rendered("fanvil")) == {
        "Version": "2.0000000012", "DefaultLanguage": "pl", "AudioCodecSets": "PCMA,PCMU,G722", "PhoneNumber": "205",
        "DisplayName": "Anna Żółć & Co", "RegisterAddr": "pbx.example.org", "RegisterPort": "5061",
        "RegisterUser": "205", "RegisterPswd": ANNA["secret"], "RegisterTTL": "300", "EnableReg": "1",
        "Transport": "3",
    }  # fmt: skip
    assert read_xml(rendered("fanvil", generation=13))["Version"] > read_xml(rendered("fanvil"))["Version"]


def test_linphone_file():
    found = {key: value for key, value in read_xml(rendered("linphone")).items() if "." in key}
    assert found == {
        "sip.default_proxy": "0", "sip.verify_server_certs": "1", "sip.verify_server_cn": "1",
        "sip.media_encryption": "srtp", "sip.media_encryption_mandatory": "0",
        "proxy_0.reg_proxy": "<sip:pbx.example.org:5061;transport=tls>",
        "proxy_0.reg_identity": '"Anna Żółć & Co" <sip:205@pbx.example.org>', "proxy_0.reg_expires": "300",
        "proxy_0.reg_sendregister": "1", "proxy_0.realm": "sipweb", "auth_info_0.username": "205",
        "auth_info_0.userid": "205", "auth_info_0.passwd": ANNA["secret"], "auth_info_0.realm": "sipweb",
        "auth_info_0.domain": "pbx.example.org",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("vendor", "more"),
    [
        (
            "yealink",
            {
                "account.1.sip_server.2.address": "second.example.org", "account.1.sip_server.2.port": "5071",
                "account.1.sip_server.2.transport_type": "1", "account.1.sip_server.2.expires": "60",
                "account.1.fallback.redundancy_type": "1", "account.1.sip_server.1.expires": "60",
            },
        ),
        ("grandstream", {"P2312": "second.example.org:5071", "P32": "1"}),
        (
            "fanvil",
            {
                "BackupAddr": "second.example.org", "BackupPort": "5071", "BackupTransport": "1", "BackupTTL": "60",
                "RegisterTTL": "60",
            },
        ),
        ("linphone", {"reg_expires": "60", "proxy_0.reg_expires": "60"}),
    ],
)  # fmt: skip
def test_second_server_is_added_and_registrations_end_sooner(vendor, more):
    read = READERS[vendor][0]
    second = SipAddress("second.example.org", 5071, "tcp")
    assert read(rendered(vendor, second=second)) == read(rendered(vendor)) | more


def test_second_server_of_snom_is_a_second_identity():
    def identity(settings, place):
        return {element.tag: element.text for element in settings if element.get("idx") == place}

    alone = identity(parsed(rendered("snom"))[0], "1") | {"user_expiry": "60"}
    settings = parsed(rendered("snom", second=SipAddress("2001:db8::2", 5071, "tcp")))[0]
    assert identity(settings, "1") == alone | {"user_failover_identity": "2"}
    assert identity(settings, "2") == alone | {
        "user_host": "[2001:db8::2]", "user_outbound": "[2001:db8::2]:5071;transport=tcp", "hide_identity": "true",
    }  # fmt: skip
    assert identity(settings, "3") == {}


@pytest.mark.parametrize(
    ("vendor", "key", "values"),
    [
        ("yealink", "account.1.sip_server.1.transport_type", ["0", "1", "2"]),
        ("grandstream", "P130", ["0", "1", "2"]),
        ("snom", "user_outbound", [f"pbx.example.org:5061;transport={name}" for name in ("udp", "tcp", "tls")]),
        ("fanvil", "Transport", ["0", "1", "3"]),
        ("linphone", "proxy_0.reg_proxy", [f"<sip:pbx.example.org:5061;transport={n}>" for n in ("udp", "tcp", "tls")]),
    ],
)
def test_each_transport_has_its_value(vendor, key, values):
    read = READERS[vendor][0]
    assert [read(rendered(vendor, transport=name))[key] for name in ("udp", "tcp", "tls")] == values


@pytest.mark.parametrize(
    ("vendor", "key", "off", "optional", "required"),
    [
        ("yealink", "account.1.srtp_encryption", "0", "1", "2"), ("grandstream", "P183", "0", "1", "2"),
        ("snom", "user_srtp", "off", "on", "on"), ("linphone", "sip.media_encryption", "none", "srtp", "srtp"),
    ],
)  # fmt: skip
def test_sound_is_encrypted_where_the_keys_are_or_where_it_is_required(vendor, key, off, optional, required):
    read = READERS[vendor][0]
    for srtp, transport, value in (
        ("no", "tls", off), ("optional", "udp", off), ("optional", "tls", optional), ("required", "udp", required),
    ):  # fmt: skip
        assert read(rendered(vendor, srtp=srtp, transport=transport))[key] == value, (srtp, transport)


def test_ipv6_address_is_in_brackets_where_a_port_follows():
    host = {"host": "2001:db8::5"}
    assert read_yealink(rendered("yealink", **host))["account.1.sip_server.1.address"] == "2001:db8::5"
    assert read_xml(rendered("grandstream", **host))["P47"] == "[2001:db8::5]:5061"
    assert read_xml(rendered("linphone", **host))["proxy_0.reg_proxy"] == "<sip:[2001:db8::5]:5061;transport=tls>"


@each_vendor
def test_without_a_language_the_phone_keeps_its_own(vendor):
    with_language, without = rendered(vendor), rendered(vendor, language="")
    assert ("Pol" in with_language or ">pl<" in with_language) == (vendor != "linphone")
    assert not re.search(">pl<|>en<|Pol|Engl", without)


@pytest.mark.parametrize(
    ("vendor", "name", "mac"),
    [
        ("yealink", f"{MAC}.cfg", MAC), ("yealink", f"{MAC.upper()}.cfg", MAC), ("yealink", "y000000000108.cfg", None),
        ("yealink", f"{MAC}.boot", None), ("yealink", f"../{MAC}.cfg", None), ("yealink", f"{MAC}.cfg\n", None),
        ("grandstream", f"cfg{MAC}.xml", MAC), ("grandstream", f"cfg{MAC}", None), ("grandstream", "cfg.xml", None),
        ("snom", "000413A0B1C2.xml", "000413a0b1c2"), ("snom", "snomD785-000413A0B1C2.htm", "000413a0b1c2"),
        ("snom", "snomD785.htm", None),
        ("fanvil", f"{MAC}.cfg", MAC), ("fanvil", "F0V0X5S00000.cfg", None),
        ("linphone", "linphone.xml", ""), ("linphone", f"{MAC}.xml", None), ("linphone", "", None),
    ],
)  # fmt: skip
def test_name_of_the_file_tells_whose_it_is(vendor, name, mac):
    assert VENDORS[vendor].requested_mac(name) == mac
    assert VENDORS[vendor].has_mac == (vendor != "linphone")


@pytest.mark.parametrize(
    "text", [MAC, "00:15:65:AB:CD:EF", "00-15-65-ab-cd-ef", "0015.65ab.cdef", " 00 15 65 AB CD EF\t"]
)
def test_mac_address_is_read_as_it_is_printed_on_phones(text):
    assert clean_mac(text) == MAC
    assert shown_mac(MAC) == "00:15:65:AB:CD:EF"


@pytest.mark.parametrize(
    "text", ["", "00:15:65:AB:CD", MAC + "0", "00:15:65:AB:CD:EG", "ff:ff:ff:ff:ff:ff", "010203040506", "٠" * 12, "\0"]
)
def test_other_mac_address_is_refused(text):
    with pytest.raises(Invalid) as error:
        clean_mac(text)
    assert error.value.field == "mac"
