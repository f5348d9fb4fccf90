"""Counting the inbox: parse, fold, and change the rollups by the difference; one transaction per batch.

The holder of a company's lease reads and folds before it takes the write lock, which is then held for the writes only.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
import structlog

from dashboard.counting.batches import Incoming, Tally, gather
from dashboard.database.engine import Engines, Mode
from dashboard.errors import Conflict
from dashboard.providers import history
from dashboard.providers.base import Parsed, Unreadable
from dashboard.providers.registry import adapters
from dashboard.services import breakdowns, counted, leases, rollups, state
from dashboard.services.counted import Outcome, Waiting
from dashboard.services.pace import Pace
from dashboard.services.reckoning import Plan, reckon
from dashboard.vocabulary.imports import IMPORT_HEADER
from dashboard.vocabulary.people import CompanyRef
from dashboard.vocabulary.sources import ReceivedDelivery

log = structlog.get_logger("dashboard.counting")

MAX_REASONS = 5  # unreadable elements that a delivery's reason names


def count_company(
    engines: Engines, company: CompanyRef, owner: str, clock: Callable[[], datetime], go_on: Callable[[], bool]
) -> int:
    """Count what is pending of one company, batch after batch; return how many deliveries were counted.

    Returns 0 when another worker holds the lease. What is pending stays so until its batch is committed.
    """
    if not leases.take(engines, company.id, owner, clock()):
        return 0
    done, pace = 0, Pace(is_shared=engines.is_sqlite)
    try:
        while go_on():
            counted_now = _count_or_single_out(engines, company, owner, clock(), pace)
            done += counted_now
            if counted_now == 0:
                break
    except Conflict:
        log.warning("lease lost", company=company.slug)
    finally:
        leases.give_back(engines, company.id, owner)
    return done


def _count_or_single_out(engines: Engines, company: CompanyRef, owner: str, now: datetime, pace: Pace) -> int:
    """Count a batch; when that fails count its first delivery alone, and put it aside if that is the one at fault.

    So a delivery that no counting can digest holds up nobody else. It is kept, and replayed when we are mended.
    """
    try:
        return count_batch(engines, company, owner, now, pace)
    except (Conflict, sa.exc.OperationalError, sa.exc.InterfaceError):
        raise
    except Exception:
        log.exception("batch cannot be counted", company=company.slug)
    try:
        return count_batch(engines, company, owner, now, pace, most=1)
    except (Conflict, sa.exc.OperationalError, sa.exc.InterfaceError):
        raise
    except Exception as error:
        log.exception("delivery cannot be counted", company=company.slug)
        return _put_aside(engines, company.id, owner, now, f"Counting it failed: {type(error).__name__}.")


def count_batch(
    engines: Engines,
    company: CompanyRef,
    owner: str,
    now: datetime,
    pace: Pace,
    *,
    most: int = counted.MAX_DELIVERIES,
) -> int:
    """Count one batch; return how many deliveries it had. Raises Conflict when the lease is lost."""
    with engines[Mode.READ].begin() as connection:
        waiting = counted.list_waiting(connection, company.id, most, share=pace.share)
        if not waiting:
            return 0
        plan = _plan(connection, company, waiting, now)
    with engines[Mode.WRITE].begin() as connection:
        began = time.perf_counter()
        locked = leases.check(connection, company.id, owner, now)
        _write(connection, company.id, plan, locked.next_serial, now)
    pace.note(time.perf_counter() - began)
    engines.checkpoint()
    return len(waiting)


def _put_aside(engines: Engines, company_id: int, owner: str, now: datetime, reason: str) -> int:
    with engines[Mode.WRITE].begin() as connection:
        leases.check(connection, company_id, owner, now)
        first = counted.list_waiting(connection, company_id, 1)
        outcomes = {one.id: Outcome("unreadable", reason, 0, 0, 0, 1, 0, now) for one in first}
        counted.write_outcomes(connection, company_id, outcomes)
        state.raise_version(connection, company_id, now)
    return len(first)


# --- reading ---------------------------------------------------------------------------------------


def read_delivery(kind: str, delivery: ReceivedDelivery) -> Parsed:
    """Return what an adapter reads; raises Unreadable, also when the adapter itself is at fault."""
    adapter = adapters().get(kind)
    if adapter is None:
        raise Unreadable(f"There is no adapter for {kind!r}.")
    try:
        return history.read(adapter, delivery) if history.is_imported(delivery) else adapter.parse(delivery)
    except Unreadable:
        raise
    except Exception as error:  # a fault of the adapter: the delivery is kept, and replayed when it is mended
        log.exception("adapter failed", provider=kind)
        raise Unreadable(f"The adapter failed: {type(error).__name__}.") from error


def unpack(waiting: Waiting) -> ReceivedDelivery:
    """Return a stored delivery as it came."""
    body = zlib.decompress(waiting.body) if waiting.body is not None else b""
    return ReceivedDelivery(body, waiting.headers, waiting.received_at)


def _parse(waiting: Waiting) -> tuple[Parsed, str | None]:
    try:
        return read_delivery(waiting.kind, unpack(waiting)), None
    except Unreadable as error:
        return Parsed(), str(error)


def _plan(connection: sa.Connection, company: CompanyRef, waiting: list[Waiting], now: datetime) -> Plan:
    parsed = {one.id: _parse(one) for one in waiting}
    incoming = [Incoming(one.id, one.source_id, _us(one.received_at), parsed[one.id][0].events) for one in waiting]
    batch = gather(incoming, counted.read_rules(connection, company.id))
    plan = Plan(replayed={one.id for one in waiting if one.was_counted})
    reckon(connection, company, batch, plan)
    for one in waiting:
        events, refused = parsed[one.id]
        plan.outcomes[one.id] = _outcome(batch.tallies[one.id], events.unreadable, refused, now)
        if events.events and IMPORT_HEADER not in one.headers:  # an upload does not say that the provider speaks
            plan.last_events[one.source_id] = max(one.received_at, plan.last_events.get(one.source_id, one.received_at))
    return plan


def _outcome(tally: Tally, unreadable: list[tuple[int, str]], refused: str | None, now: datetime) -> Outcome:
    if refused is not None:
        return Outcome("unreadable", refused[:500], 0, 0, 0, 1, 0, now)
    reason = " ".join(f"Element {place + 1}: {why}" for place, why in unreadable[:MAX_REASONS])
    if len(unreadable) > MAX_REASONS:
        reason += f" And {len(unreadable) - MAX_REASONS:,} more."
    read = tally.new + tally.duplicate + tally.ignored
    name = "counted" if not unreadable else "partly" if read else "unreadable"
    return Outcome(name, reason[:500], tally.new, tally.duplicate, tally.ignored, len(unreadable), tally.late, now)


# --- writing ---------------------------------------------------------------------------------------


def _write(connection: sa.Connection, company_id: int, plan: Plan, next_serial: int, now: datetime) -> None:
    if plan.replayed:
        counted.withdraw(connection, company_id, plan.brought, plan.replayed)
    counted.insert_events(connection, company_id, plan.events)
    if plan.changed:
        counted.change_events(connection, company_id, plan.changed)
    counted.note_repeats(connection, company_id, dict.fromkeys(plan.repeats))
    counted.write_aliases(connection, company_id, plan.aliases)
    counted.write_messages(connection, company_id, plan.messages, plan.gone)
    used = rollups.write(connection, company_id, plan.moved, next_serial=next_serial, now=now)
    breakdowns.set_parts(connection, company_id, plan.parts)
    counted.note_last_events(connection, company_id, plan.last_events)
    counted.write_outcomes(connection, company_id, plan.outcomes)
    state.raise_version(connection, company_id, now, new_rows=used, numbers=used > 0)


def _us(instant: datetime) -> int:
    return int(instant.timestamp()) * 1_000_000 + instant.microsecond
