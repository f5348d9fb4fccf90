"""One worker at a time counts a company: a lease in the company's state row, checked again with every write."""

from __future__ import annotations

import os
import secrets
import socket
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from dashboard.database import sql
from dashboard.database.engine import Engines, Mode
from dashboard.errors import Conflict
from dashboard.services import state

LEASE = timedelta(seconds=30)


class Busy(Conflict):
    """Somebody else counts the company just now."""


def make_owner() -> str:
    """Return a name for a holder of leases that no other has, and that says which process it is."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


def take(engines: Engines, company_id: int, owner: str, now: datetime) -> bool:
    """Take or extend the company's lease; False when somebody else holds it.

    The lease of a process of this machine that is no more is taken over at once.
    """
    with engines[Mode.WRITE].begin() as connection:
        holder = sql.run(
            connection,
            "SELECT lease_owner FROM company_state WHERE company_id = :company_id",
            company_id=company_id,
        ).scalar_one_or_none()
        result = sql.run(
            connection,
            "UPDATE company_state SET lease_owner = :owner, lease_until = :until WHERE company_id = :company_id"
            " AND (lease_owner IS NULL OR lease_owner = :owner OR lease_owner = :dead OR lease_until <= :now)",
            company_id=company_id, owner=owner, until=now + LEASE, now=now, dead=holder if _is_dead(holder) else "",
        )  # fmt: skip
    return result.rowcount == 1


def _is_dead(owner: str | None) -> bool:
    """Say whether the owner was a process of this machine that has ended."""
    host, _, rest = (owner or "").partition(":")
    process = rest.partition(":")[0]
    if host != socket.gethostname() or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return _was_killed(int(process))


def _was_killed(process: int) -> bool:
    """Say whether a process has ended and only waits for its parent to hear of it, where the system tells."""
    try:
        told = Path(f"/proc/{process}/stat").read_text(errors="replace")
    except OSError:
        return False
    return told.rpartition(")")[2].split()[:1] in (["Z"], ["X"])


def give_back(engines: Engines, company_id: int, owner: str) -> None:
    """End the lease, if it is still the owner's."""
    with engines[Mode.WRITE].begin() as connection:
        sql.run(
            connection,
            "UPDATE company_state SET lease_owner = NULL, lease_until = NULL"
            " WHERE company_id = :company_id AND lease_owner = :owner",
            company_id=company_id, owner=owner,
        )  # fmt: skip


def check(connection: sa.Connection, company_id: int, owner: str, now: datetime) -> state.LockedState:
    """Lock the company's state and make sure that the lease is still the owner's; extend it. Raises Conflict.

    What the owner read before stays true: nobody else writes a company's events and messages.
    """
    locked = state.lock(connection, company_id)
    result = sql.run(
        connection,
        "UPDATE company_state SET lease_until = :until WHERE company_id = :company_id AND lease_owner = :owner",
        company_id=company_id, owner=owner, until=now + LEASE,
    )  # fmt: skip
    if result.rowcount != 1:
        raise Conflict("Another worker counts this company now.")
    return locked


def stay(engines: Engines, company_id: int, owner: str, now: datetime) -> None:
    """Extend the lease while nothing is written. Raises Conflict when it was lost."""
    with engines[Mode.WRITE].begin() as connection:
        check(connection, company_id, owner, now)
