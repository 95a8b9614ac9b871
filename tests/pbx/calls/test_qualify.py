"""Phones that are there but do not respond: Asterisk notices, the page says so, and callers are answered at once."""

import time

from sipweb.core.asterisk import pjsip
from sipweb.monitor import Monitor
from sipweb.pbx import control, status
from sipweb.services import pbx_status
from tests.servers import wait_for


def is_reachable(monitor, number):
    monitor.poll()
    return pbx_status.registered_phones(monitor.ctx)[number].reachable


def ask(ctx, phone):
    """Let Asterisk ask the phone now, as it does every 30 seconds."""
    with ctx.pbx.open() as ami:
        control.qualify(ami, [phone.number])


def test_phone_whose_registration_was_removed_is_asked_no_more(ctx, sip_phone, monkeypatch):
    real = pjsip._aor
    monkeypatch.setattr(
        pjsip, "_aor", lambda *values: tuple((dict(real(*values)) | {"qualify_frequency": "1"}).items())
    )
    phone = sip_phone(205)
    wait_for(lambda: phone.asked > 1, "it is asked every second")
    with ctx.pbx.open() as ami:
        control.remove_contacts(ami, [205])
        assert status.registered_phones(ami) == {}
    asked = phone.asked
    time.sleep(2.5)
    assert phone.asked <= asked + 1  # one may have been on its way


def test_caller_of_a_phone_that_died_is_answered_at_once_and_it_returns_when_it_registers(ctx, sip_phone):
    called, caller, monitor = sip_phone(205), sip_phone(206), Monitor(ctx)
    monitor.tick()
    assert is_reachable(monitor, 205)
    called.die()
    ask(ctx, called)
    wait_for(lambda: not is_reachable(monitor, 205), "Asterisk has noticed", 10)
    assert is_reachable(monitor, 206)
    began = time.monotonic()
    assert caller.call(205).ended() == 480
    assert time.monotonic() - began < 2

    called.come_back()
    time.sleep(1)  # times of expiry are whole seconds
    assert called.register() == 200
    wait_for(lambda: is_reachable(monitor, 205), "the monitor had it asked again", 5)
    busy = called.wait(busy=True)
    assert caller.call(205).ended() == 486
    busy.ended()
