"""A source and a reading session, for tests that ask the tables."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from sqlalchemy.orm import Session

from dashboard.database.engine import Mode
from dashboard.database.session import open_session
from tests.factories import api_source_id


@pytest.fixture
def source(engines, cast) -> int:
    """The number of acme's source for API keys."""
    return api_source_id(engines, cast.acme)


@pytest.fixture
def reading(engines, cast) -> Callable[..., AbstractContextManager[Session]]:
    """Open a session that reads acme, or another company."""

    @contextmanager
    def opened(company=None) -> Iterator[Session]:
        with open_session(engines, Mode.READ, (company or cast.acme).id) as session:
            yield session

    return opened
