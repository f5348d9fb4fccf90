"""What is kept of a check comes back as it was, harmless for any store, and says what went and what came back."""

import json

import pytest

from dashboard.dns.changes import describe_causes
from dashboard.dns.findings import Status
from dashboard.dns.kept import MAX_FOUND, find_last_known, from_document, keep, restore, to_document
from dashboard.dns.records import RecordKind, Sender, Setup, records_for
from dashboard.dns.verdicts import check_domain
from tests.dns.answering import KEY_2048, Table

SETUP = Setup("acme.test", "abc", (Sender("mailgun", ("s1", "s2")),))
EXPECTED = records_for(SETUP)
RIGHT = {
    "_sendscope.acme.test TXT": ["sendscope-verification=abc"],
    "acme.test TXT": ["v=spf1 include:mailgun.org ~all"],
    "mailgun.org TXT": ["v=spf1 include:a.test -all"],
    "a.test TXT": ["v=spf1 ip4:192.0.2.0/24 -all"],
    "s1._domainkey.acme.test TXT": [f"p={KEY_2048}"],
    "s2._domainkey.acme.test TXT": [f"p={KEY_2048}"],
    "_dmarc.acme.test TXT": ["v=DMARC1; p=none"],
}
GONE = {"s1._domainkey.acme.test TXT": [], "s2._domainkey.acme.test TXT": []}
UNKNOWN = dict.fromkeys(GONE, "SERVFAIL")


def findings(changed=None):
    return check_domain(EXPECTED, Table(RIGHT | (changed or {})))


def kept(changed=None):
    return [keep(one) for one in findings(changed)]


@pytest.mark.parametrize("changed", [
    {}, GONE, UNKNOWN, {"_sendscope.acme.test TXT": ["sendscope-verification=xyz"]}, {"acme.test TXT": ["v=spf1 ~all"]},
])  # fmt: skip
def test_findings_are_restored_as_they_were(changed):
    documents = json.loads(json.dumps([to_document(one) for one in kept(changed)]))

    assert restore(map(from_document, documents), EXPECTED) == findings(changed)


def test_tree_of_look_ups_is_kept():
    (cost,) = next(one for one in kept() if one.kind is RecordKind.SPF).costs

    assert (cost.term, cost.look_ups) == ("include:mailgun.org", 2)
    assert [(one.term, one.look_ups) for one in cost.children] == [("include:a.test", 1)]


def test_terms_of_a_record_without_end_are_cut():
    terms = kept({"acme.test TXT": ["v=spf1 " + "ptr " * 10_000 + "~all"]})

    assert len(next(one for one in terms if one.kind is RecordKind.SPF).costs) == MAX_FOUND


def test_record_that_is_no_more_expected_is_left_out_and_a_new_one_has_no_finding():
    other = records_for(Setup("acme.test", "abc", (Sender("mailgun", ("s1", "k9")),)))

    hosts = {one.record.host for one in restore(kept(), other)}

    assert "s1._domainkey.acme.test" in hosts
    assert not {"s2._domainkey.acme.test", "k9._domainkey.acme.test"} & hosts


def test_what_is_kept_can_be_stored_and_does_not_grow():
    many = [f"x{number}" for number in range(90)]
    wild = ["sendscope-verification=\x00\x1b" + "y" * 5_000]

    few = next(one for one in kept({"_sendscope.acme.test TXT": many}) if one.kind is RecordKind.OWNERSHIP)
    tame = next(one for one in kept({"_sendscope.acme.test TXT": wild}) if one.kind is RecordKind.OWNERSHIP)

    assert len(few.found) == 20
    assert (len(tame.found[0]), tame.found[0][23:25]) == (2_000, "\N{REPLACEMENT CHARACTER}" * 2)


def test_last_known_finding_of_each_record_is_found_behind_unknown_ones():
    known = {one.key: one.status for one in find_last_known([kept(UNKNOWN), kept(GONE), kept()])}

    assert {known[one.key] for one in kept() if one.kind is RecordKind.DKIM} == {Status.FAIL}


@pytest.mark.parametrize(("before", "after", "causes"), [
    ({}, GONE, ("The DKIM record of acme.test vanished",)),
    (GONE, {}, ("The DKIM record of acme.test is back",)),
    ({}, UNKNOWN, ()),
    ({}, {"acme.test TXT": ["v=spf1 ~all"]}, ("The SPF record of acme.test fails",)),
    ({"acme.test TXT": ["v=spf1 ~all"]}, {}, ("The SPF record of acme.test is right again",)),
    ({}, {"acme.test MX": ["10 mx.acme.test"]}, ()),
])  # fmt: skip
def test_cause_is_told_once_for_each_kind_of_required_record(before, after, causes):
    good = {one.key for one in kept()}

    assert describe_causes(kept(before), kept(after), good) == causes


def test_record_that_was_never_right_causes_nothing():
    assert describe_causes(kept(GONE), kept(), set()) == ()
