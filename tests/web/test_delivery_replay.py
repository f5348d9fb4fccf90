"""Counting a delivery again: the same numbers, an honest outcome, and who may."""

import pytest
import sqlalchemy as sa

from dashboard.models import AuditEntry
from dashboard.models.inbox import DeliveryState
from tests.factories import make_source
from tests.helpers import page, text
from tests.inbox import at, count, deliveries, put, rollups, told
from tests.stories import tell, tell_story


@pytest.fixture
def source(engines, cast, vault):
    return make_source(engines, vault, cast.acme)[0]


@pytest.fixture
def path(source):
    return f"/c/acme/sources/{source}/deliveries"


def test_counted_delivery_gives_the_same_numbers_again(engines, cast, source, path, browser, seed):
    delivery = tell_story(engines, cast.acme, source)
    tell(engines, cast.acme, source, told("opened", when=at(5)), told("clicked", when=at(7), url="https://a.test/"))
    before = rollups(engines, cast.acme)
    ada = browser("ada")

    answer = ada.post(f"{path}/{delivery}/replay", f"{path}/{delivery}")
    count(engines, cast.acme)

    assert (answer.status_code, answer.headers["Location"]) == (303, f"{path}/{delivery}")
    assert "The delivery is counted again." in text(page(ada.get(f"{path}/{delivery}")).select_one(".note.ok"))
    assert rollups(engines, cast.acme) == before
    with seed(cast.acme) as session:
        entry = session.scalars(sa.select(AuditEntry)).one()
        assert (entry.actor, entry.action) == ("ada@acme.test", "delivery.replay")
        assert entry.subject_key == str(delivery)


def test_unreadable_delivery_stays_unreadable_while_its_adapter_is_the_same(engines, cast, source, path, browser):
    delivery = tell(engines, cast.acme, source, body=b"not json")
    before = deliveries(engines, cast.acme)

    browser("ada").post(f"{path}/{delivery}/replay", f"{path}/{delivery}")
    waiting = deliveries(engines, cast.acme)
    count(engines, cast.acme)

    assert waiting[0][0] == "pending"
    assert deliveries(engines, cast.acme) == before


def test_delivery_that_can_be_read_now_says_so_and_is_counted(engines, cast, source, path, browser):
    # as it stands after an adapter was mended: marked unreadable, and readable
    delivery = put(engines, cast.acme, source, told("sent"), state=DeliveryState.UNREADABLE)
    ada = browser("ada")

    shown = page(ada.get(f"{path}/{delivery}"))
    ada.post(f"{path}/{delivery}/replay", f"{path}/{delivery}")
    count(engines, cast.acme)

    assert "It can be read now." in text(shown.select_one(".note.info"))
    assert "not counted" in text(shown.select_one("tbody"))
    assert deliveries(engines, cast.acme) == [("counted", "", 1, 0, 0, 0, 0)]


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (DeliveryState.PENDING, "waits to be counted already"),
        (DeliveryState.HELD, "counted when the source is resumed"),
        (DeliveryState.REJECTED, "its body was not kept"),
    ],
)
def test_what_cannot_be_counted_again_is_refused_with_a_sentence(engines, cast, source, path, browser, state, sentence):
    delivery = put(engines, cast.acme, source, told("sent"), state=state)

    answer = browser("ada").post(f"{path}/{delivery}/replay", path)

    assert answer.status_code == 409
    assert sentence in answer.text


def test_reported_numbers_are_not_counted_again(engines, cast, browser, sender_of_reports):
    source, delivery = sender_of_reports
    path = f"/c/acme/sources/{source}/deliveries"
    ada = browser("ada")

    one = ada.post(f"{path}/{delivery}/replay", path)
    ada.post(f"{path}/replay", path)

    assert one.status_code == 409
    assert [row[0] for row in deliveries(engines, cast.acme)] == ["counted"]


def test_only_admins_count_again(engines, cast, source, path, browser):
    delivery = tell_story(engines, cast.acme, source)
    uma, gil, rex = browser("uma"), browser("gil"), browser("rex")

    for who, status in ((uma, 403), (gil, 403), (rex, 404)):
        answer = who.client.post(f"{path}/{delivery}/replay", data={"csrf_token": who.token("/account")})
        assert answer.status_code == status
    assert browser("ada").client.post(f"{path}/{delivery}/replay").status_code == 400  # without the form's token
    assert "Count again" not in uma.get(f"{path}/{delivery}").text
    assert [row[0] for row in deliveries(engines, cast.acme)] == ["counted"]
