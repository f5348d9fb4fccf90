"""What journeys do and see again and again: sign in, read the cards and the drawn chart, slow the network down."""

from __future__ import annotations

import httpx
from playwright.sync_api import Page, Response, Route


def sign_in(page: Page, email: str, password: str) -> None:
    """Sign in through the form."""
    page.goto("/login")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login" not in url)


def goto_drawn(page: Page, path: str) -> Response | None:
    """Open a page and wait until its chart is drawn."""
    response = page.goto(path)
    page.locator("[data-chart][data-draws]").wait_for()
    return response


def stop_clock(page: Page) -> None:
    """Let the page's clock stand still until it is moved; the clock was installed before the page was opened."""
    page.clock.pause_at(page.evaluate("Date.now() / 1000 + 0.1"))


def count(page: Page, metric: str) -> int:
    """Return the number on a card."""
    return int(page.locator(f"[data-metric={metric}]").inner_text().replace(",", ""))


def drawn(page: Page, metric: str) -> list[float]:
    """Return the values that Plotly has drawn for a metric."""
    script = "metric => document.querySelector('[data-chart]').data.find((one) => one.meta.metric === metric).y"
    return page.evaluate(script, metric)


def wait_for_count(page: Page, metric: str, number: int, *, drawn_last: float | None = None) -> None:
    """Wait until a card shows the number, and the chart's last day its own."""
    page.wait_for_function(
        """([metric, number, last]) => {
          const card = document.querySelector(`[data-metric=${metric}]`);
          const trace = document.querySelector("[data-chart]")?.data?.find((one) => one.meta.metric === metric);
          return card?.textContent === number.toLocaleString("en-US") && (last === null || trace?.y.at(-1) === last);
        }""",
        arg=[metric, number, drawn_last],
    )


class Program:
    """A program that pushes numbers to the server with an API key."""

    def __init__(self, url: str, key: str) -> None:
        self.client = httpx.Client(base_url=url, headers={"X-Api-Key": key}, timeout=10)

    def push(self, day: str, resource: str, sent: int) -> None:
        """Set one day's numbers of a campaign."""
        metrics = {"sent": sent, "delivered": sent, "opened": 0, "clicked": 0, "replied": 0, "bounced": 0}
        body = {"type": "campaign", "resourceId": resource, "date": day, "metrics": metrics}
        self.client.post("/api/analytics", json=body).raise_for_status()


class Held:
    """Requests that wait until they are released, as if the way to the server were slow."""

    def __init__(self, page: Page, pattern: str) -> None:
        self.page = page
        self.pattern = pattern
        self.routes: list[Route] = []
        page.route(pattern, self._hold)

    def _hold(self, route: Route) -> None:
        self.routes.append(route)

    def release(self) -> None:
        """Let them go on, and those that follow."""
        for route in self.routes:
            route.continue_()
        self.page.unroute(self.pattern)
