"""Uploading the history of a source in a browser, and watching it being read; with script and without."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.inbox import told
from tests.journeys.checks import SIZES, Watch, find_faults, overhang

pytestmark = pytest.mark.browser

NUMBERS = ("Lines read", "Counted", "New", "Duplicate", "Too late", "Ignored", "Unreadable")


def export(name, number, *, days=1):
    """Return a file of events that happened some days ago, as a form takes it."""
    when = datetime.now(UTC) - timedelta(days=days)
    events = [told("sent", f"{name}-{n}", when=when.isoformat(), campaign_id="uploaded") for n in range(number)]
    body = "\n".join(json.dumps(event) for event in events).encode()
    return {"name": f"{name}.jsonl", "mimeType": "application/x-ndjson", "buffer": body}


def numbers(page, name):
    """Return what the list shows of an upload."""
    row = page.locator(".imports tbody tr", has_text=f"{name}.jsonl")
    return [row.locator(f"[data-l='{label}']").inner_text() for label in NUMBERS]


@pytest.fixture
def place(house):
    return f"/c/acme/sources/{house.source('acme')}/history"


def test_upload_is_watched_until_it_is_counted(open_page, place):
    page = open_page("ada@acme.test")
    watch = Watch(page)
    page.goto(place)

    page.locator("#file").set_input_files(export("watched", 6_000))
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("status").wait_for()
    page.locator(".imports tbody tr", has_text="watched.jsonl").get_by_text("done").wait_for(timeout=60_000)

    assert numbers(page, "watched") == ["6,000", "6,000", "6,000", "0", "0", "0", "0"]
    assert watch.complaints == []


def test_page_asks_no_more_when_all_is_counted(open_page, place):
    page = open_page("ada@acme.test")
    page.goto(place)
    page.locator("#file").set_input_files(export("quiet", 3))
    page.get_by_role("button", name="Upload").click()
    page.locator(".imports tbody tr", has_text="quiet.jsonl").get_by_text("done").wait_for(timeout=60_000)
    asked = []
    page.on("request", lambda request: asked.append(request.url))

    page.wait_for_timeout(2_500)

    assert asked == []


def test_upload_works_without_script(open_page, place):
    page = open_page("ada@acme.test", java_script_enabled=False)
    page.goto(place)

    page.locator("#file").set_input_files(export("plain", 3, days=100))
    page.get_by_role("button", name="Upload").click()
    for _ in range(60):
        page.goto(place)
        if page.locator(".imports tbody tr", has_text="plain.jsonl").get_by_text("done").count():
            break
        page.wait_for_timeout(500)

    assert numbers(page, "plain") == ["3", "3", "0", "0", "3", "0", "0"]
    assert "All that is new in it is older than 90 days." in page.locator(".imports").inner_text()


def test_refused_file_takes_the_focus_to_the_reason(open_page, place):
    page = open_page("ada@acme.test")
    page.goto(place)

    page.locator("#file").set_input_files({"name": "x.csv", "mimeType": "text/csv", "buffer": b"a,b\n1,2\n"})
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("alert").wait_for()

    assert page.evaluate("document.activeElement.id") == "error-summary"
    assert "The file does not begin with Generic events." in page.get_by_role("alert").inner_text()
    assert find_faults(page) == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_faults_in_a_list_of_uploads(open_page, place, size, scheme):
    page = open_page("ada@acme.test")
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(SIZES[size])
    page.goto(place)
    page.locator("#file").set_input_files(export(f"seen-{size}-{scheme}", 3))
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("status").wait_for()

    assert find_faults(page) == []
    assert overhang(page) <= 0
