"""What all registered resources share: keys, adoption, merging, archiving; no number is lost by any of it."""

import pytest
import sqlalchemy as sa

from dashboard.models import Campaign, ResourceKey
from dashboard.models.campaigns import CampaignStatus
from dashboard.services import registration
from tests.factories import api_source_id, make_campaign, numbers, report
from tests.helpers import page, text

LIST = "/c/acme/campaigns"


@pytest.fixture
def today(cast, clock):
    return cast.acme.day_of(clock())


@pytest.fixture
def mail(engines, cast, clock, today):
    """Report 100 sent mails for each of some keys."""
    source = api_source_id(engines, cast.acme)
    return lambda *keys: report(engines, cast.acme, source, *(numbers(today, key) for key in keys), now=clock())


def total(browser):
    return text(page(browser("gil").get("/c/acme/analytics")).select_one("#card-sent .val"))


def league(browser):
    rows = page(browser("gil").get("/c/acme/analytics")).select(".league tbody tr")
    return {text(row.select_one(".name a")): text(row.select_one("td.num")) for row in rows}


def test_keys_in_the_mail_are_adopted_without_moving_a_number(browser, acme, mail):
    mail("welcome", "Söhne & Co", "known")
    with acme() as session:
        make_campaign(session, key="known", name="Known")
    before = total(browser)
    uma = browser("uma")

    notice, shown = page(uma.get(f"{LIST}/seen/notice")), page(uma.get(f"{LIST}/seen"))
    uma.post(f"{LIST}/seen", all="1")

    assert "2 keys in your mail name no campaign" in text(notice)
    assert sorted(text(a) for a in shown.select("tbody .name a")) == ["Söhne & Co", "welcome"]
    with acme() as session:
        names = session.scalars(sa.select(Campaign.name).where(Campaign.status == CampaignStatus.ACTIVE)).all()
    assert set(names) == {"welcome", "Söhne & Co", "Known"}
    assert total(browser) == before == "300"
    assert page(uma.get(f"{LIST}/seen")).select_one(".empty")


def test_further_key_brings_its_numbers_and_taking_it_away_takes_them(browser, acme, mail):
    mail("spring", "spring-old")
    with acme() as session:
        id_ = make_campaign(session, name="Spring sale").id
    uma = browser("uma")

    uma.post(f"{LIST}/{id_}/keys", key="spring-old")
    together = league(browser), text(page(uma.get(f"{LIST}/{id_}")).select_one("#card-sent .val"))
    uma.post(f"{LIST}/{id_}/keys/remove", f"{LIST}/{id_}/keys", key="spring-old")

    assert together == ({"Spring sale": "200"}, "200")
    assert league(browser) == {"Spring sale": "100", "spring-old": "100"}


def test_key_of_another_is_refused_by_name(browser, acme):
    with acme() as session:
        id_ = make_campaign(session, name="Spring sale").id
        make_campaign(session, key="summer", name="Summer sale")

    answer = browser("uma").post(f"{LIST}/{id_}/keys", key="summer")

    assert answer.status_code == 422
    assert text(page(answer).select_one("#key-error")) == "This key belongs to Summer sale already."


def test_own_key_stays_once_mail_was_counted(browser, acme, mail):
    with acme() as session:
        id_ = make_campaign(session).id
    uma = browser("uma")
    path = f"{LIST}/{id_}/edit"
    values = {"name": "Spring", "daily_limit": "100", "timezone": "UTC"}

    free = uma.post(path, key="spring-2", revision="1", **values)
    mail("spring-2")
    held = uma.post(path, key="spring-3", revision="2", **values)

    assert free.status_code == 303
    assert held.status_code == 422
    assert "Mail was counted under 'spring-2', so it stays." in text(page(held).select_one("#key-error"))
    with acme() as session:
        assert session.scalars(sa.select(ResourceKey.key)).all() == ["spring-2"]


def test_merged_campaigns_are_one_line_with_all_numbers(browser, acme, mail):
    mail("spring", "spring-b")
    with acme() as session:
        id_ = make_campaign(session, key="spring-b", name="Spring B").id
        make_campaign(session, key="spring", name="Spring sale")
    uma = browser("uma")

    asked = uma.post(f"{LIST}/{id_}/merge", f"{LIST}/{id_}/keys", into="spring sale")
    before = league(browser)
    uma.post(f"{LIST}/{id_}/merge", f"{LIST}/{id_}/keys", into="spring sale", confirmed="1")

    assert text(page(asked).select_one("h1")) == "Merge Spring B into Spring sale?"
    assert len(before) == 2
    assert league(browser) == {"Spring sale": "200"}
    assert [text(a) for a in page(uma.get(LIST)).select("tbody .name > a")] == ["Spring sale"]
    assert text(page(uma.get(f"{LIST}/{id_}")).select_one("main h2")) == "It was merged into Spring sale"
    back = uma.post(f"{LIST}/{id_}/unarchive", f"{LIST}/{id_}/edit")
    assert back.status_code == 409
    assert "belongs to Spring sale since the two were merged" in text(page(back).select_one("main"))


def test_draft_without_mail_is_deleted_and_anything_else_archived(browser, acme, mail):
    with acme() as session:
        draft = make_campaign(session, key="a", name="A", status=CampaignStatus.DRAFT).id
        counted = make_campaign(session, key="b", name="B", status=CampaignStatus.DRAFT).id
        active = make_campaign(session, key="c", name="C").id
    mail("b")
    uma = browser("uma")

    questions = [text(page(uma.get(f"{LIST}/{id_}/delete")).select_one("h1")) for id_ in (draft, counted, active)]
    for id_ in (draft, counted, active):
        uma.post(f"{LIST}/{id_}/delete")

    assert questions == ["Delete A?", "Archive B?", "Archive C?"]
    with acme() as session:
        rows = session.execute(sa.select(Campaign.name, Campaign.archived_at.is_not(None)).order_by(Campaign.name))
        assert [tuple(row) for row in rows] == [("B", True), ("C", True)]


def test_archived_one_comes_back_and_both_stand_in_its_activity(browser, acme):
    with acme() as session:
        id_ = make_campaign(session).id
    uma = browser("uma")

    uma.post(f"{LIST}/{id_}/archive", f"{LIST}/{id_}/edit")
    hidden = page(uma.get(LIST)).select("tbody tr")
    uma.post(f"{LIST}/{id_}/unarchive", f"{LIST}/{id_}/edit")

    done = [text(one) for one in page(uma.get(f"{LIST}/{id_}/activity")).select(".what")]
    assert hidden == []
    assert len(page(uma.get(LIST)).select("tbody tr")) == 1
    assert done == ["uma@acme.test brought it back", "uma@acme.test archived it"]


def test_foreign_cursor_and_unknown_state_are_refused(browser):
    gil = browser("gil")

    assert gil.get(f"{LIST}?cursor=abc").status_code == 400
    assert gil.get(f"{LIST}?status=nonsense").status_code == 422
    assert gil.get(f"{LIST}?sort=password").status_code == 422


def test_keys_are_registered_by_themselves_where_an_admin_wants_that(browser, acme, mail, engines, clock, cast):
    mail("welcome")
    ada = browser("ada")
    registration.register_all(engines, clock)
    with acme() as session:
        assert session.scalars(sa.select(Campaign.name)).all() == []

    ada.post(f"{LIST}/seen/automatic", f"{LIST}/seen", on="1")
    done = registration.register_all(engines, clock)
    again = registration.register_all(engines, clock)

    assert (done, again) == (1, 0)
    with acme() as session:
        assert session.scalars(sa.select(Campaign.name)).all() == ["welcome"]
    assert browser("uma").post(f"{LIST}/seen/automatic", f"{LIST}/seen", on="0").status_code == 403


def heads(shown):
    return [text(head) for head in shown.select(".register thead th")]


def test_list_shows_the_numbers_that_are_chosen(browser, acme, mail):
    with acme() as session:
        make_campaign(session, name="Spring sale")
    mail("spring")
    gil = browser("gil")

    every, some = page(gil.get(LIST)), page(gil.get(f"{LIST}?columns=bounced&columns=sent&q=spring"))

    six = ["Sent", "Delivered", "Opened", "Clicked", "Replied", "Bounced"]
    assert heads(every) == ["Campaign", "Today / daily limit", *six, "Last mail"]
    assert heads(some) == ["Campaign", "Today / daily limit", "Sent", "Bounced"]
    assert [cell["data-l"] for cell in some.select("tbody td")][1:] == ["Sent", "Bounced"]
    ticked = [box["value"] for box in some.select(".chooser input[type=checkbox]") if box.has_attr("checked")]
    assert ticked == ["sent", "bounced"]
    assert some.select_one(".chooser input[name=q]")["value"] == "spring"
    led = {link["href"] for link in some.select(".seg a, .register thead a")}
    assert all("columns=sent,bounced" in href or "columns=sent%2Cbounced" in href for href in led)
    refused = gil.get(f"{LIST}?columns=sent,secrets")
    assert refused.status_code == 422
    assert "columns must be some of sent, delivered" in text(page(refused).select_one("main"))
