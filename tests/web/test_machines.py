"""What machines opened is counted apart and shown on request; what is not tracked stands under no rate."""

import json

import pytest

from tests.factories import api_source_id, make_campaign, make_source, numbers, report
from tests.helpers import page, text
from tests.inbox import at, told
from tests.stories import tell

PAGE = "/c/acme/analytics"


@pytest.fixture
def machine(engines, cast, vault):
    """One mail that a person opened, two that only machines opened."""
    source = make_source(engines, vault, cast.acme)[0]
    tell(
        engines, cast.acme, source,
        told("delivered", "m1"), told("opened", "m1", at(60)), told("delivered", "m2"),
        told("opened", "m2", at(60), machine=True), told("delivered", "m3"), told("opened", "m3", at(61), machine=True),
    )  # fmt: skip


def traces(shown):
    figure = json.loads(shown.select_one("#chart-figure").string)
    return {trace["name"]: trace for trace in figure["data"]}


def test_opens_by_machines_are_apart_until_they_are_asked_for(browser, machine):
    shown = page(browser("gil").get(PAGE))

    assert text(shown.select_one("#card-opened .val")) == "1"
    assert not shown.select(".by-machines")
    assert "Opened, with machines" not in traces(shown)


def test_opens_by_machines_are_a_hatched_band_when_asked_for(browser, machine):
    shown = page(browser("gil").get(PAGE + "?machines=shown"))

    found = traces(shown)
    assert text(shown.select_one("#card-opened .val")) == "1"
    assert text(shown.select_one("#card-opened .by-machines")) == "+2 by machines"
    assert found["Opened"]["y"][-1] == 1
    assert found["Opened, with machines"]["y"][-1] == 3
    assert found["Opened, with machines"]["fillpattern"]["shape"] == "/"
    assert "Hatched: 2 more were opened" in text(shown.select_one("#chart-caption"))


@pytest.fixture
def untracked(engines, cast, clock, seed):
    """Report 90 delivered and 40 opened for a campaign that is tracked, and 90 delivered for one that is not."""
    with seed(cast.acme) as session:
        make_campaign(session)
        make_campaign(session, key="plain", name="Plain", track_opens=False, track_clicks=False)
    both = (
        numbers(cast.acme.day_of(clock()), "spring"),
        numbers(cast.acme.day_of(clock()), "plain", opened=0, clicked=0),
    )
    report(engines, cast.acme, api_source_id(engines, cast.acme), *both, now=clock())


def test_what_is_not_tracked_stands_under_no_rate_and_the_disclosure_says_so(browser, untracked):
    shown = page(browser("gil").get(PAGE + "?unit=rate"))

    # 40 of (180 - 90) delivered
    assert text(shown.select_one("#card-opened .rate")).startswith("44.4%")
    assert "Left out: 90 delivered by campaigns whose opens are not tracked." in text(shown.select_one("#why-opened"))
    assert traces(shown)["Opened"]["y"][-1] == 0.4444
    rows = {text(row.select_one(".name a")): row for row in shown.select(".league tbody tr")}
    assert text(rows["Plain"].select_one("td[data-l=Opened] small")) == "–"
    assert text(rows["Spring"].select_one("td[data-l=Opened] small")) == "44.4%"
    total = shown.select_one(".league tfoot td[data-l=Opened] small")
    assert text(total) == "44.4%"


def test_other_types_leave_nothing_out(browser, untracked):
    shown = page(browser("gil").get(PAGE + "?type=template"))

    assert "Left out" not in shown.text
