"""Checks that somebody asks for, and whose a name is that two companies want."""

import sqlalchemy as sa

from dashboard.database import sql
from dashboard.database.engine import Mode
from dashboard.models import Company, Job
from dashboard.models.domains import DomainStatus
from dashboard.queries.domains import findings_of
from tests.domains import NAME, worker_of
from tests.helpers import page, text

LIST = "/c/acme/domains"


def test_check_that_is_asked_for_is_waited_for_and_then_shown(app, published, browser, news, state, clock, seed):
    ada = browser("ada")

    asked = ada.post(f"{LIST}/{news}/check", f"{LIST}/{news}/records")
    ada.post(f"{LIST}/{news}/check", f"{LIST}/{news}/records")
    waiting = page(ada.get(asked.location))
    with seed() as session:
        jobs = session.scalars(sa.select(Job.kind)).all()
    worker_of(app, published).run_due()

    done = page(ada.get(f"{LIST}/{news}/records/found")).select_one("#found")
    assert (asked.status_code, jobs) == (303, ["check_domains"])
    assert waiting.select_one("#found")["hx-get"] == f"{LIST}/{news}/records/found"
    assert "being looked up" in text(waiting.select_one("#found"))
    assert done.get("hx-get") is None
    assert "being looked up" not in text(done)
    assert state()[0].status is DomainStatus.VERIFIED


def test_waiting_without_a_worker_is_told(browser, news, clock):
    ada = browser("ada")
    ada.post(f"{LIST}/{news}/check", f"{LIST}/{news}/records")

    clock.move(minutes=2)

    assert "is a worker running?" in ada.get(f"{LIST}/{news}/records").text


def test_archived_domain_is_not_checked(browser, make, cast, clock):
    id_ = make(cast.acme, archived_at=clock())

    answer = browser("ada").post(f"{LIST}/{id_}/check", "/account")

    assert answer.status_code == 409
    assert "is archived. Bring it back first." in answer.text


def test_domain_of_the_demo_is_never_asked_for(app, browser, seed, cast, server, news, state):
    with seed() as session:
        session.get(Company, cast.acme.id).is_demo = True
    ada = browser("ada")

    asked = ada.post(f"{LIST}/{news}/check", f"{LIST}/{news}/records")
    worker_of(app, server).run_due()

    shown = ada.get(asked.location).text
    assert "This is the demo: no name is looked up in the DNS." in shown
    assert (server.asked, state()[0].checked_at, state()[0].asked_at) == ([], None, None)


# --- whose name it is ------------------------------------------------------------------------------


def owner(engines):
    with engines[Mode.READ].connect() as connection:
        return [row[0] for row in sql.run(connection, "SELECT company_id FROM verified_domains")]


def test_name_stays_with_whom_its_proof_names_first_while_that_proof_stands(
    check, published, make, cast, state, engines, clock
):
    check()
    make(cast.rival, token="xyz")
    published.add(f"_sendscope.{NAME}", "TXT", "sendscope-verification=xyz")
    for _ in range(2):
        clock.move(minutes=10)
        check()

    theirs, rows = state(cast.rival)
    proof = next(one for one in findings_of(rows[-1]) if one.kind == "ownership")
    assert (theirs.status, state()[0].status) == (DomainStatus.FAILED, DomainStatus.VERIFIED)
    assert proof.sentence.startswith(f"{NAME} is verified by another company here, and its proof still stands")
    assert owner(engines) == [cast.acme.id]


def test_name_goes_to_whom_the_proof_names_once_the_old_one_is_gone(
    check, published, make, cast, state, engines, clock
):
    check()
    make(cast.rival, token="xyz")
    published.set(f"_sendscope.{NAME}", "TXT", "sendscope-verification=xyz")
    for _ in range(2):
        clock.move(minutes=10)
        check()

    assert (state(cast.rival)[0].status, state()[0].status) == (DomainStatus.VERIFIED, DomainStatus.FAILED)
    assert owner(engines) == [cast.rival.id]
