"""PHONE_NETWORKS: where phones may be. The answer to all others is that to an unknown number."""

from dataclasses import replace

import pytest

from sipweb.services import drift, generations
from sipweb.services.state import current_state
from tests.builders import WHO
from tests.pbx.conftest import PHONE_SECRET
from tests.pbx.phones import Phone
from tests.pbx.sipvicious import found_numbers
from tests.servers import wait_for

INSIDE, OUTSIDE = "127.0.0.3", "127.0.0.2"


@pytest.fixture
def phone_at(live_app, tmp_path):
    """Make a phone at an address."""
    phones = []

    def make(number, address):
        port = live_app.config["SETTINGS"].sip_port
        phones.append(Phone(tmp_path, port, number, PHONE_SECRET, address=address))
        return phones[-1]

    yield make
    for phone in phones:
        phone.close()


def test_phone_elsewhere_is_refused_like_an_unknown_number(ctx, sip_phone, phone_at, live_app, tmp_path):
    for number in (202, 203):
        sip_phone(number)
    restricted = replace(ctx, pbx_settings=replace(ctx.pbx_settings, phone_networks=(f"{INSIDE}/32", "2001:db8::/48")))
    change, *others = current_state(restricted).plan.settings
    assert (change.field, change.new, others) == ("phone_networks", (f"{INSIDE}/32", "2001:db8::/48"), [])
    assert generations.generate(restricted, WHO).state == "verified"
    assert drift.check_now(restricted) == frozenset()
    inside, outside = phone_at(202, INSIDE), phone_at(202, OUTSIDE)
    assert (inside.register(), outside.register(), phone_at(777, OUTSIDE).register()) == (200, 401, 401)
    assert phone_at(203, INSIDE).register() == 200
    call = inside.call("*43")
    wait_for(lambda: call.far_media, "the call is connected")
    call.hang_up()
    assert call.ended() == 200
    assert outside.call("*43").ended() == 401
    port = live_app.config["SETTINGS"].sip_port
    assert found_numbers(tmp_path, OUTSIDE, port, "REGISTER", "198-206") == []
