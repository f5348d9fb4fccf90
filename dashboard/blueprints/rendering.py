"""What every template may use: addresses of static files, icons, and the filters that write numbers and days."""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, g, request
from markupsafe import Markup, escape
from orjson import dumps

from dashboard.blueprints.assets import static
from dashboard.permissions import Action, may
from dashboard.presenters.comparisons import ComparedRow
from dashboard.presenters.overview import LeagueRow
from dashboard.presenters.rates import Rate, percent
from dashboard.presenters.resources import BreakdownRow, ResourceRow
from dashboard.vocabulary.resources import COLUMNS

THEME_COOKIE = "theme"
MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def init_app(app: Flask) -> None:
    """Register filters and globals."""
    app.jinja_env.filters |= {
        "n": number,
        "day": day,
        "percent": percent,
        "json": json,
        "cells": cells,
        "league_cells": league_cells,
        "sums": sums,
        "clock": clock,
        "instant": instant,
        "second": second,
        "size": size,
        "lasting": lasting,
    }
    app.jinja_env.globals |= {"static": static}
    app.context_processor(_everywhere)


# The inner cells of tables are hot spots, where a template would escape and format each number by itself.


def cells(counts: Iterable[int]) -> Markup:
    """Write counts as table cells."""
    return Markup("".join([f'<td class="r num">{count:,}</td>' for count in counts]))  # noqa: S704


def league_cells(
    row: LeagueRow | ResourceRow | BreakdownRow | ComparedRow, columns: Container[str] = COLUMNS
) -> Markup:
    """Write what was sent and the rates of a row as table cells, those of the columns."""
    parts = [f'<td class="r num" data-l="Sent">{row.metrics.sent:,}</td>'] if "sent" in columns else []
    for rate in (one for one in row.rates if one.formula.numerator in columns):
        band, small = ("", ' class="small"') if rate.is_small else (rate.judgement, "")
        parts.append(
            f'<td class="r num {band}" data-l="{rate.formula.numerator.capitalize()}">{rate.numerator:,}'
            f"<small{small}>{escape(rate.text)}</small></td>"
        )
    return Markup("".join(parts))  # noqa: S704


def sums(rates: Iterable[Rate]) -> Markup:
    """Write how rates are made as items of a list."""
    parts = [
        f"<li>{one.formula.text}: {one.numerator:,} ÷ {one.denominator:,} = <strong>{escape(one.text)}</strong></li>"
        for one in rates
    ]
    return Markup("".join(parts))  # noqa: S704


def _everywhere() -> dict[str, Any]:
    member = g.get("member")
    return {
        "member": member,
        "person": g.get("person"),
        "theme": _theme(),
        "may": lambda action: member is not None and may(member.role, Action(action)),
        "now": g.get("now"),
    }


def _theme() -> str | None:
    """Return the theme the server renders; None leaves it to the system."""
    chosen = request.cookies.get(THEME_COOKIE) or getattr(g.get("person"), "theme", None)
    return chosen if chosen in {"light", "dark"} else None


def number(value: int) -> str:
    """Write a count with thousands separated."""
    return f"{value:,}"


def day(value: date, *, year: bool = False) -> str:
    """Write a day: 24 Oct, or 24 Oct 2026."""
    return f"{value.day} {MONTHS[value.month]} {value.year}" if year else f"{value.day} {MONTHS[value.month]}"


def clock(value: datetime) -> str:
    """Write a clock time in the person's time zone, or else the company's."""
    return f"{_local(value):%H:%M:%S}"


def instant(value: datetime) -> str:
    """Write a day and clock time in the person's time zone, or else the company's."""
    local = _local(value)
    return f"{day(local, year=True)}, {local.hour:02}:{local.minute:02}"


def second(value: datetime) -> str:
    """Write a day and clock time to the second, as `instant` does."""
    return f"{instant(value)}:{value.second:02}"


def size(size_bytes: int) -> str:
    """Write a number of bytes: 312 B, 4.1 kB, 1.2 MB, 1 GB."""
    if size_bytes < 1000:
        return f"{size_bytes} B"
    if size_bytes < 999_950:
        return f"{size_bytes / 1000:.1f} kB"
    if size_bytes < 999_950_000:
        return f"{size_bytes / 1_000_000:.1f} MB"
    return f"{size_bytes / 1_000_000_000:.1f} GB".replace(".0 ", " ")


def lasting(duration_ms: int) -> str:
    """Write how long something took: 340 ms, 1.2 s, 5 min, 3 h, 2 days."""
    if 1_000 <= duration_ms < 10_000:
        return f"{duration_ms / 1_000:.1f} s"
    steps = ((1_000, 1, "ms"), (120_000, 1_000, "s"), (7_200_000, 60_000, "min"), (172_800_000, 3_600_000, "h"))
    fitting = (f"{duration_ms // unit} {name}" for limit, unit, name in steps if duration_ms < limit)
    return next(fitting, f"{duration_ms // 86_400_000} days")


def _local(value: datetime) -> datetime:
    person, member = g.get("person"), g.get("member")
    name = getattr(person, "timezone", None) or (member.company.timezone if member else "UTC")
    return value.astimezone(ZoneInfo(name))


def json(value: Any) -> Markup:
    """Write JSON for a data block: nothing in it can end the block or begin markup."""
    text = dumps(value).decode()
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704
