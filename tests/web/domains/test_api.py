"""Domains on the API: the same services, rules and sentences as on the pages."""

import pytest
import sqlalchemy as sa

from dashboard.models import Domain
from dashboard.models.domains import DomainStatus
from dashboard.services import domains
from tests.dns_server import DnsServer
from tests.domains import NAME, publish, worker_of
from tests.factories import make_key
from tests.helpers import Program

BODY = {
    "name": NAME.upper(), "providers": ["mailgun"], "config": {"selectors": {"mailgun": ["MG"]}}, "tracksReplies": True,
}  # fmt: skip


@pytest.fixture
def made(program):
    """A domain that a program has added."""
    return program.post("/api/domains", BODY).json


def patch(program, id_, body):
    return program.client.patch(f"/api/domains/{id_}", json=body, headers=program.headers)


def test_program_adds_a_domain_and_reads_its_records(program, made):
    found = program.get(f"/api/domains/{made['id']}").json

    assert (found["name"], found["key"], found["status"], found["keys"]) == (NAME, NAME, "pending", [NAME])
    assert found["config"] == {"selectors": {"mailgun": ["mg"]}, "returnPaths": {}, "tracking": {}}
    assert (found["providers"], found["tracksReplies"], found["checkedAt"]) == (["mailgun"], True, None)
    assert [(one["kind"], one["required"], one["status"]) for one in found["records"][:4]] == [
        ("ownership", True, "unchecked"), ("spf", True, "unchecked"), ("dkim", True, "unchecked"),
        ("dmarc", True, "unchecked"),
    ]  # fmt: skip
    assert found["records"][1]["value"] == "v=spf1 include:mailgun.org ~all"
    assert "records" not in program.get("/api/domains").json["items"][0]


def test_records_say_what_was_found(app, program, made, seed, cast):
    with DnsServer() as server:
        with seed(cast.acme) as session:
            publish(server, domains.records_of(session.scalars(sa.select(Domain)).one()))
        worker_of(app, server).check_domains()

    found = program.get(f"/api/domains/{made['id']}").json

    assert (found["status"], found["checkedAt"]) == ("verified", "2026-11-22T12:00:00+00:00")
    assert found["records"][0]["status"] == "pass"
    assert found["records"][0]["found"] == [found["records"][0]["value"]]


def test_patch_changes_what_is_named_and_drops_settings_of_who_no_more_sends(program, made):
    answer = patch(program, made["id"], {"providers": ["sendgrid"], "revision": 1})

    assert answer.status_code == 200
    assert (answer.json["providers"], answer.json["config"]["selectors"], answer.json["revision"]) == (
        ["sendgrid"], {}, 2,
    )  # fmt: skip
    assert answer.json["tracksReplies"] is True
    assert patch(program, made["id"], {"providers": [], "revision": 1}).status_code == 409


def test_state_cannot_be_set(program, made):
    answer = patch(program, made["id"], {"status": "verified"})

    assert answer.status_code == 422
    assert answer.json["fields"][0]["path"] == "status"


@pytest.mark.parametrize(("change", "path"), [
    ({"name": "news.acme.test"}, "name"), ({"name": 5}, "name"), ({"providers": ["fax"]}, "providers"),
    ({"config": {"selectors": {"mailgun": ["a b"]}}}, "config.selectors"),
    ({"config": {"returnPaths": {"fax": "x"}}}, "config.returnPaths"), ({"colour": "red"}, "colour"),
    ({"config": {"tracking": {"mailgun": "x" * 300}}}, "config.tracking.mailgun"),
])  # fmt: skip
def test_wrong_field_is_named(program, change, path):
    answer = program.post("/api/domains", BODY | change)

    assert answer.status_code == 422
    assert [one["path"] for one in answer.json["fields"]] == [path]


def test_domain_is_archived_brought_back_and_deleted(program, made):
    archived = patch(program, made["id"], {"archived": True}).json["archivedAt"]
    back = patch(program, made["id"], {"archived": False}).json["archivedAt"]

    gone = program.delete(f"/api/domains/{made['id']}")

    assert (archived is None, back, gone.json["action"]) == (False, None, "deleted")
    assert program.get(f"/api/domains/{made['id']}").status_code == 404


def test_lists_by_state_and_word(program, made):
    assert program.get("/api/domains", status="pending", q="news").json["total"] == 1
    assert program.get("/api/domains", status="verified").json["total"] == 0
    assert program.get("/api/domains", status="odd").status_code == 422


def test_key_needs_the_scope_and_the_company(app, engines, cast, clock, program, rivals_program, made):
    reader = Program(app, make_key(engines, cast.acme, clock(), "read"))

    assert reader.get(f"/api/domains/{made['id']}").status_code == 200
    assert reader.post("/api/domains", BODY).status_code == 403
    assert rivals_program.get(f"/api/domains/{made['id']}").status_code == 404
    assert DomainStatus(made["status"]) is DomainStatus.PENDING
