"""A mail as its author works on it: what it comes to with sample values, what it uses, and what is weak about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dashboard.composing.liquid import Comparison, compare_variables, find_variables, render
from dashboard.composing.preview import make_preview
from dashboard.composing.samples import sample_texts, sample_values
from dashboard.composing.text import Size, make_text, measure
from dashboard.composing.warnings import Finding, find_weaknesses
from dashboard.errors import Fault, Invalid

# What the engine calls its texts → what authors call them.
_PATHS = {"body": "content", "values": "samples"}


@dataclass(frozen=True, slots=True)
class Draft:
    """What an author has written; `samples` are values by the path of a variable."""

    subject: str = ""
    content: str = ""
    text: str = ""
    variables: Sequence[str] = ()
    samples: Mapping[str, str] = field(default_factory=dict)


_NOTHING_USED, _NOTHING = Comparison((), (), ()), Size(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Look:
    """What a draft comes to. With faults nothing is rendered; variables are known wherever all texts can be read."""

    faults: tuple[Fault, ...] = ()
    comparison: Comparison = _NOTHING_USED
    samples: Mapping[str, str] = field(default_factory=dict)
    subject: str = ""
    document: str = ""  # for the sandboxed frame
    text: str = ""
    is_text_made: bool = False  # of the HTML, as none was written
    findings: tuple[Finding, ...] = ()
    html_size: Size = _NOTHING
    text_size: Size = _NOTHING


def look_at(draft: Draft) -> Look:
    """Render a draft with its samples, and judge it; never raises."""
    try:
        used = find_variables(draft.content, draft.subject, draft.text)
    except Invalid as error:
        return Look(faults=_renamed(error))
    comparison = compare_variables(used, draft.variables)
    paths = {*used, *comparison.unused}
    samples = sample_texts(paths, draft.samples)
    try:
        rendered = render(draft.subject, draft.content, sample_values(paths, draft.samples), draft.text)
    except Invalid as error:
        return Look(_renamed(error), comparison, samples)
    text = rendered.text if draft.text.strip() else make_text(rendered.html)
    return Look(
        (), comparison, samples, rendered.subject, make_preview(rendered.html), text, not draft.text.strip(),
        find_weaknesses(rendered.subject, rendered.html, rendered.text, used), measure(rendered.html), measure(text),
    )  # fmt: skip


def find_obstacles(draft: Draft) -> list[Fault]:
    """Find what keeps a draft from being used: texts that cannot be read, and variables that are not declared."""
    try:
        used = find_variables(draft.content, draft.subject, draft.text)
    except Invalid as error:
        return list(_renamed(error))
    missing = compare_variables(used, draft.variables).undeclared
    if not missing:
        return []
    return [Fault("variables", f"Used, but not declared: {', '.join(missing)}.")]


def _renamed(error: Invalid) -> tuple[Fault, ...]:
    return tuple(Fault(_PATHS.get(fault.path, fault.path), fault.message) for fault in error.fields)
