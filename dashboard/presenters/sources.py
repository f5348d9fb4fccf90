"""Sources as people see them: titles, states, what their silence means, the last hour as bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dashboard.models.sources import SourceKind
from dashboard.providers.base import Secret
from dashboard.providers.registry import adapters
from dashboard.queries.sources import Activity, SourceRow
from dashboard.vocabulary.rhythm import Silence, read_silence

OUR_KINDS: dict[str, str] = {SourceKind.API: "API keys", SourceKind.SYNC: "Sync", SourceKind.IMPORT: "Import"}
ASKS = {
    Secret.NONE: "Nothing to paste",
    Secret.SIGNING: "Paste its signing secret",
    Secret.PUBLIC_KEY: "Paste its public key",
    Secret.BASIC: "With user and password",
    Secret.OURS: "We make the secret",
}
MINUTES = 60
HEIGHT = 48  # of the bars' picture, in its own units


@dataclass(frozen=True, slots=True)
class SourceView:
    """One source in the list, or on its own page. `tone` is ok, watch or mute; `badge` a word for the state."""

    id: int
    name: str
    kind: str
    title: str
    status: str
    badge: str
    health: str
    is_trouble: bool
    last_event_at: datetime | None
    per_minute: str
    activity: Activity


@dataclass(frozen=True, slots=True)
class Bar:
    """The new events of one minute."""

    at: datetime
    events: int
    x: int
    height: float


@dataclass(frozen=True, slots=True)
class LastHour:
    """The new events of each of the last 60 minutes, the oldest first; the present minute is not over."""

    bars: tuple[Bar, ...]
    total: int
    peak: int

    @property
    def caption(self) -> str:
        """The same in words."""
        if not self.total:
            return "No new events in the last hour."
        return f"{self.total:,} new events in the last hour, at most {self.peak:,} a minute."

    @property
    def busy(self) -> tuple[Bar, ...]:
        """The minutes in which something came, the newest first."""
        return tuple(bar for bar in reversed(self.bars) if bar.events)


def show_source(
    row: SourceRow, activity: Activity, arrivals: Sequence[datetime], *, now: datetime, zone: ZoneInfo
) -> SourceView:
    """Return how a source is shown; `arrivals` as read_silence takes them."""
    silence = read_silence(arrivals, now=now, zone=zone)
    is_trouble = silence.is_trouble and row.status == "active"
    per_minute = f"{activity.events / MINUTES:,.1f}" if activity.events else "0"
    return SourceView(
        row.id, row.name, row.kind, title_of(row.kind), row.status, "silent" if is_trouble else row.status,
        _health(row, activity, silence), is_trouble, row.last_event_at, per_minute, activity,
    )  # fmt: skip


def title_of(kind: str) -> str:
    """Return how people know a kind of source."""
    adapter = adapters().get(kind)
    return adapter.guide.title if adapter else OUR_KINDS.get(kind, kind)


def _health(row: SourceRow, activity: Activity, silence: Silence) -> str:
    if row.status == "paused":
        return f"Paused; {_deliveries(activity.held)} held until it is resumed."
    if row.kind == SourceKind.API:
        return "Programs push daily totals with API keys."
    if silence.lasts is None:
        return "Nothing in the last 14 days." if row.last_event_at else "Nothing has arrived yet."
    return describe(silence)


def describe(silence: Silence) -> str:
    """Return the sentence about a silence of which something is known."""
    if silence.lasts is None:
        return "Nothing has arrived yet."
    silent = f"silent for {span(silence.lasts)}"
    if silence.usual_gap is None:
        return f"Too new to say what is usual; {silent}."
    usual = f"every {span(silence.usual_gap)}{f' {silence.kind}' if silence.kind else ''}"
    if silence.is_bursty:
        return f"Comes in bursts, then {usual}; {silent}."
    return f"Usually {usual}; {silent}."


def span(length: timedelta) -> str:
    """Write a length of time in its largest fitting unit, rounded down: 40 s, 31 min, 5 h, 3 days."""
    seconds = int(length.total_seconds())
    if seconds < 60:
        return f"{max(seconds, 1)} s"
    if seconds < 2 * 3600:
        return f"{seconds // 60} min"
    if seconds < 48 * 3600:
        return f"{seconds // 3600} h"
    return f"{seconds // 86_400} days"


def _deliveries(count: int) -> str:
    return "1 delivery is" if count == 1 else f"{count:,} deliveries are"


def show_last_hour(minutes: Mapping[datetime, int], *, now: datetime) -> LastHour:
    """Return the bars; `minutes` hold the events of those minutes in which there were any."""
    last = now.replace(second=0, microsecond=0)
    starts = [last - timedelta(minutes=back) for back in range(MINUTES - 1, -1, -1)]
    counts = [minutes.get(start, 0) for start in starts]
    peak = max(counts)
    bars = (
        Bar(start, count, 10 * place, _height(count, peak))
        for place, (start, count) in enumerate(zip(starts, counts, strict=True))
    )
    return LastHour(tuple(bars), sum(counts), peak)


def _height(count: int, peak: int) -> float:
    """Return a bar's height: in proportion, but what is not nothing can be seen."""
    return max(1.5, round(HEIGHT * count / peak, 1)) if count else 0
