"""Registered campaigns, templates, domains and mailboxes: lists, counts and single ones."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard.errors import NotFound
from dashboard.models import AnalyticsRecord, Campaign, Domain, Mailbox, ResourceKey, Template
from dashboard.models.campaigns import CampaignStatus
from dashboard.models.domains import DomainStatus
from dashboard.models.mailboxes import MailboxStatus
from dashboard.vocabulary.analytics import Basis, Days, ResourceType
from dashboard.vocabulary.folding import fold, patterns
from dashboard.vocabulary.keys import normal_form
from dashboard.vocabulary.resources import ARCHIVED, ListFilter

Sort = Any  # what SQL can be ordered by


@dataclass(frozen=True, slots=True)
class Kind:
    """What is particular of a type: its table, its states, and by what its lists are sorted."""

    type: ResourceType
    model: Any  # a subclass of Registered
    status: Any
    states: tuple[str, ...]
    sorts: Mapping[str, Sort]

    @property
    def state(self) -> Any:
        """The column that its state stands in, as it is stored."""
        return sa.type_coerce(self.model.status, sa.Text()) if hasattr(self.model, "status") else self.model.is_active

    @property
    def key_column(self) -> Any:
        """The column of `resource_keys` that refers to this type."""
        return getattr(ResourceKey, f"{self.type.value}_id")

    @property
    def own_key(self) -> Any:
        """The column of the key that a resource was made with."""
        return getattr(self.model, _OWN_KEYS.get(self.type, "key"))


def _kind(kind: ResourceType, model: Any, status: Any, states: tuple[str, ...], **sorts: Sort) -> Kind:
    common: dict[str, Sort] = {
        "name": model.sort_name, "created": model.id, "changed": model.updated_at, "status": status,
    }  # fmt: skip
    return Kind(kind, model, status, states, common | sorts)


_OWN_KEYS = {ResourceType.DOMAIN: "name", ResourceType.MAILBOX: "email"}
_IN_USE_WORDS = {True: "active", False: "inactive"}
_IN_USE = sa.case((Template.is_active, "active"), else_="inactive")
KINDS: dict[ResourceType, Kind] = {
    ResourceType.CAMPAIGN: _kind(
        ResourceType.CAMPAIGN, Campaign, sa.cast(Campaign.status, sa.Text()), tuple(CampaignStatus),
        limit=Campaign.daily_limit,
    ),
    ResourceType.TEMPLATE: _kind(
        ResourceType.TEMPLATE, Template, _IN_USE, ("active", "inactive")),
    ResourceType.DOMAIN: _kind(
        ResourceType.DOMAIN, Domain, sa.cast(Domain.status, sa.Text()), tuple(DomainStatus)
    ),
    ResourceType.MAILBOX: _kind(
        ResourceType.MAILBOX, Mailbox, sa.cast(Mailbox.status, sa.Text()), tuple(MailboxStatus),
        limit=Mailbox.daily_limit,
    ),
}  # fmt: skip
SENT = "sent"  # the one sort that numbers decide
MOST_VALUES = 10_000  # of one statement; PostgreSQL takes 65,535 at most


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ended: what its last row is sorted by, and its id."""

    value: Any
    id: UUID


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of a list, and what it is sorted by."""

    row: Any  # Campaign, Template, Domain or Mailbox
    sorted_by: Any

    @property
    def position(self) -> Position:
        """Where a page ends behind this row."""
        return Position(self.sorted_by, self.row.id)


def get_resource(session: Session, kind: ResourceType, id_: UUID, *, lock: bool = False) -> Any:
    """Return the campaign, template, domain or mailbox; raises NotFound.

    A locked row is as it stands now, whatever the session read of it before it had to wait.
    """
    model = KINDS[kind].model
    statement = sa.select(model).where(model.id == id_)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    row = session.scalar(statement)
    if row is None:
        raise NotFound(f"There is no such {kind.value}.")
    return row


def find_by_name_or_key(session: Session, kind: ResourceType, text: str) -> UUID | None:
    """Return the id of the resource that has the key, or else the name."""
    column = KINDS[kind].key_column
    found = session.scalar(
        sa.select(column).where(ResourceKey.type == kind, ResourceKey.key == normal_form(kind, text))
    )
    if found is not None:
        return found  # type: ignore[no-any-return]  # a column chosen by name
    model = KINDS[kind].model
    is_named = sa.and_(model.sort_name == fold(text), model.archived_at.is_(None))
    return session.scalar(sa.select(model.id).where(is_named).order_by(model.id).limit(1))


def find_by_own_key(session: Session, kind: ResourceType, key: str) -> Any:
    """Return the resource that was made with the key, even where the key names another one since; None without any."""
    return session.scalar(sa.select(KINDS[kind].model).where(KINDS[kind].own_key == key))


def find_domain_named(session: Session, name: str) -> Domain | None:
    """Return the domain of that name, in the archive or not."""
    return session.scalar(sa.select(Domain).where(Domain.name == name))


def list_resources(
    session: Session, asked: ListFilter, days: Days, *, limit: int | None, after: Position | None = None
) -> list[Listed]:
    """Return the resources in the order asked for, ties by id; `days` count where the order is by what was sent.

    The page is found first, in an index that holds all that it takes, and only then its rows are read.
    """
    kind = KINDS[asked.type]
    model, sums = kind.model, _sent(kind, days)
    value = sa.func.coalesce(sums.c.sent, 0) if asked.sort == SENT else kind.sorts[asked.sort]
    statement: sa.Select[Any] = sa.select(model.id, value.label("sorted_by")).where(*_matching(kind, asked))
    if asked.sort == SENT:
        statement = statement.outerjoin(sums, sums.c.id == model.id)
    if after is not None:
        pair = sa.tuple_(value, model.id)
        then = sa.tuple_(sa.literal(after.value, value.type), sa.literal(after.id, sa.Uuid()))
        statement = statement.where(pair < then if asked.is_descending else pair > then)
    page = statement.order_by(*_order(value, model.id, asked)).limit(limit).subquery("page")
    rows = sa.select(model, page.c.sorted_by).join(page, page.c.id == model.id)
    return [Listed(*row) for row in session.execute(rows.order_by(*_order(page.c.sorted_by, page.c.id, asked)))]


def _order(value: Sort, id_: Sort, asked: ListFilter) -> tuple[Sort, Sort]:
    return (value.desc(), id_.desc()) if asked.is_descending else (value, id_)


def list_ids(session: Session, asked: ListFilter) -> list[UUID]:
    """Return the ids of all that match."""
    kind = KINDS[asked.type]
    return list(session.scalars(sa.select(kind.model.id).where(*_matching(kind, asked))))


def count_by_status(session: Session, asked: ListFilter) -> dict[str | None, int]:
    """Return how many match the text, by state; None counts all that are not archived."""
    kind = KINDS[asked.type]
    if not _texts(kind, asked):
        return _count_all(session, kind)
    is_here = kind.model.archived_at.is_(None)
    counts: dict[str | None, Any] = {
        None: is_here,
        **{state: sa.and_(is_here, kind.status == state) for state in kind.states},
    }
    counts[ARCHIVED] = ~is_here
    statement = sa.select(*(sa.func.count().filter(condition) for condition in counts.values()))
    row: Any = session.execute(statement.select_from(kind.model).where(*_texts(kind, asked))).one()
    return dict(zip(counts, row, strict=True))


def _count_all(session: Session, kind: Kind) -> dict[str | None, int]:
    """Count all by state, along the index that was made for it."""
    archived = sa.func.count(kind.model.archived_at)
    rows = session.execute(sa.select(kind.state, sa.func.count(), archived).group_by(kind.state)).all()
    counts: dict[str | None, int] = dict.fromkeys((None, *kind.states, ARCHIVED), 0)
    for state, every, put_away in rows:
        counts[None] += every - put_away
        counts[_IN_USE_WORDS.get(state, state)] += every - put_away
        counts[ARCHIVED] += put_away
    return counts


def list_by_ids(session: Session, kind: ResourceType, ids: Collection[UUID]) -> list[Any]:
    """Return those of the resources that are there, by name. One statement for so many as a store takes values."""
    model, wanted = KINDS[kind].model, list(ids)
    found: list[Any] = []
    for start in range(0, len(wanted), MOST_VALUES):
        found += session.scalars(sa.select(model).where(model.id.in_(wanted[start : start + MOST_VALUES])))
    return sorted(found, key=lambda row: (row.sort_name, row.id))


def _sent(kind: Kind, days: Days) -> sa.Subquery:
    """Return what was sent in the days, by resource."""
    mail, key = AnalyticsRecord, ResourceKey
    statement = (
        sa.select(kind.key_column.label("id"), sa.cast(sa.func.sum(mail.sent), sa.BigInteger()).label("sent"))
        .join(mail, sa.and_(mail.company_id == key.company_id, mail.type == key.type, mail.resource_key == key.key))
        .where(key.type == kind.type, mail.type == kind.type, mail.basis == Basis.SENT)
        .where(mail.day >= days.start, mail.day <= days.end)
        .group_by(kind.key_column)
    )
    return statement.subquery(f"sums_of_{kind.type.value}")


def _matching(kind: Kind, asked: ListFilter) -> list[sa.ColumnElement[bool]]:
    archived_at = kind.model.archived_at
    conditions = [*_texts(kind, asked), archived_at.is_not(None) if asked.status == ARCHIVED else archived_at.is_(None)]
    if asked.status not in {None, ARCHIVED}:
        conditions.append(kind.status == asked.status)
    return conditions


def _texts(kind: Kind, asked: ListFilter) -> list[sa.ColumnElement[bool]]:
    conditions = [kind.model.search_text.like(f"%{pattern}%") for pattern in patterns(asked.text)]
    if asked.category is not None:
        conditions.append(kind.model.category == asked.category)
    return conditions
