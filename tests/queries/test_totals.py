"""Series and sums."""

from datetime import date

import pytest

from dashboard.queries.totals import get_series, get_sum
from dashboard.vocabulary.analytics import AnalyticsFilter, Basis, Days, Origin, ResourceType
from dashboard.vocabulary.metrics import Metrics
from tests.counted import count_events
from tests.factories import api_source_id, make_source, numbers, report

NOV_1, NOV_2, NOV_3 = date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 3)
ALL = Days(NOV_1, NOV_3)


@pytest.fixture
def arranged(engines, cast, clock, source):
    """Two campaigns and a domain of acme, and a campaign of rival."""
    report(
        engines, cast.acme, source,
        numbers(NOV_1, "spring", sent=10), numbers(NOV_1, "summer", sent=5), numbers(NOV_3, "spring", sent=1),
        numbers(NOV_1, "acme.test", "domain", sent=15),
        now=clock(),
    )  # fmt: skip
    report(engines, cast.rival, api_source_id(engines, cast.rival), numbers(NOV_1, sent=9000), now=clock())


def read(reading, cast, days=ALL, **asked):
    given = AnalyticsFilter(**({"type": ResourceType.CAMPAIGN} | asked))
    with reading() as session:
        return get_series(session, cast.acme.id, given, days)


def sent(reading, cast, **asked):
    return list(read(reading, cast, **asked).numbers["sent"])


def test_series_has_every_day_and_zeros_where_there_was_no_mail(arranged, reading, cast):
    assert sent(reading, cast) == [15, 0, 1]


def test_series_of_a_type_is_of_that_type_only(arranged, reading, cast):
    assert sent(reading, cast, type=ResourceType.DOMAIN) == [15, 0, 0]


@pytest.mark.parametrize(("key", "expected"), [("spring", [10, 0, 1]), ("summer", [5, 0, 0]), ("autumn", [0, 0, 0])])
def test_series_of_one_resource(arranged, reading, cast, key, expected):
    assert sent(reading, cast, resource_key=key) == expected


def test_series_of_one_source(arranged, reading, cast, engines, clock, app):
    other, _ = make_source(engines, app.extensions["vault"], cast.acme)
    report(engines, cast.acme, other, numbers(NOV_1, "spring", sent=100), now=clock())

    assert sent(reading, cast, source_id=other) == [100, 0, 0]
    assert sent(reading, cast) == [115, 0, 1]


@pytest.mark.parametrize(("start", "end", "expected"), [
    (NOV_1, NOV_1, [15]), (NOV_2, NOV_3, [0, 1]), (NOV_3, NOV_3, [1]), (NOV_3, NOV_1, []),
])  # fmt: skip
def test_series_includes_both_ends(arranged, reading, cast, start, end, expected):
    assert sent(reading, cast, days=Days(start, end)) == expected


@pytest.mark.parametrize(("start", "end", "expected"), [
    (NOV_1, NOV_1, [15]), (NOV_2, NOV_3, [0, 1]), (date(2020, 1, 1), NOV_1, [15]), (NOV_3, date(2030, 1, 1), [1]),
    (NOV_3, NOV_2, []), (date(2020, 1, 1), date(2020, 1, 2), []), (date(2030, 1, 1), date(2030, 1, 2), []),
])  # fmt: skip
def test_part_of_a_series_is_that_of_its_days(arranged, reading, cast, start, end, expected):
    part = read(reading, cast).numbers.within(Days(start, end))

    assert (list(part["sent"]), len(part), part.total().sent) == (expected, len(expected), sum(expected))


@pytest.mark.parametrize("basis", Basis)
def test_reported_numbers_stand_on_their_day_in_both_bases(arranged, reading, cast, basis):
    assert sent(reading, cast, basis=basis) == [15, 0, 1]


def test_series_adds_what_was_reported_and_what_was_counted(arranged, reading, cast, engines, clock, source):
    count_events(engines, cast.acme, source, numbers(NOV_1, "spring", sent=7), now=clock())

    assert sent(reading, cast) == [22, 0, 1]
    assert sent(reading, cast, resource_key="spring") == [17, 0, 1]


@pytest.mark.parametrize(("resource_key", "expected"), [(None, (NOV_1,)), ("spring", (NOV_1,)), ("summer", ())])
def test_days_with_both_origins_are_named(arranged, reading, cast, engines, clock, source, resource_key, expected):
    count_events(engines, cast.acme, source, numbers(NOV_1, "spring"), numbers(NOV_2, "spring"), now=clock())

    assert read(reading, cast, resource_key=resource_key).overlapping == expected


def test_day_of_nothing_but_zeros_does_not_overlap(arranged, reading, cast, engines, clock, source):
    zeros = dict.fromkeys(("sent", "delivered", "opened", "clicked", "replied", "bounced"), 0)
    count_events(engines, cast.acme, source, numbers(NOV_1, "spring", **zeros), now=clock())

    assert read(reading, cast).overlapping == ()


def test_sum_without_a_type_adds_the_four_types(arranged, reading, cast):
    with reading() as session:
        total = get_sum(session, cast.acme.id, AnalyticsFilter())

    assert total.sent == 16 + 15


def test_sum_of_nothing_is_zeros(cast, reading):
    with reading() as session:
        assert get_sum(session, cast.acme.id, AnalyticsFilter()) == Metrics()


@pytest.mark.parametrize("resource_key", [None, "spring"])
def test_sums_over_many_days_are_larger_than_one_day_may_be(reading, cast, engines, clock, source, resource_key):
    largest = 2**53 - 1
    report(engines, cast.acme, source, *(numbers(day, sent=largest) for day in (NOV_1, NOV_2, NOV_3)), now=clock())
    asked = AnalyticsFilter(type=ResourceType.CAMPAIGN, resource_key=resource_key)

    with reading() as session:
        assert get_sum(session, cast.acme.id, asked).sent == 3 * largest
    assert read(reading, cast, resource_key=resource_key).numbers.total().sent == 3 * largest


def test_every_origin_is_one_that_the_overlap_counts():
    assert len(Origin) == 2
