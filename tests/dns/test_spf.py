"""SPF records are counted as receivers count them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.dns.answers import Answer, AnswerState, Question
from dashboard.dns.spf import follow_ups, is_spf, looks_like_spf, read_terms
from dashboard.dns.spf_walk import SpfReport, examine
from tests.dns.answering import Table

HERE = "acme.test"


def spf(*texts, **others):
    """Examine the record of acme.test; `others` have theirs by name, with _ for a dot."""
    records = {f"{HERE} TXT": list(texts)}
    records |= {f"{name.replace('_', '.')} TXT": [text] for name, text in others.items()}
    return examine(HERE, Table(records))


def test_simple_record_is_free_of_faults():
    report = spf("v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all")

    assert (report.look_ups, report.errors, report.warnings, report.unknown) == (0, (), (), ())


def test_look_ups_are_counted_recursively_with_who_costs_what():
    # include:p.test 1, in it include:a.p.test 1 with a and mx of its own 2, and mx:p.test 1: 5. Then a 1. Together 6.
    table = Table({
        f"{HERE} TXT": ["v=spf1 include:p.test a ~all"], f"{HERE} A": ["192.0.2.1"],
        "p.test TXT": ["v=spf1 include:a.p.test mx -all"], "p.test MX": ["10 mx.p.test"],
        "a.p.test TXT": ["v=spf1 a mx:p.test -all"], "a.p.test A": ["192.0.2.2"],
    })  # fmt: skip

    report = examine(HERE, table)

    assert report.look_ups == 6
    assert [(node.text, node.look_ups) for node in report.tree.children] == [("include:p.test", 5), ("a", 1)]
    inner = report.tree.children[0].children[0]
    assert (inner.text, [(node.text, node.look_ups) for node in inner.children]) == (
        "p.test",
        [("include:a.p.test", 3), ("mx", 1)],
    )
    assert (report.includes("a.p.test"), report.includes("x.test|p.test"), report.includes("b.test")) == (
        True,
        True,
        False,
    )
    assert report.errors == ()


@pytest.mark.parametrize(("count", "is_fine"), [(10, True), (11, False)])
def test_ten_look_ups_are_allowed(count, is_fine):
    report = spf(f"v=spf1 {'exists:%{i}.x.test ' * count}-all")

    assert report.look_ups == count
    assert (report.errors == ()) is is_fine
    assert is_fine or f"needs {count} look-ups; receivers give up after 10" in report.errors[0]


@pytest.mark.parametrize(("count", "is_fine"), [(2, True), (3, False)])
def test_two_look_ups_may_lead_to_nothing(count, is_fine):
    report = spf("v=spf1 " + "".join(f"a:gone{number}.test " for number in range(count)) + "-all")

    assert report.void_look_ups == count
    assert (report.errors == ()) is is_fine


def test_two_records_are_none():
    report = spf("v=spf1 -all", "v=spf1 include:p.test -all", "other text")

    assert len(report.texts) == 2
    assert report.errors == ("There are 2 SPF records; receivers then use none of them.",)


def test_domain_without_a_record_has_no_faults():
    assert spf("google-site-verification=1") == SpfReport()


@pytest.mark.parametrize(
    "text", ["v=spf10 -all", '"v=spf1 -all"', " v=spf1 -all", "v=spf1include:a.test", "V=SPF2 -all"]
)
def test_text_that_was_meant_as_a_record_is_told(text):
    report = spf(text)

    assert looks_like_spf(text)
    assert report.texts == (text,)
    assert "does not begin with “v=spf1 ”" in report.errors[0]


def test_version_is_read_in_any_case():
    assert is_spf("V=SPF1 -ALL")
    assert spf("V=Spf1 IP4:192.0.2.1 -ALL").errors == ()


@pytest.mark.parametrize(("text", "fault"), [
    ("v=spf1 includ:p.test -all", "“includ:p.test” is not a mechanism that SPF knows"),
    ("v=spf1 ip4:192.0.2.1 ip4:300.1.1.1 -all", "“ip4:300.1.1.1” does not name an address or network of IPv4"),
    ("v=spf1 ip4:2001:db8::1 -all", "network of IPv4"),
    ("v=spf1 ip6:192.0.2.1 -all", "network of IPv6"),
    ("v=spf1 ip4 -all", "network of IPv4"),
    ("v=spf1 include: -all", "names no domain"),
    ("v=spf1 include:p..test -all", "does not name a domain properly"),
    ("v=spf1 a/33 -all", "not written as it should be"),
    ("v=spf1 a:x.test/abc -all", "not written as it should be"),
    ("v=spf1 mx: -all", "not written as it should be"),
    ("v=spf1 all:x.test", "something behind all"),
    ("v=spf1 redirect=a.test redirect=b.test", "redirect is there 2 times"),
    ("v=spf1 +all", "+all lets anybody send"),
    ("v=spf1 all", "+all lets anybody send"),
    ("v=spf1 include:acme.test -all", "in a circle: acme.test → acme.test"),
    ("v=spf1 ip4:192.0.2.1 –all", "outside of ASCII"),
])  # fmt: skip
def test_fault_is_named(text, fault):
    assert any(fault in error for error in spf(text).errors)


@pytest.mark.parametrize(("text", "warning"), [
    ("v=spf1 -all ip4:192.0.2.1", "all must come last"),
    ("v=spf1 ip4:192.0.2.1", "no all at its end"),
    ("v=spf1 ?all", "?all says nothing"),
    ("v=spf1 ptr -all", "ptr is slow"),
    ("v=spf1 -all redirect=p.test", "redirect has no effect"),
])  # fmt: skip
def test_weakness_is_a_warning(text, warning):
    report = spf(text)

    assert any(warning in one for one in report.warnings)
    assert report.errors == ()


def test_circle_of_includes_ends():
    report = spf("v=spf1 include:a.test -all", a_test="v=spf1 include:b.test -all", b_test="v=spf1 include:a.test -all")

    assert report.errors == ("The record leads in a circle: a.test → b.test → a.test.",)
    assert report.look_ups == 3


def test_includes_that_multiply_are_given_up():
    # Each of a0 … a19 includes the next one twice: over a million look-ups, if all were made.
    others = {f"a{n}_test": f"v=spf1 include:a{n + 1}.test include:a{n + 1}.test -all" for n in range(20)}

    report = spf("v=spf1 include:a0.test -all", **others)

    assert any("more than 40 look-ups" in error for error in report.errors)


def test_redirect_is_followed_where_there_is_no_all():
    report = spf("v=spf1 redirect=p.test", p_test="v=spf1 ip4:192.0.2.1 -all")

    assert (report.look_ups, report.errors, report.warnings) == (1, (), ())


@pytest.mark.parametrize("others", [{}, {"p_test": "nothing of SPF"}])
def test_include_that_leads_to_no_record_breaks_it(others):
    assert spf("v=spf1 include:p.test -all", **others).errors == (
        "include:p.test leads to no SPF record; receivers then give up.",
    )


def test_macros_cost_but_are_not_asked():
    table = Table({f"{HERE} TXT": ["v=spf1 include:%{ir}.%{v}.p.test exists:%{l}.x.test exp=why.%{d} -all"]})

    report = examine(HERE, table)

    assert (report.look_ups, report.errors) == (2, ())
    assert table.asked == [f"{HERE} TXT"]


def test_what_could_not_be_asked_is_unknown():
    report = examine(HERE, Table({f"{HERE} TXT": ["v=spf1 include:p.test -all"], "p.test TXT": "SERVFAIL"}))

    assert report.unknown == ("p.test could not be asked: SERVFAIL.",)
    assert report.errors == ()
    assert examine(HERE, Table({f"{HERE} TXT": "no answer in time"})).unknown


def test_next_questions_are_told_ahead():
    answer = Answer(
        HERE, "TXT", AnswerState.FOUND, ("other", "v=spf1 include:A.test. a include:%{d}.x redirect=b.test")
    )

    assert list(follow_ups(answer)) == [Question("a.test", "TXT"), Question("b.test", "TXT")]


@given(st.lists(st.text(max_size=80), max_size=4))
def test_any_text_can_be_read(texts):
    for text in texts:
        assert isinstance(read_terms(f"v=spf1 {text}"), tuple)
    report = spf(*(f"v=spf1 {text}" for text in texts))
    assert report.look_ups >= 0


@given(
    st.lists(
        st.sampled_from(
            [
                "a",
                "mx",
                "all",
                "-",
                "+",
                ":",
                "/",
                "//",
                "24",
                "include",
                "=",
                "redirect",
                "%{d}",
                ".",
                " ",
                "x.test",
                "ip4",
            ]
        ),
        max_size=12,
    )
)
def test_any_jumble_of_terms_can_be_read(parts):
    assert spf(f"v=spf1 {''.join(parts)}").void_look_ups >= 0
