"""The browser's libraries are the files that were vendored, and fit the libraries that the tests check with."""

import hashlib
import re
from datetime import date, timedelta
from json import loads
from pathlib import Path

import plotly.graph_objects
import plotly.offline
import pytest

import dashboard
from dashboard.presenters.charts import make_time_series
from dashboard.vocabulary.analytics import DailyNumbers, Days
from tests.factories import api_source_id, numbers, report
from tests.helpers import page

VENDOR = Path(dashboard.__file__).parent / "static" / "vendor"
VERSIONS = (VENDOR / "VERSIONS.md").read_text()
ROWS = re.findall(r"^\| (\S+/\S+) \| \S+ \| (\S+) \| (\S+) \| `([0-9a-f]{64})` \|$", VERSIONS, re.MULTILINE)
TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(("name", "digest"), [(row[0], row[3]) for row in ROWS])
def test_vendored_file_is_the_one_written_down(name, digest):
    assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest


def test_every_vendored_file_is_written_down():
    found = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}

    listed = {row[0] for row in ROWS}
    assert {name for name in found - listed if not name.endswith(("LICENSE.txt", "VERSIONS.md"))} == set()


@pytest.mark.parametrize(("name", "version"), [(row[0], row[1]) for row in ROWS])
def test_version_stands_in_the_folders_name(name, version):
    assert name.partition("/")[0].endswith(f"-{version}")


@pytest.mark.parametrize("folder", sorted(path.name for path in VENDOR.iterdir() if path.is_dir()))
def test_licence_lies_beside_the_files_of(folder):
    assert (VENDOR / folder / "LICENSE.txt").stat().st_size > 100


def test_plotly_of_the_tests_carries_the_same_plotly_js():
    (vendored,) = [version for name, version, *_ in ROWS if name.startswith("plotly")]

    expected = plotly.offline.get_plotlyjs_version()

    assert vendored.split(".")[:2] == expected.split(".")[:2]


def days(*sent):
    """Return consecutive days up to TODAY."""
    every = Days(TODAY - timedelta(days=len(sent) - 1), TODAY)
    return DailyNumbers.of(every, {day: (one, one // 2, 0, 0, 0, 0) for day, one in zip(every, sent, strict=True)})


@pytest.mark.parametrize("unit", ["count", "rate"])
@pytest.mark.parametrize("shown", [days(), days(0), days(5), days(1, 2, 0, 4)], ids=len)
@pytest.mark.parametrize("today", [None, TODAY])
def test_figure_is_one_that_plotly_takes(unit, shown, today):
    figure = make_time_series(shown, unit=unit, today=today, marks=[(TODAY, "Paused")])

    checked = plotly.graph_objects.Figure(figure)

    assert len(checked.data) == len(figure["data"])


def test_figure_of_a_page_is_one_that_plotly_takes(cast, engines, clock, browser):
    report(engines, cast.acme, api_source_id(engines, cast.acme), numbers(TODAY), now=clock())

    block = page(browser("gil").get("/c/acme/?unit=rate")).select_one("#chart-figure")

    assert plotly.graph_objects.Figure(loads(block.string)).data
