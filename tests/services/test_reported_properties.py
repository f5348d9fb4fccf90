"""Any sequence of sets and deletions leaves what the last of each key said, and totals that are its sums."""

from collections import Counter
from datetime import date

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.database.engine import Mode
from dashboard.database.session import open_session
from dashboard.errors import NotFound
from dashboard.models import TotalsRecord
from dashboard.services import reported
from dashboard.vocabulary.analytics import ReportedNumbers, ResourceType
from dashboard.vocabulary.metrics import Metrics
from tests.conftest import empty_tables
from tests.factories import api_source_id, make_cast, make_source
from tests.reported import check_sums, rows

KEYS = st.tuples(
    st.sampled_from([ResourceType.CAMPAIGN, ResourceType.DOMAIN]),
    st.sampled_from(["a", "b"]),
    st.sampled_from([date(2026, 11, 19), date(2026, 11, 20)]),
)
COUNTS = st.integers(0, 5) | st.integers(0, 10**9)
SETS = st.lists(st.tuples(KEYS, COUNTS), max_size=4)
STEPS = st.lists(st.tuples(st.sampled_from([0, 1]), SETS | KEYS), max_size=8)


@pytest.fixture
def stage(engines, vault, clock):
    """Empty the tables, make the cast anew, and return it with the numbers of two of acme's sources."""

    def made():
        empty_tables(engines)
        cast = make_cast(engines, clock())
        return cast, (api_source_id(engines, cast.acme), make_source(engines, vault, cast.acme)[0])

    return made


@pytest.fixture
def vault(app):
    return app.extensions["vault"]


def take(engines, company, source_id, step, model, now):
    """Do a step in the store and in the model; check what the store answers."""
    with open_session(engines, Mode.WRITE, company.id) as session:
        if isinstance(step, list):
            updates = [ReportedNumbers(*key, Metrics(sent=count, bounced=count // 2)) for key, count in step]
            outcomes = reported.set_numbers(session, company.id, source_id, updates, now=now)
            for (key, count), outcome in zip(step, outcomes, strict=True):
                assert outcome.action == ("updated" if (source_id, key) in model else "created")
                model[source_id, key] = count
        elif (source_id, step) in model:
            reported.delete_numbers(session, company.id, source_id, step, actor="a test", now=now)
            del model[source_id, step]
        else:
            with pytest.raises(NotFound):
                reported.delete_numbers(session, company.id, source_id, step, actor="a test", now=now)
        session.commit()


def totals(engines, company):
    """Return what was sent by type and day, without zeros."""
    with open_session(engines, Mode.READ, company.id) as session:
        found = session.scalars(sa.select(TotalsRecord).where(TotalsRecord.basis == "event"))
        return Counter({(one.type, one.day): one.sent for one in found if one.sent})


@settings(
    max_examples=40, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(steps=STEPS)
def test_any_sequence_ends_in_what_was_said_last(engines, stage, clock, steps):
    cast, sources = stage()
    model = {}

    for which, step in steps:
        take(engines, cast.acme, sources[which], step, model, clock())
        check_sums(engines, cast)

    found = {(row.source_id, (row.type, row.resource_key, row.day)): row.sent for row in rows(engines, cast.acme)}
    expected = Counter()
    for (_, (kind, _, day)), count in model.items():
        expected[kind, day] += count
    assert found == model
    assert totals(engines, cast.acme) == +expected
    assert rows(engines, cast.rival) == []
