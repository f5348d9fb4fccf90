"""Mailboxes from a file: what its rows would do to those that are there, and doing it in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from dashboard import tenancy
from dashboard.database import bulk
from dashboard.models import Domain, Mailbox
from dashboard.models.mailboxes import MailboxStatus
from dashboard.models.resources import folded
from dashboard.queries import mailboxes as queries
from dashboard.services import mailboxes, resources
from dashboard.services.mailboxes import DEFAULT_LIMIT, KIND, MailboxValues
from dashboard.services.resources import Change
from dashboard.vocabulary.warmup import Preset, ready_plan

OFF = "off"
Made = tuple[UUID, str]  # id and address

# Ten thousand rows go in within a second, which the ORM would take several for.
_MAILBOXES = {
    "company_id": "bigint", "id": "uuid", "domain_id": "uuid", "email": "text", "name": "text", "status": "text",
    "daily_limit": "integer", "tracks_replies": "boolean", "is_warming_up": "boolean", "warm_up": "jsonb",
    "warm_up_since": "date", "revision": "integer", "sort_name": "text", "search_text": "text",
    "created_at": "timestamptz", "updated_at": "timestamptz",
}  # fmt: skip
_KEYS = {
    "company_id": "bigint", "type": "text", "key": "text", "mailbox_id": "uuid", "added_at": "timestamptz",
    "added_by": "text",
}  # fmt: skip
_ENTRIES = {
    "company_id": "bigint", "id": "uuid", "at": "timestamptz", "actor": "text", "action": "text",
    "subject_type": "text", "subject_key": "text", "details": "jsonb", "request_id": "text",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A row of the file; None leaves what is there, or takes what is usual for a new mailbox."""

    line: int
    email: str
    name: str | None = None
    daily_limit: int | None = None
    status: MailboxStatus | None = None
    tracks_replies: bool | None = None
    warm_up: str | None = None  # a ready-made plan, or off


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row that cannot be taken, and why."""

    line: int
    email: str
    sentence: str


@dataclass(slots=True)
class Outcome:
    """What the rows come to."""

    made: list[tuple[ImportRow, MailboxValues]] = field(default_factory=list)
    changed: list[tuple[ImportRow, MailboxValues, list[str]]] = field(default_factory=list)  # and what differs
    same: int = 0
    faults: list[RowFault] = field(default_factory=list)


def compare(session: Session, change: Change, rows: Sequence[ImportRow]) -> Outcome:
    """Return what the rows would make and change. A fixed number of statements for each five hundred rows."""
    outcome = Outcome()
    known = queries.list_by_email(session, [row.email for row in rows])
    domains, owners = queries.list_all_domains(session), queries.list_owners(session, [row.email for row in rows])
    today = change.company.day_of(change.now)
    for row in rows:
        mailbox = known.get(row.email)
        sentence = _fault(row, mailbox, domains, owners, change)
        if sentence:
            outcome.faults.append(RowFault(row.line, row.email, sentence))
        elif mailbox is None:
            outcome.made.append((row, _merge(row, MailboxValues(row.email, _name_of(row), DEFAULT_LIMIT), today)))
        else:
            _compare_known(outcome, row, mailbox, today)
    return outcome


def _fault(
    row: ImportRow, mailbox: Mailbox | None, domains: dict[str, Domain], owners: dict[str, UUID], change: Change
) -> str:
    if mailbox is not None:
        return "This mailbox is archived. Bring it back first." if mailbox.archived_at is not None else ""
    if row.email in owners:
        return "This address is a further key of another mailbox."
    name = row.email.rpartition("@")[2]
    return "" if name in domains else f"{name} is not a domain of {change.company.name} yet. Register the domain first."


def _name_of(row: ImportRow) -> str:
    return row.name or row.email.partition("@")[0][:100]


def _merge(row: ImportRow, old: MailboxValues, today: date) -> MailboxValues:
    """Return the values with what the row says; a plan that is the same goes on from the day it began."""
    given = {"name": row.name, "daily_limit": row.daily_limit, "tracks_replies": row.tracks_replies}
    values = replace(old, **{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    if row.warm_up is None:
        return mailboxes.fit_plan(values)
    if row.warm_up == OFF:
        return replace(values, is_warming_up=False)
    plan = _plan(row.warm_up, values.daily_limit)
    since = old.warm_up_since if old.is_warming_up else today
    return replace(values, is_warming_up=True, warm_up=plan, warm_up_since=since or today)


@lru_cache(maxsize=64)
def _plan(preset: str, target: int) -> dict[str, Any]:
    return ready_plan(Preset(preset), target).write()


def _compare_known(outcome: Outcome, row: ImportRow, mailbox: Mailbox, today: date) -> None:
    old = mailboxes.values_of(mailbox)
    values = _merge(row, old, today)
    before, after = mailboxes.columns_of(old), mailboxes.columns_of(values)
    names = [name for name in after if before[name] != after[name]]
    if row.status is not None and row.status is not mailbox.status:
        names.append("status")
    if names:
        outcome.changed.append((row, values, names))
    else:
        outcome.same += 1


def run_import(session: Session, change: Change, rows: Sequence[ImportRow]) -> Outcome:
    """Make and change what the rows say, all in one; faulty rows are left. A second time it finds nothing to do."""
    resources.lock_company(session, change)
    outcome = compare(session, change, rows)
    if not outcome.made and not outcome.changed:
        return outcome
    made = _make(session, change, outcome.made)
    known = queries.list_by_email(session, [row.email for row, _, _ in outcome.changed])
    edited = [_edit(known[row.email], row, values, names) for row, values, names in outcome.changed]
    _record(session, change, [(id_, "create", {"name": email}) for id_, email in made])
    _record(session, change, edited)
    resources.tell_pages(session, change)
    return outcome


def _make(session: Session, change: Change, rows: Sequence[tuple[ImportRow, MailboxValues]]) -> list[Made]:
    domains = queries.list_all_domains(session)
    ids = [(uuid7(), row.email) for row, _ in rows]
    lines = [
        (change.company.id, id_, domains[row.email.rpartition("@")[2]].id, *_cells(row, values), change.now, change.now)
        for (id_, _), (row, values) in zip(ids, rows, strict=True)
    ]
    keys = [(change.company.id, KIND.value, email, id_, change.now, change.actor) for id_, email in ids]
    connection = tenancy.connection(session, change.company.id)
    bulk.insert(connection, "mailboxes", _MAILBOXES, lines)
    bulk.insert(connection, "resource_keys", _KEYS, keys)
    return ids


def _cells(row: ImportRow, values: MailboxValues) -> tuple[Any, ...]:
    plan = orjson.dumps(values.warm_up).decode() if values.warm_up else None
    return (
        values.email, values.name, (row.status or MailboxStatus.ACTIVE).value, values.daily_limit,
        values.tracks_replies, values.is_warming_up, plan, values.warm_up_since, 1,
        *folded(values.email, (values.name, values.email)),
    )  # fmt: skip


def _edit(
    mailbox: Mailbox, row: ImportRow, values: MailboxValues, names: Sequence[str]
) -> tuple[UUID, str, dict[str, Any]]:
    after = mailboxes.columns_of(values) | {"status": row.status}
    changes = {name: [getattr(mailbox, name), after[name]] for name in names}
    for name, (_, value) in changes.items():
        setattr(mailbox, name, value)
    mailbox.revision += 1
    return mailbox.id, "edit", {"name": mailbox.email, "changes": mailboxes.written(changes)}


def _record(session: Session, change: Change, done: Iterable[tuple[UUID, str, dict[str, Any]]]) -> None:
    """Write an audit entry for each mailbox, all at once."""
    rows = [
        (
            change.company.id, uuid7(), change.now, change.actor, f"{KIND.value}.{verb}", KIND.value, str(id_),
            orjson.dumps(details | {"reason": "imported from a file"}).decode(), "",
        )
        for id_, verb, details in done
    ]  # fmt: skip
    bulk.insert(tenancy.connection(session, change.company.id), "audit_entries", _ENTRIES, rows)
