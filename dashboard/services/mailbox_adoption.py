"""Registering mailboxes for addresses that were seen in mail, and their domains with them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from dashboard.models import Mailbox
from dashboard.models.mailboxes import MailboxStatus
from dashboard.queries import keys as key_queries
from dashboard.queries import mailboxes as queries
from dashboard.services import domains, resources
from dashboard.services.mailboxes import ADDRESS, DEFAULT_LIMIT, KIND, add_mailbox
from dashboard.services.resources import Change


def why_not(session: Session, key: str) -> str | None:
    """Return why a key that was seen in mail cannot become a mailbox; None when it can."""
    if not ADDRESS.fullmatch(key):
        return f"{key} was left: it is no e-mail address."
    name = key.rpartition("@")[2]
    reason = domains.why_not(session, name) if queries.find_domain(session, name) is None else None
    return f"{key} was left because of its domain: {reason.partition(': ')[2]}" if reason else None


def adopt_keys(session: Session, change: Change, keys: Iterable[str]) -> list[Mailbox]:
    """Register mailboxes for addresses that were seen in mail, and their domains, as pending, where they are new.

    Keys that name a mailbox already, or that `why_not` gives a reason against, are passed over.
    """
    resources.lock_company(session, change)
    new = [key for key in dict.fromkeys(keys) if key_queries.find_owner(session, KIND, key) is None]
    made = [_adopt(session, change, key) for key in new if why_not(session, key) is None]
    resources.tell_pages(session, change)
    return made


def _adopt(session: Session, change: Change, key: str) -> Mailbox:
    known: Mailbox | None = resources.take_back(session, change, KIND, key)
    if known is not None:  # its key was taken away or merged, and mail came under it since
        return known
    name = key.rpartition("@")[2]
    domain = queries.find_domain(session, name) or domains.adopt_keys(session, change, [name])[0]
    mailbox = Mailbox(
        id=uuid7(), email=key, name=key.partition("@")[0][:100], domain_id=domain.id, daily_limit=DEFAULT_LIMIT,
        status=MailboxStatus.ACTIVE,
    )  # fmt: skip
    add_mailbox(session, change, mailbox)
    resources.record(session, change, KIND, mailbox.id, "adopt", name=mailbox.email, key=key)
    return mailbox
