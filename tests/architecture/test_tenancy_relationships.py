"""Rows that are reached over a relationship are scoped too, however they are loaded.

The program's own models have none yet; two tables made for this test do.
"""

import pytest
import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from dashboard.database.engine import Engines, Mode, options
from dashboard.database.session import open_session
from dashboard.tenancy import TenantScoped


class Base(DeclarativeBase):
    """Apart from the program's tables."""


sa.Table("companies", Base.metadata, sa.Column("id", sa.Integer, primary_key=True))


class Letter(TenantScoped, Base):
    """Belongs to a box of its company, or by mistake to another's: the key is left open to show what is loaded."""

    __tablename__ = "letters"

    id: Mapped[int] = mapped_column(primary_key=True)
    box_id: Mapped[int]


class Box(TenantScoped, Base):
    """Holds letters, found by the box's id alone."""

    __tablename__ = "boxes"

    id: Mapped[int] = mapped_column(primary_key=True)
    letters: Mapped[list[Letter]] = relationship(
        primaryjoin=lambda: Box.id == orm.foreign(Letter.box_id), viewonly=True
    )


@pytest.fixture
def boxes(tmp_path):
    """Both companies have a box 1; company 1 has one letter in it, company 2 has two."""
    url = f"sqlite:///{tmp_path / 'boxes.sqlite3'}"
    engines = Engines(sa.create_engine(url, **options(url)))
    with engines[Mode.WRITE].begin() as connection:
        Base.metadata.create_all(connection)
        connection.execute(Base.metadata.tables["companies"].insert(), [{"id": 1}, {"id": 2}])
        connection.execute(Box.__table__.insert(), [{"company_id": 1, "id": 1}, {"company_id": 2, "id": 1}])
        letters = [(1, 11), (2, 21), (2, 22)]
        rows = [{"company_id": company_id, "id": number, "box_id": 1} for company_id, number in letters]
        connection.execute(Letter.__table__.insert(), rows)
    yield engines
    engines.base.dispose()


LOADING = {
    "lazy": orm.lazyload(Box.letters),
    "joined": orm.joinedload(Box.letters),
    "selectin": orm.selectinload(Box.letters),
    "subquery": orm.subqueryload(Box.letters),
}


@pytest.mark.parametrize("way", LOADING)
def test_related_rows_are_the_companys_own_when_loading_is(boxes, way):
    with open_session(boxes, Mode.READ, 1) as session:
        box = session.scalars(sa.select(Box).options(LOADING[way])).unique().one()

        found = [letter.id for letter in box.letters]

    assert found == [11]


def test_joined_rows_are_the_companys_own(boxes):
    with open_session(boxes, Mode.READ, 2) as session:
        found = session.scalars(sa.select(Letter.id).join(Box, Box.id == Letter.box_id).order_by(Letter.id)).all()

    assert found == [21, 22]


def test_refreshed_row_is_the_companys_own(boxes):
    with open_session(boxes, Mode.READ, 1) as session:
        box = session.scalars(sa.select(Box)).one()
        session.expire(box)

        session.refresh(box)

        assert box.company_id == 1
