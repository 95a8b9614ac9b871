"""Registrations and failed sign-ins of real phones reach the history of their account."""

import pytest

from sipweb.db import db
from sipweb.models import Event, Generation
from sipweb.monitor import Monitor
from sipweb.pbx.event_listener import EventListener
from sipweb.services import generations, history
from sipweb.services.context import Actor
from sipweb.services.state import current_state
from tests.builders import edit_account
from tests.pbx.phones import Phone
from tests.servers import wait_for

WHO = Actor(None, "test")


@pytest.fixture
def ctx(live_app):
    return live_app.extensions["sipweb"]


@pytest.fixture
def listener(ctx):
    listener = EventListener(ctx.pbx)
    listener.start()
    wait_for(lambda: connected(ctx), "the listener is connected")
    return listener


def connected(ctx):
    with ctx.pbx.open() as ami:
        ami.action("Ping")
    return True


def kinds(account_id):
    items, _older = history.history(("account", account_id), None, "registrations")
    return [item.what for item in items]


def test_registration_begins_and_ends_but_a_renewal_adds_nothing(ctx, sip_phone):
    monitor = Monitor(ctx)
    monitor.tick()
    phone = sip_phone(205)
    monitor.poll()
    assert kinds(6) == ["registered"]
    for _ in range(3):
        assert phone.register() == 200
        monitor.poll()
    assert kinds(6) == ["registered"]
    with ctx.pbx.open() as ami:
        for item in ami.events("PJSIPShowContacts"):
            ami.action("DBDel", Family="registrar/contact", Key=item["ObjectName"])
    monitor.poll()
    assert kinds(6) == ["unregistered", "registered"]


def test_wrong_passwords_are_one_row_with_a_count(ctx, sip_phone, listener, tmp_path, live_app):
    monitor = Monitor(ctx, listener=listener)
    monitor.tick()
    sip_phone(205)
    revision = current_state(ctx).marks.revision
    wrong_phone = Phone(tmp_path, live_app.config["SETTINGS"].sip_port, 205, "a wrong password")
    unknown = Phone(tmp_path, live_app.config["SETTINGS"].sip_port, 777, "a wrong password")
    try:
        for _ in range(3):
            assert wrong_phone.register() == 401
        assert unknown.register() == 401
    finally:
        wrong_phone.close()
        unknown.close()

    def failures():
        monitor.poll()
        return {
            (row.number, row.account_id, row.address, row.reason): row.count
            for row in db.session.query(Event).filter_by(kind="auth_failed")
        }

    wait_for(lambda: sum(failures().values()) >= 4, "the failures are stored")
    # Asterisk does not tell which unknown number it was
    assert failures() == {(205, 6, "127.0.0.1", "wrong_password"): 3, (None, None, "127.0.0.1", "unknown_number"): 1}
    assert current_state(ctx).marks.revision == revision
    items, _older = history.history(("account", 6), 205, "failures")
    assert [(item.count, item.reason) for item in items] == [(3, "wrong_password")]


def test_reload_by_somebody_else_is_heard_at_once(ctx, listener):
    listener.take_reload()
    with ctx.pbx.open() as ami:
        ami.action("Reload", Module="res_pjsip.so")
    listener.wait(5)
    assert listener.take_reload()
    assert not listener.take_reload()


def test_event_that_nobody_expected_does_not_end_the_listener(ctx, listener, monkeypatch, caplog):
    handle, failed = listener.handle, []

    def fail_once(message):
        if not failed:
            failed.append(message)
            raise KeyError("Event")
        handle(message)

    monkeypatch.setattr(listener, "handle", fail_once)
    with ctx.pbx.open() as ami:
        ami.action("Reload", Module="res_pjsip.so")
    wait_for(lambda: "An event of Asterisk can't be understood" in caplog.text, "the event arrives")
    listener.take_reload()
    wait_for(lambda: reloaded_again(ctx, listener), "the listener is connected again")


def reloaded_again(ctx, listener):
    with ctx.pbx.open() as ami:
        ami.action("Reload", Module="res_pjsip.so")
    listener.wait(1)
    return listener.take_reload()


def test_generation_stands_in_the_history_of_what_it_changed(ctx):
    assert generations.reconcile(ctx)
    edit_account(ctx, 1, level=77)
    done = generations.generate(ctx, WHO)
    items, _older = history.history(("account", 1), 200)
    assert [(item.what, item.generation) for item in items][:2] == [("generated", done.number), ("account.edit", None)]
    assert items[1].changes == {"level": [10, 77]}
    assert all(item.generation != done.number for item in history.history(("account", 2), 201)[0])
    assert db.session.get(Generation, done.number).state == "verified"
