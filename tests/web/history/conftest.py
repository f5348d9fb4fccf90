"""A source and its page of uploads, and uploading to it."""

import io

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from dashboard.services import uploads
from tests.factories import make_source
from tests.uploads import lines

THREE = lines(3)


@pytest.fixture
def source(engines, cast, vault):
    """The number of a generic source of acme."""
    return make_source(engines, vault, cast.acme)[0]


@pytest.fixture
def path(source):
    """The page on which its history is uploaded."""
    return f"/c/acme/sources/{source}/history"


@pytest.fixture
def kept(app):
    """The folder in which uploads are kept; empty again after the test."""
    folder = uploads.folder_in(app.extensions["settings"].instance)
    yield folder
    for one in folder.glob("*"):
        one.unlink()


@pytest.fixture
def upload(browser, path, kept):
    """Upload a file as ada does, or somebody else."""

    def sent(content=THREE, name="march.jsonl", who="ada"):
        person = browser(who)
        fields = {"csrf_token": person.token(path if who == "ada" else "/account")}
        if name:
            fields["file"] = FileStorage(io.BytesIO(content), name)
        boundary, body = encode_multipart(fields)
        return person.client.post(path, data=body, content_type=f'multipart/form-data; boundary="{boundary}"')

    return sent
