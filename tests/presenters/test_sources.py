"""The words and bars of a source."""

from datetime import UTC, datetime, timedelta

import pytest

from dashboard.presenters.sources import describe, show_last_hour, span, title_of
from dashboard.vocabulary.rhythm import DayKind, Silence

NOON = datetime(2026, 11, 22, 12, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(("seconds", "says"), [
    (0, "1 s"), (59, "59 s"), (60, "1 min"), (31 * 60 + 59, "31 min"), (119 * 60, "119 min"), (2 * 3600, "2 h"),
    (47 * 3600, "47 h"), (48 * 3600, "2 days"), (13.9 * 86_400, "13 days"),
])  # fmt: skip
def test_length_of_time_is_written_in_its_largest_fitting_unit(seconds, says):
    assert span(timedelta(seconds=seconds)) == says


@pytest.mark.parametrize(("silence", "says"), [
    (Silence(), "Nothing has arrived yet."),
    (Silence(timedelta(minutes=5)), "Too new to say what is usual; silent for 5 min."),
    (Silence(timedelta(minutes=31), timedelta(minutes=4), DayKind.WEEKDAY), "Usually every 4 min on weekdays; silent for 31 min."),
    (Silence(timedelta(minutes=31), timedelta(minutes=4)), "Usually every 4 min; silent for 31 min."),
    (Silence(timedelta(days=3), timedelta(minutes=1), DayKind.WEEKEND, is_bursty=True), "Comes in bursts, then every 1 min at weekends; silent for 3 days."),
])  # fmt: skip
def test_silence_is_told_in_one_sentence(silence, says):
    assert describe(silence) == says


@pytest.mark.parametrize(("kind", "title"), [
    ("sendgrid", "SendGrid"), ("generic", "Generic"), ("api", "API keys"), ("sync", "Sync"), ("gone", "gone"),
])  # fmt: skip
def test_kinds_of_sources_have_titles(kind, title):
    assert title_of(kind) == title


def test_bars_are_sixty_minutes_the_present_one_last():
    minutes = {
        NOON.replace(second=0): 10,
        NOON.replace(hour=11, minute=1, second=0): 5,
        NOON.replace(hour=11, minute=0, second=0): 7,
    }

    hour = show_last_hour(minutes, now=NOON)

    # 11:00 lies 60 minutes before the present minute, and so before the first bar
    assert [(bar.x, bar.events, bar.height) for bar in hour.bars if bar.events] == [(0, 5, 24), (590, 10, 48)]
    assert [bar.at.minute for bar in hour.busy] == [0, 1]
    assert hour.caption == "15 new events in the last hour, at most 10 a minute."


def test_small_bars_can_be_seen_and_nothing_is_nothing():
    minutes = {NOON.replace(second=0): 10_000, NOON.replace(hour=11, minute=59, second=0): 1}

    hour = show_last_hour(minutes, now=NOON)

    assert [bar.height for bar in hour.bars[-3:]] == [0, 1.5, 48]


def test_empty_hour_says_so():
    hour = show_last_hour({}, now=NOON)

    assert (hour.caption, hour.busy) == ("No new events in the last hour.", ())
