"""A check of a domain says of each record how it stands, and what to do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.dns.answers import Answer, AnswerState
from dashboard.dns.differences import Part, compare
from dashboard.dns.extras import Policy
from dashboard.dns.findings import Status
from dashboard.dns.records import RecordKind, Sender, Setup, records_for, records_to_look_at
from dashboard.dns.verdicts import Outcome, check_domain, outcome_of, questions_of
from tests.dns.answering import KEY_1024, KEY_2048, Table

SETUP = Setup("news.acme.test", "abc", (Sender("mailersend", return_path="mta"), Sender("mailgun", ("mx",))))
GOOD = {
    "_sendscope.news.acme.test TXT": ["other", "sendscope-verification=abc"],
    "news.acme.test TXT": ["v=spf1 include:_spf.mailersend.net include:mailgun.org ~all"],
    "_spf.mailersend.net TXT": ["v=spf1 ip4:192.0.2.0/24 -all"],
    "mailgun.org TXT": ["v=spf1 include:_spf.mailgun.org -all"],
    "_spf.mailgun.org TXT": ["v=spf1 ip4:198.51.100.0/24 -all"],
    "mlsend2._domainkey.news.acme.test TXT": [f"v=DKIM1; p={KEY_2048}"],
    "mx._domainkey.news.acme.test TXT": [f"k=rsa; p={KEY_2048}"],
    "_dmarc.acme.test TXT": ["v=DMARC1; p=reject; rua=mailto:d@acme.test"],
    "mta.news.acme.test CNAME": ["mailersend.net"],
    "email.news.acme.test CNAME": ["links.mailersend.net"],
    "news.acme.test MX": ["10 mx.acme.test"],
}
CHAINS = {"mlsend2._domainkey.news.acme.test": ["mlsend2._domainkey.mailersend.net"]}


def check(changed=None, *, without=(), chains=CHAINS, setup=SETUP, **others):
    records = {key: value for key, value in (GOOD | (changed or {})).items() if key not in without}
    return check_domain(records_for(setup), Table(records, chains), **others)


def one(findings, kind, host=""):
    return next(found for found in findings if found.record.kind == kind and host in found.record.host)


def test_domain_as_it_should_be_passes():
    findings = check()

    assert outcome_of(findings) is Outcome.PASSING
    assert {found.status for found in findings if found.record.is_required} == {Status.PASS}
    # include:_spf.mailersend.net 1, include:mailgun.org 1 and the one within it.
    assert (one(findings, "spf").look_ups, one(findings, "spf").sentence) == (3, "One record with 3 look-ups of 10.")
    assert one(findings, "dkim", "mx").sentence == "An RSA key of 2048 bits."
    assert one(findings, "dmarc").sentence == "The policy is reject by the record of acme.test."
    assert one(findings, "dmarc").aligned_by == ("SPF", "DKIM")
    assert [found.record.kind for found in findings[-4:]] == ["receiving", "mta_sts", "tls_rpt", "bimi"]


def test_every_question_of_a_good_domain_but_the_includes_is_told_ahead():
    table = Table(GOOD, CHAINS)

    check_domain(records_for(SETUP), table)

    ahead = {f"{question.name} {question.type}" for question in questions_of(records_for(SETUP))}
    assert set(table.asked) - ahead == {"_spf.mailersend.net TXT", "mailgun.org TXT", "_spf.mailgun.org TXT"}
    assert len(table.asked) == len(set(table.asked))


@pytest.mark.parametrize(("changed", "kind", "host", "status", "sentence"), [
    ({"_sendscope.news.acme.test TXT": []}, "ownership", "", "fail", "is not there. Publish the one shown."),
    ({"_sendscope.news.acme.test TXT": ["sendscope-verification=abd"]}, "ownership", "", "fail", "not the one that proves"),
    ({"_sendscope.news.acme.test TXT": "SERVFAIL"}, "ownership", "", "unknown", "could not be asked: SERVFAIL."),
    ({"news.acme.test TXT": []}, "spf", "", "fail", "There is no SPF record."),
    ({"news.acme.test TXT": ["v=spf1 include:mailgun.org ~all"]}, "spf", "", "fail", "include:_spf.mailersend.net is missing; add it before the all"),
    ({"news.acme.test TXT": ["v=spf1 -all", "v=spf1 ~all"]}, "spf", "", "fail", "There are 2 SPF records"),
    ({"mailgun.org TXT": "no answer in time"}, "spf", "", "unknown", "mailgun.org could not be asked"),
    ({"news.acme.test TXT": "refused"}, "spf", "", "unknown", "refused"),
    ({"mx._domainkey.news.acme.test TXT": []}, "dkim", "mx", "fail", "The DKIM record mx is not there. Publish it. Copy the value from Mailgun."),
    ({"mx._domainkey.news.acme.test TXT": ["p="]}, "dkim", "mx", "fail", "was revoked"),
    ({"mx._domainkey.news.acme.test TXT": [f"p={KEY_1024}"]}, "dkim", "mx", "warn", "1024 bits"),
    ({"mx._domainkey.news.acme.test TXT": "no answer in time"}, "dkim", "mx", "unknown", "no answer in time"),
    ({"mlsend2._domainkey.news.acme.test TXT": []}, "dkim", "mlsend2", "fail", "but there is no key."),
    ({"_dmarc.acme.test TXT": []}, "dmarc", "", "fail", "There is no DMARC record."),
    ({"_dmarc.acme.test TXT": "SERVFAIL"}, "dmarc", "", "unknown", "SERVFAIL"),
    ({"_dmarc.acme.test TXT": ["v=DMARC1; p=none"]}, "dmarc", "", "pass", "Add rua=mailto:"),
    ({"mta.news.acme.test CNAME": []}, "return_path", "", "fail", "There is no CNAME record at mta.news.acme.test."),
    ({"mta.news.acme.test CNAME": ["x.test"]}, "return_path", "", "fail", "leads to x.test instead of mailersend.net"),
    ({"email.news.acme.test CNAME": []}, "tracking", "", "missing-optional", "It is optional."),
    ({"email.news.acme.test CNAME": ["x.test"]}, "tracking", "", "warn", "instead of links.mailersend.net"),
    ({"email.news.acme.test CNAME": "SERVFAIL"}, "tracking", "", "unknown", "SERVFAIL"),
    ({"news.acme.test MX": []}, "receiving", "", "warn", "There is no MX record"),
])  # fmt: skip
def test_fault_is_said_with_what_to_do(changed, kind, host, status, sentence):
    found = one(check(changed), kind, host)

    assert found.status == status
    assert sentence in found.sentence


def test_difference_is_marked_beside_the_record_as_it_should_be():
    found = one(
        check(
            {"news.acme.test TXT": ["v=spf1 a:x.acme.test include:mailgun.org ~all"], "x.acme.test A": ["192.0.2.1"]}
        ),
        "spf",
    )

    assert found.expected == "v=spf1 a:x.acme.test include:mailgun.org include:_spf.mailersend.net ~all"
    assert (
        "".join(one.text for one in found.segments if one.part is Part.MISSING).strip() == "include:_spf.mailersend.net"
    )
    assert not any(one.part is Part.EXTRA for one in found.segments)


def test_cname_that_leads_elsewhere_but_to_a_key_is_a_warning():
    found = one(check(chains={"mlsend2._domainkey.news.acme.test": ["key.elsewhere.test"]}), "dkim", "mlsend2")

    assert (found.status, found.found[0]) == (Status.WARN, "key.elsewhere.test")
    assert "leads to key.elsewhere.test instead of mlsend2._domainkey.mailersend.net" in found.sentence


def test_key_in_the_place_of_a_cname_is_a_warning():
    assert "the provider cannot renew it" in one(check(chains={}), "dkim", "mlsend2").sentence


def test_circle_of_cnames_is_a_failure_with_its_reason():
    def look_up(name, type_):
        chain, reason = ("b.test", "a.test"), "The CNAMEs lead in a circle: a.test → b.test → a.test."
        return Answer(name, type_, AnswerState.NODATA, chain=chain, reason=reason)

    (found, *_) = check_domain(records_to_look_at("acme.test", ("s1",))[1:2], look_up)

    assert (found.status, found.sentence) == (
        Status.FAIL,
        "The CNAMEs lead in a circle: a.test → b.test → a.test. Correct the CNAME.",
    )


def test_key_that_is_missing_in_a_delegated_zone_is_told_where_it_belongs():
    changed = {"mx._domainkey.news.acme.test TXT": [], "_domainkey.news.acme.test NS": ["ns1.keys.test"]}

    assert "_domainkey.news.acme.test is run by ns1.keys.test" in one(check(changed), "dkim", "mx").sentence


def test_selector_that_is_not_entered_keeps_the_domain_from_being_verified_without_failing_it():
    findings = check(setup=Setup("news.acme.test", "abc", (Sender("mailgun"),)))

    assert one(findings, "dkim").status is Status.UNKNOWN
    assert "Enter the selector that Mailgun shows" in one(findings, "dkim").sentence
    assert outcome_of(findings) is Outcome.UNKNOWN


def test_mail_that_nothing_aligns_is_warned_of():
    changed = {
        "mx._domainkey.news.acme.test TXT": [],
        "mlsend2._domainkey.news.acme.test TXT": [],
        "mta.news.acme.test CNAME": [],
        "news.acme.test TXT": [],
    }

    found = one(check(changed), "dmarc")

    assert (found.status, found.aligned_by) == (Status.WARN, ())
    assert "Neither SPF nor DKIM counts for this domain" in found.sentence


@pytest.mark.parametrize(("policy", "aligned_by"), [
    ("v=DMARC1; p=none", ("SPF", "DKIM")),
    ("v=DMARC1; p=none; adkim=s", ("SPF", "DKIM")),
    ("v=DMARC1; p=none; aspf=s", ("DKIM",)),
])  # fmt: skip
def test_strict_alignment_leaves_a_return_path_below_the_domain_out(policy, aligned_by):
    setup = Setup("news.acme.test", "abc", (Sender("mailersend", return_path="mta"),))

    assert one(check({"_dmarc.acme.test TXT": [policy]}, setup=setup), "dmarc").aligned_by == aligned_by


def test_policy_is_fetched_only_where_it_is_announced():
    asked = []

    def read_policy(domain):
        asked.append(domain)
        return Policy("version: STSv1\nmode: testing\nmx: mx.acme.test\nmax_age: 86400\n")

    check(read_policy=read_policy)
    findings = check({"_mta-sts.news.acme.test TXT": ["v=STSv1; id=1"]}, read_policy=read_policy)

    assert asked == ["news.acme.test"]
    assert one(findings, "mta_sts").sentence == "MTA-STS is announced, and its policy is testing."


def test_unknown_beside_a_failure_is_a_failing_check():
    assert outcome_of(check({"news.acme.test TXT": "SERVFAIL", "_dmarc.acme.test TXT": []})) is Outcome.FAILING
    assert outcome_of(check({"news.acme.test TXT": "SERVFAIL"})) is Outcome.UNKNOWN
    assert outcome_of(check({"email.news.acme.test CNAME": "SERVFAIL"})) is Outcome.PASSING


@given(st.lists(st.text(max_size=60), max_size=2), st.text(max_size=30))
def test_any_answer_is_judged(texts, name):
    def look_up(asked, type_):
        state = AnswerState.FOUND if texts else AnswerState.NODATA
        return Answer(asked, type_, state, tuple(texts), (name,) if name else ())

    findings = check_domain(records_for(SETUP), look_up, read_policy=lambda _: Policy("".join(texts)))

    assert all(found.sentence for found in findings)
    assert {found.record.kind for found in findings} >= {RecordKind.OWNERSHIP, RecordKind.BIMI}


@given(st.text(max_size=80), st.text(max_size=80))
def test_difference_can_be_put_together_again(expected, found):
    segments = compare(expected, found)

    assert "".join(one.text for one in segments if one.part is not Part.EXTRA) == expected
    assert "".join(one.text for one in segments if one.part is not Part.MISSING) == found
