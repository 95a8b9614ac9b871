"""The caller name, with two phones: the agent's while the lease lasts, read as text whatever it contains."""

import re
from dataclasses import replace

import pytest

from sipweb.db import transaction
from sipweb.models import User
from sipweb.services import generations, lease_sync, leases
from sipweb.services.state_records import StateCache
from tests.builders import make_user
from tests.pbx.calls.steps import make_external_call
from tests.pbx.conftest import WHO

NAMES = (
    "Anna Żółć-O'Neil (2), 100% = $[1+1]",
    "${SHELL(id)}${EXTEN}${CALLERID(num)}",
    'a"b\\c<d>;e|f&g:h?i^j',
    "Gosub(sipweb-reject,01,1)",
)


def shown_name(caller, called):
    """Return the name that the called phone is given, without SIP's quotes."""
    refusal = called.wait(busy=True)
    assert caller.call(called.number).ended() == 486
    refusal.ended()
    quoted = re.search(rf'^From: "(.*)" <sip:{caller.number}@', refusal.messages[0], re.MULTILINE)[1]
    return re.sub(r"\\(.)", r"\1", quoted)


def test_called_phone_shows_the_agent_while_the_lease_lasts(ctx, sip_phone):
    caller, called = sip_phone(201), sip_phone(202)
    assert shown_name(caller, called) == "Automat Automat"
    agent = make_user("anna", "Anna Nowak")
    session = leases.acquire(ctx, agent, "201", "")
    assert shown_name(caller, called) == "Anna Nowak"
    withheld = called.wait(busy=True)
    assert caller.call("*67202").ended() == 486
    withheld.ended()
    assert re.search(r'^From: "Anonymous" <sip:anonymous@', withheld.messages[0], re.MULTILINE)
    assert "Anna" not in withheld.messages[0]
    for name in NAMES:
        with transaction() as database:
            database.get_one(User, agent).name = name
        lease_sync.sync_leases(ctx, [201])  # the monitor does it every 3 seconds
        assert shown_name(caller, called) == name
    leases.release(ctx, session.token, "")
    assert shown_name(caller, called) == "Automat Automat"


@pytest.mark.parametrize("outside", [False, True])
def test_outside_parties_see_the_agent_only_with_the_setting(ctx, sip_phone, outbound_routing, provider, outside):
    outbound_routing({"pattern": "22.*", "level": 0})
    caller = sip_phone(201)
    ctx = replace(ctx, pbx_settings=replace(ctx.pbx_settings, caller_name_outside=outside), cache=StateCache())
    generations.generate(ctx, WHO)
    leases.acquire(ctx, make_user("anna", NAMES[0]), "201", "")
    make_external_call(caller)
    assert [name for _, _, name in provider.arrived] == [NAMES[0] if outside else ""]
