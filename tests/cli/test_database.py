"""Migrations from the command line."""

import pytest
import sqlalchemy as sa

from dashboard.database.engine import Mode
from dashboard.models import Base
from tests.web.apps import second_app


@pytest.fixture
def store(tmp_path):
    """A store of its own at the newest migration, on which the commands of this test run."""
    with second_app(tmp_path) as app:
        yield app.extensions["engines"]


def test_models_and_migrations_agree(run):
    answer = run("db", "check")

    assert answer.code == 0, answer.err


def test_upgrade_may_be_run_again(run, engines):
    answer = run("db", "upgrade")

    assert (answer.code, answer.out) == (0, "The database is up to date.\n")


@pytest.mark.parametrize("statement", [
    "ALTER TABLE campaigns ADD COLUMN colour TEXT", "DROP INDEX ix_marks_day", "DROP TABLE marks",
    "UPDATE alembic_version SET version_num = '0000'",
])  # fmt: skip
def test_check_fails_when_the_store_is_not_what_the_models_say(run_here, store, statement):
    with store[Mode.WRITE].begin() as connection:
        connection.exec_driver_sql(statement)
    store.base.dispose()

    answer = run_here("db", "check")

    assert answer.code == 1
    assert "differ" in answer.err


def test_check_fails_on_a_store_without_tables(process):
    answer = process("db", "check")

    assert answer.code == 1
    assert "Is it upgraded? (dashboard db upgrade)" in answer.err
    assert "Traceback" not in answer.err


def test_downgrade_leaves_nothing_and_upgrade_brings_all_back(run_here, store):
    store.base.dispose()

    down = run_here("db", "downgrade", "base")
    between = set(sa.inspect(store.base).get_table_names())
    store.base.dispose()
    up = run_here("db", "upgrade")
    after = set(sa.inspect(store.base).get_table_names())

    assert (down.code, up.code) == (0, 0)
    assert between == {"alembic_version"}
    assert after == set(Base.metadata.tables) | {"alembic_version"}


def test_upgrade_makes_the_instance_folder(process, tmp_path):
    answer = process("db", "upgrade")

    assert (answer.code, answer.out) == (0, "The database is up to date.\n")
    names = {path.name for path in (tmp_path / "instance").iterdir()}
    assert {"dashboard.sqlite3", "secret_key", "data_keys"} <= names
