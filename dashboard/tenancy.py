"""Tenancy that cannot be forgotten: one session belongs to one company for its whole life.

The hooks add `company_id = ...` to every select, update and delete of a tenant's table, stamp or refuse every
new row, and refuse what they cannot see through: textual and Core statements and bulk inserts. Those pass only
through `connection()` and `insert_rows()`, whose callers take the company as an argument and are listed in
tests/architecture/test_tenancy.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, orm
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

COMPANY = "company_id"  # the key in session.info
DIRECTORY = "directory"  # a session that may read and write the tables known before any company is
_STAMPED = "rows_are_stamped"  # execution option by which insert_rows speaks to the hook


class WrongCompany(Exception):
    """A programming error: something reached beyond the session's company."""


class TenantScoped:
    """Mixin of every company's table: the primary key is (company_id, ...), the company always first."""

    @declared_attr
    @classmethod
    def company_id(cls) -> Mapped[int]:
        """Make the company the first column of the primary key."""
        return mapped_column(
            sa.ForeignKey("companies.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
            sort_order=-10,
        )


class DirectoryScoped:
    """Mixin of directory tables that carry a company: scoped as soon as the session has one."""

    company_id: Mapped[Any]


def bind(session: orm.Session, company_id: int) -> orm.Session:
    """Give the session its company, once; a second, different one raises WrongCompany."""
    known = session.info.setdefault(COMPANY, company_id)
    if known != company_id:
        raise WrongCompany(f"This session belongs to company {known}; it cannot serve company {company_id}.")
    return session


def company_of(session: orm.Session) -> int:
    """Return the session's company; raises WrongCompany when it has none."""
    try:
        company_id: int = session.info[COMPANY]
    except KeyError:
        raise WrongCompany("This session has no company.") from None
    return company_id


def connection(session: orm.Session, company_id: int) -> sa.Connection:
    """Hand out the session's connection for SQL that the hooks cannot see, for its own company only."""
    if company_of(session) != company_id:
        raise WrongCompany(f"This session belongs to company {company_of(session)}, not {company_id}.")
    return session.connection()


def insert_rows(session: orm.Session, company_id: int, model: type[Any], rows: Sequence[dict[str, Any]]) -> None:
    """Insert many rows of a tenant's table in one statement, each stamped with the company."""
    if company_of(session) != company_id:
        raise WrongCompany(f"This session belongs to company {company_of(session)}, not {company_id}.")
    if rows:
        stamped = [row | {"company_id": company_id} for row in rows]
        session.execute(sa.insert(model), stamped, execution_options={_STAMPED: True})


def install(session_class: type[orm.Session] | orm.scoped_session[Any] | orm.sessionmaker[Any]) -> None:
    """Put the hooks on a session class."""
    event.listen(session_class, "do_orm_execute", _scope_statement)
    event.listen(session_class, "before_flush", _check_rows)


def _scope_statement(state: orm.ORMExecuteState) -> None:
    if state.execution_options.get(_STAMPED):
        return
    if not state.is_orm_statement:
        raise WrongCompany("A Core or textual statement: the session cannot see whose rows it touches.")
    company_id = state.session.info.get(COMPANY)
    scoped = _scoped_classes(state)
    if state.is_insert and scoped:
        raise WrongCompany("A bulk insert on a company's table goes through tenancy.insert_rows().")
    if company_id is None:
        _refuse_or_close(state, scoped)
    else:
        state.statement = state.statement.options(
            *(
                orm.with_loader_criteria(mixin, lambda cls: cls.company_id == company_id, include_aliases=True)
                for mixin in (TenantScoped, DirectoryScoped)
            )
        )


def _refuse_or_close(state: orm.ORMExecuteState, scoped: list[type]) -> None:
    """Without a company refuse what names a tenant's table, and close what hides one in a subquery."""
    if any(issubclass(cls, TenantScoped) for cls in scoped):
        raise WrongCompany("This session has no company, and the statement names a company's table.")
    if scoped and not state.session.info.get(DIRECTORY):
        raise WrongCompany("Directory tables are read before a company is known only in queries/identity.py.")
    state.statement = state.statement.options(
        orm.with_loader_criteria(TenantScoped, lambda _cls: sa.false(), include_aliases=True)
    )


def _scoped_classes(state: orm.ORMExecuteState) -> list[type]:
    return [mapper.class_ for mapper in state.all_mappers if issubclass(mapper.class_, (TenantScoped, DirectoryScoped))]


def _check_rows(session: orm.Session, _context: object, _instances: object) -> None:
    company_id = session.info.get(COMPANY)
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, TenantScoped):
            if company_id is None:
                raise WrongCompany(f"{type(row).__name__} needs a session with a company.")
            if sa.inspect(row).dict.get(COMPANY) is None:
                row.company_id = company_id
        if isinstance(row, (TenantScoped, DirectoryScoped)) and company_id not in (None, row.company_id):
            raise WrongCompany(f"{type(row).__name__} of company {row.company_id} in a session of {company_id}.")
