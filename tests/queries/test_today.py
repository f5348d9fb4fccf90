"""What campaigns sent today: since midnight in their own time zone, also where that comes twice or not at all."""

from datetime import UTC, datetime

import pytest

from dashboard.queries.today import list_sent_today
from tests.factories import make_campaign, make_source
from tests.inbox import count, put, told


@pytest.fixture
def sent_at(app, engines, cast, seed, reading):
    """Say what a campaign of a time zone sent today, as seen at an instant, of mails that were sent at others."""

    def found(timezone: str, now: str, *instants: str) -> int:
        seen_at = datetime.fromisoformat(now).replace(tzinfo=UTC)
        source, _ = make_source(engines, app.extensions["vault"], cast.acme)
        put(
            engines, cast.acme, source,
            *(told("sent", f"m{number}", f"{one}Z") for number, one in enumerate(instants)), received_at=seen_at,
        )  # fmt: skip
        assert count(engines, cast.acme, seen_at) == 1
        with seed(cast.acme) as session:
            campaign = make_campaign(session, timezone=timezone)
        with reading() as session:
            return list_sent_today(session, cast.acme.id, [campaign], seen_at).get(campaign.id, 0)

    return found


@pytest.mark.parametrize(("now", "wanted"), [("2026-07-01T14:59:59", 1), ("2026-07-01T15:00:00", 0)])
def test_midnight_is_that_of_the_campaigns_zone(sent_at, now, wanted):
    # Tokyo is nine hours ahead: 30 June ends there at 15:00 UTC of that day, 1 July a day later
    assert sent_at("Asia/Tokyo", now, "2026-06-30T14:59:59", "2026-06-30T15:00:00") == wanted


def test_both_hours_after_midnight_count_where_clocks_go_back_to_it(sent_at):
    # Havana goes from 1:00 back to 0:00: its day begins at 4:00 UTC, and 5:30 UTC is half past midnight once more
    found = sent_at(
        "America/Havana", "2026-11-01T05:30:00", "2026-11-01T03:59:00", "2026-11-01T04:10:00", "2026-11-01T05:10:00"
    )

    assert found == 2


def test_day_begins_an_hour_late_where_clocks_skip_midnight(sent_at):
    # Cairo goes from 24:00 of 23 April to 1:00 of 24 April, at 22:00 UTC
    found = sent_at("Africa/Cairo", "2026-04-24T06:00:00", "2026-04-23T21:59:59", "2026-04-23T22:00:00")

    assert found == 1
