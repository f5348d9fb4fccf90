"""Writers and readers at once, each with a connection of its own: one row of a key, and never half a batch."""

import threading
from datetime import date

import pytest
import sqlalchemy as sa

from dashboard.database.engine import Mode
from dashboard.database.session import open_session
from dashboard.errors import NotFound
from dashboard.models import AnalyticsRecord, TotalsRecord
from dashboard.services import reported
from tests.factories import api_source_id, numbers
from tests.reported import check_sums, rows, version

DAY = date(2026, 11, 20)
SPRING = ("campaign", "spring", DAY)


@pytest.fixture(autouse=True)
def sums_agree(engines, cast):
    """Check after every test that each total is the sum of its rows."""
    yield
    check_sums(engines, cast)


@pytest.fixture
def at_once():
    """Run functions at once; what one raises is raised here."""

    def run(*works):
        ready, failed = threading.Barrier(len(works)), []

        def start(work):
            ready.wait()
            try:
                work()
            except Exception as error:  # noqa: BLE001  # raised again by the thread of the test
                failed.append(error)

        threads = [threading.Thread(target=start, args=(work,)) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert not any(thread.is_alive() for thread in threads)
        if failed:
            raise failed[0]

    return run


@pytest.fixture
def write(engines, cast, clock):
    """Set numbers of a company, in a transaction of its own."""
    sources = {company.id: api_source_id(engines, company) for company in (cast.acme, cast.rival)}

    def written(updates, company=cast.acme):
        with open_session(engines, Mode.WRITE, company.id) as session:
            outcomes = reported.set_numbers(session, company.id, sources[company.id], updates, now=clock())
            session.commit()
        return outcomes

    return written


@pytest.fixture
def delete(engines, cast, clock):
    """Delete acme's row of spring, and say whether it was there."""
    source_id = api_source_id(engines, cast.acme)

    def deleted():
        with open_session(engines, Mode.WRITE, cast.acme.id) as session:
            try:
                reported.delete_numbers(session, cast.acme.id, source_id, SPRING, actor="a test", now=clock())
            except NotFound:
                return False
            session.commit()
            return True

    return deleted


def test_eight_writers_of_a_new_key_leave_one_row(at_once, write, engines, cast):
    outcomes = []

    at_once(*[lambda n=n: outcomes.extend(write([numbers(DAY, sent=n)])) for n in range(8)])

    found = rows(engines, cast.acme)
    assert [row.basis for row in found] == ["event", "sent"]
    assert found[0].sent == found[1].sent
    assert len({one.id for one in outcomes}) == 1
    assert sorted(one.action for one in outcomes) == ["created", *["updated"] * 7]


def test_eight_batches_with_a_key_twice_leave_one_row(at_once, write, engines, cast):
    outcomes = []

    at_once(*[lambda n=n: outcomes.extend(write([numbers(DAY, sent=9), numbers(DAY, sent=n)])) for n in range(8)])

    assert len(rows(engines, cast.acme)) == 2
    assert sorted(one.action for one in outcomes) == ["created", *["updated"] * 15]


def test_every_writer_raises_the_version_and_takes_its_own_serials(at_once, write, engines, cast):
    before = version(engines, cast.acme)

    at_once(*[lambda n=n: write([numbers(DAY, f"{n}-{m}") for m in range(5)]) for n in range(8)])

    serials = [row.serial for row in rows(engines, cast.acme) if row.basis == "sent"]
    assert version(engines, cast.acme) == before + 8
    assert len(set(serials)) == 40
    assert max(serials) - min(serials) == 39


def test_batches_in_opposite_orders_do_not_block_each_other(at_once, write, engines, cast):
    keys = [f"k{n:02}" for n in range(40)]
    ways = [keys, keys[::-1], keys[20:] + keys[:20], keys[::2] + keys[1::2]]

    at_once(
        *[lambda n=n: [write([numbers(DAY, key, sent=n) for key in ways[n % 4]]) for _ in range(5)] for n in range(8)]
    )

    values = {row.sent for row in rows(engines, cast.acme)}
    assert len(rows(engines, cast.acme)) == 80
    assert len(values) == 1  # the last batch as a whole


def test_companies_do_not_wait_for_or_touch_each_other(at_once, write, engines, cast):
    def push(company, count):
        for n in range(10):
            write([numbers(DAY, str(n), sent=count)], company)

    at_once(*[lambda c=c, n=n: push(c, n) for c, n in ((cast.acme, 1), (cast.rival, 2)) for _ in range(3)])

    assert {row.sent for row in rows(engines, cast.acme)} == {1}
    assert {row.sent for row in rows(engines, cast.rival)} == {2}


def test_sets_and_deletions_at_once_agree(at_once, write, delete, engines, cast):
    created, gone = [], []

    def push():
        for n in range(10):
            created.extend(one.action == "created" for one in write([numbers(DAY, sent=n)]))

    def drop():
        gone.extend(delete() for _ in range(10))

    at_once(push, drop, push, drop, push, drop)

    left = len(rows(engines, cast.acme)) // 2
    assert sum(created) - sum(gone) == left


def test_a_reader_sees_a_batch_wholly_or_not_at_all(at_once, write, engines, cast):
    keys, seen, done = [f"k{n}" for n in range(100)], [], threading.Event()

    def push():
        try:
            for n in range(1, 26):
                write([numbers(DAY, key, sent=n) for key in keys])
        finally:
            done.set()

    def look():
        seen.append(read_moment(engines, cast.acme))
        while not done.is_set():
            seen.append(read_moment(engines, cast.acme))

    at_once(push, look, look)

    assert {(rows_, values) for rows_, values, _ in seen} <= {(0, 0), (200, 1)}
    assert all(total == sum_ for _, _, (total, sum_) in seen)
    assert read_moment(engines, cast.acme) == (200, 1, (2500, 2500))  # 100 keys in two bases; 100 * 25


def read_moment(engines, company):
    """Return, of one READ transaction: how many rows, how many different values, and the total beside their sum."""
    with open_session(engines, Mode.READ, company.id) as session:
        total = session.scalar(sa.select(TotalsRecord.sent).where(TotalsRecord.basis == "sent")) or 0
        found = session.execute(sa.select(AnalyticsRecord.basis, AnalyticsRecord.sent)).all()
        again = session.scalar(sa.select(TotalsRecord.sent).where(TotalsRecord.basis == "event")) or 0
    assert total == again
    return len(found), len({sent for _, sent in found}), (total, sum(sent for basis, sent in found if basis == "sent"))


def test_a_reader_is_not_held_up_by_a_writer(write, engines, cast, clock):
    write([numbers(DAY, sent=1)])

    with open_session(engines, Mode.WRITE, cast.acme.id) as session:
        reported.set_numbers(
            session, cast.acme.id, api_source_id(engines, cast.acme), [numbers(DAY, sent=2)], now=clock()
        )
        during = {row.sent for row in rows(engines, cast.acme)}
        session.commit()

    assert during == {1}
    assert {row.sent for row in rows(engines, cast.acme)} == {2}
