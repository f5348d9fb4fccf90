"""The one analytics filter of the pages, parsed once from the query string; everything that a page shows is in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from dashboard.errors import Fault, Invalid
from dashboard.forms.values import parse_day, parse_key
from dashboard.vocabulary.analytics import AnalyticsFilter, Basis, Days, ResourceType

MAX_DAYS = 1000  # within it no sum over days can pass what the stores add up exactly
PRESETS = {"7": "7 days", "30": "30 days", "90": "90 days", "month": "This month"}
DEFAULT_PRESET = "30"
CUSTOM = "custom"

Unit = Literal["count", "rate"]


@dataclass(frozen=True, slots=True)
class PageFilter:
    """What a page shows: days in the company's time zone, type, basis, and narrower wishes.

    `today` is the last day that can be shown; it is incomplete and left out of comparisons.
    """

    preset: str
    days: Days
    today: date
    type: ResourceType = ResourceType.CAMPAIGN
    basis: Basis = Basis.SENT
    unit: Unit = "count"
    resource_key: str | None = None
    source_id: int | None = None
    with_machines: bool = False  # what machines opened and clicked is shown beside

    @property
    def analytics(self) -> AnalyticsFilter:
        """The filter for queries."""
        return AnalyticsFilter(self.days.start, self.days.end, self.type, self.resource_key, self.source_id, self.basis)

    @property
    def full_days(self) -> Days:
        """The days of the range that are over."""
        last = min(self.days.end, self.today - timedelta(days=1))
        return Days(self.days.start, last)

    @property
    def previous(self) -> Days:
        """As many full days, just before the range."""
        end = self.days.start - timedelta(days=1)
        return Days(end - timedelta(days=len(self.full_days) - 1), end)

    def query(self, **changes: object) -> dict[str, str]:
        """Return the query string's arguments of this filter with some changes, defaults left out."""
        start, end = (self.days.start, self.days.end) if self.preset == CUSTOM else (None, None)
        values: dict[str, object] = {
            "range": self.preset, "start": start, "end": end, "type": self.type.value, "basis": self.basis.value,
            "unit": self.unit, "resource": self.resource_key, "source": self.source_id,
            "machines": "shown" if self.with_machines else "apart",
        } | changes  # fmt: skip
        if "type" in changes and "resource" not in changes:
            values["resource"] = None  # a key names a resource of one type only
        if values["range"] != CUSTOM:
            values |= {"start": None, "end": None}
        return {name: str(v) for name, v in values.items() if v is not None and _DEFAULTS.get(name) != str(v)}


_DEFAULTS = {"range": DEFAULT_PRESET, "type": "campaign", "basis": "sent", "unit": "count", "machines": "apart"}


def read_filter(arguments: Mapping[str, str], *, today: date) -> PageFilter:
    """Return the filter of a page's query string; parameters of others are passed over.

    Raises Invalid naming each parameter at fault.
    """
    faults: list[Fault] = []
    preset = arguments.get("range", DEFAULT_PRESET) or DEFAULT_PRESET
    if preset == CUSTOM:
        days = _custom(arguments, today, faults)
    elif preset in PRESETS:
        days = _preset(preset, today)
    else:
        faults.append(Fault("range", f"must be one of {', '.join(PRESETS)} and custom"))
        days = _preset(DEFAULT_PRESET, today)
    kind = _choice(arguments, "type", [kind.value for kind in ResourceType], "campaign", faults)
    chosen = PageFilter(
        preset, days, today, ResourceType(kind),
        Basis(_choice(arguments, "basis", [basis.value for basis in Basis], "sent", faults)),
        "rate" if _choice(arguments, "unit", ["count", "rate"], "count", faults) == "rate" else "count",
        _resource(arguments, kind, faults), _source(arguments, faults),
        _choice(arguments, "machines", ["apart", "shown"], "apart", faults) == "shown",
    )  # fmt: skip
    if faults:
        first = f"{faults[0].path} {faults[0].message}"
        raise Invalid(f"This view cannot be shown: {first}.", fields=faults)
    return chosen


def _preset(preset: str, today: date) -> Days:
    start = today.replace(day=1) if preset == "month" else today - timedelta(days=int(preset) - 1)
    return Days(start, today)


def _custom(arguments: Mapping[str, str], today: date, faults: list[Fault]) -> Days:
    found: dict[str, date] = {}
    for name in ("start", "end"):
        try:
            found[name] = parse_day(arguments.get(name))
        except ValueError as error:
            faults.append(Fault(name, str(error)))
    start, end = found.get("start", today), min(found.get("end", today), today)
    if not faults and start > end:
        faults.append(Fault("start", "must not lie after the end or after today"))
    if not faults and len(Days(start, end)) > MAX_DAYS:
        faults.append(Fault("start", f"lies too far before the end: at most {MAX_DAYS:,} days are shown at once"))
    return _preset(DEFAULT_PRESET, today) if faults else Days(start, end)


def _choice(arguments: Mapping[str, str], name: str, allowed: list[str], default: str, faults: list[Fault]) -> str:
    value = arguments.get(name) or default
    if value in allowed:
        return value
    faults.append(Fault(name, f"must be one of {', '.join(allowed)}"))
    return default


def _resource(arguments: Mapping[str, str], kind: str, faults: list[Fault]) -> str | None:
    value = arguments.get("resource")
    if value is None or value == "":
        return value  # present but empty asks for the mail that names no resource
    try:
        return parse_key(kind, value)
    except ValueError as error:
        faults.append(Fault("resource", str(error)))
        return None


def _source(arguments: Mapping[str, str], faults: list[Fault]) -> int | None:
    value = arguments.get("source")
    if not value:
        return None
    if value.isascii() and value.isdigit() and len(value) < 16:
        return int(value)
    faults.append(Fault("source", "must be the number of a source"))
    return None
