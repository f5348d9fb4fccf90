"""The one filter of the pages: every choice, every fault, and the way back into a query string."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.errors import Invalid
from dashboard.forms.filters import MAX_DAYS, PRESETS, read_filter
from dashboard.vocabulary.analytics import AnalyticsFilter, Basis, Days, ResourceType

TODAY = date(2026, 11, 22)


def read(**arguments):
    return read_filter(arguments, today=TODAY)


def faults(**arguments):
    with pytest.raises(Invalid) as refused:
        read(**arguments)
    return {fault.path: fault.message for fault in refused.value.fields}


@pytest.mark.parametrize(("preset", "start"), [
    ("7", date(2026, 11, 16)),  # today is the seventh day
    ("30", date(2026, 10, 24)),
    ("90", date(2026, 8, 25)),
    ("month", date(2026, 11, 1)),
])  # fmt: skip
def test_preset_ends_today(preset, start):
    chosen = read(range=preset)

    assert chosen.days == Days(start, TODAY)
    assert chosen.preset == preset


def test_every_preset_is_tested_above():
    assert set(PRESETS) == {"7", "30", "90", "month"}


def test_month_has_one_day_when_it_has_just_begun():
    first = date(2026, 11, 1)

    assert read_filter({"range": "month"}, today=first).days == Days(first, first)


@pytest.mark.parametrize("arguments", [{}, {"range": ""}, {"utm_source": "mail", "page": "2"}])
def test_nothing_asked_for_is_thirty_days_of_campaigns_by_send_day(arguments):
    chosen = read(**arguments)

    assert (chosen.preset, chosen.type, chosen.basis, chosen.unit) == ("30", ResourceType.CAMPAIGN, Basis.SENT, "count")
    assert (chosen.resource_key, chosen.source_id) == (None, None)


def test_custom_range_includes_both_ends():
    chosen = read(range="custom", start="2026-11-01", end="2026-11-03")

    assert list(chosen.days) == [date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 3)]


def test_custom_range_of_one_day_is_one_day():
    assert len(read(range="custom", start="2026-11-01", end="2026-11-01").days) == 1


def test_end_after_today_becomes_today():
    assert read(range="custom", start="2026-11-20", end="2030-01-01").days == Days(date(2026, 11, 20), TODAY)


def test_days_of_a_preset_are_not_read():
    assert read(range="7", start="nonsense", end="2026-01-01").days.end == TODAY


def test_longest_range_is_shown_and_one_day_more_is_not():
    longest = TODAY - timedelta(days=MAX_DAYS - 1)
    too_long = TODAY - timedelta(days=MAX_DAYS)

    chosen = read(range="custom", start=str(longest), end=str(TODAY))

    assert len(chosen.days) == 1000
    assert "at most 1,000 days" in faults(range="custom", start=str(too_long), end=str(TODAY))["start"]


@pytest.mark.parametrize(("start", "end"), [("2026-11-03", "2026-11-02"), ("2026-11-23", "2026-11-30")])
def test_range_is_refused_when_nothing_lies_in_it(start, end):
    assert set(faults(range="custom", start=start, end=end)) == {"start"}


BAD_DAYS = [
    None,
    "",
    "2026-02-30",
    "2026-13-01",
    "2026-1-1",
    "20261101",
    "yesterday",
    "1969-12-31",
    "\u0662\u0660\u0662\u0666-11-01",
    "\x00",
]


@pytest.mark.parametrize("day", BAD_DAYS, ids=ascii)
@pytest.mark.parametrize("name", ["start", "end"])
def test_day_is_refused_when_it_is(name, day):
    given = {"start": "2026-11-01", "end": "2026-11-02"} | ({name: day} if day is not None else {})
    if day is None:
        del given[name]

    assert set(faults(range="custom", **given)) == {name}


def test_every_fault_is_named():
    found = faults(range="years", type="colour", basis="guess", unit="kilo", source="x", resource="\x00")

    assert set(found) == {"range", "type", "basis", "unit", "source", "resource"}


def test_first_fault_is_told_in_the_sentence():
    with pytest.raises(Invalid, match=r"^This view cannot be shown: unit must be one of count, rate\.$"):
        read(unit="kilo")


@pytest.mark.parametrize("kind", ResourceType)
def test_type_is_taken(kind):
    assert read(type=kind.value).analytics.types == (kind,)


@pytest.mark.parametrize(("kind", "given", "key"), [
    ("domain", "News.ACME.test", "news.acme.test"), ("domain", "b\u00fccher.test", "xn--bcher-kva.test"),
    ("mailbox", "Ada@ACME.test", "ada@acme.test"), ("campaign", "Spring", "Spring"), ("template", "e\u0301", "\u00e9"),
    ("campaign", "", ""), ("campaign", " x ", " x "),
])  # fmt: skip
def test_resource_is_read_as_keys_are_stored(kind, given, key):
    assert read(type=kind, resource=given).resource_key == key


@pytest.mark.parametrize("given", ["x" * 201, "a\x00b", "a\nb", "   "], ids=lambda text: ascii(text)[:20])
def test_resource_is_refused_when_it_is(given):
    assert set(faults(resource=given)) == {"resource"}


@pytest.mark.parametrize(("given", "number"), [("", None), ("7", 7), ("007", 7), ("9" * 15, 10**15 - 1)])
def test_source_is_a_number(given, number):
    assert read(source=given).source_id == number


@pytest.mark.parametrize("given", ["x", "-1", "1.5", "9" * 16, "\u0667", "1 ", "0x1", "1e3"])
def test_source_is_refused_when_it_is(given):
    assert set(faults(source=given)) == {"source"}


def test_queries_get_what_the_page_shows():
    chosen = read(range="7", type="domain", basis="event", resource="acme.test", source="3")

    expected = AnalyticsFilter(date(2026, 11, 16), TODAY, ResourceType.DOMAIN, "acme.test", 3, Basis.EVENT)
    assert chosen.analytics == expected


def test_today_is_left_out_of_the_full_days():
    assert read(range="7").full_days == Days(date(2026, 11, 16), date(2026, 11, 21))


def test_range_in_the_past_has_full_days_only():
    chosen = read(range="custom", start="2026-11-01", end="2026-11-07")

    assert chosen.full_days == chosen.days


def test_days_compared_with_are_as_many_and_lie_just_before():
    # 16 to 21 November are six full days; the six before them are 10 to 15 November.
    assert read(range="7").previous == Days(date(2026, 11, 10), date(2026, 11, 15))


def test_today_alone_is_compared_with_nothing():
    chosen = read(range="custom", start=str(TODAY), end=str(TODAY))

    assert (len(chosen.full_days), len(chosen.previous)) == (0, 0)


def test_query_leaves_defaults_out():
    assert read().query() == {}


def test_query_keeps_what_was_chosen():
    given = {"range": "7", "type": "domain", "basis": "event", "unit": "rate", "resource": "acme.test", "source": "3"}

    assert read(**given).query() == given


def test_query_drops_the_resource_when_the_type_changes():
    chosen = read(type="domain", resource="acme.test", source="3")

    assert chosen.query(type="mailbox") == {"type": "mailbox", "source": "3"}


def test_query_keeps_a_resource_that_is_given_with_the_type():
    assert read().query(type="domain", resource="acme.test") == {"type": "domain", "resource": "acme.test"}


def test_query_drops_the_days_when_a_preset_is_chosen():
    chosen = read(range="custom", start="2026-11-01", end="2026-11-02")

    assert chosen.query(range="90") == {"range": "90"}


def test_query_keeps_the_row_of_mail_without_a_resource():
    assert read(resource="").query() == {"resource": ""}


@given(
    preset=st.sampled_from([*PRESETS, "custom"]),
    start=st.dates(date(2025, 1, 1), TODAY),
    length=st.integers(0, 400),
    kind=st.sampled_from(ResourceType),
    basis=st.sampled_from(Basis),
    unit=st.sampled_from(["count", "rate"]),
    resource=st.sampled_from([None, "", "spring", "a&b=c?d#e", "100 %", "ünïcode"]),
    source=st.none() | st.integers(0, 10**9),
)
def test_query_leads_back_to_the_same_filter(preset, start, length, kind, basis, unit, resource, source):
    days = {"start": str(start), "end": str(start + timedelta(days=length))} if preset == "custom" else {}
    wishes = {"resource": resource, "source": source}
    given = {"range": preset, "type": kind.value, "basis": basis.value, "unit": unit} | days
    chosen = read(**given, **{name: str(value) for name, value in wishes.items() if value is not None})

    again = read(**chosen.query())

    assert again == chosen
