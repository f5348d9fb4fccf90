"""Trials: for a while a source takes traffic that is signed with a key of our own, beside its provider's."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard.errors import NotFound
from dashboard.models import Source
from dashboard.providers.base import Adapter, Secret, TrialKeys
from dashboard.services.credentials import make_secret
from dashboard.services.vault import Vault
from dashboard.vocabulary.sources import SourceSecrets

LASTS = timedelta(hours=1)
_SIGNED = frozenset({Secret.SIGNING, Secret.OURS})


def make_keys(adapter: Adapter, shared: SourceSecrets) -> TrialKeys:
    """Return the source's own secret where it has one; new keys where the provider signs with what we do not have.

    A source without any credentials stays open to its provider: a secret of the trial would shut it out.
    """
    make = getattr(adapter, "make_keys", None)
    if make is not None:
        made: TrialKeys = make()
        return replace(made, secret=shared.secret)
    if shared.secret or adapter.guide.secret not in _SIGNED:
        return TrialKeys(secret=shared.secret)
    return TrialKeys(secret=make_secret())


def begin_trial(session: Session, vault: Vault, source_id: int, keys: TrialKeys, *, now: datetime) -> None:
    """Have the source take what is signed with these keys, for LASTS or until end_trial."""
    source, shared = _open(session, vault, source_id)
    secret = "" if keys.secret in shared.valid(now) else keys.secret
    if secret or keys.public_key:
        trial = replace(shared, trial_secret=secret, trial_public_key=keys.public_key, trial_until=now + LASTS)
        source.sealed = vault.seal(trial)


def end_trial(session: Session, vault: Vault, source_id: int, keys: TrialKeys) -> None:
    """Take the trial's keys away; those of a trial that began later stay."""
    source, shared = _open(session, vault, source_id)
    if shared.trial_until is None or shared.trial_public_key != keys.public_key:
        return
    if shared.trial_secret in {"", keys.secret}:
        source.sealed = vault.seal(replace(shared, trial_secret="", trial_public_key="", trial_until=None))


def _open(session: Session, vault: Vault, source_id: int) -> tuple[Source, SourceSecrets]:
    source = session.scalar(sa.select(Source).where(Source.id == source_id).with_for_update())
    if source is None or source.sealed is None:
        raise NotFound("There is no such source.")
    return source, vault.open(source.sealed)
