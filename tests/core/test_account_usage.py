"""The use of automatic accounts over time, followed through the audit log."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipweb.core.account_usage import (
    RETRY_INTERVAL,
    LeaseEntry,
    UsageCounter,
    UsageHour,
    UsageMinute,
    accounts_to_add,
    usage_by_hour,
)

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
POOL = frozenset({1, 2, 3})
OTHER = 9  # an account of somebody's own


def entry(seconds, action, account=None, user=1, reason="pool_busy"):
    return LeaseEntry(MONDAY + timedelta(seconds=seconds), f"lease.{action}", account, user, reason)


def counted(*entries, leased=(), pool=POOL):
    counter = UsageCounter(pool, leased)
    for one in entries:
        counter.add(one)
    return list(counter.minutes.values())


def test_peak_of_a_minute_is_seen_however_short_it_was():
    entries = entry(1, "acquire", 1), entry(2, "acquire", 2, 2), entry(3, "release", 2, 2), entry(4, "release", 1)
    assert counted(*entries) == [UsageMinute(MONDAY, total=3, in_use=0, peak=2, needed=2)]


def test_what_was_in_use_before_is_part_of_the_minute():
    assert counted(entry(61, "release", 1), leased=[1, 2, 3]) == [
        UsageMinute(MONDAY + timedelta(minutes=1), total=3, in_use=2, peak=3, needed=3)
    ]


@pytest.mark.parametrize("action", ["release", "revoke", "expire", "end"])
def test_each_end_of_a_lease_frees_the_account(action):
    assert counted(entry(1, action, 1), leased=[1])[0].in_use == 0


def test_other_accounts_and_a_second_sign_in_change_nothing():
    assert counted(entry(1, "acquire", OTHER), entry(2, "release", OTHER)) == []
    assert counted(entry(1, "acquire", 1), leased=[1]) == []


@pytest.mark.parametrize(
    ("reason", "refused"),
    [("pool_busy", 1), ("pool_empty", 1), ("busy", 0), ("unknown", 0), ("manual", 0), ("must_change", 0)],
)
def test_only_refusals_for_lack_of_automatic_accounts_count(reason, refused):
    assert sum(minute.refused for minute in counted(entry(1, "refused", reason=reason))) == refused


def test_an_agent_who_asks_again_and_again_needs_one_account():
    asked = [entry(seconds, "refused", user=7) for seconds in (1, 2, 3)]
    assert counted(*asked, leased=[1, 2, 3]) == [UsageMinute(MONDAY, 3, 3, 3, needed=4, refused=3)]


def test_an_agent_who_got_an_account_or_gave_up_needs_none():
    later = RETRY_INTERVAL.total_seconds() + 60
    got = counted(entry(1, "refused", user=7), entry(61, "release", 1, 1), entry(62, "acquire", 1, 7), leased=[1, 2, 3])
    assert [minute.needed for minute in got] == [4, 3]
    gave_up = counted(entry(1, "refused", user=7), entry(later, "refused", user=8), leased=[1, 2, 3])
    assert [minute.needed for minute in gave_up] == [4, 4]


def test_a_generation_changes_the_accounts_and_what_is_in_use():
    counter = UsageCounter(POOL, [1, 2])
    counter.set_automatic(MONDAY, POOL)
    assert not counter.minutes
    counter.set_automatic(MONDAY, frozenset({2, 3, 4, 5}))
    assert counter.minutes[MONDAY] == UsageMinute(MONDAY, total=4, in_use=1, peak=2, needed=2)


def hour(start, total, peak, *, refused=0, needed=0, peak_at=None):
    return UsageHour(start, total, peak, refused, needed or peak, peak_at)


def test_hours_carry_what_is_in_use_over_until_it_changes():
    starts = [MONDAY + timedelta(hours=hours) for hours in range(4)]
    before = UsageMinute(MONDAY - timedelta(days=2), 3, in_use=2, peak=3, needed=3)
    change = UsageMinute(MONDAY + timedelta(hours=1, minutes=40), 3, in_use=1, peak=3, needed=5, refused=2)
    assert usage_by_hour([change], before, starts) == [
        hour(starts[0], 3, 2, peak_at=starts[0]),
        hour(starts[1], 3, 3, refused=2, needed=5, peak_at=change.minute),
        hour(starts[2], 3, 1, peak_at=starts[2]),
        hour(starts[3], 3, 1, peak_at=starts[3]),
    ]


def test_hours_before_the_first_known_minute_are_left_out():
    starts = [MONDAY + timedelta(hours=hours) for hours in range(3)]
    first = UsageMinute(starts[1], 20, 0, 0, 0)
    assert [one.start for one in usage_by_hour([first], None, starts)] == starts[1:]
    assert usage_by_hour([], None, starts) == []


@pytest.mark.parametrize(("needed", "total", "to_add"), [(18, 20, 1), (17, 20, 0), (20, 20, 3), (25, 20, 8), (0, 0, 3)])
def test_so_many_accounts_are_missing_that_the_reserve_stays_free(needed, total, to_add):
    assert accounts_to_add([hour(MONDAY, total, min(needed, total), needed=needed)], total, reserve=3) == to_add


STEPS = st.lists(
    st.tuples(
        st.integers(0, 5000),
        st.sampled_from(["acquire", "release", "expire", "refused"]),
        st.sampled_from([1, 2, 3, 9]),
    ),
    max_size=60,
)


@given(STEPS)
def test_minutes_are_those_of_the_entries_replayed_second_by_second(steps):
    """The same from the entries alone: for each minute the highest number of leased accounts at any moment in it."""
    entries, seconds = [], 0
    for pause, action, account in steps:
        seconds += pause
        entries.append(entry(seconds, action, None if action == "refused" else account, user=account))
    found = {minute.minute: minute for minute in counted(*entries)}
    leased, moments = set(), []  # (time, in use after it)
    for one in entries:
        if one.action == "lease.acquire":
            leased.add(one.account_id)
        elif one.account_id:
            leased.discard(one.account_id)
        moments.append((one.at, len(leased & POOL)))
    for minute in {at.replace(second=0) for at, _ in moments}:
        inside = [number for at, number in moments if at.replace(second=0) == minute]
        carried = next((number for at, number in reversed(moments) if at < minute), 0)
        refused = sum(1 for one in entries if one.action == "lease.refused" and one.at.replace(second=0) == minute)
        if minute in found:
            assert (found[minute].peak, found[minute].in_use) == (max(carried, *inside), inside[-1])
            assert found[minute].refused == refused
        else:
            assert {carried, *inside} == {carried}
            assert not refused
