"""Feature codes, dialled by real phones."""

import pytest

from tests.servers import wait_for


@pytest.mark.parametrize("dialled", ["*43", "*4-3"])
def test_echo_test_returns_the_callers_sound_at_any_level(outbound_routing, sip_phone, provider, dialled):
    outbound_routing({"pattern": ".*", "level": 0})
    caller = sip_phone(201, level=0)
    call = caller.call(dialled)
    wait_for(lambda: call.far_media and 200 in call.statuses, "it answers")
    caller.rtp.send_to(call.far_media)
    wait_for(lambda: caller.rtp.received(201) > 10, "the caller hears itself")
    call.hang_up()
    assert call.ended() == 200
    assert provider.arrived == []


def test_pickup_with_nothing_to_pick_up_is_refused(outbound_routing, sip_phone, provider):
    outbound_routing({"pattern": ".*", "level": 0})
    assert sip_phone(201, level=0).call("*8").ended() == 404
    assert provider.arrived == []
