import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipweb.core.errors import Invalid
from sipweb.core.numbers import (
    next_free_number,
    normalize_dialled_number,
    number_ranges,
    parse_number,
    parse_number_ranges,
    suggest_number,
)


@pytest.mark.parametrize("text", ["99", "1000", "0100", "012", "+100", "1e2", "10.0", "1 00", "", "१२३", "²00", "-100"])
def test_only_numbers_from_100_to_999_are_accepted(text):
    with pytest.raises(Invalid):
        parse_number(text)


@pytest.mark.parametrize(("text", "number"), [("100", 100), (" 205 ", 205), ("999", 999), ("112", 112)])
def test_blanks_around_a_number_are_ignored(text, number):
    assert parse_number(text) == number


@pytest.mark.parametrize(
    ("taken", "expected"),
    [([], 100), ([100, 101, 105], 106), ([999], 100), ([100, 101, 999], 102), (range(100, 1000), None)],
)
def test_next_number_is_the_highest_plus_one_then_the_lowest_free(taken, expected):
    assert next_free_number(taken) == expected


def test_emergency_number_is_never_suggested():
    assert suggest_number({111}, ("112",)) == 113
    assert suggest_number({996}, ("997", "998", "999")) == 100
    assert suggest_number(set(range(100, 1000)) - {112}, ("112",)) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("22-123.45 67", "221234567"), ("(22) 123/45/67", "221234567"), ("22%20123", "22123"), ("%2B48 22", "+4822"),
        ("1-1-2", "112"), ("\u00a022\t1", "221"), ("22a", "22a"), ("*60#", "*60#"), ("()", ""), ("22,1", "22,1"),
    ],
)  # fmt: skip
def test_dialled_number_is_read_without_separators(text, number):
    assert normalize_dialled_number(text) == number


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("205", [205]), (" 205 ", [205]), ("220-222, 270", [220, 221, 222, 270]), ("270;220 - 221", [220, 221, 270]),
        ("220\u2013221\u00a0270", [220, 221, 270]), ("220-220", [220]), ("999,100,", [100, 999]),
        ("100-999", range(100, 1000)), ("220, 221\t222", [220, 221, 222]), ("220,,222", [220, 222]),
    ],
)  # fmt: skip
def test_numbers_and_ranges_are_read(text, numbers):
    assert parse_number_ranges(text) == tuple(numbers)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Enter a three-digit number from 100 to 999."), ("99", "Enter a three-digit number from 100 to 999."),
        ("259-220", "259-220: enter the lower number first, 220-259."),
        ("220-259, 230-231", "Listed more than once: 230-231. Enter each number once."),
        ("220, 221, 220", "Listed more than once: 220. Enter each number once."),
        ("99-120", "99-120 isn't a number or a range from 100 to 999. Example: 220-259, 270."),
        ("990-1000", "990-1000 isn't a number or a range from 100 to 999. Example: 220-259, 270."),
        ("220-", "220- isn't a number or a range from 100 to 999. Example: 220-259, 270."),
        ("-220", "-220 isn't a number or a range from 100 to 999. Example: 220-259, 270."),
        ("220-230-240", "220-230-240 isn't a number or a range from 100 to 999. Example: 220-259, 270."),
        ("220, anna", "anna isn't a number or a range from 100 to 999. Example: 220-259, 270."),
        ("२२०-२२१", "२२०-२२१ isn't a number or a range from 100 to 999. Example: 220-259, 270."),
        ("220," * 101, "Too long: enter at most 400 characters. Example: 220-259, 270."),
        ("220," + "x" * 300, f"{'x' * 20}… isn't a number or a range from 100 to 999. Example: 220-259, 270."),
    ],
)  # fmt: skip
def test_each_mistake_in_numbers_and_ranges_has_its_message(text, sentence):
    with pytest.raises(Invalid) as refused:
        parse_number_ranges(text)
    assert (str(refused.value), refused.value.field) == (sentence, "number")


@given(st.sets(st.integers(100, 999), min_size=1, max_size=60))
def test_written_ranges_are_read_again(numbers):
    assert parse_number_ranges(number_ranges(numbers)) == tuple(sorted(numbers))


@given(st.text(st.sampled_from("0123456789-–, ;x\x00²"), max_size=450) | st.text())
def test_any_text_is_read_or_refused(text):
    try:
        numbers = parse_number_ranges(text)
    except Invalid:
        return
    assert numbers == tuple(sorted(set(numbers)))
    assert 100 <= numbers[0] <= numbers[-1] <= 999
