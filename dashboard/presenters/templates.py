"""Templates as their editor shows them: variables with their values, what is weak, how long it is, what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard.composing.drafts import Draft, Look, look_at
from dashboard.composing.versions import Difference, compare_texts
from dashboard.models import Template, TemplateVersion

FULL_BYTES = 102_000  # Gmail shows no more


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable: how it stands with its declaration, and the value that the preview shows."""

    path: str
    state: str  # used, unused, undeclared
    sample: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What stands beside an editor; `frame` is the address of the preview, empty where there is none."""

    look: Look
    variables: tuple[Variable, ...]
    frame: str = ""

    @property
    def undeclared(self) -> tuple[str, ...]:
        """What blocks activating."""
        return self.look.comparison.undeclared


def make_outcome(draft: Draft) -> Outcome:
    """Return what a draft comes to, without the address of its frame."""
    look = look_at(draft)
    states = (
        ("undeclared", look.comparison.undeclared), ("used", look.comparison.used), ("unused", look.comparison.unused),
    )  # fmt: skip
    variables = tuple(
        Variable(path, state, look.samples.get(path, "")) for state, paths in states for path in paths
    )  # fmt: skip
    return Outcome(look, variables)


def draft_of(template: Template) -> Draft:
    """Return what a template says."""
    return Draft(template.subject, template.content, template.text, template.variables, template.samples)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a mail in two versions."""

    title: str
    difference: Difference


def compare_parts(old: Mapping[str, str], new: Mapping[str, str]) -> list[Part]:
    """Return the parts that differ."""
    parts = [Part(title, compare_texts(old[title], new[title])) for title in old]
    return [part for part in parts if not part.difference.is_empty]


def parts_of(subject: str, content: str, text: str, variables: Sequence[str]) -> dict[str, str]:
    """Return the parts of a mail by what they are called."""
    return {"Subject": subject, "HTML body": content, "Plain text": text, "Declared variables": "\n".join(variables)}


def compare_versions(old: TemplateVersion, new: TemplateVersion) -> list[Part]:
    """Return the parts in which two versions differ."""
    return compare_parts(*(parts_of(one.subject, one.content, one.text, one.variables) for one in (old, new)))
