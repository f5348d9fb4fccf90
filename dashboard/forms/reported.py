"""Reported numbers as programs send them: one update, or a list of them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationInfo

from dashboard.errors import Fault, Invalid
from dashboard.forms.reading import Form, read, refuse_suspect, require_object
from dashboard.forms.values import ReportableType, ReportedDay, parse_key
from dashboard.services.reported import MAX_BATCH
from dashboard.vocabulary.analytics import ReportedNumbers, ResourceType
from dashboard.vocabulary.metrics import MAX_COUNT, SIX, Metrics

Count = Annotated[int, Field(ge=0, le=MAX_COUNT)]


class SixCounts(Form):
    """All six are required: a missing number means "not reported", and must not overwrite one with zero."""

    sent: Count
    delivered: Count
    opened: Count
    clicked: Count
    replied: Count
    bounced: Count


def _check_key(value: str, info: ValidationInfo) -> str:
    return parse_key(info.data.get("type", ""), value)


class Update(Form):
    """One day's numbers of one resource, by the names of the seed's API."""

    type: ReportableType
    resourceId: Annotated[str, AfterValidator(_check_key)]  # noqa: N815
    metrics: SixCounts
    date: ReportedDay

    def numbers(self) -> ReportedNumbers:
        """Return the plain value."""
        counts = (getattr(self.metrics, name) for name in SIX)
        return ReportedNumbers(ResourceType(self.type), self.resourceId, self.date, Metrics(*counts))


class Single(Update):
    """One update that may also name its company."""

    companyId: str | None = None  # noqa: N815


class Batch(Form):
    """Up to MAX_BATCH updates, all or nothing."""

    companyId: str | None = None  # noqa: N815
    updates: Annotated[list[Update], Field(max_length=MAX_BATCH)]


class SignedUpdate(Update):
    """One update of a webhook, which says whose secret signed it."""

    companyId: str  # noqa: N815


class SignedBatch(Batch):
    """Updates of a webhook, which says whose secret signed them."""

    companyId: str  # noqa: N815


def read_update(body: Any, *, today: date, shape: type[Update] = Single) -> ReportedNumbers:
    """Return the one update of a body; `today` is the company's. Raises Invalid naming every field at fault."""
    update = read(shape, require_object(body), today=today)
    refuse_suspect(body)
    return update.numbers()


def read_batch(body: Any, *, today: date, shape: type[Batch] = Batch) -> list[ReportedNumbers]:
    """Return the updates of a body `{"updates": [...]}`; faults name index and field."""
    body = require_object(body)
    updates = body.get("updates")
    if isinstance(updates, list) and len(updates) > MAX_BATCH:  # before looking at each of them
        message = f"has {len(updates):,} elements; at most {MAX_BATCH:,} are taken at once"
        raise Invalid(f"The batch is too long: updates {message}.", fields=[Fault("updates", message)])
    batch = read(shape, body, today=today)
    refuse_suspect(body)
    return [update.numbers() for update in batch.updates]


def read_signed(body: Any, *, today: date) -> list[ReportedNumbers]:
    """Return the updates of a webhook's body, which holds one of them or a list `updates`."""
    body = require_object(body)
    if "updates" in body:
        return read_batch(body, today=today, shape=SignedBatch)
    return [read_update(body, today=today, shape=SignedUpdate)]
