"""Steps that tests of calls share: call, work as an agent, count recordings."""

import time
import wave
from contextlib import suppress

from sipweb.pbx import astdb, status
from sipweb.pbx.ami import AmiError
from sipweb.services import leases
from tests.pbx.phones import conversation
from tests.servers import wait_for

OUTSIDE_NUMBER = "22000"


def start_work(ctx, phone):
    """Log the phone's agent in and return the token."""
    lease = leases.acquire(ctx, phone.owner, None, "")
    assert lease.number == phone.number
    return lease.token


def leases_in_asterisk(ctx):
    """Return the numbers that are leased as far as Asterisk knows."""
    with ctx.pbx.open() as ami:
        return {number for _family, number in astdb.read_entries(ami)}


def make_internal_call(caller, called):
    with conversation(caller, called):
        time.sleep(0.5)


def make_external_call(caller, number=OUTSIDE_NUMBER):
    call = caller.call(number)
    wait_for(lambda: 200 in call.statuses, "answered")
    caller.rtp.send_to(call.far_media)
    time.sleep(0.7)
    call.hang_up()
    assert call.ended() == 200


def take_recordings(ctx, to=""):
    """Check and delete the recordings, all or those of calls to a number; return (caller, called) of each."""
    wait_for(lambda: count_channels(ctx) == 0, "the call has ended")
    time.sleep(0.1)
    calls = []
    for file in ctx.recordings_dir.glob(f"*/*_{to or '*'}_*.wav"):
        with wave.open(str(file)) as sound:
            assert sound.getnframes() > 0.3 * sound.getframerate(), file.name
            assert len(set(sound.readframes(sound.getnframes()))) > 2, "nothing but silence"
        calls.append(tuple(file.name.split("_")[1:3]))
        file.unlink()
    return calls


def count_channels(ctx):
    with ctx.pbx.open() as ami:
        return len([item for item in ami.events("CoreShowChannels") if "Channel" in item])


def assert_connects(phone, number):
    """Call, wait for the answer, hang up."""
    dialog = phone.call(number)
    wait_for(lambda: dialog.is_finished or 200 in dialog.statuses, "answered or refused")
    assert 200 in dialog.statuses, f"{number} answers; received {dialog.messages}"
    dialog.hang_up()
    assert dialog.ended() == 200


def reachable_trunks(ctx):
    """Return trunk id → whether it is reachable."""
    with ctx.pbx.open() as ami:
        return {trunk_id: state.reachable for trunk_id, state in status.trunk_states(ami).items()}


def hang_up_all(ctx):
    """Hang up all channels, those of callers first, as if the phones had."""
    with ctx.pbx.open() as ami:
        for item in sorted(ami.events("CoreShowChannels"), key=lambda item: item.get("Application") == "AppDial"):
            with suppress(AmiError):  # it went with the other side
                ami.action("Hangup", Channel=item.get("Channel", ""))
    wait_for(lambda: count_channels(ctx) == 0, "the calls have ended")
