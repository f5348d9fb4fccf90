"""Which records a domain should publish, and how they are written down."""

import dns.rdatatype
import dns.zone
import pytest

from dashboard.dns.facts import FACTS
from dashboard.dns.records import ExpectedRecord, RecordKind, Sender, Setup, records_for, records_to_look_at
from dashboard.dns.zone import text_strings, zone_text
from dashboard.providers.registry import adapters


def expected(*senders, domain="news.acme.test", **others):
    return records_for(Setup(domain, senders=senders, **others))


def by_kind(records, kind):
    return [record for record in records if record.kind is kind]


def test_every_provider_has_its_facts():
    assert set(FACTS) == set(adapters()) - {"generic"}


@pytest.mark.parametrize("provider", FACTS)
def test_records_of_a_provider_are_known_apart_and_can_be_matched(provider):
    sender = Sender(provider, ("key1",), return_path="bounce", tracking="click")

    records = expected(sender, token="abc", tracks_replies=True)

    assert len({record.key for record in records}) == len(records)
    for record in by_kind(records, RecordKind.RETURN_PATH) + by_kind(records, RecordKind.TRACKING):
        assert record.matches(record.value.replace("*", "any"))
        assert not record.matches("elsewhere.example") or record.accepted.endswith("|*")


def test_proof_spf_dkim_dmarc_and_return_path_are_asked_for():
    records = expected(Sender("mailersend"), Sender("mailgun", ("mx",)), token="abc")

    assert [(one.kind, one.type, one.host, one.host_short, one.value, one.is_required) for one in records] == [
        ("ownership", "TXT", "_sendscope.news.acme.test", "_sendscope.news", "sendscope-verification=abc", True),
        ("spf", "TXT", "news.acme.test", "news", "v=spf1 include:_spf.mailersend.net include:mailgun.org ~all", True),
        (
            "dkim",
            "CNAME",
            "mlsend2._domainkey.news.acme.test",
            "mlsend2._domainkey.news",
            "mlsend2._domainkey.mailersend.net",
            True,
        ),
        ("dkim", "TXT", "mx._domainkey.news.acme.test", "mx._domainkey.news", "", True),
        ("dmarc", "TXT", "_dmarc.news.acme.test", "_dmarc.news", "v=DMARC1; p=none", True),
        ("return_path", "CNAME", "mta.news.acme.test", "mta.news", "mailersend.net", False),
        ("tracking", "CNAME", "email.news.acme.test", "email.news", "links.mailersend.net", False),
        ("tracking", "CNAME", "email.news.acme.test", "email.news", "mailgun.org", False),
    ]


def test_host_of_the_registered_domain_itself_is_an_at():
    assert expected(domain="acme.test")[0].host_short == "@"


def test_spf_is_optional_where_no_provider_asks_for_it():
    spf = by_kind(expected(Sender("sendgrid")), RecordKind.SPF)[0]

    assert (spf.is_required, spf.includes) == (False, ())


@pytest.mark.parametrize(("provider", "found"), [
    ("sendgrid", "s1.domainkey.u1234567.wl042.sendgrid.net"),
    ("brevo", "b1.news-acme-test.dkim.brevo.com"),
    ("brevo", "b1.dkim.brevo.com"),
    ("mandrill", "dkim1.mandrillapp.com"),
    ("mailtrap", "RWMT1.dkim.smtp.mailtrap.live."),
])  # fmt: skip
def test_dkim_target_of_an_account_is_matched_by_its_pattern(provider, found):
    key = by_kind(expected(Sender(provider)), RecordKind.DKIM)[0]

    assert key.matches(found)
    assert not key.matches("elsewhere.test")


def test_tokens_of_ses_are_entered_and_lead_to_amazon():
    keys = by_kind(expected(Sender("ses", ("abc", "def"))), RecordKind.DKIM)

    assert [(key.host, key.value) for key in keys] == [
        ("abc._domainkey.news.acme.test", "abc.dkim.amazonses.com"),
        ("def._domainkey.news.acme.test", "def.dkim.amazonses.com"),
    ]


def test_selector_that_only_the_account_knows_is_asked_for():
    (key,) = by_kind(expected(Sender("mailgun")), RecordKind.DKIM)

    assert (key.has_host, key.note) == (False, "Enter the selector that Mailgun shows for this domain.")


def test_return_path_that_was_entered_is_required_with_its_spf():
    records = expected(Sender("resend", return_path="bounce"))

    assert [(one.type, one.host, one.value, one.is_required) for one in by_kind(records, RecordKind.RETURN_PATH)] == [
        ("MX", "bounce.news.acme.test", "10 feedback-smtp.*.amazonses.com", True)
    ]
    assert [one.value for one in by_kind(records, RecordKind.RETURN_SPF)] == ["v=spf1 include:amazonses.com ~all"]


def test_servers_for_replies_are_asked_for_where_replies_are_tracked():
    assert by_kind(expected(Sender("mailgun")), RecordKind.MX) == []

    records = by_kind(expected(Sender("mailgun"), tracks_replies=True), RecordKind.MX)

    assert [(one.value, one.is_required) for one in records] == [
        ("10 mxa.mailgun.org", False),
        ("10 mxb.mailgun.org", False),
    ]
    assert records[0].matches("50 MXA.eu.mailgun.org.")


def test_any_domain_can_be_looked_at():
    records = records_to_look_at("acme.test", ("s1",))

    assert [(one.kind, one.is_required) for one in records] == [("spf", True), ("dkim", True), ("dmarc", True)]


def test_zone_text_is_read_by_a_dns_library():
    records = expected(
        Sender("mailersend"), Sender("mailgun", ("mx",)), Sender("resend"), token="abc", tracks_replies=True
    )

    zone = dns.zone.from_text(zone_text("news.acme.test", records), check_origin=False)

    assert zone.get_rdataset("_sendscope.news", "TXT")[0].strings == (b"sendscope-verification=abc",)
    assert zone.get_rdataset("mta.news", "CNAME")[0].target.to_text() == "mailersend.net."
    assert {one.exchange.to_text() for one in zone.get_rdataset("news", "MX")} >= {"mxa.mailgun.org."}


def test_value_that_only_the_provider_knows_is_a_comment():
    lines = zone_text("acme.test", expected(Sender("sendgrid"), Sender("mailgun"), domain="acme.test")).splitlines()

    assert lines[0] == "$ORIGIN acme.test."
    assert "; s1._domainkey 3600 IN CNAME s1.domainkey.u*.sendgrid.net." in lines
    assert "; SELECTOR._domainkey 3600 IN TXT …" in lines


def test_long_text_is_cut_into_strings_of_255_bytes():
    # 300 bytes of a key: 255 in the first string, 45 in the second.
    assert text_strings("x" * 300) == f'"{"x" * 255}" "{"x" * 45}"'


def test_text_is_quoted_and_escaped():
    assert text_strings('a "b" \\ ü\n') == '"a \\"b\\" \\\\ \\195\\188\\010"'
    assert text_strings("") == '""'


def test_multi_line_note_stays_a_comment():
    record = ExpectedRecord(
        RecordKind.DMARC, "TXT", "_dmarc.acme.test", "v", note="one\nevil 1 IN A 1.1.1.1", domain="acme.test"
    )

    assert "\nevil" not in zone_text("acme.test", [record])
