"""Domains: their list and pages, the records to publish with what was found, and the history of their checks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from dashboard.blueprints.live import fragment
from dashboard.blueprints.paging import next_cursor, read_position
from dashboard.blueprints.registers import TABS, Desk, add_views, archive_verb, change, get_row, show_numbers
from dashboard.dns.findings import Cost, Finding
from dashboard.dns.kept import restore
from dashboard.dns.rules import bulk_rules, summary
from dashboard.dns.senders import PROVIDERS, asks_for, title_of, usual
from dashboard.dns.zone import zone_text
from dashboard.errors import Invalid
from dashboard.extensions import db
from dashboard.forms.domains import DomainForm
from dashboard.models import Domain
from dashboard.models.domains import DomainStatus
from dashboard.permissions import Action, requires
from dashboard.presenters.domains import count_standings, make_history, make_records, make_told
from dashboard.presenters.resources import ResourceRow
from dashboard.queries import companies
from dashboard.queries import domains as queries
from dashboard.services import domains as services
from dashboard.services.resources import Overtaken
from dashboard.vocabulary.analytics import Days, ResourceType

blueprint = Blueprint("domains", __name__, url_prefix="/c/<slug:slug>/domains")

ENTRIES = 30
RULE_DAYS = 30  # of the complaint rate
SLOW = timedelta(minutes=1)  # for so long a check may wait before the page says that nobody works


def _cells(row: Domain) -> Sequence[object]:
    status = "archived" if row.archived_at else row.status.value
    checked = row.checked_at.isoformat(timespec="seconds") if row.checked_at else ""
    return row.name, status, " ".join(row.providers), row.tracks_replies, checked


def _standings(rows: list[ResourceRow]) -> dict[str, Any]:
    newest = queries.list_newest(db.session(), [one.row.id for one in rows])
    return {"counts_of": {id_: count_standings(queries.findings_of(check)) for id_, check in newest.items()}}


desk = Desk(
    ResourceType.DOMAIN, Action.DOMAIN_MANAGE, services.adopt_keys,
    ("Domain", "Status", "Providers", "Tracks replies", "Checked at"), _cells,
    "domains/index.html", "domains/show.html", {"archive": archive_verb(ResourceType.DOMAIN)}, _standings,
    (
        ("numbers", "figures", "Numbers"), ("records", "records", "Records"), ("history", "history", "Checks"),
        *TABS[1:],
    ),
    services.why_not, "figures",
)  # fmt: skip
add_views(blueprint, desk)


@blueprint.get("/<uuid:id_>")
@requires(Action.RESOURCE_VIEW)
def show(id_: UUID) -> Response | Redirect:
    """Show one domain: what is to be published while it is pending, and what its mail does later on."""
    if get_row(desk, id_).status is DomainStatus.PENDING:
        return redirect(url_for("domains.records", id_=id_))
    return show_numbers(desk, id_)


@blueprint.get("/<uuid:id_>/figures")
@requires(Action.RESOURCE_VIEW)
def figures(id_: UUID) -> Response:
    """Show the numbers of one domain, whatever its state."""
    return show_numbers(desk, id_)


# --- its records -----------------------------------------------------------------------------------


@blueprint.get("/<uuid:id_>/records")
@requires(Action.RESOURCE_VIEW)
def records(id_: UUID) -> str:
    """Show the records to publish, and what was found."""
    row = get_row(desk, id_)
    return render_template("domains/records.html", desk=desk, row=row, tab="records", **_found(row))


@blueprint.get("/<uuid:id_>/records/found")
@requires(Action.RESOURCE_VIEW)
def found(id_: UUID) -> Response:
    """Answer the part that changes with a check; it asks for itself again while one is awaited."""
    row = get_row(desk, id_)
    return fragment(render_template("domains/_records.html", desk=desk, row=row, **_found(row)))


def _found(row: Domain) -> dict[str, Any]:
    session, company = db.session(), g.member.company
    expected, check = services.records_of(row), queries.list_newest(session, [row.id]).get(row.id)
    findings = restore(queries.findings_of(check), expected) if check else ()
    today = company.day_of(g.now)
    rate = queries.get_complaint_rate(session, company.id, row, Days(today - timedelta(days=RULE_DAYS - 1), today))
    rules = bulk_rules(findings, complaint_rate=rate, has_one_click=None) if check else ()
    return {
        "records": make_records(expected, findings), "told": make_told(findings), "spf": _spf(findings),
        "counts": count_standings(queries.findings_of(check)) if check else None,
        "rules": rules, "met": summary(rules), "is_demo": companies.is_demo(session, company.id),
        "is_waiting": services.is_waiting(row), "is_slow": bool(row.asked_at and g.now - row.asked_at > SLOW),
        "title_of": title_of,
    }  # fmt: skip


def _spf(findings: Sequence[Finding]) -> tuple[int, tuple[Cost, ...]] | None:
    """Return how many look-ups the SPF record needs, and who costs what."""
    return next(((one.look_ups, one.costs) for one in findings if one.look_ups is not None), None)


@blueprint.get("/<uuid:id_>/records.zone")
@requires(Action.RESOURCE_VIEW)
def zone(id_: UUID) -> Response:
    """Send the records as lines of a BIND zone."""
    row: Domain = get_row(desk, id_)
    headers = {"Content-Disposition": f'attachment; filename="{row.name}.zone"'}
    text = zone_text(row.name, services.records_of(row))
    return Response(text, content_type="text/plain; charset=utf-8", headers=headers)


@blueprint.post("/<uuid:id_>/check")
@requires(Action.DOMAIN_MANAGE)
def check(id_: UUID) -> Redirect:
    """Have the records looked up by the worker; the page follows it."""
    if companies.is_demo(db.session(), g.member.company.id):
        flash("This is the demo: no name is looked up in the DNS. Below stands what was found last.")
    else:
        services.ask_check(db.session(), change(), id_)
    return redirect(url_for("domains.records", id_=id_), 303)


@blueprint.get("/<uuid:id_>/history")
@requires(Action.RESOURCE_VIEW)
def history(id_: UUID) -> str:
    """Show what its checks found, and when that changed."""
    row, asked = get_row(desk, id_), ("checks", str(id_))
    position = read_position(asked)
    after = (datetime.fromisoformat(position[0]), UUID(position[1])) if position else None
    checks = queries.list_checks(db.session(), id_, limit=ENTRIES + 1, after=after)
    page, more = checks[:ENTRIES], next(iter(checks[ENTRIES:]), None)
    cursor = next_cursor(asked, (page[-1].first_at.isoformat(), str(page[-1].id))) if more else None
    return render_template(
        "domains/history.html", desk=desk, row=row, tab="history", is_first=position is None, cursor=cursor,
        checks=make_history([(one, queries.findings_of(one)) for one in page], more),
    )  # fmt: skip


# --- making and changing ---------------------------------------------------------------------------


@blueprint.get("/new")
@requires(Action.DOMAIN_MANAGE)
def new() -> str:
    """Show an empty form."""
    return _form(DomainForm.empty(request.args.get("name", "")[:253]))


@blueprint.post("")
@requires(Action.DOMAIN_MANAGE)
def create() -> Redirect | tuple[str, int]:
    """Add a domain."""
    form = DomainForm()
    if not form.validate_on_submit():
        return _form(form), 422
    try:
        row, is_new = services.create_domain(db.session(), change(), form.new_id, form.values)
    except Invalid as error:
        form.take(error)
        return _form(form), 422
    if is_new:
        flash(f"{row.title} was added. Publish the records below; Sendscope looks for them regularly.")
    return redirect(url_for("domains.records", id_=row.id), 303)


@blueprint.get("/<uuid:id_>/edit")
@requires(Action.DOMAIN_MANAGE)
def edit(id_: UUID) -> str:
    """Show the form of a domain."""
    row = get_row(desk, id_)
    return _form(DomainForm.of(row), row)


@blueprint.post("/<uuid:id_>/edit")
@requires(Action.DOMAIN_MANAGE)
def update(id_: UUID) -> Redirect | tuple[str, int]:
    """Change who sends for a domain."""
    row, form = get_row(desk, id_), DomainForm()
    form.name.data = row.name
    if not form.validate_on_submit():
        return _form(form, row), 422
    try:
        services.edit_domain(db.session(), change(), id_, form.values, revision=form.seen_revision)
    except Overtaken as error:
        form.revision.data = str(error.row.revision)
        return _form(form, error.row, saved=DomainForm.of(error.row)), 409
    flash("Saved.")
    return redirect(url_for("domains.records", id_=id_), 303)


def _form(form: DomainForm, row: Domain | None = None, *, saved: DomainForm | None = None) -> str:
    return render_template(
        "domains/form.html", form=form, row=row, saved=saved, tab="edit", desk=desk, providers=PROVIDERS,
        asks_for=asks_for, usual=usual,
    )  # fmt: skip
