"""Proof that the event-derived rollups are what the events say; and their repair, while the company is at work.

Three steps: what each message booked is what its events say (as long as they are kept), the rows are the sums of what
messages booked, and the totals are the sums of the rows (queries/verification.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import islice
from typing import NamedTuple

import orjson
import sqlalchemy as sa

from dashboard.counting import contributions
from dashboard.counting.days import day_finder
from dashboard.counting.facts import Happening, fold
from dashboard.counting.receivers import receiver_of
from dashboard.counting.rules import read_texts, told_of
from dashboard.database import bulk, sql
from dashboard.database.engine import Engines, Mode
from dashboard.services import breakdowns, counted, leases, rollups, state
from dashboard.services.counted import Known, MessageRow
from dashboard.services.reckoning import NOTHING, message_row
from dashboard.services.retirement import MESSAGES
from dashboard.services.rollups import Differences, RowKey, Vector
from dashboard.vocabulary.metrics import COUNTERS
from dashboard.vocabulary.people import CompanyRef

CHUNK = 2_000  # messages at a time
_TYPES = ("campaign", "template", "mailbox", "domain")


@dataclass(frozen=True, slots=True)
class EventDifference:
    """The first place where the numbers are not what the events say."""

    what: str  # a message that booked something else, or a row that is not the sum
    expected: str
    found: str


class Step(StrEnum):
    """What a rebuild is at; it goes over all messages in each step."""

    COUNT = "looked at"
    SUM = "added up"


Progress = Callable[[Step, int], None]  # is told the step, and how many messages are done


class Retold(NamedTuple):
    """An event whose resources the company's rules name differently now."""

    message_key: bytes
    event_key: bytes
    resources: tuple[str | None, ...]
    detail: str


# --- proof -----------------------------------------------------------------------------------------


def find_event_difference(engines: Engines, company: CompanyRef, now: datetime) -> EventDifference | None:
    """Return the first difference between events, messages and rows, read in one moment; None when all agree."""
    sums = Differences()
    with engines[Mode.READ].begin() as connection:
        for key, known, events in _walk(connection, company.id):
            if known.booked:
                sums.add(known.name.source_id, contributions.read(known.booked))
            expected = known.booked if known.is_final else _booked(company, known, events)
            if expected != known.booked:
                return EventDifference(f"message {key.hex()}", expected.decode(), known.booked.decode())
        found = _read_rows(connection, company.id, _horizon(now))
        parts = breakdowns.read_parts(connection, company.id, _horizon(now))
    expected_rows = _recent(sums.rows(), _horizon(now))
    for row in sorted(expected_rows.keys() | found.keys()):
        if expected_rows.get(row) != found.get(row):
            return EventDifference(_spell(row), _counts(expected_rows.get(row)), _counts(found.get(row)))
    wrong = breakdowns.find_wrong(sums, parts, _horizon(now))
    for part in sorted(wrong)[:1]:
        return EventDifference(breakdowns.spell(part), _counts(wrong[part]), _counts(parts.get(part)))
    return None


def _booked(company: CompanyRef, known: Known, events: list[Happening]) -> bytes:
    """Return what a message should have booked."""
    if not known.is_matched or not events:
        return NOTHING
    facts = fold(events)
    return contributions.contribute(facts, receiver_of(known.name.recipient), day_finder(company.timezone)).write()


def _walk(connection: sa.Connection, company_id: int) -> Iterator[tuple[bytes, Known, list[Happening]]]:
    """Yield every message with the events of it that count, in the order of their keys."""
    after = b""
    while keys := _next_keys(connection, company_id, after):
        after = keys[-1]
        messages = counted.read_messages(connection, company_id, keys)
        events = _events_of(connection, company_id, keys)
        for key in keys:
            yield key, messages[key], events.get(key, [])


def _next_keys(connection: sa.Connection, company_id: int, after: bytes) -> list[bytes]:
    rows = sql.run(
        connection,
        "SELECT message_key FROM messages WHERE company_id = :company_id AND message_key > :after"
        " ORDER BY message_key LIMIT :most",
        company_id=company_id, after=after, most=CHUNK,
    )  # fmt: skip
    return [bytes(row[0]) for row in rows]


def _events_of(connection: sa.Connection, company_id: int, keys: list[bytes]) -> dict[bytes, list[Happening]]:
    homes = counted.read_told_names(connection, company_id, keys) | {key: key for key in keys}
    found: dict[bytes, list[Happening]] = {}
    for home, is_late, happening in counted.read_events(connection, company_id, sorted(homes)):
        if not is_late:
            found.setdefault(homes[home], []).append(happening)
    return found


def _horizon(now: datetime) -> int:
    """Return the first day (ordinal) whose rows only messages that are still kept can have made."""
    return (now - MESSAGES).date().toordinal() + 2


def _recent(rows: dict[RowKey, Vector], horizon: int) -> dict[RowKey, Vector]:
    return {key: vector for key, vector in rows.items() if key[3] >= horizon}


def _read_rows(connection: sa.Connection, company_id: int, horizon: int) -> dict[RowKey, Vector]:
    rows = sql.run(
        connection,
        f"SELECT basis, type, resource_key, day, source_id, {', '.join(COUNTERS)} FROM analytics"
        " WHERE company_id = :company_id AND origin = 'events' AND day >= :first",
        company_id=company_id, first=date.fromordinal(horizon),
    )  # fmt: skip
    return {(row[0], row[1], row[2], sql.as_day(row[3]).toordinal(), row[4]): list(row[5:]) for row in rows}


def _spell(row: RowKey) -> str:
    basis, kind, key, day, source_id = row
    return f"{kind} {key or '(none)'} on {date.fromordinal(day)} by {basis} day of source {source_id}"


def _counts(vector: Vector | None) -> str:
    named = zip(COUNTERS, vector or [], strict=False)
    return ", ".join(f"{name} {count}" for name, count in named if count) or "nothing"


# --- repair ----------------------------------------------------------------------------------------


def rebuild(
    engines: Engines,
    company: CompanyRef,
    owner: str,
    clock: Callable[[], datetime],
    progress: Progress = lambda _step, _done: None,
) -> int:
    """Count every kept message anew, by the company's rules and time zone of today; return how many changed.

    The company's lease is held meanwhile, so that new deliveries wait; pages are served as ever. Raises Busy when
    another worker counts the company.
    """
    if not leases.take(engines, company.id, owner, clock()):
        raise leases.Busy(f"{company.slug} is being counted by another worker just now. Try again in half a minute.")
    try:
        progress(Step.COUNT, 0)
        changed = _recount(engines, company, owner, clock, progress)
        _correct_rows(engines, company, owner, clock, progress)
        _correct_totals(engines, company, owner, clock)
    finally:
        leases.give_back(engines, company.id, owner)
    return changed


def _recount(
    engines: Engines, company: CompanyRef, owner: str, clock: Callable[[], datetime], progress: Progress
) -> int:
    after, changed, done = b"", 0, 0
    while True:
        with engines[Mode.READ].begin() as connection:
            keys = _next_keys(connection, company.id, after)
            if not keys:
                return changed
            retold = _retell(connection, company.id, keys)
            rows, gone, differences = _count_anew(connection, company, keys, retold)
        with engines[Mode.WRITE].begin() as connection:
            locked = leases.check(connection, company.id, owner, clock())
            if rows or gone or retold:
                _write_retold(connection, company.id, retold)
                counted.write_messages(connection, company.id, rows, gone)
                moved = rollups.move(connection, company.id, differences)
                used = rollups.write(connection, company.id, moved, next_serial=locked.next_serial, now=clock())
                breakdowns.set_parts(connection, company.id, breakdowns.move(connection, company.id, differences))
                state.raise_version(connection, company.id, clock(), new_rows=used, numbers=True)
        after, changed, done = keys[-1], changed + len(rows) + len(gone), done + len(keys)
        progress(Step.COUNT, done)


def _count_anew(
    connection: sa.Connection, company: CompanyRef, keys: list[bytes], retold: list[Retold]
) -> tuple[list[MessageRow], list[bytes], Differences]:
    """Return the messages that book something else now, those of which nothing is left, and the differences."""
    events = _read_renamed(connection, company.id, keys, retold)
    rows: list[MessageRow] = []
    gone: list[bytes] = []
    differences = Differences()
    for key, known in counted.read_messages(connection, company.id, keys).items():
        if known.is_final:
            continue
        booked = _booked(company, known, events.get(key, []))
        if booked == known.booked:
            continue
        for text, sign in ((booked, 1), (known.booked, -1)):
            if text:
                differences.add(known.name.source_id, contributions.read(text), sign)
        if key in events:
            campaign = contributions.read(booked).sent_for if booked else None
            facts = fold(events[key])
            rows.append(message_row(key, known.name, facts, booked, campaign, is_matched=known.is_matched))
        else:
            gone.append(key)
    return rows, gone, differences


def _read_renamed(
    connection: sa.Connection, company_id: int, keys: list[bytes], retold: list[Retold]
) -> dict[bytes, list[Happening]]:
    """Return the events of each message that count, with the resources that they are about to have."""
    renamed = {(one.message_key, one.event_key): one.resources for one in retold}
    homes = counted.read_told_names(connection, company_id, keys) | {key: key for key in keys}
    events: dict[bytes, list[Happening]] = {}
    for home, is_late, stored in counted.read_events(connection, company_id, sorted(homes)):
        named = renamed.get((home, stored.event_key))
        if not is_late:
            events.setdefault(homes[home], []).append(_renamed(stored, named) if named else stored)
    return events


def _renamed(event: Happening, named: tuple[str | None, ...]) -> Happening:
    campaign, template, mailbox, domain = named
    return event._replace(campaign=campaign, template=template, mailbox=mailbox, domain=domain)


def _retell(connection: sa.Connection, company_id: int, keys: list[bytes]) -> list[Retold]:
    """Return the events whose resources the company's rules of today name otherwise than they are stored."""
    rules = counted.read_rules(connection, company_id)
    homes = counted.read_told_names(connection, company_id, keys) | {key: key for key in keys}
    statement = (
        "SELECT message_key, event_key, campaign, template, mailbox, domain, detail FROM events"
        " WHERE company_id = {company} AND message_key {among} AND detail <> ''"
    )
    found = []
    for row in bulk.select_among(connection, statement, company_id, sorted(homes)):
        detail = orjson.loads(row[6])
        told = told_of(tuple(row[2:6]), detail)
        named = rules.name(read_texts(detail), told)
        if named != tuple(row[2:6]):
            detail.pop("told", None)
            if named != told:
                detail["told"] = told
            found.append(Retold(bytes(row[0]), bytes(row[1]), named, orjson.dumps(detail).decode() if detail else ""))
    return found


def _write_retold(connection: sa.Connection, company_id: int, retold: list[Retold]) -> None:
    columns = dict.fromkeys((*_TYPES, "detail"), "text") | {
        "company_id": "bigint", "message_key": "bytea", "event_key": "bytea",
    }  # fmt: skip
    changed = ", ".join(f"{name} = :{name}" for name in (*_TYPES, "detail"))
    bulk.run(
        connection,
        f"UPDATE events SET {changed} WHERE company_id = :company_id AND message_key = :message_key"
        " AND event_key = :event_key",
        columns,
        [(*one.resources, one.detail, company_id, one.message_key, one.event_key) for one in retold],
    )


def _correct_rows(
    engines: Engines, company: CompanyRef, owner: str, clock: Callable[[], datetime], progress: Progress
) -> None:
    """Set every row of the days that messages are kept for to the sum of what they booked."""
    horizon, sums = _horizon(clock()), Differences()
    with engines[Mode.READ].begin() as connection:
        after, done = b"", 0
        while keys := _next_keys(connection, company.id, after):
            after, done = keys[-1], done + len(keys)
            for known in counted.read_messages(connection, company.id, keys).values():
                if known.booked:
                    sums.add(known.name.source_id, contributions.read(known.booked))
            leases.stay(engines, company.id, owner, clock())  # adding up many takes longer than a lease lasts
            progress(Step.SUM, done)
        found = _read_rows(connection, company.id, horizon)
        parts = breakdowns.find_wrong(sums, breakdowns.read_parts(connection, company.id, horizon), horizon)
    expected = _recent(sums.rows(), horizon)
    nothing = [0] * len(COUNTERS)
    wrong = {
        key: expected.get(key, nothing) for key in expected.keys() | found.keys() if expected.get(key) != found.get(key)
    }
    left = iter(sorted(wrong))
    while chunk := list(islice(left, CHUNK)):
        with engines[Mode.WRITE].begin() as connection:
            locked = leases.check(connection, company.id, owner, clock())
            used = rollups.set_rows(
                connection, company.id, {key: wrong[key] for key in chunk}, next_serial=locked.next_serial, now=clock()
            )
            state.raise_version(connection, company.id, clock(), new_rows=used, numbers=True)
        progress(Step.SUM, done)
    left_parts = iter(sorted(parts))
    while some := list(islice(left_parts, CHUNK)):
        with engines[Mode.WRITE].begin() as connection:
            leases.check(connection, company.id, owner, clock())
            breakdowns.set_parts(connection, company.id, {part: parts[part] for part in some})
            state.raise_version(connection, company.id, clock(), numbers=True)


def _correct_totals(engines: Engines, company: CompanyRef, owner: str, clock: Callable[[], datetime]) -> None:
    """Set every total to the sum of its rows, of both origins."""
    with engines[Mode.WRITE].begin() as connection:
        leases.check(connection, company.id, owner, clock())
        if rollups.correct_totals(connection, company.id):
            state.raise_version(connection, company.id, clock(), numbers=True)


def describe(found: EventDifference) -> str:
    """Return the difference as a sentence."""
    return f"{found.what}: expected {found.expected}; found {found.found}."
