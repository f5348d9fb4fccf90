"""A real S3 server on loopback, and new buckets on it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import count

import httpx
import pytest

_NUMBERS = count(1)
_SIGNED = "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=x"


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of the server."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket_url(s3_server: str) -> str:
    """The setting that names a new bucket, with a prefix."""
    name = f"files-{next(_NUMBERS)}"
    httpx.put(f"{s3_server}/{name}", headers={"Authorization": _SIGNED}).raise_for_status()
    keys = "region=us-east-1&access_key_id=a&secret_access_key=b"
    return f"s3://{name}/pre/fix?endpoint={s3_server}&{keys}"
