"""New rows are stamped with the session's company or refused; so is every statement that hides whose rows it touches."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from uuid_utils.compat import uuid7

from dashboard import tenancy
from dashboard.database.engine import Mode
from dashboard.database.session import open_session
from dashboard.models import AnalyticsRecord, Campaign, Domain, Mailbox, Mark, Source
from dashboard.models.audit import MarkKind
from dashboard.models.sources import SourceKind
from dashboard.tenancy import WrongCompany
from tests.factories import api_source_id, make_campaign


def test_new_row_is_stamped_with_the_company_of_the_session(cast, seed):
    with seed(cast.acme) as session:
        made = make_campaign(session)
        session.flush()

        assert made.company_id == cast.acme.id


def test_new_row_of_another_company_is_refused(cast, seed):
    with pytest.raises(WrongCompany), seed(cast.acme) as session:
        make_campaign(session, company_id=cast.rival.id)


def test_new_row_of_a_directory_table_is_refused_when_it_is_another_companys(cast, seed):
    with pytest.raises(WrongCompany), seed(cast.acme) as session:
        session.add(Source(company_id=cast.rival.id, kind=SourceKind.GENERIC, name="Theirs"))


def test_row_is_refused_when_it_is_moved_to_another_company(cast, seed):
    with seed(cast.acme) as session:
        made = make_campaign(session)
        session.flush()
        made.company_id = cast.rival.id

        with pytest.raises(WrongCompany):
            session.flush()
        session.rollback()


def test_row_of_another_company_is_refused_when_it_is_deleted(cast, seed):
    with seed(cast.rival) as session:
        theirs = make_campaign(session)

    with pytest.raises(WrongCompany), seed(cast.acme) as session:
        session.delete(theirs)


def test_row_of_another_company_is_refused_when_it_is_changed(cast, seed):
    with seed(cast.rival) as session:
        theirs = make_campaign(session)
    theirs.name = "Mine now"

    with pytest.raises(WrongCompany), seed(cast.acme) as session:
        session.add(theirs)


def test_new_row_is_refused_when_the_session_has_no_company(cast, seed):
    with pytest.raises(WrongCompany), seed() as session:
        make_campaign(session, company_id=cast.acme.id)


def test_session_refuses_a_second_company(cast, seed):
    with seed(cast.acme) as session:
        tenancy.bind(session, cast.acme.id)  # the same one again is no change

        with pytest.raises(WrongCompany):
            tenancy.bind(session, cast.rival.id)


def test_session_without_a_company_says_so(seed):
    with seed() as session, pytest.raises(WrongCompany):
        tenancy.company_of(session)


def test_connection_is_handed_out_for_the_sessions_company_only(cast, seed):
    with seed(cast.acme) as session:
        assert tenancy.connection(session, cast.acme.id) is session.connection()

        with pytest.raises(WrongCompany):
            tenancy.connection(session, cast.rival.id)


TABLE = Campaign.__table__
TEXT = sa.text("SELECT name FROM campaigns")  # noqa: TID251  # the very thing that must be refused
BLIND = {
    "textual": TEXT,
    "textual with columns": TEXT.columns(TABLE.c.name),
    "core select": sa.select(TABLE.c.name),
    "core update": TABLE.update().values(daily_limit=1),
    "core delete": TABLE.delete(),
    "core insert": TABLE.insert().values(name="x"),
}


@pytest.mark.parametrize("kind", BLIND)
@pytest.mark.parametrize("has_company", [True, False])
def test_statement_is_refused_when_it_is(cast, seed, kind, has_company):
    with seed(cast.acme if has_company else None) as session, pytest.raises(WrongCompany):
        session.execute(BLIND[kind])


def campaign_row(company):
    return {
        "company_id": company.id, "id": uuid7(), "key": "bulk", "name": "Bulk", "status": "active",
        "daily_limit": 1, "timezone": "UTC",
    }  # fmt: skip


@pytest.mark.parametrize("whose", ["acme", "rival"])
def test_bulk_insert_is_refused(cast, seed, whose):
    row = campaign_row(getattr(cast, whose))

    with seed(cast.acme) as session, pytest.raises(WrongCompany):
        session.execute(sa.insert(Campaign), [row])


@pytest.mark.parametrize("method", ["bulk_insert_mappings", "bulk_save_objects", "bulk_update_mappings"])
def test_legacy_bulk_method_is_named_nowhere_in_the_program(method, sources_of_the_program):
    users = [path for path, text in sources_of_the_program.items() if method in text]

    assert users == []


def test_insert_rows_stamps_every_row(cast, seed):
    with seed(cast.acme) as session:
        tenancy.insert_rows(session, cast.acme.id, Campaign, [campaign_row(cast.rival)])

    with seed(cast.acme) as session:
        assert session.scalars(sa.select(Campaign.company_id)).all() == [cast.acme.id]


def test_insert_rows_refuses_another_company(cast, seed):
    with seed(cast.acme) as session, pytest.raises(WrongCompany):
        tenancy.insert_rows(session, cast.rival.id, Campaign, [campaign_row(cast.rival)])


def test_insert_rows_takes_an_empty_list(cast, seed):
    with seed(cast.acme) as session:
        tenancy.insert_rows(session, cast.acme.id, Campaign, [])

        assert session.scalars(sa.select(Campaign)).all() == []


def test_mailbox_cannot_refer_to_another_companys_domain(cast, seed):
    with seed(cast.rival) as session:
        domain = Domain(name="rival.test")
        session.add(domain)
        session.flush()
        domain_id = domain.id

    with pytest.raises(IntegrityError), seed(cast.acme) as session:
        session.add(Mailbox(domain_id=domain_id, email="ada@rival.test", name="Ada", daily_limit=1))


def test_number_cannot_refer_to_another_companys_source(cast, engines, clock):
    source_id = api_source_id(engines, cast.rival)
    row = {
        "basis": "sent", "type": "campaign", "resource_key": "spring", "day": clock().date(), "origin": "reported",
        "source_id": source_id, "serial": 1, "created_at": clock(), "updated_at": clock(),
    }  # fmt: skip

    with open_session(engines, Mode.WRITE, cast.acme.id) as session, pytest.raises(IntegrityError):
        tenancy.insert_rows(session, cast.acme.id, AnalyticsRecord, [row])


def test_row_cannot_belong_to_a_company_that_does_not_exist(cast, engines, clock):
    with open_session(engines, Mode.WRITE, 999_999) as session:
        session.add(Mark(day=clock().date(), at=clock(), kind=MarkKind.NOTE, title="Nowhere"))

        with pytest.raises(IntegrityError):
            session.flush()
