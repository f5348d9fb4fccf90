"""The finest sums, of which breakdowns of one resource are made: changed by the differences that change the rollups."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa
import structlog

from dashboard.database import sets, sql
from dashboard.services.rollups import Differences, PartKey, Vector
from dashboard.vocabulary.metrics import SIX

log = structlog.get_logger("dashboard.breakdowns")

_TEXTS = ("campaign", "template", "mailbox", "domain", "receiver")
_KEY = {"day": "date", **dict.fromkeys(_TEXTS, "text"), "source_id": "bigint"}
_COUNTS = dict.fromkeys(SIX, "bigint")
_SIX = ", ".join(SIX)
_SAME = " AND ".join(f"a.{name} = r.{name}" for name in _KEY if name != "day")


def move(connection: sa.Connection, company_id: int, differences: Differences) -> dict[PartKey, Vector]:
    """Return what the differences make of the parts, which are read for it.

    Nobody but the holder of the company's lease writes them, so that this holds good until `set_parts`.
    """
    moved = differences.parts()
    known = _read(connection, company_id, moved) if moved else {}
    return {key: _sum(key, known.get(key), vector) for key, vector in moved.items()}


def set_parts(connection: sa.Connection, company_id: int, final: dict[PartKey, Vector]) -> None:
    """Set parts to these counts, whatever they were; those that come to nothing are deleted.

    The caller holds the lock of the company's state.
    """
    columns = ", ".join(_KEY)
    statement = f"""
        INSERT INTO analytics_breakdown (company_id, {columns}, {_SIX})
        SELECT :company_id, {", ".join(f"r.{name}" for name in _KEY)}, {_SIX} FROM {{rows}} WHERE true
        ORDER BY {", ".join(f"r.{name}" for name in _KEY)}
        ON CONFLICT (company_id, {columns}) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in SIX)}
    """
    kept = [(*_dated(key), *final[key]) for key in sorted(final) if any(final[key])]
    if kept:
        sets.run_on(connection, statement, _KEY | _COUNTS, kept, company_id=company_id)
    _delete(connection, company_id, [key for key, vector in final.items() if not any(vector)])


def read_parts(connection: sa.Connection, company_id: int, horizon: int) -> dict[PartKey, Vector]:
    """Return all parts from a day (ordinal) on."""
    rows = sql.run(
        connection,
        f"SELECT {', '.join(_KEY)}, {_SIX} FROM analytics_breakdown WHERE company_id = :company_id AND day >= :first",
        company_id=company_id, first=date.fromordinal(horizon),
    )  # fmt: skip
    return {_key(row): list(row[len(_KEY) :]) for row in rows}


def find_wrong(sums: Differences, found: dict[PartKey, Vector], horizon: int) -> dict[PartKey, Vector]:
    """Return the parts that are not what these sums say, each with what it should be."""
    expected = {key: vector for key, vector in sums.parts().items() if key[0] >= horizon}
    nothing = [0] * len(SIX)
    every = expected.keys() | found.keys()
    return {key: expected.get(key, nothing) for key in every if expected.get(key) != found.get(key)}


def spell(part: PartKey) -> str:
    """Return a part in words."""
    day, *texts, source_id = part
    ways = ", ".join(f"{name} {text or '(none)'}" for name, text in zip(_TEXTS, texts, strict=True))
    return f"breakdown of {ways} on {date.fromordinal(day)} of source {source_id}"


def _sum(key: PartKey, known: Vector | None, vector: Vector) -> Vector:
    added = vector if known is None else [a + b for a, b in zip(known, vector, strict=True)]
    if min(added) < 0:
        log.error("breakdown was damaged; run `dashboard rollup rebuild`", key=key)
        added = [max(0, count) for count in added]
    return added


def _read(connection: sa.Connection, company_id: int, keys: Iterable[PartKey]) -> dict[PartKey, Vector]:
    statement = (
        f"SELECT a.day, {', '.join(f'r.{name}' for name in _KEY if name != 'day')}, {_SIX} FROM {{rows}}"
        " CROSS JOIN analytics_breakdown a"
        f" WHERE a.company_id = :company_id AND a.day = r.day AND {_SAME}"
    )
    rows = sets.run_on(connection, statement, _KEY, [_dated(key) for key in sorted(keys)], company_id=company_id)
    return {_key(row): list(row[len(_KEY) :]) for row in rows}


def _delete(connection: sa.Connection, company_id: int, keys: list[PartKey]) -> None:
    same = " AND ".join(f"{name} = :{name}" for name in _KEY)
    sql.run_many(
        connection,
        f"DELETE FROM analytics_breakdown WHERE company_id = :company_id AND {same}",
        [dict(zip(_KEY, _dated(key), strict=True)) | {"company_id": company_id} for key in sorted(keys)],
    )


def _dated(key: PartKey) -> tuple[object, ...]:
    return (date.fromordinal(key[0]), *key[1:])


def _key(row: sa.Row[tuple[object, ...]]) -> PartKey:
    day, *rest = row[: len(_KEY)]
    return (sql.as_day(day).toordinal(), *rest)  # type: ignore[return-value]  # the texts and the source
