"""How a page comes to be seen: small, numbers first, and nothing moves when the chart arrives."""

import pytest

from tests.journeys.checks import PHONE, SIZES
from tests.journeys.watching import Held, count

pytestmark = pytest.mark.browser

LIMIT_BYTES = 60_000
PLOTLY = "**/plotly-cartesian.min.js*"
WATCHED = [".metrics", "#h-daily", "#chart", "#chart-caption", "#h-funnel", "#h-league"]
SHIFTS = """() => new Promise((resolve) => new PerformanceObserver((list) =>
    resolve(list.getEntries().reduce((sum, one) => sum + one.value, 0))
  ).observe({ type: "layout-shift", buffered: true }) || setTimeout(() => resolve(0), 200))"""


def boxes(page):
    return {name: page.locator(name).bounding_box() for name in WATCHED}


def test_overview_is_small(open_page):
    page = open_page("ada@acme.test")

    body = page.goto("/c/acme/").body()

    assert len(body) <= LIMIT_BYTES


@pytest.mark.parametrize("size", SIZES)
def test_numbers_are_painted_before_the_chart_and_stay_where_they_are(open_page, size):
    page = open_page("ada@acme.test", viewport=SIZES[size])
    held = Held(page, PLOTLY)

    page.goto("/c/acme/")
    page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length")
    page.wait_for_function("() => document.fonts.status === 'loaded'")
    shown, before = count(page, "sent"), boxes(page)
    is_drawn = page.locator("[data-chart][data-draws]").count()
    held.release()
    page.locator("[data-chart][data-draws]").wait_for()

    assert (shown > 0, is_drawn) == (True, 0)
    assert boxes(page) == before
    assert page.evaluate(SHIFTS) < 0.01


def test_page_stays_whole_when_the_chart_cannot_be_fetched(open_page):
    page = open_page("ada@acme.test", viewport=PHONE)
    page.route(PLOTLY, lambda route: route.abort())

    page.goto("/c/acme/")
    page.get_by_text("Show these numbers as a table").click()

    assert count(page, "sent") > 0
    assert page.locator("#numbers tbody tr").first.is_visible()


def test_a_page_without_a_chart_fetches_no_plotly(open_page):
    page = open_page("ada@acme.test")
    asked = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto("/c/acme/exports", wait_until="networkidle")

    assert [url for url in asked if "plotly" in url] == []
