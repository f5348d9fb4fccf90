"""Lists of resources against a model in Python: what is found, in which order, page by page; the same on every store."""

from datetime import timedelta
from itertools import count

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from dashboard.models import Campaign, ResourceKey
from dashboard.models.campaigns import CampaignStatus
from dashboard.queries import resources
from dashboard.queries.resources import count_by_status, list_ids, list_resources
from dashboard.vocabulary.analytics import Days, ResourceType
from dashboard.vocabulary.folding import fold
from dashboard.vocabulary.resources import ARCHIVED, ListFilter
from tests.factories import campaign_of, numbers, report

PATIENT = settings(
    max_examples=40, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
LETTERS = st.sampled_from("aáA bB  sßSſ zŽž oøÖ0١ n\u0303ñ 日本語 ไทย %_\\' -.🙂ﬁi\u0130\u0131")
NAMES = st.text(LETTERS, min_size=1, max_size=12)
ROWS = st.lists(
    st.tuples(
        NAMES, st.sampled_from(CampaignStatus), st.integers(1, 3), st.integers(0, 2), st.integers(0, 3), st.booleans()
    ),
    max_size=9,
    unique_by=lambda row: row[0],  # as the store asks for
)
SORTS = ("name", "created", "changed", "status", "limit", "sent")


def words(row):
    return [*fold(row.name).split(), *fold(row.key).split()]


def is_found(row, search):
    *whole, last = fold(search).split() or [""]
    return set(whole) <= set(words(row)) and any(word.startswith(last) for word in words(row))


def sorted_by(row, sort, sent):
    if sort == "name":  # a name without letters and digits stands by itself
        return (fold(row.name) or row.name).encode()
    values = {
        "created": row.id, "changed": row.updated_at, "status": row.status.value, "limit": row.daily_limit,
        "sent": sent[row.key],
    }  # fmt: skip
    return values[sort]


@pytest.fixture
def put(engines, seed, cast, clock, source):
    """Put campaigns in the place of those that are there; return them, and what each has sent."""
    keys = count()
    today = cast.acme.day_of(clock())

    def made(drawn):
        sent = {}
        with seed(cast.acme) as session:
            session.execute(sa.delete(ResourceKey))
            session.execute(sa.delete(Campaign))
            for name, status, limit, changed, mails, is_archived in drawn:
                at = clock() - timedelta(hours=changed)
                row = campaign_of(
                    id=uuid7(), key=f"key{next(keys)}", name=name, status=status, daily_limit=limit, created_at=at,
                    updated_at=at, archived_at=at if is_archived else None,
                )  # fmt: skip
                session.add(row)
                session.flush()
                session.add(
                    ResourceKey(
                        type=ResourceType.CAMPAIGN, key=row.key, campaign_id=row.id, added_at=at, added_by="a test"
                    )
                )
                sent[row.key] = mails
        if sent:
            mail = [numbers(today, key, sent=mails, delivered=0, opened=0, clicked=0, replied=0, bounced=0)
                    for key, mails in sent.items()]  # fmt: skip
            report(engines, cast.acme, source, *mail, now=clock())
        with seed(cast.acme) as session:
            rows = session.scalars(sa.select(Campaign)).all()
        return rows, sent, Days(today - timedelta(days=6), today)

    return made


@PATIENT
@given(
    drawn=ROWS, search=NAMES | st.integers(0, 12), status=st.sampled_from([None, *CampaignStatus, ARCHIVED]),
    sort=st.sampled_from(SORTS), is_descending=st.booleans(), size=st.integers(1, 4),
)  # fmt: skip
def test_pages_are_what_the_model_says(put, reading, drawn, search, status, sort, is_descending, size):
    if isinstance(search, int):  # the beginning of a name that is there
        search = drawn[0][0][:search] if drawn else ""
    rows, sent, days = put(drawn)
    asked = ListFilter(ResourceType.CAMPAIGN, search, status, sort, is_descending)
    found = [row for row in rows if not fold(search) or is_found(row, search)]
    expected = [row for row in found if row.archived_at] if status == ARCHIVED else [
        row for row in found if not row.archived_at and status in {None, row.status}
    ]  # fmt: skip
    expected.sort(key=lambda row: (sorted_by(row, sort, sent), row.id), reverse=is_descending)

    with reading() as session:
        pages, after = [], None
        while page := list_resources(session, asked, days, limit=size, after=after):
            pages += [one.row.id for one in page]
            after = page[-1].position
        counts, ids = count_by_status(session, asked), list_ids(session, asked)

    assert pages == [row.id for row in expected]
    assert sorted(ids) == sorted(pages)
    assert counts[status] == len(pages)
    assert set(resources.KINDS[ResourceType.CAMPAIGN].sorts) | {resources.SENT} == set(SORTS)
