"""Whatever a session of one company reads, changes or deletes, it touches no row of another company."""

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from dashboard.database.engine import Mode
from dashboard.database.session import open_session
from dashboard.models import ApiKey, Campaign, Mark, Membership, Source
from dashboard.models.audit import MarkKind
from dashboard.tenancy import WrongCompany
from tests.factories import make_campaign


@pytest.fixture
def campaigns(cast, seed, clock):
    """acme has Spring with 100 and Summer with 200 a day; rival has Sale with 5,000 and a mark."""
    with seed(cast.acme) as session:
        make_campaign(session, key="spring", name="Spring", daily_limit=100)
        make_campaign(session, key="summer", name="Summer", daily_limit=200)
    with seed(cast.rival) as session:
        make_campaign(session, key="sale", name="Sale", daily_limit=5000)
        session.add(Mark(day=clock().date(), at=clock(), kind=MarkKind.NOTE, title="Sale"))


Other = orm.aliased(Campaign)
NAMES = sa.select(Campaign.name)
INNER = NAMES.where(Campaign.daily_limit > 0).subquery()
WITH = NAMES.cte("names")

READS = {
    "entities": sa.select(Campaign),
    "column": NAMES,
    "where another company's key is named": NAMES.where(Campaign.key.in_(["sale", "spring", "summer"])),
    "where the company is named": NAMES.where(Campaign.company_id > 0),
    "or": NAMES.where(sa.or_(Campaign.daily_limit < 0, Campaign.daily_limit > 0)),
    "alias": sa.select(Other.name),
    "subquery": sa.select(INNER.c.name),
    "common table expression": sa.select(WITH.c.name),
    "union": sa.union(NAMES, sa.select(Other.name)),
    "union all in a subquery": sa.select(sa.union_all(NAMES, NAMES.where(sa.false())).subquery().c.name),
    "in a subselect": NAMES.where(Campaign.id.in_(sa.select(Other.id))),
    "exists": NAMES.where(sa.exists().where(Other.id == Campaign.id)),
    "scalar subselect": sa.select(Campaign.name, sa.select(sa.func.max(Other.daily_limit)).scalar_subquery()),
    "cross join": sa.select(Campaign.name).join(Other, sa.true()).distinct(),
    "distinct and order": NAMES.distinct().order_by(Campaign.name.desc()),
}


@pytest.mark.parametrize("kind", READS)
def test_select_is_scoped_when_it_is_an(campaigns, cast, seed, kind):
    with seed(cast.acme) as session:
        rows = session.execute(READS[kind]).all()

    found = sorted(getattr(row[0], "name", row[0]) for row in rows)
    assert found == ["Spring", "Summer"]


VALUES = {
    "count of rows": (sa.select(sa.func.count()).select_from(Campaign), 2),
    "count of a column": (sa.select(sa.func.count(Campaign.id)), 2),
    "sum": (sa.select(sa.func.sum(Campaign.daily_limit)), 300),
    "largest": (sa.select(sa.func.max(Campaign.daily_limit)), 200),
    "count of a subquery": (sa.select(sa.func.count()).select_from(sa.select(Other.id).subquery()), 2),
    "count where something exists": (
        sa.select(sa.func.count()).select_from(Campaign).where(sa.exists().where(Other.key == "sale")),
        0,
    ),
    "rows of two tables": (sa.select(sa.func.count()).select_from(Campaign).join(Mark, sa.true()), 0),
    "outer join": (sa.select(sa.func.count(Mark.id)).select_from(Campaign).outerjoin(Mark, sa.true()), 0),
}


@pytest.mark.parametrize("kind", VALUES)
def test_value_is_scoped_when_it_is_a(campaigns, cast, seed, kind):
    statement, expected = VALUES[kind]

    with seed(cast.acme) as session:
        found = session.scalar(statement)

    assert found == expected


@pytest.mark.parametrize("model", [Source, ApiKey, Membership])
def test_directory_table_is_scoped_when_the_session_has_a_company(cast, seed, model):
    with seed(cast.rival) as session:
        found = set(session.scalars(sa.select(model.company_id)))

    assert found <= {cast.rival.id}


def test_row_of_another_company_is_not_there_when_asked_for_by_its_key(campaigns, cast, seed):
    with seed(cast.rival) as session:
        key = session.execute(sa.select(Campaign.company_id, Campaign.id)).one()

    with seed(cast.acme) as session:
        found = session.get(Campaign, tuple(key))

    assert found is None


def test_question_that_names_no_table_outside_of_exists_is_refused(campaigns, cast, seed):
    with seed(cast.acme) as session, pytest.raises(WrongCompany):
        session.scalar(sa.select(sa.exists().where(Campaign.key == "sale")))


def test_bulk_update_changes_only_rows_of_the_company(campaigns, cast, seed):
    with seed(cast.acme) as session:
        changed = session.execute(sa.update(Campaign).values(daily_limit=7)).rowcount

    with seed(cast.rival) as session:
        theirs = session.scalars(sa.select(Campaign.daily_limit)).all()
    assert (changed, theirs) == (2, [5000])


def test_bulk_update_of_a_directory_table_changes_only_rows_of_the_company(cast, seed):
    with seed(cast.acme) as session:
        session.execute(sa.update(Source).values(name="Mine"))

    with seed(cast.rival) as session:
        assert session.scalars(sa.select(Source.name)).all() == ["API"]


def test_bulk_delete_removes_only_rows_of_the_company(campaigns, cast, seed):
    with seed(cast.acme) as session:
        removed = session.execute(sa.delete(Campaign)).rowcount

    with seed(cast.rival) as session:
        theirs = session.scalar(sa.select(sa.func.count()).select_from(Campaign))
    assert (removed, theirs) == (2, 1)


def test_legacy_query_is_scoped(campaigns, cast, seed):
    with seed(cast.acme) as session:
        found = session.query(Campaign).count()

    assert found == 2


@pytest.mark.parametrize("statement", [sa.select(Campaign), sa.update(Campaign), sa.delete(Campaign), NAMES])
def test_session_without_a_company_refuses_a_tenants_table(campaigns, seed, statement):
    statement = statement.values(daily_limit=1) if statement.is_update else statement

    with seed() as session, pytest.raises(WrongCompany):
        session.execute(statement)


def test_session_without_a_company_finds_nothing_when_the_table_hides_in_a_subquery(campaigns, seed):
    hidden = sa.select(sa.func.count()).select_from(sa.select(Campaign.id).subquery())

    with seed() as session:
        found = session.scalar(hidden)

    assert found == 0


def test_session_that_is_not_the_directorys_refuses_directory_tables(cast, engines):
    with open_session(engines, Mode.READ) as session, pytest.raises(WrongCompany):
        session.execute(sa.select(Source))
