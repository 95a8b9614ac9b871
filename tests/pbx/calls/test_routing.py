"""Outbound routing: real calls through a provider, compared with the dial test."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from sipweb.core.numbers import normalize_dialled_number
from sipweb.core.outbound_routing import route_call
from sipweb.pbx import local_asterisk, status
from sipweb.services import accounts, dial_test, generations
from sipweb.services.state import current_state
from tests.pbx.calls.steps import (
    assert_connects,
    reachable_trunks,
)
from tests.pbx.conftest import WHO
from tests.pbx.phones import transfer
from tests.servers import wait_for


def test_route_is_allowed_from_its_level(outbound_routing, sip_phone, provider):
    snapshot = outbound_routing(
        {"pattern": "22[0-9]{7}", "level": 10, "strip_digits": 0, "prepend_digits": "+48"},
        {"pattern": "00.+", "level": 50, "strip_digits": 2, "prepend_digits": "+"},
    )
    caller, colleague = sip_phone(201, level=10), sip_phone(202, level=50)
    assert_connects(caller, "221234560")
    assert provider.arrived == [("+48221234560", "201", "")]
    assert route_call(10, "221234560", snapshot).attempts[0].dialed == "+48221234560"
    assert caller.call("0044123450").ended() == 403
    assert route_call(10, "0044123450", snapshot).reason == "level"
    assert_connects(colleague, "0044123450")
    assert provider.arrived[1:] == [("+44123450", "202", "")]
    assert caller.call("5551230").ended() == 404
    assert route_call(10, "5551230", snapshot).reason == "no_rule"
    assert len(provider.arrived) == 2


def test_emergency_numbers_are_routed_at_any_level(outbound_routing, sip_phone, provider, ctx):
    outbound_routing(
        {"pattern": "9.*", "level": 100}, {"pattern": "112", "level": 100, "prepend_digits": "0", "emergency": True}
    )
    caller = sip_phone(201, level=0)
    accounts.create(ctx, WHO, accounts.AccountInput(number=112, phone="other"))
    generations.generate(ctx, WHO)
    dialog = caller.call("112")
    wait_for(lambda: provider.arrived, "it arrives")
    assert provider.arrived[0][0] == "0112"
    dialog.close()
    dialog = caller.call("999")
    wait_for(lambda: len(provider.arrived) > 1, "it arrives")
    assert provider.arrived[1][0] == "999"
    dialog.close()


def test_number_of_an_inactive_account_never_reaches_the_provider(outbound_routing, sip_phone, provider, ctx):
    outbound_routing({"pattern": "[0-9]{3,4}", "level": 0})
    caller = sip_phone(201, level=0)
    account_id = accounts.create(ctx, WHO, accounts.AccountInput(number=321, phone="other", active=False))
    assert dial_now_and_later(ctx, "321") == ("R1", "inactive")
    assert_connects(caller, "321")  # not generated: the PBX does not know the number
    generations.generate(ctx, WHO)
    assert dial_now_and_later(ctx, "321") == ("inactive", "inactive")
    assert [caller.call(spelled).ended() for spelled in ("321", "3-2-1")] == [404, 404]
    set_active(ctx, account_id, value=True)
    assert dial_now_and_later(ctx, "321") == ("inactive", "internal")
    assert [digits for digits, *_ in provider.arrived] == ["321"]


@pytest.mark.parametrize("active", [True, False])
def test_emergency_number_goes_out_whatever_account_has_it(outbound_routing, sip_phone, provider, ctx, active):
    outbound_routing({"pattern": "[2-8].*", "level": 0})
    accounts.create(ctx, WHO, accounts.AccountInput(number=112, phone="other", active=active))
    generations.generate(ctx, WHO)
    caller = sip_phone(201, level=0)
    for count, spelled in enumerate(("112", "1-1-2", "1%2012"), 1):
        assert_connects(caller, spelled)
        assert [digits for digits, *_ in provider.arrived] == ["112"] * count


def dial_now_and_later(ctx, number):
    """Return what the tester says of account 201: the rule, the reason or that the call is internal."""
    result = dial_test.test_dial(ctx, "201", number)
    return tuple(
        decision.reason or ("internal" if decision.internal else decision.attempts[0].rule.name)
        for decision in (result.now, result.after_generation)
    )


def set_active(ctx, account_id, *, value):
    version = current_state(ctx).account(account_id).version
    accounts.set_flag(ctx, WHO, account_id, version, name="active", value=value)


@pytest.mark.parametrize("to", ["22001", "112"])
def test_transferred_outside_party_shows_transferrers_number(outbound_routing, sip_phone, provider, to):
    outbound_routing({"pattern": "22.*", "level": 10})
    caller = sip_phone(201, level=10)
    dialog = caller.call_to_transfer("22000", to)
    wait_for(lambda: 200 in dialog.statuses, "the provider answers")
    dialog.hang_up()
    dialog.ended()
    wait_for(lambda: len(provider.arrived) > 1, "it is transferred")
    assert provider.arrived[1] == (to, "201", "")


def test_transferred_outside_party_is_recorded_by_the_dialed_number(outbound_routing, sip_phone, provider, ctx):
    outbound_routing({"pattern": "22.*", "level": 10})
    caller, colleague = sip_phone(201, level=10), sip_phone(202, level=0, recording=True)
    answer = colleague.wait()
    dialog = caller.call_to_transfer("22000", "202")
    wait_for(lambda: 200 in dialog.statuses, "the provider answers")
    dialog.hang_up()
    dialog.ended()
    wait_for(lambda: answer.far_media, "the colleague answers")
    assert re.search(r"^From:.*sip:22000@", "\n".join(answer.messages), re.MULTILINE | re.IGNORECASE)
    wait_for(lambda: list(ctx.recordings_dir.glob("*/*_22000_202_*.wav")), "it is recorded by that name")


SPELLED = {
    "22-123-45-60": "221234560", "(22)1234560": "221234560", "22%20123%2045%2060": "221234560",
    "22.123/45.60": "221234560", "(%2B48)%2022-123": "+4822123", "+48%20(22)%20123": "+4822123",
}  # fmt: skip


def test_separators_in_a_dialled_number_are_ignored(outbound_routing, sip_phone, provider, ctx):
    snapshot = outbound_routing({"pattern": "[+]?[248].*", "level": 0})
    caller, colleague = sip_phone(201, level=0, recording=True), sip_phone(202, level=0)
    for spelled, number in SPELLED.items():
        assert_connects(caller, spelled)
        assert normalize_dialled_number(spelled) == number
        assert provider.arrived[-1][0] == number
    for spelled in ("2-0-2", "20%202", "(2)0.2"):
        answer = colleague.wait()
        assert_connects(caller, spelled)
        answer.ended()
        assert route_call(0, normalize_dialled_number(spelled), snapshot).internal
    assert len(list(ctx.recordings_dir.glob("*/*_201_202_*.wav"))) == 3
    for spelled in ("1-1-2", "1%201%202", "(112)"):
        dialog = caller.call(spelled)
        wait_for(lambda: provider.arrived[-1][0] == "112", "it arrives")
        provider.arrived.pop()
        dialog.close()


def test_other_star_codes_are_routed_like_numbers(outbound_routing, sip_phone, provider):
    outbound_routing({"pattern": "[*].*", "level": 0})
    caller = sip_phone(201, level=0)
    assert caller.call("*98").ended() == 503  # the provider rejects every number that ends so
    for code in ("*60", "**"):
        assert_connects(caller, code)
    assert [digits for digits, *_ in provider.arrived] == ["*98", "*60", "**"]


@pytest.mark.parametrize(
    "dialled",
    [
        "22123abc", "()", "Local", "2212345678901234567890123456789012", "22+5", "22%22%5D%3F1%3A1",
        "Local%2F22000%40sipweb-outgoing", "PJSIP%2F22000%40sipweb-trunk-2", "22000%40sipweb-outgoing", "22000%2Cs%2C1",
        "%24%7BEXTEN%7D", "22000%26PJSIP", "s", "h",
    ],
)  # fmt: skip
def test_invalid_numbers_never_reach_the_provider(outbound_routing, sip_phone, provider, dialled):
    outbound_routing({"pattern": ".*", "level": 0})
    caller = sip_phone(201, level=100)
    assert caller.call(dialled).ended() in (404, 484)
    assert provider.arrived == []


def test_trunk_registers_and_reports_its_state(outbound_routing, ctx):
    outbound_routing(register=True, realm="provider")

    def seen():
        with ctx.pbx.open() as ami:
            return status.trunk_states(ami)[2]

    wait_for(lambda: seen() == status.TrunkState("Registered", True), "the trunk is registered")


def test_rejected_caller_hears_a_tone_before_the_call_is_answered(outbound_routing, sip_phone):
    """The announcement has 2.7 s (135 packets).

    The tone that replaces it has 100 packets.
    """
    installed = list(
        (local_asterisk.find_asterisk().root / "usr/share/asterisk/sounds/en").glob("cannot-complete-as-dialed.*")
    )
    outbound_routing({"pattern": "22.*", "level": 10})
    caller = sip_phone(201, level=0)
    refused = caller.call("22000")
    assert refused.ended() == 403
    assert 183 in refused.statuses
    assert 200 not in refused.statuses
    assert caller.rtp.packets > 120 if installed else 80 < caller.rtp.packets < 120


@pytest.mark.parametrize(
    "target", ["22000", "PJSIP%2F22000%40sipweb-trunk-2", "Local%2F22000%40sipweb-outgoing", "22000%40sipweb-outgoing"]
)
def test_phone_cannot_forward_a_caller_outside(outbound_routing, sip_phone, provider, target):
    outbound_routing({"pattern": "22.*", "level": 10})
    one, other = sip_phone(201, level=100), sip_phone(202, level=0)
    for caller, called in ((other, one), (one, other)):
        forward = called.divert(target)
        assert caller.call(called.number).ended() in (480, 486)
        forward.ended()
    assert provider.arrived == []


@pytest.mark.parametrize("level", [0, 9, 10, 11, 100])
def test_transfer_uses_transferrers_level(outbound_routing, sip_phone, provider, level):
    """A caller of another level is transferred, and a called party."""
    outbound_routing({"pattern": "22.*", "level": 10})
    transferrer, other = sip_phone(201, level=level), sip_phone(202, level=100 - level)
    answer = transfer(transferrer, other, "22000")
    if level >= 10:
        wait_for(lambda: provider.arrived, "it may be transferred")
        assert provider.arrived == [("22000", "202", "")]
        return
    answer.ended()  # rejected: Asterisk has hung up
    assert provider.arrived == []


# Number → what the provider gets, or the status of the rejection, by the level of the dialling account.
DIGITS = {
    "10000": {0: "10000", 9: "10000", 10: "10000", 11: "10000", 100: "10000"},
    "11000": {0: 403, 9: 403, 10: "11000", 11: "11000", 100: "11000"},
    "12000": {0: 403, 9: 403, 10: 403, 11: 403, 100: "12000"},
    "13000": {0: 403, 9: 403, 10: 403, 11: 403, 100: "13000"},
    "20000": {0: "820000", 9: "820000", 10: "720000", 11: "720000", 100: "920000"},  # three routes, the highest first
    "30000": {0: 503, 9: 503, 10: "130000", 11: "130000", 100: "130000"},  # the first route's trunk is down
    "4400": {0: 403, 9: 403, 10: "+4800", 11: "+4800", 100: "+4800"},  # two digits stripped, +48 prepended
    "112": {0: "0112", 9: "0112", 10: "0112", 11: "0112", 100: "0112"},  # the emergency route of level 100
    "998": {
        0: "998",
        9: "998",
        10: "998",
        11: "998",
        100: "998",
    },  # no route: the first trunk, which is down, then the next
    "5000": {0: 404, 9: 404, 10: 404, 11: 404, 100: 404},
}
MATRIX = (
    {"pattern": "10.*", "level": 0},
    {"pattern": "11.*", "level": 10},
    {"pattern": "12.*", "level": 50},
    {"pattern": "13.*", "level": 100},
    {"pattern": "20.*", "level": 50, "prepend_digits": "9"},
    {"pattern": "20.*", "level": 10, "prepend_digits": "7"},
    {"pattern": "20.*", "level": 0, "prepend_digits": "8"},
    {"pattern": "30.*", "level": 0, "trunk_id": 1},
    {"pattern": "30.*", "level": 10, "prepend_digits": "1"},
    {"pattern": "44.*", "level": 10, "strip_digits": 2, "prepend_digits": "+48"},
    {"pattern": "112", "level": 100, "prepend_digits": "0", "emergency": True},
)


def _result(phone, number, provider):
    """Return the digits that arrived, or the status of the rejection."""

    def arrivals():
        return [digits for digits, caller, _name in provider.arrived if caller == str(phone.number)]

    before, call = len(arrivals()), phone.call(number)
    wait_for(lambda: call.is_finished or 200 in call.statuses, f"{number} is decided for {phone.number}")
    if 200 in call.statuses:
        call.hang_up()
    status = call.ended()
    return arrivals()[before] if len(arrivals()) > before else status


@pytest.mark.long
def test_each_level_reaches_exactly_its_routes(outbound_routing, sip_phone, provider, ctx):
    """Five levels, ten numbers, real calls; the dial test gives the same result."""
    snapshot = outbound_routing(*MATRIX, dead=9)
    phones = {level: sip_phone(201 + index, level=level) for index, level in enumerate((0, 9, 10, 11, 100))}
    wait_for(lambda: reachable_trunks(ctx) == {1: False, 2: True}, "Asterisk knows which trunks answer")

    def dial(level):
        return {number: _result(phones[level], number, provider) for number in DIGITS}

    with ThreadPoolExecutor(len(phones)) as pool:
        for level, results in zip(phones, pool.map(dial, phones), strict=True):
            assert results == {number: by_level[level] for number, by_level in DIGITS.items()}, level
            for number, result in results.items():
                decision = route_call(level, number, snapshot)
                reached = [attempt.dialed for attempt in decision.attempts if attempt.trunk.id == 2]
                assert (reached[:1] or [result]) == [result], (level, number)


def test_hundred_routes_delay_a_call_by_less_than_20_ms(outbound_routing, sip_phone):
    """Compare the hundredth route with the first, best of ten.

    The time is from the phone's INVITE to the first response.
    """
    outbound_routing(*({"pattern": f"{index:03}[0-9]{{4}}|00{index:03}.*", "level": 10} for index in range(100)))
    caller = sip_phone(201, level=10)
    best = {}
    for number in ["0001230", "0991230"] * 10:
        assert_connects(caller, number)
        best[number] = min(caller.last.delay, best.get(number, 1))
    cost = best["0991230"] - best["0001230"]
    assert cost < 0.020, best
