"""Keys that are pressed in a call outside arrive, whatever the provider understands."""

import time

from sipweb.db import transaction
from sipweb.models import Trunk
from sipweb.services import generations
from tests.pbx.conftest import WHO
from tests.servers import wait_for

# the provider's user, which stands for what it understands → the modes of the trunk that work with it
WORKING_MODES = {
    "customer": ("auto", "rfc4733", "auto_info"),
    "inband": ("auto", "inband"),
    "info": ("info", "auto_info"),
}


def test_digits_arrive_at_every_kind_of_provider(outbound_routing, sip_phone, provider, ctx):
    outbound_routing({"pattern": "[0-9]{4}", "level": 0})
    caller = sip_phone(201, level=0)
    for user, modes in WORKING_MODES.items():
        for mode in modes:
            set_trunk(ctx, username=user, dtmf_mode=mode)
            assert digits_arrived(caller, provider) == "4*7", (user, mode)


def test_digits_are_lost_where_the_trunk_has_the_wrong_mode(outbound_routing, sip_phone, provider, ctx):
    outbound_routing({"pattern": "[0-9]{4}", "level": 0})
    set_trunk(ctx, username="info", dtmf_mode="auto")
    assert digits_arrived(sip_phone(201, level=0), provider) == ""


def set_trunk(ctx, **values):
    with transaction() as session:
        trunk = session.get_one(Trunk, 2)
        for name, value in values.items():
            setattr(trunk, name, value)
        trunk.version += 1
    done = generations.generate(ctx, WHO)
    assert done is None or done.state == "verified"


def digits_arrived(caller, provider):
    """Call, press three keys, and return those that the provider read."""
    count = len(provider.arrived)
    call = caller.call("1234")
    wait_for(lambda: 200 in call.statuses and call.far_media, "it is answered")
    caller.rtp.send_to(call.far_media)
    time.sleep(0.5)  # nobody presses a key sooner; a busy provider may not listen yet
    caller.rtp.press("4*7")
    wait_for(lambda: len(provider.arrived) > count, "the provider has read")
    call.close()
    return provider.arrived[-1][1]
