"""Column types that refuse what they do not hold, and give back what they were given."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import StatementError

from dashboard.models import AuditEntry, Campaign, LoginSession, User
from dashboard.models.campaigns import CampaignStatus
from tests.factories import make_campaign


def sign_in_at(seed, at):
    """Store an instant and return it as it is read."""
    with seed() as session:
        user_id = session.scalar(sa.select(User.id))
        session.add(LoginSession(token_digest=b"x", user_id=user_id, created_at=at, expires_at=at))
    with seed() as session:
        return session.scalar(sa.select(LoginSession.created_at))


def test_instant_is_read_as_it_was_written(cast, seed):
    at = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)

    assert sign_in_at(seed, at) == at


def test_instant_of_another_zone_is_read_in_utc(cast, seed):
    at = datetime(2026, 11, 22, 12, 0, tzinfo=timezone(timedelta(hours=5, minutes=45)))

    found = sign_in_at(seed, at)

    assert found == at
    assert found.tzinfo is UTC or found.utcoffset() == timedelta()


def test_instant_without_a_zone_is_refused(cast, seed):
    with pytest.raises((StatementError, ValueError), match="naive datetime"):
        sign_in_at(seed, datetime(2026, 11, 22, 12, 0))  # noqa: DTZ001  # the very thing that must be refused


@pytest.mark.parametrize("at", [datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)])
def test_instants_far_away_are_kept(cast, seed, at):
    assert sign_in_at(seed, at) == at


@pytest.mark.parametrize(
    "details", [{}, {"n": 2**53 - 1, "none": None, "text": "\u00e9\U0001f4e7", "list": [1, {"a": True}]}]
)
def test_document_is_read_as_it_was_written(cast, seed, clock, details):
    with seed(cast.acme) as session:
        session.add(AuditEntry(at=clock(), actor="a", action="b", details=details))

    with seed(cast.acme) as session:
        assert session.scalar(sa.select(AuditEntry.details)) == details


def test_choice_is_read_as_its_word(cast, seed):
    with seed(cast.acme) as session:
        make_campaign(session, status=CampaignStatus.PAUSED)

    with seed(cast.acme) as session:
        found = session.scalar(sa.select(Campaign.status))
    assert found is CampaignStatus.PAUSED
    assert str(found) == "paused"


def test_ids_rise_with_time(cast, seed):
    with seed(cast.acme) as session:
        for number in range(20):
            make_campaign(session, key=f"c{number:02}", name=f"C{number:02}")
            session.flush()

    with seed(cast.acme) as session:
        by_id = session.scalars(sa.select(Campaign.key).order_by(Campaign.id)).all()
    assert by_id == sorted(by_id)


def test_text_is_kept_code_point_by_code_point(cast, seed):
    name = "e\u0301 \u00e9 \u202e \U0001f469\u200d\U0001f4bb ' \" % :x"

    with seed(cast.acme) as session:
        make_campaign(session, name=name)

    with seed(cast.acme) as session:
        assert session.scalar(sa.select(Campaign.name)) == name
