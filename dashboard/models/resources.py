"""What campaigns, templates, domains and mailboxes have in common, and the keys by which mail names them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.database.types import choice
from dashboard.models.base import MAX_KEY, Base, Exact, TenantKey, Timestamps, check, length_between, refers_to
from dashboard.tenancy import TenantScoped
from dashboard.vocabulary.analytics import ResourceType
from dashboard.vocabulary.folding import cut, fold, searched

# Together with the rest they stay below the 2,704 bytes that an entry of PostgreSQL's index may have.
SORTED_BYTES = 400
SEARCHED_BYTES = 1_800


class Registered(TenantKey, Timestamps):
    """A resource that the company has registered. Its texts are folded whenever it is written."""

    revision: Mapped[int] = mapped_column(sa.Integer, default=1, sort_order=80)  # rises with each edit
    sort_name: Mapped[str] = mapped_column(Exact, sort_order=81)
    search_text: Mapped[str] = mapped_column(Exact, sort_order=82)
    archived_at: Mapped[datetime | None] = mapped_column(sort_order=83)

    @property
    def resource_key(self) -> str:
        """The text by which mail names it."""
        raise NotImplementedError

    @property
    def title(self) -> str:
        """What people call it."""
        raise NotImplementedError

    @property
    def searched_texts(self) -> tuple[str | None, ...]:
        """What a search looks at."""
        return (self.title, self.resource_key)


@event.listens_for(Registered, "before_insert", propagate=True)
@event.listens_for(Registered, "before_update", propagate=True)
def _fold(_mapper: Any, _connection: Any, row: Registered) -> None:
    row.sort_name, row.search_text = folded(row.title, row.searched_texts)


def folded(title: str, texts: Iterable[str | None]) -> tuple[str, str]:
    """Return what lists are sorted by and what they are searched for; for rows that are inserted in bulk, too."""
    return cut(fold(title) or title, SORTED_BYTES), cut(searched(*texts), SEARCHED_BYTES)


def list_indexes(table: str, state: str) -> tuple[sa.Index, ...]:
    """Return the indexes along which lists are read: by name, by the last change, and to count them by state.

    All that a list by name looks at stands in its index, so that no row is fetched that is not shown.
    """
    return (
        sa.Index(f"ix_{table}_list", "company_id", "sort_name", "id", "archived_at", state, "search_text"),
        sa.Index(f"ix_{table}_changed", "company_id", "updated_at", "id"),
        sa.Index(f"ix_{table}_states", "company_id", state, "archived_at"),
    )


class ResourceKey(TenantScoped, Base):
    """One text by which mail names a registered resource: its own key, or a further one (an alias).

    A key names one resource only, so numbers under all keys of a resource can be added.
    """

    __tablename__ = "resource_keys"
    __table_args__ = (
        refers_to("campaigns", "campaign_id", ondelete="CASCADE"),
        refers_to("templates", "template_id", ondelete="CASCADE"),
        refers_to("domains", "domain_id", ondelete="CASCADE"),
        refers_to("mailboxes", "mailbox_id", ondelete="CASCADE"),
        check(
            " OR ".join(
                f"(type = '{kind}' AND {kind}_id IS NOT NULL AND "
                + " AND ".join(
                    f"{other}_id IS NULL" for other in ("campaign", "template", "domain", "mailbox") if other != kind
                )
                + ")"
                for kind in ("campaign", "template", "domain", "mailbox")
            ),
            "one_resource",
        ),
        length_between("key", 1, MAX_KEY),
        *(
            sa.Index(f"ix_resource_keys_{name}", "company_id", name)
            for name in ("campaign_id", "template_id", "domain_id", "mailbox_id")
        ),
    )

    type: Mapped[ResourceType] = mapped_column(choice(ResourceType, "type"), primary_key=True)
    key: Mapped[str] = mapped_column(Exact, primary_key=True)
    campaign_id: Mapped[UUID | None]
    template_id: Mapped[UUID | None]
    domain_id: Mapped[UUID | None]
    mailbox_id: Mapped[UUID | None]
    added_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(default="")


def name_by(kind: ResourceType, row: Registered, key: str, *, at: datetime, actor: str = "") -> ResourceKey:
    """Return the row that lets a key name a resource, which must have been flushed."""
    named = ResourceKey(type=kind, key=key, added_at=at, added_by=actor)
    setattr(named, f"{kind.value}_id", row.id)
    return named
