"""The finest sums: they add up to the rows of every type, whatever came in which order."""

from collections import defaultdict
from random import Random

import pytest
import sqlalchemy as sa

from dashboard.database import sql
from dashboard.database.engine import Mode
from dashboard.models import Message
from dashboard.queries.today import list_sent_today
from dashboard.vocabulary.metrics import SIX
from tests.factories import api_source_id, make_campaign, make_source, numbers, report
from tests.helpers import page, text
from tests.inbox import NOON, at, count, put, rollups, told

KINDS = ("campaign", "template", "mailbox", "domain", "receiver")


@pytest.fixture
def source(engines, app, cast):
    return make_source(engines, app.extensions["vault"], cast.acme)[0]


def parts(engines, company):
    with engines[Mode.READ].begin() as connection:
        rows = sql.run(
            connection,
            f"SELECT day, {', '.join(KINDS)}, source_id, {', '.join(SIX)} FROM analytics_breakdown"
            " WHERE company_id = :company_id",
            company_id=company.id,
        )
        return {tuple(map(str, row[:7])): dict(zip(SIX, row[7:], strict=True)) for row in rows}


def summed(engines, company):
    """Return what the parts come to by type, key, day and source, without zeros."""
    found = defaultdict(lambda: dict.fromkeys(SIX, 0))
    for (day, *keys, source_id), counts in parts(engines, company).items():
        for kind, key in zip(KINDS, keys, strict=True):
            for name, value in counts.items():
                found[kind, key, day, source_id][name] += value
    return {key: {name: n for name, n in counts.items() if n} for key, counts in found.items()}


def rows_of(engines, company):
    return {
        key[1:]: six
        for key, counts in rollups(engines, company).items()
        if key[0] == "sent" and (six := {name: counts[name] for name in SIX if name in counts})
    }


def test_parts_add_up_to_the_rows_of_every_type(engines, cast, source):
    dice = Random(7)
    events = [
        told(
            kind, f"m{n}", at(dice.randrange(600)), campaign_id=f"c{n % 3}", template_id=f"t{n % 2}",
            recipient=f"bo{n}@{('gmail.com', 'outlook.com', 'gmx.de')[n % 3]}",
        )
        for n in range(40)
        for kind in dice.sample(("sent", "delivered", "opened", "clicked", "bounced", "replied"), 3)
    ]  # fmt: skip
    dice.shuffle(events)
    for start in range(0, len(events), 17):
        put(engines, cast.acme, source, *events[start : start + 17])
        count(engines, cast.acme)

    assert summed(engines, cast.acme) == rows_of(engines, cast.acme)


def test_part_that_comes_to_nothing_is_gone(engines, cast, source):
    put(engines, cast.acme, source, told("opened", when=at(60), campaign_id=None))
    count(engines, cast.acme)
    put(engines, cast.acme, source, told("sent", when=at(1), campaign_id="late"))
    count(engines, cast.acme)

    # the earliest event that names a campaign decides, so the mail moved from "(none)"
    assert [key[1] for key in parts(engines, cast.acme)] == ["late"]


def test_message_knows_its_campaign_once_it_counts_as_sent(engines, cast, source, seed):
    put(engines, cast.acme, source, told("rejected", "m1"), told("sent", "m2"), told("sent", "m3", campaign_id=None))
    count(engines, cast.acme)

    with seed(cast.acme) as session:
        rows = session.execute(sa.select(Message.message_id, Message.campaign).order_by(Message.message_id))
        assert [tuple(row) for row in rows] == [("m1", None), ("m2", "spring"), ("m3", "")]


def test_today_of_a_campaign_begins_at_midnight_of_its_own_zone(engines, cast, source, seed):
    # 10:00 UTC is 23:00 of the 22nd in Auckland (UTC+13), and 11:00 there is the 23rd only from 11:00 UTC on
    for n, hours in enumerate((-12, 0, 1.5)):
        put(engines, cast.acme, source, told("sent", f"m{n}", at(hours * 60)))
    count(engines, cast.acme)
    with seed(cast.acme) as session:
        berlin = make_campaign(session, timezone="Europe/Berlin")
        ids = berlin.id
    with seed(cast.acme) as session:
        campaign = session.get_one(type(berlin), (cast.acme.id, ids))
        there = list_sent_today(session, cast.acme.id, [campaign], NOON)
        campaign.timezone = "Pacific/Auckland"
        elsewhere = list_sent_today(session, cast.acme.id, [campaign], NOON)

    assert there == {ids: 2}  # 22:00 of the day before is yesterday in Berlin too
    assert elsewhere == {ids: 1}


def test_reported_mail_of_today_is_added(engines, cast, source, seed):
    report(engines, cast.acme, api_source_id(engines, cast.acme), numbers(NOON.date(), "spring", sent=30), now=NOON)
    put(engines, cast.acme, source, told("sent"))
    count(engines, cast.acme)
    with seed(cast.acme) as session:
        campaign = make_campaign(session)
        session.flush()  # raw statements follow

        assert list_sent_today(session, cast.acme.id, [campaign], NOON) == {campaign.id: 31}


def test_page_shows_the_parts_of_a_campaign(engines, cast, source, seed, browser):
    put(
        engines, cast.acme, source, told("delivered", "m1"), told("delivered", "m2", recipient="bo@outlook.com"),
        told("delivered", "m3", campaign_id="other"),
    )  # fmt: skip
    count(engines, cast.acme)
    with seed(cast.acme) as session:
        id_ = make_campaign(session).id

    shown = page(browser("gil").get(f"/c/acme/campaigns/{id_}/breakdown"))

    tables = {text(table.select_one("h2")): table for table in shown.select("section.panel")}
    assert set(tables) == {"By template", "By mailbox", "By domain", "By receiver"}
    rows = [
        (text(row.select_one(".name")), text(row.select_one("td.num")))
        for row in tables["By receiver"].select("tbody tr")
    ]
    assert rows == [("gmail", "1"), ("outlook", "1")]
