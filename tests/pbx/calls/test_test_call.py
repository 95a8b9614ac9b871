"""The PBX calls a phone for an administrator, and nobody else."""

import time

import pytest

from sipweb.core.errors import OperationRefused
from sipweb.monitor import Monitor
from sipweb.pbx import status
from sipweb.pbx.event_listener import EventListener
from sipweb.services import calls, pbx_status, test_call
from sipweb.services.calls import CallQuery
from sipweb.services.context import Actor
from sipweb.services.state import current_state
from tests.client import Client, soup
from tests.pbx.calls.steps import hang_up_all
from tests.servers import wait_for

WHO = Actor(None, "test")


@pytest.fixture
def account(ctx):
    """Return a function that returns the account of a number, as the monitor's last poll left it."""

    def read(number):
        with ctx.pbx.open() as ami:
            pbx_status.write_status(ctx, status.registered_phones(ami))
        return next(one for one in current_state(ctx).accounts if one.number == number)

    return read


def on_call(ctx):
    with ctx.pbx.open() as ami:
        return status.numbers_on_call(ami)


def test_phone_hears_its_number_and_then_itself(ctx, live_app, sip_phone, account):
    phone, admin, listener = sip_phone(201), Client(live_app), EventListener(ctx.pbx)
    listener.start()
    monitor = Monitor(ctx, listener=listener)
    answer, key = phone.wait(), account(201).id
    admin.login()
    assert f'formaction="/accounts/{key}/call"' in admin.get(f"/accounts?edit={key}").text
    called = admin.post(f"/accounts/{key}/call", htmx=True)
    assert "The PBX is calling 201." in soup(called).text
    wait_for(lambda: answer.far_media, "the call is connected")
    with pytest.raises(OperationRefused, match="201 is in a call"):
        test_call.call_phone(ctx, WHO, account(201))
    phone.rtp.send_to(answer.far_media)
    wait_for(lambda: len(set(phone.rtp.sound)) > 20, "the announcement")
    wait_for(lambda: phone.rtp.received(201) > 50, "its own sound comes back")
    hang_up_all(ctx)
    wait_for(lambda: not (ctx.spool_dir / "outgoing" / "sipweb-201.call").exists(), "the call has ended")
    monitor.poll()
    assert listener.heard_calls
    time.sleep(1.2)  # until the call's records are complete
    monitor.poll()
    assert calls.search(ctx, CallQuery(), None).calls == ()  # it is no call between people


def test_phone_that_redirects_the_call_reaches_nobody(ctx, outbound_routing, provider, sip_phone, account):
    outbound_routing({"pattern": ".*", "level": 0})
    phone = sip_phone(201, level=100)
    for target in ("112", "221234567", "PJSIP%2Fsipweb-trunk-2%2Fsip%3A2212"):
        diverted = phone.divert(target)
        test_call.call_phone(ctx, WHO, account(201))
        assert diverted.ended() is None
        wait_for(lambda: not (ctx.spool_dir / "outgoing" / "sipweb-201.call").exists(), "the call has ended")
    assert provider.arrived == []
    assert on_call(ctx) == set()


def test_phone_is_called_from_the_page_with_its_settings(ctx, live_app, sip_phone, account):
    phone, admin = sip_phone(201), Client(live_app)
    admin.login()
    card = f"/accounts/{account(201).id}/phone"
    form = soup(admin.get(card)).select_one("form#call-phone")
    declines = phone.wait(decline=True)
    called = admin.post(form["action"], card=form.select_one("[name=card]")["value"])
    assert (called.status_code, called.location) == (303, card)
    assert "The PBX is calling 201." in soup(admin.get(card)).text
    declines.ended()
    assert declines.messages[0].startswith("INVITE")


def test_unregistered_phone_is_not_called(ctx, live_app, account):
    with pytest.raises(OperationRefused, match="No phone is registered as 202"):
        test_call.call_phone(ctx, WHO, account(202))
    assert list((ctx.spool_dir / "outgoing").iterdir()) == []
