"""Mailboxes: making and editing them, and their states."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from dashboard.errors import Conflict, Fault, Invalid
from dashboard.models import Domain, Mailbox
from dashboard.models.audit import MarkKind
from dashboard.models.mailboxes import MailboxStatus
from dashboard.queries import keys as key_queries
from dashboard.queries import mailboxes as queries
from dashboard.queries.resources import get_resource, list_by_ids
from dashboard.services import resources
from dashboard.services.resources import Change
from dashboard.vocabulary.analytics import ResourceType
from dashboard.vocabulary.people import CompanyRef
from dashboard.vocabulary.warmup import Plan, fitted

KIND = ResourceType.MAILBOX
DEFAULT_LIMIT = 50  # where none is said
# Printable text without blanks, one @, a name with a dot behind it: what resource keys are once they are normal.
ADDRESS = re.compile(r"[^\s@\"(),:;<>\[\]\\]{1,64}@[^\s@]{1,253}")

# What can be done to a mailbox: verb → (from, to, what it is called when it was done).
MOVES = {
    "activate": ((MailboxStatus.INACTIVE, MailboxStatus.SUSPENDED), MailboxStatus.ACTIVE, "activated"),
    "deactivate": ((MailboxStatus.ACTIVE, MailboxStatus.SUSPENDED), MailboxStatus.INACTIVE, "deactivated"),
    "suspend": ((MailboxStatus.ACTIVE, MailboxStatus.INACTIVE), MailboxStatus.SUSPENDED, "suspended"),
}


@dataclass(frozen=True, slots=True)
class MailboxValues:
    """What people choose of a mailbox; checked by the form. The plan is kept when the warm-up is switched off."""

    email: str
    name: str
    daily_limit: int
    tracks_replies: bool = False
    is_warming_up: bool = False
    warm_up: dict[str, Any] | None = None
    warm_up_since: date | None = None


_NAMES = tuple(one.name for one in fields(MailboxValues))


def columns_of(values: MailboxValues) -> dict[str, Any]:
    """Return the values by column."""
    return {name: getattr(values, name) for name in _NAMES}


class NoDomain(Invalid):
    """The domain of an address is not registered in the company."""

    def __init__(self, domain: str, company: CompanyRef) -> None:
        sentence = f"{domain} is not a domain of {company.name} yet. Register the domain first."
        super().__init__("The mailbox was not saved.", fields=[Fault("email", sentence)])
        self.domain = domain


def values_of(mailbox: Mailbox) -> MailboxValues:
    """Return what people chose of a mailbox."""
    return MailboxValues(
        mailbox.email, mailbox.name, mailbox.daily_limit, mailbox.tracks_replies, mailbox.is_warming_up,
        mailbox.warm_up, mailbox.warm_up_since,
    )  # fmt: skip


def plan_of(mailbox: Mailbox) -> Plan | None:
    """Return the plan of a mailbox that is warming up."""
    return Plan.read(mailbox.warm_up) if mailbox.is_warming_up and mailbox.warm_up else None


def standing(mailbox: Mailbox) -> str:
    """Return why a mailbox may send nothing at all, or nothing."""
    if mailbox.archived_at is not None:
        return "the mailbox is archived"
    return "" if mailbox.status is MailboxStatus.ACTIVE else f"the mailbox is {mailbox.status.value}"


def moves_of(mailbox: Mailbox) -> list[str]:
    """Return the verbs that its state allows."""
    if mailbox.archived_at is not None:
        return []
    return [verb for verb, (froms, _, _) in MOVES.items() if mailbox.status in froms]


# --- making and editing ----------------------------------------------------------------------------


def create_mailbox(
    session: Session, change: Change, id_: UUID, values: MailboxValues, status: MailboxStatus = MailboxStatus.ACTIVE
) -> tuple[Mailbox, bool]:
    """Make a mailbox under an id that its form brought; the second of two equal requests makes nothing.

    Raises NoDomain where its domain is not registered, and Invalid for an address that is taken.
    """
    resources.lock_company(session, change)
    known = session.get(Mailbox, (change.company.id, id_))
    if known is not None:
        return known, False
    check_address(session, id_, values.email)
    values = _begun(values, change)
    mailbox = Mailbox(
        id=id_, status=status, domain_id=_domain_of(session, change, values.email).id, **columns_of(values)
    )
    add_mailbox(session, change, mailbox)
    resources.finish(session, change, KIND, mailbox, "create", values=_written(values))
    return mailbox, True


def add_mailbox(session: Session, change: Change, mailbox: Mailbox) -> None:
    """Add a mailbox with its key."""
    session.add(mailbox)
    session.flush()  # its key refers to it
    resources.own_key(session, change, KIND, mailbox, mailbox.email)


def edit_mailbox(
    session: Session, change: Change, id_: UUID, values: MailboxValues, *, revision: int | None,
    status: MailboxStatus | None = None,
) -> Mailbox:  # fmt: skip
    """Change what people choose; raises Overtaken, NoDomain, and Invalid for what is taken or cannot be changed."""
    mailbox: Mailbox = resources.open_row(session, change, KIND, id_, revision=revision)
    old = values_of(mailbox)
    values = _begun(values, change)
    changes: dict[str, list[object]] = {}
    if values.email != mailbox.email:
        check_address(session, id_, values.email)
        domain = _domain_of(session, change, values.email)
        _readdress(session, change, mailbox, values.email, domain)
        changes["email"] = [old.email, values.email]
    rest = {name: value for name, value in columns_of(values).items() if name != "email"}
    changes |= resources.apply_edit(mailbox, rest)
    if status is not None and status is not mailbox.status:
        _move(session, change, mailbox, verb_to(mailbox, status), "")
    elif not changes:
        return mailbox
    if changes:
        _mark_limit(session, change, mailbox, old.daily_limit)
        resources.record(session, change, KIND, mailbox.id, "edit", name=mailbox.title, changes=written(changes))
    resources.tell_pages(session, change)
    return mailbox


def check_address(session: Session, id_: UUID, email: str) -> None:
    """Raise Invalid where the address names another mailbox."""
    owner = key_queries.find_owner(session, KIND, email)
    if owner in {None, id_}:
        owner = next((row.id for row in queries.list_by_email(session, [email]).values()), None)
    if owner not in {None, id_}:
        other = get_resource(session, KIND, owner)
        whose = "There is a mailbox with this address" if other.email == email else f"This key belongs to {other.email}"
        hint = ", in the archive." if other.archived_at is not None else " already."
        raise Invalid("The mailbox was not saved.", fields=[Fault("email", whose + hint)])


def _domain_of(session: Session, change: Change, email: str) -> Domain:
    name = email.rpartition("@")[2]
    domain = queries.find_domain(session, name)
    if domain is None:
        raise NoDomain(name, change.company)
    return domain


def _readdress(session: Session, change: Change, mailbox: Mailbox, email: str, domain: Domain) -> None:
    """Give a mailbox another address, as long as no mail was counted under its own."""
    old = mailbox.email
    if key_queries.is_counted(session, KIND, [old]):
        message = f"Mail was counted under {old}, so it stays. Add {email} as a further key instead."
        raise Invalid("The mailbox was not saved.", fields=[Fault("email", message)])
    for one in key_queries.list_keys(session, KIND, mailbox.id):
        if one.key in {old, email}:
            session.delete(one)
    mailbox.email, mailbox.domain_id = email, domain.id
    mailbox.revision += 1
    session.flush()  # the old key goes before the new one comes
    resources.own_key(session, change, KIND, mailbox, email)


def _begun(values: MailboxValues, change: Change) -> MailboxValues:
    """Return the values with the day on which a warm-up begins, today where none is said, and a plan that fits."""
    if not values.is_warming_up:
        return values
    return fit_plan(replace(values, warm_up_since=values.warm_up_since or change.company.day_of(change.now)))


def fit_plan(values: MailboxValues) -> MailboxValues:
    """Return the values with a warm-up plan that leads to the daily limit, where it is one of those that do."""
    if not values.is_warming_up or not values.warm_up:
        return values
    return replace(values, warm_up=fitted(Plan.read(values.warm_up), values.daily_limit).write())


def _mark_limit(session: Session, change: Change, mailbox: Mailbox, old: int) -> None:
    if mailbox.daily_limit != old:
        title = f"{mailbox.email}: daily limit {old:,} → {mailbox.daily_limit:,}"
        resources.add_mark(session, change, MarkKind.LIMIT, title, mailbox, KIND)


def _written(values: MailboxValues) -> dict[str, object]:
    since = values.warm_up_since.isoformat() if values.warm_up_since else None
    return columns_of(values) | {"warm_up_since": since}


def written(changes: dict[str, list[object]]) -> dict[str, list[object]]:
    """Return changes as the audit log keeps them: plans in a line, days as text."""
    return {name: [_line(name, value) for value in pair] for name, pair in changes.items()}


def _line(name: str, value: Any) -> object:
    if name == "warm_up" and value:
        return Plan.read(value).text
    return value.isoformat() if isinstance(value, date) else value


# --- states ----------------------------------------------------------------------------------------


def move_mailbox(session: Session, change: Change, id_: UUID, verb: str, *, reason: str = "") -> Mailbox:
    """Change a mailbox's state; raises Conflict with a sentence where its state does not allow it."""
    mailbox: Mailbox = resources.open_row(session, change, KIND, id_)
    _move(session, change, mailbox, verb, reason)
    resources.tell_pages(session, change)
    return mailbox


def move_many(session: Session, change: Change, ids: Iterable[UUID], verb: str, *, reason: str = "") -> tuple[int, int]:
    """Change the state of all that allow it; return how many were changed and how many were left as they are."""
    resources.lock_company(session, change)
    rows = list_by_ids(session, KIND, set(ids))
    fitting = [row for row in rows if verb in moves_of(row)]
    for row in fitting:
        _move(session, change, row, verb, reason)
    resources.tell_pages(session, change)
    return len(fitting), len(rows) - len(fitting)


def verb_to(mailbox: Mailbox, status: MailboxStatus) -> str:
    """Return what leads from a mailbox's state to another."""
    return next(verb for verb, (froms, to, _) in MOVES.items() if to is status and mailbox.status in froms)


def _move(session: Session, change: Change, mailbox: Mailbox, verb: str, reason: str) -> None:
    froms, to, done = MOVES[verb]
    if mailbox.archived_at is not None:
        raise Conflict(f"{mailbox.email} is archived. Bring it back first.")
    if mailbox.status not in froms:
        raise Conflict(f"{mailbox.email} is {mailbox.status.value} already; it cannot be {done} again.")
    old, mailbox.status = mailbox.status, to
    mailbox.revision += 1
    resources.record(
        session, change, KIND, mailbox.id, verb, name=mailbox.email, old=old.value, new=to.value, reason=reason
    )
    title = f"{mailbox.email} was {done}{f': {reason}' if reason else ''}"
    resources.add_mark(session, change, MarkKind.PAUSE, title, mailbox, KIND)
