"""Sending a stored file: never as a page of ours, in parts where a browser asks so, nothing when it has it already."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple
from urllib.parse import quote

from flask import Response, request

from dashboard.clients.storage import Storage
from dashboard.queries.files import FileRow

POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
_KEPT = "!#$&+-.^_`|~"  # beside letters and digits: what RFC 8187 lets stand in an extended value


class Part(NamedTuple):
    """The bytes from `start` up to and without `end`."""

    start: int
    end: int


def send_stored(file: FileRow, storage: Storage, *, is_inline: bool) -> Response:
    """Answer 200, 206, 304 or 416, by RFC 9110; `is_inline` shows a picture, anything else is always attached."""
    headers = _headers(file, is_inline=is_inline)
    if request.if_none_match.contains_weak(_tag(file)):
        return Response(status=304, headers=headers)
    part = _find_part(file) if request.method == "GET" else None
    if part is not None and part.start >= part.end:
        return Response(status=416, headers={"Content-Range": f"bytes */{file.size_bytes}", "Content-Length": "0"})
    whole = Part(0, file.size_bytes)
    start, end = part or whole
    headers |= {"Content-Length": str(end - start), "Content-Type": file.type.sent_as}
    if part is not None:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.size_bytes}"
    body = () if request.method == "HEAD" else storage.read(file.storage_key, start, end)
    return Response(body, 200 if part is None else 206, headers=headers, direct_passthrough=True)


def disposition(name: str, *, is_inline: bool = False) -> str:
    """Return the header that names a file, by RFC 6266: in ASCII for old programs, and as it is."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r'[^ -~]|["\\%/]', "_", plain).strip() or "file"
    word = "inline" if is_inline else "attachment"
    return f"{word}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe=_KEPT)}"


def _headers(file: FileRow, *, is_inline: bool) -> dict[str, str]:
    return {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",  # asked for each time, so that only members ever have it
        "Content-Disposition": disposition(file.name, is_inline=is_inline and file.type.is_shown),
        "Content-Security-Policy": POLICY,
        "ETag": f'"{_tag(file)}"',
        "X-Content-Type-Options": "nosniff",
    }


def _tag(file: FileRow) -> str:
    return file.sha256.hex()


def _find_part(file: FileRow) -> Part | None:
    """Return the one part that is asked for, an empty one when there are no such bytes; None for all."""
    asked = request.range
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return None
    if request.headers.get("If-Range", f'"{_tag(file)}"') != f'"{_tag(file)}"':
        return None
    begin, end = asked.ranges[0]
    if begin < 0:  # so many at the end
        return Part(max(0, file.size_bytes + begin), file.size_bytes)
    return Part(begin, file.size_bytes if end is None else min(end, file.size_bytes))
