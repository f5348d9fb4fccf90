"""What a preview finds: the messages that counting anew would name differently, and no others."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from dashboard.counting.previews import Example, Shift
from dashboard.counting.rules import Rule
from dashboard.queries import rules as queries
from dashboard.services import proof, rules
from tests.factories import make_source
from tests.inbox import NOON, at, count, put, rollups, told

SALE = Rule("campaign", "subject", "", "*sale*", "sale")


@pytest.fixture
def website(engines, app, cast):
    return make_source(engines, app.extensions["vault"], cast.acme)[0]


@pytest.fixture
def counted(engines, cast, website):
    """Three messages of the spring campaign; two of them are about a sale, one of these has two events."""
    put(
        engines, cast.acme, website,
        told("sent", "m1", subject="Summer sale"), told("opened", "m1", at(5), subject="Summer sale"),
        told("sent", "m2", subject="Summer sale"), told("sent", "m3", subject="Hello"),
    )  # fmt: skip
    count(engines, cast.acme)
    return cast.acme


@pytest.fixture
def preview(reading, cast):
    """Return what a rule more, or one in place of another, would change."""

    def ask(rule=SALE, *, instead_of=None, now=NOON, company=None, **limits):
        with reading(company) as session:
            proposal = queries.propose(queries.list_rules(session), rule, instead_of=instead_of)
            return queries.preview(session, (company or cast.acme).id, proposal, now=now, **limits)

    return ask


@pytest.fixture
def add(seed, cast):
    """Store a rule and return its id."""

    def added(rule, company=None):
        company, rule_id = company or cast.acme, uuid4()
        with seed(company) as session:
            rules.add_rule(session, company.id, rule_id, rule, actor="ada", now=NOON)
        return rule_id

    return added


def test_preview_counts_messages_and_events(counted, preview):
    found = preview()

    # looked at: m1 with 2 events, m2, m3 with 1 each; m1 and m2 move with their 3 events
    assert (found.messages, found.events, found.is_cut) == (3, 4, False)
    assert (found.matched, found.named, found.moved_messages, found.moved_events) == (2, 2, 2, 3)
    assert found.examples == [Example("campaign", "Summer sale", "spring", "sale", 2)]
    assert found.shifts == [Shift("campaign", "sale", 0, 2), Shift("campaign", "spring", 2, 0)]


def test_preview_says_what_a_rebuild_then_does(engines, counted, preview, add, website):
    put(
        engines, counted, website,
        told("delivered", "m1", at(1)), told("sent", "m4", subject="SALE", campaign_id=None),
        told("sent", "m5", at(3)), told("opened", "m5", at(2), subject="late sale", campaign_id="other"),
    )  # fmt: skip
    count(engines, counted)
    before = rollups(engines, counted)
    found = preview()
    add(SALE)

    changed = proof.rebuild(engines, counted, "test", lambda: NOON)

    # m1, m2 from spring; m4 from none; m5, whose earliest event is the open, from other
    assert changed == found.moved_messages == 4
    assert {(one.key, one.lost, one.won) for one in found.shifts} == {
        ("sale", 0, 4), ("spring", 2, 0), ("", 1, 0), ("other", 1, 0),
    }  # fmt: skip
    after = rollups(engines, counted)
    moved = {
        key: sum(row.get("sent", 0) * sign for rows, sign in ((after, 1), (before, -1)) for k, row in rows.items() if k[:3] == ("sent", "campaign", key))
        for key in ("sale", "spring", "", "other")
    }  # fmt: skip
    assert moved == {one.key: one.won - one.lost for one in found.shifts}


def test_nothing_moves_after_the_rebuild(engines, counted, preview, add):
    rule_id = add(SALE)
    proof.rebuild(engines, counted, "test", lambda: NOON)

    found = preview(instead_of=rule_id)

    assert (found.matched, found.named, found.moved_messages, found.moved_events) == (2, 2, 0, 0)
    assert (found.examples, found.shifts) == ([], [])


def test_narrower_rule_gives_back_what_it_named(engines, counted, preview, add):
    rule_id = add(SALE)
    proof.rebuild(engines, counted, "test", lambda: NOON)

    found = preview(Rule("campaign", "subject", "", "winter sale", "sale"), instead_of=rule_id)

    assert (found.matched, found.moved_messages) == (0, 2)
    assert found.examples == [Example("campaign", "Summer sale", "sale", "spring", 2)]


def test_change_of_type_moves_resources_of_both(engines, counted, preview, add):
    rule_id = add(SALE)
    proof.rebuild(engines, counted, "test", lambda: NOON)

    found = preview(Rule("template", "subject", "", "*sale*", "offer"), instead_of=rule_id)

    assert (found.moved_messages, found.moved_events) == (2, 3)
    assert {(one.type, one.key, one.lost, one.won) for one in found.shifts} == {
        ("campaign", "sale", 2, 0), ("campaign", "spring", 0, 2), ("template", "welcome", 2, 0),
        ("template", "offer", 0, 2),
    }  # fmt: skip


def test_earlier_rule_decides(counted, preview, add):
    add(Rule("campaign", "subject", "", "summer*", "summer"))

    found = preview()

    assert (found.matched, found.named, found.moved_messages) == (2, 0, 0)


def test_what_other_rules_move_is_not_told_of_this_one(counted, preview, add):
    add(Rule("campaign", "subject", "", "hello", "greetings"))
    rule_id = add(SALE)

    found = preview(instead_of=rule_id)

    # m3 moves to greetings, too, when history is counted anew, but not by this rule
    assert (found.moved_messages, found.moved_events) == (2, 3)
    assert {one.key for one in found.shifts} == {"sale", "spring"}


def test_rule_that_comes_before_others_takes_from_them(engines, counted, preview, add):
    rule_id = add(Rule("campaign", "tag", "", "none", "big"))
    add(SALE)
    proof.rebuild(engines, counted, "test", lambda: NOON)

    found = preview(Rule("campaign", "subject", "", "summer*", "big"), instead_of=rule_id)

    assert found.shifts == [Shift("campaign", "big", 0, 2), Shift("campaign", "sale", 2, 0)]


def test_rule_that_is_widened_before_it_is_counted_moves_all_it_names(counted, preview, add):
    rule_id = add(Rule("campaign", "subject", "", "summer*", "sale"))

    found = preview(Rule("campaign", "subject", "", "*", "sale"), instead_of=rule_id)

    # of m1 and m2 the saved rule says the same, but that is not counted yet; m3 is new
    assert found.moved_messages == 3


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (Rule("campaign", "tag", "", "NEW*", "x"), "news"),
        (Rule("template", "sender", "", "news@*", "x"), "news@acme.test"),
        (Rule("domain", "metadata", "team", "*ö*", "x.test"), "Größen"),
        (Rule("mailbox", "subject", "", "[!] a?", "x@x.test"), "[!] A?"),
    ],
)
def test_example_shows_the_text_that_fits(engines, cast, website, preview, rule, text):
    put(
        engines, cast.acme, website,
        told("sent", subject="[!] A?", tags=["shop", "news"], metadata={"team": "Größen", "n": "1"}),
    )  # fmt: skip
    count(engines, cast.acme)

    found = preview(rule)

    assert [(one.text, one.after) for one in found.examples] == [(text, rule.resource_key)]


def test_window_is_thirty_days(engines, counted, preview):
    assert preview(now=NOON + timedelta(days=29)).messages == 3
    assert preview(now=NOON + timedelta(days=31)).messages == 0


def test_newest_messages_are_looked_at_when_there_are_too_many(engines, counted, preview, website):
    put(engines, counted, website, told("sent", "m9", at(60), subject="the newest sale"))
    count(engines, counted)

    found = preview(most_events=3)

    # m9 with 1 event and m1, whose open came later than what is known of m2 and m3, with 2
    assert (found.messages, found.events, found.is_cut) == (2, 3, True)
    assert {one.text for one in found.examples} == {"the newest sale", "Summer sale"}


def test_events_under_another_name_belong_to_their_message(engines, app, cast, preview):
    sendgrid = make_source(engines, app.extensions["vault"], cast.acme, kind="sendgrid", name="SendGrid")[0]
    base = {"email": "bo@gmail.com", "timestamp": int(NOON.timestamp()), "smtp-id": "<x1@geopod>"}
    events = [
        base | {"event": "processed", "sg_message_id": "abc.filter", "campaign_id": "spring", "category": ["hello"]},
        base | {"event": "bounce", "type": "bounce", "timestamp": base["timestamp"] + 9, "category": ["sale"]},
    ]  # the bounce comes without SendGrid's own id
    put(engines, cast.acme, sendgrid, body=json.dumps(events).encode())
    count(engines, cast.acme)

    found = preview(Rule("campaign", "tag", "", "sale", "sale"))

    # one message with both events; the bounce is named anew, but the earlier event goes on saying spring
    assert (found.messages, found.events, found.moved_messages, found.moved_events) == (1, 2, 0, 1)


def test_examples_and_resources_are_bounded(engines, cast, website, preview):
    sent = [told("sent", f"m{n}", subject=f"sale {n}", campaign_id=f"c{n}") for n in range(60)]
    put(engines, cast.acme, website, *sent)
    count(engines, cast.acme)

    found = preview()

    assert (len(found.examples), len(found.shifts), found.shifts_left) == (20, 50, 11)  # 60 that lose, one that wins
    assert found.shifts[0] == Shift("campaign", "sale", 0, 60)


def test_preview_sees_its_own_company_only(engines, counted, preview, cast, add):
    add(Rule("campaign", "subject", "", "*", "theirs"), cast.rival)

    assert preview(company=cast.rival).messages == 0
    assert {one.after for one in preview().examples} == {"sale"}
