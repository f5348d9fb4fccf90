"""What mailboxes may send and why, their warm-ups as drawn, and addresses that are adopted from the mail."""

import json
from datetime import date, timedelta

import plotly.graph_objects as go
import pytest
import sqlalchemy as sa

from dashboard.models import Domain, Mailbox
from dashboard.models.domains import DomainStatus
from dashboard.models.mailboxes import MailboxStatus
from dashboard.services import registration
from dashboard.services.features import set_feature
from dashboard.vocabulary.warmup import READY, Preset
from tests.factories import api_source_id, make_mailbox, numbers, report
from tests.helpers import page, text

LIST = "/c/acme/mailboxes"
TODAY = date(2026, 11, 22)
NEW = READY[Preset.NEW_MAILBOX].write()


@pytest.fixture
def news(acme):
    """Return the id of an active mailbox."""
    with acme() as session:
        return make_mailbox(session).id


@pytest.fixture
def mail(engines, cast, clock):
    """Report mail of mailboxes: pairs of (days ago, counts) for an address."""
    source = api_source_id(engines, cast.acme)

    def told(key, *days):
        updates = [numbers(TODAY - timedelta(days=ago), key, "mailbox", **counts) for ago, counts in days]
        report(engines, cast.acme, source, *updates, now=clock())

    return told


def sent(count, bounced=0):
    return {"sent": count, "delivered": count - bounced, "opened": 0, "clicked": 0, "replied": 0, "bounced": bounced}


def test_list_shows_what_each_may_send_in_a_fixed_number_of_statements(browser, acme, mail, count_statements):
    with acme() as session:
        make_mailbox(session, is_warming_up=True, warm_up=NEW, warm_up_since=TODAY - timedelta(days=2))
    mail("news@acme.test", (2, sent(5)), (1, sent(6)), (0, sent(3)))
    gil = browser("gil")
    gil.get(LIST)

    with count_statements() as few:
        row = page(gil.get(LIST)).select_one("tbody tr")
    with acme() as session:
        for n in range(24):
            make_mailbox(session, f"m{n}@acme.test")
    with count_statements() as many:
        rows = page(gil.get(LIST)).select("tbody tr")

    boxes = [text(box) for box in row.select(".meterbox")]
    assert boxes[0].startswith("3 / 7")
    assert boxes[1].startswith("day 3 · 7 a day")
    assert (row.select_one("progress")["value"], row.select_one("progress")["max"]) == ("7", "40")
    assert (len(rows), len(many)) == (25, len(few))


def test_page_says_why_so_much_may_be_sent(browser, acme, mail):
    with acme() as session:
        id_ = make_mailbox(session, status=MailboxStatus.ACTIVE).id
    mail("news@acme.test", (3, sent(100, bounced=3)), (4, sent(100, bounced=90)))  # the fourth day before is too old
    gil = browser("gil")

    reason = text(page(gil.get(f"{LIST}/{id_}")).select_one(".reason"))
    browser("uma").post(f"{LIST}/{id_}/move/suspend")

    assert reason == "35 today = limit 50 × 0.7 (bounce 3.0 %)"
    assert text(page(gil.get(f"{LIST}/{id_}/warm-up")).select_one("p.reason")) == "0 today: the mailbox is suspended"


def test_warm_up_is_drawn_with_its_breach_and_the_day_of_full_volume(browser, acme, mail):
    with acme() as session:
        id_ = make_mailbox(session, is_warming_up=True, warm_up=NEW, warm_up_since=TODAY - timedelta(days=3)).id
    mail("news@acme.test", (3, sent(5)), (2, sent(12)), (0, sent(7)))

    shown = page(browser("gil").get(f"{LIST}/{id_}/warm-up"))

    figure = json.loads(shown.select_one("#chart-figure").string)
    traces = {one["name"]: one["y"] for one in figure["data"]}
    assert traces["Sent"] == [5, None, 0, 7]
    assert traces["Sent, more than allowed"] == [None, 12, None, None]
    assert traces["Allowed"] == [5, 6, 7, 7]
    assert traces["Planned"][:5] == [5, 6, 7, 8, 9]
    # Today is day 3, so day 36 with 40 a day is 33 days away.
    assert text(shown.select_one(".caption")) == (
        "Full volume, 40 a day, is reached on 25 Dec 2026 if mail goes out on every sending day."
        " More was sent than was allowed on 1 day: 20 Nov 2026 (12 of 6)."
    )
    assert [one["x0"] for one in figure["layout"]["shapes"]] == ["2026-12-25"]
    assert go.Figure(figure)
    rows = [[text(cell) for cell in row.select("th, td")] for row in shown.select(".warming tbody tr")]
    assert rows[0] == ["22 Nov day 3, incomplete", "8", "7", "7"]
    assert rows[2] == ["20 Nov day 2", "6", "6", "12 +6 more than allowed"]
    assert page(browser("gil").get(f"{LIST}/{id_}")).select_one(".factline")


# --- adopting --------------------------------------------------------------------------------------


def test_addresses_in_the_mail_are_adopted_with_their_domains_and_other_keys_are_left(browser, acme, mail, cast):
    with acme() as session:
        make_mailbox(session)
    for key in ("sales@acme.test", "hi@sendscope-mail.com", "warehouse 7", "hi@nowhere.test"):
        mail(key, (0, sent(10)))
    uma = browser("uma")

    uma.post(f"{LIST}/seen", all="1")
    told = page(uma.get(LIST))

    with acme() as session:
        assert set(session.scalars(sa.select(Mailbox.email))) == {
            "news@acme.test", "sales@acme.test", "hi@sendscope-mail.com",
        }  # fmt: skip
        domain = session.scalars(sa.select(Domain).where(Domain.name == "sendscope-mail.com")).one()
        assert domain.status is DomainStatus.PENDING
    flashes = " ".join(text(one) for one in told.select("[role=status], .note, .flash"))
    assert "2 mailboxes registered." in flashes
    assert "warehouse 7 was left: it is no e-mail address." in flashes
    assert "hi@nowhere.test was left because of its domain: nowhere.test is a special-use name" in flashes


def test_automatic_registration_passes_over_what_is_no_address(acme, cast, engines, clock, mail, news):
    mail("sales@acme.test", (0, sent(10)))
    mail("warehouse 7", (0, sent(10)))
    with acme() as session:
        set_feature(session, cast.acme.id, "auto_register", is_on=True, actor="ada", now=clock())

    made = [registration.register_all(engines, clock) for _ in range(2)]

    assert made == [1, 0]
