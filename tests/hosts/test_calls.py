"""Calls between two PBX hosts, with real Asterisks and phones: 300 to 309 are at host a, 310 to 319 at host b."""

import re
import shutil
import time
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from sipweb import create_app
from sipweb.config import load
from sipweb.core.asterisk import Configuration
from sipweb.core.asterisk.pjsip import ha1
from sipweb.db import db
from sipweb.pbx import call_file, status, verification
from sipweb.services import calls, generation_history, generations
from sipweb.services.call_writer import CallWriter
from sipweb.services.calls import CallQuery
from sipweb.services.state import live_generation
from tests.builders import WHO, make_account, make_route, make_trunk, make_user
from tests.hosts.asterisks import Hosts
from tests.pbx.calls.steps import reachable_trunks
from tests.pbx.phones import LOOPBACK, Phone, conversation, hear_each_other, speak, transfer
from tests.pbx.provider import FailingProvider
from tests.pbx.websocket_phone import WebSocketPhone
from tests.servers import wait_for

UTC = ZoneInfo("UTC")
ACCOUNTS = {
    300: {}, 301: {"recording": True}, 302: {"pickup_group": 5}, 310: {}, 311: {"recording": True},
    312: {"pickup_group": 5, "max_contacts": 2}, 313: {"pickup_group": 5}, 314: {"forward_always": "310"},
    315: {"forward_busy": "300"}, 316: {"forward_no_answer": "300"}, 317: {"level": 50},
}  # fmt: skip
SETTINGS = {"pickup": "*8", "withhold_prefix": "*67", "echo_test": "*43"}


@pytest.fixture(scope="module")
def hosts(instance_template, tmp_path_factory):
    """Two hosts with the live generation of one sipweb."""
    folder = tmp_path_factory.mktemp("hosts")
    shutil.copytree(instance_template, folder / "i", symlinks=True)
    app = create_app(load({"SIPWEB_INSTANCE": str(folder / "i"), "SIPWEB_PBX": "files"}))
    with app.app_context():
        ctx = app.extensions["sipweb"]
        anna = make_user("anna", "Anna Żółć", external_phone="other")
        for number, values in ACCOUNTS.items():
            owner = {"user_id": anna} if number == 300 else {}
            make_account(ctx, number, phone="other", **values, **owner)
        provider = FailingProvider()
        make_route(make_trunk(ctx, host=LOOPBACK, port=provider.port), level=50)
        assert generations.generate(ctx, WHO).state == "written"
        snapshot = live_generation(ctx)[1]
        hosts = Hosts(folder, ctx, replace(snapshot, settings=replace(snapshot.settings, **SETTINGS)))
        hosts.provider = provider
        try:
            yield hosts
        finally:
            hosts.close()
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def phone(hosts):
    """Register a phone at the host of its number; return it."""
    made = []

    def register(number, host=None):
        made.append(hosts.phone(host or hosts.hosts[number >= 310], number))
        return made[-1]

    yield register
    for host in hosts:
        host.hang_up_all()
    for one in made:
        one.close()
    for host in hosts:
        host.forget_phones()


def ha1_of(hosts, number):
    """Return what an account's phone registers with."""
    return ha1(hosts.snapshot.by_number[str(number)], "sipweb", hosts.hosts[0].ctx.cipher.decrypt)


def is_reachable(machine, endpoint):
    with machine.ami() as ami:
        items = ami.events("PJSIPShowEndpoint", Endpoint=endpoint)
    return "Reachable" in {item.get("Status") for item in items}


def take_recordings(hosts):
    """Return and delete the recordings: (host, caller, called) of each."""
    hosts.wait_until_quiet()
    time.sleep(0.1)
    found = []
    for host in hosts:
        for file in host.ctx.recordings_dir.glob("*/*"):
            found.append((host.name, *file.name.split("_")[1:3]))
            file.unlink()
    return sorted(found)


def take_calls(hosts):
    """Return what the hosts add to the call list: (host, caller, called, result, who transferred it) of each call."""
    hosts.wait_until_quiet()
    time.sleep(1.5)
    found = []
    for host in hosts:
        known = {call.id for call in calls.search(host.ctx, CallQuery(), UTC).calls}
        CallWriter(host.ctx).write(host.listener.take_calls())
        new = [call for call in calls.search(host.ctx, CallQuery(), UTC).calls if call.id not in known]
        found += [
            (host.name, call.caller, call.callee or call.number, call.result, call.transferred_by) for call in new
        ]
    return sorted(found)


def shown_caller(dialog):
    """Return the name and number that a called phone is given."""
    return re.search(r'^From: "(.*)" <sip:(.*?)@', dialog.messages[0], re.MULTILINE).groups()


def test_accounts_call_each_other_across_hosts(hosts, phone):
    anna, piotr = phone(300), phone(310)
    for caller, called, name in ((anna, piotr, "Anna Żółć"), (piotr, anna, "Automat Automat")):
        with conversation(caller, called) as (_, answer):
            hear_each_other(caller, called)
            assert shown_caller(answer) == (name, str(caller.number))
            assert {len(host.channels()) for host in hosts} == {2}
    for wait, expected in (({"busy": True}, 486), ({"decline": True}, 603)):
        refusal = piotr.wait(**wait)
        assert anna.call(310).ended() == expected
        assert shown_caller(refusal) == ("Anna Żółć", "300")
    piotr.be_unavailable()
    assert anna.call(310).ended() == 480
    started = time.monotonic()
    assert (anna.call(315).ended(), anna.call(399).ended()) == (480, 404)  # without a phone anywhere, and no account
    assert time.monotonic() - started < 5
    withheld = piotr.wait(busy=True)
    assert anna.call("*67310").ended() == 486
    assert shown_caller(withheld) == ("Anonymous", "anonymous")
    assert take_calls(hosts) == sorted([
        ("a", "300", "310", "answered", ""), ("b", "310", "300", "answered", ""), ("a", "300", "310", "busy", ""),
        ("a", "300", "310", "declined", ""), ("a", "300", "310", "no_answer", ""),
        ("a", "300", "315", "not_registered", ""), ("a", "300", "399", "unknown", ""),
        ("a", "300", "310", "busy", ""),
    ])  # fmt: skip
    assert take_recordings(hosts) == []


def test_permission_level_is_decided_at_the_callers_host(hosts, phone):
    hosts.provider.answers = ["486 Busy Here"]
    low, high = phone(310), phone(317)
    wait_for(lambda: reachable_trunks(hosts.hosts[1].ctx).get(1), "the trunk answers", 60)
    assert (low.call("221234").ended(), hosts.provider.dialled) == (403, [])
    assert (high.call("221234").ended(), hosts.provider.dialled) == (486, ["221234"])
    assert take_calls(hosts) == [("b", "310", "221234", "not_allowed", ""), ("b", "317", "221234", "busy", "")]


def test_phone_registers_every_minute_whatever_it_asks_for(hosts, phone):
    [answer] = [message for message in phone(300).last.messages if message.startswith("SIP/2.0 200")]
    assert 50 < int(re.search(r"^Contact: .*;expires=(\d+)$", answer, re.MULTILINE)[1]) <= 60  # it asked for 300
    softphone = WebSocketPhone(hosts.hosts[0].config.ws_port, 200, ha1_of(hosts, 200))
    assert softphone.register() == 200
    with hosts.hosts[0].ctx.pbx.open() as ami:
        ends_at = status.registered_phones(ami)[200].expires
    assert 290 < ends_at - time.time() <= 300  # its page tells when the host is gone
    softphone.close()


def test_agent_in_a_call_is_busy_for_callers_at_another_host(hosts, phone):
    _, b = hosts
    softphone = WebSocketPhone(b.config.ws_port, 200, ha1_of(hosts, 200))
    assert softphone.register() == 200
    assert softphone.call("*43") == 200  # the echo test
    assert phone(300).call(200).ended() == 486
    softphone.close()


@pytest.mark.parametrize(("caller", "called"), [(300, 310), (301, 310), (300, 311), (301, 311)])
def test_call_is_recorded_once_at_the_callers_host(hosts, phone, caller, called):
    with conversation(phone(caller), phone(called)):
        time.sleep(0.5)
    expected = [] if (caller, called) == (300, 310) else [("a", str(caller), str(called))]
    assert take_recordings(hosts) == expected


def test_transferred_calls_are_recorded_once(hosts, phone):
    """Who is transferred is at the other host than the account that does it, and has called it or was called by it."""
    a, b = hosts
    take_calls(hosts)
    plain, recorded, transferrer, target = phone(300), phone(301), phone(310), phone(311)
    for caller, recording in ((plain, ("b", "300", "311")), (recorded, ("a", "301", "310"))):
        answer, call = transferrer.wait(), caller.call(310)
        speak(caller, call, transferrer, answer)
        waiting = target.wait()
        [own] = [channel for channel in b.channels() if channel.startswith("PJSIP/310-")]
        b.action("BlindTransfer", Channel=own, Exten="311", Context="sipweb-internal")
        speak(caller, call, target, waiting)
        assert shown_caller(waiting)[1] == str(caller.number)
        answer.ended()
        call.hang_up()
        call.ended()
        assert take_recordings(hosts) == [recording]
    waiting = target.wait()
    answer = transfer(recorded, transferrer, 311)
    speak(transferrer, answer, target, waiting)
    assert shown_caller(waiting)[1] == "310"
    time.sleep(0.5)
    a.hang_up_all()
    assert take_recordings(hosts) == [("a", "301", "310"), ("a", "310", "311")]
    assert take_calls(hosts) == [
        ("a", "300", "310", "answered", ""), ("a", "301", "310", "answered", ""), ("a", "301", "310", "answered", ""),
        ("a", "310", "311", "answered", "301"), ("b", "300", "311", "answered", "310"),
        ("b", "301", "311", "answered", "310"),
    ]  # fmt: skip


def test_transfer_that_fails_returns_to_the_account_at_the_other_host(hosts, phone):
    _, b = hosts
    caller, transferrer = phone(300), phone(310)
    answer, call = transferrer.wait(), caller.call(310)
    speak(caller, call, transferrer, answer)
    [own] = [channel for channel in b.channels() if channel.startswith("PJSIP/310-")]
    b.action("BlindTransfer", Channel=own, Exten="315", Context="sipweb-internal")
    answer.ended()
    returned = transferrer.wait()
    speak(caller, call, transferrer, returned)
    call.hang_up()
    call.ended()
    returned.ended()


def test_phone_is_tried_from_any_host(hosts, phone):
    a, _ = hosts
    take_calls(hosts)
    called = phone(310)
    answer = called.wait()
    assert call_file.write_test_call(a.ctx.spool_dir, 310)
    wait_for(lambda: answer.far_media, "the phone is called")
    called.rtp.send_to(answer.far_media)
    wait_for(lambda: called.rtp.packets > 20, "it hears something")
    a.hang_up_all()
    answer.ended()
    assert take_calls(hosts) == []


def test_forwarding_pickup_and_several_phones(hosts, phone):
    a, b = hosts
    caller, other, colleague = phone(300), phone(310), phone(313)
    answer, call = other.wait(), caller.call(314)  # always forwarded, by the caller's host
    speak(caller, call, other, answer)
    call.hang_up()
    call.ended()
    answer.ended()
    busy, other_busy = phone(315), caller.wait()
    busy.wait(busy=True)
    call = other.call(315)  # from b to b, and to a when it is busy
    speak(other, call, caller, other_busy)
    call.hang_up()
    call.ended()
    # both phones of the account ring, one at each host; the one here stops when the other one answers
    here, there = phone(312, a), phone(312, b)
    rings, answer, call = here.ring(), there.wait(slowly=True), caller.call(312)
    speak(caller, call, there, answer)
    rings.ended()
    call.hang_up()
    call.ended()
    answer.ended()
    # a call that rings at b is answered there by a colleague
    a.forget_phones()
    rings, call = there.ring(), caller.call(312)
    wait_for(lambda: 180 in call.statuses, "it rings")
    picked_up = colleague.call("*8")
    wait_for(lambda: 200 in picked_up.statuses and 200 in call.statuses, "it was picked up")
    speak(caller, call, colleague, picked_up)
    rings.ended()
    call.hang_up()
    assert call.ended() == 200


def test_hosts_know_each_other_by_their_secret_only(hosts, phone, tmp_path):
    """All of them and all phones have one address here."""
    a, b = hosts
    phone(310)
    key = b.ctx.cipher.hosts_key
    other_host = Phone(tmp_path, b.config.sip_port, "sipweb-host-a", key)
    for number in ("112", "*43", "*8", "22000", "sipweb-host-a", "399", "314", "315"):  # it reaches phones at b only
        assert other_host.call(number).ended() == 404, number
    assert other_host.register() == 403
    other = Phone(tmp_path, b.config.sip_port, "sipweb-host-a", "another secret")
    assert other.call("310").ended() == 401
    try:
        a.reload(hosts.snapshot, hosts_key="another")
        assert phone(300).call(310).ended() == 603  # so Asterisk hears 401
    finally:
        a.reload(hosts.snapshot)
        other_host.close()
        other.close()


def test_pages_hide_what_hosts_authenticate_with(hosts):
    for host in hosts:
        files = host.ctx.generation_files
        written = "".join(files.read(files.current()).values())
        shown = "".join(generation_history.files(host.ctx, files.current()).values())
        digests = re.findall(r"^password_digest=(MD5:\w+)$", written, re.MULTILINE)
        assert len(digests) > len(ACCOUNTS) + 2
        assert "sipweb-host-a" in shown
        assert not [secret for secret in (*digests, host.ctx.cipher.hosts_key) if secret in shown]
        assert host.ctx.cipher.hosts_key not in written


def test_verification_compares_what_hosts_know_of_each_other(hosts):
    a, b = hosts
    with a.ctx.pbx.open() as ami:

        def differences(snapshot=hosts.snapshot, renderer=a.ctx.renderer):
            found = verification.differences(ami, Configuration(snapshot, renderer), ACCOUNTS, range(100, 1000))
            return {(one.name, one.field) for one in found}

        assert differences() == set()
        moved = replace(hosts.snapshot.settings, hosts=(a.address, replace(b.address, port=9)))
        assert {("sipweb-host-b", "contact")} <= differences(replace(hosts.snapshot, settings=moved))
        other_key = replace(a.ctx.renderer, hosts_key="another")
        marker = {(name, kind) for name, kind in differences(renderer=other_key) if kind != "secret"}
        assert {kind for _, kind in marker} == {"endpoint", "auth", "aor"}  # it is named by the other sections
        secrets = {("sipweb-host-a", "secret"), ("sipweb-host-b", "secret")}
        assert differences(renderer=other_key) - marker == secrets
        alone = replace(hosts.snapshot, settings=replace(hosts.snapshot.settings, hosts=()))
        assert {("sipweb-host-b", kind) for kind in ("endpoint", "auth", "aor")} <= differences(alone)


@pytest.mark.long
def test_dead_host_delays_no_call_once_it_was_noticed(hosts, phone):
    a, b = hosts
    caller, other = phone(300), phone(301)
    b.kill()
    wait_for(lambda: a.sees(b) == "Unreachable", "it was noticed", 15)
    started = time.monotonic()
    assert caller.call(310).ended() == 480
    assert time.monotonic() - started < 2
    with conversation(caller, other):
        pass
    b.start()
    b.wait_until_up()
    wait_for(lambda: (a.sees(b), b.sees(a)) == ("Reachable", "Reachable"), "they meet again", 15)
    with conversation(caller, phone(310)):
        pass


@pytest.mark.long
def test_hosts_that_joined_call_each_other_and_their_monitors_list_the_call_once(pair, tmp_path):
    numbers = pair.add_account(), pair.add_account()
    assert pair.a.click()[0] in (200, 303)
    wait_for(pair.agrees, "both hosts run it, verified")
    with pair.app.app_context():
        ctx = pair.app.extensions["sipweb"]
        accounts = live_generation(ctx)[1].by_number
        secrets = [ctx.cipher.decrypt(accounts[str(number)].secret) for number in numbers]
    registered = [
        Phone(tmp_path, machine.sip_port, number, secret)
        for machine, number, secret in zip(pair.machines, numbers, secrets, strict=True)
    ]
    try:
        assert [one.register() for one in registered] == [200, 200]
        wait_for(lambda: is_reachable(pair.a, "sipweb-host-b"), "a knows that b answers")
        with conversation(*registered):
            pass
        wait_for(lambda: pair.rows("SELECT id FROM call"), "the call is in the list")
        time.sleep(4)  # and the other monitor adds nothing
        assert pair.rows("SELECT host, caller, callee, result FROM call") == [("a", *map(str, numbers), "answered")]
    finally:
        for one in registered:
            one.close()
    assert pair.rows("SELECT host, name, field FROM drift") == []
