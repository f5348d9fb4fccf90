"""A trial's keys are valid beside the provider's own, for an hour or until the trial ends."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dashboard.errors import NotFound
from dashboard.models import Source
from dashboard.providers.base import Secret, TrialKeys
from dashboard.providers.registry import adapters
from dashboard.services import trials
from dashboard.vocabulary.sources import SourceSecrets
from tests.factories import make_source
from tests.inbox import NOON


@pytest.fixture
def vault(app):
    return app.extensions["vault"]


@pytest.fixture
def trial(engines, vault, cast, seed):
    """Begin a trial of a new source; return its id and keys."""

    def begin(kind="generic", secret=None, now=NOON):
        source_id, shared = make_source(engines, vault, cast.acme, kind=kind, name=f"{kind} {now}", secret=secret)
        keys = trials.make_keys(adapters()[kind], shared)
        with seed(cast.acme) as session:
            trials.begin_trial(session, vault, source_id, keys, now=now)
        return source_id, keys

    return begin


@pytest.fixture
def secrets_of(vault, cast, seed):
    def look(source_id):
        with seed(cast.acme) as session:
            return vault.open(session.scalar(sa.select(Source.sealed).where(Source.id == source_id)))

    return look


def test_own_secret_signs_where_there_is_one(trial, secrets_of):
    source_id, keys = trial("mailgun", "key-1")

    assert keys == TrialKeys(secret="key-1")
    assert secrets_of(source_id).trial_until is None


def test_secret_is_made_for_a_source_that_has_none(trial, secrets_of):
    source_id, keys = trial("mailgun")

    assert keys.secret
    assert secrets_of(source_id).valid(NOON) == (keys.secret,)
    assert secrets_of(source_id).valid(NOON + timedelta(hours=1)) == ()


@pytest.mark.parametrize("kind", [name for name, one in adapters().items() if one.guide.secret is Secret.BASIC])
def test_source_without_credentials_stays_open(kind):
    assert trials.make_keys(adapters()[kind], SourceSecrets("token")) == TrialKeys()


def test_trial_without_keys_changes_nothing(trial, secrets_of):
    source_id, keys = trial("scaleway")

    assert keys == TrialKeys()
    assert secrets_of(source_id).trial_until is None


@pytest.mark.parametrize("kind", [name for name, one in adapters().items() if hasattr(one, "make_keys")])
def test_public_key_of_the_trial_is_valid_for_an_hour(trial, secrets_of, kind):
    source_id, keys = trial(kind)

    found = secrets_of(source_id)
    assert found.public_keys(NOON) == (keys.public_key,)
    assert found.public_keys(NOON + timedelta(hours=1)) == ()
    assert keys.private_key.decode() not in repr(found)


def test_keys_of_the_provider_stay_as_they_were(engines, vault, cast, seed, trial, secrets_of):
    source_id, keys = trial("sendgrid")
    with seed(cast.acme) as session:
        source = session.scalar(sa.select(Source).where(Source.id == source_id))
        source.sealed = vault.seal(replace(vault.open(source.sealed), public_key="pasted meanwhile"))

    with seed(cast.acme) as session:
        trials.end_trial(session, vault, source_id, keys)

    found = secrets_of(source_id)
    assert (found.public_key, found.trial_public_key, found.trial_until) == ("pasted meanwhile", "", None)


@pytest.mark.parametrize("kind", ["mailgun", "sendgrid", "ses"])
def test_ended_trial_leaves_nothing_behind(vault, cast, seed, trial, secrets_of, kind):
    source_id, keys = trial(kind)

    with seed(cast.acme) as session:
        trials.end_trial(session, vault, source_id, keys)

    found = secrets_of(source_id)
    assert (found.trial_secret, found.trial_public_key, found.trial_until) == ("", "", None)


@pytest.mark.parametrize("kind", ["mailgun", "sendgrid"])
def test_end_of_an_earlier_trial_leaves_the_later_one(vault, cast, seed, trial, secrets_of, kind):
    source_id, earlier = trial(kind)
    later = trials.make_keys(adapters()[kind], replace(secrets_of(source_id), trial_secret=""))
    with seed(cast.acme) as session:
        trials.begin_trial(session, vault, source_id, later, now=NOON)

    with seed(cast.acme) as session:
        trials.end_trial(session, vault, source_id, earlier)

    found = secrets_of(source_id)
    assert (found.trial_secret, found.trial_public_key) == (later.secret, later.public_key)
    assert found.trial_until is not None


def test_other_companys_source_is_not_there(vault, cast, seed, trial):
    source_id, keys = trial("mailgun")

    with seed(cast.rival) as session, pytest.raises(NotFound):
        trials.begin_trial(session, vault, source_id, keys, now=NOON)
