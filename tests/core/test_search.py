"""The search of a list: words, filters, and what is not understood."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipweb.core.search import parse
from sipweb.core.search_criteria import Choice, NumberList, Numbers, Period, Text
from sipweb.core.search_filters import CHANGED, NUMBER, ON_OFF, PHONE, TEXT, ChoiceValue, Filter, Term, on_off
from sipweb.core.text import search_key

WARSAW = timezone(timedelta(hours=1))
NOW = datetime(2026, 11, 27, 0, 30, tzinfo=WARSAW)
LEVEL = Filter(Term("level", "poziom"), NUMBER, "Permission level", (">10",))
USER = Filter(Term("user", "użytkownik"), TEXT, "User", ("automat",))
PHONES = Filter(Term("phone", "telefon"), ChoiceValue(PHONE), "Hardware phone")
RECORDING = Filter(Term("recording", "nagrywanie"), ChoiceValue(ON_OFF), "Call recording")
FILTERS = (LEVEL, USER, PHONES, RECORDING, CHANGED)


def search(text):
    return parse(text, FILTERS, NOW)


def day(number, month=11):
    return datetime(2026, month, number, tzinfo=WARSAW)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ()), ("  ", ()), ("Anna  NOWAK", ("anna", "nowak")), ("Łucja", ("lucja",)),
        ('"Anna Nowak" 205', ("anna nowak", "205")), ('"Anna Now', ("anna now",)), ('""', ()),
        ("12:30", ("12:30",)), ("fe80::1", ("fe80::1",)), (":x", (":x",)), ('"level:10"', ("level:10",)),
    ],
)  # fmt: skip
def test_words_have_neither_case_nor_accents_and_quotes_keep_them_together(text, words):
    found = search(text)
    assert (found.words, found.tests, found.problems) == (words, (), ())
    assert bool(found) == bool(words)


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        ("10", 10, 10), ("=10", 10, 10), (">10", 11, None), (">=10", 10, None), ("≥10", 10, None), ("<10", 0, 9),
        ("<=10", 0, 10), ("10-20", 10, 20), ("20-10", 10, 20), ("10..20", 10, 20), ("10–20", 10, 20), ("10-", 10, None),
        ("-10", 0, 10), ("0", 0, 0),
    ],
)  # fmt: skip
def test_numbers_are_compared(value, low, high):
    [(name, numbers)] = search(f"level:{value}").tests
    assert name == "level"
    assert numbers == Numbers(low, 10**9 if high is None else high)
    assert numbers.matches(low)
    assert not numbers.matches(low - 1)


def test_several_numbers_and_ranges_are_one_value():
    [(_name, numbers)] = search("level:10-20,50").tests
    assert numbers == NumberList((Numbers(10, 20), Numbers(50, 50)))
    assert [value for value in (9, 10, 20, 21, 50, 51) if numbers.matches(value)] == [10, 20, 50]
    assert not search("level:10,x").tests
    assert not search("level:10,").tests


@pytest.mark.parametrize(
    ("value", "start", "end"),
    [
        ("today", day(27), day(28)), ("Dziś", day(27), day(28)), ("yesterday", day(26), day(27)),
        ("week", day(21), None), ("tydzien", day(21), None), ("month", day(29, 10), None),
        ("2026-11-24", day(24), day(25)), (">2026-11-24", day(25), None), (">=2026-11-24", day(24), None),
        ("<2026-11-24", None, day(24)), ("<=2026-11-24", None, day(25)), ("2026-11-01..2026-11-24", day(1), day(25)),
        ("2026-11-24..2026-11-01", day(1), day(25)), ("2026-11-24..", day(24), None), ("..2026-11-24", None, day(25)),
    ],
)  # fmt: skip
def test_days_begin_at_midnight_in_the_users_time_zone(value, start, end):
    assert search(f"changed:{value}").tests == (("changed", Period(start, end)),)


@pytest.mark.parametrize(
    ("text", "test"),
    [
        ("phone:other", Choice("other")), ("telefon:inny", Choice("other")), ("PHONE:Other", Choice("other")),
        ("phone:wbudowany", Choice("builtin")), ("nagrywanie:wył", Choice("off")), ("recording:tak", Choice("on")),
        ("user:automat", Text("automat")), ('uzytkownik:"Anna Łoś"', Text("anna los")),
    ],
)  # fmt: skip
def test_both_languages_are_understood_on_every_page(text, test):
    assert [found for _name, found in search(text).tests] == [test]


@pytest.mark.parametrize(
    ("text", "typed", "known", "suggestion"),
    [
        ("levl:>10", "levl", None, "level"), ("pozom:1", "pozom", None, "poziom"), ("xyz:1", "xyz", None, ""),
        ("level:", "level", LEVEL, ""), ("level:>", "level", LEVEL, ""), ("level:high", "level", LEVEL, ""),
        ("level:-", "level", LEVEL, ""), ("level:1234567890", "level", LEVEL, ""), ("level:١", "level", LEVEL, ""),
        ("phone:desk", "phone", PHONES, ""), ("user:", "user", USER, ""), ("changed:soon", "changed", CHANGED, ""),
        ("changed:2026-13-01", "changed", CHANGED, ""), ("changed:20261124", "changed", CHANGED, ""),
        ("level>10", "level>10", LEVEL, "level:>10"), ("level=10", "level=10", LEVEL, "level:10"),
        ("poziom≤5", "poziom≤5", LEVEL, "poziom:≤5"), ("phone=other", "phone=other", PHONES, "phone:other"),
        ("changed>=2026-11-01", "changed>=2026-11-01", CHANGED, "changed:>=2026-11-01"),
        ("changed:0001-01-01", "changed", CHANGED, ""), ("changed:9999-12-31", "changed", CHANGED, ""),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_reported_and_the_rest_still_searched(text, typed, known, suggestion):
    found = search(f"anna {text} recording:on")
    [problem] = found.problems
    assert (problem.typed, problem.filter, problem.suggestion) == (typed, known, suggestion)
    assert found.words == ("anna",)
    assert found.tests == (("recording", Choice("on")),)


def test_a_word_with_a_sign_whose_name_is_no_filter_is_a_word():
    found = search("xyz>10 level> a=b")
    assert (found.words, found.problems) == (("xyz>10", "level>", "a=b"), ())


def test_tests_look_at_the_values_of_a_record():
    assert Choice("on").matches(on_off(True))
    assert not Choice("on").matches(on_off(False))
    assert Text("wisnie").matches("Anna Wiśniewska")
    assert search("anna 2").in_text("205 anna nowak")
    assert not search("anna 3").in_text("205 anna nowak")


def test_the_same_filter_twice_narrows_further():
    assert search("level:>10 level:<20").tests == (("level", Numbers(11, 10**9)), ("level", Numbers(0, 19)))


def test_examples_of_the_help_are_understood_in_both_languages():
    for one in FILTERS:
        for example in one.terms:
            en, pl = (example, example) if isinstance(example, str) else (example.en, example.pl)
            assert search(f"{one.term.en}:{en}").tests == search(f"{one.term.pl}:{pl}").tests != ()


names = st.sampled_from(["level", "użytkownik", "phone", "recording", "changed", "nothing", ""])
values = st.text(max_size=12) | st.sampled_from(["10", ">1", "1-2", "today", "other", "on", '"', "9999-12-31"])
tokens = st.builds("{}:{}".format, names, values) | st.text(max_size=12)


@given(st.lists(tokens, max_size=6).map(" ".join), st.dates(date(2001, 1, 1), date(2900, 1, 1)))
def test_every_text_is_understood_or_reported(text, today):
    found = parse(text, FILTERS, datetime(today.year, today.month, today.day, tzinfo=UTC))
    for name, test in found.tests:
        assert name in {one.name for one in FILTERS}
        if isinstance(test, Period) and test.start and test.end:
            assert test.start < test.end
        if isinstance(test, Numbers):
            assert test.low >= 0
    assert all(word == search_key(word).strip() for word in found.words)


@given(st.integers(0, 100), st.integers(0, 100))
def test_a_range_has_both_its_ends_and_nothing_outside(first, last):
    numbers = search(f"level:{first}-{last}").tests[0][1]
    inside = {number for number in range(-1, 102) if numbers.matches(number)}
    assert inside == set(range(min(first, last), max(first, last) + 1))
