"""What a source's silence means, told from when something came. Sunday is 22 November 2026; the zone is UTC."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboard.vocabulary.rhythm import CLOSE, WINDOW, DayKind, Silence, read_silence

ZONE = ZoneInfo("UTC")
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
FRIDAY = NOON - timedelta(days=2)


def every(minutes, *, until, since=None, hours=range(24), days=range(7)):
    """Return instants, the newest first, that many minutes apart, in these hours of these days of the week only."""
    found, at = [], until
    while at >= (since or until - WINDOW):
        if at.hour in hours and at.weekday() in days:
            found.append(at)
        at -= timedelta(minutes=minutes)
    return found


def read(arrivals, now=NOON):
    return read_silence(arrivals, now=now, zone=ZONE)


def office(until):
    """A source that speaks every four minutes from 9 to 17 on weekdays."""
    return every(4, until=until, hours=range(9, 17), days=range(5))


def test_nothing_is_known_where_nothing_came():
    assert read([]) == Silence()


@pytest.mark.parametrize("number", [1, 2, 3])
def test_three_gaps_are_needed_to_know_what_is_usual(number):
    found = read(every(60, until=NOON - timedelta(days=1))[:number])

    assert (found.lasts, found.usual_gap, found.is_trouble) == (timedelta(days=1), None, False)


@pytest.mark.parametrize(("minutes", "is_trouble"), [(0, False), (11, False), (12, False), (13, True), (31, True)])
def test_silence_is_trouble_beyond_three_usual_gaps(minutes, is_trouble):
    # every 4 minutes, so 12 are still usual
    found = read(every(4, until=NOON - timedelta(minutes=minutes), since=NOON - timedelta(days=1)))

    assert (found.usual_gap, found.is_trouble) == (timedelta(minutes=4), is_trouble)
    assert found.lasts == timedelta(minutes=minutes)


def test_todays_own_gaps_are_enough_on_the_first_day():
    found = read(every(4, until=NOON - timedelta(minutes=31), since=NOON - timedelta(hours=2)))

    assert (found.kind, found.is_trouble) == (DayKind.WEEKEND, True)


def test_weekdays_and_weekends_have_gaps_of_their_own():
    weekdays = every(5, until=FRIDAY, days=range(5))
    weekends = every(60, until=NOON - timedelta(minutes=90), days=(5, 6))

    sunday = read(sorted(weekdays + weekends, reverse=True))
    friday = read(weekdays, now=FRIDAY + timedelta(minutes=90))

    # 90 minutes are usual on a Sunday, and far too long on a Friday
    assert (sunday.usual_gap, sunday.kind, sunday.is_trouble) == (timedelta(hours=1), DayKind.WEEKEND, False)
    assert (friday.usual_gap, friday.kind, friday.is_trouble) == (timedelta(minutes=5), DayKind.WEEKDAY, True)


@pytest.mark.parametrize(("now", "is_trouble"), [
    (FRIDAY.replace(hour=16, minute=30), True),  # half an hour of the working day
    (FRIDAY.replace(hour=23), True),  # the missing hour of the working day is still missing
    (NOON, True),
])  # fmt: skip
def test_silence_that_began_within_the_usual_hours_is_trouble(now, is_trouble):
    found = read(office(until=FRIDAY.replace(hour=16)), now=now)

    assert found.is_trouble is is_trouble


@pytest.mark.parametrize("now", [
    FRIDAY.replace(hour=20), FRIDAY.replace(hour=23, minute=59), NOON, NOON.replace(day=23, hour=8, minute=59),
    NOON.replace(day=23, hour=9, minute=8),
])  # fmt: skip
def test_nights_and_weekends_are_no_trouble_for_an_office(now):
    found = read(office(until=FRIDAY.replace(hour=16, minute=56)), now=now)

    # the 4 minutes to 17:00 and 8 minutes of Monday are 12 at most: three usual gaps, no more
    assert (found.is_trouble, found.is_bursty) == (False, False)


def test_monday_is_trouble_when_it_begins_silent():
    found = read(office(until=FRIDAY.replace(hour=16, minute=56)), now=NOON.replace(day=23, hour=9, minute=9))

    assert found.is_trouble


def test_first_weekend_of_a_source_is_no_trouble():
    found = read(every(4, until=FRIDAY.replace(hour=23, minute=56), since=FRIDAY))

    # of the 36 hours only the last 4 minutes of Friday count: of weekends nothing is known
    assert (found.usual_gap, found.kind, found.is_trouble) == (timedelta(minutes=4), DayKind.WEEKDAY, False)


def test_bursts_without_regular_hours_are_never_trouble():
    letters = [
        start + timedelta(minutes=minute) for start in (FRIDAY, FRIDAY - timedelta(days=9)) for minute in range(20)
    ]

    found = read(sorted(letters, reverse=True))

    assert (found.usual_gap, found.is_bursty, found.is_trouble) == (timedelta(minutes=1), True, False)


@pytest.mark.parametrize(("days", "is_trouble"), [(2, False), (3, False), (3.1, True)])
def test_a_daily_source_may_be_silent_for_three_days(days, is_trouble):
    found = read(every(24 * 60, until=NOON - timedelta(days=days)))

    assert found.is_trouble is is_trouble


def test_days_are_those_of_the_zone():
    # Sunday 23:30 in UTC is Monday morning in Tokyo
    arrivals = every(4, until=NOON.replace(hour=23, minute=30), since=NOON.replace(hour=22))

    found = read_silence(arrivals, now=NOON.replace(hour=23, minute=31), zone=ZoneInfo("Asia/Tokyo"))

    assert found.kind is DayKind.WEEKDAY


def test_an_arrival_after_now_is_no_negative_silence():
    assert read(every(4, until=NOON + timedelta(minutes=2))).lasts == timedelta()


@pytest.mark.parametrize(("hour", "minute"), [(16, 59), (20, 0), (23, 59)])
def test_one_arrival_of_each_hour_tells_the_usual_hours_of_a_busy_office(hour, minute):
    last = FRIDAY.replace(hour=16, minute=58)
    close = every(1, until=last)[:CLOSE]
    before = every(60, until=close[-1].replace(minute=59) - timedelta(hours=1), hours=range(9, 17), days=range(5))

    found = read(close + before, now=FRIDAY.replace(hour=hour, minute=minute))

    assert (found.usual_gap, found.is_trouble) == (timedelta(minutes=1), False)
