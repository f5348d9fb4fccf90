"""Sources that change after they were looked up: a remembered source never lets in what the changed one would not."""

from __future__ import annotations

import pytest

from dashboard.app import create_app
from dashboard.database.engine import Mode
from dashboard.models import Source
from dashboard.providers import signatures
from dashboard.queries import identity
from dashboard.services import sources
from dashboard.services.acceptance import Acceptance, Changed
from dashboard.vocabulary.sources import ReceivedDelivery
from tests.conftest import NOON
from tests.factories import make_source
from tests.inbox import told
from tests.web.test_inbox import Provider, rows

DELIVERY = ReceivedDelivery(b"{}", {}, NOON)


@pytest.fixture
def provider(app, engines, cast):
    """A source that has had one delivery, so that the process remembers it."""
    made = Provider(app, engines, cast.acme)
    assert made.post(told("sent", "m0")).status_code == 200
    return made


@pytest.fixture
def change(app, seed, cast, clock):
    """Change a source as another process does: nothing in this one hears of it."""

    def changed(verb, source_id, **values):
        with seed(cast.acme) as session:
            if verb == "rotate_secret":
                values["vault"] = app.extensions["vault"]
            call = getattr(sources, verb)
            return call(session, company_id=cast.acme.id, source_id=source_id, actor="ada", now=clock(), **values)

    return changed


def states(seed, cast):
    return [row.state for row in rows(seed, cast.acme)]


def test_source_that_was_paused_holds_what_comes(provider, change, seed, cast):
    change("pause_source", provider.id)

    answer = provider.post(told("delivered", "m0"))

    assert answer.status_code == 200
    assert sorted(states(seed, cast)) == ["held", "pending"]


def test_source_that_was_resumed_has_what_comes_counted(provider, change, seed, cast):
    change("pause_source", provider.id)
    provider.post(told("delivered", "m0"))
    change("resume_source", provider.id)

    answer = provider.post(told("opened", "m0"))

    assert answer.status_code == 200
    assert states(seed, cast) == ["pending"] * 3


def test_source_that_was_deleted_is_unknown(provider, change, seed, cast):
    change("delete_source", provider.id)

    answer = provider.post(told("delivered", "m0"))

    assert answer.status_code == 404
    assert states(seed, cast) == ["pending"]


def test_source_that_was_made_again_with_the_same_address_takes_what_comes(provider, engines, change, seed, cast):
    with seed(cast.acme) as session:
        kept = session.get(Source, provider.id)
        digest, sealed = kept.token_digest, kept.sealed
    change("delete_source", provider.id)
    again, _ = make_source(engines, provider.client.application.extensions["vault"], cast.acme, name="again")
    with seed(cast.acme) as session:
        made = session.get(Source, again)
        made.token_digest, made.sealed = digest, sealed

    answer = provider.post(told("delivered", "m0"))

    assert answer.status_code == 200
    assert [row.source_id for row in rows(seed, cast.acme)] == [provider.id, again]


def test_both_secrets_are_good_for_a_day_after_a_rotation(provider, change, clock):
    old, provider.shared = provider.shared, change("rotate_secret", provider.id)

    fresh = provider.post(told("delivered", "m0"))
    provider.shared = old
    stale = provider.post(told("opened", "m0"))
    clock.move(hours=25)
    signed = {"x-webhook-signature": signatures.sign_hex(b"{}", old.secret)}
    too_late = provider.post(body=b"{}", headers=signed)

    assert [answer.status_code for answer in (fresh, stale, too_late)] == [200, 200, 401]


def test_secret_that_was_replaced_at_once_is_refused(app, provider, seed, cast, engines):
    """As by an operator's hand: another secret, and no overlap."""
    _, other = make_source(engines, app.extensions["vault"], cast.acme, name="other")
    with seed(cast.acme) as session:
        session.get(Source, provider.id).sealed = app.extensions["vault"].seal(other)

    refused = provider.post(told("delivered", "m0"))
    provider.shared = other
    taken = provider.post(told("delivered", "m0"))

    assert (refused.status_code, taken.status_code) == (401, 200)


def test_change_by_one_process_is_obeyed_by_another(app, provider, change, seed, cast):
    second = create_app(app.extensions["settings"])
    second.extensions["clock"] = app.extensions["clock"]
    here, there = provider.client, second.test_client()
    provider.client = there
    before = provider.post(told("delivered", "m0"))
    provider.client = here
    change("pause_source", provider.id)

    answers = []
    for client in (there, here):
        provider.client = client
        answers.append(provider.post(told("opened", "m0")).status_code)
    second.extensions["engines"].base.dispose()

    assert (before.status_code, answers) == (200, [200, 200])
    assert sorted(states(seed, cast)) == ["held", "held", "pending", "pending"]


@pytest.mark.parametrize("verb", ["rotate_secret", "pause_source", "delete_source"])
def test_change_between_look_up_and_writing_leaves_nothing(app, engines, change, seed, cast, verb):
    source_id, shared = make_source(engines, app.extensions["vault"], cast.acme)
    known = identity.find_inbox(engines, "generic", shared.token)
    change(verb, source_id)

    with pytest.raises(Changed):
        Acceptance(engines).store(known, DELIVERY)

    assert rows(seed, cast.acme) == []


def test_company_that_vanished_between_look_up_and_writing_leaves_nothing(app, engines, cast, seed):
    _, shared = make_source(engines, app.extensions["vault"], cast.acme)
    known = identity.find_inbox(engines, "generic", shared.token)
    with engines[Mode.WRITE].begin() as connection:
        connection.exec_driver_sql(f"DELETE FROM sources WHERE id = {known.id}")

    with pytest.raises(Changed):
        Acceptance(engines).store(known, DELIVERY)

    assert rows(seed, cast.acme) == []


def test_source_of_another_company_is_never_written_to(app, engines, cast, seed):
    _, shared = make_source(engines, app.extensions["vault"], cast.acme)
    known = identity.find_inbox(engines, "generic", shared.token)
    object.__setattr__(known, "company", cast.rival)

    with pytest.raises(Changed):
        Acceptance(engines).store(known, DELIVERY)

    assert rows(seed, cast.acme) == rows(seed, cast.rival) == []
