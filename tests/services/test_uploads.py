"""Taking an upload: a file that only its owner can read, a job, a line in the audit log; and nothing left behind."""

from __future__ import annotations

import io
import os
import stat
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from dashboard.errors import Conflict, NotFound, Unavailable
from dashboard.models import AuditEntry, Job, Source
from dashboard.models.sources import SourceStatus
from dashboard.queries import imports as queries
from dashboard.services import uploads
from dashboard.services.uploads import Upload
from tests.factories import api_source_id, make_source
from tests.uploads import NOON, lines, run, take


@pytest.fixture
def source(app, engines, cast):
    return make_source(engines, app.extensions["vault"], cast.acme)[0]


def test_upload_is_a_file_that_only_its_owner_can_read(engines, cast, source, tmp_path):
    folder = uploads.folder_in(tmp_path)

    made = take(engines, cast.acme, source, folder, b"abc")

    (path,) = folder.iterdir()
    assert (path.name, path.read_bytes(), made.size_bytes) == (made.id.hex, b"abc", 3)
    assert [stat.S_IMODE(one.stat().st_mode) for one in (folder, path)] == [0o700, 0o600]


def test_upload_leaves_a_job_and_an_audit_entry(engines, cast, seed, source, tmp_path):
    made = take(engines, cast.acme, source, tmp_path, b"abc", name="march.csv")

    with seed(cast.acme) as session:
        entry = session.scalar(sa.select(AuditEntry))
        job = session.scalar(sa.select(Job))
    assert (entry.actor, entry.action, entry.subject_key) == ("ada@acme.test", "source.import", str(source))
    assert entry.details == {"name": "Website", "file": "march.csv", "size_bytes": 3}
    assert (job.kind, job.company_id, job.payload) == ("import", cast.acme.id, made.write())


@pytest.mark.parametrize("which", ["deleted", "rivals", "none", "api"])
def test_upload_to_what_is_no_source_of_a_provider_leaves_nothing(app, engines, cast, seed, source, tmp_path, which):
    if which == "deleted":
        with seed(cast.acme) as session:
            session.get(Source, source).status = SourceStatus.DELETED
    rivals, _ = make_source(engines, app.extensions["vault"], cast.rival)
    ids = {"deleted": source, "rivals": rivals, "none": 999_999, "api": api_source_id(engines, cast.acme)}

    with pytest.raises(NotFound):
        take(engines, cast.acme, ids[which], tmp_path, b"abc")

    assert list(tmp_path.iterdir()) == []
    with seed() as session:
        assert session.scalars(sa.select(Job)).all() == []


def test_few_uploads_may_wait_at_once(engines, cast, source, tmp_path):
    for _ in range(uploads.MAX_UNFINISHED):
        take(engines, cast.acme, source, tmp_path, lines(1))

    with pytest.raises(Conflict, match="5 uploads of this company wait already"):
        take(engines, cast.acme, source, tmp_path, lines(1))
    run(engines, tmp_path)
    take(engines, cast.acme, source, tmp_path, lines(1))

    assert len(list(tmp_path.iterdir())) == uploads.MAX_UNFINISHED


def test_disk_that_is_full_is_said_and_leaves_nothing(engines, cast, seed, source, tmp_path):
    class Full(io.BytesIO):
        def read(self, _size=-1):
            raise OSError(28, "No space left on device")

    with seed(cast.acme) as session, pytest.raises(Unavailable):
        uploads.take_upload(
            session, cast.acme.id, Upload(source, "x", Full()), tmp_path, actor="ada@acme.test", now=NOON
        )  # fmt: skip

    assert list(tmp_path.iterdir()) == []


def test_sweep_deletes_old_files_that_nobody_waits_for(engines, cast, source, tmp_path):
    now = datetime.now(UTC)
    waiting = take(engines, cast.acme, source, tmp_path, b"abc")
    (tmp_path / "old").write_bytes(b"x")
    (tmp_path / "young").write_bytes(b"x")
    long_ago = (now - timedelta(seconds=uploads.LEFT_S + 60)).timestamp()
    for name in ("old", waiting.id.hex):
        os.utime(tmp_path / name, (long_ago, long_ago))

    assert uploads.sweep(engines, tmp_path, now) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"young", waiting.id.hex}


def test_sweep_finds_nothing_when_nothing_was_ever_uploaded(engines, tmp_path):
    assert uploads.sweep(engines, tmp_path / "none", NOON) == 0


def test_list_holds_the_imports_of_one_source_and_asks_in_two_statements(
    app, engines, cast, seed, source, tmp_path, count_statements
):
    other, _ = make_source(engines, app.extensions["vault"], cast.acme, name="Other")
    ids = [take(engines, cast.acme, which, tmp_path, lines(1)).id for which in (source, other, source)]

    with seed(cast.acme) as session, count_statements() as statements:
        found = queries.list_imports(session, cast.acme.id, source)

    assert [row.told.id for row in found] == [ids[2], ids[0]]
    assert len(statements) == 2


def test_another_company_sees_none_of_it(engines, cast, seed, source, tmp_path):
    take(engines, cast.acme, source, tmp_path, lines(1))

    with seed(cast.rival) as session:
        assert queries.list_imports(session, cast.rival.id, source) == []
