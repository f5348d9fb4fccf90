"""The schedule of checks: hourly while a domain is pending or fails, twice a day once it is verified."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from dashboard.models import Company, Domain, DomainCheck
from dashboard.models.domains import DomainStatus
from dashboard.queries import identity
from dashboard.services import domain_checks, domains
from dashboard.services.domain_checks import JITTER, MOST
from dashboard.services.resources import Change
from dashboard.vocabulary.analytics import ResourceType
from dashboard.worker import Worker
from tests.dns_server import DnsServer
from tests.domains import publish, resolver_of, worker_of
from tests.factories import register


@pytest.fixture
def server():
    with DnsServer() as running:
        yield running


@pytest.fixture
def make(seed, cast):
    """Register a domain of acme that its own servers send for."""

    def made(name="a.acme-post.com", **values):
        fields = {"token": "abc", "providers": ["generic"], "config": {"selectors": {"generic": ["m"]}}} | values
        with seed(cast.acme) as session:
            return register(session, ResourceType.DOMAIN, Domain(name=name, **fields)).id

    return made


def read(acme):
    with acme() as session:
        return {row.name: row for row in session.scalars(sa.select(Domain).order_by(Domain.name))}


def pause_of(row):
    return (row.next_check_at - row.checked_at) / timedelta(hours=1)


def test_pending_and_failing_domains_are_due_hourly_and_verified_ones_twice_a_day(app, acme, make, server):
    make()
    make("b.acme-post.com")
    with acme() as session:
        row = session.scalars(sa.select(Domain).where(Domain.name == "b.acme-post.com")).one()
        publish(server, domains.records_of(row))

    worker_of(app, server).run_due()

    rows = read(acme)
    assert [row.status.value for row in rows.values()] == ["pending", "verified"]
    assert 1 - JITTER <= pause_of(rows["a.acme-post.com"]) <= 1
    assert 12 * (1 - JITTER) <= pause_of(rows["b.acme-post.com"]) <= 12


def test_tick_checks_what_is_due_and_nothing_else(app, acme, make, server, clock):
    make()
    worker = worker_of(app, server)
    worker.run_due()
    asked = len(server.asked)

    clock.move(minutes=30)
    worker.run_due()
    early = len(server.asked)
    clock.move(minutes=30)
    worker.run_due()

    assert early == asked
    assert len(server.asked) > asked
    with acme() as session:
        assert session.scalars(sa.select(DomainCheck.count).order_by(DomainCheck.first_at)).all() == [1, 1]
    assert read(acme)["a.acme-post.com"].status is DomainStatus.FAILED


def test_archived_domains_and_those_of_the_demo_are_never_due(app, seed, make, server, clock, engines, cast):
    make(archived_at=clock())
    make("b.acme-post.com")
    with seed() as session:
        session.get(Company, cast.acme.id).is_demo = True

    worker_of(app, server).run_due()

    assert identity.list_due_domains(engines, clock(), limit=10) == []
    assert server.asked == []


def test_one_that_somebody_waits_for_comes_first_and_a_turn_is_bounded(engines, make, clock):
    for number in range(MOST + 3):
        make(f"d{number}.acme-post.com", next_check_at=clock() - timedelta(days=1))
    waited = make("z.acme-post.com", next_check_at=clock(), asked_at=clock())

    due = identity.list_due_domains(engines, clock(), limit=MOST)

    assert (len(due), due[0].id) == (MOST, waited)


def test_several_domains_are_checked_in_one_turn_and_one_without_answers_holds_up_none(app, acme, make, server):
    for number in range(6):
        make(f"d{number}.acme-post.com")
    server.behave("d0.acme-post.com", "servfail")

    worker_of(app, server).check_domains()

    rows = read(acme)
    assert all(row.checked_at for row in rows.values())
    assert [row.failing_since is None for row in rows.values()] == [True, False, False, False, False, False]


@pytest.mark.parametrize("change", ["edit", "archive", "delete"])
def test_what_was_found_is_dropped_where_the_domain_was_changed_meanwhile(app, seed, cast, make, server, clock, change):
    id_ = make()

    class Meddling:
        """Asks the server, after somebody has changed the domain."""

        def __init__(self):
            self.resolver = resolver_of(server)
            self.addresses = self.resolver.addresses

        def prepared(self, *rest, **more):
            with seed(cast.acme) as session:
                row = session.scalars(sa.select(Domain)).one()
                if change == "edit":
                    values = domains.DomainValues(row.name, ["postmark"])
                    domains.edit_domain(session, Change(cast.acme, "ada", clock()), id_, values, revision=None)
                elif change == "archive":
                    row.archived_at, row.revision = clock(), 2
                else:
                    session.delete(row)
            return self.resolver.prepared(*rest, **more)

    kept = domain_checks.check_due(app.extensions["engines"], Meddling(), clock, lambda: False)

    assert kept == 0
    with seed(cast.acme) as session:
        assert session.scalars(sa.select(DomainCheck)).all() == []


def test_worker_without_a_resolver_leaves_domains_alone(engines, acme, make, clock):
    make()

    Worker(engines, clock=clock).run_due()

    assert read(acme)["a.acme-post.com"].checked_at is None


def test_worker_that_stops_begins_no_further_domain(app, engines, make, server, clock):
    make()

    assert domain_checks.check_due(engines, resolver_of(server), clock, lambda: True) == 0
    assert server.asked == []
