"""The demo companies come and go, and leave others alone."""

import re

import pytest
import sqlalchemy as sa

from dashboard.models import Campaign, Company, Delivery, File, Mark, Message, User
from dashboard.vocabulary.roles import Role
from tests.conftest import NOON
from tests.factories import api_source_id, make_company, make_user, numbers, report
from tests.helpers import Browser, page, text
from tests.tables import read_everything


def load(run, *rest):
    return run("demo", "load", "--days", "3", *rest)


def password(answer):
    (found,) = re.findall(r"^password: (\S+)$", answer.out, re.MULTILINE)
    return found


def slugs(seed):
    with seed() as session:
        return session.scalars(sa.select(Company.slug).order_by(Company.slug)).all()


@pytest.fixture
def now(app):
    """The demo is told up to the present: pages are read at the present too."""
    del app.extensions["clock"]


def test_demo_makes_two_companies_and_one_password_for_four_people(run, app, seed):
    answer = load(run)

    assert (answer.code, answer.err) == (0, "")
    assert slugs(seed) == ["acme", "rival"]
    for email in ("ada@acme.test", "uma@acme.test", "gil@acme.test", "rex@rival.test"):
        assert email in answer.out
        assert Browser(app).sign_in(email, password(answer)).status_code == 303


@pytest.mark.parametrize(("email", "path", "status"), [
    ("ada@acme.test", "/c/acme/exports", 200), ("uma@acme.test", "/c/acme/exports", 403), ("gil@acme.test", "/c/acme/", 200),
    ("rex@rival.test", "/c/rival/exports", 200), ("rex@rival.test", "/c/acme/", 404),
])  # fmt: skip
def test_people_of_the_demo_have_their_roles(run, app, email, path, status):
    browser = Browser(app)
    browser.sign_in(email, password(load(run)))

    assert browser.get(path).status_code == status


def test_demo_has_numbers_that_add_up(run, app, now):
    browser = Browser(app)
    browser.sign_in("ada@acme.test", password(load(run)))

    sent = {
        kind: text(page(browser.get(f"/c/acme/?type={kind}")).select_one("[data-metric=sent]"))
        for kind in ("campaign", "template", "mailbox", "domain")
    }

    assert len(set(sent.values())) == 1
    assert int(sent["campaign"].replace(",", "")) > 1000
    assert run("rollup", "verify").code == 0


def test_demo_goes_back_as_far_as_asked(run, seed):
    run("demo", "load", "--days", "30")

    with seed() as session:
        acme = session.scalar(sa.select(Company.id).where(Company.slug == "acme"))
    with seed(acme) as session:
        # The story has marks 29, 24, 22 and 12 days ago: all within thirty days with today.
        assert session.scalar(sa.select(sa.func.count()).select_from(Mark)) == 4
        # five of the reported numbers, and one that is known by its events
        assert session.scalar(sa.select(sa.func.count()).select_from(Campaign)) == 6


@pytest.mark.parametrize("days", ["1", "1001", "x"])
def test_length_of_the_story_has_limits(run, seed, days):
    assert run("demo", "load", "--days", days).code == 2
    assert slugs(seed) == []


def test_demo_is_refused_when_there_are_companies(run, engines, seed):
    make_company(engines, "oak", NOON)

    answer = load(run)

    assert (answer.code, answer.out) == (1, "")
    assert answer.err == "There are companies already. Add --force to load the demo beside them.\n"
    assert slugs(seed) == ["oak"]


def test_demo_is_loaded_beside_others_when_forced(run, engines, seed):
    make_company(engines, "oak", NOON)

    assert load(run, "--force").code == 0
    assert slugs(seed) == ["acme", "oak", "rival"]


def test_demo_is_replaced_when_forced_again(run, app, seed):
    first = load(run)

    second = load(run, "--force")

    assert slugs(seed) == ["acme", "rival"]
    assert password(first) == password(second)
    with seed() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(User)) == 4


def test_real_company_of_the_same_name_is_never_replaced(run, engines, seed):
    make_company(engines, "acme", NOON)

    answer = load(run, "--force")

    assert (answer.code, answer.err) == (1, "There is a company 'acme' already.\n")
    assert slugs(seed) == ["acme"]


def test_clearing_leaves_everything_as_it_was_before_the_demo(run, engines):
    oak = make_company(engines, "oak", NOON)
    make_user(engines, oak, "eve@oak.test", Role.ADMIN, NOON)
    report(engines, oak, api_source_id(engines, oak), numbers(NOON.date()), now=NOON)
    before = read_everything(engines)
    load(run, "--force")

    answer = run("demo", "clear")

    assert (answer.code, answer.out) == (0, "Removed 2 demo companies.\n")
    assert read_everything(engines) == before


def test_files_of_the_demo_come_and_go_with_their_bytes(run, app, seed):
    def list_stored():
        return {one.key for one in app.extensions["storage"].list_stored()}

    before = list_stored()  # what other tests left
    load(run)
    stored = list_stored() - before
    with seed() as session:
        acme = session.scalar(sa.select(Company.id).where(Company.slug == "acme"))
    with seed(acme) as session:
        types = set(session.scalars(sa.select(File.media_type)))
    run("demo", "clear")

    assert len(stored) == 5
    assert types == {"image/png", "text/csv", "text/plain", "application/pdf"}
    assert list_stored() == before


def test_person_of_the_demo_who_is_elsewhere_too_stays_there(run, engines, seed):
    load(run)
    oak = make_company(engines, "oak", NOON)
    make_user(engines, oak, "gil@acme.test", Role.USER, NOON)

    run("demo", "clear")

    with seed() as session:
        assert session.scalars(sa.select(User.email)).all() == ["gil@acme.test"]


def test_clearing_nothing_is_no_error(run):
    answer = run("demo", "clear")

    assert (answer.code, answer.out) == (0, "Removed 0 demo companies.\n")


def test_file_with_the_password_is_its_owners_alone(run, app):
    load(run)

    path = app.extensions["settings"].instance / "demo_password"
    assert path.stat().st_mode & 0o777 == 0o600


def test_demo_has_mail_that_is_known_by_its_events(run, seed):
    run("demo", "load", "--days", "30")

    with seed() as session:
        acme = session.scalar(sa.select(Company.id).where(Company.slug == "acme"))
    with seed(acme) as session:
        states = set(session.scalars(sa.select(Message.state)))
        assert states >= {"delivered", "opened", "clicked", "bounced", "replied"}
        assert set(session.scalars(sa.select(Delivery.state))) == {"counted"}
    verified = run("rollup", "verify", "--company", "acme")
    assert verified.code == 0
