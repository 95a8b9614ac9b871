"""The subset of regular expressions: what it means, what it refuses and where, and that nothing can stall it."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipweb.core.errors import Invalid
from sipweb.core.patterns import DIALLED, MOST, parse

ONE = st.one_of(
    st.sampled_from("0123456789#"), st.just("."), st.sampled_from(["[0-9]", "[1-58]", "[*#]", "[+]", "[^0]", "\\+", "\\*"])
)  # fmt: skip
TIMES = st.sampled_from(["", "", "", "*", "+", "?", "{2}", "{1,3}", "{2,}"])


def sequence(item):
    return st.lists(st.tuples(item, TIMES).map("".join), min_size=1, max_size=4).map("".join)


GROUP = st.lists(st.lists(ONE, min_size=1, max_size=3).map("".join), min_size=1, max_size=3).map(
    lambda a: f"({'|'.join(a)})"
)


def light(pattern):
    """Whether it is taken; refused for another reason than its repetitions it must not be."""
    try:
        return bool(parse(pattern))
    except Invalid as error:
        if "repeats too much" not in str(error):
            raise
    return False


PATTERNS = st.lists(sequence(st.one_of(ONE, GROUP)), min_size=1, max_size=3).map("|".join).filter(light)
NUMBERS = st.text(DIALLED, max_size=MOST)


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
def test_a_pattern_means_the_whole_number(pattern, yes, no):
    found = parse(pattern)
    assert [number for number in yes + no if found.matches(number)] == yes


@pytest.mark.parametrize(
    ("pattern", "place"),
    [
        ("12a", 3), ("12 3", 3), ("(12", 0), ("12)", 3), ("[12", 0), ("[]", 2), ("[2-1]", 4), ("[a]", 2), ("*12", 1),
        ("12||3", 4), ("", 0), ("|", 1), ("()", 2), ("1{2", 0), ("1{}", 3), ("1{9999}", 6), (r"\d", 2), ("^^1", 2),
        ("1$2", 2), ('"', 1), ("${EXTEN}", 1), ("1,2", 2), ("(?:1)", 2), ("१", 1), ("1\n2", 2), ("[[:digit:]]", 2),
    ],
)  # fmt: skip
def test_anything_else_is_refused_at_its_place(pattern, place):
    with pytest.raises(Invalid) as caught:
        parse(pattern)
    assert caught.value.field == "pattern"
    assert caught.value.values.get("place", 0) == place


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
def test_what_could_stall_or_says_nothing_is_refused(pattern):
    with pytest.raises(Invalid):
        parse(pattern)


@given(PATTERNS, NUMBERS)
def test_it_means_what_python_means_by_the_canonical_text(pattern, number):
    found = parse(pattern)
    assert found.matches(number) == bool(re.fullmatch(found.posix, number))
    assert set(found.posix) <= set(DIALLED) | set(".[]()|?{},")


@given(PATTERNS)
def test_the_canonical_text_is_its_own(pattern):
    posix = parse(pattern).posix
    assert parse(posix).posix == posix


@given(st.text(max_size=30))
def test_any_text_is_a_pattern_or_a_sentence(text):
    said = "a pattern"
    try:
        parse(text)
    except Invalid as error:
        said = error.message % error.values
    assert "%(" not in said


def test_the_worst_pattern_is_quick():
    worst = parse(("(" + ".?" * 3 + ")").replace(".?", ".") + ".*.*.*.*.*.*.*.*.*.*.*.*" * 4 + "5")
    start = time.perf_counter()
    assert not worst.matches("1" * MOST)
    assert time.perf_counter() - start < 0.2


def test_the_place_is_that_of_the_pattern_as_it_was_typed():
    with pytest.raises(Invalid) as caught:
        parse("^1a$")
    assert str(caught.value) == "a cannot stand at place 3 of the pattern: ^1a$"


@pytest.mark.parametrize(
    ("pattern", "taken"),
    [
        ("(.|..|...|....|.....){0,32}", False), (".{0,32}.{0,32}.{0,32}", False), (".?" * 76, False), ("(.|..){32}" * 4, False),
        (".{0,32}.{0,32}", True), (".?" * 75, True), ("|".join(["48[0-9]{9}"] * 18), True), ("[0-9]{9,}" * 20, True),
        ("(.*|..+)" * 20, True),
    ],
)  # fmt: skip
def test_what_a_pattern_repeats_is_bounded(pattern, taken):
    assert light(pattern) is taken
