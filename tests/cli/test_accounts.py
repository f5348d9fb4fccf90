"""Making companies and people."""

import pytest
import sqlalchemy as sa

from dashboard.models import Company, Membership, User
from dashboard.models.users import RoleName
from tests.helpers import Browser

PASSWORD = "correct horse battery"


def add_company(run, slug="oak", *rest):
    return run("company", "add", slug, "--name", "Oak & Söhne", *rest)


def add_user(run, *rest, email="eve@oak.test", company="oak", role="admin", stdin=PASSWORD + "\n"):
    return run("user", "add", email, "--company", company, "--role", role, "--password-stdin", *rest, stdin=stdin)


def count(seed, model):
    with seed() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model))


def test_company_is_made_and_the_next_step_told(run, seed):
    answer = add_company(run)

    assert (answer.code, answer.err) == (0, "")
    assert "dashboard user add EMAIL --company oak --role admin" in answer.out
    with seed() as session:
        made = session.scalars(sa.select(Company)).one()
    assert (made.slug, made.name, made.timezone) == ("oak", "Oak & Söhne", "UTC")


def test_company_is_told_as_one_document(run):
    answer = add_company(run, "oak", "--timezone", "Asia/Tokyo", "--json")

    assert answer.document == {"id": "oak", "slug": "oak", "name": "Oak & Söhne", "timezone": "Asia/Tokyo"}


@pytest.mark.parametrize(("slug", "rest", "sentence"), [
    ("Oak", (), "slug: A slug has 2 to 60 lower-case letters"), ("o", (), "slug:"), ("-oak", (), "slug:"), ("oak/x", (), "slug:"),
    ("oak", ("--timezone", "Nowhere/None"), "timezone: 'Nowhere/None' is not an IANA time zone"),
    ("oak", ("--name", " "), "name: A name has 1 to 100 characters."), ("oak", ("--name", "x" * 101), "name:"),
])  # fmt: skip
def test_company_is_refused_with_the_field_at_fault(run, seed, slug, rest, sentence):
    words = ["--", slug] if slug.startswith("-") else [slug]

    answer = run("company", "add", "--name", "Oak", *rest, *words)

    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("The company was not made.\n  ")
    assert sentence in answer.err
    assert count(seed, Company) == 0


def test_slug_is_taken_once(run, seed):
    add_company(run)

    answer = add_company(run)

    assert (answer.code, answer.err) == (1, "There is a company 'oak' already.\n")
    assert count(seed, Company) == 1


def test_user_can_sign_in(run, app):
    add_company(run)

    answer = add_user(run)

    assert (answer.code, answer.out) == (0, "eve@oak.test is admin of oak.\n")
    browser = Browser(app)
    assert browser.sign_in("eve@oak.test", PASSWORD).status_code == 303
    assert browser.get("/c/oak/exports").status_code == 200


def test_user_is_told_as_one_document(run):
    add_company(run)

    document = add_user(run, "--json", email=" Eve@Oak.test ").document

    assert {**document, "id": None} == {"id": None, "email": "eve@oak.test", "company": "oak", "role": "admin"}
    assert isinstance(document["id"], int)


@pytest.mark.parametrize(("rest", "name"), [((), "eve"), (("--name", " Eve Oak "), "Eve Oak")])
def test_user_is_called_as_said_else_by_the_address(run, seed, rest, name):
    add_company(run)

    add_user(run, *rest)

    with seed() as session:
        assert session.scalar(sa.select(User.name)) == name


@pytest.mark.parametrize("stdin", [PASSWORD, PASSWORD + "\n", PASSWORD + "\r\n"])
def test_password_is_what_stands_before_the_end_of_the_line(run, app, stdin):
    add_company(run)

    add_user(run, stdin=stdin)

    assert Browser(app).sign_in("eve@oak.test", PASSWORD).status_code == 303


@pytest.mark.parametrize("stdin", ["", "\n", "x" * 11, "x" * 1001])
def test_password_is_refused_when_its_length_is_not_right(run, seed, stdin):
    add_company(run)

    answer = add_user(run, stdin=stdin)

    assert answer.code == 1
    assert "A password has 12 to 1,000 characters." in answer.err
    assert count(seed, User) == 0


@pytest.mark.parametrize("email", ["eve", "eve@", "@oak.test", "eve oak@oak.test", "x" * 250 + "@oak.test"])
def test_address_is_refused_when_it_is_none(run, seed, email):
    add_company(run)

    answer = add_user(run, email=email)

    assert answer.code == 1
    assert "is not an e-mail address" in answer.err
    assert count(seed, User) == 0


def test_company_must_exist(run):
    answer = add_user(run, company="nowhere")

    assert (answer.code, answer.err) == (1, "There is no company 'nowhere'.\n")


@pytest.mark.parametrize("role", ["owner", "Admin", ""])
def test_role_must_be_one_of_the_three(run, seed, role):
    add_company(run)

    answer = add_user(run, role=role)

    assert answer.code == 2
    assert "'admin', 'user', 'guest'" in answer.err
    assert count(seed, User) == 0


def test_password_is_never_taken_from_the_command_line(run):
    add_company(run)

    answer = run("user", "add", "eve@oak.test", "--company", "oak", "--role", "admin")

    assert answer.code == 2
    assert "--password-stdin" in answer.err


def test_somebody_who_is_known_keeps_the_password_and_gets_the_role(run, app, seed):
    add_company(run)
    add_company(run, "elm")
    add_user(run)

    add_user(run, company="elm", role="guest", stdin="another passphrase")
    add_user(run, role="user", stdin="another passphrase")

    with seed() as session:
        roles = session.scalars(sa.select(Membership.role).order_by(Membership.company_id)).all()
    assert roles == [RoleName.USER, RoleName.GUEST]
    assert Browser(app).sign_in("eve@oak.test", PASSWORD).status_code == 303


def test_password_is_nowhere_in_what_is_printed(run):
    add_company(run)

    answer = add_user(run, "--json")

    assert PASSWORD not in answer.out + answer.err
