"""An admin takes files out."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.journeys.watching import goto_drawn

pytestmark = pytest.mark.browser


@pytest.fixture
def download(open_page, program, today):
    """Fill in the form of the exports page for today and return the file's name and text: `download("CSV")`."""
    program.push(today, "downloaded", 41)
    page = open_page("ada@acme.test")

    def downloaded(wanted, path="/c/acme/exports"):
        page.goto(path)
        page.get_by_label("From").fill(today)
        page.get_by_label("To", exact=True).fill(today)
        page.get_by_label("Format").select_option(wanted)
        with page.expect_download() as started:
            page.get_by_role("button", name="Download").click()
        return started.value.suggested_filename, Path(started.value.path()).read_bytes().decode()

    return downloaded


def test_csv_has_the_pushed_row(download, today):
    name, text = download("CSV")

    first, *rows = csv.reader(io.StringIO(text, newline=""))
    assert name == f"sendscope_acme_campaign_{today}_{today}.csv"
    assert ",".join(first) == "Date,Type,Resource ID,Sent,Delivered,Opened,Clicked,Replied,Bounced"
    assert [today, "campaign", "downloaded", "41", "41", "0", "0", "0", "0"] in rows


def test_json_has_the_pushed_row(download, today):
    name, text = download("JSON")

    (row,) = [one for one in json.loads(text)["details"] if one["resourceId"] == "downloaded"]
    assert name == f"sendscope_acme_campaign_{today}_{today}.json"
    assert row["metrics"]["sent"] == 41


def test_export_of_a_narrowed_view_has_its_rows_only(download):
    _, text = download("CSV", "/c/acme/exports?resource=downloaded")

    _, *rows = csv.reader(io.StringIO(text, newline=""))
    assert [row[2:4] for row in rows] == [["downloaded", "41"]]


def test_analytics_page_leads_to_its_own_export(open_page):
    page = open_page("ada@acme.test")
    goto_drawn(page, "/c/acme/analytics?range=7&type=domain&basis=event&resource=mail.acme.test")

    page.get_by_role("link", name="Export this view").click()

    assert page.locator("main .tag").inner_text() == "domain mail.acme.test"
    assert [page.get_by_label(label).input_value() for label in ("Numbers by", "Days")] == ["domain", "event"]
