"""What differs between two checks is told in sentences."""

import json

import pytest

from dashboard.dns.changes import describe_changes, has_changed
from dashboard.dns.kept import from_document, keep, to_document
from dashboard.dns.records import Sender, Setup, records_for
from dashboard.dns.verdicts import check_domain
from tests.dns.answering import KEY_1024, KEY_2048, Table, make_key

SETUP = Setup("acme.test", "abc", (Sender("mailgun", ("s1",)),))
BEFORE = {
    "_sendscope.acme.test TXT": ["sendscope-verification=abc"],
    "acme.test TXT": ["v=spf1 include:mailgun.org include:x.test ~all"],
    "mailgun.org TXT": ["v=spf1 ip4:192.0.2.0/24 -all"],
    "x.test TXT": ["v=spf1 -all"],
    "s1._domainkey.acme.test TXT": [f"p={KEY_2048}"],
    "_dmarc.acme.test TXT": ["v=DMARC1; p=none"],
    "email.acme.test CNAME": ["mailgun.org"],
    "acme.test MX": ["10 a.acme.test", "20 b.acme.test"],
}


def kept(changed=None):
    return [keep(one) for one in check_domain(records_for(SETUP), Table(BEFORE | (changed or {})))]


@pytest.mark.parametrize(("changed", "sentences"), [
    ({}, ()),
    ({"acme.test MX": ["20 b.acme.test", "10 a.acme.test"]}, ()),
    ({"s1._domainkey.acme.test TXT": []}, ("The DKIM record s1 vanished.",)),
    ({"s1._domainkey.acme.test TXT": "SERVFAIL"}, ()),
    ({"s1._domainkey.acme.test TXT": [f"p={KEY_1024}"]}, ("The key of the DKIM record s1 went from 2048 to 1024 bits.",)),
    ({"s1._domainkey.acme.test TXT": [f"p={make_key(2048)}"]}, ("The key of the DKIM record s1 was replaced.",)),
    ({"s1._domainkey.acme.test TXT": ["p="]}, ("The key of the DKIM record s1 was replaced.",)),
    ({"_dmarc.acme.test TXT": ["v=DMARC1; p=reject"]}, ("The DMARC policy went from none to reject.",)),
    ({"_mta-sts.acme.test TXT": ["v=STSv1; id=1"]}, ("The MTA-STS record appeared.",)),
    ({"email.acme.test CNAME": ["y.test"]}, ("The tracking record email changed from “mailgun.org” to “y.test”.",)),
    # 2 look-ups before; x.test now needs two of its own.
    ({"x.test TXT": ["v=spf1 exists:%{i}.a.test exists:%{i}.b.test -all"]}, ("SPF went from 2 to 4 look-ups because include:x.test grew.",)),
    ({"acme.test TXT": ["v=spf1 include:mailgun.org ~all"]}, ("SPF went from 2 to 1 look-ups because include:x.test was removed.",)),
    (
        {"acme.test TXT": ["v=spf1 include:mailgun.org include:x.test a mx ~all"], "acme.test A": ["192.0.2.1"]},
        ("SPF went from 2 to 4 look-ups because a was added and mx was added.",),
    ),
    ({"mailgun.org TXT": ["no SPF"]}, ("The SPF record fails now: include:mailgun.org leads to no SPF record; receivers then give up.",)),
])  # fmt: skip
def test_difference_is_a_sentence(changed, sentences):
    assert describe_changes(kept(), kept(changed)) == sentences
    assert describe_changes(kept(changed), kept(changed)) == ()


def test_record_that_is_back_is_told():
    assert describe_changes(kept({"s1._domainkey.acme.test TXT": []}), kept()) == ("The DKIM record s1 appeared.",)
    assert describe_changes(kept({"mailgun.org TXT": ["no SPF"]}), kept()) == ("The SPF record is right again.",)


def test_record_that_was_not_asked_for_before_says_nothing():
    assert describe_changes(kept()[1:], kept()) == ()


def test_order_of_answers_is_no_change_but_an_unknown_is():
    assert not has_changed(kept(), kept({"acme.test MX": ["20 b.acme.test", "10 a.acme.test"]}))
    assert has_changed(kept(), kept({"acme.test MX": "SERVFAIL"}))


def test_finding_comes_back_from_json_as_it_was():
    findings = kept()

    assert [from_document(json.loads(json.dumps(to_document(one)))) for one in findings] == findings
