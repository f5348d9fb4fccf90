"""Deleting files: never while a template uses one; the row at once, the bytes by a job."""

from __future__ import annotations

from uuid import uuid4

import pytest
import sqlalchemy as sa

from dashboard.clients.storage import StorageDown
from dashboard.errors import Conflict, NotFound
from dashboard.models import AuditEntry, File, FileUse, Job
from dashboard.queries import files as queries
from dashboard.services import files
from dashboard.vocabulary.files import FileFilter
from dashboard.worker import Worker
from tests.files import find_member, keys_in, make_template


@pytest.fixture
def remove(seed, cast, clock):
    """Delete a file of acme."""

    def done(id_):
        with seed(cast.acme) as session:
            member = find_member(session, cast.acme, clock())
            return files.delete_file(session, cast.acme.id, id_, member=member, now=clock())

    return done


def rows(seed, company, model=File):
    with seed(company) as session:
        return list(session.scalars(sa.select(model)))


# --- deleting --------------------------------------------------------------------------------------


def test_deleted_file_loses_its_row_at_once_and_its_bytes_by_a_job(put, remove, storage, seed, cast, engines, clock):
    row = put()

    name = remove(row.id)
    before = keys_in(storage)
    Worker(engines, clock=clock, storage=storage).run_due()

    assert (name, rows(seed, cast.acme)) == ("logo.png", [])
    assert (before, keys_in(storage)) == ([row.storage_key], [])
    assert "file.delete" in [one.action for one in rows(seed, cast.acme, AuditEntry)]


def test_job_tries_again_until_the_storage_is_back(put, remove, storage, engines, clock, seed):
    remove(put().id)
    kind = type(storage)

    class Down(kind):
        def delete(self, _key):
            raise StorageDown("down")

    storage.__class__ = Down
    Worker(engines, clock=clock, storage=storage).run_due()
    kept = keys_in(storage)
    storage.__class__ = kind
    clock.move(hours=1)
    Worker(engines, clock=clock, storage=storage).run_due()

    assert (len(kept), keys_in(storage)) == (1, [])


def test_worker_without_a_storage_leaves_the_job_to_others(put, remove, engines, clock, seed):
    remove(put().id)

    Worker(engines, clock=clock).run_due()

    with seed() as session:
        (job,) = session.scalars(sa.select(Job).where(Job.kind == "delete_file"))
        assert (job.state, "no storage of files" in job.last_error) == ("waiting", True)


@pytest.mark.parametrize("names", [["Welcome"], ["A", "B", "C", "D"]])
def test_file_in_use_is_not_deleted(put, remove, seed, cast, storage, names):
    row = put()
    with seed(cast.acme) as session:
        for name in names:
            files.note_uses(session, cast.acme.id, make_template(session, name), [f"/c/acme/files/{row.id}"])

    with pytest.raises(Conflict) as refused:
        remove(row.id)

    told = "Welcome" if len(names) == 1 else "A, B, C and others"
    assert refused.value.message == f"logo.png is used by {told}. Take it out of there first."
    assert len(rows(seed, cast.acme)) == len(keys_in(storage)) == 1


def test_file_of_another_company_is_not_found(put, remove, cast, seed):
    row = put(cast.rival, who="rex")

    with pytest.raises(NotFound):
        remove(row.id)

    assert len(rows(seed, cast.rival)) == 1


# --- uses ------------------------------------------------------------------------------------------


def test_uses_are_what_stands_in_the_texts(put, seed, cast):
    one, two, three = put().id, put().id, put().id
    theirs = put(cast.rival, who="rex").id
    texts = [
        f'<img src="https://mail.example.com/c/acme/files/{str(one).upper()}?inline=1">',
        f"See /c/acme/files/{two}/details, /c/rival/files/{three}, /c/acme/files/{theirs} and /c/acme/files/{uuid4()}.",
    ]

    with seed(cast.acme) as session:
        template_id = make_template(session)
        files.note_uses(session, cast.acme.id, template_id, texts)

    assert {use.file_id for use in rows(seed, cast.acme, FileUse)} == {one, two}
    assert rows(seed, cast.rival, FileUse) == []


def test_uses_that_are_gone_from_the_texts_are_forgotten(put, seed, cast):
    one, two = put().id, put().id
    with seed(cast.acme) as session:
        template_id = make_template(session)
        files.note_uses(session, cast.acme.id, template_id, [f"/c/acme/files/{one}"])

    with seed(cast.acme) as session:
        files.note_uses(session, cast.acme.id, template_id, [f"/c/acme/files/{two}"])

    with seed(cast.acme) as session:
        uses = {row.id: row.uses for row in queries.list_files(session, FileFilter(), limit=9)}
        assert uses == {one: 0, two: 1}
        assert [one.name for one in queries.list_uses(session, two)] == ["Welcome"]
