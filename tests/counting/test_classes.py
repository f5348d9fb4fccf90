"""Who opened or clicked, and the rule that decided."""

import pytest

from dashboard.counting.classes import Actor, Engagement, Rule, classify, is_unsubscribe

DELIVERED = 1_000_000_000
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36"


def opened(seconds=60.0, agent="", *, flagged=False):
    return Engagement("opened", DELIVERED + int(seconds * 1e6), "", agent, flagged)


def clicked(seconds=60.0, url="https://a.test/1", agent=BROWSER, *, flagged=False):
    return Engagement("clicked", DELIVERED + int(seconds * 1e6), url, agent, flagged)


@pytest.mark.parametrize(
    ("seen", "actor", "rule"),
    [
        (opened(flagged=True, agent=BROWSER), Actor.PROXY, Rule.PROVIDER),
        (clicked(flagged=True), Actor.SCANNER, Rule.PROVIDER),
        (opened(agent="Mozilla/5.0 (via ggpht.com GoogleImageProxy)"), Actor.PROXY, Rule.PROXY),
        (opened(agent="YahooMailProxy; https://help.yahoo.com"), Actor.PROXY, Rule.PROXY),
        (opened(agent="Mozilla/5.0"), Actor.PROXY, Rule.PROXY),  # Apple's, without anything behind it
        (clicked(agent="Mozilla/5.0 (compatible; Barracuda Sentinel)"), Actor.SCANNER, Rule.SCANNER),
        (clicked(agent="python-requests/2.32"), Actor.SCANNER, Rule.SCANNER),
        (opened(1.9, BROWSER), Actor.SCANNER, Rule.TOO_SOON),
        (opened(2.0, BROWSER), Actor.HUMAN, Rule.BROWSER),
        (opened(0, BROWSER), Actor.SCANNER, Rule.TOO_SOON),
        (opened(-1, BROWSER), Actor.HUMAN, Rule.BROWSER),  # before the delivery: clocks differ
        (opened(), Actor.UNKNOWN, Rule.NOTHING),
        (clicked(), Actor.HUMAN, Rule.BROWSER),
    ],
)
def test_first_rule_that_applies_decides(seen, actor, rule):
    (verdict,) = classify([seen], DELIVERED)

    assert (verdict.actor, verdict.rule) == (actor, rule)
    assert verdict.is_machine == (actor in {Actor.PROXY, Actor.SCANNER})


def test_nobody_is_too_soon_where_the_delivery_is_not_known():
    (verdict,) = classify([opened(0.5, BROWSER)], None)

    assert verdict.actor is Actor.HUMAN


def test_several_links_within_five_seconds_are_a_scan():
    clicks = [clicked(60, "https://a.test/1"), clicked(65, "https://a.test/2"), clicked(80, "https://a.test/3")]

    verdicts = classify(clicks, DELIVERED)

    assert [verdict.rule for verdict in verdicts] == [Rule.MANY_LINKS, Rule.MANY_LINKS, Rule.BROWSER]


def test_one_link_clicked_twice_is_no_scan():
    verdicts = classify([clicked(60), clicked(61)], DELIVERED)

    assert {verdict.rule for verdict in verdicts} == {Rule.BROWSER}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.test/unsubscribe?u=1", True), ("https://unsubscribe.a.test/", True), ("https://a.test/Unsubscribe", True),
        ("https://a.test/?next=unsubscribe", True), ("https://a.test/subscribe", False), ("", False),
        ("https://a.test/#unsubscribe", False), ("https://[unsubscribe", True),
    ],
)  # fmt: skip
def test_links_to_unsubscribe_are_known(url, expected):
    assert is_unsubscribe(url) is expected
