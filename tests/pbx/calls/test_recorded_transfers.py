"""Which part of a transferred call is recorded."""

import time
import wave

import pytest

from sipweb.monitor import Monitor
from tests.pbx.calls.steps import (
    OUTSIDE_NUMBER,
    count_channels,
    hang_up_all,
    start_work,
    take_recordings,
)
from tests.pbx.phones import hear_each_other, speak, transfer
from tests.servers import wait_for


def test_transferred_party_is_recorded_by_the_new_calls_switches(outbound_routing, agent_phone, ctx, provider):
    """Blind transfers: 201 (on) calls 202 and sends it to 204; 202 calls 201 and sends it outside."""
    outbound_routing({"pattern": "22.*", "level": 0})
    on, off, third = (
        agent_phone(201, recording=True),
        agent_phone(202, recording=False),
        agent_phone(204, recording=False),
    )
    for caller, called, to, expected in (
        (on, off, 204, []),
        (off, on, 204, [("201", "204")]),
        (off, on, OUTSIDE_NUMBER, [("201", OUTSIDE_NUMBER)]),
        (on, off, OUTSIDE_NUMBER, []),
    ):
        waiting, before = third.wait() if to == 204 else None, len(provider.arrived)
        answer = transfer(caller, called, to)
        if waiting:
            speak(called, answer, third, waiting)
            hear_each_other(called, third)
        else:
            wait_for(lambda before=before: len(provider.arrived) > before, "the provider is called")
            time.sleep(1)
        hang_up_all(ctx)
        assert take_recordings(ctx, to) == expected, (caller.number, called.number, to)
        answer.ended()
        if waiting:
            waiting.ended()


def test_recording_ends_when_the_new_call_must_not_be_recorded(outbound_routing, agent_phone, ctx, provider):
    """201 (on, at work through the agent application) is called by 202, who sends it outside."""
    outbound_routing({"pattern": "22.*", "level": 0})
    on, off = agent_phone(201, recording=True), agent_phone(202, recording=False)
    start_work(ctx, on)
    start = time.monotonic()
    transfer(off, on, OUTSIDE_NUMBER)
    wait_for(lambda: provider.arrived, "the provider is called")
    duration = time.monotonic() - start
    time.sleep(3)
    hang_up_all(ctx)
    wait_for(lambda: count_channels(ctx) == 0, "the call has ended")
    [file] = ctx.recordings_dir.glob("*/*.wav")
    assert file.name.split("_")[1:3] == ["202", "201"]
    with wave.open(str(file)) as sound:
        assert sound.getnframes() / sound.getframerate() < duration + 1, "it has more than the call before the transfer"


@pytest.mark.parametrize("leased", [True, False])
def test_attended_transfer_outside_stops_recording_of_leased_account(
    outbound_routing, agent_phone, ctx, provider, leased
):
    """201 (on) calls 202, who asks somebody outside and puts the two through."""
    outbound_routing({"pattern": "22.*", "level": 0})
    on, off = agent_phone(201, recording=True), agent_phone(202, recording=False)
    if leased:
        start_work(ctx, on)
    answer, dialog = off.wait(), on.call(202)
    speak(on, dialog, off, answer)
    asked = off.call_to_transfer(OUTSIDE_NUMBER, 201, answer.replaces)
    wait_for(lambda: 200 in asked.statuses, "the provider answers")
    Monitor(ctx).poll()
    [file] = ctx.recordings_dir.glob("*/*.wav")
    before = file.stat().st_size
    wait_for(lambda: file.stat().st_size > before, "while it is an internal call it is recorded")
    asked.hang_up()
    asked.ended()
    wait_for(lambda: count_channels(ctx) == 2, "the other two are connected")
    Monitor(ctx).poll()
    time.sleep(0.5)
    before = file.stat().st_size
    time.sleep(2)
    assert (file.stat().st_size == before) is leased
    hang_up_all(ctx)
