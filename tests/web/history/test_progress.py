"""Watching an upload being read: what the page shows, when it asks again, and what it hears."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from dashboard.database.engine import Mode
from dashboard.models import Delivery
from dashboard.services.retention import purge
from tests.helpers import HTMX, page, text
from tests.inbox import count
from tests.uploads import lines, row_of, run, take


def test_page_polls_only_while_something_goes_on(upload, kept, engines, cast, browser, path, clock):
    quiet = page(browser("ada").get(path)).select_one("#imports")
    upload()
    busy = page(browser("ada").get(path)).select_one("#imports")
    run(engines, kept, now=clock())
    count(engines, cast.acme)
    done = page(browser("ada").get(f"{path}/progress", headers=HTMX)).select_one("#imports")

    assert [one.get("hx-get") for one in (quiet, busy, done)] == [None, f"{path}/progress", None]


def test_poll_answers_304_until_something_changes(upload, kept, engines, browser, path, clock):
    upload(lines(600))
    ada = browser("ada")
    tag = ada.get(f"{path}/progress", headers=HTMX).headers["HX-PTag"]

    unchanged = ada.get(f"{path}/progress", headers=HTMX | {"HX-PTag": tag})
    run(engines, kept, now=clock())
    changed = ada.get(f"{path}/progress", headers=HTMX | {"HX-PTag": tag})

    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert changed.status_code == 200
    assert row_of(page(changed))["State"].startswith("counting")


def test_half_read_file_shows_its_share(engines, cast, browser, tmp_path, path, source, clock):
    take(engines, cast.acme, source, tmp_path, lines(1_000))
    pauses = iter([False])

    with pytest.raises(StopIteration):
        run(engines, tmp_path, pause=lambda _seconds: next(pauses))
    shown = page(browser("ada").get(path))

    # the first half of the lines is a little shorter than the second, whose numbers have a digit more
    assert row_of(shown)["Lines read"] == "500"
    assert 48 <= int(shown.select_one("#imports progress")["value"]) <= 50


def test_file_that_holds_nothing_to_count_makes_somebody_look_twice(upload, kept, engines, cast, browser, path, clock):
    upload(b'{"events": []}\n' * 3)
    run(engines, kept, now=clock())
    count(engines, cast.acme)

    row = row_of(page(browser("ada").get(path)))

    assert (row["Lines read"], row["Counted"]) == ("3", "0")
    assert "Is it the right file?" in row["State"]


def test_uploads_go_from_the_list_with_their_deliveries(upload, kept, engines, cast, browser, path, clock):
    upload()
    run(engines, kept, now=clock())
    count(engines, cast.acme)
    with engines[Mode.WRITE].begin() as connection:
        purge(connection, clock() + timedelta(days=30))

    assert "Nothing was uploaded" in text(page(browser("ada").get(path)).select_one("#imports"))


def test_delivery_of_an_upload_can_be_opened(engines, cast, seed, browser, source, tmp_path):
    take(engines, cast.acme, source, tmp_path, lines(2) + b'{"type": "sent"}\n')
    run(engines, tmp_path)
    count(engines, cast.acme)
    with seed(cast.acme) as session:
        delivery_id = session.scalar(sa.select(Delivery.id))

    answer = browser("ada").get(f"/c/acme/sources/{source}/deliveries/{delivery_id}")

    shown = text(page(answer).select_one("main"))
    assert answer.status_code == 200
    assert "x-import-line" in shown
    assert "The field 'at' is missing." in shown
