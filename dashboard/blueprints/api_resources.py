"""The API for programs: campaigns, templates, domains and mailboxes, by the same services and rules as the pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, request
from uuid_utils.compat import uuid7

from dashboard.blueprints.programs import Answer, answer_json, check_company, once
from dashboard.dns.kept import restore
from dashboard.extensions import db, settings
from dashboard.forms import api_domains, api_mailboxes
from dashboard.forms import api_resources as forms
from dashboard.forms.reading import read_query
from dashboard.permissions import requires_scope
from dashboard.presenters import api_resources as shapes
from dashboard.presenters.domains import make_records
from dashboard.presenters.mailboxes import make_allowance
from dashboard.queries import domains as domain_queries
from dashboard.queries import keys
from dashboard.queries import mailboxes as mailbox_queries
from dashboard.queries import resources as queries
from dashboard.services import campaigns, cursors, domains, mailboxes, templates
from dashboard.services import resources as services
from dashboard.services.resources import Change
from dashboard.vocabulary.analytics import Days, ResourceType
from dashboard.vocabulary.resources import PLURALS
from dashboard.vocabulary.roles import Scope

blueprint = Blueprint("api_resources", __name__, url_prefix="/api")


@dataclass(frozen=True, slots=True)
class Way:
    """How programs read, make and change the resources of a type."""

    kind: ResourceType
    shape: Callable[[Any], dict[str, Any]]
    create: Callable[[Change, Any], Any]  # the body → the new row
    patch: Callable[[Change, Any, Any], None]  # the row, the body
    details: Callable[[Any], dict[str, Any]] = lambda _row: {}  # what one has beside what stands in lists


def _change() -> Change:
    return Change(g.key.company, g.key.actor, g.now)


def _list(way: Way) -> Response:
    """Answer a page of the resources, by name."""
    asked = read_query(forms.ResourceListQuery, request.args)
    check_company(asked.companyId)
    wanted, secret = asked.filter(way.kind), settings().secret_key.get_secret_value()
    after = None
    if asked.cursor:
        value, id_ = cursors.read_cursor(secret, g.key.company.id, wanted, asked.cursor)
        after = queries.Position(value, UUID(id_))
    today = g.key.company.day_of(g.now)
    found = queries.list_resources(db.session(), wanted, Days(today, today), limit=asked.limit + 1, after=after)
    page, cursor = found[: asked.limit], None
    if len(found) > asked.limit:
        last = page[-1].position
        cursor = cursors.make_cursor(secret, g.key.company.id, wanted, (last.value, str(last.id)))
    total = queries.count_by_status(db.session(), wanted)[wanted.status]
    return answer_json({"items": [way.shape(one.row) for one in page], "total": total, "nextCursor": cursor})


def _show(way: Way, id_: UUID) -> Response:
    """Answer one resource with all its keys."""
    check_company(read_query(forms.ResourceQuery, request.args).companyId)
    return answer_json(_whole(way, queries.get_resource(db.session(), way.kind, id_)))


def _whole(way: Way, row: Any) -> dict[str, Any]:
    named = [one.key for one in keys.list_keys(db.session(), way.kind, row.id)]
    return way.shape(row) | way.details(row) | {"keys": named}


def _create(way: Way) -> Response:
    """Make a resource."""

    def work(body: Any) -> Answer:
        return _whole(way, way.create(_change(), body))

    return once(work, status=201)


def _update(way: Way, id_: UUID) -> Response:
    """Change what is named; all of it or nothing."""

    def work(body: Any) -> Answer:
        # Locked before it is read: what is not named stays as it is now, not as it was.
        way.patch(_change(), services.open_row(db.session(), _change(), way.kind, id_), body)
        return _whole(way, queries.get_resource(db.session(), way.kind, id_))

    return once(work)


def _delete(way: Way, id_: UUID) -> Response:
    """Delete a resource that nothing hangs on, else archive it."""
    asked = read_query(forms.DeleteQuery, request.args)
    check_company(asked.companyId)
    if asked.revision is not None:
        services.open_row(db.session(), _change(), way.kind, id_, revision=asked.revision)
    is_deleted = services.delete(db.session(), _change(), way.kind, id_)
    return answer_json({"id": str(id_), "action": "deleted" if is_deleted else "archived"})


def add_way(way: Way) -> None:
    """Give a type its addresses."""
    plural, read, write = PLURALS[way.kind], Scope.READ, Scope.WRITE
    rules: list[tuple[str, str, str, Callable[..., Response], Scope]] = [
        (f"/{plural}", f"list_{plural}", "GET", _list, read),
        (f"/{plural}", f"create_{way.kind}", "POST", _create, write),
        (f"/{plural}/<uuid:id_>", f"show_{way.kind}", "GET", _show, read),
        (f"/{plural}/<uuid:id_>", f"update_{way.kind}", "PATCH", _update, write),
        (f"/{plural}/<uuid:id_>", f"delete_{way.kind}", "DELETE", _delete, write),
    ]
    for rule, endpoint, method, function, scope in rules:
        blueprint.add_url_rule(rule, endpoint, requires_scope(scope)(partial(function, way)), methods=[method])


def change_archived(change: Change, kind: ResourceType, row: Any, *, wanted: bool | None) -> None:
    """Archive a resource, or bring it back, where that is asked for."""
    if wanted is True:
        services.archive(db.session(), change, kind, row.id)
    elif wanted is False:
        services.unarchive(db.session(), change, kind, row.id)


# --- campaigns -------------------------------------------------------------------------------------


def _create_campaign(change: Change, body: Any) -> Any:
    new = forms.read(forms.NewCampaign, body)
    row, _ = campaigns.create_campaign(db.session(), change, uuid7(), new.values())
    return row


def _patch_campaign(change: Change, row: Any, body: Any) -> None:
    patch = forms.read(forms.CampaignPatch, body)
    verb = campaigns.verb_to(row, patch.status) if patch.status is not None else None
    campaigns.edit_campaign(
        db.session(), change, row.id, patch.merge(campaigns.values_of(row)), revision=patch.revision
    )  # fmt: skip
    if verb is not None:
        campaigns.move_campaign(db.session(), change, row.id, verb, reason=patch.reason)
    change_archived(change, ResourceType.CAMPAIGN, row, wanted=patch.archived)


add_way(Way(ResourceType.CAMPAIGN, shapes.campaign, _create_campaign, _patch_campaign))


# --- templates -------------------------------------------------------------------------------------


def _create_template(change: Change, body: Any) -> Any:
    new = forms.read(forms.NewTemplate, body)
    row, _ = templates.create_template(db.session(), change, uuid7(), new.values(), note=new.note)
    return row


def _patch_template(change: Change, row: Any, body: Any) -> None:
    patch = forms.read(forms.TemplatePatch, body)
    values = patch.merge(templates.values_of(row))
    templates.edit_template(db.session(), change, row.id, values, revision=patch.revision, note=patch.note)
    change_archived(change, ResourceType.TEMPLATE, row, wanted=patch.archived)


add_way(Way(ResourceType.TEMPLATE, shapes.template, _create_template, _patch_template, shapes.template_texts))


# --- domains ---------------------------------------------------------------------------------------


def _create_domain(change: Change, body: Any) -> Any:
    new = forms.read(api_domains.NewDomain, body)
    row, _ = domains.create_domain(db.session(), change, uuid7(), new.values())
    return row


def _patch_domain(change: Change, row: Any, body: Any) -> None:
    patch = forms.read(api_domains.DomainPatch, body)
    domains.edit_domain(db.session(), change, row.id, patch.merge(domains.values_of(row)), revision=patch.revision)
    change_archived(change, ResourceType.DOMAIN, row, wanted=patch.archived)


def _domain_records(row: Any) -> dict[str, Any]:
    expected, check = domains.records_of(row), domain_queries.list_newest(db.session(), [row.id]).get(row.id)
    findings = restore(domain_queries.findings_of(check), expected) if check else ()
    return {"records": [shapes.domain_record(one) for one in make_records(expected, findings)]}


add_way(Way(ResourceType.DOMAIN, shapes.domain, _create_domain, _patch_domain, _domain_records))


# --- mailboxes -------------------------------------------------------------------------------------


def _create_mailbox(change: Change, body: Any) -> Any:
    new = forms.read(api_mailboxes.NewMailbox, body)
    row, _ = mailboxes.create_mailbox(db.session(), change, uuid7(), new.values(), new.status)
    return row


def _patch_mailbox(change: Change, row: Any, body: Any) -> None:
    patch = forms.read(api_mailboxes.MailboxPatch, body)
    verb = mailboxes.verb_to(row, patch.status) if patch.status not in {None, row.status} else None
    mailboxes.edit_mailbox(
        db.session(), change, row.id, patch.merge(mailboxes.values_of(row)), revision=patch.revision
    )  # fmt: skip
    if verb is not None:
        mailboxes.move_mailbox(db.session(), change, row.id, verb, reason=patch.reason)
    change_archived(change, ResourceType.MAILBOX, row, wanted=patch.archived)


def _mailbox_allowance(row: Any) -> dict[str, Any]:
    today = g.key.company.day_of(g.now)
    sends = mailbox_queries.list_sends(db.session(), g.key.company.id, [row.id], today).get(row.id, {})
    return {"allowance": shapes.allowance(make_allowance(row, sends, today))}


add_way(Way(ResourceType.MAILBOX, shapes.mailbox, _create_mailbox, _patch_mailbox, _mailbox_allowance))
