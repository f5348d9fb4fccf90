"""`dashboard company privacy`."""

import pytest
import sqlalchemy as sa

from dashboard.models import Company


@pytest.fixture
def features(seed, cast):
    def read():
        with seed() as session:
            return session.scalar(sa.select(Company.features).where(Company.id == cast.acme.id))

    return read


def test_privacy_is_switched_on_and_off(run, features):
    first = run("company", "privacy", "acme", "on")
    between = features()
    last = run("company", "privacy", "acme", "off", "--json")

    assert (first.code, first.out) == (0, "Privacy is on for acme.\n")
    assert between == ["privacy"]
    assert last.document == {"company": "acme", "privacy": False, "changed": True}
    assert features() == []


def test_other_features_stay(run, features, seed, cast):
    with seed() as session:
        session.get_one(Company, cast.acme.id).features = ["beta"]

    run("company", "privacy", "acme", "on")

    assert features() == ["beta", "privacy"]


def test_switching_twice_says_so(run, features):
    run("company", "privacy", "acme", "on")

    answer = run("company", "privacy", "acme", "on")

    assert answer.out == "Privacy was on for acme already.\n"
    assert features() == ["privacy"]


@pytest.mark.parametrize("arguments", [("acme", "maybe"), ("acme",), ("nobody", "on")])
def test_wrong_use_is_refused(run, cast, arguments):
    assert run("company", "privacy", *arguments).code != 0
