"""What the pages of campaigns, templates, domains and mailboxes share: a list, its file, keys, and a resource's end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirect

from dashboard.blueprints.live import polled, read_live_of, stamp
from dashboard.blueprints.paging import next_cursor, read_position
from dashboard.database.engine import Engines, Mode
from dashboard.database.session import open_session
from dashboard.errors import Fault, Invalid
from dashboard.extensions import db, engines
from dashboard.forms.resources import KeyForm, ListView, ReasonForm, read_ids, read_list
from dashboard.models.companies import AUTO_REGISTER
from dashboard.permissions import Action, requires
from dashboard.presenters.resources import (
    CALLED_COLUMNS,
    ResourceRow,
    make_breakdown,
    make_rows,
    show_entry,
    stream_list,
)
from dashboard.queries import activity, breakdowns, companies, keys
from dashboard.queries import resources as queries
from dashboard.services import exports, features
from dashboard.services import resources as services
from dashboard.services.resources import Change
from dashboard.vocabulary.analytics import Days, ResourceType
from dashboard.vocabulary.resources import ARCHIVED, PLURALS, ListFilter

PAGE = 25
CHUNK = 500  # rows of a file that are read at once
ENTRIES = 50
MOST_REASONS = 5  # why keys were not adopted
MOST_LED = 20  # rows that are led to another page

TABS = (
    ("numbers", "show", "Numbers"), ("breakdown", "breakdown", "Breakdown"), ("activity", "activity", "Activity"),
    ("keys", "keys", "Keys"), ("edit", "edit", "Settings"),
)  # fmt: skip

Done = tuple[int, int]  # how many were changed, how many were left as they are


@dataclass(frozen=True, slots=True)
class Verb:
    """Something that can be done to many at once."""

    label: str
    done: str  # "paused"
    work: Callable[[Session, Change, Sequence[UUID], str], Done] | None  # None: it only leads to a page
    asks_reason: bool = False
    is_dangerous: bool = False
    leads_to: str = ""  # the endpoint of that page


@dataclass(frozen=True, slots=True)
class Desk:
    """What is particular of a type's pages."""

    kind: ResourceType
    manage: Action
    adopt: Callable[[Session, Change, list[str]], Sequence[Any]]
    columns: tuple[str, ...]  # of its file, before the numbers
    cells: Callable[[Any], Sequence[object]]
    list_page: str  # names of templates
    page: str
    verbs: dict[str, Verb] = field(default_factory=dict)
    extras: Callable[[list[ResourceRow]], dict[str, Any]] = lambda _rows: {}  # what its list shows beside
    tabs: tuple[tuple[str, str, str], ...] = TABS  # name, endpoint, text
    why_not: Callable[[Session, str], str | None] = lambda _session, _key: None  # why a key cannot be adopted
    front: str = "show"  # the endpoint of the page with its numbers

    @property
    def plural(self) -> str:
        """The word in its addresses, which is the name of its blueprint and of its templates' folder."""
        return PLURALS[self.kind]


def change() -> Change:
    """Return who changes something, and when."""
    return Change(g.member.company, g.member.actor, g.now)


def add_views(blueprint: Blueprint, desk: Desk) -> None:
    """Give the blueprint of a type the pages that all types have."""
    view, manage = Action.RESOURCE_VIEW, desk.manage
    rules: list[tuple[str, str, str, Callable[..., Any], Action]] = [
        ("", "index", "GET", _index, view),
        ("/csv", "download", "POST", _download, Action.EXPORT_MAKE),
        ("/bulk", "bulk", "POST", _bulk, manage),
        ("/seen", "seen", "GET", _seen, view),
        ("/seen/notice", "notice", "GET", _notice, view),
        ("/seen", "adopt", "POST", _adopt, manage),
        ("/seen/automatic", "automatic", "POST", _automatic, Action.COMPANY_MANAGE),
        ("/<uuid:id_>/breakdown", "breakdown", "GET", _breakdown, view),
        ("/<uuid:id_>/activity", "activity", "GET", _activity, view),
        ("/<uuid:id_>/keys", "keys", "GET", _keys, view),
        ("/<uuid:id_>/keys", "add_key", "POST", _add_key, manage),
        ("/<uuid:id_>/keys/remove", "remove_key", "POST", _remove_key, manage),
        ("/<uuid:id_>/merge", "merge", "POST", _merge, manage),
        ("/<uuid:id_>/archive", "archive", "POST", _archive, manage),
        ("/<uuid:id_>/unarchive", "unarchive", "POST", _unarchive, manage),
        ("/<uuid:id_>/delete", "confirm_delete", "GET", _confirm_delete, manage),
        ("/<uuid:id_>/delete", "delete", "POST", _delete, manage),
    ]
    for rule, endpoint, method, function, action in rules:
        blueprint.add_url_rule(rule, endpoint, requires(action)(partial(function, desk)), methods=[method])
    blueprint.add_url_rule("/<uuid:id_>/numbers", "numbers", requires(view)(polled(partial(_numbers, desk))))


# --- the list --------------------------------------------------------------------------------------


def _index(desk: Desk) -> str:
    """List the resources of the type."""
    shown = _read_list(desk)
    asked, session = shown.asked, db.session()
    found = queries.list_resources(session, asked, shown.chosen.days, limit=PAGE + 1, after=_position(shown))
    rows = _rows(session, g.member.company.id, asked, shown.chosen.days, found[:PAGE])
    return render_template(
        desk.list_page, desk=desk, shown=shown, rows=rows, counts=queries.count_by_status(session, asked),
        cursor=_cursor(shown, found), is_first="cursor" not in request.args, archived=ARCHIVED,
        called_columns=CALLED_COLUMNS, **desk.extras(rows),
    )  # fmt: skip


def _read_list(desk: Desk) -> ListView:
    return read_list(request.values, desk.kind, today=g.member.company.day_of(g.now))


def _rows(
    session: Session, company_id: int, asked: ListFilter, days: Days, found: Sequence[queries.Listed]
) -> list[ResourceRow]:
    numbers = keys.get_numbers(session, company_id, asked.type, [one.row.id for one in found], days)
    return make_rows([one.row for one in found], numbers)


def _position(shown: ListView) -> queries.Position | None:
    """Return where the page begins; instants and ids travel as text."""
    position = read_position(_question(shown))
    if position is None:
        return None
    value, id_ = position
    if shown.asked.sort == "created":
        value = UUID(value)
    elif shown.asked.sort == "changed":
        value = datetime.fromisoformat(value)
    return queries.Position(value, UUID(id_))


def _cursor(shown: ListView, found: Sequence[queries.Listed]) -> str | None:
    if len(found) <= PAGE:
        return None
    last = found[PAGE - 1].position
    value = str(last.value) if isinstance(last.value, (datetime, UUID)) else last.value
    return next_cursor(_question(shown), (value, str(last.id)))


def _question(shown: ListView) -> object:
    """Return what a cursor belongs to; the days count only where they decide the order."""
    return (shown.asked, shown.chosen.days if shown.asked.sort == queries.SENT else None)


def _download(desk: Desk) -> Response:
    """Send the list as a file. It is asked for by POST, because each file leaves an entry in the audit log."""
    shown, company = _read_list(desk), g.member.company
    db.session.rollback()  # the entry is written in a transaction of its own
    exports.note_list(engines(), company.id, shown.asked, actor=g.member.actor, now=g.now)
    days = shown.chosen.days
    name = f"sendscope_{company.slug}_{desk.plural}_{days.start}_{days.end}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Accel-Buffering": "no"}
    body = stream_file(engines(), company.id, desk, shown)
    return Response(body, content_type="text/csv; charset=utf-8", headers=headers, direct_passthrough=True)


def stream_file(engines: Engines, company_id: int, desk: Desk, shown: ListView) -> Iterator[bytes]:
    """Yield the file's bytes, from one transaction."""
    with open_session(engines, Mode.READ, company_id) as session:
        yield from stream_list(desk.columns, _chunks(session, company_id, desk, shown))


def _chunks(
    session: Session, company_id: int, desk: Desk, shown: ListView
) -> Iterator[list[tuple[Sequence[object], ResourceRow]]]:
    after, days = None, shown.chosen.days
    while found := queries.list_resources(session, shown.asked, days, limit=CHUNK, after=after):
        rows = _rows(session, company_id, shown.asked, days, found)
        yield [(desk.cells(one.row), one) for one in rows]
        after = found[-1].position
        session.expunge_all()  # so that a long list does not stay in memory


# --- many at once ----------------------------------------------------------------------------------


def _bulk(desk: Desk) -> str | Redirect | tuple[str, int]:
    """Ask what is to be done to many; do it once that was confirmed."""
    shown, verb = _read_list(desk), desk.verbs.get(request.form.get("verb", ""))
    if verb is None:
        raise Invalid("Nothing was done.", fields=[Fault("verb", f"must be one of {', '.join(desk.verbs)}")])
    is_all = request.form.get("all") == "1"
    ids = queries.list_ids(db.session(), shown.asked) if is_all else read_ids(request.form.getlist("id"))
    form = ReasonForm()
    if not ids:
        flash("Nothing was selected.")
        return redirect(url_for(f"{desk.plural}.index", **shown.query()), 303)
    if verb.work is None:
        return redirect(url_for(verb.leads_to, id=[str(id_) for id_ in ids[:MOST_LED]]), 303)
    if "confirmed" in request.form and form.validate():
        return _do(desk, shown, verb, ids, form.reason.data or "")
    page = render_template(
        "registers/confirm.html", desk=desk, shown=shown, verb=verb, name=request.form["verb"], ids=ids,
        is_all=is_all, form=form, some=queries.list_by_ids(db.session(), desk.kind, ids[:8]),
    )  # fmt: skip
    return (page, 422) if form.errors else page


def _do(desk: Desk, shown: ListView, verb: Verb, ids: Sequence[UUID], reason: str) -> Redirect:
    assert verb.work is not None  # noqa: S101  # for the type checker
    done, left = verb.work(db.session(), change(), ids, reason)
    rest = f" {left:,} {'was' if left == 1 else 'were'} left as {'it is' if left == 1 else 'they are'}." if left else ""
    noun = desk.kind.value if done == 1 else desk.plural
    flash(f"{done:,} {noun} {'was' if done == 1 else 'were'} {verb.done}.{rest}")
    return redirect(url_for(f"{desk.plural}.index", **shown.query()), 303)


def archive_verb(kind: ResourceType) -> Verb:
    """Return the verb that all types have."""

    def work(session: Session, change: Change, ids: Sequence[UUID], _reason: str) -> Done:
        done = services.archive_many(session, change, kind, ids)
        return done, len(ids) - done

    return Verb("Archive", "archived", work, is_dangerous=True)


# --- keys seen in mail -----------------------------------------------------------------------------


def _list_seen(desk: Desk) -> list[keys.UnregisteredKey]:
    today = g.member.company.day_of(g.now)
    days = Days(today - timedelta(days=keys.UNREGISTERED_DAYS - 1), today)
    return keys.list_unregistered(db.session(), g.member.company.id, desk.kind, days)


def _seen(desk: Desk) -> str:
    """List the keys in the mail that name nothing."""
    is_automatic = companies.has_feature(db.session(), g.member.company.id, AUTO_REGISTER)
    return render_template(
        "registers/seen.html", desk=desk, rows=_list_seen(desk), days=keys.UNREGISTERED_DAYS, is_automatic=is_automatic
    )


def _automatic(desk: Desk) -> Redirect:
    """Switch on or off that what mail names is registered by itself."""
    is_on = request.form.get("on") == "1"
    features.set_feature(
        db.session(), g.member.company.id, AUTO_REGISTER, is_on=is_on, actor=g.member.actor, now=g.now
    )  # fmt: skip
    flash(
        "New keys are registered automatically now."
        if is_on
        else "New keys wait here now until somebody registers them."
    )
    return redirect(url_for(f"{desk.plural}.seen"), 303)


def _notice(desk: Desk) -> str:
    """Answer how many keys in the mail name nothing; asked for once the list is shown, for it reads much."""
    return render_template("registers/_notice.html", desk=desk, rows=_list_seen(desk))


def _adopt(desk: Desk) -> Redirect:
    """Register what was ticked, or all."""
    listed = [one.key for one in _list_seen(desk)]
    wanted = listed if request.form.get("all") == "1" else request.form.getlist("key")
    known = set(listed)
    chosen = [key for key in wanted if key in known]
    reasons = [reason for key in chosen if (reason := desk.why_not(db.session(), key))]
    made = desk.adopt(db.session(), change(), chosen)
    for reason in reasons[:MOST_REASONS]:
        flash(reason)
    if len(reasons) > MOST_REASONS:
        flash(f"{len(reasons) - MOST_REASONS:,} more were left for reasons like these.")
    flash(f"{len(made):,} {desk.kind.value if len(made) == 1 else desk.plural} registered. All numbers are as before.")
    return redirect(url_for(f"{desk.plural}.index"), 303)


# --- one resource ----------------------------------------------------------------------------------


def get_row(desk: Desk, id_: UUID) -> Any:
    """Return the resource that an address names."""
    return queries.get_resource(db.session(), desk.kind, id_)


def show_numbers(desk: Desk, id_: UUID, **more: Any) -> Response:
    """Show the page of one resource: its strip, chart and what happened."""
    row = get_row(desk, id_)
    if owner := _merged_into(desk, row):
        return Response(render_template("registers/merged.html", desk=desk, row=row, owner=owner, tab="numbers"))
    page = render_template(desk.page, desk=desk, row=row, live=_live(desk, row), tab="numbers", **more)
    return stamp(Response(page))


def _merged_into(desk: Desk, row: Any) -> Any:
    """Return what the resource's key names since it was merged; None while it names the resource."""
    owner = keys.find_owner(db.session(), desk.kind, row.resource_key) if row.archived_at else None
    return get_row(desk, owner) if owner not in {None, row.id} else None


def _numbers(desk: Desk, id_: UUID) -> Response:
    """Answer the live part of a resource's page; while it shows the newest version, lifecycle answers 304."""
    row = get_row(desk, id_)
    return stamp(Response(render_template("registers/_numbers.html", desk=desk, row=row, live=_live(desk, row))))


def _live(desk: Desk, row: Any) -> Any:
    fragment, address = (url_for(f"{desk.plural}.{name}", id_=row.id) for name in ("numbers", desk.front))
    return read_live_of(desk.kind, row.resource_key, fragment, address)


def _breakdown(desk: Desk, id_: UUID) -> str:
    """Show of what its numbers are made."""
    row = get_row(desk, id_)
    shown = _read_list(desk)
    names = [one.key for one in keys.list_keys(db.session(), desk.kind, id_)]
    found = breakdowns.list_parts(db.session(), g.member.company.id, desk.kind, names, shown.chosen.days)
    return render_template(
        "registers/breakdown.html", desk=desk, row=row, tab="breakdown", shown=shown, parts=make_breakdown(found)
    )


def _activity(desk: Desk, id_: UUID) -> str:
    """Show who did what."""
    row = get_row(desk, id_)
    asked = ("activity", desk.kind.value, str(id_))
    position = read_position(asked)
    after = (datetime.fromisoformat(position[0]), UUID(position[1])) if position else None
    found = activity.list_activity(db.session(), (desk.kind.value, str(id_)), limit=ENTRIES + 1, after=after)
    last = found[ENTRIES - 1] if len(found) > ENTRIES else None
    cursor = next_cursor(asked, (last.at.isoformat(), str(last.id))) if last else None
    return render_template(
        "registers/activity.html", desk=desk, row=row, tab="activity", is_first=position is None, cursor=cursor,
        entries=[show_entry(one) for one in found[:ENTRIES]],
    )  # fmt: skip


def _keys(desk: Desk, id_: UUID) -> str:
    """Show by what keys mail names it."""
    return _keys_page(desk, id_, _key_form(desk, is_filled=False))


def _keys_page(desk: Desk, id_: UUID, form: KeyForm, *, into: str = "", fault: str = "") -> str:
    row = get_row(desk, id_)
    known = keys.list_keys(db.session(), desk.kind, id_)
    return render_template(
        "registers/keys.html", desk=desk, row=row, tab="keys", known=known, form=form, into=into, fault=fault
    )


def _key_form(desk: Desk, *, is_filled: bool = True) -> KeyForm:
    form = KeyForm() if is_filled else KeyForm(formdata=None)
    form.kind = desk.kind
    return form


def _add_key(desk: Desk, id_: UUID) -> Redirect | tuple[str, int]:
    """Let a further key name it."""
    form = _key_form(desk)
    if not form.validate():
        return _keys_page(desk, id_, form), 422
    try:
        services.add_key(db.session(), change(), desk.kind, id_, form.key.data)
    except Invalid as error:
        form.take(error)
        return _keys_page(desk, id_, form), 422
    flash(f"Mail with the key {form.key.data} counts for it now.")
    return _to(desk, "keys", id_)


def _remove_key(desk: Desk, id_: UUID) -> Redirect:
    """Let a further key name nothing again."""
    services.remove_key(db.session(), change(), desk.kind, id_, request.form.get("key", ""))
    flash("The key was taken away.")
    return _to(desk, "keys", id_)


def _merge(desk: Desk, id_: UUID) -> str | Redirect | tuple[str, int]:
    """Let another resource take over all keys of this one, once that was confirmed: nothing undoes it."""
    into = request.form.get("into", "").strip()
    owner = queries.find_by_name_or_key(db.session(), desk.kind, into)
    if owner is None or owner == id_:
        fault = f"There is no other {desk.kind.value} with that name or key."
        return _keys_page(desk, id_, _key_form(desk, is_filled=False), into=into, fault=fault), 422
    if "confirmed" not in request.form:
        return _confirm_merge(desk, id_, owner, into)
    target = services.merge(db.session(), change(), desk.kind, id_, owner)
    flash(f"Its keys belong to {target.title} now; it was archived.")
    return _to(desk, "show", target.id)


def _confirm_merge(desk: Desk, id_: UUID, owner: UUID, into: str) -> str:
    known = keys.list_keys(db.session(), desk.kind, id_)
    return render_template(
        "registers/confirm_merge.html", desk=desk, row=get_row(desk, id_), target=get_row(desk, owner), into=into,
        names=[one.key for one in known],
    )  # fmt: skip


def _archive(desk: Desk, id_: UUID) -> Redirect:
    """Put it away."""
    row = services.archive(db.session(), change(), desk.kind, id_)
    flash(f"{row.title} was archived.")
    return _to(desk, "show", id_)


def _unarchive(desk: Desk, id_: UUID) -> Redirect:
    """Bring it back."""
    row = services.unarchive(db.session(), change(), desk.kind, id_)
    flash(f"{row.title} is back.")
    return _to(desk, "show", id_)


def _confirm_delete(desk: Desk, id_: UUID) -> str:
    """Ask, and say what hangs on it."""
    row = get_row(desk, id_)
    return render_template(
        "registers/confirm_delete.html", desk=desk, row=row, reasons=services.hangs_on(db.session(), desk.kind, row)
    )


def _delete(desk: Desk, id_: UUID) -> Redirect:
    """Delete it, or archive it where something hangs on it."""
    row = get_row(desk, id_)
    title = row.title
    is_deleted = services.delete(db.session(), change(), desk.kind, id_)
    flash(f"{title} was {'deleted' if is_deleted else 'archived'}.")
    return redirect(url_for(f"{desk.plural}.index"), 303)


def _to(desk: Desk, endpoint: str, id_: UUID) -> Redirect:
    return redirect(url_for(f"{desk.plural}.{endpoint}", id_=id_), 303)


def overtaken(form: Any, error: services.Overtaken, then: Any) -> None:
    """Prepare a form that came too late: it says so, and saving again replaces what is there now."""
    form.revision.data = str(error.row.revision)
    form.form_errors.append(f"{error.message} Below stands what you typed; beside it what is saved now. {then}".strip())
