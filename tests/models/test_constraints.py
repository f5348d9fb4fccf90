"""Every rule that the database can hold, it holds; on both stores."""

from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from dashboard.database.engine import Mode
from dashboard.database.session import open_session
from dashboard.models import (
    AnalyticsRecord,
    Campaign,
    Company,
    Domain,
    DomainCheck,
    File,
    Mailbox,
    Mark,
    Template,
    User,
)
from dashboard.models.audit import MarkKind
from dashboard.vocabulary.metrics import COUNTERS, MAX_COUNT
from tests.conftest import NOON
from tests.factories import api_source_id, campaign_of, make_campaign, numbers, report

NOV_1 = date(2026, 11, 1)


@pytest.fixture
def acme(engines, cast):
    """A session of acme; what it holds is never committed."""
    with open_session(engines, Mode.WRITE, cast.acme.id) as session:
        yield session


def is_refused(session, *rows):
    """Say whether the store refuses the rows."""
    session.add_all(rows)
    try:
        session.flush()
    except IntegrityError:
        return True
    return False


@pytest.mark.parametrize(("values", "refused"), [
    ({"name": "x" * 100}, False), ({"name": "x" * 101}, True), ({"name": ""}, True), ({"name": "\U0001f4e7" * 100}, False),
    ({"key": "x" * 200}, False), ({"key": "x" * 201}, True), ({"key": ""}, True),
    ({"daily_limit": 1}, False), ({"daily_limit": 0}, True), ({"daily_limit": -1}, True),
    ({"daily_limit": 10_000}, False), ({"daily_limit": 10_001}, True),
])  # fmt: skip
def test_campaign_is_held_to_its_limits(acme, values, refused):
    assert is_refused(acme, campaign_of(**values)) is refused


@pytest.mark.parametrize("column", ["key", "name"])
def test_key_and_name_of_a_campaign_are_its_own_within_the_company(acme, column):
    make_campaign(acme, key="spring", name="Spring")
    second = campaign_of(**({"key": "other", "name": "Other"} | {column: {"key": "spring", "name": "Spring"}[column]}))

    assert is_refused(acme, second)


def test_two_companies_may_use_the_same_key_and_name(cast, seed):
    for company in (cast.acme, cast.rival):
        with seed(company) as session:
            make_campaign(session)

    with seed(cast.rival) as session:
        assert session.scalars(sa.select(Campaign.key)).all() == ["spring"]


def user(**values):
    return User(**({"email": "eve@acme.test", "name": "Eve"} | values))


@pytest.mark.parametrize(("values", "refused"), [
    ({}, False), ({"email": "Eve@acme.test"}, True), ({"email": "x" * 255}, True), ({"email": "ab"}, True),
    ({"name": ""}, True), ({"name": "x" * 101}, True), ({"email": "ada@acme.test"}, True),
])  # fmt: skip
def test_user_is_held_to_its_limits(acme, values, refused):
    assert is_refused(acme, user(**values)) is refused


@pytest.mark.parametrize(("slug", "name", "refused"), [
    ("oak", "Oak", False), ("a", "Oak", True), ("a" * 61, "Oak", True), ("oak", "", True), ("acme", "Acme again", True),
])  # fmt: skip
def test_company_is_held_to_its_limits(acme, slug, name, refused):
    assert is_refused(acme, Company(slug=slug, name=name)) is refused


@pytest.mark.parametrize("name", ["Acme.test", ""])
def test_domain_is_lower_case_and_not_empty(acme, name):
    assert is_refused(acme, Domain(name=name))


def test_domain_with_a_mailbox_cannot_go(acme):
    domain = Domain(name="acme.test")
    acme.add(domain)
    acme.flush()
    acme.add(Mailbox(domain_id=domain.id, email="ada@acme.test", name="Ada", daily_limit=1))
    acme.flush()

    with pytest.raises(IntegrityError):
        acme.execute(sa.delete(Domain))


def test_checks_of_a_domain_go_with_it(acme):
    domain = Domain(name="acme.test")
    acme.add(domain)
    acme.flush()
    acme.add(DomainCheck(domain_id=domain.id, first_at=NOON, last_at=NOON, status="pending", is_failing=False))
    acme.flush()

    acme.execute(sa.delete(Domain))

    assert acme.scalars(sa.select(DomainCheck)).all() == []


def test_file_is_uploaded_by_a_member_of_the_company(acme):
    rex = acme.scalar(sa.select(User.id).where(User.email == "rex@rival.test"))
    file = File(name="a", media_type="text/plain", size_bytes=1, sha256=b"x" * 32, storage_key="a", uploaded_by=rex)

    assert is_refused(acme, file)


@pytest.mark.parametrize("title", ["", "x" * 201])
def test_title_of_a_mark_is_neither_empty_nor_endless(acme, clock, title):
    assert is_refused(acme, Mark(day=NOV_1, at=clock(), kind=MarkKind.NOTE, title=title))


def test_template_needs_a_name(acme):
    assert is_refused(acme, Template(key="t", name="", subject="", content=""))


@pytest.mark.parametrize("value", [-1, MAX_COUNT + 1])
@pytest.mark.parametrize("counter", COUNTERS)
def test_counter_is_a_count_that_every_reader_keeps_exactly(acme, engines, cast, clock, counter, value):
    report(engines, cast.acme, api_source_id(engines, cast.acme), numbers(NOV_1), now=clock())

    with pytest.raises(IntegrityError):
        acme.execute(sa.update(AnalyticsRecord).values({counter: value}))


@pytest.mark.parametrize("statement", [
    "UPDATE campaigns SET status = 'cancelled'", "UPDATE companies SET slug = 'x'", "UPDATE memberships SET role = 'owner'",
])  # fmt: skip
def test_store_holds_its_rules_whoever_writes(engines, cast, seed, statement):
    with seed(cast.acme) as session:
        make_campaign(session)

    with engines[Mode.WRITE].connect() as connection, pytest.raises(IntegrityError):
        connection.exec_driver_sql(statement)
