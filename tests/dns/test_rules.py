"""The rules for those who send much."""

import pytest

from dashboard.dns.records import Sender, Setup, records_for
from dashboard.dns.rules import bulk_rules, summary
from dashboard.dns.verdicts import check_domain
from tests.dns.answering import KEY_2048, Table

GOOD = {
    "acme.test TXT": ["v=spf1 include:mailgun.org ~all"],
    "mailgun.org TXT": ["v=spf1 ip4:192.0.2.0/24 -all"],
    "mx._domainkey.acme.test TXT": [f"p={KEY_2048}"],
    "_dmarc.acme.test TXT": ["v=DMARC1; p=none"],
    "acme.test MX": ["10 mx.acme.test"],
}


def rules(changed=None, *, complaint_rate=0.001, has_one_click=True, sender=None):
    setup = Setup("acme.test", senders=(sender or Sender("mailgun", ("mx",)),))
    findings = check_domain(records_for(setup), Table(GOOD | (changed or {})))
    return bulk_rules(findings, complaint_rate=complaint_rate, has_one_click=has_one_click)


def met(found):
    return {rule.title: rule.is_met for rule in found}


def test_all_eight_are_met():
    assert summary(rules()) == "8 of 8 met"


@pytest.mark.parametrize(("changed", "title", "is_met"), [
    ({"acme.test TXT": []}, "SPF", False),
    ({"acme.test TXT": "SERVFAIL"}, "SPF", None),
    ({"acme.test TXT": [f"v=spf1 {'exists:%{i}.x.test ' * 10}include:mailgun.org ~all"]}, "SPF within its limits", False),
    ({"mx._domainkey.acme.test TXT": ["p="]}, "DKIM", False),
    ({"mx._domainkey.acme.test TXT": "SERVFAIL"}, "DKIM", None),
    ({"_dmarc.acme.test TXT": []}, "DMARC", False),
    ({"mx._domainkey.acme.test TXT": [], "acme.test TXT": []}, "Alignment", False),
    ({"mx._domainkey.acme.test TXT": [], "acme.test TXT": "SERVFAIL"}, "Alignment", None),
    ({"acme.test MX": []}, "Replies", False),
    ({"acme.test MX": ["0 ."]}, "Replies", False),
])  # fmt: skip
def test_rule_follows_from_its_record(changed, title, is_met):
    assert met(rules(changed))[title] is is_met


@pytest.mark.parametrize(("rate", "is_met"), [(None, None), (0.0, True), (0.0029, True), (0.003, False)])
def test_complaints_must_stay_below_three_in_a_thousand(rate, is_met):
    assert met(rules(complaint_rate=rate))["Complaints"] is is_met


@pytest.mark.parametrize("has_one_click", [True, False, None])
def test_one_click_is_told(has_one_click):
    assert met(rules(has_one_click=has_one_click))["One-click unsubscribe"] is has_one_click


def test_what_is_not_known_is_said_beside_what_is_met():
    assert summary(rules(complaint_rate=None, has_one_click=None)) == "6 of 8 met, 2 not known"


def test_return_path_of_the_provider_stands_for_spf():
    changed = {
        "acme.test TXT": [], "em1.acme.test CNAME": ["u123.wl4.sendgrid.net"],
        "s1._domainkey.acme.test TXT": [f"p={KEY_2048}"], "s2._domainkey.acme.test TXT": [f"p={KEY_2048}"],
    }  # fmt: skip

    found = met(rules(changed, sender=Sender("sendgrid", return_path="em1")))

    assert (found["SPF"], found["SPF within its limits"], found["Alignment"]) == (True, True, True)


def test_rules_name_who_asks_for_them():
    assert {rule.sources for rule in rules()} == {("Gmail", "Yahoo", "Outlook"), ("Gmail", "Yahoo")}
