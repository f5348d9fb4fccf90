"""Reported numbers: daily totals that a program states; they replace what the same source said before.

A batch is one transaction. It is de-duplicated in the program (the last element for a key wins), the company's
state row is locked, the old rows are read, and rows and totals are written from the difference, so that totals
are always the sum of the rows. Both time bases hold the same reported numbers: a program's day is all we know.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard import tenancy
from dashboard.database import sets, sql
from dashboard.errors import Fault, Invalid, NotFound
from dashboard.services import audit, counted, state
from dashboard.vocabulary.analytics import Basis, Origin, ReportedNumbers
from dashboard.vocabulary.metrics import COUNTERS, MAX_COUNT, Metrics

MAX_BATCH = 10_000

Key = tuple[str, str, date]  # type, resource key, day
_KEY = {"type": "text", "resource_key": "text", "day": "date"}
_COUNTS = dict.fromkeys(COUNTERS, "bigint")
_LIST = ", ".join(COUNTERS)
_SAME_KEY = "a.type = r.type AND a.resource_key = r.resource_key AND a.day = r.day"
_MINE = "a.company_id = :company_id AND a.source_id = :source_id AND a.origin = 'reported'"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one element: the row's public id, and whether the source had said anything before."""

    id: str
    action: Literal["created", "updated"]


def row_id(key: Key) -> str:
    """Return the public id of a row: a digest of (type, resource key, day), the same for ever."""
    text = orjson.dumps([key[0], key[1], key[2].isoformat()])
    return hashlib.blake2b(text, digest_size=16).hexdigest()


def set_numbers(
    session: Session, company_id: int, source_id: int, updates: Sequence[ReportedNumbers], *, now: datetime
) -> list[Outcome]:
    """Set the numbers of each element's key; return one outcome per element, in order.

    Raises Invalid when a company-and-day sum would pass MAX_COUNT; nothing is written then. Repeating the same
    numbers changes nothing but `updated_at`.
    """
    connection = tenancy.connection(session, company_id)
    final = {update.key: update.metrics for update in updates}
    locked = state.lock(connection, company_id)
    old = _read_rows(connection, company_id, source_id, final)
    fresh = [key for key in final if key not in old]
    outcomes = _outcomes(updates, set(old))
    difference = {key: metrics - old.get(key, Metrics()) for key, metrics in final.items()}
    changes_something = bool(fresh) or any(any(one.values()) for one in difference.values())
    if changes_something:
        _move_totals(connection, company_id, difference)
    serials = {key: locked.next_serial + n for n, key in enumerate(fresh)}
    _write_rows(connection, company_id, source_id, final, serials=serials, now=now)
    counted.note_last_events(connection, company_id, {source_id: now})
    if changes_something:
        state.raise_version(connection, company_id, now, new_rows=len(fresh), numbers=True)
    return outcomes


def delete_numbers(session: Session, company_id: int, source_id: int, key: Key, *, actor: str, now: datetime) -> str:
    """Take back what a source reported for one key; audited with the numbers that stood there.

    Returns the row's public id; raises NotFound when the source reported nothing for the key.
    """
    connection = tenancy.connection(session, company_id)
    state.lock(connection, company_id)
    old = _read_rows(connection, company_id, source_id, {key: Metrics()})
    if key not in old:
        raise NotFound("This source reported nothing for that type, resource and day.", code="no_such_row")
    _move_totals(connection, company_id, {key: Metrics() - old[key]})
    sql.run(
        connection,
        "DELETE FROM analytics WHERE company_id = :company_id AND source_id = :source_id AND origin = 'reported'"
        " AND type = :type AND resource_key = :resource_key AND day = :day",
        company_id=company_id, source_id=source_id, type=key[0], resource_key=key[1], day=key[2],
    )  # fmt: skip
    numbers = {name: count for name, count in zip(COUNTERS, old[key].values(), strict=True) if count}
    audit.record(
        session, actor=actor, action="reported.delete", subject=(key[0], key[1]), now=now,
        day=key[2].isoformat(), source_id=source_id, numbers=numbers,
    )  # fmt: skip
    session.flush()  # the version is raised last, after every other row of the change
    state.raise_version(connection, company_id, now, numbers=True)
    return row_id(key)


def _outcomes(updates: Sequence[ReportedNumbers], known: set[Any]) -> list[Outcome]:
    outcomes = []
    for update in updates:
        outcomes.append(Outcome(row_id(update.key), "updated" if update.key in known else "created"))
        known.add(update.key)
    return outcomes


def _read_rows(connection: sa.Connection, company_id: int, source_id: int, keys: Iterable[Key]) -> dict[Key, Metrics]:
    """Return what the source reported before, for those of the keys where it did.

    CROSS JOIN makes SQLite look up each key of the batch, and not read the batch again for each stored row.
    """
    statement = (
        f"SELECT a.type, a.resource_key, a.day, {', '.join(f'a.{name}' for name in COUNTERS)} "
        f"FROM {{rows}} CROSS JOIN analytics a WHERE {_SAME_KEY} AND {_MINE} AND a.basis = 'sent'"
    )
    rows = sets.run_on(connection, statement, _KEY, sorted(keys), company_id=company_id, source_id=source_id)
    return {(row[0], row[1], sql.as_day(row[2])): Metrics(*row[3:]) for row in rows}


def _write_rows(
    connection: sa.Connection, company_id: int, source_id: int, final: dict[Key, Metrics],
    *, serials: dict[Key, int], now: datetime,
) -> None:  # fmt: skip
    statement = f"""
        INSERT INTO analytics (company_id, basis, type, resource_key, day, source_id, origin, {_LIST},
            serial, created_at, updated_at)
        SELECT :company_id, r.basis, r.type, r.resource_key, r.day, :source_id, 'reported', {_LIST},
            r.serial, :now, :now
        FROM {{rows}} WHERE true ORDER BY r.basis, r.type, r.resource_key, r.day
        ON CONFLICT (company_id, basis, type, resource_key, day, source_id, origin) DO UPDATE SET
            {", ".join(f"{name} = excluded.{name}" for name in COUNTERS)}, updated_at = excluded.updated_at
    """
    columns = {"basis": "text"} | _KEY | _COUNTS | {"serial": "bigint"}
    rows = [(basis, *key, *metrics.values(), serials.get(key, 0)) for basis in Basis for key, metrics in final.items()]
    sets.run_on(connection, statement, columns, rows, company_id=company_id, source_id=source_id, now=now)


def _move_totals(connection: sa.Connection, company_id: int, difference: dict[Key, Metrics]) -> None:
    """Add the differences to the company-and-day totals of each type, in both bases."""
    moved: dict[tuple[str, date], Metrics] = defaultdict(Metrics)
    for (kind, _, day), metrics in difference.items():
        moved[kind, day] += metrics
    totals = _read_totals(connection, company_id, moved)
    _refuse_overflow(moved, totals)
    statement = f"""
        INSERT INTO analytics_totals (company_id, basis, type, day, origin, {_LIST})
        SELECT :company_id, r.basis, r.type, r.day, 'reported', {_LIST}
        FROM {{rows}} WHERE true ORDER BY r.basis, r.type, r.day
        ON CONFLICT (company_id, basis, type, day, origin) DO UPDATE SET
            {", ".join(f"{name} = excluded.{name}" for name in COUNTERS)}
    """
    rows = []
    for basis in Basis:
        for (kind, day), metrics in moved.items():
            old = totals.get((basis, kind, day, Origin.REPORTED), Metrics())
            rows.append((basis, kind, day, *(old + metrics).values()))
    columns = {"basis": "text", "type": "text", "day": "date"} | _COUNTS
    sets.run_on(connection, statement, columns, rows, company_id=company_id)


def _read_totals(
    connection: sa.Connection, company_id: int, keys: Iterable[tuple[str, date]]
) -> dict[tuple[str, str, date, str], Metrics]:
    statement = (
        f"SELECT a.basis, a.type, a.day, a.origin, {', '.join(f'a.{name}' for name in COUNTERS)} "
        "FROM {rows} CROSS JOIN analytics_totals a WHERE a.type = r.type AND a.day = r.day "
        "AND a.company_id = :company_id AND a.basis IN ('sent', 'event')"
    )
    rows = sets.run_on(connection, statement, {"type": "text", "day": "date"}, sorted(keys), company_id=company_id)
    return {(row[0], row[1], sql.as_day(row[2]), row[3]): Metrics(*row[4:]) for row in rows}


def _refuse_overflow(moved: dict[tuple[str, date], Metrics], totals: dict[tuple[str, str, date, str], Metrics]) -> None:
    """Keep every company-and-day sum a safe integer, over both origins."""
    faults = []
    for (kind, day), metrics in sorted(moved.items()):
        for basis in Basis:
            sums = Metrics.total([metrics, *(totals.get((basis, kind, day, origin), Metrics()) for origin in Origin)])
            faults += [
                Fault(f"metrics.{name}", f"The company's {name} by {kind} on {day} would pass {MAX_COUNT:,}.")
                for name, count in zip(COUNTERS, sums.values(), strict=True)
                if count > MAX_COUNT
            ]
    if faults:
        raise Invalid("The numbers are too large to add up.", code="sum_too_large", fields=dict.fromkeys(faults))
