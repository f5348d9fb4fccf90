"""The first page, the list of companies, and clearing the demo."""

import pytest
import sqlalchemy as sa

from dashboard.models import Company, Membership, User
from dashboard.vocabulary.roles import Role
from tests.conftest import NOON
from tests.factories import make_company, make_user
from tests.helpers import HTMX, page, text


@pytest.fixture
def demo(seed, cast):
    """acme and rival are the demo; Oak is not, and uma is an admin of it."""
    with seed() as session:
        session.execute(sa.update(Company).values(is_demo=True))


@pytest.fixture
def oak(engines, cast, demo):
    company = make_company(engines, "oak", NOON)
    make_user(engines, company, "uma@acme.test", Role.ADMIN, NOON)
    return company


def remove(seed, company, who):
    """Take somebody out of a company."""
    with seed(company) as session:
        user_id = session.scalar(sa.select(User.id).where(User.email == who))
        session.execute(sa.update(Membership).where(Membership.user_id == user_id).values(removed_at=NOON))


def test_welcome_page_says_how_to_begin_when_nobody_can_sign_in(app):
    answer = app.test_client().get("/")

    assert answer.status_code == 200
    assert "dashboard company add" in text(page(answer).select_one("main"))


def test_sign_in_page_leads_to_the_welcome_page_when_nobody_can_sign_in(app):
    assert app.test_client().get("/login").headers["Location"] == "/"


def test_first_page_leads_to_sign_in_when_nobody_is_signed_in(browser, cast):
    assert browser(None).get("/").headers["Location"] == "/login"


def test_first_page_leads_to_the_only_company(browser):
    assert browser("gil").get("/").headers["Location"] == "/c/acme/"


def test_first_page_lists_the_companies_when_there_are_several(browser, oak):
    shown = page(browser("uma").get("/"))

    names = [text(one) for one in shown.select(".cards strong")]
    roles = [text(one) for one in shown.select(".cards small")]
    assert names == ["Acme", "Oak"]
    assert roles == ["user · Europe/Berlin", "admin · Europe/Berlin"]


def test_list_can_be_reached_when_there_is_only_one(browser):
    shown = page(browser("gil").get("/companies"))

    assert [one["href"] for one in shown.select(".cards a")] == ["/c/acme/"]


def test_first_page_says_whom_to_ask_when_there_is_no_company(browser, cast, seed):
    gil = browser("gil")
    remove(seed, cast.acme, "gil@acme.test")

    shown = text(page(gil.get("/")).select_one("main"))

    assert "Ask an admin to add gil@acme.test" in shown


def test_removed_member_finds_nothing_from_the_next_request_on(browser, cast, seed):
    gil = browser("gil")
    before = gil.get("/c/acme/").status_code

    remove(seed, cast.acme, "gil@acme.test")

    assert (before, gil.get("/c/acme/").status_code) == (200, 404)
    assert gil.get("/account").status_code == 200


@pytest.mark.parametrize("path", ["/c/acme/cards", "/c/acme/analytics/explorer"])
def test_open_page_of_a_removed_member_is_led_away_by_its_next_poll(browser, cast, seed, path):
    gil = browser("gil")
    tag = gil.get("/c/acme/").headers["HX-PTag"]

    remove(seed, cast.acme, "gil@acme.test")
    answer = gil.get(path, headers=HTMX | {"HX-PTag": tag})

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (404, "/")
    assert "Acme" not in answer.text


def test_member_who_is_added_again_is_back(browser, cast, seed, engines):
    gil = browser("gil")
    remove(seed, cast.acme, "gil@acme.test")

    make_user(engines, cast.acme, "gil@acme.test", Role.USER, NOON)

    assert gil.get("/c/acme/").status_code == 200


def test_change_of_role_holds_from_the_next_request_on(browser, cast, engines):
    gil = browser("gil")
    before = gil.get("/c/acme/exports").status_code

    make_user(engines, cast.acme, "gil@acme.test", Role.ADMIN, NOON)

    assert (before, gil.get("/c/acme/exports").status_code) == (403, 200)


def clear(browser):
    return browser.post("/demo/clear", form_page="/account")


def slugs(seed):
    with seed() as session:
        return session.scalars(sa.select(Company.slug).order_by(Company.slug)).all()


@pytest.mark.parametrize("who", ["uma", "gil"])
def test_demo_stays_when_it_is_cleared_by(browser, demo, seed, who):
    answer = clear(browser(who))

    assert answer.status_code == 403
    assert slugs(seed) == ["acme", "rival"]


def test_nothing_is_cleared_when_there_is_no_demo(browser, cast, seed):
    assert clear(browser("ada")).status_code == 403
    assert slugs(seed) == ["acme", "rival"]


def test_admin_of_a_real_company_cannot_clear_the_demo(browser, oak, seed):
    assert clear(browser("uma")).status_code == 403
    assert slugs(seed) == ["acme", "oak", "rival"]


def test_admin_of_the_demo_clears_it_and_nothing_else(browser, oak, seed):
    answer = clear(browser("ada"))

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert slugs(seed) == ["oak"]
    with seed() as session:  # uma belongs to Oak too, so she stays
        assert session.scalars(sa.select(User.email)).all() == ["uma@acme.test"]


@pytest.mark.parametrize(("who", "is_offered"), [("ada", True), ("uma", False)])
def test_clearing_is_offered_only_to_admins_of_the_demo(browser, demo, who, is_offered):
    shown = page(browser(who).get("/companies"))

    assert bool(shown.select_one("form[action='/demo/clear']")) == is_offered
