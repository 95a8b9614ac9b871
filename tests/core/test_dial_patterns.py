"""Dial patterns: what they match, what is refused, and that matching is fast."""

import re
import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sipweb.core.dial_patterns import DIALABLE, MAX_NUMBER_LENGTH, MAX_PATTERN_LENGTH, parse
from sipweb.core.errors import Invalid

ONE = st.one_of(
    st.sampled_from("0123456789#"),
    st.just("."),
    st.sampled_from(["[0-9]", "[1-58]", "[*#]", "[+]", "[^0]", "\\+", "\\*"]),
)
TIMES = st.sampled_from(["", "", "", "*", "+", "?", "{2}", "{1,3}", "{2,}"])


def sequence(item):
    return st.lists(st.tuples(item, TIMES).map("".join), min_size=1, max_size=4).map("".join)


GROUP = st.lists(st.lists(ONE, min_size=1, max_size=3).map("".join), min_size=1, max_size=3).map(
    lambda a: f"({'|'.join(a)})"
)


def light(pattern):
    """Return whether a pattern is accepted.

    It may only be refused for its repetitions.
    """
    try:
        return bool(parse(pattern))
    except Invalid as error:
        if "too complex" not in str(error):
            raise
    return False


PATTERNS = st.lists(sequence(st.one_of(ONE, GROUP)), min_size=1, max_size=3).map("|".join).filter(light)
NUMBERS = st.text(DIALABLE, max_size=MAX_NUMBER_LENGTH)


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("12.*", ["12", "1234", "12*#"], ["", "1", "21", "012"]),
        ("12[0-9]{7}", ["121234567"], ["12123456", "1212345678", "12123456*"]),
        ("48[0-9]{9}|0048[0-9]{9}", ["48221234567", "0048221234567"], ["4822123456", "048221234567"]),
        ("[+]48.+", ["+481"], ["+48", "481"]),
        (r"\+48.+", ["+481"], ["+48", "481"]),
        ("^0[^0].*$", ["01", "0*9"], ["00", "001", "1"]),
        ("(12|34){2}", ["1212", "1234", "3412"], ["12", "123", "121234"]),
        ("[*]60#?", ["*60", "*60#"], ["60", "*60##"]),
    ],
)
def test_pattern_matches_the_whole_number(pattern, yes, no):
    parsed = parse(pattern)
    assert [number for number in yes + no if parsed.matches(number)] == yes


@pytest.mark.parametrize(
    ("pattern", "position"),
    [
        ("12a", 3), ("12 3", 3), ("(12", 0), ("12)", 3), ("[12", 0), ("[]", 2), ("[2-1]", 4), ("[a]", 2), ("*12", 1),
        ("12||3", 4), ("", 0), ("|", 1), ("()", 2), ("1{2", 0), ("1{}", 3), ("1{9999}", 6), (r"\d", 2), ("^^1", 2),
        ("1$2", 2), ('"', 1), ("${EXTEN}", 1), ("1,2", 2), ("(?:1)", 2), ("१", 1), ("1\n2", 2), ("[[:digit:]]", 2),
    ],
)  # fmt: skip
def test_syntax_error_names_its_position(pattern, position):
    with pytest.raises(Invalid) as caught:
        parse(pattern)
    assert caught.value.field == "pattern"
    assert caught.value.values.get("place", 0) == position


@pytest.mark.parametrize(
    "pattern",
    [
        "(1*)*",
        "(1+)+2",
        "(1|2?){3}",
        "1**",
        "1{2}{3}",
        "1{33}",
        "1{5,2}",
        "[^0-9*#+]",
        "1" * 201,
        "(" * 11 + "1" + ")" * 11,
    ],
)
def test_slow_or_empty_pattern_is_rejected(pattern):
    with pytest.raises(Invalid):
        parse(pattern)


@given(PATTERNS, NUMBERS)
def test_pattern_matches_like_pythons_regular_expression(pattern, number):
    parsed = parse(pattern)
    assert parsed.matches(number) == bool(re.fullmatch(parsed.posix, number))
    assert set(parsed.posix) <= set(DIALABLE) | set(".[]()|?{},")


@given(PATTERNS)
def test_canonical_pattern_does_not_change_when_parsed(pattern):
    posix = parse(pattern).posix
    assume(len(posix) <= MAX_PATTERN_LENGTH)  # a class is written out
    assert parse(posix).posix == posix


@given(st.text(max_size=30))
def test_any_text_is_a_pattern_or_gets_a_complete_message(text):
    error = None
    try:
        parse(text)
    except Invalid as raised:
        error = raised
    assert error is None or set(re.findall(r"%\((\w+)\)s", error.message)) == error.values.keys()


def test_slowest_pattern_matches_quickly():
    worst = parse(("(" + ".?" * 3 + ")").replace(".?", ".") + ".*.*.*.*.*.*.*.*.*.*.*.*" * 4 + "5")
    start = time.perf_counter()
    assert not worst.matches("1" * MAX_NUMBER_LENGTH)
    assert time.perf_counter() - start < 0.2


def test_error_position_counts_in_the_typed_pattern():
    with pytest.raises(Invalid) as caught:
        parse("^1a$")
    assert str(caught.value) == "Pattern ^1a$: unexpected a at position 3."


@pytest.mark.parametrize(
    ("pattern", "taken"),
    [
        ("(.|..|...|....|.....){0,32}", False), (".{0,32}.{0,32}.{0,32}", False), (".?" * 76, False),
        ("(.|..){32}" * 4, False),
        (".{0,32}.{0,32}", True), (".?" * 75, True), ("|".join(["48[0-9]{9}"] * 18), True), ("[0-9]{9,}" * 20, True),
        ("(.*|..+)" * 20, True),
    ],
)  # fmt: skip
def test_repetitions_of_a_pattern_are_limited(pattern, taken):
    assert light(pattern) is taken
