"""`dashboard rollup verify` proves that totals are the sums of their rows, and exits 1 when one is not."""

from datetime import date

import pytest
import sqlalchemy as sa

from dashboard.models import TotalsRecord
from tests.factories import api_source_id, numbers, report

NOV_1 = date(2026, 11, 1)


@pytest.fixture
def reported(engines, cast, clock):
    for company in (cast.acme, cast.rival):
        report(engines, company, api_source_id(engines, company), numbers(NOV_1), now=clock())


@pytest.fixture
def tampered(reported, cast, seed):
    """rival's total of one day says 105 opened; its rows say 40."""
    with seed(cast.rival) as session:
        session.execute(sa.update(TotalsRecord).where(TotalsRecord.basis == "sent").values(opened=105))


def test_numbers_that_agree_are_no_news(run, reported):
    answer = run("rollup", "verify")

    assert (answer.code, answer.out, answer.err) == (
        0,
        "Every total is the sum of its rows, every row the sum of its messages, every message what its events say.\n",
        "",
    )


def test_numbers_that_agree_are_told_as_one_document(run, reported):
    answer = run("rollup", "verify", "--json")

    assert (answer.code, answer.document) == (0, {"ok": True, "companies": ["acme", "rival"]})


def test_difference_is_told_and_the_exit_code_is_1(run, tampered):
    answer = run("rollup", "verify")

    assert (answer.code, answer.err) == (1, "")
    assert answer.out == (
        "rival: opened by campaign on 2026-11-01 (sent, reported) is 105, but its rows add up to 40.\n"
    )


def test_difference_is_told_as_one_document(run, tampered):
    answer = run("rollup", "verify", "--json")

    assert answer.code == 1
    assert answer.document == {
        "ok": False, "company": "rival",
        "difference": {"basis": "sent", "type": "campaign", "day": "2026-11-01", "origin": "reported",
                       "counter": "opened", "total": 105, "sum_of_rows": 40},
    }  # fmt: skip


@pytest.mark.parametrize(("slug", "code"), [("acme", 0), ("rival", 1)])
def test_one_company_can_be_verified_alone(run, tampered, slug, code):
    assert run("rollup", "verify", "--company", slug).code == code


def test_store_without_companies_agrees(run):
    assert run("rollup", "verify", "--json").document == {"ok": True, "companies": []}
