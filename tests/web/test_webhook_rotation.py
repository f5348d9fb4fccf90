"""Secrets of a webhook while one replaces the other, and of several sources of one company."""

from datetime import timedelta

import pytest

from dashboard.models import Source
from dashboard.models.sources import SourceStatus
from dashboard.services import sources
from tests.factories import make_source
from tests.helpers import Sender, update
from tests.reported import everything, rows

pytestmark = pytest.mark.usefixtures("sums_agree")

REPORT = {"companyId": "acme"} | update()


def refuses(response):
    return (response.status_code, response.json["error"]["code"]) == (401, "bad_signature")


@pytest.fixture
def rotate(app, cast, website, vault, seed, clock):
    """Give acme's source a new secret; returns a sender with it."""

    def rotated():
        with seed(cast.acme) as session:
            fresh = sources.rotate_secret(session, vault, cast.acme.id, website[0], actor="ada", now=clock())
            return Sender(app, fresh.secret)

    return rotated


def test_during_a_rotation_both_secrets_sign(sender, rotate, clock):
    fresh = rotate()

    answers = [fresh.post(REPORT), sender.post(REPORT), fresh.post_standard(REPORT, at=clock(), webhook_id="new"),
               sender.post_standard(REPORT, at=clock(), webhook_id="old")]  # fmt: skip

    assert [answer.status_code for answer in answers] == [200] * 4
    assert fresh.secret != sender.secret


def test_the_old_secret_ends_after_a_day(sender, rotate, clock, engines):
    fresh = rotate()
    clock.move(hours=23, minutes=59, seconds=59)
    just_before = sender.post(REPORT)
    clock.move(seconds=1)
    before = everything(engines)

    after = sender.post(REPORT | {"resourceId": "late"})

    assert just_before.status_code == 200
    assert refuses(after)
    assert everything(engines) == before
    assert fresh.post(REPORT).status_code == 200


def test_a_list_of_both_signatures_is_taken_by_either(sender, rotate, clock):
    fresh = rotate()
    clock.move(days=2)
    stamp = clock() - timedelta(seconds=1)
    old = sender.post_standard(REPORT, at=stamp)

    both = " ".join(one.post_standard(REPORT, at=stamp).request.headers["webhook-signature"] for one in (sender, fresh))
    response = sender.post_standard(REPORT, at=stamp, **{"webhook-signature": both})

    assert refuses(old)
    assert response.status_code == 200


def test_a_second_rotation_ends_the_first_secret_at_once(sender, rotate):
    second = rotate()
    third = rotate()

    assert refuses(sender.post(REPORT))
    assert [one.post(REPORT).status_code for one in (second, third)] == [200, 200]


def test_each_source_of_a_company_signs_for_itself(app, engines, cast, vault, sender):
    shop, shared = make_source(engines, vault, cast.acme, name="Shop")

    sender.post({"companyId": "acme"} | update(sent=1))
    Sender(app, shared.secret).post({"companyId": "acme"} | update(sent=2))

    found = {row.source_id == shop: row.sent for row in rows(engines, cast.acme)}
    assert found == {False: 1, True: 2}


def test_a_deleted_source_takes_nothing(sender, cast, website, seed, engines):
    with seed(cast.acme) as session:
        session.get(Source, website[0]).status = SourceStatus.DELETED
    before = everything(engines)

    response = sender.post(REPORT)

    assert refuses(response)
    assert everything(engines) == before
