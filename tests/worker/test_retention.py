"""What is kept for a time only goes at its instant, of all companies, and nothing else does."""

from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from dashboard.database.engine import Mode
from dashboard.models import (
    ApiKey,
    Delivery,
    IdempotencyKey,
    Job,
    LoginSession,
    Source,
    TemplateDraft,
    Throttle,
    User,
    WebhookId,
)
from dashboard.models.inbox import DeliveryState
from dashboard.models.jobs import JobState
from dashboard.services.retention import purge
from tests.factories import make_key

SECOND = timedelta(seconds=1)


def purged(engines, now):
    with engines[Mode.WRITE].begin() as connection:
        return purge(connection, now)


def left(seed, column, company=None):
    with seed(company) as session:
        return sorted(session.scalars(sa.select(column)), key=str)


def source_id(session):
    return session.scalar(sa.select(Source.id))


def test_sessions_go_when_they_end(engines, cast, seed, clock):
    with seed() as session:
        user_id = session.scalar(sa.select(User.id))
        for name, ends in ((b"ended", clock()), (b"valid", clock() + SECOND)):
            session.add(LoginSession(token_digest=name, user_id=user_id, created_at=clock(), expires_at=ends))

    assert purged(engines, clock()) == 1
    assert left(seed, LoginSession.token_digest) == [b"valid"]


def test_counts_of_failures_go_with_their_window(engines, cast, seed, clock):
    with seed() as session:
        for name, ends in ((b"over", clock()), (b"open", clock() + SECOND)):
            session.add(Throttle(key_digest=name, count=9, window_ends_at=ends))

    assert purged(engines, clock()) == 1
    assert left(seed, Throttle.key_digest) == [b"open"]


def test_previews_of_templates_go_after_an_hour(engines, cast, seed, clock):
    with seed() as session:
        user_id = session.scalar(sa.select(User.id).where(User.email == "uma@acme.test"))
    with seed(cast.acme) as session:
        for text, age in (("old", timedelta(hours=1)), ("new", timedelta(hours=1) - SECOND)):
            session.add(TemplateDraft(id=uuid4(), user_id=user_id, document=text, made_at=clock() - age))

    assert purged(engines, clock()) == 1
    assert left(seed, TemplateDraft.document, cast.acme) == ["new"]


@pytest.mark.parametrize("whose", ["acme", "rival"])
def test_kept_answers_go_when_they_end(engines, cast, seed, clock, whose):
    company = getattr(cast, whose)
    make_key(engines, company, clock())
    with seed(company) as session:
        key_id = session.scalar(sa.select(ApiKey.id))
        for name, ends in (("over", clock()), ("kept", clock() + SECOND)):
            session.add(
                IdempotencyKey(api_key_id=key_id, path="/", key=name, body_digest=b"", claim=b"", expires_at=ends)
            )

    assert purged(engines, clock()) == 1
    assert left(seed, IdempotencyKey.key, company) == ["kept"]


@pytest.mark.parametrize("whose", ["acme", "rival"])
def test_webhook_ids_are_remembered_for_thirty_days(engines, cast, seed, clock, whose):
    company, then = getattr(cast, whose), clock() - timedelta(days=30)
    with seed(company) as session:
        for name, at in (("old", then), ("young", then + SECOND)):
            session.add(WebhookId(source_id=source_id(session), webhook_id=name, received_at=at))

    assert purged(engines, clock()) == 1
    assert left(seed, WebhookId.webhook_id, company) == ["young"]


def test_deliveries_stay_for_thirty_days_and_longer_while_they_wait(engines, cast, seed, clock):
    then = clock() - timedelta(days=30)
    with seed(cast.acme) as session:
        for state in DeliveryState:
            for at in (then, then + SECOND):
                session.add(Delivery(source_id=source_id(session), received_at=at, state=state, body=b"", size_bytes=0))

    gone = purged(engines, clock())

    kept = left(seed, Delivery.state, cast.acme)
    # Six states, two instants each: the older one goes unless it is pending or held.
    assert gone == 4
    assert kept == sorted([*DeliveryState, DeliveryState.PENDING, DeliveryState.HELD])


def test_done_jobs_stay_for_thirty_days_and_dead_ones_for_good(engines, cast, seed, clock):
    then = clock() - timedelta(days=30)
    with seed() as session:
        for name, state, at in (
            ("old", JobState.DONE, then), ("young", JobState.DONE, then + SECOND), ("dead", JobState.DEAD, then),
            ("waiting", JobState.WAITING, None),
        ):  # fmt: skip
            session.add(Job(kind=name, state=state, run_at=then, created_at=then, finished_at=at, payload={}))

    assert purged(engines, clock()) == 1
    assert left(seed, Job.kind) == ["dead", "waiting", "young"]


def test_nothing_goes_when_nothing_is_past_its_time(engines, cast, clock):
    assert purged(engines, clock()) == 0
