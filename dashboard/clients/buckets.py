"""Uploaded bytes in a bucket that speaks S3, through obstore."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import structlog

from dashboard.clients.storage import (
    CHUNK,
    DOWN,
    LocalStorage,
    MissingBytes,
    Storage,
    StorageDown,
    Stored,
    check_key,
    limited,
)
from dashboard.config import BadSettings

if TYPE_CHECKING:
    from obstore.store import S3Store

PARALLEL = 2  # parts of one upload on their way at once, 5 MB each
TIMES: dict[str, Any] = {"connect_timeout": "5s", "timeout": "60s"}
RETRIES: dict[str, Any] = {"max_retries": 3, "retry_timeout": timedelta(seconds=15)}
OPTIONS = frozenset({"endpoint", "region", "access_key_id", "secret_access_key", "session_token"})
log = structlog.get_logger("dashboard.storage")


def open_storage(url: str, folder: Path) -> Storage:
    """Return the bucket that the address names, or without one the folder. Raises BadSettings with one sentence.

    What the query does not say (region, keys) is taken from the usual AWS_ variables of the environment.
    """
    if not url:
        return LocalStorage(folder)
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    unknown = sorted(set(options) - OPTIONS)
    if unknown:
        raise BadSettings(f"DASHBOARD_STORAGE_URL: {unknown[0]} is no option; {', '.join(sorted(OPTIONS))} are.")
    return BucketStorage(_open(parts.netloc, parts.path.strip("/"), options))


def _open(bucket: str, prefix: str, options: dict[str, Any]) -> S3Store:
    try:
        from obstore.store import S3Store
    except ImportError as error:
        raise BadSettings("DASHBOARD_STORAGE_URL: install the extra s3 (pip install 'sendscope[s3]').") from error
    endpoint = options.get("endpoint", "")
    if endpoint:
        options["virtual_hosted_style_request"] = False
    client: Any = TIMES | ({"allow_http": True} if endpoint.startswith("http://") else {})
    retries: Any = RETRIES
    return S3Store(bucket, prefix=prefix or None, client_options=client, retry_config=retries, **options)


class BucketStorage:
    """A bucket. An object appears under its key when all of it has arrived."""

    def __init__(self, store: S3Store) -> None:
        import obstore

        self._store, self._obstore = store, obstore

    def put(self, key: str, chunks: Iterable[bytes], *, most_bytes: int) -> int:
        """Store what comes, all or nothing, and return its size."""
        size = 0

        def counted() -> Iterator[bytes]:
            nonlocal size
            for chunk in limited(chunks, most_bytes):
                size += len(chunk)
                yield chunk

        with _told():
            self._obstore.put(self._store, check_key(key), counted(), use_multipart=True, max_concurrency=PARALLEL)
        return size

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Return the bytes of a range, in pieces."""
        wanted: Any = (start, end) if end is not None else {"offset": start}
        with _told():
            stream = self._obstore.get(self._store, check_key(key), options={"range": wanted}).stream(CHUNK)
        return _pieces(stream)

    def find_size(self, key: str) -> int | None:
        """Return how many bytes lie under a key, None when there is nothing."""
        try:
            with _told():
                return self._obstore.head(self._store, check_key(key))["size"]
        except MissingBytes:
            return None

    def delete(self, key: str) -> None:
        """Remove what lies under a key, if anything does."""
        with _told():
            self._obstore.delete(self._store, check_key(key))

    def list_stored(self, prefix: str = "") -> Iterator[Stored]:
        """Yield all that is stored."""
        with _told():
            for page in self._obstore.list(self._store, prefix or None):
                for one in page:
                    yield Stored(one["path"], one["size"], one["last_modified"])


def _pieces(stream: Iterable[Any]) -> Iterator[bytes]:
    with _told():
        for chunk in stream:
            yield bytes(chunk)


@contextmanager
def _told() -> Iterator[None]:
    """Give the errors of the bucket our form; what it says goes to the log only, as it may name keys."""
    from obstore.exceptions import BaseError

    try:
        yield
    except FileNotFoundError as error:
        raise MissingBytes("The bytes of this file are missing. Ask who runs this server.") from error
    except (BaseError, OSError) as error:
        log.warning("storage unavailable", error=str(error))
        raise StorageDown(DOWN, headers={"Retry-After": "5"}) from error
