"""What to enter on each kind of phones."""

import pytest

from sipweb.core.phone_steps import SipAccess, phone_steps

PHONES = ["Linphone", "Zoiper", "MicroSIP", "Yealink", "Grandstream", "Snom", "Fanvil", "Gigaset", "Cisco"]


def values(access):
    return {
        step.phone: [value for _place, fields in step.places for _label, value in fields]
        for step in phone_steps(access)
    }  # fmt: skip


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_each_phone_gets_user_password_server_port_and_transport(transport):
    found = values(SipAccess("205", "secret", "pbx.example.org", 5070, transport))
    assert list(found) == PHONES
    for phone, entered in found.items():
        assert "205" in entered, phone
        assert "secret" in entered, phone
        text = " ".join(entered)
        assert "pbx.example.org" in text, phone
        assert "5070" in text, phone
        assert transport in text.lower(), phone


def test_ipv6_address_is_in_brackets_where_a_port_follows():
    found = values(SipAccess("205", "secret", "2001:db8::1", 5060, "udp"))
    assert "[2001:db8::1]:5060" in found["Linphone"]
    assert "2001:db8::1" in found["Yealink"]
    assert "[2001:db8::1]:5060;transport=udp" in found["Snom"]
