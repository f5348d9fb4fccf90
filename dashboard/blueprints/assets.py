"""Static files: named with the digest of their bytes and kept by browsers for ever; compressed once."""

from __future__ import annotations

import hashlib
import mimetypes
import os
from functools import lru_cache
from pathlib import Path

import brotli
from flask import Blueprint, Response, request, url_for
from werkzeug.security import safe_join

from dashboard.errors import NotFound
from dashboard.permissions import public

blueprint = Blueprint("assets", __name__)

FOLDER = Path(__file__).parents[1] / "static"
FOREVER = "public, max-age=31536000, immutable"
_COMPRESSIBLE = (".css", ".js", ".svg")


@blueprint.get("/static/<path:name>")
@public
def file(name: str) -> Response:
    """Send a file of the static folder; `?v=` with its digest, or a vendored path with its version, is for ever."""
    body, digest, media_type = _load(name)
    is_forever = name.startswith("vendor/") or request.args.get("v") == digest
    is_small = request.accept_encodings.quality("br") > 0 and name.endswith(_COMPRESSIBLE)
    response = Response(_compressed(name) if is_small else body, content_type=media_type)
    response.headers["Cache-Control"] = FOREVER if is_forever else "public, no-cache"
    response.headers["Vary"] = "Accept-Encoding"
    if is_small:
        response.headers["Content-Encoding"] = "br"
    response.set_etag(digest + ("-br" if is_small else ""))
    return response.make_conditional(request)  # type: ignore[return-value]  # werkzeug says BaseResponse


def static(name: str) -> str:
    """Return the address of a static file, with its digest."""
    if name.startswith("vendor/"):
        return url_for("assets.file", name=name)
    return url_for("assets.file", name=name, v=_load(name)[1])


@lru_cache(maxsize=256)
def _load(name: str) -> tuple[bytes, str, str]:
    path = safe_join(str(FOLDER), name)
    if path is None or not os.path.isfile(path):  # noqa: PTH113  # Path's raises for a name that is too long
        raise NotFound
    body = Path(path).read_bytes()
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if media_type.startswith("text/") or name.endswith(".js"):
        media_type += "; charset=utf-8"
    return body, hashlib.sha256(body).hexdigest()[:12], media_type


@lru_cache(maxsize=256)
def _compressed(name: str) -> bytes:
    compressed: bytes = brotli.compress(_load(name)[0], quality=9)
    return compressed
