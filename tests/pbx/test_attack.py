"""Guessing of SIP passwords on a real Asterisk: who is blocked, who is not, and for how long."""

import shutil
import socket
import subprocess
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pytest
from flask import Flask

from sipweb.core import blocking as rules
from sipweb.core.errors import OperationRefused
from sipweb.monitor import Monitor
from sipweb.pbx import local_asterisk
from sipweb.pbx.blocked_addresses import INCLUDE
from sipweb.pbx.event_listener import EventListener
from sipweb.services import blocking, drift, generations, pbx_status, sign_in_attempts
from sipweb.services.context import ServiceContext
from sipweb.services.state import current_state, live_number
from sipweb.supervisor import local_asterisk_config
from tests.builders import WHO, make_trunk
from tests.pbx.conftest import PHONE_SECRET
from tests.pbx.phones import Phone
from tests.pbx.sipvicious import found_numbers, guessing
from tests.servers import wait_for

pytestmark = pytest.mark.long  # each starts a browser or an Asterisk; together they take minutes

ATTACKER, PHONE = "127.0.0.2", "127.0.0.3"


class Site(NamedTuple):
    """A live system that is attacked."""

    app: Flask
    ctx: ServiceContext
    sip_port: int
    folder: Path
    monitor: Monitor


@pytest.fixture
def site(live_app, tmp_path):
    """The system with the background process's work, which hears Asterisk."""
    ctx = live_app.extensions["sipweb"]
    listener = EventListener(ctx.pbx)
    listener.start()
    wait_for(listener.take_reload, "the listener is connected")  # FullyBooted
    monitor = Monitor(ctx, listener=listener)
    monitor.poll()
    return Site(live_app, ctx, live_app.config["SETTINGS"].sip_port, tmp_path, monitor)


@pytest.fixture
def phone_at(site):
    """Make a phone at an address."""
    phones = []

    def make(number, address):
        phones.append(Phone(site.folder, site.sip_port, number, PHONE_SECRET, address=address))
        return phones[-1]

    yield make
    for phone in phones:
        phone.close()


@contextmanager
def polling(site):
    """Poll as often as the background process does."""
    ended = threading.Event()

    def poll():
        with site.app.app_context():
            while not ended.is_set():
                site.monitor.poll()
                ended.wait(3)

    thread = threading.Thread(target=poll)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def blocked():
    return [block.address for block in blocking.active_blocks()]


def status_of(address, sip_port, number=205, password=""):
    """Send a REGISTER from an address, with a response to a challenge that never was, and return the status."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind((address, 0))
        phone.settimeout(5)
        name = uuid4().hex
        lines = [
            "REGISTER sip:127.0.0.1 SIP/2.0", f"Via: SIP/2.0/UDP {address}:9;rport;branch=z9hG4bK{name}",
            "Max-Forwards: 70", f"From: <sip:{number}@127.0.0.1>;tag={name}", f"To: <sip:{number}@127.0.0.1>",
            f"Call-ID: {name}", "CSeq: 1 REGISTER", f"Contact: <sip:{number}@{address}>", "Content-Length: 0",
        ]  # fmt: skip
        if password:
            lines.insert(-1, (
                f'Authorization: Digest username="{number}", realm="sipweb", nonce="1/0", uri="sip:127.0.0.1", '
                f'qop=auth, nc=00000001, cnonce="c", algorithm=MD5, response="{password}"'
            ))  # fmt: skip
        phone.sendto("\r\n".join([*lines, "", ""]).encode(), ("127.0.0.1", sip_port))
        return int(phone.recv(4096).split()[1])


def guess(address, sip_port, count=rules.LIMIT):
    """Send so many wrong passwords."""
    assert {status_of(address, sip_port, password="0" * 32) for _ in range(count)} == {401}


@pytest.mark.long
def test_sipvicious_finds_no_number_and_is_denied_while_others_work(site, sip_phone, phone_at):
    sip_phone(205)
    phone = phone_at(205, PHONE)
    assert phone.register() == 200
    for method in ("REGISTER", "INVITE", "OPTIONS"):
        assert found_numbers(site.folder, ATTACKER, site.sip_port, method, "198-222") == []
    with polling(site):
        began = time.monotonic()
        attacker = guessing(site.folder, ATTACKER, site.sip_port, 205)
        try:
            wait_for(lambda: status_of(ATTACKER, site.sip_port) == 403, "the attacker is denied")
            assert time.monotonic() - began < 10
            assert phone.register() == 200
            call = phone.call("*43")
            wait_for(lambda: call.far_media, "the call is connected")
            call.hang_up()
            assert call.ended() == 200
        finally:
            attacker.kill()
            attacker.wait()
    status = pbx_status.current_status(site.ctx)
    [attack] = status.attacks
    assert (attack.address, attack.attempts >= rules.LIMIT, attack.blocked_until > time.time() + 500) == (
        ATTACKER, True, True,
    )  # fmt: skip
    assert status.blocking_problem == ""
    attempts, _more = sign_in_attempts.failed_sign_ins("phones", ATTACKER)
    assert sum(one.count for one in attempts if one.name == "205" and one.reason == "wrong_password") >= rules.LIMIT


@pytest.mark.long
def test_block_survives_restarts_is_neither_pending_nor_drift_and_ends_by_itself(site, asterisk, monkeypatch):
    monkeypatch.setattr(rules, "FIRST_BLOCK", timedelta(seconds=20))
    site.monitor.tick()
    generation = live_number()
    guess(ATTACKER, site.sip_port)
    wait_for(lambda: site.monitor.poll() and blocked() == [ATTACKER], "the attacker is blocked")
    assert [status_of(address, site.sip_port) for address in (ATTACKER, PHONE)] == [403, 401]
    assert drift.check_now(site.ctx) == frozenset()
    assert (len(current_state(site.ctx).plan), live_number()) == (0, generation)
    asterisk.kill()
    asterisk.wait()
    settings = local_asterisk_config(site.app.config["SETTINGS"])
    command = local_asterisk.argv(settings, local_asterisk.find_asterisk())
    again = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert local_asterisk.wait_until_up(settings)
        assert status_of(ATTACKER, site.sip_port) == 403
        restarted = Monitor(site.ctx)
        assert restarted.poll()
        assert (blocked(), status_of(ATTACKER, site.sip_port)) == ([ATTACKER], 403)
        assert [attack.address for attack in pbx_status.current_status(site.ctx).attacks] == [ATTACKER]
        wait_for(lambda: restarted.poll() and status_of(ATTACKER, site.sip_port) == 401, "the block ends", 30)
        assert blocked() == []
    finally:
        again.kill()
        again.wait()


def test_trusted_addresses_and_those_of_phones_and_trunks_are_not_blocked(site, sip_phone, phone_at):
    sip_phone(205)
    for address in ("127.0.0.5", "127.0.0.4"):  # an account has one contact, that of the newest registration
        assert phone_at(205, address).register() == 200
    make_trunk(site.ctx, host="127.0.0.8")
    generations.generate(site.ctx, WHO)
    trusting = Monitor(replace(site.ctx, trusted_networks=("127.0.0.6/31",)), listener=site.monitor._listener)
    addresses = [f"127.0.0.{number}" for number in (2, 4, 5, 6, 8)]
    for address in addresses:
        guess(address, site.sip_port)
    guess(PHONE, site.sip_port, rules.LIMIT - 1)  # as a few phones with an old password
    time.sleep(0.5)
    trusting.poll()
    assert blocked() == [ATTACKER]
    spared = [(one.address, one.spared) for one in pbx_status.current_status(site.ctx).attacks]
    assert sorted(spared) == [*zip(addresses, ("", "phone", "phone", "trusted", "trunk"), strict=True)]


def test_unblocked_address_is_accepted_and_counts_from_the_beginning(site):
    guess(ATTACKER, site.sip_port)
    wait_for(lambda: site.monitor.poll() and status_of(ATTACKER, site.sip_port) == 403, "the attacker is denied")
    [block] = blocking.active_blocks()
    assert blocking.unblock(WHO, block.id) == ATTACKER
    site.monitor.poll()
    guess(ATTACKER, site.sip_port, 2)
    time.sleep(0.5)
    site.monitor.poll()
    assert (blocked(), pbx_status.current_status(site.ctx).attacks) == ([], ())
    with pytest.raises(OperationRefused, match="no longer blocked"):
        blocking.unblock(WHO, block.id)


def test_asterisk_that_lacks_the_line_is_reported(site, monkeypatch):
    monkeypatch.setattr(blocking, "RELOAD_SECONDS", 0)
    configuration = site.app.config["SETTINGS"].asterisk_dir / "pjsip.conf"
    configuration.write_text(configuration.read_text().replace(INCLUDE, ""))
    for _ in range(2):
        guess(ATTACKER, site.sip_port)
        time.sleep(0.5)
        site.monitor.poll()
    assert blocked() == [ATTACKER]
    assert pbx_status.current_status(site.ctx).blocking_problem == "not_denied"


@pytest.mark.long
def test_fail2ban_recognises_wrong_passwords_in_the_security_log(site):
    if shutil.which("fail2ban-regex") is None:
        pytest.skip("no fail2ban-regex: run scripts/get-tools long")
    guess(ATTACKER, site.sip_port, 12)
    assert status_of(PHONE, site.sip_port) == 401  # a first request, which only gets its challenge
    log = site.app.config["SETTINGS"].instance / "asterisk-state" / "log" / "security.log"
    wait_for(lambda: log.read_text().count('"ChallengeResponseFailed"') == 12, "Asterisk has logged them")
    command = ["fail2ban-regex", "--out", "ip", log, "/etc/fail2ban/filter.d/asterisk.conf"]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.split()
    assert {*found} == {ATTACKER}
    assert len(found) >= 12  # an unknown number is logged twice
