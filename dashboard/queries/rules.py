"""A company's mapping rules, and what other ones would change of the mail of the last 30 days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard import tenancy
from dashboard.counting.previews import Comparison, Preview, Proposal, Told
from dashboard.counting.rules import Rule
from dashboard.database import bulk, sql
from dashboard.errors import NotFound
from dashboard.models import MappingRule

WINDOW = timedelta(days=30)
MOST_EVENTS = 50_000  # that a preview looks at
_CHUNK = 250  # messages at a time

_MESSAGES = (
    "SELECT message_key FROM messages WHERE company_id = :company_id AND last_at_us >= :since"
    " AND is_matched AND NOT is_final ORDER BY last_at_us DESC, message_key DESC LIMIT :most"
)
_EVENTS = (
    "SELECT message_key, at_us, campaign, template, mailbox, domain, detail FROM events"
    " WHERE company_id = {company} AND message_key {among} AND NOT is_late"
)
_NAMES = (
    "SELECT alias_key, message_key FROM message_aliases WHERE company_id = {company} AND message_key {among}"
    " AND has_events"
)


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A stored rule and its place among the others, counted from 1."""

    id: UUID
    place: int
    rule: Rule


def list_rules(session: Session) -> list[RuleRow]:
    """Return the company's rules in the order in which they are tried."""
    found = session.scalars(sa.select(MappingRule).order_by(MappingRule.position, MappingRule.id))
    return [RuleRow(one.id, place, read_rule(one)) for place, one in enumerate(found, 1)]


def get_rule(rows: Sequence[RuleRow], rule_id: UUID) -> RuleRow:
    """Return one of the rules; raises NotFound."""
    found = next((row for row in rows if row.id == rule_id), None)
    if found is None:
        raise NotFound("There is no such rule.")
    return found


def read_rule(row: MappingRule) -> Rule:
    """Return what a stored rule says."""
    return Rule(row.type.value, row.field.value, row.name, row.pattern, row.resource_key)


def propose(rows: Sequence[RuleRow], rule: Rule, *, instead_of: UUID | None = None) -> Proposal:
    """Return the rules with one more at the end, or with one in place of another."""
    old = next((row for row in rows if row.id == instead_of), None)
    others = tuple(row.rule for row in rows if row is not old)
    if old is None:
        return Proposal((*others, rule), len(rows), frozenset({rule.type}), (others,))
    rules = tuple(rule if row is old else row.rule for row in rows)
    return Proposal(
        rules, old.place - 1, frozenset({rule.type, old.rule.type}), (others, tuple(row.rule for row in rows))
    )  # fmt: skip


def preview(
    session: Session, company_id: int, proposal: Proposal, *, now: datetime, most_events: int = MOST_EVENTS
) -> Preview:
    """Return what counting history anew by these rules would change of the last 30 days.

    Looked at are messages of which anything was told in that time, the newest first, until they have `most_events`
    together.
    """
    connection = tenancy.connection(session, company_id)
    comparison = Comparison(proposal)
    since = int((now - WINDOW).timestamp() * 1_000_000)
    found = sql.run(connection, _MESSAGES, company_id=company_id, since=since, most=most_events + 1).all()
    keys = [bytes(row[0]) for row in found]  # each message has at least one event
    for message in _read_messages(connection, company_id, keys):
        if comparison.events + len(message) > most_events:
            return comparison.result(is_cut=True)
        comparison.add(message)
    return comparison.result(is_cut=len(keys) > most_events)


def _read_messages(connection: sa.Connection, company_id: int, keys: Sequence[bytes]) -> Iterator[list[Told]]:
    """Yield the events of each message, in the order of the keys."""
    left = iter(keys)
    while chunk := list(islice(left, _CHUNK)):
        events = _read_events(connection, company_id, chunk)
        yield from (events[key] for key in chunk if key in events)


def _read_events(connection: sa.Connection, company_id: int, keys: list[bytes]) -> dict[bytes, list[Told]]:
    named = bulk.select_among(connection, _NAMES, company_id, sorted(keys))
    homes = {bytes(row[0]): bytes(row[1]) for row in named} | {key: key for key in keys}
    found: dict[bytes, list[Told]] = {}
    for row in bulk.select_among(connection, _EVENTS, company_id, sorted(homes)):
        found.setdefault(homes[bytes(row[0])], []).append(Told(row[1], tuple(row[2:6]), row[6]))
    return found
