"""What must hold for every page, whatever stands on it."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as TookTooLong

VENDOR = Path(__file__).parent / "vendor"
AXE = VENDOR / "axe-core-4.14.1" / "axe.min.js"

SCREEN = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
SIZES = {"screen": SCREEN, "phone": PHONE}

VIOLATIONS = """addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}`))"""

# What must be said of each fault to find it in the page.
RUN_AXE = """async () => (await axe.run(document, { resultTypes: ["violations"] })).violations.map(
  (one) => `${one.id}: ${one.nodes.map((node) => `${node.html} ${node.failureSummary}`).join("; ")}`)"""


class Watch:
    """Everything that a page complains about: errors, warnings, and what its policy refuses."""

    def __init__(self, page: Page) -> None:
        self.complaints: list[str] = []
        page.add_init_script(VIOLATIONS)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("console", self._hear)

    def _hear(self, message: Any) -> None:
        is_answer = message.text.startswith("Failed to load resource") and message.location["url"] == message.page.url
        if message.type in {"error", "warning"} and not is_answer:  # a 404 page is itself a failed resource
            self.complaints.append(f"{message.type}: {message.text}")


@cache
def axe() -> str:
    return AXE.read_text()


def find_faults(page: Page) -> list[str]:
    """Return what axe finds wrong with the page as it stands."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe())
    return page.evaluate(RUN_AXE)


WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def overhang(page: Page) -> int:
    """Return by how many pixels the page is wider than the screen; a chart takes some frames to be drawn anew."""
    with suppress(TookTooLong):
        page.wait_for_function(f"({WIDER}) <= 0", timeout=3_000)
    return page.evaluate(WIDER)
