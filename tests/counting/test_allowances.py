"""What a mailbox may send: plans, idle days, health, forecasts and the sentence that says why."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.counting import allowances
from dashboard.counting.allowances import Sends, State, allow, forecast, judge_health, planned_days, walk
from dashboard.vocabulary.warmup import EVERY_DAY, READY, Plan, Preset, StepKind, ready_plan, step_on, steps

SUNDAY = date(2026, 11, 22)
NEW, ESTABLISHED = READY[Preset.NEW_MAILBOX], READY[Preset.ESTABLISHED]
WEEKDAYS = (0, 1, 2, 3, 4)


@st.composite
def plans(draw):
    kind = draw(st.sampled_from(StepKind))
    start = draw(st.integers(1, 300))
    step = draw(st.integers(1, 50) if kind is StepKind.ADD else st.integers(110, 300))
    days = draw(st.sets(st.sampled_from(EVERY_DAY), min_size=1))
    return Plan(start, kind, step, start + draw(st.integers(0, 2_000)), tuple(sorted(days)))


def sent_on(*days_and_counts, today=SUNDAY):
    """Return sends by day: pairs of (days ago, how many)."""
    return {today - timedelta(days=ago): Sends(count, count) for ago, count in days_and_counts}


def last(plan, sends, since_days_ago=0, today=SUNDAY, limit=10_000):
    return walk(plan, today - timedelta(days=since_days_ago), today, sends, limit=limit)[-1]


def allowed(limit=50, plan=None, since=None, sends=None, standing=""):
    return allow(standing=standing, limit=limit, plan=plan, since=since, sends=sends or {}, today=SUNDAY)


# --- plans -----------------------------------------------------------------------------------------


def test_presets_grow_as_they_are_called():
    assert [step_on(NEW, n) for n in (1, 2, 35, 36, 37)] == [5, 6, 39, 40, 40]
    assert [step_on(ESTABLISHED, n) for n in (1, 2, 20, 21, 99)] == [10, 12, 48, 50, 50]
    # 50 × 1.4 = 70, × 1.4 = 98, × 1.4 = 137.2, × 1.4 = 192.08
    assert [step_on(ready_plan(Preset.NEW_DOMAIN, 150), n) for n in (1, 2, 3, 4, 5)] == [50, 70, 98, 137, 150]
    assert ready_plan(Preset.NEW_DOMAIN, 20).start == 20


@given(plans(), st.integers(1, 500))
def test_plan_never_falls_and_stays_between_start_and_ceiling(plan, number):
    assert plan.start <= step_on(plan, number) <= step_on(plan, number + 1) <= plan.ceiling


@given(plans())
def test_plan_reaches_its_ceiling_and_is_the_same_each_time(plan):
    assert steps(plan)[-1] == plan.ceiling
    assert Plan.read(plan.write()) == plan


def test_small_plan_that_multiplies_is_not_held_by_rounding():
    assert steps(Plan(1, StepKind.MULTIPLY, 110, 5))[-1] == 5


# --- days ------------------------------------------------------------------------------------------


def test_only_days_with_mail_are_days_of_the_plan():
    sends = sent_on((8, 5), (7, 6), (4, 7))  # three sending days, whatever lies between

    assert last(NEW, sends, 8).number == 4
    assert last(NEW, {}, 8).number == 1


def test_mail_from_before_the_warm_up_does_not_count():
    assert last(NEW, sent_on((8, 5), (3, 5), (2, 5)), 3).number == 3


@pytest.mark.parametrize(
    ("idle", "number"),
    [
        (0, 31), (13, 31),  # day 31 allows 35
        (14, 20), (29, 20),  # 70 % of 35 is 24.5: day 20 allows 24
        (30, 1), (60, 1),
    ],
)  # fmt: skip
def test_idle_mailbox_steps_back_and_then_begins_again(idle, number):
    sends = sent_on(*((idle + 1 + n, 5) for n in range(30)))  # thirty sending days, then the idle ones, then today

    assert last(NEW, sends, idle + 30).number == number


def test_mailbox_goes_on_from_where_it_stepped_back():
    sends = sent_on(*((16 + n, 5) for n in range(30)), (1, 20))  # 14 idle days, then one with mail

    assert last(NEW, sends, 45).number == 21


def test_plan_rests_on_days_that_are_none_of_its_own():
    plan = Plan(5, StepKind.ADD, 1, 40, WEEKDAYS)

    assert allowed(plan=plan, since=SUNDAY).reason == "0 today = min(limit 50, the plan rests on Sundays: 0)"
    assert planned_days(plan, date(2026, 11, 20), date(2026, 11, 24)) == [5, 0, 0, 6, 7]


def test_day_on_which_more_was_sent_than_allowed_is_a_breach():
    days = walk(NEW, SUNDAY - timedelta(days=2), SUNDAY, sent_on((2, 5), (1, 7), (0, 7)), limit=6)

    assert [(one.allowed, one.sent, one.is_breach) for one in days] == [(5, 5, False), (6, 7, True), (6, 7, True)]


@settings(max_examples=60)
@given(plans(), st.lists(st.integers(0, 30), max_size=90), st.integers(1, 3_000))
def test_allowed_steps_are_bounded_rise_by_one_day_and_do_not_depend_on_the_future(plan, counts, limit):
    since = SUNDAY - timedelta(days=len(counts))
    sends = {since + timedelta(days=n): Sends(count) for n, count in enumerate(counts) if count}

    days = walk(plan, since, SUNDAY, sends, limit=limit)

    assert len(days) == len(counts) + 1
    assert all(0 <= one.allowed <= min(limit, plan.ceiling) for one in days)
    assert all(later.number <= one.number + (one.sent > 0) for one, later in pairwise(days))
    assert walk(plan, since, SUNDAY - timedelta(days=1), sends, limit=limit) == days[:-1] or not counts


# --- forecast --------------------------------------------------------------------------------------


def test_full_volume_is_reached_after_the_days_that_are_left():
    assert forecast(NEW, 1, SUNDAY, limit=100) == SUNDAY + timedelta(days=35)  # day 36 allows 40
    assert forecast(NEW, 1, SUNDAY, limit=7) == SUNDAY + timedelta(days=2)  # the limit is lower than the plan
    assert forecast(NEW, 36, SUNDAY, limit=100) == forecast(NEW, 50, SUNDAY, limit=100, is_sent=True) == SUNDAY


@settings(max_examples=60)
@given(plans(), st.integers(1, 40), st.booleans())
def test_forecast_comes_true_when_mail_goes_out_on_every_sending_weekday(plan, number, is_sent):
    limit = 1_000
    day = forecast(plan, number, SUNDAY, limit=limit, is_sent=is_sent)
    today_counts = is_sent or SUNDAY.weekday() in plan.weekdays
    ahead = planned_days(plan, SUNDAY + timedelta(days=1), day, number=number + today_counts)

    reached = [allowances.planned_on(plan, SUNDAY, number), *ahead]

    wanted = min(plan.ceiling, limit)
    assert reached[-1] >= wanted
    assert all(step < wanted for step in reached[:-1])


# --- health ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sends", "state", "cause"),
    [
        (Sends(19, 0, 19, 9), State.OK, ""),  # fewer than 20
        (Sends(1_000, 981, 19, 0), State.OK, ""),
        (Sends(1_000, 980, 20, 0), State.WATCH, "bounce 2.0 %"),
        (Sends(1_000, 951, 49, 0), State.WATCH, "bounce 4.9 %"),
        (Sends(1_000, 950, 50, 0), State.THROTTLED, "bounce 5.0 %"),
        (Sends(1_000, 900, 100, 0), State.PAUSED, "bounce 10.0 %"),
        (Sends(1_000, 1_000, 0, 1), State.WATCH, "complaints 0.1 %"),
        (Sends(1_000, 1_000, 0, 3), State.PAUSED, "complaints 0.3 %"),
        (Sends(1_000, 950, 50, 3), State.PAUSED, "complaints 0.3 %"),  # 3 of 950 delivered
        (Sends(20, 0, 0, 0), State.OK, ""),
    ],
)
def test_health_is_the_worse_of_bounces_and_complaints(sends, state, cause):
    health = judge_health([sends])

    assert (health.state, health.cause) == (state, cause)


def test_only_the_last_days_tell_of_health():
    bad = {SUNDAY - timedelta(days=ago): Sends(100, 50, 50) for ago in (4, 5, 6)}

    assert allowed(sends=bad).health.state is State.OK
    assert allowed(sends=bad | {SUNDAY - timedelta(days=3): Sends(100, 50, 50)}).health.state is State.PAUSED


@given(st.integers(20, 5_000), st.data())
def test_more_bounces_never_allow_more(sent, data):
    few = data.draw(st.integers(0, sent))
    many = data.draw(st.integers(few, sent))

    def tenths(bounced):
        return judge_health([Sends(sent, sent - bounced, bounced)]).tenths

    assert tenths(many) <= tenths(few)


# --- today -----------------------------------------------------------------------------------------


def test_sentence_says_how_the_allowance_is_made():
    # 8 sending days before, so today is day 9: 29 + 8 × 2 = 45. Of 125 mails of the last days 3 bounced: 2.4 %.
    plan = Plan(29, StepKind.ADD, 2, 60)
    sends = sent_on(*((ago, 10) for ago in range(4, 9)), (1, 45), (2, 40)) | {
        SUNDAY - timedelta(days=3): Sends(40, 37, 3)
    }

    one = allowed(50, plan, SUNDAY - timedelta(days=8), sends)

    # 45 × 0.7 = 31.5, which is nearer to 32 by the rule of halves
    assert one.reason == "32 today = min(limit 50, day 9 of the plan: 45) × 0.7 (bounce 2.4 %)"
    assert (one.today, one.number, one.step, one.full) == (32, 9, 45, 50)


def test_sentence_leaves_out_what_does_not_matter():
    sends = sent_on((2, 100)) | {SUNDAY: Sends(20, 18, 2)}

    assert allowed(1_200).reason == "1,200 today = limit 1,200"
    assert allowed(plan=NEW, since=SUNDAY).reason == "5 today = min(limit 50, day 1 of the plan: 5)"
    assert allowed(sends=sends).reason == "50 today = limit 50"  # 2 of 120 are 1.6 %


@pytest.mark.parametrize("standing", ["the mailbox is suspended", "the mailbox is inactive"])
def test_mailbox_that_may_not_send_says_why(standing):
    one = allowed(plan=NEW, since=SUNDAY, standing=standing)

    assert (one.today, one.left, one.reason) == (0, 0, f"0 today: {standing}")
