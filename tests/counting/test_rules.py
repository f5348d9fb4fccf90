"""Mapping rules: what a pattern looks like, which rule decides, and how long that takes."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.counting.batches import Incoming, gather
from dashboard.counting.rules import Pattern, Rule, Rules, Texts
from dashboard.vocabulary.events import Event, EventType

NOTHING_TOLD = (None, None, None, None)


def rule(pattern="*sale*", key="sale", *, kind="campaign", field="subject", name=""):
    return Rule(kind, field, name, pattern, key)


def texts(*tags, sender="", subject="", **metadata):
    return Texts(tags, sender, subject, metadata)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("sale", "Sale"),
        ("*sale*", "Summer SALE!"),
        ("sale*", "sale"),
        ("*sale", "summer sale"),
        ("*", "x"),
        ("s*e", "se"),
        ("a*b*c", "a-b-b-c"),
        ("*ab*ba*", "abba"),
        ("[1]*", "[1] news"),
        ("what?", "What?"),
        ("a.c", "a.c"),
        (r"\d*", r"\d+"),
        ("(*", "(("),
        ("**********a", "banana"),
        ("*" * 200, "anything"),
        ("größe", "GRÖSSE"),
        ("caf\u00e9*", "Cafe\u0301 Bar"),
        ("*🎉*", "Yes 🎉!"),
        ("sale", "  sale "),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("a*c", "a\nb\nc"),
    ],
)
def test_pattern_fits(pattern, text):
    assert Pattern(pattern).matches(text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("sale", "sales"),
        ("sale*", "a sale"),
        ("*sale", "sale!"),
        ("aba*aba", "aba"),
        ("ab*ba", "aba"),
        ("a*b*c", "a-c-b"),
        ("[ab]", "a"),
        ("what?", "whats"),
        ("a.c", "abc"),
        ("*", ""),
        ("*" * 200, ""),
        ("sale", ""),
    ],
)
def test_pattern_does_not_fit(pattern, text):
    assert not Pattern(pattern).matches(text)


@given(st.text("ab*", max_size=8), st.text("ab", min_size=1, max_size=8))
def test_pattern_fits_what_a_slow_and_simple_search_finds(pattern, text):
    def fits(left, rest):
        if not left:
            return not rest
        if left[0] == "*":
            return any(fits(left[1:], rest[start:]) for start in range(len(rest) + 1))
        return bool(rest) and left[0] == rest[0] and fits(left[1:], rest[1:])

    assert Pattern(pattern).matches(text) == fits(pattern, text)


@pytest.mark.parametrize("pattern", ["*a" * 100, "*" * 200, "a*" * 100, "*a" * 99 + "*b", "*aab" * 50])
def test_hostile_pattern_takes_no_time(pattern):
    text = "a" * 500  # as much as adapters keep
    began = time.process_time()

    for turn in range(1_000):
        Pattern(pattern).matches(f"{text}{turn}")

    assert time.process_time() - began < 1.0  # a thousandth of a second each; some regular expressions never end


def test_first_rule_of_a_type_decides():
    rules = Rules([rule("*big*", "big"), rule("*sale*", "sale"), rule("*sale*", "offers", kind="template")])

    named = rules.choose(texts(subject="A big sale"), ("told", "told", "told", None))

    assert named == ("big", "offers", "told", None)


@pytest.mark.parametrize(
    ("field", "known"),
    [
        ("tag", texts("news", "sale")),
        ("sender", texts(sender="sale@acme.test")),
        ("subject", texts(subject="Sale")),
        ("metadata", texts(team="sale")),
    ],
)
def test_rule_looks_at_its_field_only(field, known):
    rules = {one: Rules([rule("sale*", field=one, name="team")]) for one in ("tag", "sender", "subject", "metadata")}

    found = {one for one, alone in rules.items() if alone.choose(known, NOTHING_TOLD)[0]}

    assert found == {field}


def test_metadata_of_another_name_is_not_looked_at():
    rules = Rules([rule("*", field="metadata", name="team")])

    assert rules.choose(texts(Team="growth", other="x"), NOTHING_TOLD) == NOTHING_TOLD
    assert rules.choose(texts(team=""), NOTHING_TOLD) == NOTHING_TOLD
    assert rules.choose(texts(team="growth"), NOTHING_TOLD)[0] == "sale"


def test_outcome_for_one_mail_is_not_that_for_another_with_other_metadata():
    rules = Rules([rule("a*", "a", field="metadata", name="x"), rule("b*", "b", field="metadata", name="y")])

    found = [
        rules.choose(texts(**known), NOTHING_TOLD)[0] for known in ({"x": "a"}, {"y": "a"}, {"y": "b"}, {"x": "b"})
    ]

    assert found == ["a", None, "b", None]


def test_many_different_mails_are_told_apart():
    rules = Rules([rule("*7", "seven")])

    found = [rules.choose(texts(subject=str(n)), NOTHING_TOLD)[0] == "seven" for n in range(25_000)]

    assert found == [n % 10 == 7 for n in range(25_000)]


def test_two_hundred_rules_hardly_slow_down_a_batch():
    rules = Rules(rule(f"*{n}*x", f"k{n}") for n in range(200))
    events = [
        Event(type=EventType.OPENED, at_us=10**15 + n, message_id=f"m{n}", subject=f"News {n % 20}", tags=("a", "b"))
        for n in range(2_000)
    ]
    began = time.process_time()

    batch = gather([Incoming(1, 1, 2 * 10**15, events)], rules)

    assert len(batch.rows) == 2_000
    assert time.process_time() - began < 1.0  # 20 subjects are looked at, not 2,000
