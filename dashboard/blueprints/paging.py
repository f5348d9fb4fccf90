"""Pages that begin behind a row: the position travels signed in the address, bound to the company and the question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import g, request

from dashboard.extensions import settings
from dashboard.services import cursors

PAGE = 50


def read_position(asked: object) -> list[Any] | None:
    """Return the position that the address names, None for the first page; raises BadRequest for a foreign one."""
    cursor = request.args.get("cursor")
    return cursors.read_cursor(_key(), g.member.company.id, asked, cursor) if cursor else None


def next_cursor(asked: object, position: Sequence[Any]) -> str:
    """Return what stands in the address of the next page."""
    return cursors.make_cursor(_key(), g.member.company.id, asked, position)


def _key() -> str:
    return settings().secret_key.get_secret_value()
