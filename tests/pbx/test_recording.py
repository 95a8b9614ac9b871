"""Which calls are recorded: every cell of the table as a real call, the file with sound in it, or no file."""

import time
import wave
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import update

from sipweb import tend
from sipweb.db import transaction
from sipweb.models import Lease
from sipweb.pbx import leases as pbx_leases
from sipweb.pbx.ami import AmiRefused
from sipweb.services import accounts, agents, generations, leases, recordings, users
from sipweb.services.site import now
from sipweb.services.state import state
from tests.conftest import PASSWORD, wait_for
from tests.pbx.conftest import WHO
from tests.pbx.phones import conversation, hear_each_other, speak, transfer
from tests.pbx.provider import Grumpy

OUT = "22000"


@pytest.fixture
def site(live):
    """The services' side of a live system."""
    return live.extensions["sipweb"]


@pytest.fixture
def phone(desk_phone):
    """Makes a phone whose account belongs to an agent of its own."""

    def make(number, *, recording):
        owner = users.create_user(WHO, f"a{number}", f"Agent {number}", PASSWORD, "agent", external_phone="other")
        made = desk_phone(number, recording=recording, user_id=owner)
        made.owner = owner
        return made

    return make


def start_work(site, phone):
    """The phone's agent logs in: the token."""
    desk = agents.enter(site, phone.owner, None, "")
    assert desk.number == phone.number
    return desk.token


def known(site):
    """What Asterisk believes of the leases."""
    with site.link.open() as ami:
        return set(pbx_leases.known(ami))


def talk(caller, called):
    with conversation(caller, called):
        time.sleep(0.5)


def talk_outside(caller, number=OUT):
    call = caller.call(number)
    wait_for(lambda: 200 in call.statuses, "answered")
    caller.voice.speak_to(call.far_media)
    time.sleep(0.7)
    call.hang_up()
    assert call.ended() == 200


def recorded(site, to=""):
    """(caller, called) of each recording (of calls to a number) since the last question, with sound in it. Takes them away."""
    wait_for(lambda: _calls(site) == 0, "the call has ended")
    time.sleep(0.1)
    found = []
    for file in site.recordings.glob(f"*/*_{to or '*'}_*.wav"):
        with wave.open(str(file)) as sound:
            assert sound.getnframes() > 0.3 * sound.getframerate(), file.name
            assert len(set(sound.readframes(sound.getnframes()))) > 2, "nothing but silence"
        found.append(tuple(file.name.split("_")[1:3]))
        file.unlink()
    return found


def _calls(site):
    with site.link.open() as ami:
        return len([item for item in ami.events("CoreShowChannels") if "Channel" in item])


def hang_up_all(site):
    with site.link.open() as ami:
        for item in ami.events("CoreShowChannels"):
            with suppress(AmiRefused):  # it went with the other side
                ami.action("Hangup", Channel=item.get("Channel", ""))


def test_internal_calls_are_recorded_when_either_switch_is_on_whoever_is_leased(phone, site):
    on, off = phone(201, recording=True), phone(202, recording=False)
    also_on, also_off = phone(203, recording=True), phone(204, recording=False)
    for leased in (False, True):
        if leased:
            for one in (on, off, also_on, also_off):
                start_work(site, one)
            assert known(site) == {201, 202, 203, 204}
        for caller, called, expected in ((on, also_on, 1), (on, off, 1), (off, on, 1), (off, also_off, 0)):
            talk(caller, called)
            assert recorded(site) == [(str(caller.number), str(called.number))] * expected, (leased, expected)


def test_outside_calls_are_recorded_by_the_switch_unless_the_account_is_leased(way_out, phone, site, provider):
    way_out({"pattern": "22.*", "level": 0})
    on, off = phone(201, recording=True), phone(202, recording=False)
    talk_outside(on)
    assert recorded(site) == [("201", OUT)]
    talk_outside(off)
    assert recorded(site) == []
    tokens = start_work(site, on), start_work(site, off)
    talk_outside(on)
    talk_outside(off)
    assert recorded(site) == []
    for token in tokens:
        agents.logout(site, token, "")
    assert known(site) == set()
    talk_outside(on)
    assert recorded(site) == [("201", OUT)]
    talk_outside(off)
    assert recorded(site) == []
    assert len(provider.arrived) == 6


def test_what_nobody_knows_any_more_is_recorded_by_the_switch(way_out, phone, site):
    way_out({"pattern": "22.*", "level": 0})
    on = phone(201, recording=True)
    start_work(site, on)
    with transaction(quiet=True) as session:
        session.execute(update(Lease).values(seen=now() - agents.SILENCE + timedelta(seconds=10)))
    over = time.monotonic() + 11  # Asterisk counts whole seconds
    leases.tell(site, [201])
    talk_outside(on)
    assert recorded(site) == []
    time.sleep(max(0, over - time.monotonic()))
    talk_outside(on)
    assert recorded(site) == [("201", OUT)]


def test_asterisk_learns_of_every_change_and_of_all_anew(phone, site):
    one, two = phone(201, recording=True), phone(202, recording=True)
    start_work(site, one)
    start_work(site, two)
    assert known(site) == {201, 202}
    with site.link.open() as ami:
        pbx_leases.tell(ami, {201: None, 202: 5, 999: 2**31})
        leases.tell_all(ami)
    assert known(site) == {201, 202}
    with site.link.open() as ami:
        before = pbx_leases.known(ami)
        assert min(before.values()) > time.time() + 60
        leases.tell_all(ami)
        assert pbx_leases.known(ami) == before
    agents.release(
        site, WHO, next(account_id for account_id, lease in state(site).leases.items() if lease.number == 201)
    )
    assert known(site) == {202}
    user = next(user for user in users.listed(site) if user.id == two.owner)
    draft = users.UserDraft(user.name, user.login, user.role, False, user.work_mode, user.external_phone, "")
    users.change_user(site, WHO, user.id, user.version, draft)
    assert known(site) == set()


def test_another_number_after_a_generation_ends_what_asterisk_believes(phone, site):
    one = phone(201, recording=True)
    start_work(site, one)
    account = next(account for account in state(site).accounts if account.number == 201)
    accounts.change(site, WHO, account.id, account.version, accounts.Draft(301, one.owner, "other", True, True, 10))
    assert known(site) == {201}
    assert generations.generate(site, WHO).state == "verified"
    assert known(site) == set()


@pytest.mark.parametrize(
    "broken", ["a file where the folder was", "a link that leads nowhere", "a day nobody can write to"]
)
def test_a_broken_disk_breaks_no_call(phone, site, broken):
    on, off = phone(201, recording=True), phone(202, recording=False)
    site.recordings.rmdir()
    if broken == "a file where the folder was":
        site.recordings.write_text("not a folder")
    elif broken == "a day nobody can write to":
        site.recordings.mkdir()
        day = time.strftime("%Y-%m-%d")
        (site.recordings / day).symlink_to("/proc")  # where nobody can write, root neither
    for caller, called in ((on, off), (off, on)):
        talk(caller, called)
    assert not list(site.recordings.glob("*/*.wav"))


def test_a_call_that_nobody_answers_leaves_no_recording(way_out, phone, site):
    """Refused, busy outside and inside, absent: asked of Asterisk before anything is deleted, as it may still ring."""
    grumpy = Grumpy()
    way_out(
        {"pattern": "22.*", "level": 50},
        {"pattern": "7.*", "level": 0},
        {"pattern": "8", "level": 0, "trunk_id": 1},
        dead=grumpy.port,
    )
    on, busy = phone(201, recording=True), phone(202, recording=False)
    for number, heard in (("99", 404), ("22000", 403)):
        assert on.call(number).ended() == heard
    assert not list(site.recordings.glob("*/*.wav"))
    inside = busy.wait(busy=True)
    for number, heard in (("77", 486), ("202", 486), ("204", 480)):
        assert on.call(number).ended() == heard
    inside.ended()
    assert recordings.search(site).recordings == ()
    wait_for(lambda: _calls(site) == 0, "the calls are over")
    tend.look(site, True)
    assert not list(site.recordings.glob("*/*.wav"))
    grumpy.answers = ["180 Ringing"]
    ringing = on.call("8")
    wait_for(lambda: list(site.recordings.glob("*/*_8_*.wav")), "it rings")
    tend.look(site, True)
    assert list(site.recordings.glob("*/*_8_*.wav"))
    ringing.close()


def test_whoever_is_transferred_is_recorded_by_the_switches_of_the_new_call(way_out, phone, site, provider):
    """Blind transfers: 201 (on) calls 202 and sends it to 204; 202 calls 201 and sends it outside."""
    way_out({"pattern": "22.*", "level": 0})
    on, off, third = phone(201, recording=True), phone(202, recording=False), phone(204, recording=False)
    for caller, called, to, expected in (
        (on, off, 204, []),
        (off, on, 204, [("201", "204")]),
        (off, on, OUT, [("201", OUT)]),
        (on, off, OUT, []),
    ):
        waiting, before = third.wait() if to == 204 else None, len(provider.arrived)
        answer = transfer(caller, called, to)
        if waiting:
            speak(called, answer, third, waiting)
            hear_each_other(called, third)
        else:
            wait_for(lambda before=before: len(provider.arrived) > before, "the provider is called")
            time.sleep(1)
        hang_up_all(site)
        assert recorded(site, to) == expected, (caller.number, called.number, to)
        answer.ended()
        if waiting:
            waiting.ended()


def test_a_recording_ends_with_its_call_when_the_next_one_must_not_be_recorded(way_out, phone, site, provider):
    """201 (on, at work through the agent application) is called by 202, who sends it outside."""
    way_out({"pattern": "22.*", "level": 0})
    on, off = phone(201, recording=True), phone(202, recording=False)
    start_work(site, on)
    began = time.monotonic()
    transfer(off, on, OUT)
    wait_for(lambda: provider.arrived, "the provider is called")
    lasted = time.monotonic() - began
    time.sleep(3)
    hang_up_all(site)
    wait_for(lambda: _calls(site) == 0, "the call has ended")
    [file] = site.recordings.glob("*/*.wav")
    assert file.name.split("_")[1:3] == ["202", "201"]
    with wave.open(str(file)) as sound:
        assert sound.getnframes() / sound.getframerate() < lasted + 1, "more than was said before the transfer"


@pytest.mark.parametrize("works", [True, False])
def test_after_an_attended_transfer_outside_who_is_at_work_is_recorded_no_more(way_out, phone, site, provider, works):
    """201 (on) calls 202, who asks somebody outside and puts the two through."""
    way_out({"pattern": "22.*", "level": 0})
    on, off = phone(201, recording=True), phone(202, recording=False)
    if works:
        start_work(site, on)
    answer, talk = off.wait(), on.call(202)
    speak(on, talk, off, answer)
    asked = off.call_to_transfer(OUT, 201, answer.replaces)
    wait_for(lambda: 200 in asked.statuses, "the provider answers")
    tend.watch(site)
    [file] = site.recordings.glob("*/*.wav")
    before = file.stat().st_size
    wait_for(lambda: file.stat().st_size > before, "while it is an internal call it is recorded")
    asked.hang_up()
    asked.ended()
    wait_for(lambda: _calls(site) == 2, "the other two are connected")
    tend.watch(site)
    time.sleep(0.5)
    before = file.stat().st_size
    time.sleep(2)
    assert (file.stat().st_size == before) is works
    hang_up_all(site)
