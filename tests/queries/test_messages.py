"""Looking messages up by recipient and id, and reading all that was told of them."""

import pytest

from dashboard.errors import NotFound
from dashboard.queries import messages
from dashboard.queries.messages import Position, Search, Way
from tests.factories import make_source
from tests.inbox import at, told
from tests.stories import tell


@pytest.fixture
def source(app, engines, cast):
    return make_source(engines, app.extensions["vault"], cast.acme)[0]


@pytest.fixture
def find(reading):
    """Return how messages were found and their ids: `find("bo@")`."""

    def found(text=None, recipient="", **more):
        with reading(more.pop("company", None)) as session:
            search = Search(text, recipient) if text else None
            way, rows = messages.list_messages(session, search, limit=50, **more)
            return way, [row.message_id for row in rows]

    return found


def test_newest_come_first_without_a_search(engines, cast, source, find):
    tell(engines, cast.acme, source, told("sent", "m1", at(1)), told("sent", "m2", at(3)), told("sent", "m3", at(2)))

    assert find() == (Way.NEWEST, ["m2", "m3", "m1"])


def test_recipient_is_found_whatever_the_case(engines, cast, source, find):
    tell(engines, cast.acme, source, told("sent", "m1", recipient="Bo.Ek@Gmail.com"), told("sent", "m2"))

    assert find("BO.EK@gmail.COM") == (Way.RECIPIENT, ["m1"])


def test_recipients_are_found_by_the_beginning_in_the_order_of_their_addresses(engines, cast, source, find):
    tell(
        engines, cast.acme, source,
        told("sent", "m1", at(1), recipient="ann@a.test"), told("sent", "m2", at(9), recipient="ann@a.test"),
        told("sent", "m3", at(5), recipient="anna@a.test"), told("sent", "m4", at(5), recipient="änn@a.test"),
        told("sent", "m5", at(5), recipient="am@a.test"),
    )  # fmt: skip

    assert find("ann") == (Way.RECIPIENT, ["m2", "m1", "m3"])
    assert find("ä") == (Way.RECIPIENT, ["m4"])
    assert find("ann", is_exact=True) == (Way.RECIPIENT, [])
    assert find("ann@a.test", is_exact=True) == (Way.RECIPIENT, ["m2", "m1"])


@pytest.mark.parametrize("text", ["<id-1@mail.test>", "id-1@mail.test"])
@pytest.mark.parametrize("stored", ["<id-1@mail.test>", "id-1@mail.test"])
def test_id_is_found_with_and_without_brackets(engines, cast, source, find, text, stored):
    tell(engines, cast.acme, source, told("sent", stored), told("sent", "other"))

    assert find(text) == (Way.ID, [stored])


def test_id_together_with_a_recipient_finds_that_message_only(engines, cast, source, reading):
    tell(engines, cast.acme, source, *(told("sent", "m1", recipient=f"{who}@a.test") for who in ("ann", "bo")))

    with reading() as session:
        way, rows = messages.list_messages(session, Search("m1", "Bo@A.test"), limit=5)

    assert (way, [row.recipient for row in rows]) == (Way.ID, ["bo@a.test"])


def test_other_name_of_a_message_is_found_with_its_recipient(app, engines, cast, reading):
    source = make_source(engines, app.extensions["vault"], cast.acme, kind="sendgrid", name="Grid")[0]
    event = (
        '[{"event":"delivered","timestamp":1795255200,"sg_event_id":"e1","sg_message_id":"grid-1.recvd",'
        '"smtp-id":"<mail-1@acme.test>","email":"bo@gmail.com"}]'
    )
    tell(engines, cast.acme, source, body=event.encode())

    with reading() as session:
        _, alone = messages.list_messages(session, Search("<mail-1@acme.test>"), limit=5)
        _, together = messages.list_messages(session, Search("<mail-1@acme.test>", "bo@gmail.com"), limit=5)

    assert alone == []  # the name's key holds the recipient
    assert [row.recipient for row in together] == ["bo@gmail.com"]


@pytest.mark.parametrize("is_exact", [False, True])
@pytest.mark.parametrize("text", [None, "bo@gmail.com", "same"])
def test_pages_meet_without_gap(engines, cast, source, reading, text, is_exact):
    # five mails, several of them in one instant; with "same" five recipients of one id
    events = [
        told(
            "sent",
            "same" if text == "same" else f"m{n}",
            at(n // 2),
            recipient=f"r{n}@a.test" if text == "same" else "bo@gmail.com",
        )
        for n in range(5)
    ]
    tell(engines, cast.acme, source, *events)
    search = Search(text) if text else None
    found, after = [], None

    with reading() as session:
        for _ in range(4):
            way, rows = messages.list_messages(session, search, limit=2, after=after, is_exact=is_exact)
            if not rows:
                break
            found += rows
            last = rows[-1]
            after = Position(last.last_at_us, last.key, way, last.recipient if way is Way.RECIPIENT else "")

    assert len({row.key for row in found}) == len(found) == 5
    assert [row.last_at_us for row in found] == sorted((row.last_at_us for row in found), reverse=True)


def test_other_companys_messages_are_not_found(engines, cast, source, find, reading):
    tell(engines, cast.acme, source, told("sent", "m1"))
    with reading() as session:
        ((row,),) = [messages.list_messages(session, Search("m1"), limit=5)[1]]

    assert find("m1", company=cast.rival)[1] == find("bo@", company=cast.rival)[1] == find(company=cast.rival)[1] == []
    with reading(cast.rival) as session, pytest.raises(NotFound):
        messages.get_message(session, row.key)


def test_tellings_of_an_event_take_six_statements(engines, cast, source, reading, count_statements):
    tell(engines, cast.acme, source, told("sent"), told("opened", when=at(3)))
    with reading() as session:
        (row,) = messages.list_messages(session, None, limit=5)[1]
        events = messages.list_events(session, {row.key: row.key})

        with count_statements() as statements:
            tellings = messages.get_tellings(session, [one.key for one in events])

    assert len(statements) == 6
    assert set(tellings.stored) == {one.key for one in events}
    assert tellings.is_matched == {row.key: True}
