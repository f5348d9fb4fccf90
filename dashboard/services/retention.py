"""What is kept for a time only: sessions, failures, webhook ids, kept answers, raw deliveries, previews, done jobs."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from dashboard.database import sql

WEBHOOK_IDS = timedelta(days=30)
DELIVERIES = timedelta(days=30)
DONE_JOBS = timedelta(days=30)
PREVIEWS = timedelta(hours=1)

_STATEMENTS = (
    ("DELETE FROM sessions WHERE expires_at <= :before", timedelta()),
    ("DELETE FROM throttles WHERE window_ends_at <= :before", timedelta()),
    ("DELETE FROM idempotency_keys WHERE expires_at <= :before", timedelta()),
    ("DELETE FROM webhook_ids WHERE received_at <= :before", WEBHOOK_IDS),
    ("DELETE FROM deliveries WHERE received_at <= :before AND state NOT IN ('pending', 'held')", DELIVERIES),
    ("DELETE FROM template_drafts WHERE made_at <= :before", PREVIEWS),
    ("DELETE FROM jobs WHERE finished_at <= :before AND state = 'done'", DONE_JOBS),
)


def purge(connection: sa.Connection, now: datetime) -> int:
    """Delete what is past its time, of all companies; return how many rows went."""
    return sum(sql.run(connection, statement, before=now - kept).rowcount for statement, kept in _STATEMENTS)
