"""Making sources and changing them: what is stored, what is refused, what the audit log says."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from dashboard.errors import Conflict, Invalid, NotFound
from dashboard.models import AuditEntry, Source
from dashboard.models.base import MAX_NAME
from dashboard.models.sources import SourceStatus
from dashboard.providers.registry import adapters
from dashboard.services import credentials, sources
from tests.factories import make_source
from tests.reported import version

WHO = {"actor": "ada@acme.test"}


@pytest.fixture
def vault(app):
    return app.extensions["vault"]


@pytest.fixture
def make(engines, cast, vault):
    """Make a source of acme and return its number."""

    def made(kind="generic", name="Website", **rest):
        return make_source(engines, vault, cast.acme, kind=kind, name=name, **rest)[0]

    return made


@pytest.fixture
def change(seed, cast, clock):
    """Call a service on acme."""

    def called(verb, source_id, *values, **rest):
        with seed(cast.acme) as session:
            return verb(session, cast.acme.id, source_id, *values, **WHO, now=clock(), **rest)

    return called


@pytest.fixture
def rotate(seed, cast, clock, vault):
    """Rotate the secret of a source of acme."""

    def rotated(source_id, **rest):
        with seed(cast.acme) as session:
            return sources.rotate_secret(session, vault, cast.acme.id, source_id, **WHO, now=clock(), **rest)

    return rotated


@pytest.fixture
def row(seed, cast):
    """Return a source of acme as it is stored."""

    def stored(source_id):
        with seed(cast.acme) as session:
            return session.scalar(sa.select(Source).where(Source.id == source_id))

    return stored


def trail(seed, company):
    with seed(company) as session:
        entries = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)).all()
    return [(entry.actor, entry.action, entry.subject_key, entry.details) for entry in entries]


def test_connecting_is_audited_and_told_to_open_pages(seed, engines, cast, vault, clock):
    before = version(engines, cast.acme)

    with seed(cast.acme) as session:
        wanted = sources.NewSource("generic", " Shop ", "my own secret")
        made, shared = sources.connect_source(session, vault, cast.acme.id, wanted, **WHO, now=clock())

    assert (made.name, shared.secret) == ("Shop", "my own secret")
    expected = ("ada@acme.test", "source.add", str(made.id), {"name": "Shop", "provider": "generic"})
    assert trail(seed, cast.acme) == [expected]
    assert version(engines, cast.acme) == before + 1


@pytest.mark.parametrize("kind", sorted(adapters()))
def test_secret_is_made_only_where_we_may_choose_it(kind):
    made = credentials.make_secret_for(adapters()[kind])

    if kind == "generic":
        assert made.startswith("whsec_")
    elif kind in {"brevo", "mailjet", "postmark", "sparkpost"}:
        assert made.startswith("sendscope:")
    else:
        assert made == ""


def test_renamed_source_keeps_everything_else(make, change, row, seed, cast):
    number = make()
    before = row(number).sealed

    change(sources.rename_source, number, " Shop ")

    assert (row(number).name, row(number).sealed) == ("Shop", before)
    assert trail(seed, cast.acme)[-1][1:] == ("source.rename", str(number), {"old": "Website", "new": "Shop"})


@pytest.mark.parametrize("name", ["", "  ", "x" * 101])
def test_name_has_1_to_100_characters(make, change, name):
    number = make()

    with pytest.raises(Invalid) as refused:
        change(sources.rename_source, number, name)

    assert [fault.path for fault in refused.value.fields] == ["name"]


def test_name_is_taken_once(make, change, row, seed, cast):
    number, _ = make(name="Website"), make(name="Shop")

    with pytest.raises(sources.NameTaken, match="There is a source named 'Shop' already"):
        change(sources.rename_source, number, "Shop")

    assert row(number).name == "Website"
    assert trail(seed, cast.acme) == []


def test_new_secret_is_made_and_the_old_one_stays_for_a_day(make, rotate, row, vault, clock):
    number = make(secret="first")

    shared = rotate(number)

    assert shared.secret.startswith("whsec_")
    assert vault.open(row(number).sealed) == shared
    assert shared.valid(clock() + timedelta(hours=23, minutes=59)) == (shared.secret, "first")
    assert shared.valid(clock() + timedelta(hours=24)) == (shared.secret,)


def test_pasted_public_key_replaces_the_old_one_which_stays_for_a_day(make, rotate, clock):
    number = make("sendgrid")
    rotate(number, pasted="first")

    shared = rotate(number, pasted="second")

    assert shared.public_keys(clock()) == ("second", "first")
    assert shared.public_keys(clock() + timedelta(days=1)) == ("second",)
    assert shared.secret == ""


@pytest.mark.parametrize(("kind", "pasted", "says"), [
    ("mailgun", "", "Paste the new one"), ("sendgrid", "", "Paste the new one"), ("scaleway", "", "Paste the new one"),
    ("mailgun", "first", "the one in use already"), ("generic", "first", "the one in use already"),
])  # fmt: skip
def test_rotation_is_refused_when_nothing_would_change(make, rotate, kind, pasted, says):
    number = make(kind, secret="first")

    with pytest.raises(Invalid) as refused:
        rotate(number, pasted=pasted)

    assert [fault.path for fault in refused.value.fields] == ["secret"]
    assert says in refused.value.fields[0].message


def test_source_without_a_secret_has_none_to_rotate(make, rotate):
    number = make("ses")

    with pytest.raises(Conflict):
        rotate(number)


def test_secret_never_stands_in_the_audit_log(make, rotate, seed, cast):
    number = make("mailgun", secret="first")

    rotate(number, pasted="second")

    assert trail(seed, cast.acme)[-1][1:] == ("source.rotate", str(number), {"name": "Website"})


def test_topics_are_kept_in_their_order_and_forgotten_when_there_are_none(make, change, row):
    number = make("ses")

    change(sources.pin_topics, number, ["arn:b", "arn:a"])
    kept = row(number).config
    change(sources.pin_topics, number, [])

    assert (kept, row(number).config) == ({"topics": ["arn:b", "arn:a"]}, {})


@pytest.mark.parametrize("topics", [["arn"] * 21, ["x" * 257]])
def test_topics_are_bounded(make, change, topics):
    number = make("ses")

    with pytest.raises(Invalid):
        change(sources.pin_topics, number, topics)


def test_source_without_topics_takes_none(make, change):
    number = make("generic")

    with pytest.raises(Conflict):
        change(sources.pin_topics, number, ["arn:a"])


def test_pausing_twice_and_resuming_twice_is_refused(make, change, row):
    number = make()

    with pytest.raises(Conflict, match="is not paused"):
        change(sources.resume_source, number)
    change(sources.pause_source, number)
    with pytest.raises(Conflict, match="is paused already"):
        change(sources.pause_source, number)

    assert row(number).status is SourceStatus.PAUSED


def test_deleted_source_forgets_its_secrets_and_frees_its_name(make, change, row):
    first = make()
    change(sources.delete_source, first)
    second = make()
    change(sources.delete_source, second)

    assert (row(first).sealed, row(first).token_digest) == (None, None)
    assert [row(first).name, row(second).name] == ["Website (deleted)", "Website (deleted 2)"]
    assert row(make()).name == "Website"


def test_long_name_of_a_deleted_source_still_fits(make, change, row):
    number = make(name="x" * MAX_NAME)

    change(sources.delete_source, number)

    assert row(number).name == "x" * (MAX_NAME - 10) + " (deleted)"


def test_source_of_the_api_keys_cannot_be_deleted(change, seed, cast):
    with seed(cast.acme) as session:
        number = session.scalar(sa.select(Source.id).where(Source.kind == "api"))

    with pytest.raises(Conflict, match="Revoke the keys"):
        change(sources.delete_source, number)


VERBS = [
    (sources.rename_source, ("x",)), (sources.pause_source, ()), (sources.resume_source, ()),
    (sources.delete_source, ()), (sources.pin_topics, ([],)),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "values"), VERBS, ids=[verb.__name__ for verb, _ in VERBS])
def test_deleted_and_foreign_sources_are_not_there(engines, cast, vault, make, change, verb, values):
    gone = make()
    change(sources.delete_source, gone)
    theirs, _ = make_source(engines, vault, cast.rival)

    for number in (gone, theirs, 999_999):
        with pytest.raises(NotFound):
            change(verb, number, *values)
