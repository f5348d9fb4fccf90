"""Reported numbers in the store: what a set and a deletion write, and what they leave alone."""

from datetime import date

import pytest
import sqlalchemy as sa

from dashboard.database.engine import Mode
from dashboard.database.session import open_session
from dashboard.errors import Invalid, NotFound
from dashboard.models import AnalyticsRecord, TotalsRecord
from dashboard.services import reported
from dashboard.tenancy import WrongCompany
from dashboard.vocabulary.metrics import MAX_COUNT
from tests.factories import api_source_id, make_source, numbers, report
from tests.reported import check_sums, everything, rows, version

DAY = date(2026, 11, 20)
SPRING = ("campaign", "spring", DAY)


@pytest.fixture(autouse=True)
def sums_agree(engines, cast):
    """Check after every test that each total is the sum of its rows."""
    yield
    check_sums(engines, cast)


@pytest.fixture
def vault(app):
    return app.extensions["vault"]


@pytest.fixture
def source_id(engines, cast):
    return api_source_id(engines, cast.acme)


@pytest.fixture
def write(engines, cast, source_id, clock):
    """Set acme's numbers and return the outcomes as (id, action)."""

    def written(*updates, source=source_id, company=cast.acme):
        with open_session(engines, Mode.WRITE, company.id) as session:
            outcomes = reported.set_numbers(session, company.id, source, updates, now=clock())
            session.commit()
        return [(one.id, one.action) for one in outcomes]

    return written


@pytest.fixture
def count_events(seed, cast, source_id, clock):
    """Put numbers that were counted from events beside the reported ones."""

    def counted(**counts):
        with seed(cast.acme) as session:
            for basis in ("sent", "event"):
                own = {"basis": basis, "type": "campaign", "day": DAY, "origin": "events"} | counts
                row = {"resource_key": "spring", "source_id": source_id, "serial": 0}
                session.add(AnalyticsRecord(**own, **row, created_at=clock(), updated_at=clock()))
                session.add(TotalsRecord(**own))

    return counted


def test_the_public_id_of_a_row_never_changes():
    # programs keep these ids: they must be the same in every version
    assert reported.row_id(SPRING) == "3853c9d6b821ce7e025fcb424bda2ae1"
    assert reported.row_id(("mailbox", "ü@x", date(1970, 1, 1))) == "606dc07626fe6ab26fa6cbec788d58d7"


def test_ids_of_different_keys_differ():
    keys = [(kind, key, DAY) for kind in ("campaign", "template") for key in ("a", "b", '","', "a,b", "é", "e\u0301")]

    assert len({reported.row_id(key) for key in keys}) == len(keys)


def test_outcomes_follow_the_elements(write):
    outcomes = write(numbers(DAY), numbers(DAY, "b"), numbers(DAY), numbers(DAY))

    assert [action for _, action in outcomes] == ["created", "created", "updated", "updated"]
    assert outcomes[0][0] == outcomes[2][0] == outcomes[3][0] != outcomes[1][0]


def test_nothing_is_kept_without_a_commit(engines, cast, source_id, clock):
    before = everything(engines)

    with open_session(engines, Mode.WRITE, cast.acme.id) as session:
        reported.set_numbers(session, cast.acme.id, source_id, [numbers(DAY)], now=clock())

    assert everything(engines) == before


def test_the_version_is_raised_by_the_last_statement(engines, cast, source_id, clock, count_statements):
    with count_statements() as statements, open_session(engines, Mode.WRITE, cast.acme.id) as session:
        reported.set_numbers(session, cast.acme.id, source_id, [numbers(DAY)], now=clock())
        session.commit()

    assert statements[-1].startswith("UPDATE company_state")


def test_statements_do_not_grow_with_the_batch(engines, cast, source_id, clock, count_statements):
    def count(updates):
        with count_statements() as statements:
            report(engines, cast.acme, source_id, *updates, now=clock())
        return len(statements)

    assert count([numbers(DAY)]) == count([numbers(DAY, f"k{n}") for n in range(500)]) <= 7


def test_numbers_counted_from_events_stay_as_they_are(write, count_events, engines, cast):
    count_events(sent=7, hard_bounced=3)

    write(numbers(DAY, sent=100))

    found = {row.origin: (row.sent, row.hard_bounced) for row in rows(engines, cast.acme) if row.basis == "sent"}
    assert found == {"events": (7, 3), "reported": (100, 0)}


def test_a_deletion_leaves_numbers_counted_from_events(write, count_events, engines, cast, source_id, clock, seed):
    count_events(sent=7)
    write(numbers(DAY))

    with seed(cast.acme) as session:
        reported.delete_numbers(session, cast.acme.id, source_id, SPRING, actor="a test", now=clock())

    assert [(row.origin, row.sent) for row in rows(engines, cast.acme)] == [("events", 7), ("events", 7)]


def test_only_what_was_reported_can_be_deleted(count_events, engines, cast, source_id, clock):
    count_events(sent=7)
    before = everything(engines)

    with open_session(engines, Mode.WRITE, cast.acme.id) as session, pytest.raises(NotFound):
        reported.delete_numbers(session, cast.acme.id, source_id, SPRING, actor="a test", now=clock())

    assert everything(engines) == before


def test_sums_are_judged_over_both_origins(write, count_events, engines):
    count_events(sent=1)
    before = everything(engines)

    with pytest.raises(Invalid) as refused:
        write(numbers(DAY, sent=MAX_COUNT))

    # one fault, though both bases would pass
    assert [fault.path for fault in refused.value.fields] == ["metrics.sent"]
    assert everything(engines) == before


def test_serials_rise_with_every_new_row(write, engines, cast):
    write(numbers(DAY, "b"), numbers(DAY, "a"))
    write(numbers(DAY, "b", sent=1), numbers(DAY, "c"))

    found = {row.resource_key: row.serial for row in rows(engines, cast.acme) if row.basis == "event"}
    assert found["b"] < found["a"] < found["c"]
    assert {row.resource_key: row.serial for row in rows(engines, cast.acme) if row.basis == "sent"} == found


def test_a_change_within_a_batch_of_repeats_raises_the_version_once(write, engines, cast):
    write(numbers(DAY, "a"), numbers(DAY, "b"))
    before = version(engines, cast.acme)

    write(numbers(DAY, "a"), numbers(DAY, "b"))
    unchanged = version(engines, cast.acme)
    write(numbers(DAY, "a"), numbers(DAY, "b", clicked=11))

    assert (unchanged, version(engines, cast.acme)) == (before, before + 1)


def test_changes_that_cancel_each_other_raise_the_version(write, engines, cast):
    write(numbers(DAY, "a", sent=1), numbers(DAY, "b", sent=2))
    before = version(engines, cast.acme)

    write(numbers(DAY, "a", sent=2), numbers(DAY, "b", sent=1))

    assert version(engines, cast.acme) == before + 1


def test_a_session_of_another_company_is_refused(engines, cast, source_id, clock):
    before = everything(engines)

    with open_session(engines, Mode.WRITE, cast.rival.id) as session, pytest.raises(WrongCompany):
        reported.set_numbers(session, cast.acme.id, source_id, [numbers(DAY)], now=clock())

    assert everything(engines) == before


def test_the_source_of_another_company_cannot_be_written(engines, cast, write, vault):
    rivals, _ = make_source(engines, vault, cast.rival)
    before = everything(engines)

    with pytest.raises(sa.exc.IntegrityError, match=r"(?i)foreign key"):
        write(numbers(DAY), source=rivals)

    assert everything(engines) == before
