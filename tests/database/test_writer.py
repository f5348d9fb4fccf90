"""The writer of what arrives: all rows or none, durable, and mended by itself after a fault."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from dashboard.database import writer
from dashboard.database.engine import Mode
from dashboard.errors import Unavailable

COLUMNS = {"id": "bigint", "word": "text", "raw": "bytea"}
INSERT = """
INSERT INTO throw_away (id, word, raw)
WITH r (id, word, raw) AS ({rows})
SELECT r.id, r.word, r.raw FROM r JOIN throw_away_owners s ON s.id = r.id {shared}
"""


@pytest.fixture
def table(engines):
    blob = "BLOB" if engines.is_sqlite else "BYTEA"
    with engines[Mode.WRITE].begin() as connection:
        connection.exec_driver_sql("CREATE TABLE throw_away_owners (id BIGINT PRIMARY KEY)")
        connection.exec_driver_sql(f"CREATE TABLE throw_away (id BIGINT PRIMARY KEY, word TEXT NOT NULL, raw {blob})")
        connection.exec_driver_sql("INSERT INTO throw_away_owners VALUES (1), (2), (3)")
    yield
    with engines[Mode.WRITE].begin() as connection:
        connection.exec_driver_sql("DROP TABLE throw_away")
        connection.exec_driver_sql("DROP TABLE throw_away_owners")


@pytest.fixture
def opened(engines, table):
    made = writer.open_writer(engines, INSERT, COLUMNS)
    yield made
    made.close()


@pytest.fixture
def write(opened):
    return lambda *rows: opened.write([tuple(opened.encode(value) for value in row) for row in rows])


def stored(engines):
    with engines[Mode.READ].begin() as connection:
        found = connection.exec_driver_sql("SELECT id, word, raw FROM throw_away ORDER BY id").all()
    return [(row[0], row[1], None if row[2] is None else bytes(row[2])) for row in found]


def test_rows_are_there_when_it_returns(engines, write):
    written = write((1, "Grüße, 'x' %s {}", b"\x00\xff"), (2, "", None))

    assert written == 2
    assert stored(engines) == [(1, "Grüße, 'x' %s {}", b"\x00\xff"), (2, "", None)]


def test_rows_that_the_statement_leaves_out_are_told_by_their_number(engines, write):
    written = write((1, "a", b""), (9, "nobody's", b""), (3, "c", b""))

    assert written == 2
    assert [row[0] for row in stored(engines)] == [1, 3]


def test_one_wrong_row_leaves_none(engines, write):
    write((1, "a", b""))

    with pytest.raises(sa.exc.IntegrityError):
        write((2, "b", b""), (1, "again", b""))

    assert stored(engines) == [(1, "a", b"")]


def test_it_goes_on_after_a_fault(engines, write):
    write((1, "a", b""))
    with pytest.raises(sa.exc.IntegrityError):
        write((1, "again", b""))

    assert write((2, "b", b"")) == 1
    assert write((3, "c", b"")) == 1


def test_it_goes_on_with_a_new_connection_where_the_old_one_was_lost(engines, write, opened):
    write((1, "a", b""))
    if engines.is_sqlite:
        opened._connection.dbapi_connection.close()
    else:
        lost = opened._connection.dbapi_connection.info.backend_pid
        with engines[Mode.SINGLE].connect() as connection:
            connection.exec_driver_sql(f"SELECT pg_terminate_backend({lost})")

    with pytest.raises(sa.exc.DBAPIError):
        write((2, "b", b""))

    assert write((2, "b", b"")) == 1


def test_it_takes_a_new_connection_after_a_while(engines, write, opened, monkeypatch):
    write((1, "a", b""))
    before = opened._connection.dbapi_connection
    monkeypatch.setattr(writer, "KEPT_S", -1.0)

    write((2, "b", b""))

    assert opened._connection.dbapi_connection is not before


def test_it_waits_behind_the_same_lock_as_everybody(engines, write):
    if engines.lock is None:
        pytest.skip("PostgreSQL orders writers by itself")
    engines.lock._wait_s, patience = 0.05, engines.lock._wait_s
    with engines[Mode.WRITE].begin(), pytest.raises(Unavailable):
        write((1, "a", b""))
    engines.lock._wait_s = patience

    assert write((1, "a", b"")) == 1


def test_commits_reach_the_disk_whatever_the_server_was_told(engines, opened, write):
    """A database that was told to answer before its log is written is overruled on every connection."""
    if engines.is_sqlite:
        write((1, "a", b""))
        assert opened._connection.dbapi_connection.execute("PRAGMA synchronous").fetchone() == (2,)
        return
    name = engines.base.url.database
    with engines[Mode.SINGLE].connect() as connection:
        connection.exec_driver_sql(f'ALTER DATABASE "{name}" SET synchronous_commit = off')

    write((1, "a", b""))

    found = opened._connection.dbapi_connection.execute("SHOW synchronous_commit").fetchone()
    with engines[Mode.SINGLE].connect() as connection:
        connection.exec_driver_sql(f'ALTER DATABASE "{name}" RESET synchronous_commit')
    assert found == ("on",)
