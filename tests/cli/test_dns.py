"""`dashboard dns check` tells what the DNS says of a domain, without an account."""

import pytest

from tests.dns.answering import KEY_1024
from tests.dns_server import DnsServer


@pytest.fixture
def server():
    with DnsServer() as running:
        yield running


@pytest.fixture
def check(run_here, server):
    return lambda *words: run_here("dns", "check", *words, "--nameserver", server.address, "--timeout", "1")


@pytest.fixture
def published(server):
    server.add("acme.test", "TXT", "v=spf1 include:p.test ~all")
    server.add("p.test", "TXT", "v=spf1 ip4:192.0.2.0/24 -all")
    server.add("_dmarc.acme.test", "TXT", "v=DMARC1; p=reject; rua=mailto:d@acme.test")
    server.add("s1._domainkey.acme.test", "TXT", f"v=DKIM1; p={KEY_1024}")
    server.add("acme.test", "MX", "10 mx.acme.test")
    return server


def test_domain_that_is_right_is_told_record_by_record(check, published):
    answer = check("acme.test", "--selector", "s1")

    lines = answer.out.splitlines()
    assert (answer.code, answer.err, lines[0]) == (0, "", "acme.test: passing")
    assert lines[1:5] == [
        "pass              TXT acme.test",
        "                  One record with 1 look-up of 10.",
        "                  found: v=spf1 include:p.test ~all",
        "                    1 include:p.test",
    ]
    assert "warn              TXT s1._domainkey.acme.test" in lines
    assert "missing-optional  TXT _mta-sts.acme.test" in lines


def test_document_has_every_record(check, published):
    answer = check("ACME.test", "--selector", "s1", "--json")

    document = answer.document
    assert (answer.code, document["domain"], document["outcome"]) == (0, "acme.test", "passing")
    assert [(one["kind"], one["status"]) for one in document["findings"]] == [
        ("spf", "pass"), ("dkim", "warn"), ("dmarc", "pass"), ("receiving", "pass"),
        ("mta_sts", "missing-optional"), ("tls_rpt", "missing-optional"), ("bimi", "missing-optional"),
    ]  # fmt: skip
    assert (document["findings"][0]["look_ups"], document["findings"][0]["costs"]) == (
        1,
        [{"term": "include:p.test", "look_ups": 1}],
    )
    assert (document["findings"][1]["bits"], document["findings"][2]["policy"]) == (1024, "reject")


@pytest.mark.parametrize(("change", "sentence"), [
    (lambda server: server.remove("acme.test", "TXT"), "There is no SPF record. Publish the one shown."),
    (lambda server: server.add("acme.test", "TXT", "v=spf1 -all"), "There are 2 SPF records"),
    (lambda server: server.remove("_dmarc.acme.test"), "There is no DMARC record."),
    (lambda server: server.set("p.test", "TXT", "v=spf1 include:acme.test -all"), "leads in a circle"),
    (lambda server: server.behave("acme.test", "nxdomain"), "There is no SPF record."),
])  # fmt: skip
def test_required_record_that_fails_exits_with_1(check, published, change, sentence):
    change(published)

    answer = check("acme.test")

    assert answer.code == 1
    assert answer.out.startswith("acme.test: failing\n")
    assert sentence in answer.out


def test_record_to_publish_is_shown_where_one_fails(check, published):
    published.remove("_dmarc.acme.test")

    assert "                  expected: v=DMARC1; p=none\n" in check("acme.test").out


def test_selector_without_a_key_exits_with_1(check, published):
    answer = check("acme.test", "--selector", "s1", "--selector", "gone", "--json")

    assert answer.code == 1
    assert answer.document["findings"][2]["expected"] == ""
    assert [one["status"] for one in answer.document["findings"][1:3]] == ["warn", "fail"]


@pytest.mark.parametrize("how", ["silent", "servfail", "refused"])
def test_server_that_gives_no_answer_is_unknown_and_no_failure(check, server, how):
    server.behave("acme.test", how)

    answer = check("acme.test")

    assert answer.code == 0
    assert answer.out.startswith("acme.test: unknown\n")


def test_policy_that_is_announced_on_a_private_address_is_not_fetched(check, published):
    published.add("_mta-sts.acme.test", "TXT", "v=STSv1; id=1")
    published.add("mta-sts.acme.test", "A", "127.0.0.1")

    answer = check("acme.test")

    assert answer.code == 0
    assert "its policy cannot be had: mta-sts.acme.test is at 127.0.0.1, which is not a public address." in answer.out


def test_what_strangers_publish_cannot_move_the_cursor(check, published):
    published.set("acme.test", "TXT", "v=spf1 \x1b[2Jx ~all")

    assert "\x1b" not in check("acme.test").out


def test_name_in_other_letters_is_asked_in_its_ascii_form(check, server):
    server.add("xn--bcher-kva.test", "TXT", "v=spf1 -all")

    answer = check("Bücher.test")

    assert answer.out.startswith("bücher.test: failing\n")
    assert "One record with 0 look-ups of 10." in answer.out


@pytest.mark.parametrize(("words", "code", "sentence"), [
    (["acme"], 1, "it needs a dot"),
    (["127.0.0.1"], 1, "is an IP address"),
    (["co.uk"], 1, "is a public suffix"),
    (["acme.test", "--selector", "a b"], 2, "'a b' is not a selector."),
    (["acme.test", "--nameserver", "dns.acme.test"], 2, "dns.acme.test is not an address."),
])  # fmt: skip
def test_what_cannot_be_checked_is_a_sentence(run_here, words, code, sentence):
    answer = run_here("dns", "check", *words)

    assert (answer.code, answer.out) == (code, "")
    assert sentence in answer.err
