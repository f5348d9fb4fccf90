"""Which resources stand beside each other, by what metric and over which days, from the query string."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from dashboard.errors import Fault, Invalid
from dashboard.forms.filters import PageFilter, read_filter
from dashboard.forms.resources import read_ids
from dashboard.forms.searches import read_choice
from dashboard.vocabulary.metrics import Metric

MOST_COMPARED = 5


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared."""

    ids: tuple[UUID, ...]
    metric: Metric
    chosen: PageFilter

    def query(self, **changes: Any) -> dict[str, Any]:
        """Return the arguments of the address with some changes."""
        metric = changes.pop("metric", self.metric)
        days = self.chosen.query(**changes)
        kept = {name: value for name, value in days.items() if name in {"range", "start", "end", "unit", "basis"}}
        return {"id": [str(id_) for id_ in self.ids], "metric": str(metric)} | kept


def read_comparison(arguments: Any, *, today: date) -> Comparison:
    """Return what is to be compared; raises Invalid beyond five, and for what is no id or metric."""
    ids = tuple(dict.fromkeys(read_ids(arguments.getlist("id"))))
    if len(ids) > MOST_COMPARED:
        fault = Fault("id", f"at most {MOST_COMPARED} are compared at once")
        raise Invalid(f"Choose fewer: {fault.message}.", fields=[fault])
    metric = read_choice(arguments, "metric", Metric) or Metric.DELIVERED
    days = {name: value for name, value in arguments.items() if name in {"range", "start", "end", "unit", "basis"}}
    return Comparison(ids, metric, read_filter(days, today=today))
