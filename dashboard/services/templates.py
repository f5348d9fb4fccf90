"""Templates: making and editing them, their versions, whether they are in use, and adopting keys seen in mail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from dashboard.composing.drafts import Draft, find_obstacles
from dashboard.errors import Conflict, Invalid
from dashboard.models import Template, TemplateVersion
from dashboard.models.audit import MarkKind
from dashboard.queries import keys as key_queries
from dashboard.queries import resources as queries
from dashboard.queries import templates as template_queries
from dashboard.services import files, resources
from dashboard.services.resources import Change, Overtaken
from dashboard.vocabulary.analytics import ResourceType

KIND = ResourceType.TEMPLATE
VERSIONED = ("subject", "content", "text", "variables")  # what a version keeps


@dataclass(frozen=True, slots=True)
class TemplateValues:
    """What people choose of a template; checked by the form."""

    name: str
    key: str
    subject: str = ""
    content: str = ""
    text: str = ""
    category: str | None = None
    variables: list[str] = field(default_factory=list)
    samples: dict[str, str] = field(default_factory=dict)
    is_active: bool = False

    @property
    def draft(self) -> Draft:
        """What there is to render."""
        return Draft(self.subject, self.content, self.text, self.variables, self.samples)


def values_of(template: Template) -> TemplateValues:
    """Return what people chose of a template."""
    return TemplateValues(
        template.name, template.key, template.subject, template.content, template.text, template.category,
        list(template.variables), dict(template.samples), template.is_active,
    )  # fmt: skip


def create_template(
    session: Session, change: Change, id_: UUID, values: TemplateValues, *, note: str = ""
) -> tuple[Template, bool]:
    """Make a template under an id that its form brought; the second of two equal requests makes nothing.

    A missing key is made from the name. Raises Invalid for what is taken, and where it is to be used and cannot be.
    """
    _check_use(values)
    resources.lock_company(session, change)
    known = session.get(Template, (change.company.id, id_))
    if known is not None:
        return known, False
    values = replace(values, key=values.key or resources.free_key(session, KIND, values.name))
    resources.check_free(session, KIND, id_, name=values.name, key=values.key)
    template = Template(id=id_, **asdict(values))
    session.add(template)
    session.flush()  # its key refers to it
    resources.own_key(session, change, KIND, template, values.key)
    _keep_version(session, change, template, note)
    resources.finish(session, change, KIND, template, "create", values=_brief_all(values), reason=note)
    return template, True


def edit_template(
    session: Session, change: Change, id_: UUID, values: TemplateValues, *, revision: int | None, note: str = ""
) -> Template:
    """Change what people choose; what changes the mail makes a version, and a mark under the charts.

    An edit that comes twice is done once. Raises Overtaken, and Invalid as `create_template` does.
    """
    _check_use(values)
    try:
        template: Template = resources.open_row(session, change, KIND, id_, revision=revision)
    except Overtaken as error:
        if _with_key(values, error.row) == values_of(error.row):
            return error.row  # type: ignore[no-any-return]  # a row of any type
        raise
    return _save(session, change, template, _with_key(values, template), note)


def restore_version(session: Session, change: Change, id_: UUID, number: int) -> tuple[Template, bool]:
    """Say again what a version said, as a new version; say whether that changed anything.

    Raises Conflict where the template is in use and that version cannot be.
    """
    template: Template = resources.open_row(session, change, KIND, id_)
    old = template_queries.get_version(session, id_, number)
    values = replace(
        values_of(template), subject=old.subject, content=old.content, text=old.text, variables=list(old.variables)
    )
    faults = find_obstacles(values.draft) if template.is_active else []
    if faults:
        raise Conflict(f"Version {number} cannot be used: {faults[0].message} Deactivate the template first.")
    before = template.version
    _save(session, change, template, values, f"restored from version {number}")
    return template, template.version != before


def set_active(session: Session, change: Change, id_: UUID, *, is_active: bool) -> Template:
    """Use a template, or no more; raises Invalid naming what keeps it from being used."""
    template: Template = resources.open_row(session, change, KIND, id_)
    if template.archived_at is not None:
        raise Conflict(f"{template.name} is archived. Bring it back first.")
    if template.is_active != is_active:
        _check_use(replace(values_of(template), is_active=is_active))
        _switch(session, change, template, is_active=is_active)
        resources.tell_pages(session, change)
    return template


def set_active_many(session: Session, change: Change, ids: Iterable[UUID], *, is_active: bool) -> tuple[int, int]:
    """Use all that can be used, or none of them; return how many were changed and how many left as they are."""
    resources.lock_company(session, change)
    rows: list[Template] = queries.list_by_ids(session, KIND, set(ids))
    fitting = [
        row for row in rows
        if row.archived_at is None and row.is_active != is_active
        and not (is_active and find_obstacles(values_of(row).draft))
    ]  # fmt: skip
    for row in fitting:
        _switch(session, change, row, is_active=is_active)
    resources.tell_pages(session, change)
    return len(fitting), len(rows) - len(fitting)


def clone_values(session: Session, template: Template) -> TemplateValues:
    """Return what a copy would be made of: the same mail under a name and key of its own, not in use."""
    name = resources.free_name(session, KIND, f"{template.name[:86]} (copy)")
    key = resources.free_key(session, KIND, name)
    return replace(values_of(template), name=name, key=key, is_active=False)


def adopt_keys(session: Session, change: Change, keys: Iterable[str]) -> list[Template]:
    """Register templates for keys that were seen in mail; those that name one already are passed over.

    What the mail says is not known, so they are empty and not in use.
    """
    resources.lock_company(session, change)
    new = [key for key in dict.fromkeys(keys) if key_queries.find_owner(session, KIND, key) is None]
    made = [_adopt(session, change, key) for key in new]
    resources.tell_pages(session, change)
    return made


# --- within one transaction ------------------------------------------------------------------------


def _check_use(values: TemplateValues) -> None:
    """Raise Invalid where a template is to be used and cannot be; before anything is locked, as it may take a while."""
    faults = find_obstacles(values.draft) if values.is_active else []
    if faults:
        raise Invalid(f"It cannot be active. {faults[0].message}", code="template", fields=faults)


def _with_key(values: TemplateValues, template: Template) -> TemplateValues:
    return replace(values, key=values.key or template.key)


def _save(session: Session, change: Change, template: Template, values: TemplateValues, note: str) -> Template:
    resources.check_free(session, KIND, template.id, name=values.name, key=values.key)
    old_key, wanted = template.key, asdict(values)
    resources.change_own_key(session, change, KIND, template, wanted.pop("key"))
    is_new_version = any(getattr(template, name) != wanted[name] for name in VERSIONED)
    changes = resources.apply_edit(template, wanted)
    if template.key != old_key:
        changes["key"] = [old_key, template.key]
    if not changes:
        return template
    if is_new_version:
        template.version += 1
        _keep_version(session, change, template, note)
        _mark(session, change, template, note)
    shown = {name: [_brief(name, value) for value in pair] for name, pair in changes.items()}
    resources.finish(
        session, change, KIND, template, "edit", changes=shown, version=template.version, reason=note
    )  # fmt: skip
    return template


def _keep_version(session: Session, change: Change, template: Template, note: str) -> None:
    kept = {name: getattr(template, name) for name in VERSIONED}
    session.add(
        TemplateVersion(
            template_id=template.id, number=template.version, author=change.actor, note=note, created_at=change.now,
            **kept,
        )
    )  # fmt: skip
    files.note_uses(session, change.company.id, template.id, (template.content, template.text))


def _mark(session: Session, change: Change, template: Template, note: str) -> None:
    if template.version > 1:
        title = f"{template.name}: version {template.version}{f', {note}' if note else ''}"
        resources.add_mark(session, change, MarkKind.TEMPLATE, title, template, KIND)


def _switch(session: Session, change: Change, template: Template, *, is_active: bool) -> None:
    template.is_active = is_active
    template.revision += 1
    verb = "activate" if is_active else "deactivate"
    resources.record(session, change, KIND, template.id, verb, name=template.name)


def _adopt(session: Session, change: Change, key: str) -> Template:
    known: Template | None = resources.take_back(session, change, KIND, key)
    if known is not None:  # its key was merged and taken away, and mail came under it since
        return known
    template = Template(
        id=uuid7(), key=key, name=resources.free_name(session, KIND, key), subject="", content="", text="",
        samples={}, variables=[], version=0,
    )  # fmt: skip
    session.add(template)
    session.flush()  # its key refers to it
    resources.own_key(session, change, KIND, template, key)
    resources.record(session, change, KIND, template.id, "adopt", name=template.name, key=key)
    return template


def _brief_all(values: TemplateValues) -> dict[str, Any]:
    return {name: _brief(name, value) for name, value in asdict(values).items()}


def _brief(name: str, value: Any) -> Any:
    """Return a value as the audit log keeps it: of long texts how long they are, of samples how many."""
    if name in {"content", "text"}:
        return f"{len(value):,} characters"
    return f"{len(value):,} of its own" if name == "samples" else value
