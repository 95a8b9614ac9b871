"""What the account list tells about a real phone, from its first registration to its failure."""

import pytest

from sipweb.db import transaction
from sipweb.models import Account
from sipweb.monitor import Monitor
from sipweb.pbx import control
from sipweb.pbx.event_listener import EventListener
from sipweb.services import generations, pbx_status
from sipweb.services.context import Actor
from sipweb.services.state import current_state
from sipweb.web.accounts.phone_state import current_locale, phone_state
from tests.builders import edit_account
from tests.pbx.phones import Phone
from tests.servers import wait_for

WHO = Actor(None, "test")
NEW_SECRET = "another-sip-secret-2"


@pytest.fixture
def monitor(live_app):
    """A monitor that hears Asterisk's events."""
    ctx = live_app.extensions["sipweb"]
    listener = EventListener(ctx.pbx)
    listener.start()
    monitor = Monitor(ctx, listener=listener)
    monitor.tick()

    def is_heard():
        with ctx.pbx.open() as ami:
            ami.action("Reload", Module="res_pjsip.so")
        listener.wait(1)
        return listener.take_reload()

    wait_for(is_heard, "the listener is connected")
    return monitor


@pytest.fixture
def state(live_app, monitor):
    """Poll and return what a row tells about the phone of 205."""

    def poll():
        monitor.poll()
        ctx = live_app.extensions["sipweb"]
        with live_app.test_request_context(headers={"Accept-Language": "en"}):
            return phone_state(current_state(ctx).account(6), pbx_status.current_status(ctx), current_locale())

    return poll


def change_password(ctx):
    with transaction() as session:
        account = session.get_one(Account, 6)
        account.secret, account.fingerprint = ctx.cipher.encrypt(NEW_SECRET), ctx.cipher.fingerprint(NEW_SECRET)
        account.version += 1


def test_states_of_a_phone(live_app, monitor, state, sip_phone, tmp_path):
    ctx = live_app.extensions["sipweb"]
    edit_account(ctx, 6, phone="other")
    generations.generate(ctx, WHO)
    assert state().state == "never_registered"
    phone = sip_phone(205)
    registered = state()
    assert registered.state == "registered"
    assert registered.since.startswith("since ")
    assert registered.details.startswith("127.0.0.1:")
    assert registered.name == "Test phone/1.0"

    control_ami(ctx, lambda ami: control.qualify(ami, [205]))
    wait_for(lambda: state().details.endswith(" ms"), "the phone has answered")
    phone.die()
    control_ami(ctx, lambda ami: control.qualify(ami, [205]))
    wait_for(lambda: state().state == "unreachable", "Asterisk has noticed")
    phone.come_back()

    change_password(ctx)
    assert state().has_old_password
    generations.generate(ctx, WHO)  # it removes the registration (decision 009)
    ended = state()
    assert (ended.state, ended.has_old_password) == ("not_registered", False)
    assert ended.since.startswith("since ")
    assert phone.register() == 401
    wait_for(lambda: state().state == "refused", "the refusal is heard")
    assert state().details == "wrong password from 127.0.0.1"

    settings = live_app.config["SETTINGS"]
    attacker = Phone(tmp_path, settings.sip_port, 777, "a wrong password")
    right = Phone(tmp_path, settings.sip_port, 205, NEW_SECRET)
    try:
        assert attacker.register() == 401
        assert right.register() == 200
        wait_for(lambda: state().state == "registered", "the phone has the new password")
        wait_for(lambda: state() and not pbx_status.current_status(ctx).refusals, "the right password is heard")
    finally:
        attacker.close()
        right.close()


def control_ami(ctx, action):
    with ctx.pbx.open() as ami:
        action(ami)
