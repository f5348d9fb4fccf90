"""The demo's mail of today: it trickles in, breaks no daily limit, and never opens what was not delivered."""

from datetime import UTC, datetime
from random import Random
from types import SimpleNamespace

import pytest

from dashboard.services import demo
from dashboard.services import demo_story as story
from dashboard.vocabulary.analytics import ResourceType
from dashboard.vocabulary.people import CompanyRef

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize("slug", ["acme", "rival"])
def test_a_long_day_stays_below_the_limits(slug):
    ref, dice, told = CompanyRef(1, slug, slug, "UTC"), Random(5), {}

    for _ in range(4_000):
        rows = [SimpleNamespace(type=kind, resource_key=key, metrics=metrics) for (kind, key), metrics in told.items()]
        told |= {(one.type, one.resource_key): one.metrics for one in demo.next_updates(rows, dice, ref, NOON)}

    sent = {key: metrics.sent for (kind, key), metrics in told.items() if kind is ResourceType.CAMPAIGN}
    active = {way.campaign for way in story.COMPANIES[slug] if way.days_ago[1] == 0}
    assert sent == {key: story.ROOM[key] for key in active}  # the day is full in the end
    assert all(one.clicked <= one.opened <= one.delivered <= one.sent for one in told.values())
    totals = {kind: sum(one.opened for (of, _), one in told.items() if of is kind) for kind in list(ResourceType)[:4]}
    assert len(set(totals.values())) == 1
