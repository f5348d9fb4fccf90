"""What the tables themselves hold: the company first in every key, and no way to another company's row."""

import pytest
import sqlalchemy as sa

from dashboard.database.types import UTCDateTime
from dashboard.models import Base
from dashboard.tenancy import DirectoryScoped, TenantScoped

MODELS = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}
TENANTS = sorted(name for name, model in MODELS.items() if issubclass(model, TenantScoped))
SCOPED = sorted(name for name, model in MODELS.items() if issubclass(model, (TenantScoped, DirectoryScoped)))
TABLES = Base.metadata.tables
# Tables that belong to no company.
FREE = {"companies", "users", "sessions", "throttles"}


def foreign_keys(table):
    return [one for one in TABLES[table].constraints if isinstance(one, sa.ForeignKeyConstraint)]


def test_every_table_belongs_to_a_company_or_is_listed_as_free():
    assert set(TABLES) - set(SCOPED) == FREE


@pytest.mark.parametrize("table", TENANTS)
def test_company_comes_first_in_the_primary_key_of(table):
    names = [column.name for column in TABLES[table].primary_key.columns]

    assert names[0] == "company_id"


@pytest.mark.parametrize("table", SCOPED)
def test_company_comes_first_in_every_foreign_key_of(table):
    crossing = [
        [element.target_fullname for element in key.elements]
        for key in foreign_keys(table)
        if key.referred_table.name in SCOPED
        and (key.columns[0].name, key.elements[0].column.name) != ("company_id", "company_id")
    ]

    assert crossing == []


@pytest.mark.parametrize("table", TENANTS)
def test_company_is_part_of_every_unique_constraint_of(table):
    unique = [
        constraint
        for constraint in (*TABLES[table].constraints, *TABLES[table].indexes)
        if isinstance(constraint, sa.UniqueConstraint) or getattr(constraint, "unique", False)
    ]

    assert [one.name for one in unique if "company_id" not in one.columns] == []


@pytest.mark.parametrize("table", TENANTS)
def test_company_comes_first_in_every_index_of(table):
    indexes = TABLES[table].indexes

    assert [one.name for one in indexes if next(iter(one.columns)).name != "company_id"] == []


@pytest.mark.parametrize("table", sorted(TABLES))
def test_nothing_is_set_null_when_a_row_goes_from(table):
    rules = {(key.ondelete or "").upper() for key in foreign_keys(table)}

    assert rules <= {"", "CASCADE"}


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_foreign_key_has_an_index_on(table):
    leading = [[c.name for c in one.columns] for one in TABLES[table].indexes] + [
        [column.name for column in TABLES[table].primary_key.columns],
        *([c.name for c in one.columns] for one in TABLES[table].constraints if isinstance(one, sa.UniqueConstraint)),
    ]

    bare = [
        key.name
        for key in foreign_keys(table)
        if key.referred_table.name != "sources"  # sources are never deleted but with their company
        and not any(set(names[: len(key.columns)]) == {c.name for c in key.columns} for names in leading)
    ]

    assert bare == []


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_instant_knows_its_zone_in(table):
    naive = [
        column.name
        for column in TABLES[table].columns
        if isinstance(column.type, sa.DateTime) and not isinstance(column.type, UTCDateTime)
    ]

    assert naive == []


def test_tables_of_the_store_are_those_of_the_models(engines):
    found = set(sa.inspect(engines.base).get_table_names())

    assert found == set(TABLES) | {"alembic_version"}
