"""The list of files, the page of one, and deleting it."""

from __future__ import annotations

import pytest

from dashboard.services import files
from dashboard.worker import Worker
from tests.files import keys_in, make_template
from tests.helpers import page, text

PLACE = "/c/acme/files"


def listed(answer):
    return [text(link) for link in page(answer).select(".files .name a")]


def counts(answer):
    return [text(one) for one in page(answer).select(".seg a")]


@pytest.fixture
def several(put, clock):
    """Files of four groups, each a minute older than the next."""
    for content, name in (
        (b"a,b\n", "prices 2026.csv"),
        (b"%PDF-1", "Übersicht.pdf"),
        (b"hi", "notes.txt"),
        (None, "Logo.png"),
    ):
        put(name=name, **({"content": content} if content else {}))
        clock.move(minutes=1)


def test_list_shows_the_newest_first(several, browser):
    answer = browser("gil").get(PLACE)

    assert listed(answer) == ["Logo.png", "notes.txt", "Übersicht.pdf", "prices 2026.csv"]
    assert counts(answer) == ["All 4", "Images 1", "Documents 2", "Data 1", "Other 0"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=ubersicht", ["Übersicht.pdf"]),
        ("q=LOG", ["Logo.png"]),
        ("q=2026+pri", ["prices 2026.csv"]),
        ("q=pdf", ["Übersicht.pdf"]),
        ("q=100%25_", []),
        ("kind=document", ["notes.txt", "Übersicht.pdf"]),
        ("kind=document&q=notes", ["notes.txt"]),
        ("kind=other", []),
    ],
)
def test_list_is_searched_and_filtered(several, browser, query, expected):
    assert listed(browser("gil").get(f"{PLACE}?{query}")) == expected


def test_counts_are_those_of_the_search(several, browser):
    assert counts(browser("gil").get(f"{PLACE}?q=logo&kind=data")) == [
        "All 1", "Images 1", "Documents 0", "Data 0", "Other 0",
    ]  # fmt: skip


def test_unknown_type_is_refused(browser):
    assert browser("gil").get(f"{PLACE}?kind=letters").status_code == 422


def test_pages_have_25_files_and_lose_none(put, browser, clock):
    names = [f"{number:02}.png" for number in range(60)]
    for number, name in enumerate(names):
        put(name=name)
        if number % 7 == 0:
            clock.move(seconds=1)  # the others are of the same instant
    gil, address, seen = browser("gil"), PLACE, []

    for _ in range(3):
        answer = gil.get(address)
        seen.append(listed(answer))
        link = page(answer).select_one(".pager a[href*=cursor]")
        address = link["href"] if link else None

    assert [len(one) for one in seen] == [25, 25, 10]
    assert [name for one in seen for name in one] == names[::-1]
    assert address is None


def test_cursor_of_another_search_is_refused(put, browser):
    for number in range(26):
        put(name=f"{number}.png")
    gil = browser("gil")
    link = page(gil.get(PLACE)).select_one(".pager a[href*=cursor]")["href"]

    assert gil.get(f"{link}&q=x").status_code == 400


def test_file_of_another_company_is_not_listed(put, cast, browser):
    put(cast.rival, who="rex")

    assert listed(browser("gil").get(PLACE)) == []


def test_list_takes_the_same_statements_for_one_file_and_for_many(put, browser, count_statements):
    gil = browser("gil")
    put()
    with count_statements() as few:
        gil.get(PLACE)
    for _ in range(20):
        put()

    with count_statements() as many:
        gil.get(PLACE)

    assert len(many) == len(few)


# --- one file --------------------------------------------------------------------------------------


@pytest.fixture
def used(put, seed, cast):
    """A file that a template uses."""
    row = put()
    with seed(cast.acme) as session:
        files.note_uses(session, cast.acme.id, make_template(session), [f"/c/acme/files/{row.id}"])
    return row


def test_page_of_a_file_shows_what_is_known(used, browser):
    shown = page(browser("gil").get(f"{PLACE}/{used.id}/details"))

    told = text(shown.select_one("main"))
    assert "208 bytes" in told
    assert used.sha256.hex() in told
    assert "Welcome" in told
    assert shown.select_one("main img")["src"] == f"{PLACE}/{used.id}?inline=1"
    assert text(shown.select_one(f"#link-{used.id}")) == f"http://localhost{PLACE}/{used.id}"


@pytest.mark.parametrize("path", ["details", "delete"])
def test_strangers_find_no_page_of_a_file(put, cast, browser, path):
    theirs = put(cast.rival, who="rex").id

    assert browser("ada").get(f"{PLACE}/{theirs}/{path}").status_code == 404
    assert browser("rex").get(f"{PLACE}/{put().id}/{path}").status_code == 404


def test_drawing_is_not_shown_on_its_page(put, browser):
    row = put(content=b"<svg xmlns='x'></svg>", name="x.svg")

    assert page(browser("gil").get(f"{PLACE}/{row.id}/details")).select("main img") == []


def test_deletion_asks_and_then_removes_row_and_bytes(put, browser, storage, engines, clock):
    row = put()
    uma = browser("uma")

    asked = text(page(uma.get(f"{PLACE}/{row.id}/delete")).select_one("main"))
    answer = uma.post(f"{PLACE}/{row.id}/delete")
    Worker(engines, clock=clock, storage=storage).run_due()

    assert "Delete logo.png?" in asked
    assert (answer.status_code, answer.headers["Location"]) == (303, PLACE)
    assert uma.get(f"{PLACE}/{row.id}").status_code == 404
    assert keys_in(storage) == []


def test_file_in_use_is_not_deleted_and_says_where_it_is_used(used, browser, storage):
    uma = browser("uma")

    asked = page(uma.get(f"{PLACE}/{used.id}/delete"))
    answer = uma.client.post(f"{PLACE}/{used.id}/delete", data={"csrf_token": uma.token("/account")})

    assert "Welcome" in text(asked.select_one(".users"))
    assert asked.select("main form") == []
    assert answer.status_code == 409
    assert "logo.png is used by Welcome. Take it out of there first." in answer.text
    assert text(page(uma.get(PLACE)).select_one("[data-l='Used by']")) == "1 template"
    assert len(keys_in(storage)) == 1


def test_guest_may_not_delete(put, browser, storage):
    row = put()
    gil = browser("gil")

    answers = [
        gil.get(f"{PLACE}/{row.id}/delete"),
        gil.client.post(f"{PLACE}/{row.id}/delete", data={"csrf_token": gil.token("/account")}),
    ]

    assert [one.status_code for one in answers] == [403, 403]
    assert page(gil.get(PLACE)).select("a[href$=delete]") == []
    assert len(keys_in(storage)) == 1


def test_file_that_is_gone_is_told_as_such(put, browser):
    row = put()
    uma = browser("uma")
    token = uma.token("/account")
    uma.post(f"{PLACE}/{row.id}/delete")

    answer = uma.client.post(f"{PLACE}/{row.id}/delete", data={"csrf_token": token})

    assert answer.status_code == 404
    assert "There is no such file. Perhaps it was deleted." in answer.text
