"""Which addresses a block concerns, and how long it lasts."""

from datetime import UTC, datetime, timedelta

import pytest

from sipweb.core import blocking
from sipweb.core.blocking import AttemptCounter, block_key, block_length, overlaps

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2:3::4]", "2001:db8:1:2::/64"), ("fe80::1%eth0", "fe80::/64"), ("", ""), ("x.invalid", ""),
        ("192.0.2.7\ndeny=0.0.0.0/0", ""),
    ],
)  # fmt: skip
def test_ipv4_addresses_are_blocked_alone_and_ipv6_ones_by_their_64(address, key):
    assert block_key(address) == key


def test_trusted_networks_concern_their_own_family():
    assert overlaps("192.0.2.7", ("10.0.0.0/8", "192.0.2.0/24"))
    assert overlaps("2001:db8::/64", ("2001:db8::5/128",))
    assert not overlaps("192.0.2.7", ("::/0", "192.0.2.8/32"))


def test_next_block_lasts_twice_as_long_up_to_a_day_and_is_short_again_after_a_day():
    lengths, length = [], None
    for _ in range(10):
        length = block_length(length, NOW - timedelta(hours=23), NOW)
        lengths.append(int(length.total_seconds() / 60))
    assert lengths == [10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440]
    assert block_length(length, NOW - timedelta(hours=25), NOW) == blocking.FIRST_BLOCK


def test_attempts_are_counted_for_five_minutes_of_a_bounded_number_of_addresses(monkeypatch):
    monkeypatch.setattr(blocking, "MAX_ADDRESSES", 2)
    counter = AttemptCounter()
    for second in range(0, 600, 3):
        counter.add("192.0.2.7", 2, second)
    counter.add("192.0.2.8", 1, 600)
    counter.add("192.0.2.9", 1, 600)
    counter.forget_before(300)
    assert counter.count("192.0.2.7", 540) == 40
    assert counter.count("192.0.2.7", 0) == 200
    assert [counter.count(key, 0) for key in ("192.0.2.8", "192.0.2.9")] == [1, 0]
    counter.forget_before(601)
    assert not counter._attempts
