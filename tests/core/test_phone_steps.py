"""What to enter on each kind of phones."""

import pytest

from sipweb.core.phone_steps import SipAccess, phone_steps
from sipweb.core.sip_transports import SipAddress

PHONES = ["Linphone", "Zoiper", "MicroSIP", "Yealink", "Grandstream", "Snom", "Fanvil", "Gigaset", "Cisco"]


def values(access):
    return {
        step.phone: [value for _place, fields in step.places for _label, value in fields]
        for step in phone_steps(access)
    }  # fmt: skip


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_each_phone_gets_user_password_server_port_and_transport(transport):
    found = values(SipAccess("205", "secret", SipAddress("pbx.example.org", 5070, transport)))
    assert list(found) == PHONES
    for phone, entered in found.items():
        assert "205" in entered, phone
        assert "secret" in entered, phone
        text = " ".join(entered)
        assert "pbx.example.org" in text, phone
        assert "5070" in text, phone
        assert transport in text.lower(), phone


def test_ipv6_address_is_in_brackets_where_a_port_follows():
    found = values(SipAccess("205", "secret", SipAddress("2001:db8::1", 5060, "udp")))
    assert "[2001:db8::1]:5060" in found["Linphone"]
    assert "2001:db8::1" in found["Yealink"]
    assert "[2001:db8::1]:5060;transport=udp" in found["Snom"]


@pytest.mark.parametrize(
    ("phone", "fields"),
    [
        (
            "Yealink",
            [("SIP Server 2: Server Host", "second.example.org"), ("Port", "5061"), ("Transport", "TLS")],
        ),
        ("Grandstream", [("Secondary SIP Server", "second.example.org:5061")]),
        (
            "Snom",
            [
                ("Failover Identity", "2"), ("Registrar", "second.example.org"),
                ("Outbound Proxy", "second.example.org:5061;transport=tls"),
            ],
        ),
        (
            "Fanvil",
            [
                ("SIP Server 2: Server Address", "second.example.org"), ("Server Port", "5061"),
                ("Transport Protocol", "TLS"),
            ],
        ),
        ("Cisco", [("Dual Registration", "Yes"), ("Alternate Proxy", "second.example.org:5061")]),
    ],
)  # fmt: skip
def test_second_server_is_entered_where_a_phone_has_a_place_for_it(phone, fields):
    first, second = (SipAddress(f"{name}.example.org", 5061, "tls") for name in ("first", "second"))
    alone, both = (
        next(step for step in phone_steps(SipAccess("205", "secret", first, other)) if step.phone == phone)
        for other in (None, second)
    )
    entered = [field for _place, group in both.places for field in group]
    assert [field for field in fields if field not in entered] == []
    assert "second" not in str(alone)
    assert "first.example.org" in str(both)
