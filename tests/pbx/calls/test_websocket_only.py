"""An account of the built-in phone is for WebSocket only: SIP phones with its password can do nothing."""

import socket

import pytest

from sipweb.monitor import Monitor
from sipweb.pbx import local_asterisk, status
from sipweb.services import account_secrets, generations, history
from sipweb.services.state import current_state
from tests.builders import WHO, edit_account
from tests.pbx.phones import SipDialog
from tests.pbx.sip_scripts import CALL, REGISTER
from tests.servers import free_port, running_asterisk

UDP, TCP = "u1", "t1"  # as sipp calls them


@pytest.fixture
def _pbx(instance):
    with running_asterisk(instance, sip_transports="udp,tcp") as running:
        yield running


def attempt(live_app, folder, number, script=REGISTER, transport=UDP):
    """Register, or call 204, with the account's password; return the final status."""
    ctx, kind = live_app.extensions["sipweb"], socket.SOCK_DGRAM if transport == UDP else socket.SOCK_STREAM
    account = next(account for account in current_state(ctx).accounts if account.number == number)
    secret = account_secrets.reveal(ctx, WHO, account.id).text
    row = number, f"[authentication username={number} password={secret}]", number if script == REGISTER else 204
    options = ("-t", transport, "-key", "media", "9")
    server = f"127.0.0.1:{live_app.config['SETTINGS'].sip_port}"
    dialog = SipDialog(folder, script, [row], server, free_port(kind), *options)
    return dialog.ended()


def registered(ctx):
    with ctx.pbx.open() as ami:
        return status.registered_phones(ami)


def failures(ctx, number):
    items, _older = history.history(("account", number - 199), number, "failures")
    return {(item.reason, item.address) for item in items}


def test_sip_phone_can_neither_register_nor_call_until_the_account_is_one_for_it(live_app, tmp_path):
    ctx = live_app.extensions["sipweb"]
    Monitor(ctx).tick()
    edit_account(ctx, 6, phone="other")  # 205, the control
    generations.generate(ctx, WHO)
    for transport in (UDP, TCP):
        assert [attempt(live_app, tmp_path, number, transport=transport) for number in (205, 200)] == [200, 401]
        assert [attempt(live_app, tmp_path, number, CALL, transport) for number in (205, 200)] == [480, 401]
    assert registered(ctx).keys() <= {205}

    edit_account(ctx, 1, phone="other")
    assert attempt(live_app, tmp_path, 200) == 401
    assert generations.generate(ctx, WHO).state == "verified"
    assert attempt(live_app, tmp_path, 200) == 200
    edit_account(ctx, 1, phone="builtin")
    assert generations.generate(ctx, WHO).state == "verified"
    assert 200 not in registered(ctx)
    assert attempt(live_app, tmp_path, 200) == 401


def test_an_asterisk_whose_transports_lack_the_domain_keeps_no_such_registration(request, monkeypatch, tmp_path):
    monkeypatch.setattr(local_asterisk, "SIP_DOMAIN", "")
    live_app = request.getfixturevalue("live_app")
    ctx = live_app.extensions["sipweb"]
    monitor = Monitor(ctx)
    monitor.tick()
    assert attempt(live_app, tmp_path, 200) == 200
    assert registered(ctx).keys() == {200}
    monitor.poll()
    assert registered(ctx) == {}
    assert failures(ctx, 200) == {("not_websocket", "127.0.0.1")}
