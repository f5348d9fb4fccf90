"""What commands share: the app, a session that is committed at the end, one JSON document on stdout."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
import orjson

from dashboard.errors import NotFound

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from dashboard.database.engine import Engines
    from dashboard.vocabulary.people import CompanyRef

ACTOR = "command line"

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
company_option = click.option("--company", "slug", required=True, help="The company's slug.")


@contextmanager
def application() -> Iterator[Flask]:
    """Yield the app within its context; the store's connections are closed at the end."""
    from dashboard.app import create_app

    app = create_app()
    with app.app_context():
        try:
            yield app
        finally:
            app.extensions["engines"].base.dispose()


@contextmanager
def writing(engines: Engines, company_id: int | None = None) -> Iterator[Session]:
    """Yield a session that is committed at the end, and rolled back on an error."""
    from dashboard.database.engine import Mode
    from dashboard.database.session import open_session

    info = {} if company_id is not None else {"directory": True}
    with open_session(engines, Mode.WRITE, company_id, **info) as session:
        yield session
        session.commit()


def find_company(engines: Engines, slug: str) -> CompanyRef:
    """Return the company of that slug; raises NotFound with the slug in it."""
    from dashboard.queries import identity

    company = identity.find_company(engines, slug)
    if company is None:
        raise NotFound(f"There is no company {slug!r}.")
    return company


def show(as_json: bool, document: Any, text: str) -> None:
    """Print the document as JSON, or the text for a person."""
    click.echo(orjson.dumps(document).decode() if as_json else text)


def now() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)
