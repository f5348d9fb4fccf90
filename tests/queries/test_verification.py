"""The proof that totals are the sums of their rows finds whatever is not."""

from datetime import date

import pytest
import sqlalchemy as sa

from dashboard.models import AnalyticsRecord, TotalsRecord
from dashboard.queries.verification import Difference, find_difference
from tests.counted import count_events
from tests.factories import numbers, report

NOV_1, NOV_2 = date(2026, 11, 1), date(2026, 11, 2)


@pytest.fixture
def arranged(engines, cast, clock, source):
    report(engines, cast.acme, source, numbers(NOV_1, "a"), numbers(NOV_1, "b"), numbers(NOV_2, "a"), now=clock())
    count_events(engines, cast.acme, source, numbers(NOV_1, "a", sent=1), now=clock())


def verify(reading, company):
    with reading(company) as session:
        return find_difference(session, company.id)


def change(seed, company, statement):
    with seed(company) as session:
        session.execute(statement)


def test_numbers_that_agree_have_no_difference(arranged, reading, cast):
    assert verify(reading, cast.acme) is None
    assert verify(reading, cast.rival) is None


def test_changed_total_is_found(arranged, reading, cast, seed):
    wrong = sa.update(TotalsRecord).where(TotalsRecord.day == NOV_2, TotalsRecord.basis == "sent").values(opened=41)
    change(seed, cast.acme, wrong)

    expected = Difference("sent", "campaign", NOV_2, "reported", "opened", 41, 40)
    assert verify(reading, cast.acme) == expected


def test_changed_row_is_found(arranged, reading, cast, seed):
    change(seed, cast.acme, sa.update(AnalyticsRecord).where(AnalyticsRecord.origin == "events").values(sent=2))

    found = verify(reading, cast.acme)

    assert (found.origin, found.counter, found.total, found.sum_of_rows) == ("events", "sent", 1, 2)


def test_missing_total_is_found(arranged, reading, cast, seed):
    change(seed, cast.acme, sa.delete(TotalsRecord).where(TotalsRecord.day == NOV_2))

    found = verify(reading, cast.acme)

    assert (found.day, found.total, found.sum_of_rows) == (NOV_2, 0, 100)


def test_total_without_rows_is_found(arranged, reading, cast, seed):
    change(seed, cast.acme, sa.delete(AnalyticsRecord).where(AnalyticsRecord.day == NOV_2))

    found = verify(reading, cast.acme)

    assert (found.day, found.total, found.sum_of_rows) == (NOV_2, 100, 0)


def test_counters_beyond_the_six_are_compared_too(arranged, reading, cast, seed):
    change(seed, cast.acme, sa.update(TotalsRecord).values(total_clicks=1))

    assert verify(reading, cast.acme).counter == "total_clicks"


def test_difference_of_another_company_is_not_ours(arranged, reading, cast, seed):
    change(seed, cast.acme, sa.update(TotalsRecord).values(sent=0))

    assert verify(reading, cast.rival) is None
