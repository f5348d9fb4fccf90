"""Recipients in trouble: one row each with the newest reason, filters, counts and pages."""

import pytest

from dashboard.queries import recipients
from dashboard.queries.recipients import Position, Trouble, TroubleFilter
from tests.factories import make_source
from tests.inbox import at, told
from tests.stories import UNKNOWN_USER, tell, tell_trouble


@pytest.fixture
def source(app, engines, cast):
    return make_source(engines, app.extensions["vault"], cast.acme)[0]


@pytest.fixture
def find(reading):
    """Return recipient, trouble, reason and number of messages of each row: `find(Trouble.HARD)`."""

    def found(trouble=None, address="", *, is_exact=False, company=None):
        with reading(company) as session:
            rows = recipients.list_recipients(session, TroubleFilter(trouble, address, is_exact), limit=50)
            return [(row.recipient, row.trouble, row.reason, row.count) for row in rows]

    return found


def test_each_recipient_has_one_row_with_the_newest_reason(engines, cast, source, find):
    tell_trouble(engines, cast.acme, source)

    # eve's two bounces are one row with the later, soft one; who is well or not named is left out
    assert find() == [
        ("eve@gmail.com", "soft", "452 4.2.2 Over quota", 2),
        ("una@example.com", "unsubscribed", "", 1),
        ("cy@yahoo.com", "complained", "", 1),
        ("ray@web.de", "rejected", "=cmd|'/c calc'!A1", 1),
        ("sam@outlook.com", "soft", "451 Try again", 1),
    ]


def test_kind_shows_the_newest_of_that_kind(engines, cast, source, find):
    tell_trouble(engines, cast.acme, source)

    assert find(Trouble.HARD) == [("eve@gmail.com", "hard", UNKNOWN_USER, 1)]
    assert [row[0] for row in find(Trouble.SOFT)] == ["eve@gmail.com", "sam@outlook.com"]


def test_address_is_found_by_its_beginning_or_as_a_whole(engines, cast, source, find):
    tell_trouble(engines, cast.acme, source)

    assert [row[0] for row in find(address="e")] == ["eve@gmail.com"]
    assert find(address="e", is_exact=True) == []
    assert [row[0] for row in find(address="eve@gmail.com", is_exact=True)] == ["eve@gmail.com"]


def test_counts_are_those_of_the_rows(engines, cast, source, reading):
    tell_trouble(engines, cast.acme, source)

    with reading() as session:
        for address in ("", "e"):
            counts = recipients.count_recipients(session, cast.acme.id, TroubleFilter(address=address))
            rows = {
                kind: len(recipients.list_recipients(session, TroubleFilter(kind, address), limit=50))
                for kind in (None, *Trouble)
            }
            assert counts == rows


def test_reason_told_under_another_name_is_found(app, engines, cast, find):
    source = make_source(engines, app.extensions["vault"], cast.acme, kind="sendgrid", name="Grid")[0]
    first = '{"event":"processed","timestamp":1795255200,"sg_event_id":"e1","sg_message_id":"grid-1.recvd","smtp-id":"<mail-1@acme.test>","email":"bo@gmail.com"}'
    late = '{"event":"bounce","timestamp":1795255900,"sg_event_id":"e2","smtp-id":"<mail-1@acme.test>","email":"bo@gmail.com","reason":"550 No such user","type":"bounce"}'
    tell(engines, cast.acme, source, body=f"[{first}]".encode())
    tell(engines, cast.acme, source, body=f"[{late}]".encode())

    assert find() == [("bo@gmail.com", "hard", "550 No such user", 1)]


def test_recovered_recipient_is_listed_no_more(engines, cast, source, find):
    tell(engines, cast.acme, source, told("bounced", when=at(1), bounce="soft"))
    assert len(find()) == 1

    tell(engines, cast.acme, source, told("clicked", when=at(9), url="https://a.test/"))

    assert find() == []


def test_pages_and_chunks_meet_without_gap(engines, cast, source, reading):
    # three in one instant
    events = [told("bounced", f"m{n}", at(n // 3), recipient=f"r{n}@a.test", bounce="hard") for n in range(7)]
    tell(engines, cast.acme, source, *events)
    found, after = [], None

    with reading() as session:
        while page := recipients.list_recipients(session, TroubleFilter(), limit=2, after=after):
            found += page
            after = Position(page[-1].at_us, page[-1].message_key)
        streamed = [
            row for chunk in recipients.stream_recipients(session, TroubleFilter(), chunk_size=2) for row in chunk
        ]

    assert {row.recipient for row in found} == {f"r{n}@a.test" for n in range(7)}
    assert found == streamed


def test_other_companys_recipients_are_not_found(engines, cast, source, find, reading):
    tell_trouble(engines, cast.acme, source)

    assert find(company=cast.rival) == []
    with reading(cast.rival) as session:
        assert set(recipients.count_recipients(session, cast.rival.id, TroubleFilter()).values()) == {0}


def test_list_takes_three_statements(engines, cast, source, reading, count_statements):
    tell_trouble(engines, cast.acme, source)

    with reading() as session, count_statements() as statements:
        recipients.list_recipients(session, TroubleFilter(), limit=50)

    assert len(statements) == 3
