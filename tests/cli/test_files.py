"""`dashboard files check`: rows without bytes, bytes without rows, bytes that are others."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashboard.clients.storage import LocalStorage
from tests.files import PNG, keys_in, store


@pytest.fixture
def place(app):
    """Where the app's files lie; empty before and after the test."""
    place = app.extensions["settings"].instance / "files"
    yield place
    for path in place.rglob("*"):
        if path.is_file():
            path.unlink()


@pytest.fixture
def storage(place):
    return LocalStorage(place)


@pytest.fixture
def put(seed, storage, cast, clock):
    def made(company=None, **options):
        with seed(company or cast.acme) as session:
            return store(session, storage, company or cast.acme, clock(), **options)

    return made


def leave(folder: Path, key: str, *, hours: float = 2) -> Path:
    """Leave bytes without a row, as old as that."""
    path = folder / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"left over")
    when = (datetime.now(UTC) - timedelta(hours=hours)).timestamp()
    os.utime(path, (when, when))
    return path


def test_check_is_content_when_all_belongs_together(run, put, cast):
    put()
    put(cast.rival, who="rex")

    answer = run("files", "check", "--deep")

    assert (answer.code, answer.out) == (0, "2 files, 0 faults, 0 left-over files removed.\n")


def test_every_kind_of_fault_is_told(run, put, cast, place, storage):
    gone, short, changed = put(name="gone.png"), put(name="short.png"), put(name="changed.png")
    storage.delete(gone.storage_key)
    (place / short.storage_key).write_bytes(b"x")
    (place / changed.storage_key).write_bytes(PNG[::-1])
    old = leave(place, f"{cast.acme.id}/{'e' * 32}")
    leave(place, f"{cast.acme.id}/{'f' * 32}", hours=0.5)  # perhaps an upload that is not done
    half = leave(place, f"{cast.rival.id}/.{'a' * 32}.part")
    nobodys = leave(place, f"999999/{'b' * 32}")

    quick, deep = run("files", "check", "--json"), run("files", "check", "--deep", "--json")

    assert (quick.code, deep.code) == (1, 1)
    found = quick.document
    assert [(one["company"], one["name"]) for one in found["missing"]] == [("acme", "gone.png")]
    assert [(one["name"], one["reason"]) for one in found["differing"]] == [
        ("short.png", "1 bytes are stored, 208 were uploaded")
    ]
    keys = {str(path.relative_to(place)): company for path, company in ((old, "acme"), (half, "rival"), (nobodys, ""))}
    assert {one["key"]: one["company"] for one in found["orphans"]} == keys
    assert [one["name"] for one in deep.document["differing"]] == ["short.png", "changed.png"]


def test_check_of_one_company_leaves_the_others_out(run, put, cast, place, storage):
    storage.delete(put(cast.rival, who="rex").storage_key)
    leave(place, f"{cast.rival.id}/{'e' * 32}")

    assert run("files", "check", "--company", "acme").code == 0
    assert len(run("files", "check", "--company", "rival", "--json").document["orphans"]) == 1


def test_repair_removes_what_is_left_over_and_never_a_row(run, put, cast, place, storage):
    kept, gone = put(name="kept.png"), put(name="gone.png")
    storage.delete(gone.storage_key)
    leave(place, f"{cast.acme.id}/{'e' * 32}")

    first, again = run("files", "check", "--repair"), run("files", "check", "--repair", "--json")

    assert first.code == 1
    assert first.out.splitlines() == [
        f"acme: {gone.storage_key} gone.png: its bytes are missing.",
        f"acme: {cast.acme.id}/{'e' * 32}: 9 bytes without a row.",
        "2 files, 2 faults, 1 left-over files removed.",
    ]
    assert (again.code, again.document["removed"], again.document["files"]) == (1, 0, 2)
    assert keys_in(storage) == [kept.storage_key]


def test_repair_of_what_is_only_left_over_ends_well(run, cast, place):
    leave(place, f"{cast.acme.id}/{'e' * 32}")

    assert run("files", "check", "--repair").code == 0
    assert run("files", "check").out == "0 files, 0 faults, 0 left-over files removed.\n"


def test_unknown_company_is_told(run, cast):
    answer = run("files", "check", "--company", "nobody")

    assert (answer.code, answer.err) == (1, "There is no company 'nobody'.\n")
