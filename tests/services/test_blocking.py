"""Blocks in the database, without an Asterisk: their length, their number, and what the listener counts."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.event import listen, remove

from sipweb.core.blocking import FIRST_BLOCK, LIMIT
from sipweb.core.errors import NotFound, OperationRefused
from sipweb.db import db
from sipweb.models import AddressBlock
from sipweb.pbx.event_listener import EventListener, SignIns
from sipweb.services import blocking, hosts, retention
from sipweb.services.blocking import Blocker
from sipweb.services.context import utc_now
from sipweb.services.state import current_state
from tests.builders import WHO, audit_entries
from tests.conftest import on_both_databases


@pytest.fixture
def blocker(ctx):
    """The monitor's part, with a clock of the test, and how often it had the file read."""
    blocker = Blocker(ctx, lambda: blocker.now)
    blocker.now, blocker.reloads = 1000.0, 0
    return blocker


def guess(blocker, *addresses, count=LIMIT, reload=None):
    """Let phones at these addresses have sent so many wrong passwords since the last time."""

    def count_reload():
        blocker.reloads += 1

    return blocker.run(SignIns(dict.fromkeys(addresses, count), ()), tuple, reload or count_reload)


def end_all():
    """Let the blocks have ended by themselves."""
    for row in db.session.query(AddressBlock):
        row.begun_at, row.ends_at = row.begun_at - timedelta(hours=12), row.ends_at - timedelta(hours=12)
    db.session.commit()


@on_both_databases
def test_blocks_of_an_address_get_longer_unless_an_administrator_ended_the_last(ctx, blocker):
    revision = current_state(ctx).marks.revision
    lengths = []
    for _ in range(3):
        [attack] = guess(blocker, "192.0.2.7")
        assert attack.attempts == LIMIT
        [block] = blocking.active_blocks()
        lengths.append(block.ends_at - block.begun_at)
        end_all()
        blocker.now += 3
        assert guess(blocker) == ()
    assert lengths == [FIRST_BLOCK, FIRST_BLOCK * 2, FIRST_BLOCK * 4]
    assert current_state(ctx).marks.revision == revision
    guess(blocker, "192.0.2.8")
    [block] = blocking.active_blocks()
    blocking.unblock(WHO, block.id)
    assert audit_entries("address.unblock")[0].subject == "192.0.2.8"
    guess(blocker)
    guess(blocker, "192.0.2.8")
    [block] = blocking.active_blocks()
    assert block.ends_at - block.begun_at == FIRST_BLOCK


def test_block_that_ended_or_never_was_cannot_be_ended(blocker):
    guess(blocker, "192.0.2.7")
    [block] = blocking.active_blocks()
    end_all()
    with pytest.raises(OperationRefused, match="is no longer blocked"):
        blocking.unblock(WHO, block.id)
    with pytest.raises(NotFound):
        blocking.unblock(WHO, 999)


def test_attempts_of_a_minute_count_and_slower_ones_do_not(blocker):
    for _ in range(100):  # a phone or a few with an old password
        assert guess(blocker, "192.0.2.7", count=1) == ()
        blocker.now += 3
    assert blocking.active_blocks() == ()
    for _ in range(LIMIT // 3):
        guess(blocker, "192.0.2.7", count=3)
        blocker.now += 3
    assert [block.address for block in blocking.active_blocks()] == ["192.0.2.7"]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_pbx_hosts_are_never_blocked(ctx, blocker):
    guess(blocker, "192.0.2.7")
    assert [block.address for block in blocking.active_blocks()] == ["192.0.2.7"]
    for name, address in (("a", "192.0.2.7"), ("b", "192.0.2.8")):
        server = replace(ctx.phone_server, host=address, ports={"udp": 5060})
        hosts.join(replace(ctx, host=name, phone_server=server, runtime_dir=ctx.runtime_dir / name))
    attacks = guess(blocker, "192.0.2.8")
    assert {attack.address: attack.spared for attack in attacks} == {"192.0.2.8": "host"}
    assert blocking.active_blocks() == ()


def test_warning_ends_five_minutes_after_the_guessing_and_the_block_later(blocker):
    [attack] = guess(blocker, "192.0.2.7", count=240)
    assert (attack.address, attack.attempts) == ("192.0.2.7", 240)
    for row in db.session.query(AddressBlock):
        row.begun_at -= timedelta(minutes=6)
    db.session.commit()
    blocker.now += 299
    assert len(guess(blocker)) == 1
    blocker.now += 2
    assert guess(blocker) == ()
    assert len(blocking.active_blocks()) == 1


def test_asterisk_is_reloaded_only_when_the_addresses_change(ctx, blocker):
    file = ctx.generation_files.directory / "blocked" / "pjsip.conf"
    guess(blocker)
    assert (blocker.reloads, file.exists()) == (0, False)
    guess(blocker, "192.0.2.7", "2001:db8::1")
    guess(blocker)
    assert blocker.reloads == 1
    assert file.read_text().splitlines()[2:] == [
        "[sipweb-blocked]", "type=acl", "deny=192.0.2.7", "deny=2001:db8::/64",
    ]  # fmt: skip
    file.write_text("changed by hand")
    guess(blocker)
    assert blocker.reloads == 2
    end_all()
    guess(blocker)
    assert blocker.reloads == 3
    assert "[" not in file.read_text()


def test_reload_that_fails_is_repeated_and_a_file_that_cannot_be_written_is_reported(ctx, blocker):
    def refuse():
        raise OperationRefused("Asterisk is still starting.")

    guess(blocker, "192.0.2.7", reload=refuse)
    for _ in range(2):
        guess(blocker)
        assert blocker.reloads == 1
    folder = ctx.generation_files.directory / "blocked"
    (folder / "pjsip.conf").unlink()
    folder.rmdir()
    folder.write_text("in the way")
    guess(blocker, "192.0.2.8")
    assert blocker.problem == "file"
    folder.unlink()
    guess(blocker)
    assert blocker.problem == ""


def test_monitors_change_blocks_in_the_same_order(ctx, blocker, monkeypatch):
    """Else two of them that share a PostgreSQL database may wait for each other."""
    addresses = sorted(f"192.0.2.{last}" for last in range(1, 30))
    guess(blocker, *addresses)
    changed = []
    monkeypatch.setattr(blocker, "_ctx", replace(ctx, trusted_networks=(f"{addresses[3]}/32",)))

    def note(_connection, _cursor, statement, parameters, *_):
        if statement.startswith("UPDATE address_block"):
            changed.extend(set(parameters).intersection(addresses))

    listen(db.engine, "before_cursor_execute", note)
    guess(blocker, *addresses)
    remove(db.engine, "before_cursor_execute", note)
    assert changed == sorted([*addresses, addresses[3]])  # one was counted and is ended


def test_number_of_blocks_is_limited(blocker, monkeypatch):
    monkeypatch.setattr(blocking, "MAX_BLOCKS", 3)
    for last in range(6):
        attacks = guess(blocker, f"192.0.2.{last}")
    assert len(blocking.active_blocks()) == 3
    assert [attack.spared for attack in attacks] == ["", "", "", "full", "full", "full"]


def test_address_that_becomes_trusted_is_unblocked(ctx, blocker, monkeypatch):
    guess(blocker, "192.0.2.7", "192.0.2.8")
    object.__setattr__(ctx, "trusted_networks", ("192.0.2.7/32",))
    guess(blocker)
    assert [block.address for block in blocking.active_blocks()] == ["192.0.2.8"]


def test_old_blocks_are_deleted_like_events(ctx, blocker):
    guess(blocker, "192.0.2.7", "192.0.2.8")
    old, _new = db.session.query(AddressBlock)
    old.ends_at = utc_now() - timedelta(days=ctx.event_days, minutes=1)
    db.session.commit()
    retention.delete_expired(ctx)
    assert db.session.query(AddressBlock).count() == 1


def event(name, account="200", session="1", address="IPV4/UDP/192.0.2.7/5060"):
    return {
        "Event": name, "Service": "PJSIP", "AccountID": account, "SessionID": session, "RemoteAddress": address,
    }  # fmt: skip


def test_password_of_an_unknown_number_counts_once_also_when_asterisk_ceases_to_name_it(ctx):
    """It names one within 5 seconds only (measured on Asterisk 22.10)."""
    listener = EventListener(ctx.pbx)
    for _ in range(10):
        listener.handle(event("InvalidAccountID", "777"))
        listener.handle(event("ChallengeResponseFailed", "<unknown>"))
    for _ in range(90):
        listener.handle(event("ChallengeResponseFailed", "<unknown>"))
    listener.handle(event("ChallengeResponseFailed", "<unknown>", session="another call"))
    failures = listener.take_failures()
    assert {(one.number, one.reason): count for one, count in failures.items()} == {
        ("777", "unknown_number"): 100, ("", "unknown_number"): 1,
    }  # fmt: skip
    sign_ins = listener.take_sign_ins()
    assert (sign_ins.wrong, sign_ins.right) == ({"192.0.2.7": 101}, set())
    assert listener.take_sign_ins().wrong == {}


def test_right_passwords_are_those_of_phones_only(ctx):
    listener = EventListener(ctx.pbx)
    listener.handle(event("SuccessfulAuth"))
    listener.handle(event("SuccessfulAuth", address="IPV4/TCP/127.0.0.1/5038") | {"Service": "AMI"})
    assert listener.take_sign_ins().right == {"192.0.2.7"}


@pytest.mark.timed
def test_ten_minutes_of_guessing_cost_the_monitor_seconds(ctx, blocker):
    listener, began = EventListener(ctx.pbx), time.process_time()
    for poll in range(200):
        for _ in range(210):  # 70 events a second
            listener.handle(event("ChallengeResponseFailed"))
        blocker.now = 1000.0 + 3 * poll
        blocker.run(listener.take_sign_ins(), tuple, tuple)
        listener.take_failures()
    assert time.process_time() - began < 5
