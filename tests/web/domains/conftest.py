"""Domains of acme, a DNS server whose records can be changed, and checks on demand."""

import pytest
import sqlalchemy as sa

from dashboard.models import Domain, DomainCheck
from dashboard.services import domains
from dashboard.vocabulary.analytics import ResourceType
from tests.dns_server import DnsServer
from tests.domains import NAME, publish, worker_of
from tests.factories import register


@pytest.fixture
def server():
    with DnsServer() as running:
        yield running


@pytest.fixture
def make(seed):
    """Register a domain of a company that Mailgun sends for; return its id."""

    def made(company, token="abc", **values):
        with seed(company) as session:
            row = Domain(
                name=NAME, token=token, providers=["mailgun"], config={"selectors": {"mailgun": ["mg"]}}, **values
            )
            return register(session, ResourceType.DOMAIN, row).id

    return made


@pytest.fixture
def news(make, cast):
    return make(cast.acme)


@pytest.fixture
def published(acme, news, server):
    """The server, with all that the domain needs."""
    with acme() as session:
        publish(server, domains.records_of(session.scalars(sa.select(Domain)).one()))
    return server


@pytest.fixture
def check(app, server, seed, cast):
    """Have every domain checked now."""

    def checked():
        for company in (cast.acme, cast.rival):
            with seed(company) as session:
                session.execute(sa.update(Domain).values(next_check_at=None, updated_at=Domain.updated_at))
        worker_of(app, server).check_domains()

    return checked


@pytest.fixture
def state(seed, cast):
    """Return a company's domain and its kept checks, the oldest first."""

    def read(company=None):
        with seed(company or cast.acme) as session:
            rows = session.scalars(sa.select(DomainCheck).order_by(DomainCheck.first_at)).all()
            return session.scalars(sa.select(Domain)).one(), rows

    return read
