"""Services meet real servers on loopback, and files the storages that they may lie in."""

import pytest

from dashboard.clients.buckets import open_storage
from tests.buckets import bucket_url, s3_server
from tests.files import store

__all__ = ["bucket_url", "s3_server"]


@pytest.fixture(params=["folder", "bucket"])
def storage(request, tmp_path):
    """A folder, and a bucket on a real S3 server."""
    url = "" if request.param == "folder" else request.getfixturevalue("bucket_url")
    return open_storage(url, tmp_path / "files")


@pytest.fixture
def put(seed, storage, cast, clock):
    """Upload a file in a transaction of its own, and return its row."""

    def made(company=None, **options):
        company = company or cast.acme
        with seed(company) as session:
            return store(session, storage, company, clock(), **options)

    return made
