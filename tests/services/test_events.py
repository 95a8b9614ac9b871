"""Events are written in batches, limited, and deleted after a time; the history has pages and filters."""

import re
import socket
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import replace
from itertools import pairwise

import pytest
from sqlalchemy import func, select

from sipweb.db import db
from sipweb.models import Event
from sipweb.pbx.connection import PbxConnection
from sipweb.pbx.event_listener import MAX_FAILURES, EventListener, SignInFailure
from sipweb.pbx.status import Contact, TrunkState
from sipweb.services import generations, history, leases
from sipweb.services.context import Actor
from sipweb.services.errors import DatabaseFailure
from sipweb.services.events import EventWriter
from sipweb.services.row_limit import BURST
from sipweb.services.state import current_state
from sipweb.services.state_records import PbxStatus
from tests.builders import acquire, edit_account, make_user
from tests.conftest import on_both_databases

WHO = Actor(None, "test")


CONTACT = Contact("1.2.3.4:5060")
IS_REPORTED = Event.kind != "generated"  # the first generation has a row for each account


def count():
    """How many rows phones and trunks have caused."""
    return db.session.scalar(select(func.count(Event.id)).where(IS_REPORTED))


def status(registrations, trunks=None):
    return PbxStatus(1, registrations, {}, trunks or {})


def test_first_status_of_a_monitor_begins_no_registration(ctx):
    EventWriter(ctx).write(PbxStatus(), status(dict.fromkeys(range(200, 220), CONTACT)), {})
    assert count() == 0


def test_900_phones_that_renew_add_no_row_and_an_outage_no_more_than_the_limit(ctx, caplog):
    writer, all_phones = EventWriter(ctx), status({number: Contact(f"1.2.3.4:{number}") for number in range(100, 1000)})
    for _ in range(200):
        writer.write(all_phones, all_phones, {})
    assert count() == 0
    writer.write(all_phones, status({}), {})
    assert count() == BURST
    assert "750 events of phones and trunks were too many to be stored" in caplog.text


def test_what_a_database_in_use_did_not_take_is_written_the_next_time(ctx, instance):
    writer, registered = EventWriter(ctx), status({203: CONTACT})
    failure = SignInFailure("200", "1.2.3.4", "wrong_password", 29_000_000)
    db.session.connection().exec_driver_sql("PRAGMA busy_timeout=0")
    with closing(sqlite3.connect(instance / "sipweb.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseFailure, match="locked"):
            writer.write(status({}), registered, {failure: 2})
        db.session.rollback()
    for _ in range(2):
        writer.write(registered, registered, {})
    rows = db.session.execute(select(Event.kind, Event.count).where(IS_REPORTED)).all()
    assert sorted(tuple(row) for row in rows) == [("auth_failed", 2), ("registered", 1)]


@on_both_databases
def test_failures_of_a_minute_are_one_row_and_raise_no_revision(ctx):
    revision, writer = current_state(ctx).marks.revision, EventWriter(ctx)
    failure = SignInFailure("200", "1.2.3.4", "wrong_password", 29_000_000)
    for _ in range(3):
        writer.write(PbxStatus(), PbxStatus(), {failure: 1000})
    others = [
        replace(failure, minute=29_000_001), replace(failure, address="1.2.3.5"), replace(failure, number="7'7"),
    ]  # fmt: skip
    writer.write(PbxStatus(), PbxStatus(), dict.fromkeys(others, 1))
    rows = db.session.execute(
        select(Event.number, Event.account_id, Event.count).where(IS_REPORTED).order_by(Event.id)
    ).all()
    assert [tuple(row) for row in rows] == [(200, 1, 3000), (200, 1, 1), (200, 1, 1), (None, None, 1)]
    assert current_state(ctx).marks.revision == revision


def test_listener_keeps_a_bounded_number_of_failures_and_no_secret(ctx):
    listener = EventListener(ctx.pbx)
    for number in range(MAX_FAILURES + 10):
        listener.handle({
            "Event": "ChallengeResponseFailed", "Service": "PJSIP", "AccountID": str(number),
            "RemoteAddress": "IPV4/UDP/1.2.3.4/5060", "Challenge": "nonce", "Response": "digest",
        })  # fmt: skip
    failures = listener.take_failures()
    assert len(failures) == MAX_FAILURES
    assert "digest" not in repr(failures)
    assert listener.take_failures() == {}


def test_listener_connects_as_soon_as_asterisk_has_started_but_seldom_after_a_refusal(monkeypatch):
    waits = threading.Event()

    def wait_for_ever(*_args, **_values):
        waits.set()
        threading.Event().wait()

    with socket.socket() as asterisk:
        asterisk.bind(("127.0.0.1", 0))
        EventListener(PbxConnection("ami", "127.0.0.1", asterisk.getsockname()[1], "sipweb", "wrong", 5)).start()
        time.sleep(0.3)
        asterisk.listen()
        asterisk.settimeout(1)
        connection, _ = asterisk.accept()
        with connection:
            connection.sendall(b"Asterisk Call Manager/9.0.0\r\n")
            action_id = re.search(rb"ActionID: (\S+)", connection.recv(4096))[1]
            connection.sendall(b"Response: Error\r\nActionID: %b\r\nMessage: no\r\n\r\n" % action_id)
            with pytest.raises(TimeoutError):
                asterisk.accept()
        monkeypatch.setattr(PbxConnection, "open", wait_for_ever)  # another test may get this port
        assert waits.wait(5)


def test_last_password_of_each_number_is_kept_for_the_account_list(ctx):
    listener = EventListener(ctx.pbx)

    def hear(event, number, address="192.0.2.7"):  # as Asterisk 22.10 sends them
        listener.handle({
            "Event": event, "Privilege": "security,all", "Severity": "Error", "Service": "PJSIP", "EventVersion": "1",
            "AccountID": number, "SessionID": "1-4711@192.0.2.7", "LocalAddress": "IPV4/UDP/192.0.2.1/5060",
            "RemoteAddress": f"IPV4/UDP/{address}/49577", "Challenge": "1795619130/7b1a", "Response": "0f2d",
        })  # fmt: skip

    for number in range(5000):
        hear("ChallengeResponseFailed", str(number))
    hear("ChallengeResponseFailed", "<unknown>")
    hear("ChallengeResponseFailed", "२०३")
    hear("ChallengeSent", "999")
    hear("SuccessfulAuth", "205")
    hear("SuccessfulAuth", "206")
    hear("ChallengeResponseFailed", "206", "203.0.113.9")
    passwords = listener.take_passwords()
    assert passwords.keys() == set(range(100, 1000))
    assert [passwords[number] for number in (204, 205, 206)] == ["192.0.2.7", "", "203.0.113.9"]
    assert listener.take_passwords() == {}


def test_trunk_that_becomes_unreachable_is_in_its_history(ctx):
    writer = EventWriter(ctx)
    up, down = {1: TrunkState("Registered", True)}, {1: TrunkState("Rejected", False)}
    writer.write(status({}, up), status({}, down), {})
    writer.write(status({}, down), status({}, down), {})
    items, _older = history.history(("trunk", 1), None)
    assert [(item.what, item.reason) for item in items] == [
        ("unregistered", "unreachable"), ("unregistered", "Rejected"),
    ]  # fmt: skip


def test_phone_that_does_not_respond_and_then_does_is_in_its_history_but_renewals_are_not(ctx):
    writer, silent = EventWriter(ctx), replace(CONTACT, reachable=False)
    moved = Contact("1.2.3.4:5062", reachable=False)
    seen = (CONTACT, replace(CONTACT, expires=9), silent, replace(silent, expires=9), CONTACT, moved)
    for old, new in pairwise(seen):
        writer.write(status({203: old}), status({203: new}), {})
    items, _older = history.history(("account", 4), 203, "registrations")
    assert [(item.what, item.reason) for item in reversed(items)] == [
        ("unregistered", "unreachable"), ("registered", "reachable"), ("moved", ""), ("unregistered", "unreachable"),
    ]  # fmt: skip


@on_both_databases
def test_pages_of_a_history_show_everything_once_and_the_newest_first(ctx):
    writer = EventWriter(ctx)
    for level in range(40):
        edit_account(ctx, 1, level=level)
        old, new = (Contact(f"1.2.3.4:{port}") for port in (level, level + 1))
        writer.write(status({200: old}), status({200: new}), {})
    generations.generate(ctx, WHO)
    shown, cursor = [], history.NEWEST
    while cursor:
        items, cursor = history.history(("account", 1), 200, "", cursor)
        assert len(items) <= history.PAGE
        shown += items
    assert [item.at for item in shown] == sorted((item.at for item in shown), reverse=True)
    assert shown[0].generation == 2
    assert sum(item.kind == "edits" for item in shown) == 41  # the account's creation too
    assert sum(item.what == "moved" for item in shown) == 40
    for kind in history.KINDS:
        items, _older = history.history(("account", 1), 200, kind)
        assert {item.kind for item in items} <= {kind}


def test_use_of_an_account_has_its_agent_and_its_time(ctx):
    make_user("anna", "Anna Nowak")
    lease = acquire(ctx)
    number = lease.number
    account = next(account for account in current_state(ctx).accounts if account.number == number)
    leases.release(ctx, lease.token, "")
    items, _older = history.history(("account", account.id), number, "use")
    assert [(item.what, item.agent) for item in items] == [
        ("lease.release", "Anna Nowak"), ("lease.acquire", "Anna Nowak"),
    ]  # fmt: skip
    assert items[0].since == items[1].at
