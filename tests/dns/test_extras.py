"""MTA-STS, TLS-RPT, BIMI and who receives: told, never asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.dns.answers import Answer, AnswerState
from dashboard.dns.extras import (
    ExtraReport,
    Policy,
    examine_bimi,
    examine_mta_sts,
    examine_receiving,
    examine_tls_reports,
)

POLICY = "version: STSv1\r\nmode: enforce\r\nmx: mail.acme.test\r\nmx: *.acme.test\r\nmax_age: 604800\r\n"


def found(*values):
    return Answer("x.acme.test", "TXT", AnswerState.FOUND if values else AnswerState.NXDOMAIN, values)


def test_policy_is_read():
    report = examine_mta_sts(found("v=STSv1; id=20260101T;"), Policy(POLICY))

    assert report == ExtraReport(("v=STSv1; id=20260101T;",), said="MTA-STS is announced, and its policy is enforce.")


@pytest.mark.parametrize(("announced", "policy", "fault"), [
    (["v=STSv1; id="], None, "id= must be there"),
    (["v=STSv1; id=a", "v=STSv1; id=b"], None, "There are 2 MTA-STS records"),
    (["v=STSv1; id=a"], Policy(reason="It answered 404."), "cannot be had: It answered 404."),
    (["v=STSv1; id=a"], Policy(POLICY.replace("enforce", "on")), "mode must be"),
    (["v=STSv1; id=a"], Policy(POLICY.replace("STSv1", "2")), "version must be STSv1"),
    (["v=STSv1; id=a"], Policy(POLICY.replace("604800", "99999999999")), "max_age must be"),
    (["v=STSv1; id=a"], Policy("version: STSv1\nmode: testing\nmax_age: 1"), "at least one mx"),
    (["v=STSv1; id=a"], Policy("<html>"), "version must be STSv1"),
])  # fmt: skip
def test_fault_of_mta_sts_is_named(announced, policy, fault):
    assert any(fault in error for error in examine_mta_sts(found(*announced), policy).errors)


def test_announcement_alone_is_told_where_the_policy_was_not_fetched():
    assert "not fetched" in examine_mta_sts(found("v=STSv1; id=a"), None).said


@pytest.mark.parametrize(("text", "is_fine"), [
    ("v=TLSRPTv1; rua=mailto:tls@acme.test,https://acme.test/tls", True),
    ("v=TLSRPTv1; rua=ada@acme.test", False),
    ("v=TLSRPTv1;", False),
])  # fmt: skip
def test_tls_reports_go_to_addresses(text, is_fine):
    report = examine_tls_reports(found(text))

    assert (bool(report.said), bool(report.errors)) == (is_fine, not is_fine)


@pytest.mark.parametrize(("text", "policy", "said", "fault"), [
    ("v=BIMI1; l=https://acme.test/a.svg; a=https://acme.test/a.pem", "reject", "and its certificate", ""),
    ("v=BIMI1; l=https://acme.test/a.svg", "quarantine", "BIMI names a logo.", ""),
    ("v=BIMI1; l=; a=;", "none", "no logo is to be shown", ""),
    ("v=BIMI1; l=http://acme.test/a.svg", "reject", "", "https:// address of an SVG"),
    ("v=BIMI1; l=https://acme.test/a.svg", "none", "", "only with DMARC at p=quarantine"),
])  # fmt: skip
def test_logo_needs_an_enforced_policy(text, policy, said, fault):
    report = examine_bimi(found(text), policy)

    assert said in report.said
    assert fault in " ".join(report.errors)


@pytest.mark.parametrize(
    "examine",
    [lambda answer: examine_mta_sts(answer, None), examine_tls_reports, lambda answer: examine_bimi(answer, "")],
)
def test_what_is_not_there_is_no_fault(examine):
    assert examine(found("unrelated")) == ExtraReport()


@pytest.mark.parametrize(("values", "fault"), [(["10 mx.acme.test"], ""), (["0 ."], "a null MX"), ([], "no MX record")])
def test_receiving_needs_an_mx(values, fault):
    assert fault in " ".join(examine_receiving(found(*values)).errors)


@given(st.text(max_size=100), st.text(max_size=200))
def test_any_text_can_be_read(text, policy):
    for version in ("STSv1", "TLSRPTv1", "BIMI1"):
        answer = found(f"v={version}; {text}")
        for report in (
            examine_mta_sts(answer, Policy(policy)),
            examine_tls_reports(answer),
            examine_bimi(answer, "reject"),
        ):
            assert isinstance(report, ExtraReport)
