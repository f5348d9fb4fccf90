"""Uploading files: the row and its bytes, whatever happens between them, and the room for them."""

from __future__ import annotations

import hashlib
import io
import threading

import pytest
import sqlalchemy as sa

from dashboard.database.engine import Mode
from dashboard.database.session import open_session
from dashboard.errors import Invalid, TooLarge
from dashboard.models import AuditEntry, Company, File
from dashboard.queries import files as queries
from dashboard.queries.files import Usage
from dashboard.services import files
from dashboard.services.files import MAX_FILE_BYTES, Upload
from dashboard.tenancy import WrongCompany
from tests.files import PNG, Kill, find_member, keys_in, store


@pytest.fixture
def set_quota(seed):
    def done(company, quota_bytes):
        with seed() as session:
            session.get(Company, company.id).file_quota_bytes = quota_bytes

    return done


def rows(seed, company, model=File):
    with seed(company) as session:
        return list(session.scalars(sa.select(model)))


# --- uploading -------------------------------------------------------------------------------------


def test_size_digest_and_type_are_measured(put, storage):
    row = put(content=PNG, name="C:\\pictures\\Logo.txt")

    assert (row.name, row.media_type, row.size_bytes) == ("Logo.txt", "image/png", len(PNG))
    assert row.sha256 == hashlib.sha256(PNG).digest()
    assert b"".join(storage.read(row.storage_key)) == PNG


def test_key_of_the_storage_holds_nothing_of_the_name(put, cast):
    row = put(name="secret plan.png")

    company, _, rest = row.storage_key.partition("/")
    assert (company, len(rest)) == (str(cast.acme.id), 32)
    assert rest.isalnum()


def test_upload_is_in_the_audit_log(put, seed, cast):
    row = put()

    (entry,) = [one for one in rows(seed, cast.acme, AuditEntry) if one.action == "file.upload"]
    assert (entry.actor, entry.subject_type, entry.subject_key) == ("uma@acme.test", "file", str(row.id))
    assert entry.details == {"name": "logo.png", "size_bytes": len(PNG), "sha256": row.sha256.hex()}


def test_two_files_of_the_same_name_are_two_files(put, storage):
    put()
    put()

    assert len(keys_in(storage)) == 2


@pytest.mark.parametrize("size", [MAX_FILE_BYTES + 1, MAX_FILE_BYTES * 2])
def test_file_beyond_the_limit_is_refused_before_it_travels(put, storage, size):
    with pytest.raises(Invalid, match="At most 25 MB are taken"):
        put(content=PNG + bytes(size - len(PNG)))

    assert keys_in(storage) == []


def test_file_that_grows_on_the_way_is_stopped_at_the_limit(put, storage, seed, cast):
    class Growing(io.BytesIO):
        def seek(self, offset, whence=0):
            return len(PNG) if whence else super().seek(offset, whence)

    with pytest.raises(TooLarge):
        put(content=Growing(PNG + bytes(MAX_FILE_BYTES)))

    assert (keys_in(storage), rows(seed, cast.acme)) == ([], [])


def test_refused_row_takes_its_bytes_along(seed, storage, cast, clock):
    upload, usage = Upload("x.png", io.BytesIO(PNG)), Usage(0, 0, 10**9)
    with seed(cast.acme) as session:
        stranger = find_member(session, cast.acme, clock())

    with seed(cast.rival) as session, pytest.raises(WrongCompany):
        files.upload_file(session, storage, upload, member=stranger, usage=usage, now=clock())

    assert keys_in(storage) == []


def test_end_between_bytes_and_row_leaves_bytes_without_a_row(seed, storage, cast, clock):
    class Ended(type(storage)):
        def put(self, *arguments, **options):
            super().put(*arguments, **options)
            raise Kill

    storage.__class__ = Ended

    with seed(cast.acme) as session, pytest.raises(Kill):
        store(session, storage, cast.acme, clock())

    assert (len(keys_in(storage)), rows(seed, cast.acme)) == (1, [])


# --- room ------------------------------------------------------------------------------------------


def test_file_that_fits_exactly_is_taken_and_the_next_byte_is_not(put, set_quota, cast):
    set_quota(cast.acme, 2 * len(PNG))
    put()
    put()

    with pytest.raises(Invalid, match=r"are left\. Delete files that are no longer used"):
        put(content=b"x", name="x.txt")


def test_company_without_a_quota_of_its_own_has_the_usual_one(seed, cast, put):
    put()

    with seed(cast.acme) as session:
        assert queries.get_usage(session) == Usage(1, len(PNG), 1_000_000_000)


def test_quota_of_nothing_takes_nothing(put, set_quota, cast):
    set_quota(cast.acme, 0)

    with pytest.raises(Invalid):
        put()


def test_files_of_another_company_take_no_room(put, set_quota, cast):
    set_quota(cast.acme, len(PNG))
    put(cast.rival, who="rex")

    assert put().size_bytes == len(PNG)


def test_two_uploads_at_once_do_not_pass_the_quota_together(engines, storage, cast, clock, set_quota, seed):
    set_quota(cast.acme, len(PNG) * 3 // 2)
    with open_session(engines, Mode.READ, cast.acme.id) as session:
        usage, member = queries.get_usage(session), find_member(session, cast.acme, clock())
    both_stored, refused = threading.Barrier(2, timeout=20), []

    class Meeting(io.BytesIO):
        """Its last piece is read when the other's is: both were let in while there was room."""

        def read(self, size=-1):
            piece = super().read(size)
            if not piece and self.tell() == len(PNG):
                both_stored.wait()
            return piece

    def upload():
        with open_session(engines, Mode.WRITE, cast.acme.id) as session:
            try:
                upload = Upload("x.png", Meeting(PNG))
                files.upload_file(session, storage, upload, member=member, usage=usage, now=clock())
                session.commit()
            except Invalid as error:
                refused.append(error.message)

    threads = [threading.Thread(target=upload) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(refused) == 1
    assert len(rows(seed, cast.acme)) == len(keys_in(storage)) == 1
