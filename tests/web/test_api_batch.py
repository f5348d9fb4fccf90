"""`POST /api/analytics/batch`: up to 10,000 keys, all or nothing."""

import threading
from datetime import date

import pytest

from dashboard.services.reported import MAX_BATCH
from tests.helpers import Program, update
from tests.reported import everything, paths, sent, version

pytestmark = pytest.mark.usefixtures("sums_agree")

DAY = date(2026, 11, 20)
ADDRESS = "/api/analytics/batch"


def test_outcomes_stand_in_the_order_of_the_elements(program):
    program.post("/api/analytics", update(key="b"))
    single = {key: program.post("/api/analytics", update(key=key)).json["id"] for key in ("a", "b")}
    program.delete("/api/analytics", type="campaign", resourceId="a", date="2026-11-20")

    response = program.post(ADDRESS, {"updates": [update(key="b"), update(key="a")]})

    assert response.status_code == 200
    assert response.json == {
        "results": [{"id": single["b"], "action": "updated"}, {"id": single["a"], "action": "created"}]
    }


def test_a_later_element_of_the_same_key_wins(program, engines, cast):
    response = program.post(ADDRESS, {"updates": [update(sent=1), update(key="other"), update(sent=3)]})

    first, _, last = response.json["results"]
    assert (first["action"], last["action"]) == ("created", "updated")
    assert first["id"] == last["id"]
    assert sent(engines, cast.acme)["campaign", "spring", DAY] == 3


def test_keys_that_normalise_to_one_are_one(program, engines, cast):
    spellings = [update(kind="mailbox", key="Ada@Example.COM", sent=1), update(kind="mailbox", key="ada@example.com")]

    response = program.post(ADDRESS, {"updates": spellings})

    assert [one["action"] for one in response.json["results"]] == ["created", "updated"]
    assert sent(engines, cast.acme) == {("mailbox", "ada@example.com", DAY): 100}


def test_totals_are_the_sums_of_a_batch(program):
    updates = [update(key=f"k{n}", day=f"2026-11-{n:02}", sent=n) for n in range(1, 21)]

    program.post(ADDRESS, {"updates": updates})

    # 1 + 2 + ... + 20 = 210
    assert program.get("/api/analytics", type="campaign").json["aggregated"]["sent"] == 210


def test_a_batch_raises_the_version_once(program, engines, cast):
    before = version(engines, cast.acme)

    program.post(ADDRESS, {"updates": [update(key=str(n)) for n in range(10)]})

    assert version(engines, cast.acme) == before + 1


def test_the_same_batch_again_does_not_raise_the_version(program, engines, cast):
    batch = {"updates": [update(key=str(n)) for n in range(10)]}
    program.post(ADDRESS, batch)
    before = version(engines, cast.acme)

    response = program.post(ADDRESS, batch)

    assert {one["action"] for one in response.json["results"]} == {"updated"}
    assert version(engines, cast.acme) == before


def test_an_empty_batch_changes_nothing(program, engines):
    before = everything(engines)

    response = program.post(ADDRESS, {"updates": []})

    assert (response.status_code, response.json) == (200, {"results": []})
    assert everything(engines) == before


def test_one_bad_element_refuses_the_whole_batch(program, engines):
    updates = [update(key=str(n)) for n in range(5)]
    updates[3]["metrics"]["sent"] = -1
    before = everything(engines)

    response = program.post(ADDRESS, {"updates": updates})

    assert response.status_code == 422
    assert paths(response) == ["updates[3].metrics.sent"]
    assert everything(engines) == before


def test_all_faults_of_a_batch_are_named_at_once(program):
    updates = [
        update(day="2024-02-30"),
        update(),
        update(kind="receiver", key=""),
        update(bounced=1.5) | {"extra": 1},
        {"type": "domain"},
        7,
    ]

    response = program.post(ADDRESS, {"updates": updates, "more": True})

    assert set(paths(response)) == {
        "updates[0].date",
        "updates[2].type", "updates[2].resourceId",
        "updates[3].metrics.bounced", "updates[3].extra",
        "updates[4].resourceId", "updates[4].metrics", "updates[4].date",
        "updates[5]",
        "more",
    }  # fmt: skip


def test_very_many_faults_are_cut_off_and_counted(program):
    response = program.post(ADDRESS, {"updates": [{}] * 500})

    # four fields are missing in each of 500 elements: 2,000 faults, of which 1,000 are listed
    assert len(paths(response)) == 1001
    assert response.json["fields"][-1] == {"path": "", "message": "and 1,000 more"}


@pytest.mark.parametrize("updates", [None, {}, "", 0, True, {"0": {}}], ids=repr)
def test_updates_must_be_a_list(program, engines, updates):
    before = everything(engines)

    response = program.post(ADDRESS, {"updates": updates})

    assert response.status_code == 422
    assert paths(response) == ["updates"]
    assert everything(engines) == before


def test_one_element_more_than_allowed_is_refused_before_any_is_read(program, engines):
    before = everything(engines)

    response = program.post(ADDRESS, {"updates": [{}] * (MAX_BATCH + 1)})

    assert response.status_code == 422
    assert paths(response) == ["updates"]
    assert "10,001" in response.json["detail"]
    assert everything(engines) == before


def test_the_largest_batch_is_taken(program, engines, cast):
    updates = [update(key=f"k{n}", sent=n) for n in range(MAX_BATCH)]

    response = program.post(ADDRESS, {"updates": updates})

    assert response.status_code == 200
    assert len(response.json["results"]) == MAX_BATCH
    assert len(sent(engines, cast.acme)) == MAX_BATCH
    # 0 + 1 + ... + 9,999 = 9,999 * 10,000 / 2
    assert program.get("/api/analytics", type="campaign").json["aggregated"]["sent"] == 49_995_000


def test_a_batch_to_another_company_is_refused(program, engines):
    before = everything(engines)

    response = program.post(ADDRESS, {"companyId": "rival", "updates": [update()]})

    assert response.status_code == 403
    assert everything(engines) == before


def test_elements_do_not_name_companies(program):
    response = program.post(ADDRESS, {"updates": [update() | {"companyId": "rival"}]})

    assert response.status_code == 422
    assert paths(response) == ["updates[0].companyId"]


def test_readers_see_a_batch_wholly_or_not_at_all(app, program):
    keys, seen, done = [f"k{n}" for n in range(60)], [], threading.Event()
    reader = Program(app, program.headers["X-Api-Key"])

    def read():
        while not done.is_set():
            seen.append(reader.get("/api/analytics", type="campaign").json)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        for n in range(1, 16):
            program.post(ADDRESS, {"updates": [update(key=key, sent=n) for key in keys]})
    finally:
        done.set()
        thread.join()

    for read_once in [*seen, program.get("/api/analytics", type="campaign").json]:
        counts = [row["metrics"]["sent"] for row in read_once["details"]]
        assert len(counts) in {0, 60}
        assert len(set(counts)) <= 1
        assert read_once["aggregated"]["sent"] == sum(counts)
