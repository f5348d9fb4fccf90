"""Where reported and counted numbers meet."""

from datetime import date

import pytest

from dashboard.queries.overlaps import Overlap, list_overlaps
from dashboard.vocabulary.analytics import AnalyticsFilter, Basis, ResourceType
from tests.counted import count_events
from tests.factories import api_source_id, numbers, report

NOV_1, NOV_2, NOV_3 = date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 3)
ASKED = AnalyticsFilter(NOV_1, NOV_3, ResourceType.CAMPAIGN)


@pytest.fixture
def arranged(engines, cast, clock, source):
    """spring has both origins on two days, summer on one, winter each on a day of its own, autumn only reports."""
    report(
        engines, cast.acme, source,
        numbers(NOV_1, "spring"), numbers(NOV_2, "spring"), numbers(NOV_2, "summer"), numbers(NOV_1, "winter"),
        numbers(NOV_2, "autumn"), numbers(NOV_1, "spring.test", "domain"),
        now=clock(),
    )  # fmt: skip
    count_events(
        engines, cast.acme, source,
        numbers(NOV_1, "spring"), numbers(NOV_2, "spring"), numbers(NOV_2, "summer"), numbers(NOV_3, "winter"),
        numbers(NOV_1, "spring.test", "domain"),
        now=clock(),
    )  # fmt: skip


def overlaps(reading, cast, asked=ASKED, days=(NOV_1, NOV_2, NOV_3), **rest):
    with reading() as session:
        return list_overlaps(session, cast.acme.id, asked, days, **rest)


def test_resources_with_both_origins_on_a_day_are_listed_most_days_first(arranged, reading, cast):
    assert overlaps(reading, cast) == [Overlap("spring", 2), Overlap("summer", 1)]


def test_only_the_days_that_are_asked_about_count(arranged, reading, cast):
    assert overlaps(reading, cast, days=(NOV_1,)) == [Overlap("spring", 1)]


def test_no_statement_runs_when_there_are_no_days(arranged, reading, cast, count_statements):
    with count_statements() as statements:
        found = overlaps(reading, cast, days=())

    assert (found, statements) == ([], [])


def test_list_is_cut_at_its_limit(arranged, reading, cast):
    assert overlaps(reading, cast, limit=1) == [Overlap("spring", 2)]


@pytest.mark.parametrize(("asked", "keys"), [
    (AnalyticsFilter(NOV_1, NOV_3, ResourceType.DOMAIN), ["spring.test"]),
    (AnalyticsFilter(NOV_1, NOV_3, ResourceType.MAILBOX), []),
    (AnalyticsFilter(NOV_1, NOV_3, ResourceType.CAMPAIGN, basis=Basis.EVENT), ["spring", "summer"]),
    (AnalyticsFilter(NOV_1, NOV_3, ResourceType.CAMPAIGN, "summer"), ["summer"]),
    (AnalyticsFilter(NOV_1, NOV_3, ResourceType.CAMPAIGN, source_id=999_999), []),
])  # fmt: skip
def test_overlaps_are_those_of_what_the_page_shows(arranged, reading, cast, asked, keys):
    assert [one.resource_key for one in overlaps(reading, cast, asked)] == keys


def test_another_companys_numbers_do_not_overlap_with_ours(arranged, reading, cast, engines, clock):
    count_events(engines, cast.rival, api_source_id(engines, cast.rival), numbers(NOV_2, "autumn"), now=clock())

    assert [one.resource_key for one in overlaps(reading, cast)] == ["spring", "summer"]
