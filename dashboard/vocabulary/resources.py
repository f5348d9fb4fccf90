"""Registered resources: how a list of them is asked for, and what becomes of many at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from dashboard.vocabulary.analytics import ResourceType

ARCHIVED = "archived"  # stands beside the states of each type

# The word that stands in addresses.
PLURALS = {
    ResourceType.CAMPAIGN: "campaigns",
    ResourceType.TEMPLATE: "templates",
    ResourceType.DOMAIN: "domains",
    ResourceType.MAILBOX: "mailboxes",
}


# The numbers that a list can show, in their order.
COLUMNS = ("sent", "delivered", "opened", "clicked", "replied", "bounced", "last")


@dataclass(frozen=True, slots=True)
class ListFilter:
    """Which resources of a type are listed, and in what order.

    Without a status all that are not archived are; the text is searched for in names and keys.
    """

    type: ResourceType
    text: str = ""
    status: str | None = None
    sort: str = "name"
    is_descending: bool = False
    category: str | None = None  # templates only

    def ordered_by(self, sort: str, *, is_descending: bool) -> Self:
        """Return the same list in another order."""
        return replace(self, sort=sort, is_descending=is_descending)
