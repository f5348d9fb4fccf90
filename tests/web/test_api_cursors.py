"""Pages of `GET /api/analytics`: no row twice, none lost; a cursor belongs to one company and one question."""

import base64

import pytest

from dashboard.config import load
from dashboard.services.cursors import make_cursor
from dashboard.vocabulary.analytics import AnalyticsFilter
from tests.helpers import update

pytestmark = pytest.mark.usefixtures("sums_agree")

ADDRESS = "/api/analytics"
# Same keys on the same days in all four types, so that pages end between them.
ROWS = [
    update(day=f"2026-11-{day}", key=key, kind=kind)
    for day in (18, 19, 20)
    for key in ("a", "b", "ü")
    for kind in ("campaign", "template", "mailbox", "domain")
]


@pytest.fixture
def filled(program):
    program.post(f"{ADDRESS}/batch", {"updates": ROWS})
    return program


def place(row):
    return row["date"], row["resourceId"], row["type"]


def read_on(program, limit, cursor=None, between=lambda: None, **query):
    """Return the places of all rows from a cursor on, page by page; `between` is called before each further page."""
    found = []
    while True:
        page = program.get(ADDRESS, limit=limit, **query, **({"cursor": cursor} if cursor else {})).json
        found += map(place, page["details"])
        assert len(page["details"]) <= limit
        cursor = page["nextCursor"]
        if cursor is None:
            return found
        between()


def first_cursor(program, **query):
    return program.get(ADDRESS, limit=1, **query).json["nextCursor"]


def refuses(response):
    return (response.status_code, response.json["code"]) == (400, "invalid_cursor")


@pytest.mark.parametrize("limit", [1, 2, 5, 12, 35, 36, 37, 1000])
def test_pages_hold_every_row_once_and_in_order(filled, limit):
    whole = [place(row) for row in filled.get(ADDRESS).json["details"]]

    found = read_on(filled, limit)

    assert len(whole) == len(ROWS)
    assert found == whole


@pytest.mark.parametrize(
    "query",
    [
        {"type": "template"}, {"resourceId": "ü"}, {"startDate": "2026-11-19"}, {"basis": "event"},
        {"endDate": "2026-11-18", "type": "domain"}, {"startDate": "2026-11-20", "endDate": "2026-11-18"},
    ],
)  # fmt: skip
def test_pages_of_a_narrower_question_hold_its_rows(filled, query):
    whole = [place(row) for row in filled.get(ADDRESS, **query).json["details"]]

    found = read_on(filled, 1, **query)

    assert found == whole


def test_a_page_that_ends_with_the_last_row_is_the_last(filled):
    page = filled.get(ADDRESS, limit=len(ROWS)).json

    assert page["nextCursor"] is None


def test_pages_may_have_different_sizes(filled):
    whole = [place(row) for row in filled.get(ADDRESS).json["details"]]

    found = read_on(filled, 10, cursor=first_cursor(filled))

    assert found == whole[1:]


@pytest.mark.parametrize("limit", [1, 4, 7])
def test_rows_written_and_deleted_meanwhile_neither_repeat_nor_lose_others(filled, limit):
    whole = {place(row) for row in filled.get(ADDRESS).json["details"]}
    doomed = [row for row in ROWS if row["resourceId"] == "b"]
    dooms = enumerate(doomed)

    def change():
        n, gone = next(dooms, (0, None))
        if gone is None:
            return
        fresh = [update(day=f"2026-11-{day}", key=f"{key}{n}") for day in (17, 19, 21) for key in ("0", "b", "z")]
        overwritten = ROWS[0] | {"metrics": ROWS[0]["metrics"] | {"sent": n}}
        filled.post(f"{ADDRESS}/batch", {"updates": [*fresh, overwritten]})
        filled.delete(ADDRESS, **{name: gone[name] for name in ("type", "resourceId", "date")})

    found = read_on(filled, limit, between=change, endDate="2026-11-21")

    assert len(found) == len(set(found))
    assert found == sorted(found)
    assert whole - {place(row) for row in doomed} <= set(found)


def test_a_cursor_whose_row_is_gone_still_leads_on(filled):
    cursor = first_cursor(filled, type="campaign")
    filled.delete(ADDRESS, type="campaign", resourceId="a", date="2026-11-18")

    found = read_on(filled, 1, cursor=cursor, type="campaign")

    assert found[0] == ("2026-11-18", "b", "campaign")
    assert len(found) == 8  # nine campaign rows, and the first of them is gone


def test_every_changed_byte_of_a_cursor_is_noticed(filled):
    raw = base64.urlsafe_b64decode(first_cursor(filled) + "==")

    for n in range(len(raw)):
        changed = raw[:n] + bytes([raw[n] ^ 1]) + raw[n + 1 :]
        response = filled.get(ADDRESS, cursor=base64.urlsafe_b64encode(changed).decode())
        assert refuses(response), n


def test_a_cut_or_lengthened_cursor_is_refused(filled):
    cursor = first_cursor(filled)

    for changed in (cursor[:-4], cursor[4:], cursor + "AAAA", cursor + cursor, cursor[:22]):
        assert refuses(filled.get(ADDRESS, cursor=changed))


@pytest.mark.parametrize(
    "cursor",
    ["x", "A", "AAAA", "=", "====", " ", "A" * 21, "A" * 22, "A" * 100, "é", "\0", "\ud800", "+/+/", "-_-_", "null",
     "[]", "A" * 20_000, "AAAA AAAA AAAA AAAA AAAA AAAA AAAA"],
    ids=lambda cursor: ascii(cursor)[:20],
)  # fmt: skip
def test_anything_else_is_no_cursor(program, cursor):
    response = program.get(ADDRESS, cursor=cursor.encode("utf-8", "surrogatepass"))

    assert refuses(response)


def test_a_cursor_of_another_company_is_refused(filled, rivals_program):
    rivals_program.post(f"{ADDRESS}/batch", {"updates": ROWS})

    response = rivals_program.get(ADDRESS, cursor=first_cursor(filled))

    assert refuses(response)


@pytest.mark.parametrize(
    "query",
    [
        {}, {"type": "template"}, {"type": "campaign", "startDate": "2026-11-18"}, {"type": "campaign", "basis": "event"},
        {"type": "campaign", "endDate": "2026-11-20"}, {"type": "campaign", "resourceId": "a"},
    ],
)  # fmt: skip
def test_a_cursor_of_another_question_is_refused(filled, query):
    cursor = first_cursor(filled, type="campaign")

    response = filled.get(ADDRESS, cursor=cursor, **query)

    assert refuses(response)


def test_a_cursor_signed_with_another_key_is_refused(filled, cast):
    forged = make_cursor("another key", cast.acme.id, AnalyticsFilter(), ["2026-11-18", "a", "campaign"])

    response = filled.get(ADDRESS, cursor=forged)

    assert refuses(response)


def test_the_same_question_in_other_words_takes_the_cursor(filled):
    cursor = first_cursor(filled, type="campaign", basis="sent", startDate="")

    response = filled.get(ADDRESS, cursor=cursor, type="campaign", companyId="acme")

    assert response.status_code == 200


def test_the_key_of_the_cursors_lives_as_long_as_the_instance(app, filled):
    cursor = first_cursor(filled)

    again = load(instance=app.extensions["settings"].instance)

    assert again.secret_key == app.extensions["settings"].secret_key
    assert filled.get(ADDRESS, cursor=cursor).status_code == 200
