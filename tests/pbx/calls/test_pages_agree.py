"""What the page of the dial test says about 300 calls is what phones and two providers see."""

import itertools
import random
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from sipweb.services import accounts, generations
from tests.client import Client, soup
from tests.pbx.conftest import WHO
from tests.pbx.provider import FailingProvider

LEVELS = {200: 0, 201: 10, 202: 50, 203: 100}  # account → its level
RULES = (
    {"name": "Warsaw", "pattern": "22[0-9]{7}", "level": 10, "prepend_digits": "+48", "trunk_id": 1},
    {"name": "Warsaw too", "pattern": "22[0-9]{7}", "level": 0, "prepend_digits": "+48"},
    {"name": "Abroad", "pattern": "00.+", "level": 50, "strip_digits": 2, "prepend_digits": "+", "trunk_id": 1},
    {"name": "Abroad too", "pattern": "00.+|[+][0-9]+", "level": 50, "strip_digits": 0},
    {"name": "Short", "pattern": "[0-9]{3,4}", "level": 0},
    {"name": "Emergency", "pattern": "112", "level": 100, "trunk_id": 1, "emergency": True},
    {"name": "Nothing", "pattern": "7", "level": 0, "strip_digits": 1},
)
NUMBERS = (
    "221234560", "221234567", "221234569", "00441234560", "00441234568", "+48221234560", "112", "997", "999", "998",
    "324", "325", "1230", "5551234560", "7", "0" * 33, "*43", "*67221234560", "*67112", "*67",
)  # fmt: skip
SEPARATORS = ("", "", "-", " ", ".", "(", ")", "/", ") ")
# what the page says → the final status of the phone's call, as docs/call-refusals.md has it
REFUSALS = {
    "every matching rule requires a higher level": 403, "No routing rule matches": 404, "an inactive account": 404,
    "Not a valid external number": 484, "strips every digit": 404,
}  # fmt: skip
ANSWERED, BUSY, FAILED, UNREACHABLE = 200, 486, 503, 480


def spelled(number, choose):
    """Return the number with separators between its characters."""
    return "".join(itertools.chain.from_iterable((char, choose(SEPARATORS)) for char in number))


def promised(page):
    """Return what the page says: what is sent over which trunk, in order, and the status if nothing is."""
    text = " ".join(soup(page).get_text().split())
    assert "After the configuration is generated" not in text
    sent = re.findall(r"sends (\S+) via trunk (\w+)", text)
    refused = [status for sentence, status in REFUSALS.items() if sentence in text]
    if "Allowed." in text and not sent:
        return [], ANSWERED if "feature code" in text else UNREACHABLE, text
    assert bool(sent) != bool(refused), text
    return sent, (refused or [None])[0], text


def expected(sent, refused, text):
    """Return the arrivals (trunk, number) and the status of the phone's call.

    Trunk Dead answers 503. The provider answers by the last digit: 7 is busy, 8 (403) and 9 (503) are about the trunk.
    An emergency call tries every trunk.
    """
    arrivals, status = [], FAILED
    for number, trunk in sent:
        arrivals.append((trunk, number))
        if trunk == "Dead":
            continue
        status = {"7": BUSY, "8": FAILED, "9": FAILED}.get(number[-1], ANSWERED)
        if status == ANSWERED or (status != FAILED and "Emergency numbers are always" not in text):
            return arrivals, status
        status = FAILED
    return arrivals, refused or status


@pytest.mark.long
def test_page_phone_and_two_providers_agree_on_300_calls(live_app, ctx, outbound_routing, provider, sip_phone):
    failing = FailingProvider()
    for number, active in ((112, True), (997, False), (324, False), (325, True)):
        accounts.create(ctx, WHO, accounts.AccountInput(number=number, phone="other", active=active))
    outbound_routing(*RULES, dead=failing.port)
    phones = [sip_phone(number, level=level) for number, level in LEVELS.items()]
    generations.generate(ctx, WHO)
    admin, choose = Client(live_app), random.Random(20261126).choice
    admin.login()
    variants = [*NUMBERS, *(spelled(number, choose) for number in NUMBERS for _ in range(3))]
    assert len(variants) * len(phones) >= 300
    cases = {}
    for phone in phones:
        for number in variants:
            page = admin.get("/routes/dial-test", htmx=True, query_string={"account": phone.number, "number": number})
            cases[phone.number, number] = expected(*promised(page)), page
    with ThreadPoolExecutor(len(phones)) as pool:
        answers = list(pool.map(lambda phone: phone.dial_all(variants, "-r", "4"), phones))
    for phone, statuses in zip(phones, answers, strict=True):
        assert len(statuses) == len(variants)
        wrong = {
            number: (status, cases[phone.number, number][0])
            for number, status in zip(variants, statuses, strict=True)
            if status != cases[phone.number, number][0][1]
        }
        assert wrong == {}
    arrived = Counter(("Dead", number) for number in failing.dialled)
    arrived += Counter(("Provider", number) for number, *_ in provider.arrived)
    assert arrived == Counter(itertools.chain.from_iterable(arrivals for (arrivals, _), _ in cases.values()))
