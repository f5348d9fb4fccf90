"""What tests of files share: small files of every type, uploading one, and looking at what is stored."""

from __future__ import annotations

import io
import zipfile
from typing import Any, BinaryIO
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard.clients.storage import Storage
from dashboard.models import File, Template, User
from dashboard.queries import files as queries
from dashboard.services import files
from dashboard.services.files import Upload
from dashboard.vocabulary.analytics import ResourceType
from dashboard.vocabulary.people import CompanyRef, Member, Person
from dashboard.vocabulary.roles import Role
from tests.factories import register

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(200))
SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


def archive(*names: str) -> bytes:
    """Return a ZIP file with something under each of the names."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as opened:
        for name in names:
            opened.writestr(name, "<x/>")
    return made.getvalue()


def find_member(session: Session, company: CompanyRef, now: Any, who: str = "uma") -> Member:
    """Return a member of the cast as a request would know them."""
    user = session.scalars(sa.select(User).where(User.email == f"{who}@{company.slug}.test")).one()
    person = Person(user.id, user.email, user.name, "system", None)
    return Member(person, company, Role.USER, 1, now, None)


def store(
    session: Session, storage: Storage, company: CompanyRef, now: Any, *,
    content: bytes | BinaryIO = PNG, name: str = "logo.png", who: str = "uma",
) -> File:  # fmt: skip
    """Upload a file as somebody would."""
    file = io.BytesIO(content) if isinstance(content, bytes) else content
    member = find_member(session, company, now, who)
    return files.upload_file(
        session, storage, Upload(name, file), member=member, usage=queries.get_usage(session), now=now
    )


def make_template(session: Session, name: str = "Welcome", key: str = "") -> UUID:
    """Add a template to the session's company, and return its id."""
    row = Template(key=key or name.lower(), name=name, subject="Hello", content="<p>Hello</p>")
    return register(session, ResourceType.TEMPLATE, row).id


def keys_in(storage: Storage) -> list[str]:
    """Return the keys of all that is stored."""
    return [one.key for one in storage.list_stored()]


class Kill(BaseException):
    """The end of a process, as far as a test can tell."""
