"""Programs and senders, for the tests of what they push; totals are compared with their rows after every such test."""

from uuid import UUID

import pytest

from dashboard.database import sql
from dashboard.database.engine import Mode
from tests.factories import make_key, make_source
from tests.helpers import Program, Sender, update
from tests.reported import check_sums


@pytest.fixture
def sums_agree(engines, cast):
    """Check after the test that every total is the sum of its rows."""
    yield
    check_sums(engines, cast)


@pytest.fixture
def program(app, engines, cast, clock):
    """A program of acme whose key has every scope."""
    return Program(app, make_key(engines, cast.acme, clock()))


@pytest.fixture
def rivals_program(app, engines, cast, clock):
    """A program of rival whose key has every scope."""
    return Program(app, make_key(engines, cast.rival, clock()))


@pytest.fixture
def vault(app):
    """What seals and opens the secrets of sources."""
    return app.extensions["vault"]


@pytest.fixture
def website(engines, cast, vault):
    """The number and the secrets of acme's generic source."""
    return make_source(engines, vault, cast.acme)


@pytest.fixture
def sender(app, website):
    """A sender with the secret of acme's generic source."""
    return Sender(app, website[1].secret)


@pytest.fixture
def sender_of_reports(engines, cast, website, sender):
    """The source and the delivery of a report that was taken."""
    assert sender.post({"companyId": "acme"} | update()).status_code == 200
    with engines[Mode.READ].begin() as connection:
        delivery = sql.run(
            connection, "SELECT id FROM deliveries WHERE company_id = :company_id", company_id=cast.acme.id
        )
        return website[0], UUID(str(delivery.scalar()))
