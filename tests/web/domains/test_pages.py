"""Domains: added, edited, adopted, archived, and who may do that."""

import pytest
import sqlalchemy as sa

from dashboard.models import AuditEntry, Company, Domain, Mailbox, ResourceKey
from dashboard.models.domains import DomainStatus
from dashboard.services import registration
from dashboard.vocabulary.analytics import ResourceType
from tests.domains import NAME
from tests.factories import api_source_id, numbers, register, report
from tests.helpers import page, text

LIST = "/c/acme/domains"
ID = "01993b5e-0000-7000-8000-000000000001"


def add(browser, name=NAME, who="ada", **changes):
    values = {"id": ID, "name": name, "mailgun": "y", "mailgun_selectors": "MG, k2"} | changes
    return browser(who).post(LIST, LIST + "/new", **values)


def get_domain(acme, name=NAME):
    with acme() as session:
        return session.scalars(sa.select(Domain).where(Domain.name == name)).one()


def test_admin_adds_a_domain_and_twice_sent_it_is_one(browser, acme):
    first, again = add(browser), add(browser)

    assert (first.status_code, again.status_code, first.location) == (303, 303, f"{LIST}/{ID}/records")
    assert again.location == first.location
    domain = get_domain(acme)
    assert (domain.status, domain.providers) == (DomainStatus.PENDING, ["mailgun"])
    assert domain.config == {"selectors": {"mailgun": ["mg", "k2"]}}
    assert len(domain.token) == 32
    with acme() as session:
        assert session.scalars(sa.select(ResourceKey.key)).all() == [NAME]
        assert session.scalars(sa.select(AuditEntry.action)).all() == ["domain.create"]


def test_name_in_other_letters_is_kept_in_its_ascii_form_and_shown_as_written(browser, acme):
    add(browser, "Bücher.de")

    shown = page(browser("gil").get(f"{LIST}/{ID}/records"))

    assert get_domain(acme, "xn--bcher-kva.de").title == "bücher.de"
    assert text(shown.select_one("h1")).startswith("bücher.de")


@pytest.mark.parametrize(("name", "sentence"), [
    ("", "Enter a domain name"),
    ("co.uk", "co.uk is a public suffix"),
    ("news.acme.test", "is a special-use name (.test)"),
    ("192.0.2.1", "is an IP address"),
    ("https://acme.com/x", "Enter the domain name alone"),
    ("acme", "it needs a dot"),
])  # fmt: skip
def test_name_that_cannot_send_is_refused_with_the_reason(browser, acme, name, sentence):
    answer = add(browser, name)

    assert answer.status_code == 422
    assert sentence in text(page(answer).select_one("#name-error"))
    with acme() as session:
        assert session.scalars(sa.select(Domain)).all() == []


def test_demo_company_may_have_names_that_do_not_exist(browser, seed, acme, cast):
    with seed() as session:
        session.get(Company, cast.acme.id).is_demo = True

    assert add(browser, "news.acme.test").status_code == 303


def test_name_that_is_there_already_is_refused_and_one_of_another_company_is_not(browser, acme, news, seed, cast):
    again = add(browser)
    with seed(cast.rival) as session:
        register(session, ResourceType.DOMAIN, Domain(name="shop.acme-post.com", status=DomainStatus.VERIFIED))

    others = add(browser, "shop.acme-post.com")

    assert (again.status_code, others.status_code) == (422, 303)
    assert f"{NAME} is registered already." in text(page(again).select_one("#name-error"))


@pytest.mark.parametrize(("field", "value", "sentence"), [
    ("mailgun_selectors", "a b!c", "DKIM selectors of Mailgun: this must be DKIM selectors such as s1"),
    ("mailgun_selectors", "a,b,c,d,e,f,g", "at most 6 selectors"),
    ("mailgun_tracking", "links here", "Tracking host of Mailgun: this must be the part before the domain"),
])  # fmt: skip
def test_setting_that_cannot_be_is_named_and_what_was_typed_stays(browser, field, value, sentence):
    answer = add(browser, **{field: value})

    shown = page(answer)
    assert answer.status_code == 422
    assert sentence in text(shown.select_one(f"#{field}-error"))
    assert shown.select_one(f"#{field}")["value"] == value
    assert shown.select_one(f"#error-summary a[href='#{field}']")


def test_host_that_was_typed_in_full_is_cut(browser, acme):
    add(browser, mailgun_tracking=f"links.{NAME}")

    assert get_domain(acme).config["tracking"] == {"mailgun": "links"}


def test_edit_asks_for_a_check_and_says_what_changed(browser, acme, news, clock):
    ada = browser("ada")

    answer = ada.post(
        f"{LIST}/{news}/edit", revision="1", mailgun="y", mailgun_selectors="k9", sendgrid="y",
        sendgrid_return_path="em1", tracks_replies="y",
    )  # fmt: skip

    domain = get_domain(acme)
    assert answer.status_code == 303
    assert (domain.providers, domain.tracks_replies, domain.revision) == (["mailgun", "sendgrid"], True, 2)
    assert domain.config == {"selectors": {"mailgun": ["k9"]}, "return_path": {"sendgrid": "em1"}}
    assert domain.next_check_at == clock()
    told = text(page(browser("gil").get(f"{LIST}/{news}/activity")).select_one(".timeline"))
    assert "providers: Mailgun → Mailgun, SendGrid" in told
    assert "DKIM selectors of Mailgun: mg → k9" in told


def test_edit_of_an_older_version_is_refused_with_both_shown(browser, acme, news):
    ada = browser("ada")
    ada.post(f"{LIST}/{news}/edit", revision="1", postmark="y")

    late = ada.post(f"{LIST}/{news}/edit", revision="1", mailgun="y", mailgun_selectors="late")

    assert late.status_code == 409
    rows = [text(row) for row in page(late).select(".versions tbody tr")]
    assert "Postmark yes no" in rows
    assert "DKIM selectors of Mailgun late" in rows
    assert get_domain(acme).providers == ["postmark"]


@pytest.mark.parametrize(("who", "path", "status"), [
    ("gil", "", 302), ("gil", "/records", 200), ("gil", "/history", 200), ("gil", "/figures", 200),
    ("gil", "/records.zone", 200), ("gil", "/records/found", 200), ("gil", "/edit", 403), ("uma", "/edit", 403),
    ("ada", "/edit", 200), ("rex", "/records", 404), ("rex", "/records.zone", 404),
])  # fmt: skip
def test_guests_read_and_admins_change(browser, news, who, path, status):
    assert browser(who).get(f"{LIST}/{news}{path}").status_code == status


@pytest.mark.parametrize("who", ["gil", "uma"])
@pytest.mark.parametrize("path", ["", "/{}/check", "/{}/edit", "/{}/archive"])
def test_change_by_others_than_admins_is_refused(browser, acme, news, who, path):
    answer = browser(who).post(LIST + path.format(news), "/account", name="other.acme-post.com")

    assert answer.status_code == 403
    with acme() as session:
        assert session.scalars(sa.select(Domain.name)).all() == [NAME]


def test_stranger_changes_nothing(browser, news):
    rex = browser("rex")

    assert rex.post(f"/c/rival/domains/{news}/check", "/account").status_code == 404
    assert rex.post(f"{LIST}/{news}/check", "/account").status_code == 404


def test_page_leads_to_the_records_while_pending_and_to_the_numbers_later(browser, acme, news):
    gil = browser("gil")
    pending = gil.get(f"{LIST}/{news}")
    with acme() as session:
        session.get(Domain, (get_domain(acme).company_id, news)).status = DomainStatus.VERIFIED

    verified = gil.get(f"{LIST}/{news}")

    assert (pending.status_code, pending.location) == (302, f"{LIST}/{news}/records")
    assert page(verified).select_one("#card-sent")


def test_names_in_the_mail_are_adopted_and_others_are_left_with_a_sentence(browser, acme, cast, engines, clock):
    day, source = cast.acme.day_of(clock()), api_source_id(engines, cast.acme)
    keys = (NAME, "localhost", "news.acme.test")
    report(engines, cast.acme, source, *(numbers(day, key, "domain") for key in keys), now=clock())
    ada = browser("ada")

    ada.post(f"{LIST}/seen", all="1")

    told = text(page(ada.get(LIST)).select_one("main"))
    assert "1 domain registered. All numbers are as before." in told
    assert "localhost was left: “localhost” is not a whole domain name" in told
    assert "news.acme.test was left: news.acme.test is a special-use name" in told
    domain = get_domain(acme)
    assert (domain.status, domain.providers, len(domain.token)) == (DomainStatus.PENDING, [], 32)
    assert "Nobody sends for it yet." in ada.get(f"{LIST}/{domain.id}/records").text


def test_names_are_registered_by_themselves_where_that_is_on(browser, acme, cast, engines, clock):
    day, source = cast.acme.day_of(clock()), api_source_id(engines, cast.acme)
    report(engines, cast.acme, source, numbers(day, NAME, "domain"), numbers(day, "a.test", "domain"), now=clock())
    browser("ada").post(f"{LIST}/seen/automatic", f"{LIST}/seen", on="1")

    made = registration.register_all(engines, clock)

    assert (made, get_domain(acme).status) == (1, DomainStatus.PENDING)
    assert registration.register_all(engines, clock) == 0


def test_domain_with_mailboxes_is_archived_instead_of_deleted_and_comes_back(browser, acme, news):
    with acme() as session:
        box = Mailbox(domain_id=news, email=f"a@{NAME}", name="A", daily_limit=5)
        register(session, ResourceType.MAILBOX, box)
    ada = browser("ada")

    asked = ada.get(f"{LIST}/{news}/delete")
    ada.post(f"{LIST}/{news}/delete")
    archived = get_domain(acme).archived_at
    ada.post(f"{LIST}/{news}/unarchive", f"{LIST}/{news}/edit")

    assert "1 mailbox belongs to it." in asked.text
    assert archived is not None
    assert get_domain(acme).archived_at is None


def test_domain_that_nothing_hangs_on_is_deleted(browser, acme, news):
    browser("ada").post(f"{LIST}/{news}/delete")

    with acme() as session:
        assert session.scalars(sa.select(Domain)).all() == []
