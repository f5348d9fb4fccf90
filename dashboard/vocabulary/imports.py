"""An uploaded export of a provider's events, and how far it has been read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

# Stand among the headers of a delivery that an upload brought; what senders write under these names is never kept.
IMPORT_HEADER = "x-import"
LINE_HEADER = "x-import-line"  # the first of its lines, counted over the file

_ROOM = 24  # bits of a delivery's id that number it within its import


@dataclass(frozen=True, slots=True)
class Import:
    """An upload; `offset`, `lines` and `deliveries` say what of its file is in the inbox.

    The ids of its deliveries follow upon its own, so that they are found without being listed, and a delivery that
    is put in a second time is the same.
    """

    id: UUID
    source_id: int
    name: str  # of the file, as its owner calls it
    size_bytes: int
    actor: str
    offset: int = 0
    lines: int = 0
    deliveries: int = 0
    problem: str = ""  # what ended it before the end of the file

    @classmethod
    def read(cls, payload: Mapping[str, Any]) -> Import:
        """Return the import that a job's payload tells of."""
        return cls(**{**payload, "id": UUID(payload["id"])})

    def write(self) -> dict[str, Any]:
        """Return the payload that `read` reads."""
        told = {name: getattr(self, name) for name in self.__slots__}
        return told | {"id": self.id.hex}

    def delivery_id(self, number: int) -> UUID:
        """Return the id of a delivery, the first being number 0."""
        return UUID(int=self.id.int + 1 + number)

    @property
    def last_id(self) -> UUID:
        """The last id that a delivery of it can have."""
        return UUID(int=self.id.int | (1 << _ROOM) - 1)


def with_room(made: UUID) -> UUID:
    """Return the id of an import from one that was made for it: its last bits are left to its deliveries."""
    return UUID(int=made.int >> _ROOM << _ROOM)
