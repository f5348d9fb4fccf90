"""DMARC records: one, the own or the inherited, and what aligns with it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.dns.dmarc import DmarcReport, examine, is_aligned
from tests.dns.answering import Table


def dmarc(*texts, domain="acme.test", parent=()):
    return examine(domain, Table({f"_dmarc.{domain} TXT": list(texts), "_dmarc.acme.test TXT": list(parent or texts)}))


def test_record_is_read():
    report = dmarc("v=DMARC1; p=quarantine; pct=50; adkim=s; aspf=R; rua=mailto:a@acme.test, mailto:b@x.test!10m;")

    assert (report.policy, report.percent, report.is_strict_dkim, report.is_strict_spf) == (
        "quarantine",
        50,
        True,
        False,
    )
    assert report.reports_to == ("mailto:a@acme.test", "mailto:b@x.test!10m")
    assert (report.errors, report.warnings) == ((), ("The policy holds for 50 % of the mail only.",))
    assert (report.host, report.is_inherited) == ("_dmarc.acme.test", False)


@pytest.mark.parametrize(("text", "policy"), [
    ("v=DMARC1; p=reject; sp=none", "none"),
    ("v=DMARC1; p=reject", "reject"),
    ("v = DMARC1 ; p=Reject; sp=Quarantine", "quarantine"),
])  # fmt: skip
def test_name_below_inherits_the_record_of_the_registered_domain(text, policy):
    report = dmarc(domain="news.acme.test", parent=[text])

    assert (report.host, report.is_inherited, report.policy, report.errors) == ("_dmarc.acme.test", True, policy, ())


def test_own_record_comes_before_the_inherited_one():
    report = dmarc("v=DMARC1; p=none", domain="news.acme.test", parent=["v=DMARC1; p=reject"])

    assert (report.host, report.policy) == ("_dmarc.news.acme.test", "none")


def test_two_records_are_none():
    assert dmarc("v=DMARC1; p=none", "v=DMARC1; p=reject").errors == (
        "There are 2 DMARC records; receivers then use none of them.",
    )


def test_no_record_is_no_fault():
    assert dmarc() == DmarcReport()


@pytest.mark.parametrize(("text", "fault"), [
    ("v=dmarc1; p=none", "must begin with v=DMARC1"),
    ("p=none; v=DMARC1", "must begin with v=DMARC1"),
    ("v=DMARC1", "The policy is missing"),
    ("v=DMARC1; p=monitor", "p=monitor is not a policy"),
    ("v=DMARC1; p=none; sp=all", "sp=all is not a policy"),
    ("v=DMARC1; p=none; pct=101", "pct must be a number"),
    ("v=DMARC1; p=none; pct=½", "pct must be a number"),
    ("v=DMARC1; p=none; adkim=strict", "adkim must be r or s"),
    ("v=DMARC1; p=none; rua=ada@acme.test", "not an address of the form mailto:"),
    ("v=DMARC1; p=none; ruf=mailto:ada", "not an address of the form mailto:"),
    ("v=DMARC1; p=none; p=reject", "The tag p is there twice"),
    ("v=DMARC1; p none", "not of the form name=value"),
])  # fmt: skip
def test_fault_is_named(text, fault):
    assert any(fault in error for error in dmarc(text).errors)


def test_tag_that_nobody_knows_is_a_warning():
    assert dmarc("v=DMARC1; p=none; policy=1").warnings == ("The tag policy is not known.",)


@pytest.mark.parametrize("text", [
    "v=DMARC1; p=none; rua=mailto:a@" + "." * 60_000 + "@",
    "v=DMARC1; p=none; " + "; ".join(f"t{number}=x" for number in range(9_000)),
], ids=["an address without an end", "thousands of tags"])  # fmt: skip
def test_record_as_long_as_an_answer_can_be_takes_no_time(text):
    begun = time.thread_time()

    report = dmarc(text)

    assert report.errors or report.warnings
    assert time.thread_time() - begun < 1  # with the square of the length it was 90 seconds, and 4


@pytest.mark.parametrize("failing", ["_dmarc.news.acme.test", "_dmarc.acme.test"])
def test_what_could_not_be_asked_is_unknown(failing):
    report = examine("news.acme.test", Table({f"{failing} TXT": "SERVFAIL"}))

    assert report.unknown == f"{failing} could not be asked: SERVFAIL."


@pytest.mark.parametrize(("mine", "other", "relaxed", "strict"), [
    ("acme.test", "acme.test", True, True),
    ("acme.test", "News.Acme.Test.", True, False),
    ("news.acme.test", "mail.acme.test", True, False),
    ("acme.co.uk", "other.co.uk", False, False),
    ("a.github.io", "b.github.io", False, False),
])  # fmt: skip
def test_alignment_is_of_registered_domains_or_to_the_letter(mine, other, relaxed, strict):
    assert is_aligned(mine, other, is_strict=False) is relaxed
    assert is_aligned(mine, other, is_strict=True) is strict


@given(st.lists(st.text(max_size=100), max_size=3))
def test_any_text_can_be_read(texts):
    assert 0 <= dmarc(*(f"v=DMARC1; {text}" for text in texts)).percent <= 100
