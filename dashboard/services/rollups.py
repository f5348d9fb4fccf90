"""Changing the event-derived rollups by differences: rows and totals in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
import structlog

from dashboard.counting.contributions import Contribution
from dashboard.database import sets, sql
from dashboard.vocabulary.analytics import Basis, ResourceType
from dashboard.vocabulary.metrics import COUNTERS, SIX

log = structlog.get_logger("dashboard.rollups")

Vector = list[int]  # one number per counter
Slot = tuple[str, int]  # basis, day (ordinal)
RowKey = tuple[str, str, str, int, int]  # basis, type, resource key, day, source
TotalKey = tuple[str, str, int]  # basis, type, day
PartKey = tuple[int, str, str, str, str, str, int]  # day, campaign, template, mailbox, domain, receiver, source

_WIDTH = len(COUNTERS)
_LIST = ", ".join(COUNTERS)
_COUNTS = dict.fromkeys(COUNTERS, "bigint")
_ROW = {"basis": "text", "type": "text", "resource_key": "text", "day": "date", "source_id": "bigint"}
_TOTAL = {"basis": "text", "type": "text", "day": "date"}


@dataclass(slots=True)
class Differences:
    """Sums of contributions, by source and resources: all messages with the same four resources move together."""

    sums: dict[tuple[int, tuple[str, ...]], dict[Slot, Vector]] = field(default_factory=dict)

    def add(self, source_id: int, contribution: Contribution, sign: int = 1) -> None:
        """Add a message's contribution, or take it back with sign -1."""
        slots = self.sums.setdefault((source_id, contribution.resources), {})
        _add(slots, (Basis.SENT.value, contribution.send_day), contribution.by_send_day, sign)
        for day, counts in contribution.by_event_day.items():
            _add(slots, (Basis.EVENT.value, day), counts, sign)

    def rows(self) -> dict[RowKey, Vector]:
        """Return the difference of each row of the rollups that changes."""
        found: dict[RowKey, Vector] = {}
        for (source_id, resources), slots in self.sums.items():
            for (basis, day), vector in slots.items():
                for kind, key in zip(_TYPES, resources, strict=True):
                    _merge(found, (basis, kind, key, day, source_id), vector)
        return {key: vector for key, vector in found.items() if any(vector)}

    def totals(self) -> dict[TotalKey, Vector]:
        """Return the difference of each total that changes: the same for every type."""
        found: dict[Slot, Vector] = {}
        for slots in self.sums.values():
            for slot, vector in slots.items():
                _merge(found, slot, vector)
        return {(slot[0], kind, slot[1]): vector for slot, vector in found.items() if any(vector) for kind in _TYPES}

    def parts(self) -> dict[PartKey, Vector]:
        """Return the difference of each part of the breakdown that changes: by send day, the six counts."""
        found: dict[PartKey, Vector] = {}
        for (source_id, resources), slots in self.sums.items():
            for (basis, day), vector in slots.items():
                if basis == Basis.SENT and any(vector[: len(SIX)]):
                    _merge(found, (day, *resources, source_id), vector[: len(SIX)])
        return {key: vector for key, vector in found.items() if any(vector)}


_TYPES = tuple(kind.value for kind in ResourceType)


def _add(slots: dict[Slot, Vector], slot: Slot, counts: dict[int, int], sign: int) -> None:
    vector = slots.get(slot)
    if vector is None:
        vector = slots[slot] = [0] * _WIDTH
    for place, count in counts.items():
        vector[place] += sign * count


def _merge(found: dict[Any, Vector], key: Any, vector: Vector) -> None:
    known = found.get(key)
    found[key] = list(vector) if known is None else [a + b for a, b in zip(known, vector, strict=True)]


@dataclass(slots=True)
class Moved:
    """Rows and totals as they are to be."""

    rows: dict[RowKey, Vector] = field(default_factory=dict)
    totals: dict[TotalKey, Vector] = field(default_factory=dict)


def move(connection: sa.Connection, company_id: int, differences: Differences) -> Moved:
    """Return what the differences make of rows and totals, which are read for it.

    Nobody but the holder of the company's lease writes them, so that this holds good until `write`.
    """
    rows, totals = differences.rows(), differences.totals()
    old = _read_rows(connection, company_id, rows) if rows else {}
    known = _read_totals(connection, company_id, totals) if totals else {}
    return Moved(
        {key: _sum(key, old.get(key), vector) for key, vector in rows.items()},
        {key: _sum(key, known.get(key), vector) for key, vector in totals.items()},
    )


def write(connection: sa.Connection, company_id: int, moved: Moved, *, next_serial: int, now: datetime) -> int:
    """Write rows and totals; return how many serials were used up. Those that come to nothing are deleted.

    The caller holds the lock of the company's state.
    """
    if moved.rows:
        set_rows(connection, company_id, moved.rows, next_serial=next_serial, now=now)
    if moved.totals:
        _write_totals(connection, company_id, moved.totals)
        _delete_totals(connection, company_id, [key for key, vector in moved.totals.items() if not any(vector)])
    return len(moved.rows)


def set_rows(
    connection: sa.Connection, company_id: int, final: dict[RowKey, Vector], *, next_serial: int, now: datetime
) -> int:
    """Set rows to these counts, whatever they were; return how many serials were used up."""
    _write_rows(connection, company_id, final, next_serial=next_serial, now=now)
    _delete_rows(connection, company_id, [key for key, vector in final.items() if not any(vector)])
    return len(final)


def correct_totals(connection: sa.Connection, company_id: int) -> bool:
    """Set every total of the company, of both origins, to the sum of its rows; say whether one was wrong."""
    group = "basis, type, day, origin"
    sums = ", ".join(f"SUM({name})" for name in COUNTERS)
    wanted = sql.run(
        connection,
        f"SELECT {group}, {sums} FROM analytics WHERE company_id = :company_id GROUP BY {group}",
        company_id=company_id,
    ).all()
    found = sql.run(
        connection,
        f"SELECT {group}, {_LIST} FROM analytics_totals WHERE company_id = :company_id",
        company_id=company_id,
    ).all()
    expected = {(row[0], row[1], sql.as_day(row[2]), row[3]): tuple(map(int, row[4:])) for row in wanted}
    if expected == {(row[0], row[1], sql.as_day(row[2]), row[3]): tuple(row[4:]) for row in found}:
        return False
    sql.run(connection, "DELETE FROM analytics_totals WHERE company_id = :company_id", company_id=company_id)
    columns = _TOTAL | {"origin": "text"} | _COUNTS
    statement = f"""
        INSERT INTO analytics_totals (company_id, basis, type, day, origin, {_LIST})
        SELECT :company_id, r.basis, r.type, r.day, r.origin, {_LIST} FROM {{rows}} WHERE true
    """
    rows = [(*key, *counts) for key, counts in sorted(expected.items())]
    sets.run_on(connection, statement, columns, rows, company_id=company_id)
    return True


def _sum(key: RowKey | TotalKey, known: Vector | None, vector: Vector) -> Vector:
    """Return the new counts; below nothing they can only be where the old ones were damaged, and counting goes on."""
    added = vector if known is None else [a + b for a, b in zip(known, vector, strict=True)]
    if min(added) < 0:
        log.error("rollup was damaged; run `dashboard rollup rebuild`", key=key)
        added = [max(0, count) for count in added]
    return added


def _read_rows(connection: sa.Connection, company_id: int, keys: Iterable[RowKey]) -> dict[RowKey, Vector]:
    statement = (
        f"SELECT r.basis, r.type, r.resource_key, a.day, r.source_id, {_LIST} FROM {{rows}} CROSS JOIN analytics a"
        " WHERE a.company_id = :company_id AND a.basis = r.basis AND a.type = r.type"
        " AND a.resource_key = r.resource_key AND a.day = r.day AND a.source_id = r.source_id AND a.origin = 'events'"
    )
    found = sets.run_on(connection, statement, _ROW, [_dated(key, 3) for key in sorted(keys)], company_id=company_id)
    return {(row[0], row[1], row[2], sql.as_day(row[3]).toordinal(), row[4]): list(row[5:]) for row in found}


def _write_rows(
    connection: sa.Connection, company_id: int, final: dict[RowKey, Vector], *, next_serial: int, now: datetime
) -> None:
    statement = f"""
        INSERT INTO analytics (company_id, basis, type, resource_key, day, source_id, origin, {_LIST},
            serial, created_at, updated_at)
        SELECT :company_id, r.basis, r.type, r.resource_key, r.day, r.source_id, 'events', {_LIST}, r.serial, :now, :now
        FROM {{rows}} WHERE true ORDER BY r.serial
        ON CONFLICT (company_id, basis, type, resource_key, day, source_id, origin) DO UPDATE SET
            {", ".join(f"{name} = excluded.{name}" for name in COUNTERS)}, updated_at = excluded.updated_at
    """
    rows = [(*_dated(key, 3), *final[key], next_serial + n) for n, key in enumerate(sorted(final))]
    sets.run_on(connection, statement, _ROW | _COUNTS | {"serial": "bigint"}, rows, company_id=company_id, now=now)


def _delete_rows(connection: sa.Connection, company_id: int, keys: list[RowKey]) -> None:
    sql.run_many(
        connection,
        "DELETE FROM analytics WHERE company_id = :company_id AND basis = :basis AND type = :type"
        " AND resource_key = :resource_key AND day = :day AND source_id = :source_id AND origin = 'events'",
        [dict(zip(_ROW, _dated(key, 3), strict=True)) | {"company_id": company_id} for key in sorted(keys)],
    )


def _read_totals(connection: sa.Connection, company_id: int, keys: Iterable[TotalKey]) -> dict[TotalKey, Vector]:
    statement = (
        f"SELECT r.basis, r.type, a.day, {_LIST} FROM {{rows}} CROSS JOIN analytics_totals a"
        " WHERE a.company_id = :company_id AND a.basis = r.basis AND a.type = r.type AND a.day = r.day"
        " AND a.origin = 'events'"
    )
    found = sets.run_on(connection, statement, _TOTAL, [_dated(key, 2) for key in sorted(keys)], company_id=company_id)
    return {(row[0], row[1], sql.as_day(row[2]).toordinal()): list(row[3:]) for row in found}


def _write_totals(connection: sa.Connection, company_id: int, sums: dict[TotalKey, Vector]) -> None:
    statement = f"""
        INSERT INTO analytics_totals (company_id, basis, type, day, origin, {_LIST})
        SELECT :company_id, r.basis, r.type, r.day, 'events', {_LIST}
        FROM {{rows}} WHERE true ORDER BY r.basis, r.type, r.day
        ON CONFLICT (company_id, basis, type, day, origin) DO UPDATE SET
            {", ".join(f"{name} = excluded.{name}" for name in COUNTERS)}
    """
    rows = [(*_dated(key, 2), *sums[key]) for key in sorted(sums)]
    sets.run_on(connection, statement, _TOTAL | _COUNTS, rows, company_id=company_id)


def _delete_totals(connection: sa.Connection, company_id: int, keys: list[TotalKey]) -> None:
    sql.run_many(
        connection,
        "DELETE FROM analytics_totals WHERE company_id = :company_id AND basis = :basis AND type = :type"
        " AND day = :day AND origin = 'events'",
        [dict(zip(_TOTAL, _dated(key, 2), strict=True)) | {"company_id": company_id} for key in sorted(keys)],
    )


def _dated(key: tuple[object, ...], place: int) -> tuple[object, ...]:
    """Return a key with its day as a date."""
    day = key[place]
    assert isinstance(day, int)  # noqa: S101  # for the type checker
    return (*key[:place], date.fromordinal(day), *key[place + 1 :])
