"""The write lock: one writer at a time over threads and processes, in turn, and let go of whatever happens."""

import subprocess
import sys
import time
from threading import Event, Thread

import pytest

from dashboard.database.locks import WriteLock
from dashboard.errors import Unavailable

HOLD = """
import sys, time
from pathlib import Path
from dashboard.database.locks import WriteLock
lock = WriteLock(Path(sys.argv[1]))
lock.acquire()
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "store.lock"


@pytest.fixture
def holder(path):
    """Another process that holds the lock."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_one_holds_it_at_a_time_and_nobody_starves(path):
    lock, stop = WriteLock(path), Event()
    inside, together, turns, longest_s = [], [], [0] * 6, [0.0] * 6

    def write(number):
        while not stop.is_set():
            asked = time.monotonic()
            lock.acquire()
            longest_s[number] = max(longest_s[number], time.monotonic() - asked)
            inside.append(number)
            time.sleep(0.001)
            together.append(len(inside))
            inside.remove(number)
            turns[number] += 1
            lock.release()

    threads = [Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    time.sleep(1.5)
    stop.set()
    for thread in threads:
        thread.join()

    assert set(together) == {1}
    assert min(turns) > max(turns) / 4
    assert max(longest_s) < 1


def test_writer_is_refused_when_the_one_before_stands_still(path):
    lock = WriteLock(path, wait_s=0.05)
    lock.acquire()

    with pytest.raises(Unavailable) as refused:
        lock.acquire()

    assert refused.value.headers == {"Retry-After": "1"}
    lock.release()


def test_lock_can_be_taken_after_a_refusal(path):
    lock = WriteLock(path, wait_s=0.05)
    lock.acquire()
    with pytest.raises(Unavailable):
        lock.acquire()
    lock.release()

    lock.acquire()
    lock.release()


def test_threads_are_let_in_again_when_the_file_cannot_be_opened(tmp_path):
    lock = WriteLock(tmp_path / "missing" / "store.lock", wait_s=0.05)

    for _ in range(2):  # the second attempt fails for the same reason, not because the first one kept the lock
        with pytest.raises(FileNotFoundError):
            lock.acquire()


def test_writer_waits_for_a_writer_of_another_process(path, holder):
    lock, taken = WriteLock(path), Event()
    thread = Thread(target=lambda: (lock.acquire(), taken.set()))

    thread.start()
    came_early = taken.wait(0.3)
    holder.terminate()
    came = taken.wait(10)

    assert (came_early, came) == (False, True)
    thread.join()
    lock.release()


def test_lock_of_a_killed_process_is_free(path, holder):
    holder.kill()
    holder.wait()
    lock = WriteLock(path, wait_s=0.05)

    lock.acquire()
    lock.release()


def test_file_of_the_lock_is_its_owners_alone(path):
    lock = WriteLock(path)
    lock.acquire()
    lock.release()

    assert path.stat().st_mode & 0o777 == 0o600
