"""Sources: connecting, renaming, rotating their secrets, pausing, resuming, deleting; all audited."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard import tenancy
from dashboard.errors import Conflict, Fault, Invalid, NotFound
from dashboard.models import Source
from dashboard.models.base import MAX_NAME
from dashboard.models.sources import SourceKind, SourceStatus
from dashboard.providers.base import Secret
from dashboard.providers.registry import adapters
from dashboard.queries import identity
from dashboard.services import audit, held, state
from dashboard.services.credentials import make_secret_for, speaks_through_topics
from dashboard.services.held import Released
from dashboard.services.inbox import MAX_TOPICS
from dashboard.services.vault import Vault
from dashboard.vocabulary.sources import SourceSecrets

ROTATION_OVERLAP = timedelta(days=1)
MAX_GENERIC = 100  # each is tried against a signature, so there cannot be any number of them
MAX_TOPIC = 256  # characters; that of an Amazon topic's name


class NameTaken(Conflict):
    """Another source of the company bears the name."""


@dataclass(frozen=True, slots=True)
class NewSource:
    """What somebody says of a source that is to be made; `kind` is a provider's slug."""

    kind: str
    name: str
    secret: str = ""
    public_key: str = ""


def connect_source(
    session: Session, vault: Vault, company_id: int, wanted: NewSource, *, actor: str, now: datetime
) -> tuple[Source, SourceSecrets]:
    """Make a source as add_source does, for somebody."""
    state.lock(tenancy.connection(session, company_id), company_id)
    source, shared = add_source(
        session, vault, kind=wanted.kind, name=wanted.name, secret=wanted.secret, public_key=wanted.public_key
    )
    _finish(session, company_id, source, "add", actor=actor, now=now, name=source.name, provider=source.kind)
    return source, shared


def add_source(
    session: Session,
    vault: Vault,
    *,
    kind: str,
    name: str,
    secret: str | None = None,
    public_key: str | None = None,
) -> tuple[Source, SourceSecrets]:
    """Make a source with a secret address token; a missing secret is made up where the sender lets us choose."""
    name = name.strip()
    faults = []
    if kind not in adapters():
        faults.append(Fault("provider", f"{kind!r} is not a provider. Known: {', '.join(adapters())}."))
    if not 1 <= len(name) <= MAX_NAME:
        faults.append(Fault("name", f"A name has 1 to {MAX_NAME} characters."))
    if kind == SourceKind.GENERIC and _count_generic(session) >= MAX_GENERIC:
        faults.append(Fault("provider", f"A company has at most {MAX_GENERIC} generic sources."))
    if faults:
        raise Invalid("The source was not made.", fields=faults)
    _refuse_taken(session, name)
    made = secret or make_secret_for(adapters()[kind])
    shared = SourceSecrets(secrets.token_urlsafe(24), made, public_key=public_key or "")
    source = Source(kind=kind, name=name, token_digest=identity.digest(shared.token))
    source.company_id = session.info["company_id"]
    source.sealed = vault.seal(shared)
    session.add(source)
    session.flush()  # the caller tells the id
    return source, shared


def rename_source(session: Session, company_id: int, source_id: int, name: str, *, actor: str, now: datetime) -> Source:
    """Give a source another name; its numbers bear it from then on."""
    source = _begin(session, company_id, source_id)
    name, old = name.strip(), source.name
    if not 1 <= len(name) <= MAX_NAME:
        raise Invalid("The source was not renamed.", fields=[Fault("name", f"A name has 1 to {MAX_NAME} characters.")])
    if name != old:
        _refuse_taken(session, name)
        source.name = name
        _finish(session, company_id, source, "rename", actor=actor, now=now, old=old, new=name)
    return source


def rotate_secret(
    session: Session, vault: Vault, company_id: int, source_id: int, *, pasted: str = "", actor: str, now: datetime
) -> SourceSecrets:
    """Give a source a new secret or public key; the old one stays valid for ROTATION_OVERLAP.

    Where the provider makes them, `pasted` is its new one; where we may choose, nothing pasted has one made.
    """
    source = _begin(session, company_id, source_id)
    adapter = adapters().get(source.kind)
    if adapter is None or source.sealed is None or adapter.guide.secret is Secret.NONE:
        raise Conflict("This source has no secret of its own.")
    is_key = adapter.guide.secret is Secret.PUBLIC_KEY
    old = vault.open(source.sealed)
    fresh = pasted or make_secret_for(adapter)
    if not fresh:
        raise _unfit("Paste the new one; the provider shows it.")
    if fresh == (old.public_key if is_key else old.secret):
        raise _unfit("This is the one in use already.")
    if is_key:
        changed = replace(old, public_key=fresh, old_public_key=old.public_key, old_until=now + ROTATION_OVERLAP)
    else:
        changed = replace(old, secret=fresh, old_secret=old.secret, old_until=now + ROTATION_OVERLAP)
    source.sealed = vault.seal(changed)
    _finish(session, company_id, source, "rotate", actor=actor, now=now, name=source.name)
    return changed


def pin_topics(
    session: Session, company_id: int, source_id: int, topics: list[str], *, actor: str, now: datetime
) -> Source:
    """Say which topics may speak to a source; without any, the first one that does is kept."""
    source = _begin(session, company_id, source_id)
    adapter = adapters().get(source.kind)
    if adapter is None or not speaks_through_topics(adapter):
        raise Conflict("This source has no topics.")
    if len(topics) > MAX_TOPICS or any(len(topic) > MAX_TOPIC for topic in topics):
        fault = Fault("topics", f"At most {MAX_TOPICS} topics of at most {MAX_TOPIC} characters are kept.")
        raise Invalid("The topics were not kept.", fields=[fault])
    others = {key: value for key, value in source.config.items() if key != "topics"}
    source.config = others | ({"topics": topics} if topics else {})
    _finish(session, company_id, source, "pin_topics", actor=actor, now=now, name=source.name, topics=topics)
    return source


def pause_source(session: Session, company_id: int, source_id: int, *, actor: str, now: datetime) -> Source:
    """Hold what comes from now on; it is counted when the source is resumed."""
    source = _begin(session, company_id, source_id)
    if source.status is SourceStatus.PAUSED:
        raise Conflict(f"{source.name} is paused already.")
    source.status = SourceStatus.PAUSED
    _finish(session, company_id, source, "pause", actor=actor, now=now, name=source.name)
    return source


def resume_source(session: Session, company_id: int, source_id: int, *, actor: str, now: datetime) -> Released:
    """Count again what comes, and first what was held."""
    source = _begin(session, company_id, source_id)
    if source.status is not SourceStatus.PAUSED:
        raise Conflict(f"{source.name} is not paused.")
    source.status = SourceStatus.ACTIVE
    session.flush()  # before the raw statements of what follows
    released = held.release(session, company_id, source_id, now=now)
    _finish(session, company_id, source, "resume", actor=actor, now=now, name=source.name, held=released.total)
    return released


def delete_source(session: Session, company_id: int, source_id: int, *, actor: str, now: datetime) -> Source:
    """End a source: its address and secrets go, its numbers stay and bear its name with a mark; the name is free."""
    source = _begin(session, company_id, source_id)
    check_deletable(source)
    name = source.name
    source.name = _name_of_deleted(session, name)
    source.status = SourceStatus.DELETED
    source.sealed = source.token_digest = None
    _finish(session, company_id, source, "delete", actor=actor, now=now, name=name)
    return source


def check_deletable(source: Source) -> None:
    """Raise Conflict for the one source that cannot be deleted."""
    if source.kind == SourceKind.API:
        raise Conflict("All API keys write to this source, so it stays. Revoke the keys, or pause it.")


def _begin(session: Session, company_id: int, source_id: int) -> Source:
    """Lock the company's state, then the source. Raises NotFound for a deleted one, too."""
    state.lock(tenancy.connection(session, company_id), company_id)
    source = session.scalar(
        sa.select(Source).where(Source.id == source_id, Source.status != SourceStatus.DELETED).with_for_update()
    )
    if source is None:
        raise NotFound("There is no such source.")
    return source


def _finish(
    session: Session, company_id: int, source: Source, verb: str, *, actor: str, now: datetime, **details: object
) -> None:
    audit.record(
        session, actor=actor, action=f"source.{verb}", subject=("source", str(source.id)), now=now, **details
    )  # fmt: skip
    session.flush()  # the version is raised last
    state.raise_version(tenancy.connection(session, company_id), company_id, now)


def _refuse_taken(session: Session, name: str) -> None:
    if session.scalar(sa.select(Source.id).where(Source.name == name)):
        raise NameTaken(f"There is a source named {name!r} already.")


def _count_generic(session: Session) -> int:
    is_generic = sa.and_(Source.kind == SourceKind.GENERIC, Source.status != SourceStatus.DELETED)
    return session.scalar(sa.select(sa.func.count()).select_from(Source).where(is_generic)) or 0


def _name_of_deleted(session: Session, name: str) -> str:
    taken = set(session.scalars(sa.select(Source.name)))
    number = 1
    while True:
        mark = " (deleted)" if number == 1 else f" (deleted {number})"
        marked = name[: MAX_NAME - len(mark)] + mark
        if marked not in taken:
            return marked
        number += 1


def _unfit(message: str) -> Invalid:
    return Invalid("The secret was not changed.", fields=[Fault("secret", message)])
