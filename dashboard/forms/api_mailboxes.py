"""Mailboxes as programs send them, in camelCase."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from dashboard.forms.api_resources import DailyLimit, Name, Revision
from dashboard.forms.mailboxes import read_address, read_plan
from dashboard.forms.reading import Form
from dashboard.models.mailboxes import MailboxStatus
from dashboard.services.mailboxes import DEFAULT_LIMIT, MailboxValues
from dashboard.vocabulary.warmup import MOST_A_DAY


def _address(value: Any) -> Any:
    return read_address(value) if isinstance(value, str) else value


def _plan(value: Any) -> Any:
    read_plan(value, MOST_A_DAY)
    return value


def _status(value: Any) -> Any:
    if not isinstance(value, str) or value not in set(MailboxStatus):
        raise ValueError(f"must be one of {', '.join(MailboxStatus)}")
    return MailboxStatus(value)


Status = Annotated[MailboxStatus, BeforeValidator(_status)]
Address = Annotated[str, BeforeValidator(_address)]
WarmUp = Annotated[dict[str, Any] | None, BeforeValidator(_plan)]


class NewMailbox(Form):
    """`POST /api/mailboxes`. A warm-up is a preset by its name, or a plan of one's own."""

    companyId: str | None = None  # noqa: N815  # the API speaks camelCase
    email: Address
    name: Name | None = None
    dailyLimit: DailyLimit = DEFAULT_LIMIT  # noqa: N815
    status: Status = MailboxStatus.ACTIVE
    tracksReplies: bool = False  # noqa: N815
    warmUp: WarmUp = None  # noqa: N815

    def values(self) -> MailboxValues:
        """Return what a mailbox is made of."""
        plan, name = read_plan(self.warmUp, self.dailyLimit), self.name or self.email.partition("@")[0]
        return MailboxValues(
            self.email, name, self.dailyLimit, self.tracksReplies, plan is not None, plan.write() if plan else None
        )


class MailboxPatch(Form):
    """`PATCH /api/mailboxes/<id>`: what changes; null ends a warm-up, a revision refuses an edit of an older one."""

    companyId: str | None = None  # noqa: N815
    email: Address | None = None
    name: Name | None = None
    dailyLimit: DailyLimit | None = None  # noqa: N815
    status: Status | None = None
    reason: Annotated[str, Field(max_length=150)] = ""
    tracksReplies: bool | None = None  # noqa: N815
    warmUp: WarmUp = None  # noqa: N815
    archived: bool | None = None
    revision: Revision | None = None

    def merge(self, old: MailboxValues) -> MailboxValues:
        """Return the values with what changes. A plan that replaces another goes on from the day that one began."""
        limit = old.daily_limit if self.dailyLimit is None else self.dailyLimit
        plan, is_warming_up = old.warm_up, old.is_warming_up
        since = old.warm_up_since if old.is_warming_up else None
        if "warmUp" in self.model_fields_set:
            wanted = read_plan(self.warmUp, limit)
            plan, is_warming_up = (wanted.write(), True) if wanted else (old.warm_up, False)
        return MailboxValues(
            self.email or old.email, self.name or old.name, limit,
            old.tracks_replies if self.tracksReplies is None else self.tracksReplies, is_warming_up, plan,
            since if is_warming_up else old.warm_up_since,
        )  # fmt: skip
