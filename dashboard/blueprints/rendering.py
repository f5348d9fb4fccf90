"""What every template may use: addresses of static files, icons, and the filters that write numbers and days."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, g, request
from markupsafe import Markup
from orjson import dumps

from dashboard.blueprints.assets import static
from dashboard.permissions import Action, may
from dashboard.presenters.rates import percent
from dashboard.vocabulary.metrics import SIX, Metrics

THEME_COOKIE = "theme"


def init_app(app: Flask) -> None:
    """Register filters and globals."""
    app.jinja_env.filters |= {
        "n": number,
        "day": day,
        "percent": percent,
        "json": json,
        "six_cells": six_cells,
        "clock": clock,
        "instant": instant,
    }
    app.jinja_env.globals |= {"static": static}
    app.context_processor(_everywhere)


def six_cells(metrics: Metrics) -> Markup:
    """Write the six counts as table cells: a hot spot, where a template would escape and format each number."""
    return Markup("".join([f'<td class="r num">{count:,}</td>' for count in metrics.values()[: len(SIX)]]))  # noqa: S704


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
    return f"{value.day} {value:%b %Y}" if year else f"{value.day} {value:%b}"


def clock(value: datetime) -> str:
    """Write a clock time in the person's time zone, or else the company's."""
    return f"{_local(value):%H:%M:%S}"


def instant(value: datetime) -> str:
    """Write a day and clock time in the person's time zone, or else the company's."""
    local = _local(value)
    return f"{local.day} {local:%b %Y, %H:%M}"


def _local(value: datetime) -> datetime:
    person, member = g.get("person"), g.get("member")
    name = getattr(person, "timezone", None) or (member.company.timezone if member else "UTC")
    return value.astimezone(ZoneInfo(name))


def json(value: Any) -> Markup:
    """Write JSON for a data block: nothing in it can end the block or begin markup."""
    text = dumps(value).decode()
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704
