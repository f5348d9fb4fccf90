"""Campaigns: their list, their pages, and every change to them."""

import json

import plotly.graph_objects as go
import pytest
import sqlalchemy as sa

from dashboard.models import AuditEntry, Campaign, Mark, ResourceKey
from dashboard.models.campaigns import CampaignStatus
from tests.factories import api_source_id, make_campaign, numbers, report
from tests.helpers import page, text

LIST = "/c/acme/campaigns"


@pytest.fixture
def spring(acme):
    """Return the id of an active campaign."""
    with acme() as session:
        return make_campaign(session, name="Spring sale").id


def fields(**changes):
    values = {
        "id": "01993b5e-0000-7000-8000-000000000001", "name": "Summer", "key": "summer", "daily_limit": "500",
        "timezone": "Europe/Berlin", "track_opens": "y", "track_clicks": "y",
    }  # fmt: skip
    return values | changes


def status(acme, id_):
    with acme() as session:
        return session.scalar(sa.select(Campaign.status).where(Campaign.id == id_))


def test_user_makes_a_draft_and_twice_sent_it_is_one(browser, acme):
    uma = browser("uma")

    first = uma.post(LIST, LIST + "/new", **fields())
    again = uma.post(LIST, LIST + "/new", **fields())

    assert (first.status_code, again.status_code) == (303, 303)
    assert first.location == again.location
    with acme() as session:
        (campaign,) = session.scalars(sa.select(Campaign)).all()
        assert (campaign.name, campaign.key, campaign.status) == ("Summer", "summer", CampaignStatus.DRAFT)
        assert session.scalars(sa.select(ResourceKey.key)).all() == ["summer"]


def test_key_is_made_of_the_name_when_none_is_given(browser, acme, spring):
    browser("uma").post(LIST, LIST + "/new", **fields(name="Frühling  & Söhne", key=""))

    with acme() as session:
        assert session.scalar(sa.select(Campaign.key).where(Campaign.name.like("Fr%"))) == "fruhling-sohne"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "The name must have 1 to 100 characters."),
        ("name", "x" * 101, "The name must have 1 to 100 characters."),
        ("name", "a\x07b", "The name must not contain control characters."),
        ("daily_limit", "0", "The daily limit must be a whole number from 1 to 10,000."),
        ("daily_limit", "10001", "The daily limit must be a whole number from 1 to 10,000."),
        ("daily_limit", "1.5", "The daily limit must be a whole number from 1 to 10,000."),
        ("timezone", "Nowhere/None", "The time zone must be a time zone such as Europe/Berlin."),
        ("key", "k" * 201, "The key has 201 characters; at most 200 are taken."),
    ],
)
def test_bad_value_is_told_at_its_field_and_what_was_typed_is_kept(browser, field, value, sentence):
    answer = browser("uma").post(LIST, LIST + "/new", **fields(**{field: value}))

    shown = page(answer)
    assert answer.status_code == 422
    assert text(shown.select_one(f"#{field}-error")) == sentence
    assert text(shown.select_one("#error-summary li a")) == sentence
    assert shown.select_one("#name" if field != "name" else "#key")["value"]


def test_name_and_key_of_another_campaign_are_refused(browser, spring):
    answer = browser("uma").post(LIST, LIST + "/new", **fields(name="Spring sale", key="spring"))

    assert answer.status_code == 422
    assert "already" in text(page(answer).select_one("#name-error"))
    assert text(page(answer).select_one("#key-error")) == "This key belongs to Spring sale already."


def test_older_revision_is_refused_with_both_versions_shown(browser, acme, spring):
    uma, ada = browser("uma"), browser("ada")
    path = f"{LIST}/{spring}/edit"
    old = page(uma.get(path)).select_one("#revision")["value"]
    ada.post(path, **fields(name="Ada's sale", key="spring", revision=old))

    answer = uma.post(path, **fields(name="Uma's sale", key="spring", revision=old))

    shown = page(answer)
    assert answer.status_code == 409
    assert [text(cell) for cell in shown.select(".versions tbody tr")[0].select("th, td")] == [
        "Name", "Ada's sale", "Uma's sale",
    ]  # fmt: skip
    assert shown.select_one("#name")["value"] == "Uma's sale"
    again = uma.post(path, **fields(name="Uma's sale", key="spring", revision=shown.select_one("#revision")["value"]))
    assert again.status_code == 303


@pytest.mark.parametrize(
    ("state", "verb", "expected"),
    [
        ("draft", "start", "active"), ("active", "pause", "paused"), ("paused", "resume", "active"),
        ("active", "complete", "completed"), ("paused", "complete", "completed"), ("completed", "reopen", "active"),
    ],
)  # fmt: skip
def test_state_is_changed_with_a_reason(browser, acme, state, verb, expected):
    with acme() as session:
        id_ = make_campaign(session, status=CampaignStatus(state)).id
    path = f"{LIST}/{id_}/move/{verb}"

    answer = browser("ada").post(path, reason="because")

    assert answer.status_code == 303
    assert status(acme, id_) == expected
    with acme() as session:
        entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == f"campaign.{verb}")).one()
        assert (entry.actor, entry.details["reason"]) == ("ada@acme.test", "because")
        assert session.scalar(sa.select(sa.func.count()).select_from(Mark)) == (verb in {"pause", "resume"})


@pytest.mark.parametrize(
    ("state", "verb"),
    [
        (state, verb)
        for state in ("draft", "active", "paused", "completed")
        for verb in ("start", "pause", "resume", "complete", "reopen")
        if (state, verb)
        not in {
            ("draft", "start"), ("active", "pause"), ("paused", "resume"), ("active", "complete"),
            ("paused", "complete"), ("completed", "reopen"),
        }
    ],
)  # fmt: skip
def test_transition_that_is_none_is_refused_with_a_sentence(browser, acme, state, verb):
    with acme() as session:
        id_ = make_campaign(session, status=CampaignStatus(state)).id

    answer = browser("ada").post(f"{LIST}/{id_}/move/{verb}", f"{LIST}/{id_}/move/{verb}")

    assert answer.status_code == 409
    assert f"Spring is {state}; only" in text(page(answer).select_one("main"))
    assert status(acme, id_) == state


def test_only_an_admin_reopens(browser, acme):
    with acme() as session:
        id_ = make_campaign(session, status=CampaignStatus.COMPLETED).id
    uma = browser("uma")

    answer = uma.post(f"{LIST}/{id_}/move/reopen", f"{LIST}/{id_}/move/reopen")

    assert answer.status_code == 403
    assert "Reopen" not in text(page(uma.get(f"{LIST}/{id_}")).select_one(".pagehead"))
    assert status(acme, id_) == "completed"


def test_guest_reads_and_a_stranger_finds_nothing(browser, spring):
    gil, rex = browser("gil"), browser("rex")

    assert gil.get(f"{LIST}/{spring}").status_code == 200
    assert gil.get(f"{LIST}/{spring}/edit").status_code == 403
    assert not page(gil.get(LIST)).select(".tick, a[href$='/new']")
    assert rex.get(f"{LIST}/{spring}").status_code == 404
    assert rex.get(f"/c/rival/campaigns/{spring}").status_code == 404


def test_search_finds_words_without_accents_and_the_last_as_a_beginning(browser, acme):
    with acme() as session:
        for n, name in enumerate(("Été à Paris", "Ete Lyon", "Hiver Paris", "Паризьке літо")):
            make_campaign(session, key=f"k{n}", name=name)
    gil = browser("gil")

    def found(words):
        return [text(a) for a in page(gil.get(LIST, query_string={"q": words})).select("tbody .name > a")]

    assert found("ete") == ["Été à Paris", "Ete Lyon"]
    assert found("ÉTÉ par") == ["Été à Paris"]
    assert found("par ete") == []  # `par` is a whole word here, and there is none
    assert found("ПАРИЗ") == ["Паризьке літо"]
    assert found("100%") == []


def test_list_is_paged_without_gap_in_every_order(browser, acme, cast, engines, clock):
    with acme() as session:
        for n in range(53):
            make_campaign(session, key=f"k{n:02}", name=f"Campaign {n % 7} {n}", daily_limit=1 + n % 5)
    source = api_source_id(engines, cast.acme)
    day = cast.acme.day_of(clock())
    report(engines, cast.acme, source, *(numbers(day, f"k{n:02}", sent=100 + n % 3) for n in range(10)), now=clock())
    gil = browser("gil")

    for sort in ("name", "created", "changed", "status", "limit", "sent"):
        for direction in ("", "desc"):
            address, seen = f"{LIST}?sort={sort}&dir={direction}", []
            while address:
                shown = page(gil.get(address))
                seen += [a["href"] for a in shown.select("tbody .name > a")]
                more = [a["href"] for a in shown.select(".pager a") if "Next" in a.text]
                address = more[0] if more else None
            assert len(seen) == len(set(seen)) == 53, (sort, direction)


def test_numbers_of_the_list_are_those_of_analytics(browser, acme, cast, engines, clock, spring):
    source = api_source_id(engines, cast.acme)
    report(engines, cast.acme, source, numbers(cast.acme.day_of(clock()), "spring"), now=clock())
    gil = browser("gil")

    row = page(gil.get(LIST)).select_one("tbody tr")
    league = page(gil.get("/c/acme/analytics")).select_one(".league tbody tr")

    def cells(found):
        return [text(cell) for cell in found.select("td.num") if "meterbox" not in cell["class"]]

    assert cells(row) == cells(league)
    assert cells(row)[0] == "100"
    assert text(row.select_one(".meterbox")).startswith("100 / 100")


def test_many_are_paused_after_a_question_and_the_rest_is_left(browser, acme):
    with acme() as session:
        ids = [
            make_campaign(session, key=f"k{n}", name=f"N {n}", status=state).id
            for n, state in enumerate((CampaignStatus.ACTIVE, CampaignStatus.ACTIVE, CampaignStatus.DRAFT))
        ]
    uma = browser("uma")
    token = uma.token(LIST)

    asked = uma.client.post(f"{LIST}/bulk", data={"verb": "pause", "all": "1", "csrf_token": token})
    sent = {"verb": "pause", "all": "1", "confirmed": "1", "reason": "flood", "csrf_token": token}
    done = uma.client.post(f"{LIST}/bulk", data=sent)

    assert "Pause 3 campaigns?" in text(page(asked).select_one("h1"))
    assert [status(acme, id_) for id_ in ids] == ["paused", "paused", "draft"]
    assert "2 campaigns were paused. 1 was left as it is." in uma.get(done.location).text


def test_list_is_a_file_for_admins_with_formulas_defused(browser, acme):
    with acme() as session:
        make_campaign(session, key="=cmd", name="=1+1")
    ada = browser("ada")

    answer = ada.post(f"{LIST}/csv", LIST)

    lines = answer.text.split("\r\n")
    assert lines[0].startswith("Name,Key,Status,Daily limit,Time zone,")
    assert lines[0].endswith("Sent,Delivered,Opened,Clicked,Replied,Bounced,Last mail")
    assert lines[1].startswith("'=1+1,'=cmd,active,100,UTC,")
    assert browser("uma").post(f"{LIST}/csv", LIST).status_code == 403


def test_up_to_five_campaigns_stand_on_one_chart(browser, acme, cast, engines, clock):
    with acme() as session:
        ids = [make_campaign(session, key=f"k{n}", name=f"N {n}").id for n in range(6)]
    day = cast.acme.day_of(clock())
    source = api_source_id(engines, cast.acme)
    report(engines, cast.acme, source, *(numbers(day, f"k{n}", delivered=80 + n) for n in range(6)), now=clock())
    uma = browser("uma")
    sent = {"verb": "compare", "id": [str(id_) for id_ in ids[:2]], "csrf_token": uma.token(LIST)}

    led = uma.client.post(f"{LIST}/bulk", data=sent)
    shown = page(uma.get(led.location))

    figure = json.loads(shown.select_one("#chart-figure").string)
    assert [(one["name"], one["y"][-1]) for one in figure["data"]] == [("N 0", 80), ("N 1", 81)]
    assert text(shown.select_one(".caption")) == "Delivered: N 0 80, N 1 81."
    assert page(uma.get(f"{LIST}/compare")).select_one(".empty")
    assert uma.get(f"{LIST}/compare", query_string={"id": [str(id_) for id_ in ids]}).status_code == 422
    assert go.Figure(figure)
