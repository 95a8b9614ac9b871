"""What desk phones expect of an account: several phones, call pickup and busy lamps."""

import re

import pytest

from sipweb.pbx import status
from sipweb.services import generations
from tests.builders import WHO, edit_account
from tests.pbx.conftest import PHONE_SECRET
from tests.pbx.phones import Phone, conversation, speak
from tests.servers import wait_for


@pytest.fixture
def further_phone(live_app, tmp_path):
    """Register one more phone with a number's account."""
    phones = []

    def make(number):
        phones.append(Phone(tmp_path, live_app.config["SETTINGS"].sip_port, number, PHONE_SECRET))
        assert phones[-1].register() == 200
        return phones[-1]

    yield make
    for phone in phones:
        phone.close()


def test_all_phones_of_an_account_ring_and_any_of_them_answers(ctx, sip_phone, further_phone):
    caller, first = sip_phone(201), sip_phone(202, max_contacts=2)
    second = further_phone(202)
    with ctx.pbx.open() as ami:
        assert {n: contact.phones for n, contact in status.registered_phones(ami).items()} == {201: 1, 202: 2}
    declines, answers = first.wait(decline=True), second.wait(slowly=True)
    call = caller.call(202)
    speak(caller, call, second, answers)
    assert declines.ended() is None
    assert declines.messages[0].startswith("INVITE")
    call.hang_up()
    assert call.ended() == 200


def test_account_has_one_phone_by_default_the_newest(sip_phone, further_phone):
    caller, first = sip_phone(201), sip_phone(202)
    second = further_phone(202)
    rings = first.ring()
    with conversation(caller, second):
        assert rings.messages == []


def test_contact_of_a_phone_cannot_name_another_channel(sip_phone):
    caller, phone, other = sip_phone(201), sip_phone(202, max_contacts=2), sip_phone(203)
    assert phone.register_with("x=&PJSIP/203") == 200
    rings, declines = other.ring(), phone.wait(decline=True)
    assert caller.call(202).ended() == 603
    assert declines.messages[0].startswith("INVITE")
    assert rings.messages == []


def test_phone_of_the_same_group_picks_up_a_ringing_call(sip_phone):
    caller, called = sip_phone(201), sip_phone(202, pickup_group=5)
    colleague, outsider = sip_phone(203, pickup_group=5), sip_phone(204, pickup_group=6)
    rings, call = called.ring(), caller.call(202)
    wait_for(lambda: 180 in call.statuses, "it rings")
    assert outsider.call("*8").ended() == 404
    picked_up = colleague.call("*8")
    wait_for(lambda: 200 in picked_up.statuses and 200 in call.statuses, "it was picked up")
    for phone, side in ((caller, call), (colleague, picked_up)):
        phone.rtp.send_to(side.far_media)
    wait_for(lambda: caller.rtp.received(203) > 5 and colleague.rtp.received(201) > 5, "they hear each other")
    rings.ended()
    picked_up.hang_up()
    assert picked_up.ended() == 200


def lamp(dialog):
    """The states that a busy lamp was told, without repetitions."""
    states = [state for message in dialog.messages for state in re.findall("<state>(.*?)</state>", message)]
    return [state for place, state in enumerate(states) if states[place - 1 : place] != [state]]


def test_busy_lamp_shows_that_an_account_rings_and_talks(ctx, sip_phone):
    watcher, caller, called = sip_phone(201), sip_phone(202), sip_phone(203)
    watched = watcher.watch(203)
    wait_for(lambda: lamp(watched) == ["terminated"], "the lamp is off")
    answer, call = called.wait(slowly=True), caller.call(203)
    wait_for(lambda: lamp(watched)[-1] == "early", "the lamp blinks")
    speak(caller, call, called, answer)
    wait_for(lambda: lamp(watched)[-1] == "confirmed", "the lamp is on")
    call.hang_up()
    wait_for(lambda: lamp(watched)[-1] == "terminated", "the lamp is off again")
    assert lamp(watched) == ["terminated", "early", "confirmed", "terminated"]
    edit_account(ctx, 1, level=50)
    assert generations.generate(ctx, WHO).state == "verified"
