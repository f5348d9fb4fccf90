"""Checks of domains against a real DNS server: asked for, kept as history, and what states follow from them."""

import pytest
import sqlalchemy as sa

from dashboard.models import AuditEntry, CompanyState, Domain, Mark, VerifiedDomain
from dashboard.models.domains import DomainStatus
from dashboard.queries.domains import findings_of
from dashboard.services import domains
from tests.domains import NAME, publish
from tests.helpers import page, text

LIST = "/c/acme/domains"


def told(acme):
    with acme() as session:
        marks = session.scalars(sa.select(Mark.title).order_by(Mark.at)).all()
        entries = session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.at, AuditEntry.id)).all()
        return marks, entries


def test_domain_whose_records_are_right_is_verified(check, published, state, acme, clock, cast, seed):
    check()

    domain, (kept,) = state()
    assert (domain.status, domain.checked_at, domain.failing_since) == (DomainStatus.VERIFIED, clock(), None)
    assert (kept.first_at, kept.last_at, kept.count, kept.is_failing, kept.changes) == (clock(), clock(), 1, False, [])
    assert told(acme) == ([], ["domain.verify"])
    with seed(cast.acme) as session:
        assert session.scalars(sa.select(VerifiedDomain.name)).all() == [NAME]


def test_checks_that_find_the_same_share_a_row_and_disturb_no_page(check, published, state, acme, clock):
    def version():
        with acme() as session:
            return session.scalars(sa.select(CompanyState.version)).one()

    check()
    first, updated, shown = clock(), state()[0].updated_at, version()
    clock.move(hours=12)
    check()
    clock.move(hours=12)

    check()

    domain, (kept,) = state()
    assert (kept.first_at, kept.last_at, kept.count) == (first, clock(), 3)
    assert (domain.checked_at, domain.updated_at, version()) == (clock(), updated, shown)


def test_failure_counts_when_it_repeats_five_minutes_later(check, published, state, acme, clock):
    check()
    published.remove(f"mg._domainkey.{NAME}")

    seen = []
    for minutes in (10, 2, 2, 1):  # 0, 2, 4 and 5 minutes after the first failing check
        clock.move(minutes=minutes)
        check()
        seen.append(state()[0].status.value)

    domain, rows = state()
    assert seen == ["verified", "verified", "verified", "failed"]
    assert (clock() - domain.failing_since).total_seconds() == 300
    assert [(row.status.value, row.is_failing, row.count) for row in rows] == [
        ("verified", False, 1), ("verified", True, 3), ("failed", True, 1),
    ]  # fmt: skip
    assert rows[1].changes == ["The DKIM record mg vanished."]
    assert told(acme) == ([f"The DKIM record of {NAME} vanished"], ["domain.verify", "domain.fail"])


def test_record_that_is_back_verifies_the_domain_and_is_told(check, published, state, acme, clock):
    check()
    (kept_key,) = next(one for one in findings_of(state()[1][0]) if one.kind == "dkim").found
    published.remove(f"mg._domainkey.{NAME}")
    for _ in range(2):
        clock.move(minutes=10)
        check()
    published.set(f"mg._domainkey.{NAME}", "TXT", kept_key)
    clock.move(minutes=10)

    check()

    domain, rows = state()
    assert (domain.status, domain.failing_since, rows[-1].changes) == (
        DomainStatus.VERIFIED, None, ["The DKIM record mg appeared."],
    )  # fmt: skip
    marks, entries = told(acme)
    assert marks == [f"The DKIM record of {NAME} vanished", f"The DKIM record of {NAME} is back"]
    assert entries == ["domain.verify", "domain.fail", "domain.verify"]


def test_first_appearance_of_a_record_is_no_mark(check, server, news, state, acme, clock):
    check()
    with acme() as session:
        publish(server, domains.records_of(session.scalars(sa.select(Domain)).one()))
    clock.move(minutes=1)

    check()

    assert state()[0].status is DomainStatus.VERIFIED
    assert told(acme)[0] == []


@pytest.mark.parametrize("how", ["silent", "servfail"])
def test_what_could_not_be_asked_changes_no_state_and_says_so(check, published, state, browser, news, clock, how):
    check()
    published.behave(f"mg._domainkey.{NAME}", how)
    for _ in range(3):
        clock.move(hours=1)
        check()

    domain, rows = state()
    assert (domain.status, domain.failing_since, rows[-1].count) == (DomainStatus.VERIFIED, None, 3)
    shown = page(browser("gil").get(f"{LIST}/{news}/records"))
    assert "unknown" in [text(one) for one in shown.select(".dnsrecords .badge")]
    assert "This says nothing about the record." in text(shown.select_one(".dnsrecords"))
    assert "could not be asked" in text(page(browser("gil").get(f"{LIST}/{news}/history")).select_one(".timeline"))


def test_record_that_vanished_behind_an_unknown_is_told_all_the_same(check, published, state, acme, clock):
    check()
    published.behave(f"mg._domainkey.{NAME}", "servfail")
    clock.move(hours=1)
    check()
    published.behave(f"mg._domainkey.{NAME}", None)
    published.remove(f"mg._domainkey.{NAME}")
    clock.move(hours=1)

    check()

    assert state()[1][-1].changes == ["The DKIM record mg vanished."]
    assert told(acme)[0] == [f"The DKIM record of {NAME} vanished"]


def test_spf_that_grows_is_told_with_its_cause(check, published, state, browser, news, clock):
    check()
    published.set("mailgun.org", "TXT", "v=spf1 include:a.mailgun.org -all")
    published.set("a.mailgun.org", "TXT", "v=spf1 -all")
    clock.move(hours=1)

    check()

    sentence = "SPF went from 1 to 2 look-ups because include:mailgun.org grew."
    shown = page(browser("gil").get(f"{LIST}/{news}/records"))
    assert state()[1][-1].changes == [sentence]
    assert sentence in browser("gil").get(f"{LIST}/{news}/history").text
    assert [text(one) for one in shown.select(".costs .term")] == ["include:mailgun.org 2", "include:a.mailgun.org 1"]
    assert "2 of 10 look-ups" in text(shown.select_one("#h-costs").parent)


def test_found_value_stands_beside_the_expected_one_with_the_difference_marked(check, published, browser, news):
    published.set(f"_sendscope.{NAME}", "TXT", "sendscope-verification=xyz")

    check()

    row = page(browser("gil").get(f"{LIST}/{news}/records")).select_one(".dnsrecords tbody tr")
    assert (text(row.select_one("del")), text(row.select_one("ins"))) == ("xyz", "abc")
    assert text(row.select_one(".badge")) == "fails"
    assert "replace it" in text(row.select_one(".verdictcell"))
    assert row.select_one("#value-1").get_text() == "sendscope-verification=abc"
    assert [text(one) for one in row.select(".place code")] == ["_sendscope.news", f"_sendscope.{NAME}"]


def test_rules_and_counts_are_shown(check, published, browser, news):
    check()

    shown = page(browser("gil").get(f"{LIST}/{news}/records"))
    # SPF, its limits, DKIM, DMARC and alignment are met; nobody takes replies; the rest is not known.
    assert text(shown.select_one("#h-rules").parent).endswith("5 of 8 met, 2 not known")
    assert "4 pass" in text(page(browser("gil").get(LIST)).select_one(".standings"))


def test_zone_file_has_the_records(browser, news):
    answer = browser("gil").get(f"{LIST}/{news}/records.zone")

    assert answer.headers["Content-Disposition"] == f'attachment; filename="{NAME}.zone"'
    assert '_sendscope.news 3600 IN TXT "sendscope-verification=abc"' in answer.text.splitlines()


def test_what_strangers_publish_is_kept_harmless(check, published, state, browser, news):
    published.add(NAME, "TXT", "v=spf1 \x00\x1b<script>alert(1)</script> -all")

    check()

    shown = browser("gil").get(f"{LIST}/{news}/records")
    assert shown.status_code == 200
    assert "<script>alert" not in shown.text
    assert "\x00" not in str(state()[1][0].findings)
