"""Whether rows of files and stored bytes belong together; what is left over, and what is missing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from dashboard.clients.storage import MissingBytes, Storage, Stored
from dashboard.database.engine import Engines, Mode
from dashboard.database.session import open_session
from dashboard.models import File
from dashboard.vocabulary.people import CompanyRef

SETTLED = timedelta(hours=1)  # younger bytes may belong to an upload that is not done


@dataclass(frozen=True, slots=True)
class Fault:
    """A row whose bytes are missing or others, or bytes that no row has."""

    company: str
    key: str
    reason: str
    name: str = ""


@dataclass(slots=True)
class Findings:
    """What a check found."""

    files: int = 0
    missing: list[Fault] = field(default_factory=list)
    differing: list[Fault] = field(default_factory=list)
    orphans: list[Fault] = field(default_factory=list)

    @property
    def faults(self) -> list[Fault]:
        """All of them."""
        return [*self.missing, *self.differing, *self.orphans]


def check_files(
    engines: Engines, storage: Storage, companies: Iterable[CompanyRef], *, prefix: str, now: datetime, is_deep: bool
) -> Findings:
    """Compare the companies' rows with what is stored under the prefix, all of it where that is empty.

    What is stored is listed before the rows are read: then bytes without a row are left over for certain.
    """
    stored = {one.key: one for one in storage.list_stored(prefix)}
    findings, slugs = Findings(), {}
    for company in companies:
        slugs[str(company.id)] = company.slug
        for row in _list_rows(engines, company):
            findings.files += 1
            _check_row(findings, storage, company, row, stored.pop(row.storage_key, None), is_deep=is_deep)
    for one in stored.values():
        if now - one.changed_at > SETTLED:
            company_slug = slugs.get(one.key.partition("/")[0], "")
            findings.orphans.append(Fault(company_slug, one.key, f"{one.size_bytes:,} bytes without a row"))
    return findings


def remove_orphans(storage: Storage, findings: Findings) -> int:
    """Delete the bytes that no row has, and return how many there were. Rows are never deleted."""
    for one in findings.orphans:
        storage.delete(one.key)
    return len(findings.orphans)


def _list_rows(engines: Engines, company: CompanyRef) -> list[File]:
    with open_session(engines, Mode.READ, company.id) as session:
        return list(session.scalars(sa.select(File).order_by(File.id)))


def _check_row(
    findings: Findings, storage: Storage, company: CompanyRef, row: File, found: Stored | None, *, is_deep: bool
) -> None:
    size = found.size_bytes if found else storage.find_size(row.storage_key)
    if size is None:
        findings.missing.append(Fault(company.slug, row.storage_key, "its bytes are missing", row.name))
    elif size != row.size_bytes:
        reason = f"{size:,} bytes are stored, {row.size_bytes:,} were uploaded"
        findings.differing.append(Fault(company.slug, row.storage_key, reason, row.name))
    elif is_deep and _digest(storage, row.storage_key) != row.sha256:
        reason = "the stored bytes have another SHA-256"
        findings.differing.append(Fault(company.slug, row.storage_key, reason, row.name))


def _digest(storage: Storage, key: str) -> bytes:
    digest = hashlib.sha256()
    try:
        for piece in storage.read(key):
            digest.update(piece)
    except MissingBytes:
        return b""
    return digest.digest()
