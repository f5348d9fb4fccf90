"""Sources on the command line: listing, pausing, resuming, rotating, deleting."""

import pytest
import sqlalchemy as sa

from dashboard.models import AuditEntry
from dashboard.models.inbox import DeliveryState
from tests.factories import make_source
from tests.inbox import by, count, put, told


@pytest.fixture
def website(app, engines, cast):
    return make_source(engines, app.extensions["vault"], cast.acme)


def source(run, verb, *rest, company="acme"):
    return run("source", verb, "--company", company, *map(str, rest))


def test_list_names_every_source_that_is_not_deleted(run, website, seed, cast):
    source(run, "pause", website[0])

    documents = source(run, "list", "--json").document

    assert [(one["name"], one["provider"], one["status"]) for one in documents] == [
        ("API", "api", "active"), ("Website", "generic", "paused"),
    ]  # fmt: skip
    assert [list(one) for one in documents] == [["id", "name", "provider", "status", "last_event_at"]] * 2
    assert "generic      paused   Website" in source(run, "list").out
    source(run, "delete", website[0], "--yes")
    assert [one["name"] for one in source(run, "list", "--json").document] == ["API"]


def test_what_was_held_is_counted_after_resuming(run, engines, cast, website):
    source(run, "pause", website[0])
    put(engines, cast.acme, website[0], told("sent"), state=DeliveryState.HELD)

    document = source(run, "resume", website[0], "--json").document
    count(engines, cast.acme)

    assert document == {"id": website[0], "status": "active", "released": 1}
    assert by(engines, cast.acme) == {"2026-11-22": {"sent": 1}}


def test_rotation_prints_the_new_secret_and_how_long_the_old_one_lasts(run, website):
    document = source(run, "rotate", website[0], "--json").document
    own = source(run, "rotate", website[0], "--secret", "my own", "--json").document

    assert document["secret"].startswith("whsec_")
    assert document["old_until"].endswith("+00:00")
    assert own["secret"] == "my own"


def test_public_key_is_rotated_likewise(run, app, engines, cast):
    number, _ = make_source(engines, app.extensions["vault"], cast.acme, kind="sendgrid", name="SendGrid")

    answer = source(run, "rotate", number, "--public-key", "MFkw")

    assert answer.code == 0
    assert "secret: (a public key)" in answer.out


def test_deleting_asks_unless_told_not_to(run, website):
    refused = run("source", "delete", "--company", "acme", str(website[0]), stdin="n\n")
    done = source(run, "delete", website[0], "--yes", "--json")

    assert refused.code == 1
    assert "Its numbers stay." in refused.err
    assert done.document == {"id": website[0], "status": "deleted"}


@pytest.mark.parametrize("verb", ["pause", "resume", "rotate", "delete"])
def test_another_companys_source_is_not_there(run, website, verb):
    yes = ["--yes"] if verb == "delete" else []

    answer = source(run, verb, website[0], *yes, company="rival")

    assert (answer.code, answer.err) == (1, "There is no such source.\n")


def test_every_change_stands_in_the_audit_log(run, website, seed, cast):
    for verb in ("pause", "resume", "rotate"):
        source(run, verb, website[0])
    source(run, "delete", website[0], "--yes")

    with seed(cast.acme) as session:
        found = session.execute(sa.select(AuditEntry.actor, AuditEntry.action).order_by(AuditEntry.id)).all()
    assert [tuple(one) for one in found] == [
        ("command line", f"source.{verb}") for verb in ("pause", "resume", "rotate", "delete")
    ]
