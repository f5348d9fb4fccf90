"""The storage of files: the same promises of a folder and of a bucket on a real S3 server."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta

import pytest

from dashboard.clients.buckets import open_storage
from dashboard.clients.storage import LocalStorage, MissingBytes, StorageDown
from dashboard.config import BadSettings
from dashboard.errors import TooLarge
from tests.files import Kill

ONE, TWO, OTHERS = "1/" + "a" * 32, "1/" + "b" * 32, "12/" + "c" * 32
MOST = 1_000


@pytest.fixture(params=["folder", "bucket"])
def storage(request, tmp_path):
    """A storage with nothing in it."""
    if request.param == "folder":
        return open_storage("", tmp_path / "files")
    return open_storage(request.getfixturevalue("bucket_url"), tmp_path)


def test_bytes_come_back_as_they_were_put(storage):
    size = storage.put(ONE, iter([b"hello ", b"world"]), most_bytes=MOST)

    assert size == 11
    assert b"".join(storage.read(ONE)) == b"hello world"
    assert storage.find_size(ONE) == 11


@pytest.mark.parametrize(("start", "end", "expected"), [(0, 5, b"hello"), (6, 11, b"world"), (6, None, b"world")])
def test_range_is_read(storage, start, end, expected):
    storage.put(ONE, [b"hello world"], most_bytes=MOST)

    assert b"".join(storage.read(ONE, start, end)) == expected


def test_large_bytes_come_in_pieces(storage):
    storage.put(ONE, (b"x" * 100_000 for _ in range(60)), most_bytes=6_000_000)

    pieces = list(storage.read(ONE))

    assert len(pieces) > 10
    assert sum(map(len, pieces)) == 6_000_000


@pytest.mark.parametrize("before", [0, 70])
def test_nothing_is_stored_beyond_the_limit(storage, before):
    chunks = [*(b"x" * 100_000 for _ in range(before)), b"y" * 10]

    with pytest.raises(TooLarge):
        storage.put(ONE, iter(chunks), most_bytes=before * 100_000 + 9)

    assert storage.find_size(ONE) is None
    assert list(storage.list_stored()) == []


def test_nothing_is_stored_when_the_sender_fails(storage):
    def broken():
        yield b"x" * 10
        raise Kill

    with pytest.raises(Kill):
        storage.put(ONE, broken(), most_bytes=MOST)

    assert storage.find_size(ONE) is None
    assert list(storage.list_stored()) == []


def test_what_is_not_there_is_missing(storage):
    with pytest.raises(MissingBytes):
        storage.read(ONE)

    assert storage.find_size(ONE) is None


def test_deleted_bytes_are_gone_and_deleting_again_is_nothing(storage):
    storage.put(ONE, [b"x"], most_bytes=MOST)

    storage.delete(ONE)
    storage.delete(ONE)

    assert storage.find_size(ONE) is None


def test_list_tells_keys_sizes_and_times(storage):
    storage.put(ONE, [b"x"], most_bytes=MOST)
    storage.put(OTHERS, [b"xyz"], most_bytes=MOST)

    found = list(storage.list_stored())

    assert [(one.key, one.size_bytes) for one in found] == [(ONE, 1), (OTHERS, 3)]
    assert all(abs(datetime.now(UTC) - one.changed_at) < timedelta(minutes=1) for one in found)


def test_list_of_one_company_leaves_out_those_whose_number_begins_alike(storage):
    for key in (ONE, TWO, OTHERS):
        storage.put(key, [b"x"], most_bytes=MOST)

    assert [one.key for one in storage.list_stored("1")] == [ONE, TWO]


@pytest.mark.parametrize("key", ["../secret_key", "1/../../x", "/etc/passwd", "1/" + "A" * 32, "", "1/" + "a" * 33])
def test_key_that_we_did_not_make_is_refused(storage, key):
    for ask in (storage.read, storage.delete, storage.find_size):
        with pytest.raises(ValueError, match="no key"):
            ask(key)


# --- the folder ------------------------------------------------------------------------------------


def test_files_are_readable_by_their_owner_only(tmp_path):
    LocalStorage(tmp_path / "files").put(ONE, [b"x"], most_bytes=MOST)

    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "files").rglob("*")}
    assert modes == {0o700, 0o600}


def test_unfinished_file_of_a_killed_process_is_listed_and_can_be_deleted(tmp_path):
    storage = LocalStorage(tmp_path)
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / f".{'a' * 32}.part").write_bytes(b"half")

    (found,) = storage.list_stored()
    storage.delete(found.key)

    assert found.size_bytes == 4
    assert list(storage.list_stored()) == []


def test_disk_that_takes_nothing_is_told_as_storage_down(tmp_path):
    (tmp_path / "files").write_text("a file where the folder should be")

    with pytest.raises(StorageDown):
        LocalStorage(tmp_path / "files").put(ONE, [b"x"], most_bytes=MOST)


# --- the bucket ------------------------------------------------------------------------------------


def test_keys_lie_under_the_prefix_of_the_address(bucket_url, tmp_path):
    open_storage(bucket_url, tmp_path).put(ONE, [b"x"], most_bytes=MOST)

    whole = open_storage(bucket_url.replace("/pre/fix", ""), tmp_path)

    assert [one.key for one in whole.list_stored()] == [f"pre/fix/{ONE}"]


def test_bucket_out_of_reach_is_told_as_storage_down(tmp_path):
    url = "s3://files?endpoint=http://127.0.0.1:9&region=us-east-1&access_key_id=a&secret_access_key=b"
    storage = open_storage(url, tmp_path)

    for ask in (
        lambda: storage.put(ONE, [b"x"], most_bytes=MOST),
        lambda: storage.read(ONE),
        lambda: storage.delete(ONE),
    ):
        with pytest.raises(StorageDown):
            ask()


def test_keys_come_from_the_environment_when_the_address_has_none(bucket_url, tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    bare = "&".join(part for part in bucket_url.split("&") if "access_key" not in part)

    assert open_storage(bare, tmp_path).put(ONE, [b"x"], most_bytes=MOST) == 1


def test_unknown_option_stops_the_start(tmp_path):
    with pytest.raises(BadSettings, match="DASHBOARD_STORAGE_URL: colour is no option"):
        open_storage("s3://files?colour=red", tmp_path)
