import pytest

from sipweb.core.errors import Invalid
from sipweb.core.numbers import next_free_number, normalize_dialled_number, parse_number, suggest_number


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
