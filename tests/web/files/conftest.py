"""A storage of its own for each test, and uploading as a browser does."""

import io

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from dashboard.clients.buckets import open_storage
from tests.buckets import bucket_url, s3_server
from tests.files import PNG, store

__all__ = ["bucket_url", "s3_server"]
PLACE = "/c/acme/files"


@pytest.fixture
def storage(app, tmp_path):
    """The app's storage: a folder with nothing in it."""
    before, app.extensions["storage"] = app.extensions["storage"], open_storage("", tmp_path / "files")
    yield app.extensions["storage"]
    app.extensions["storage"] = before


@pytest.fixture
def upload(browser, storage):
    """Upload a file as uma does, or somebody else."""

    def sent(content=PNG, name="logo.png", who="uma", field="file"):
        person = browser(who)
        fields = {"csrf_token": person.token("/account")}
        if name:
            fields[field] = FileStorage(io.BytesIO(content), name)
        boundary, body = encode_multipart(fields)
        return person.client.post(PLACE, data=body, content_type=f'multipart/form-data; boundary="{boundary}"')

    return sent


@pytest.fixture
def put(seed, storage, cast, clock):
    """Store a file without the web, and return its row."""

    def made(company=None, **options):
        with seed(company or cast.acme) as session:
            return store(session, storage, company or cast.acme, clock(), **options)

    return made
