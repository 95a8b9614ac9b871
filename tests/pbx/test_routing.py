"""Who may call where: real calls through a second Asterisk that plays the provider, and the tester's word beside them."""

import re
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from sipweb.core.routing import decide
from sipweb.pbx import local
from sipweb.pbx import state as pbx_state
from sipweb.pbx.ami import Ami
from sipweb.services import accounts, generations
from tests.conftest import wait_for
from tests.pbx.conftest import WHO
from tests.pbx.phones import transfer
from tests.pbx.provider import Grumpy


@pytest.fixture
def site(live):
    """The services' side of a live system."""
    return live.extensions["sipweb"]


def connected(phone, number):
    """Call, be answered, hang up."""
    talk = phone.call(number)
    wait_for(lambda: talk.settled or 200 in talk.statuses, "answered or refused")
    assert 200 in talk.statuses, f"{number} answers; heard {talk.messages}"
    talk.hang_up()
    assert talk.ended() == 200


def trunks(site):
    """Trunk id → whether it answers."""
    with site.link.open() as ami:
        return {trunk_id: state.reachable for trunk_id, state in pbx_state.trunks(ami).items()}


def asked_in_vain(site):
    """Whether trunk 1 was asked whether it lives, and did not answer; until it was asked Asterisk tries it."""
    with site.link.open() as ami:
        ((*_, contact),) = ami.many([("PJSIPShowEndpoint", {"Endpoint": "sipweb-trunk-1"})])
        return contact.get("Status") == "Unreachable"


def test_the_level_opens_a_rule_from_its_own_value_on(way_out, desk_phone, provider):
    snapshot = way_out(
        {"pattern": "22[0-9]{7}", "level": 10, "strip": 0, "prepend": "+48"},
        {"pattern": "00.+", "level": 50, "strip": 2, "prepend": "+"},
    )
    clerk, boss = desk_phone(201, level=10), desk_phone(202, level=50)
    connected(clerk, "221234560")
    assert provider.arrived == [("+48221234560", "201", "")]
    assert decide(10, "221234560", snapshot).tries[0].sent == "+48221234560"
    assert clerk.call("0044123450").ended() == 403
    assert decide(10, "0044123450", snapshot).refusal == "level"
    connected(boss, "0044123450")
    assert provider.arrived[1:] == [("+44123450", "202", "")]
    assert clerk.call("5551230").ended() == 404
    assert decide(10, "5551230", snapshot).refusal == "no_rule"
    assert len(provider.arrived) == 2


def test_a_dead_trunk_gives_way_to_the_next_rule_and_a_busy_party_does_not(way_out, desk_phone, provider, site):
    way_out(
        {"pattern": "22.*", "level": 0, "trunk_id": 1},
        {"pattern": "22.*", "level": 0, "prepend": "1"},
        {"pattern": "22.*", "level": 0, "prepend": "2"},
        dead=9, caller="+48221112233",
    )  # fmt: skip
    clerk = desk_phone(201, level=0)
    wait_for(lambda: trunks(site) == {1: False, 2: True}, "Asterisk knows who is there")
    connected(clerk, "22000")
    assert [arrived[:2] for arrived in provider.arrived] == [("122000", "+48221112233")]
    assert clerk.call("22007").ended() == 486
    assert [digits for digits, *_ in provider.arrived[1:]] == ["122007"]
    assert clerk.call("22008").ended() in (403, 603)
    assert [digits for digits, *_ in provider.arrived[2:]] == ["122008"]
    assert clerk.call("22009").ended() == 503
    assert [digits for digits, *_ in provider.arrived[3:]] == ["122009", "222009"]


def test_emergency_numbers_go_out_whatever_the_level(way_out, desk_phone, provider, site):
    way_out({"pattern": "9.*", "level": 100}, {"pattern": "112", "level": 100, "prepend": "0", "emergency": True})
    clerk = desk_phone(201, level=0)
    accounts.add(site, WHO, accounts.Draft(112, None, "other", True, False, 10))
    generations.generate(site, WHO)
    talk = clerk.call("112")
    wait_for(lambda: provider.arrived, "it arrives")
    assert provider.arrived[0][0] == "0112"
    talk.close()
    talk = clerk.call("999")
    wait_for(lambda: len(provider.arrived) > 1, "it arrives")
    assert provider.arrived[1][0] == "999"
    talk.close()


@pytest.fixture
def grumpy(way_out, desk_phone, site):
    """Two ways out for 22…, and for 112: a provider that says what the test wants, then the one that answers; and a phone."""
    provider = Grumpy()
    way_out(
        {"pattern": "22.*", "level": 0, "trunk_id": 1},
        {"pattern": "22.*", "level": 0, "trunk_id": 1},
        {"pattern": "22.*", "level": 0},
        {"pattern": "112", "level": 0, "trunk_id": 1, "emergency": True},
        dead=provider.port,
    )
    provider.phone = desk_phone(201, level=0, recording=True)
    wait_for(lambda: trunks(site) == {1: True, 2: True}, "both live", 60)
    return provider


def test_a_provider_that_does_not_say_that_it_lives_carries_more_than_one_call(way_out, desk_phone, site):
    quiet = Grumpy(lives=False)
    quiet.answers = ["200 OK"]
    way_out({"pattern": "22.*", "level": 0, "trunk_id": 1}, dead=quiet.port)
    phones = desk_phone(201, level=0), desk_phone(202, level=0)
    wait_for(lambda: asked_in_vain(site), "Asterisk has asked whether it lives", 60)
    talks = []
    for phone in phones:
        talks.append(phone.call("22000"))
        wait_for(lambda talk=talks[-1]: 200 in talk.statuses, "it is answered")
        assert trunks(site)[1] is False
    assert quiet.asked == 2


def test_who_was_passed_over_is_tried_when_no_other_helped(way_out, desk_phone, provider, site):
    quiet = Grumpy(lives=False)
    quiet.answers = ["200 OK"]
    snapshot = way_out({"pattern": "22.*", "level": 0, "trunk_id": 1}, {"pattern": "22.*", "level": 0}, dead=quiet.port)
    clerk = desk_phone(201, level=0)
    wait_for(lambda: trunks(site)[2] and asked_in_vain(site), "Asterisk knows who is there", 60)
    connected(clerk, "22009")
    assert (quiet.asked, [digits for digits, *_ in provider.arrived]) == (1, ["22009"])
    assert [way.trunk.id for way in decide(0, "22009", snapshot).tries] == [1, 2]


def test_a_trunk_on_which_it_never_even_rings_gives_way_to_the_next_rule(grumpy, provider, site, monkeypatch):
    monkeypatch.setattr("sipweb.core.asterisk.outgoing.RING", 3)  # seconds
    accounts.switch(site, WHO, 5, 1, name="active", value=False)  # something to generate
    assert generations.generate(site, WHO).state == "verified"
    grumpy.answers = ["100 Trying", "100 Trying", "503 No"]
    connected(grumpy.phone, "22000")
    assert (grumpy.asked, len(provider.arrived)) == (2, 1)
    grumpy.answers, grumpy.asked = ["180 Ringing"], 0
    assert grumpy.phone.call("22000").ended() == 480
    assert (grumpy.asked, len(provider.arrived)) == (1, 1)


@pytest.mark.parametrize("to", ["22001", "112"])
def test_who_is_transferred_from_outside_is_shown_by_the_number_of_who_transfers(way_out, desk_phone, provider, to):
    way_out({"pattern": "22.*", "level": 10})
    clerk = desk_phone(201, level=10)
    talk = clerk.call_to_transfer("22000", to)
    wait_for(lambda: 200 in talk.statuses, "the provider answers")
    talk.hang_up()
    talk.ended()
    wait_for(lambda: len(provider.arrived) > 1, "it is transferred")
    assert provider.arrived[1] == (to, "201", "")


def test_a_caller_from_outside_is_known_by_the_number_that_was_dialled(way_out, desk_phone, provider, site):
    way_out({"pattern": "22.*", "level": 10})
    clerk, colleague = desk_phone(201, level=10), desk_phone(202, level=0, recording=True)
    answer = colleague.wait()
    talk = clerk.call_to_transfer("22000", "202")
    wait_for(lambda: 200 in talk.statuses, "the provider answers")
    talk.hang_up()
    talk.ended()
    wait_for(lambda: answer.far_media, "the colleague answers")
    assert re.search(r"^From:.*sip:22000@", "\n".join(answer.messages), re.MULTILINE | re.IGNORECASE)
    wait_for(lambda: list(site.recordings.glob("*/*_22000_202_*.wav")), "it is recorded by that name")


def test_dashes_in_an_accounts_number_are_for_people(way_out, desk_phone, site):
    snapshot = way_out({"pattern": "22.*", "level": 0})
    clerk, colleague = desk_phone(201, level=0, recording=True), desk_phone(202, level=0)
    answer = colleague.wait()
    connected(clerk, "2-0-2")
    answer.ended()
    assert list(site.recordings.glob("*/*_201_202_*.wav"))
    assert decide(0, "202", snapshot).internal


TRUNK_SAYS = (
    "302 Moved",
    "400 Bad",
    "402 Pay",
    "408 Slow",
    "482 Loop",
    "483 Hops",
    "488 What",
    "500 Oh",
    "503 No",
    "504 No",
)
PARTY_SAYS = {
    "403 No": 403, "404 Who": 404, "410 Gone": 410, "480 Away": 480, "484 Short": 484, "486 Busy": 486, "600 Busy": 486,
    "603 No": 403, "604 Nobody": 404,
}  # fmt: skip


def test_the_next_rule_is_for_what_the_trunk_says_and_not_for_what_the_called_party_says(grumpy, provider):
    for place, answer in enumerate(TRUNK_SAYS, 1):
        grumpy.answers, grumpy.asked = [answer], 0
        connected(grumpy.phone, "22000")
        assert (grumpy.asked, len(provider.arrived)) == (2, place), answer
    for answer, heard in PARTY_SAYS.items():
        grumpy.answers, grumpy.asked = [answer], 0
        assert grumpy.phone.call("22000").ended() == heard, answer
        assert (grumpy.asked, len(provider.arrived)) == (1, len(TRUNK_SAYS)), answer
    grumpy.answers = ["503 No", "603 No"]
    assert grumpy.phone.call("22000").ended() == 403
    assert len(provider.arrived) == len(TRUNK_SAYS)


def test_a_call_for_help_tries_every_way_whatever_it_hears(grumpy, provider):
    for place, answer in enumerate((*TRUNK_SAYS, *PARTY_SAYS), 1):
        grumpy.answers = [answer]
        connected(grumpy.phone, "112")
        assert provider.arrived[-1][0] == "112"
        assert len(provider.arrived) == place, answer


def test_asterisks_own_star_codes_take_no_number_from_the_rules(way_out, desk_phone, provider):
    way_out({"pattern": "[*].*", "level": 0})
    clerk = desk_phone(201, level=0)
    assert clerk.call("*8").ended() == 403  # as the provider says to every number that ends so
    for code in ("*60", "**"):
        connected(clerk, code)
    assert [digits for digits, *_ in provider.arrived] == ["*8", "*60", "**"]


def test_an_emergency_call_does_not_wait_for_a_trunk_that_is_known_to_be_down(way_out, desk_phone, provider, site):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        way_out({"pattern": "112", "level": 0, "trunk_id": 1, "emergency": True}, dead=silent.getsockname()[1])
        clerk = desk_phone(201, level=0)
        wait_for(lambda: trunks(site) == {1: False, 2: True}, "Asterisk knows who is there", 60)
        talk = clerk.call("112")
        wait_for(lambda: 200 in talk.statuses, "it arrives", 4)
        talk.hang_up()
        assert talk.ended() == 200
        provider.stop()
        wait_for(lambda: trunks(site) == {1: False, 2: False}, "Asterisk knows that all are down", 60)
        provider.start()  # and the call is quicker than the next question whether it lives
        assert trunks(site) == {1: False, 2: False}
        talk = clerk.call("112")
        wait_for(lambda: 200 in talk.statuses, "both are tried all the same", 25)
        talk.hang_up()
        assert talk.ended() == 200


def test_a_trunk_that_comes_up_between_the_two_passes_is_not_forgotten(way_out, provider, site, pbx):
    way_out({"pattern": "22.*", "level": 0})
    wait_for(lambda: trunks(site) == {2: True}, "the provider is up", 60)
    with Ami.connect("127.0.0.1", int(pbx["SIPWEB_AMI_PORT"]), "reader", "reader") as ami:
        ami.action("Originate", Channel="Local/2@sipweb-trunk", Application="Wait", Data="1", Async="true",
                   Variable="SIPWEB_LAST=1,SIPWEB_OVER=+2+,SIPWEB_TRIED=0,SIPWEB_NUMBER=1,SIPWEB_SENT=+22#*1,SIPWEB_CALLER=201")  # fmt: skip
    wait_for(lambda: provider.arrived == [("+22#*1", "201", "")], "it is tried")


@pytest.mark.parametrize(
    "dialled",
    [
        "22123abc", "22%20123", "22-123", "Local", "2212345678901234567890123456789012", "22+5", "22%22%5D%3F1%3A1",
        "Local%2F22000%40sipweb-outgoing", "PJSIP%2F22000%40sipweb-trunk-2", "22000%40sipweb-outgoing", "22000%2Cs%2C1",
        "%24%7BEXTEN%7D", "22000%26PJSIP", "s", "h",
    ],
)  # fmt: skip
def test_strange_numbers_never_reach_the_provider(way_out, desk_phone, provider, dialled):
    way_out({"pattern": ".*", "level": 0})
    clerk = desk_phone(201, level=100)
    assert clerk.call(dialled).ended() in (404, 484)
    assert provider.arrived == []


def test_a_trunk_registers_and_its_state_is_seen(way_out, site):
    way_out(register=True, realm="provider")

    def seen():
        with site.link.open() as ami:
            return pbx_state.trunks(ami)[2]

    wait_for(lambda: seen() == pbx_state.TrunkState("Registered", True), "the trunk is registered")


def test_who_is_refused_hears_why_before_the_call_is_answered(way_out, desk_phone):
    """The announcement has 2.7 s, 135 packets; the tone that stands in for it where there is none has 100."""
    installed = list((local.find().root / "usr/share/asterisk/sounds/en").glob("cannot-complete-as-dialed.*"))
    way_out({"pattern": "22.*", "level": 10})
    clerk = desk_phone(201, level=0)
    refused = clerk.call("22000")
    assert refused.ended() == 403
    assert 183 in refused.statuses
    assert 200 not in refused.statuses
    assert clerk.voice.packets > 120 if installed else 80 < clerk.voice.packets < 120


@pytest.mark.parametrize(
    "target", ["22000", "PJSIP%2F22000%40sipweb-trunk-2", "Local%2F22000%40sipweb-outgoing", "22000%40sipweb-outgoing"]
)
def test_no_phone_sends_a_caller_outside_by_forwarding(way_out, desk_phone, provider, target):
    way_out({"pattern": "22.*", "level": 10})
    boss, clerk = desk_phone(201, level=100), desk_phone(202, level=0)
    for caller, called in ((clerk, boss), (boss, clerk)):
        forward = called.divert(target)
        assert caller.call(called.number).ended() in (480, 486)
        forward.ended()
    assert provider.arrived == []


@pytest.mark.parametrize("level", [0, 9, 10, 11, 100])
def test_who_transfers_is_judged_by_the_own_level(way_out, desk_phone, provider, level):
    """Whoever is transferred: a caller of another level, and one who was called."""
    way_out({"pattern": "22.*", "level": 10})
    judged, other = desk_phone(201, level=level), desk_phone(202, level=100 - level)
    answer = transfer(judged, other, "22000")
    if level >= 10:
        wait_for(lambda: provider.arrived, "it may be transferred")
        assert provider.arrived == [("22000", "202", "")]
        return
    answer.ended()  # refused: Asterisk has hung up
    assert provider.arrived == []


# Number → what the provider gets, or the refusal's status, by the level of the account that dials it.
DIGITS = {
    "10000": {0: "10000", 9: "10000", 10: "10000", 11: "10000", 100: "10000"},
    "11000": {0: 403, 9: 403, 10: "11000", 11: "11000", 100: "11000"},
    "12000": {0: 403, 9: 403, 10: 403, 11: 403, 100: "12000"},
    "13000": {0: 403, 9: 403, 10: 403, 11: 403, 100: "13000"},
    "20000": {0: "820000", 9: "820000", 10: "720000", 11: "720000", 100: "920000"},  # three rules, the highest first
    "30000": {0: 503, 9: 503, 10: "130000", 11: "130000", 100: "130000"},  # the first rule's trunk is down
    "4400": {0: 403, 9: 403, 10: "+4800", 11: "+4800", 100: "+4800"},  # two digits less, +48 before
    "112": {0: "0112", 9: "0112", 10: "0112", 11: "0112", 100: "0112"},  # the emergency rule of level 100
    "998": {
        0: "998",
        9: "998",
        10: "998",
        11: "998",
        100: "998",
    },  # no rule: the first trunk, which is down, then the next
    "5000": {0: 404, 9: 404, 10: 404, 11: 404, 100: 404},
}
MATRIX = (
    {"pattern": "10.*", "level": 0},
    {"pattern": "11.*", "level": 10},
    {"pattern": "12.*", "level": 50},
    {"pattern": "13.*", "level": 100},
    {"pattern": "20.*", "level": 50, "prepend": "9"},
    {"pattern": "20.*", "level": 10, "prepend": "7"},
    {"pattern": "20.*", "level": 0, "prepend": "8"},
    {"pattern": "30.*", "level": 0, "trunk_id": 1},
    {"pattern": "30.*", "level": 10, "prepend": "1"},
    {"pattern": "44.*", "level": 10, "strip": 2, "prepend": "+48"},
    {"pattern": "112", "level": 100, "prepend": "0", "emergency": True},
)


def _outcome(phone, number, provider):
    """The digits that arrived, else the refusal's status."""

    def arrivals():
        return [digits for digits, caller, _name in provider.arrived if caller == str(phone.number)]

    known, call = len(arrivals()), phone.call(number)
    wait_for(lambda: call.settled or 200 in call.statuses, f"{number} is decided for {phone.number}")
    if 200 in call.statuses:
        call.hang_up()
    status = call.ended()
    return arrivals()[known] if len(arrivals()) > known else status


def test_every_level_reaches_what_its_rules_say_and_nothing_else(way_out, desk_phone, provider, site):
    """Five levels, ten numbers, real calls; the tester's word is the same."""
    snapshot = way_out(*MATRIX, dead=9)
    phones = {level: desk_phone(201 + place, level=level) for place, level in enumerate((0, 9, 10, 11, 100))}
    wait_for(lambda: trunks(site) == {1: False, 2: True}, "Asterisk knows who is there")

    def dial(level):
        return {number: _outcome(phones[level], number, provider) for number in DIGITS}

    with ThreadPoolExecutor(len(phones)) as pool:
        for level, found in zip(phones, pool.map(dial, phones), strict=True):
            assert found == {number: by_level[level] for number, by_level in DIGITS.items()}, level
            for number, seen in found.items():
                decision = decide(level, number, snapshot)
                reached = [way.sent for way in decision.tries if way.trunk.id == 2]
                assert (reached[:1] or [seen]) == [seen], (level, number)


def test_a_hundred_rules_cost_a_call_less_than_20_ms(way_out, desk_phone):
    """From the phone's INVITE to the first answer, by the hundredth rule and by the first: the best of ten."""
    way_out(*({"pattern": f"{place:03}[0-9]{{4}}|00{place:03}.*", "level": 10} for place in range(100)))
    clerk = desk_phone(201, level=10)
    best = {}
    for number in ["0001230", "0991230"] * 10:
        connected(clerk, number)
        best[number] = min(clerk.last.delay, best.get(number, 1))
    cost = best["0991230"] - best["0001230"]
    assert cost < 0.020, best
