"""Look-ups against a real server on loopback."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.clients.dns import Resolver, policy_reader
from dashboard.clients.http import CannotFetch, Fetcher
from dashboard.config import read_server
from dashboard.dns.answers import AnswerState, Question
from dashboard.dns.findings import Status
from dashboard.dns.records import Sender, Setup, records_for, records_to_look_at
from dashboard.dns.spf import follow_ups
from dashboard.dns.verdicts import check_domain, questions_of
from tests.dns.answering import KEY_2048
from tests.dns_server import DnsServer


@pytest.fixture
def server():
    with DnsServer() as running:
        yield running


@pytest.fixture
def resolver(server):
    return Resolver([server.host], port=server.port, timeout_s=2)


def impatient(server, timeout_s=0.3):
    return Resolver([server.host], port=server.port, timeout_s=timeout_s)


def test_strings_of_a_text_are_joined_without_a_space(server, resolver):
    # 300 bytes: strings of 255 and 45.
    server.add("acme.test", "TXT", "x" * 300, [b"one ", b"two"], ttl=60)

    answer = resolver.look_up("acme.test", "TXT")

    assert (answer.state, answer.values, answer.ttl, answer.chain) == ("found", ("one two", "x" * 300), 60, ())


def test_records_of_every_type_are_read(server, resolver):
    server.add("acme.test", "A", "192.0.2.1")
    server.add("acme.test", "AAAA", "2001:db8::1")
    server.add("acme.test", "MX", "20 B.acme.test", "10 a.acme.test")
    server.add("acme.test", "NS", "NS1.acme.test")
    server.add("www.acme.test", "CNAME", "Acme.TEST")
    server.add("silent.acme.test", "MX", "0 .")

    found = {(one.name, one.type): one.values for one in resolver.look_up_many([
        Question("acme.test", "A"), Question("acme.test", "AAAA"), Question("acme.test", "MX"), Question("acme.test", "NS"),
        Question("www.acme.test", "CNAME"), Question("silent.acme.test", "MX"),
    ])}  # fmt: skip

    assert list(found.values()) == [
        ("192.0.2.1",), ("2001:db8::1",), ("10 a.acme.test", "20 b.acme.test"), ("ns1.acme.test",), ("acme.test",), ("0 .",),
    ]  # fmt: skip


def test_name_in_mixed_case_finds_the_same(server, resolver):
    server.add("acme.test", "TXT", "found")

    assert resolver.look_up("AcMe.TesT.", "TXT").values == ("found",)


def test_nothing_of_this_type_is_told_from_no_such_name(server, resolver):
    server.add("a.acme.test", "A", "192.0.2.1")

    assert resolver.look_up("a.acme.test", "TXT").state is AnswerState.NODATA
    assert resolver.look_up("acme.test", "TXT").state is AnswerState.NODATA  # there are names below it
    assert resolver.look_up("b.acme.test", "TXT").state is AnswerState.NXDOMAIN


@pytest.mark.parametrize(("how", "reason"), [
    ("servfail", "the nameserver answered SERVFAIL"),
    ("refused", "the nameserver answered REFUSED"),
    ("silent", "no answer in time"),
    ("garbage", ""),
])  # fmt: skip
def test_server_that_gives_no_answer_is_a_failed_look_up(server, how, reason):
    server.behave("acme.test", how)

    answer = impatient(server).look_up("acme.test", "TXT")

    assert (answer.state, answer.values) == (AnswerState.FAILED, ())
    assert reason in answer.reason


def test_silence_lasts_no_longer_than_it_may(server):
    server.behave("acme.test", "silent")
    began = time.monotonic()

    answer = impatient(server, 0.4).look_up("acme.test", "TXT")

    assert answer.is_unknown
    assert 0.3 < time.monotonic() - began < 2


def test_nobody_there_is_a_failed_look_up():
    with DnsServer() as gone:
        port = gone.port

    assert Resolver(["127.0.0.1"], port=port, timeout_s=0.3).look_up("acme.test", "TXT").is_unknown
    assert Resolver([], timeout_s=0.3).look_up("acme.test", "TXT").reason == "no nameserver can be asked"


def test_truncated_answer_is_asked_for_again_by_tcp(server, resolver):
    server.add("acme.test", "TXT", *(f"text {number} {'x' * 200}" for number in range(30)))
    server.behave("acme.test", "truncated")

    answer = resolver.look_up("acme.test", "TXT")

    assert len(answer.values) == 30
    assert [one.protocol for one in server.asked] == ["udp", "tcp"]


@pytest.mark.parametrize("how", [None, "terse"])
def test_cnames_are_followed_and_kept(server, resolver, how):
    server.add("a.test", "CNAME", "b.test")
    server.add("b.test", "CNAME", "C.test")
    server.add("c.test", "TXT", "found")
    server.behave("test", how)

    answer = resolver.look_up("a.test", "TXT")

    assert (answer.name, answer.values, answer.chain, answer.target) == (
        "a.test",
        ("found",),
        ("b.test", "c.test"),
        "b.test",
    )


@pytest.mark.parametrize("how", [None, "terse"])
def test_cname_to_nothing_keeps_its_chain(server, resolver, how):
    server.add("a.test", "CNAME", "gone.elsewhere.test")
    server.behave("test", how)

    answer = resolver.look_up("a.test", "TXT")

    assert (answer.state, answer.chain) == (AnswerState.NXDOMAIN, ("gone.elsewhere.test",))


@pytest.mark.parametrize("how", [None, "terse"])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_cnames_in_a_circle_are_no_data_with_a_reason(server, resolver, how, size):
    for number in range(size):
        server.add(f"c{number}.test", "CNAME", f"c{(number + 1) % size}.test")
    server.behave("test", how)

    answer = resolver.look_up("c0.test", "TXT")

    assert (answer.state, answer.values) == (AnswerState.NODATA, ())
    assert "circle" in answer.reason


def test_chain_that_does_not_end_is_given_up(server, resolver):
    for number in range(30):
        server.add(f"c{number}.test", "CNAME", f"c{number + 1}.test")
    server.behave("test", "terse")

    assert "circle" in resolver.look_up("c0.test", "TXT").reason


@pytest.mark.parametrize(
    "name", ["192.0.2.1", "[::1]", "::1", "a..test", "x" * 64 + ".test", ".".join(["abcdefg"] * 40), "\udcff.test"]
)
def test_what_is_no_name_is_never_asked(server, resolver, name):
    answer = resolver.look_up(name, "TXT")

    assert answer.is_unknown
    assert answer.reason
    assert server.asked == []


def test_bytes_that_are_no_text_are_shown_as_such(server, resolver):
    server.add("acme.test", "TXT", [b"v=spf1 \xff\x00 -all"], ["ü".encode()])

    assert resolver.look_up("acme.test", "TXT").values == ("v=spf1 \N{REPLACEMENT CHARACTER}\x00 -all", "ü")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.text(max_size=40), st.lists(st.binary(max_size=255), min_size=1, max_size=3))
def test_any_name_and_any_bytes_can_be_asked_for(server, resolver, name, strings):
    server.set("junk.test", "TXT", strings)

    assert resolver.look_up(name, "TXT").state in set(AnswerState)
    assert resolver.look_up("junk.test", "TXT").values == (b"".join(strings).decode("utf-8", "replace"),)


def test_many_are_asked_at_once(server):
    server.behave("slow.test", "silent")
    server.add("fast.test", "TXT", "found")
    began = time.monotonic()

    answers = impatient(server).look_up_many(
        [*(Question(f"{n}.slow.test", "TXT") for n in range(7)), Question("fast.test", "TXT")]
    )

    assert [one.state for one in answers] == ["failed"] * 7 + ["found"]
    assert time.monotonic() - began < 1.8  # one after another, 7 times 0.3 s would be 2.1 s


def test_check_of_a_domain_asks_nothing_twice(server, resolver):
    server.add("acme.test", "TXT", "v=spf1 include:a.test -all")
    server.add("a.test", "TXT", "v=spf1 include:b.test include:b.test -all")
    server.add("b.test", "TXT", "v=spf1 -all")
    expected = records_to_look_at("acme.test", ("s1",))

    findings = check_domain(expected, resolver.prepared(questions_of(expected), follow_ups))

    assert findings[0].look_ups == 3  # include:a.test 1, and the same include twice within it
    asked = [(one.name, one.type) for one in server.asked]
    assert len(asked) == len(set(asked))


def test_check_of_a_silent_server_ends_in_time_and_fails_nothing(server):
    server.behave("test", "silent")
    expected = records_to_look_at("acme.test", ("s1",))
    began = time.monotonic()

    findings = check_domain(expected, impatient(server, 0.2).prepared(questions_of(expected), follow_ups, total_s=0.5))

    assert {one.status for one in findings} == {Status.UNKNOWN}
    assert time.monotonic() - began < 3


def test_domain_is_checked_through_a_delegated_zone_of_keys(server, resolver):
    server.add("acme.test", "TXT", [b"v=SPF1 include:mailgun.org ~all"])
    server.add("mailgun.org", "TXT", "v=spf1 ip4:192.0.2.0/24 -all")
    server.delegate("_domainkey.acme.test", "ns1.keys.test")
    server.add("mx._domainkey.acme.test", "CNAME", "mx.keys.test")
    server.add("mx.keys.test", "TXT", f"v=DKIM1; k=rsa; p={KEY_2048};")
    server.add("_dmarc.acme.test", "TXT", "v=DMARC1; p=none;")
    expected = records_for(Setup("acme.test", senders=(Sender("mailgun", ("mx",)),)))

    before = check_domain(expected, resolver.prepared(questions_of(expected), follow_ups))
    server.remove("mx._domainkey.acme.test")
    after = check_domain(expected, resolver.prepared(questions_of(expected), follow_ups))

    assert [one.status for one in before[:3]] == ["pass", "pass", "pass"]
    assert before[1].found[0] == "mx.keys.test"
    assert "_domainkey.acme.test is run by ns1.keys.test: it must be published there." in after[1].sentence


def test_addresses_are_those_of_the_nameserver(server, resolver):
    server.add("mta-sts.acme.test", "A", "192.0.2.1")

    assert resolver.addresses("mta-sts.acme.test") == ["192.0.2.1"]
    with pytest.raises(CannotFetch, match=r"gone\.test has no address\."):
        resolver.addresses("gone.test")


def test_policy_on_a_private_address_is_not_fetched(server, resolver):
    server.add("mta-sts.acme.test", "A", "127.0.0.1")

    policy = policy_reader(Fetcher(find=resolver.addresses))("acme.test")

    assert policy.text == ""
    assert "127.0.0.1, which is not a public address" in policy.reason


@pytest.mark.parametrize(("text", "server"), [
    ("127.0.0.1", ("127.0.0.1", 53)), ("127.0.0.1:5353", ("127.0.0.1", 5353)), ("[::1]:5353", ("::1", 5353)), ("::1", ("::1", 53)),
    ("[::1]", ("::1", 53)),
])  # fmt: skip
def test_server_is_read_with_its_port(text, server):
    assert read_server(text) == server


@pytest.mark.parametrize(
    "text", ["", "localhost", "127.0.0.1:0", "127.0.0.1:x", "127.0.0.1:70000", ":53", "dns.acme.test:53"]
)
def test_what_is_no_server_is_refused(text):
    with pytest.raises(ValueError):
        read_server(text)
