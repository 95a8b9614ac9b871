"""Which number a provider sees, in the headers of real calls."""

import re
from dataclasses import replace

import pytest

from sipweb.db import transaction
from sipweb.models import Trunk
from sipweb.services import generations
from tests.pbx.calls.steps import reachable_trunks
from tests.pbx.conftest import WHO
from tests.pbx.provider import FailingProvider
from tests.servers import wait_for

CALLER_IDS = {  # values of the trunk, fallback → user and domain of From, and of P-Asserted-Identity
    "none": ({}, "", ("201", "127.0.0.1"), None),
    "fallback": ({}, "+48220000000", ("+48220000000", "127.0.0.1"), None),
    "caller ID": ({"caller_id": "+48221112233"}, "+48220000000", ("+48221112233", "127.0.0.1"), None),
    "PAI": (
        {"caller_id": "48221", "from_user": "customer", "from_domain": "sip.example.org", "send_pai": True},
        "", ("customer", "sip.example.org"), "48221",
    ),
}  # fmt: skip


@pytest.fixture
def listener(outbound_routing, sip_phone, ctx):
    """A provider that is busy, and a phone of level 0."""
    provider = FailingProvider()
    provider.answers = ["486 Busy Here"]
    outbound_routing({"pattern": "22.*", "level": 0, "trunk_id": 1}, dead=provider.port)
    provider.phone = sip_phone(201, level=0)
    wait_for(lambda: reachable_trunks(ctx)[1], "the trunk answers", 60)
    with transaction() as session:
        session.get_one(Trunk, 2).active = False
    return provider


def header(provider, name):
    """Return user and domain of a header of the last INVITE; None without that header."""
    found = re.search(rf"^{name}:[^\r]*<sip:([^@>]+)@([^:;>]+)", provider.invite, re.MULTILINE)
    return found and (found[1], found[2])


def test_provider_sees_the_caller_id_of_the_trunk(listener, ctx):
    for name, (values, fallback, sender, identity) in CALLER_IDS.items():
        set_trunk(values)
        one = replace(ctx, pbx_settings=replace(ctx.pbx_settings, fallback_caller_id=fallback))
        assert generations.generate(one, WHO).state == "verified", name
        for dialled in ("22000", "1-1-2"):
            dial(listener, dialled)
            assert header(listener, "From") == sender, name
            asserted = header(listener, "P-Asserted-Identity")
            assert (asserted and asserted[0]) == identity, name


def dial(provider, number, changes=None):
    """Call until the INVITE has arrived at the provider."""
    count = provider.invites
    call = provider.phone.call(number, changes=changes)
    wait_for(lambda: provider.invites > count, f"{number} arrives")
    call.close()


def set_trunk(values):
    """Set these values of the trunk, and no others."""
    with transaction() as session:
        trunk = session.get_one(Trunk, 1)
        empty = {"caller_id": "", "from_user": "", "from_domain": "", "send_pai": False, "transport": "udp"}
        for key, value in (empty | values).items():
            setattr(trunk, key, value)
        trunk.version += 1


WITHHOLD = {  # how a phone withholds its number: a prefix, and what it changes in the INVITE
    "prefix": ("*67", {}),
    "prefix with separators": ("*6-7%20", {}),
    "Privacy": ("", {"Max-Forwards: 70": "Max-Forwards: 70\nPrivacy: id"}),
    "From": ("", {'"Somebody Else" <sip:[field0]@[remote_ip]>': "<sip:anonymous@anonymous.invalid>"}),
}


def test_withheld_number_is_shown_to_emergency_services_only(listener, sip_phone):
    set_trunk({"caller_id": "48221", "send_pai": True})
    caller, colleague = listener.phone, sip_phone(202, level=0)  # which generates
    for method, (prefix, changes) in WITHHOLD.items():
        assert caller.call(f"{prefix}22000", changes=changes).ended() == 486
        assert header(listener, "From") == ("anonymous", "127.0.0.1"), method
        assert re.search(r"^Privacy: id\r$", listener.invite, re.MULTILINE), method
        assert "48221" not in listener.invite, method
        answer, call = colleague.wait(), caller.call(f"{prefix}202", changes=changes)
        wait_for(lambda call=call: 200 in call.statuses, "the colleague answers")
        call.hang_up()
        answer.ended()
        assert 'From: "Anonymous" <sip:anonymous@anonymous.invalid>' in answer.messages[0], method
        for spelled in ("112", "1-1-2"):
            dial(listener, f"{prefix}{spelled}", changes)
            assert header(listener, "From") == ("48221", "127.0.0.1"), method
            assert header(listener, "P-Asserted-Identity")[0] == "48221", method
            assert "Privacy" not in listener.invite, method


def test_number_that_is_not_withheld_is_shown(listener, ctx):
    assert generations.generate(ctx, WHO).state == "verified"
    for changes in ({}, {"Max-Forwards: 70": "Max-Forwards: 70\nPrivacy: none"}):
        dial(listener, "22000", changes)
        assert header(listener, "From") == ("201", "127.0.0.1")
        assert "Privacy" not in listener.invite
    assert listener.phone.call("*67").ended() == 484
    assert listener.phone.call("*67x").ended() == 484
