"""Failing trunks: which route is tried next, in real calls through providers."""

import socket
import time
from dataclasses import replace

import pytest

from sipweb.core.outbound_routing import route_call
from sipweb.db import transaction
from sipweb.models import Trunk
from sipweb.pbx.ami import AmiClient
from sipweb.services import generations
from tests.pbx.calls.steps import assert_connects, reachable_trunks
from tests.pbx.conftest import WHO
from tests.pbx.provider import FailingProvider
from tests.servers import wait_for


def is_unreachable(ctx):
    """Return whether trunk 1 did not answer OPTIONS; until then Asterisk tries it."""
    with ctx.pbx.open() as ami:
        ((*_, contact),) = ami.run_many([("PJSIPShowEndpoint", {"Endpoint": "sipweb-trunk-1"})])
        return contact.get("Status") == "Unreachable"


@pytest.mark.long
def test_failed_trunk_falls_through_busy_callee_does_not(outbound_routing, sip_phone, provider, ctx):
    outbound_routing(
        {"pattern": "22.*", "level": 0, "trunk_id": 1},
        {"pattern": "22.*", "level": 0, "prepend_digits": "1"},
        {"pattern": "22.*", "level": 0, "prepend_digits": "2"},
        dead=9, caller_id="+48221112233",
    )  # fmt: skip
    caller = sip_phone(201, level=0)
    wait_for(lambda: reachable_trunks(ctx) == {1: False, 2: True}, "Asterisk knows which trunks answer")
    assert_connects(caller, "22000")
    assert [arrived[:2] for arrived in provider.arrived] == [("122000", "+48221112233")]
    assert caller.call("22007").ended() == 486
    assert [digits for digits, *_ in provider.arrived[1:]] == ["122007"]
    assert caller.call("22008").ended() == 503
    assert [digits for digits, *_ in provider.arrived[2:]] == ["122008", "222008"]
    assert caller.call("22009").ended() == 503
    assert [digits for digits, *_ in provider.arrived[4:]] == ["122009", "222009"]


@pytest.fixture
def failing_provider(outbound_routing, sip_phone, ctx):
    """Two routes for 22… and for 112, and a phone.

    The first leads to a provider with scripted answers, the second to one that answers.
    """
    provider = FailingProvider()
    outbound_routing(
        {"pattern": "22.*", "level": 0, "trunk_id": 1},
        {"pattern": "22.*", "level": 0, "trunk_id": 1},
        {"pattern": "22.*", "level": 0},
        {"pattern": "112", "level": 0, "trunk_id": 1, "emergency": True},
        dead=provider.port,
    )
    provider.phone = sip_phone(201, level=0, recording=True)
    wait_for(lambda: reachable_trunks(ctx) == {1: True, 2: True}, "both trunks answer", 60)
    return provider


def test_provider_that_ignores_options_carries_several_calls(outbound_routing, sip_phone, ctx):
    silent_provider = FailingProvider(answers_options=False)
    silent_provider.answers = ["200 OK"]
    outbound_routing({"pattern": "22.*", "level": 0, "trunk_id": 1}, dead=silent_provider.port)
    phones = sip_phone(201, level=0), sip_phone(202, level=0)
    wait_for(lambda: is_unreachable(ctx), "the trunk has not answered OPTIONS", 60)
    dialogs = []
    for phone in phones:
        dialogs.append(phone.call("22000"))
        wait_for(lambda dialog=dialogs[-1]: 200 in dialog.statuses, "it is answered")
        assert reachable_trunks(ctx)[1] is False
    assert silent_provider.invites == 2


def test_trunk_is_tried_right_after_it_was_generated(outbound_routing, sip_phone, provider, ctx):
    new_provider = FailingProvider()
    new_provider.answers = ["200 OK"]
    caller = sip_phone(201, level=0)
    outbound_routing(
        {"pattern": "22.*", "level": 0, "trunk_id": 1}, {"pattern": "22.*", "level": 0}, dead=new_provider.port
    )
    assert_connects(caller, "22000")
    assert (new_provider.invites, provider.arrived) == (1, [])
    wait_for(lambda: reachable_trunks(ctx) == {1: True, 2: True}, "both answer OPTIONS")
    for count in (2, 3, 4):  # Asterisk sends the first OPTIONS at a random moment within 10 seconds
        for active in (False, True):
            with transaction() as session:
                session.get_one(Trunk, 1).active = active
            assert generations.generate(ctx, WHO).state == "verified"
        assert_connects(caller, "22000")
        assert (new_provider.invites, provider.arrived) == (count, [])


def test_postponed_trunks_are_tried_last(outbound_routing, sip_phone, provider, ctx):
    silent_provider = FailingProvider(answers_options=False)
    silent_provider.answers = ["200 OK"]
    snapshot = outbound_routing(
        {"pattern": "22.*", "level": 0, "trunk_id": 1}, {"pattern": "22.*", "level": 0}, dead=silent_provider.port
    )
    caller = sip_phone(201, level=0)
    wait_for(lambda: reachable_trunks(ctx)[2] and is_unreachable(ctx), "Asterisk knows which trunks answer", 60)
    assert_connects(caller, "22009")
    assert (silent_provider.invites, [digits for digits, *_ in provider.arrived]) == (1, ["22009"])
    assert [attempt.trunk.id for attempt in route_call(0, "22009", snapshot).attempts] == [1, 2]


@pytest.mark.long
def test_trunk_that_never_rings_falls_through_to_the_next_route(failing_provider, provider, ctx):
    quick = replace(ctx, pbx_settings=replace(ctx.pbx_settings, ring_seconds=8))
    assert generations.generate(quick, WHO).state == "verified"
    failing_provider.answers = ["100 Trying", "100 Trying", "503 No"]
    assert_connects(failing_provider.phone, "22000")
    assert (failing_provider.invites, len(provider.arrived)) == (2, 1)
    for ringing in ("180 Ringing", "183 Session Progress"):
        failing_provider.answers, failing_provider.invites, started = [ringing], 0, time.monotonic()
        assert failing_provider.phone.call("22000").ended() == 480
        assert time.monotonic() - started > 7
        assert (failing_provider.invites, len(provider.arrived)) == (1, 1)


@pytest.mark.long
def test_emergency_call_that_rings_is_not_cancelled(failing_provider, provider, ctx):
    quick = replace(ctx, pbx_settings=replace(ctx.pbx_settings, ring_seconds=5))
    assert generations.generate(quick, WHO).state == "verified"
    for ringing in ("180 Ringing", "183 Session Progress"):
        failing_provider.answers, failing_provider.invites = [ringing], 0
        dialog = failing_provider.phone.call("112")
        time.sleep(70)
        assert (failing_provider.invites, failing_provider.cancels, provider.arrived) == (1, 0, [])
        dialog.close()


@pytest.mark.long
def test_emergency_call_over_two_silent_trunks_is_refused_within_12_seconds(outbound_routing, sip_phone, provider, ctx):
    silent = FailingProvider(answers_options=False)
    silent.answers = [""]  # it says nothing
    outbound_routing({"pattern": "112", "level": 0, "trunk_id": 1, "emergency": True}, dead=silent.port)
    caller = sip_phone(201, level=0)
    provider.stop()
    for reachable in ({1: None, 2: None}, {1: False, 2: False}):  # right after the generation, and later
        wait_for(lambda reachable=reachable: reachable_trunks(ctx) in (reachable, {1: False, 2: False}), "known", 60)
        started = time.monotonic()
        assert caller.call("112").ended() == 503
        assert time.monotonic() - started < 12


TRUNK_FAILURES = (
    "302 Moved",
    "400 Bad",
    "402 Pay",
    "403 No",
    "408 Slow",
    "482 Loop",
    "483 Hops",
    "488 What",
    "500 Oh",
    "503 No",
    "504 No",
)
CALLEE_RESPONSES = {
    "404 Who": 404, "410 Gone": 410, "480 Away": 480, "484 Short": 484, "486 Busy": 486, "600 Busy": 486,
    "603 No": 603, "604 Nobody": 404,
}  # fmt: skip


def test_trunk_failures_fall_through_but_callee_responses_do_not(failing_provider, provider):
    for count, answer in enumerate(TRUNK_FAILURES, 1):
        failing_provider.answers, failing_provider.invites = [answer], 0
        assert_connects(failing_provider.phone, "22000")
        assert (failing_provider.invites, len(provider.arrived)) == (2, count), answer
    for answer, status in CALLEE_RESPONSES.items():
        failing_provider.answers, failing_provider.invites = [answer], 0
        assert failing_provider.phone.call("22000").ended() == status, answer
        assert (failing_provider.invites, len(provider.arrived)) == (1, len(TRUNK_FAILURES)), answer
    failing_provider.answers = ["503 No", "603 No"]
    assert failing_provider.phone.call("22000").ended() == 603
    assert len(provider.arrived) == len(TRUNK_FAILURES)


def test_emergency_call_tries_every_trunk(failing_provider, provider):
    for count, answer in enumerate((*TRUNK_FAILURES, *CALLEE_RESPONSES), 1):
        failing_provider.answers = [answer]
        assert_connects(failing_provider.phone, "112")
        assert provider.arrived[-1][0] == "112"
        assert len(provider.arrived) == count, answer


@pytest.mark.long
def test_emergency_call_does_not_wait_for_an_unreachable_trunk(outbound_routing, sip_phone, provider, ctx):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        outbound_routing({"pattern": "112", "level": 0, "trunk_id": 1, "emergency": True}, dead=silent.getsockname()[1])
        caller = sip_phone(201, level=0)
        wait_for(lambda: reachable_trunks(ctx) == {1: False, 2: True}, "Asterisk knows which trunks answer", 60)
        dialog = caller.call("112")
        wait_for(lambda: 200 in dialog.statuses, "it arrives", 4)
        dialog.hang_up()
        assert dialog.ended() == 200
        provider.stop()
        wait_for(lambda: reachable_trunks(ctx) == {1: False, 2: False}, "Asterisk knows that all are down", 60)
        provider.start()  # the call is quicker than the next OPTIONS
        assert reachable_trunks(ctx) == {1: False, 2: False}
        dialog = caller.call("112")
        wait_for(lambda: 200 in dialog.statuses, "both are tried all the same", 25)
        dialog.hang_up()
        assert dialog.ended() == 200


def test_trunk_that_recovers_between_the_passes_is_tried(outbound_routing, provider, ctx, pbx):
    outbound_routing({"pattern": "22.*", "level": 0})
    wait_for(lambda: reachable_trunks(ctx) == {2: True}, "the provider is up", 60)
    with AmiClient.connect("127.0.0.1", int(pbx["SIPWEB_AMI_PORT"]), "reader", "reader") as ami:
        ami.action("Originate", Channel="Local/2@sipweb-trunk", Application="Wait", Data="1", Async="true",
                   Variable="SIPWEB_SECOND_PASS=1,SIPWEB_POSTPONED=+2+,SIPWEB_ATTEMPTED=0,SIPWEB_NUMBER=1,"
                            "SIPWEB_DIALED_NUMBER=+22#*1,SIPWEB_CALLER_ID=201")  # fmt: skip
    wait_for(lambda: provider.arrived == [("+22#*1", "201", "")], "it is tried")
