"""What can be done to any registered resource: its keys, archiving, deleting, merging; and the frame of edits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard import tenancy
from dashboard.errors import Conflict, Fault, Invalid
from dashboard.models import ResourceKey
from dashboard.models.audit import Mark, MarkKind
from dashboard.models.base import MAX_NAME
from dashboard.models.resources import name_by
from dashboard.queries import keys, resources
from dashboard.queries.resources import KINDS, get_resource
from dashboard.services import audit, state
from dashboard.vocabulary.analytics import ResourceType
from dashboard.vocabulary.folding import fold
from dashboard.vocabulary.people import CompanyRef

MAX_KEYS = 50  # of one resource


@dataclass(frozen=True, slots=True)
class Change:
    """Who changes something of a company, and when; handed through all services of resources."""

    company: CompanyRef
    actor: str
    now: datetime


class Overtaken(Conflict):
    """Somebody else has changed the resource since its form was shown."""

    def __init__(self, row: Any) -> None:
        super().__init__(f"{row.title} was changed by somebody else meanwhile.", code="overtaken")
        self.row = row


# --- the frame of every change ---------------------------------------------------------------------


def lock_company(session: Session, change: Change) -> None:
    """Lock the company's state: pages and numbers change together."""
    state.lock(tenancy.connection(session, change.company.id), change.company.id)


def open_row(session: Session, change: Change, kind: ResourceType, id_: UUID, *, revision: int | None = None) -> Any:
    """Lock and return a resource; raises NotFound, and Overtaken when it is no more the revision that was seen."""
    lock_company(session, change)
    row = get_resource(session, kind, id_, lock=True)
    if revision is not None and row.revision != revision:
        raise Overtaken(row)
    return row


def finish(session: Session, change: Change, kind: ResourceType, row: Any, verb: str, **details: object) -> None:
    """Write the audit entry of a change and let open pages know."""
    record(session, change, kind, row.id, verb, name=row.title, **details)
    tell_pages(session, change)


def tell_pages(session: Session, change: Change) -> None:
    """Let open pages know; the last statement of a change."""
    session.flush()  # the version is raised last
    state.raise_version(tenancy.connection(session, change.company.id), change.company.id, change.now)


def record(session: Session, change: Change, kind: ResourceType, id_: UUID, verb: str, **details: object) -> None:
    """Write an audit entry of a resource."""
    audit.record(
        session, actor=change.actor, action=f"{kind.value}.{verb}", subject=(kind.value, str(id_)), now=change.now,
        **details,
    )  # fmt: skip


def apply_edit(row: Any, values: dict[str, object]) -> dict[str, list[object]]:
    """Set columns and raise the revision; return what differs, each with its old and new value."""
    changes = {name: [getattr(row, name), value] for name, value in values.items() if getattr(row, name) != value}
    for name, (_, value) in changes.items():
        setattr(row, name, value)
    if changes:
        row.revision += 1
    return changes


def add_mark(session: Session, change: Change, kind: MarkKind, title: str, row: Any, of: ResourceType) -> None:
    """Put a cause under the charts."""
    day = change.company.day_of(change.now)
    mark = Mark(day=day, at=change.now, kind=kind, title=title[:200], resource_type=of, resource_key=row.resource_key)
    session.add(mark)


# --- names and keys --------------------------------------------------------------------------------


def check_free(session: Session, kind: ResourceType, row_id: UUID, *, name: str | None, key: str) -> None:
    """Raise Invalid where another resource of the type has the name or the key; without a name it is a further key.

    What was merged away keeps its own key, for the day when it comes back.
    """
    faults = []
    model = KINDS[kind].model
    if name is not None and session.scalar(sa.select(model.id).where(model.name == name, model.id != row_id)):
        faults.append(Fault("name", f"There is a {kind.value} named {name!r} already."))
    owner = keys.find_owner(session, kind, key)
    other = get_resource(session, kind, owner) if owner not in {None, row_id} else None
    if other is None and name is not None:
        other = resources.find_by_own_key(session, kind, key)
    if other is not None and other.id != row_id:
        faults.append(Fault("key", f"This key belongs to {other.title} already."))
    if faults:
        raise Invalid(f"The {kind.value} was not saved.", fields=faults)


def free_key(session: Session, kind: ResourceType, name: str) -> str:
    """Return a key made of a name that nothing is named by yet."""
    base = fold(name).replace(" ", "-")[:180] or kind.value
    named = sa.select(ResourceKey.key).where(
        ResourceKey.type == kind, ResourceKey.key.startswith(base, autoescape=True)
    )
    own = KINDS[kind].own_key
    taken = {*session.scalars(named), *session.scalars(sa.select(own).where(own.startswith(base, autoescape=True)))}
    return next(key for n in range(1, len(taken) + 2) if (key := base if n == 1 else f"{base}-{n}") not in taken)


def free_name(session: Session, kind: ResourceType, name: str) -> str:
    """Return the name, with a number behind it where there is one of that name already."""
    model = KINDS[kind].model
    taken = set(session.scalars(sa.select(model.name).where(model.name.startswith(name[:80], autoescape=True))))
    return next(
        text for n in range(1, len(taken) + 2)
        if (text := name[:MAX_NAME] if n == 1 else f"{name[: MAX_NAME - 8]} ({n})") not in taken
    )  # fmt: skip


def own_key(session: Session, change: Change, kind: ResourceType, row: Any, key: str) -> None:
    """Write down that a key names a resource; `check_free` was asked before."""
    session.add(name_by(kind, row, key, at=change.now, actor=change.actor))


def take_back(session: Session, change: Change, kind: ResourceType, key: str) -> Any:
    """Let a key that names nothing name the resource again that was made with it; None where there is none."""
    known = resources.find_by_own_key(session, kind, key)
    if known is not None:
        own_key(session, change, kind, known, key)
        session.flush()
    return known


def change_own_key(session: Session, change: Change, kind: ResourceType, row: Any, key: str) -> None:
    """Replace the key that a resource was made with, as long as no mail was counted under it. Raises Invalid."""
    if key == row.key:
        return
    if keys.is_counted(session, kind, [row.key]):
        message = f"Mail was counted under {row.key!r}, so it stays. Add {key!r} as a further key instead."
        raise Invalid(f"The {kind.value} was not saved.", fields=[Fault("key", message)])
    for one in keys.list_keys(session, kind, row.id):
        if one.key in {row.key, key}:
            session.delete(one)
    row.key = key
    session.flush()  # the old key goes before the new one comes
    own_key(session, change, kind, row, key)


def add_key(session: Session, change: Change, kind: ResourceType, id_: UUID, key: str) -> None:
    """Let a further key name a resource: mail that was counted under it belongs to it from now on."""
    row = open_row(session, change, kind, id_)
    known = keys.list_keys(session, kind, id_)
    if any(one.key == key for one in known):
        raise Invalid("The key was not added.", fields=[Fault("key", "This key names it already.")])
    if len(known) >= MAX_KEYS:
        raise Invalid("The key was not added.", fields=[Fault("key", f"At most {MAX_KEYS} keys are kept.")])
    check_free(session, kind, id_, name=None, key=key)
    own_key(session, change, kind, row, key)
    finish(session, change, kind, row, "add_key", key=key)


def remove_key(session: Session, change: Change, kind: ResourceType, id_: UUID, key: str) -> None:
    """Let a further key name nothing again; its mail is then no longer counted for the resource."""
    row = open_row(session, change, kind, id_)
    if key == row.resource_key:
        raise Conflict("This is its own key, which stays.")
    for one in keys.list_keys(session, kind, id_):
        if one.key == key:
            session.delete(one)
            finish(session, change, kind, row, "remove_key", key=key)


# --- ends and beginnings ---------------------------------------------------------------------------


def archive(session: Session, change: Change, kind: ResourceType, id_: UUID) -> Any:
    """Put a resource away; its numbers stay, and it can come back."""
    row = open_row(session, change, kind, id_)
    if row.archived_at is None:
        row.archived_at = change.now
        row.revision += 1
        finish(session, change, kind, row, "archive")
    return row


def unarchive(session: Session, change: Change, kind: ResourceType, id_: UUID) -> Any:
    """Bring an archived resource back; raises Conflict when its key names another one since."""
    row = open_row(session, change, kind, id_)
    if row.archived_at is None:
        return row
    owner = keys.find_owner(session, kind, row.resource_key)
    if owner not in {None, id_}:
        other = get_resource(session, kind, owner)
        raise Conflict(f"Its key {row.resource_key} belongs to {other.title} since the two were merged.")
    if owner is None:  # it was taken away from the one that it was merged into
        own_key(session, change, kind, row, row.resource_key)
    row.archived_at = None
    row.revision += 1
    finish(session, change, kind, row, "unarchive")
    return row


def delete(session: Session, change: Change, kind: ResourceType, id_: UUID) -> bool:
    """Delete a resource that nothing hangs on, else archive it; say whether it was deleted."""
    row = open_row(session, change, kind, id_)
    if hangs_on(session, kind, row):
        archive(session, change, kind, id_)
        return False
    record(session, change, kind, row.id, "delete", name=row.title, key=row.resource_key)
    session.delete(row)
    tell_pages(session, change)
    return True


def hangs_on(session: Session, kind: ResourceType, row: Any) -> list[str]:
    """Return what keeps a resource from being deleted, as sentences; it is archived instead."""
    names = [one.key for one in keys.list_keys(session, kind, row.id)]
    found = []
    if names and keys.is_counted(session, kind, names):
        found.append(f"Mail was counted under {', '.join(names[:3])}{' and more' if len(names) > 3 else ''}.")
    if kind is ResourceType.CAMPAIGN and row.status != "draft":
        found.append("Only drafts are deleted.")
    if kind is ResourceType.DOMAIN and (count := _count_mailboxes(session, row.id)):
        found.append(f"{count} mailbox{'es belong' if count > 1 else ' belongs'} to it.")
    return found


def _count_mailboxes(session: Session, domain_id: UUID) -> int:
    mailbox = KINDS[ResourceType.MAILBOX].model
    return session.scalar(sa.select(sa.func.count()).select_from(mailbox).where(mailbox.domain_id == domain_id)) or 0


def merge(session: Session, change: Change, kind: ResourceType, id_: UUID, into: UUID) -> Any:
    """Let one resource take over all keys of another, which is archived; no number is lost or moved to another day."""
    row = open_row(session, change, kind, id_)
    target = get_resource(session, kind, into, lock=True)
    if row.id == target.id:
        raise Invalid("Nothing was merged.", fields=[Fault("into", f"Choose another {kind.value}.")])
    taken = keys.list_keys(session, kind, row.id)
    if len(taken) + len(keys.list_keys(session, kind, into)) > MAX_KEYS:
        raise Conflict(f"Together they have more than {MAX_KEYS} keys.")
    for one in taken:
        setattr(one, KINDS[kind].key_column.key, target.id)
    row.archived_at = row.archived_at or change.now
    row.revision += 1
    names = [one.key for one in taken]
    record(session, change, kind, row.id, "merge_into", name=row.title, into=target.title, keys=names)
    finish(session, change, kind, target, "merge", merged=row.title, keys=names)
    return target


def archive_many(session: Session, change: Change, kind: ResourceType, ids: Iterable[UUID]) -> int:
    """Archive those of the resources that are not archived yet; return how many."""
    lock_company(session, change)
    rows = [row for row in resources.list_by_ids(session, kind, set(ids)) if row.archived_at is None]
    for row in rows:
        row.archived_at = change.now
        row.revision += 1
        record(session, change, kind, row.id, "archive", name=row.title)
    tell_pages(session, change)
    return len(rows)
