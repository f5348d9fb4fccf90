"""Marks under a chart."""

from datetime import date, timedelta

from dashboard.models import Mark
from dashboard.models.audit import MarkKind
from dashboard.queries.marks import MAX_MARKS, list_marks
from dashboard.vocabulary.analytics import AnalyticsFilter, Days

ALL = AnalyticsFilter()
NOV_1, NOV_3 = date(2026, 11, 1), date(2026, 11, 3)


def add_marks(seed, company, clock, *marks):
    with seed(company) as session:
        for day, minutes, title in marks:
            at = clock() + timedelta(minutes=minutes)
            session.add(Mark(day=day, at=at, kind=MarkKind.NOTE, title=title))


def test_marks_of_the_days_are_listed_oldest_first(seed, cast, clock, reading):
    add_marks(
        seed, cast.acme, clock,
        (NOV_3, 0, "last day"), (NOV_1, 5, "later"), (NOV_1, 1, "earlier"), (date(2026, 10, 31), 0, "the day before"),
        (date(2026, 11, 4), 0, "the day after"),
    )  # fmt: skip

    with reading() as session:
        found = [mark.title for mark in list_marks(session, cast.acme.id, ALL, Days(NOV_1, NOV_3))]

    assert found == ["earlier", "later", "last day"]


def test_marks_of_other_companies_are_not_listed(seed, cast, clock, reading):
    add_marks(seed, cast.rival, clock, (NOV_1, 0, "theirs"))

    with reading() as session:
        assert list_marks(session, cast.acme.id, ALL, Days(NOV_1, NOV_3)) == []


def test_list_is_cut_at_its_limit(seed, cast, clock, reading):
    add_marks(seed, cast.acme, clock, *((NOV_1, n, f"mark {n}") for n in range(MAX_MARKS + 1)))

    with reading() as session:
        assert len(list_marks(session, cast.acme.id, ALL, Days(NOV_1, NOV_3))) == MAX_MARKS
