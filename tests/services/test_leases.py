"""One worker counts a company: others wait, the dead are followed at once, the slow lose what they read."""

import os
import socket
import subprocess
from datetime import timedelta

import pytest

from dashboard.database.engine import Mode
from dashboard.errors import Conflict
from dashboard.services import leases
from tests.conftest import NOON


def check(engines, company, owner, now=NOON):
    with engines[Mode.WRITE].begin() as connection:
        leases.check(connection, company.id, owner, now)


def test_second_owner_waits_until_the_lease_ends(engines, cast):
    assert leases.take(engines, cast.acme.id, "elsewhere:1:a", NOON)

    assert not leases.take(engines, cast.acme.id, "elsewhere:2:b", NOON + timedelta(seconds=29))
    assert leases.take(engines, cast.rival.id, "elsewhere:2:b", NOON)
    assert leases.take(engines, cast.acme.id, "elsewhere:2:b", NOON + timedelta(seconds=30))


def test_lease_given_back_is_free(engines, cast):
    leases.take(engines, cast.acme.id, "one", NOON)

    leases.give_back(engines, cast.acme.id, "two")
    assert not leases.take(engines, cast.acme.id, "two", NOON)
    leases.give_back(engines, cast.acme.id, "one")

    assert leases.take(engines, cast.acme.id, "two", NOON)


def test_writer_whose_lease_was_lost_is_refused(engines, cast):
    leases.take(engines, cast.acme.id, "slow", NOON)
    leases.take(engines, cast.acme.id, "next", NOON + timedelta(minutes=1))

    with pytest.raises(Conflict):
        check(engines, cast.acme, "slow")
    check(engines, cast.acme, "next")


def test_every_write_extends_the_lease(engines, cast):
    leases.take(engines, cast.acme.id, "one", NOON)

    check(engines, cast.acme, "one", NOON + timedelta(seconds=20))

    assert not leases.take(engines, cast.acme.id, "two", NOON + timedelta(seconds=40))


def test_lease_of_a_dead_process_of_this_machine_is_taken_at_once(engines, cast):
    ended = subprocess.Popen(["true"])
    ended.wait()
    leases.take(engines, cast.acme.id, f"{socket.gethostname()}:{ended.pid}:x", NOON)

    assert leases.take(engines, cast.acme.id, "two", NOON)


def test_lease_of_a_killed_process_is_taken_before_its_parent_hears_of_it(engines, cast):
    killed = subprocess.Popen(["sleep", "60"])
    leases.take(engines, cast.acme.id, f"{socket.gethostname()}:{killed.pid}:x", NOON)
    before = leases.take(engines, cast.acme.id, "two", NOON)
    killed.kill()
    os.waitid(os.P_PID, killed.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and is still to be asked how

    after = leases.take(engines, cast.acme.id, "two", NOON)

    killed.wait()
    assert (before, after) == (False, True)


@pytest.mark.parametrize(
    "owner", [f"{socket.gethostname()}:{os.getpid()}:x", f"{socket.gethostname()}:1:x", "nonsense"]
)
def test_lease_of_a_living_or_unknown_process_is_not(engines, cast, owner):
    leases.take(engines, cast.acme.id, owner, NOON)

    assert not leases.take(engines, cast.acme.id, "two", NOON)
