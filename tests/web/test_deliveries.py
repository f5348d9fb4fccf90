"""The list of a source's deliveries: states, pages, polls, and counting all unreadable ones again."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from dashboard.models import AuditEntry
from dashboard.models.inbox import DeliveryState
from tests.factories import make_source
from tests.helpers import HTMX, page, text
from tests.inbox import NOON, by, count, deliveries, put, told
from tests.stories import tell


@pytest.fixture
def source(engines, cast, vault):
    return make_source(engines, vault, cast.acme, name="Grüße & <b>Co</b>")[0]


@pytest.fixture
def path(source):
    return f"/c/acme/sources/{source}/deliveries"


def choices(shown):
    """Return the choices with their counts, and the chosen one."""
    links = shown.select(".seg a")
    return {text(one): "aria-current" in one.attrs for one in links}


def states(shown):
    return [text(one) for one in shown.select("table .badge")]


def test_deliveries_stand_newest_first_with_their_counts(engines, cast, source, path, browser):
    put(engines, cast.acme, source, told("sent"), told("sent"), received_at=NOON - timedelta(minutes=2))
    put(engines, cast.acme, source, told("sent"), {"type": "sailed"}, received_at=NOON - timedelta(minutes=1))
    count(engines, cast.acme)
    put(engines, cast.acme, source, told("opened"))

    shown = page(browser("uma").get(path))

    rows = [[text(cell) for cell in row.select("td")] for row in shown.select("tbody tr")]
    # state, new, duplicate, ignored, unreadable, too late; 12:00 UTC is 13:00 in Berlin
    assert [row[:6] for row in rows] == [
        ["pending", "0", "0", "0", "0", "0"],
        ["partly", "0", "1", "0", "1", "0"],
        ["counted", "1", "1", "0", "0", "0"],
    ]
    assert "22 Nov 2026, 13:00:00" in text(shown.select_one("tbody th"))
    assert "Element 2: 'sailed' is not a type of event." in text(shown.select("tbody th")[1])


def test_states_are_choices_with_counts(engines, cast, source, path, browser):
    for state in (DeliveryState.HELD, DeliveryState.REJECTED, DeliveryState.HELD):
        put(engines, cast.acme, source, told("sent"), state=state)

    shown = page(browser("uma").get(path, query_string={"state": "held"}))

    assert choices(shown) == {
        "All 3": False, "Pending 0": False, "Counted 0": False, "Partly 0": False, "Unreadable 0": False,
        "Rejected 1": False, "Held 2": True,
    }  # fmt: skip
    assert states(shown) == ["held", "held"]


def test_unknown_state_is_refused_by_name(path, browser):
    answer = browser("uma").get(path, query_string={"state": "lost"})

    assert answer.status_code == 422
    assert "state must be one of pending, counted" in answer.text


def test_older_deliveries_are_a_page_away(engines, cast, source, path, browser):
    for n in range(53):
        put(engines, cast.acme, source, told("sent"), received_at=NOON - timedelta(seconds=n))
    uma = browser("uma")

    first = page(uma.get(path))
    second = page(uma.get(first.select_one(".pager a")["href"]))

    assert len(first.select("tbody tr")) == 50
    assert [text(one) for one in second.select("tbody th")][-1] == "22 Nov 2026, 12:59:08"
    assert [text(one) for one in second.select(".pager a")] == ["Newest"]


def test_cursor_of_another_state_is_refused(engines, cast, source, path, browser):
    for n in range(51):
        put(engines, cast.acme, source, told("sent"), received_at=NOON - timedelta(seconds=n))
    uma = browser("uma")
    older = page(uma.get(path)).select_one(".pager a")["href"]

    assert uma.get(older).status_code == 200
    assert uma.get(older + "&state=held").status_code == 400
    assert uma.get(path + "?cursor=%00%C3%A4").status_code == 400


def test_poll_says_when_what_waits_is_counted(engines, cast, source, path, browser):
    put(engines, cast.acme, source, told("sent"))
    uma = browser("uma")
    first = uma.get(path + "/rows", headers=HTMX)
    tag = {"HX-PTag": first.headers["HX-PTag"]}

    unchanged = uma.get(path + "/rows", headers=HTMX | tag)
    count(engines, cast.acme)
    changed = uma.get(path + "/rows", headers=HTMX | tag)

    assert states(page(first)) == ["pending"]
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert states(page(changed)) == ["counted"]


def test_poll_keeps_to_the_choice_and_page(path, browser):
    live = page(browser("uma").get(path, query_string={"state": "held"})).select_one("[data-live]")

    assert live["hx-get"] == f"{path}/rows?state=held"


def test_list_of_a_silent_source_says_so(path, browser):
    shown = page(browser("uma").get(path))

    assert "Nothing has been delivered" in text(shown.select_one(".empty"))
    assert "Deliveries of Grüße & <b>Co</b>" in text(shown.select_one("h1"))


def test_list_costs_a_fixed_number_of_statements(engines, cast, source, path, browser, count_statements):
    uma = browser("uma")
    for _ in range(5):
        tell(engines, cast.acme, source, told("sent"))

    with count_statements() as statements:
        uma.get(path)

    # source, list, counts, privacy; who asks goes past SQLAlchemy
    assert len(statements) == 4


@pytest.mark.parametrize("end", ["", "/rows"])
def test_guests_and_strangers_do_not_see_deliveries(path, browser, end):
    assert browser("gil").get(path + end).status_code == 403
    assert browser("rex").get(path + end).status_code == 404
    assert browser("rex").get((path + end).replace("/acme/", "/rival/")).status_code == 404


def test_all_unreadable_are_counted_again_and_nothing_else(engines, cast, source, path, browser, seed):
    tell(engines, cast.acme, source, body=b"not json")
    tell(engines, cast.acme, source, told("sent"), {"type": "sailed"})
    tell(engines, cast.acme, source, told("opened"))
    before = by(engines, cast.acme), deliveries(engines, cast.acme)
    ada = browser("ada")

    answer = ada.post(path + "/replay", path)
    waiting = [row[0] for row in deliveries(engines, cast.acme)]
    count(engines, cast.acme)

    assert (answer.status_code, answer.headers["Location"]) == (303, path)
    assert "2 deliveries are counted again." in text(page(ada.get(path)).select_one(".note.ok"))
    assert sorted(waiting) == ["counted", "pending", "pending"]
    # read anew by the same adapter, they end as they were, and nothing is counted twice
    assert (by(engines, cast.acme), deliveries(engines, cast.acme)) == before
    with seed(cast.acme) as session:
        entry = session.scalars(sa.select(AuditEntry)).one()
        assert (entry.actor, entry.action, entry.details["deliveries"]) == ("ada@acme.test", "delivery.replay_all", 2)


def test_nothing_is_audited_when_nothing_was_unreadable(path, browser, seed, cast):
    ada = browser("ada")

    ada.post(path + "/replay", path)

    assert "There was nothing unreadable" in text(page(ada.get(path)).select_one(".note.ok"))
    with seed(cast.acme) as session:
        assert session.scalars(sa.select(AuditEntry)).all() == []


def test_only_admins_count_again(engines, cast, source, path, browser):
    tell(engines, cast.acme, source, body=b"not json")
    uma = browser("uma")

    assert "Count all unreadable again" not in uma.get(path).text
    assert uma.client.post(path + "/replay", data={"csrf_token": uma.token("/account")}).status_code == 403
    assert browser("ada").client.post(path + "/replay").status_code == 400  # without the form's token
    assert [row[0] for row in deliveries(engines, cast.acme)] == ["unreadable"]
