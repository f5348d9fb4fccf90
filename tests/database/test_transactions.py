"""How transactions begin and end on both stores."""

import sqlite3
from threading import Thread

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from dashboard.database.engine import Engines, Mode, options
from dashboard.database.session import open_session
from dashboard.models import Campaign
from tests.factories import campaign_of, make_campaign

COUNT = sa.select(sa.func.count()).select_from(Campaign)


def write_elsewhere(engines, company, **values):
    """Add a campaign from another thread, in a transaction of its own, and wait for it."""

    def work():
        with open_session(engines, Mode.WRITE, company.id) as session:
            make_campaign(session, **values)
            session.commit()

    thread = Thread(target=work)
    thread.start()
    thread.join(timeout=15)
    assert not thread.is_alive()


def test_page_sees_one_moment(engines, cast):
    with open_session(engines, Mode.READ, cast.acme.id) as session:
        before = session.scalar(COUNT)

        write_elsewhere(engines, cast.acme)

        assert (before, session.scalar(COUNT)) == (0, 0)


def test_single_statements_each_see_the_newest(engines, cast):
    with open_session(engines, Mode.SINGLE, cast.acme.id) as session:
        before = session.scalar(COUNT)

        write_elsewhere(engines, cast.acme)

        assert (before, session.scalar(COUNT)) == (0, 1)


def test_reader_does_not_wait_for_a_writer(engines, cast):
    with (
        open_session(engines, Mode.WRITE, cast.acme.id) as writer,
        open_session(engines, Mode.READ, cast.acme.id) as reader,
    ):
        make_campaign(writer)
        writer.flush()

        assert reader.scalar(COUNT) == 0


def test_reading_transaction_of_postgresql_cannot_write(engines, cast):
    if engines.is_sqlite:
        pytest.skip("A SQLite reader that writes takes the lock without its turn; pages only read.")

    with open_session(engines, Mode.READ, cast.acme.id) as session, pytest.raises(DBAPIError, match="read-only"):
        session.execute(sa.update(Campaign).values(daily_limit=1))


def break_by_error(session):
    make_campaign(session, daily_limit=0)
    session.flush()


def break_by_exception(session):
    make_campaign(session)
    session.flush()
    raise ZeroDivisionError


def break_by_a_lost_connection(session):
    session.connection().invalidate()
    raise ZeroDivisionError


@pytest.mark.parametrize("broken", [break_by_error, break_by_exception, break_by_a_lost_connection])
def test_next_writer_is_let_in_after_an_error(engines, cast, broken):
    with pytest.raises((IntegrityError, ZeroDivisionError)), open_session(engines, Mode.WRITE, cast.acme.id) as session:
        broken(session)

    write_elsewhere(engines, cast.acme)

    with open_session(engines, Mode.READ, cast.acme.id) as session:
        assert session.scalar(COUNT) == 1


def test_next_writer_is_let_in_when_a_session_was_only_closed(engines, cast):
    with open_session(engines, Mode.WRITE, cast.acme.id) as session:
        make_campaign(session)
        session.flush()

    write_elsewhere(engines, cast.acme)

    with open_session(engines, Mode.READ, cast.acme.id) as session:
        assert session.scalar(COUNT) == 1  # what was not committed is gone


@pytest.fixture
def store(tmp_path):
    """A SQLite store whose connections do not wait long for one another."""
    given = options("sqlite://")
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'store'}", **(given | {"pool_size": 1, "max_overflow": 0}))
    engines = Engines(engine)
    with engines[Mode.SINGLE].connect() as connection:
        connection.exec_driver_sql("CREATE TABLE numbers (n INTEGER)")
        connection.exec_driver_sql("PRAGMA busy_timeout = 50")
    yield engines
    engine.dispose()


def test_next_writer_is_let_in_when_another_program_held_the_file(store, tmp_path):
    other = sqlite3.connect(tmp_path / "store", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError, match="locked"), store[Mode.WRITE].begin():
        pass
    other.execute("ROLLBACK")
    other.close()

    with store[Mode.WRITE].begin() as connection:
        connection.exec_driver_sql("INSERT INTO numbers VALUES (1)")

    with store[Mode.READ].connect() as connection:
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM numbers").scalar() == 1


@pytest.mark.parametrize(("pragma", "value"), [
    ("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("temp_store", 2),
])  # fmt: skip
def test_sqlite_is_durable_and_checks_references(store, pragma, value):
    with store[Mode.SINGLE].connect() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_values_of_a_failed_statement_are_not_in_its_error(engines, cast):
    with open_session(engines, Mode.WRITE, cast.acme.id) as session:
        session.add(campaign_of(name="a secret name", daily_limit=0))

        with pytest.raises(IntegrityError) as refused:
            session.flush()

    assert "[parameters" not in str(refused.value)
    assert "SQL parameters hidden" in str(refused.value)
