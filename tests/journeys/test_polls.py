"""How often an open page asks, and how little an answer that says nothing does."""

from urllib.parse import urlsplit

import pytest

from tests.journeys.servers import wait_for
from tests.journeys.watching import Held, count, goto_drawn, stop_clock, wait_for_count

pytestmark = pytest.mark.browser

VISIBILITY = """(() => {
  let isHidden = false;
  Object.defineProperty(Document.prototype, "hidden", { get: () => isHidden });
  window.setHidden = (value) => { isHidden = value; document.dispatchEvent(new Event("visibilitychange")); };
})()"""

# The words of "3 s ago" change by themselves, and htmx marks the element that asks with a class.
CHANGES = """() => {
  window.changes = [];
  new MutationObserver((records) => {
    for (const one of records) {
      const element = one.target.nodeType === 1 ? one.target : one.target.parentElement;
      if (!element.closest("time[data-ago]") && one.attributeName !== "class") window.changes.push(element.outerHTML);
    }
  }).observe(document.querySelector("#live"), { subtree: true, childList: true, attributes: true, characterData: true });
}"""


@pytest.fixture
def page(open_page):
    """The overview of acme with a clock of its own, which stands still until it is moved."""
    page = open_page("uma@acme.test")
    page.add_init_script(VISIBILITY)
    page.clock.install()
    goto_drawn(page, "/c/acme/")
    stop_clock(page)
    return page


class Polls:
    """What the page asks, and the statuses of the answers; time passes for it by the second."""

    def __init__(self, page):
        self.page = page
        self.asked = 0
        self.answers = []
        self.waiting = []  # what was asked since we listen, and neither answered nor given up
        page.on("request", self._ask)
        page.on("response", self._answer)
        page.on("requestfailed", self._give_up)

    def _ask(self, request):
        if is_poll(request):
            self.asked += 1
            self.waiting.append(request)

    def _answer(self, response):
        if response.request in self.waiting:
            self.waiting.remove(response.request)
            self.answers.append(response.status)

    def _give_up(self, request):
        if request in self.waiting:
            self.waiting.remove(request)

    def pass_time(self, seconds):
        """Let seconds go by, one by one, each with the answer to what it asked."""
        for _ in range(seconds):
            self.page.clock.run_for(1000)
            self.settle()

    def settle(self):
        """Wait until everything is answered."""
        wait_for(lambda: self.page.wait_for_timeout(40) or not self.waiting)

    def begin(self):
        """Forget what was asked so far."""
        self.settle()
        self.asked, self.answers = 0, []


def is_poll(message):
    return urlsplit(message.url).path.endswith("/cards")


@pytest.fixture
def polls(page):
    return Polls(page)


def test_unchanged_poll_is_304_and_changes_nothing(page, polls):
    polls.pass_time(2)
    page.evaluate(CHANGES)
    draws = page.locator("[data-chart]").get_attribute("data-draws")

    polls.pass_time(4)

    assert len(polls.answers) >= 4
    assert set(polls.answers) == {304}
    assert page.evaluate("changes") == []
    assert page.locator("[data-chart]").get_attribute("data-draws") == draws


def test_active_person_polls_each_second(page, polls):
    polls.pass_time(5)

    assert len(polls.answers) == 5


def test_idle_person_polls_each_five_seconds(page, polls):
    page.clock.fast_forward(61_000)
    polls.begin()

    polls.pass_time(15)

    assert len(polls.answers) == 3


def test_idle_person_who_comes_back_polls_each_second_again(page, polls):
    page.clock.fast_forward(61_000)
    page.mouse.move(300, 300)
    polls.begin()

    polls.pass_time(3)

    assert len(polls.answers) == 3


def test_hidden_page_does_not_poll(page, polls):
    page.evaluate("setHidden(true)")

    polls.pass_time(10)

    assert polls.answers == []


def test_page_polls_at_once_when_it_is_seen_again(page, polls, program, today):
    page.evaluate("setHidden(true)")
    before = count(page, "sent")
    program.push(today, "while-hidden", 5)

    page.evaluate("setHidden(false)")

    wait_for_count(page, "sent", before + 5)
    assert polls.answers == [200]


def test_slow_answers_do_not_pile_up(page, polls):
    held = Held(page, "**/c/acme/cards*")
    page.clock.run_for(6000)
    page.wait_for_timeout(200)
    asked_at_once = polls.asked

    held.release()
    polls.settle()

    assert asked_at_once == 1
    assert len(polls.answers) <= 2  # the slow one, and at most one that waited for it
