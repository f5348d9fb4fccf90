"""Reading an SPF record (RFC 7208): its terms, and what is wrong with how they are written."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

from dashboard.dns.answers import Answer, Question
from dashboard.dns.names import plain
from dashboard.dns.tags import shorten

VERSION = "v=spf1"
COSTLY = frozenset({"include", "a", "mx", "ptr", "exists", "redirect"})
_DIRECTIVE = re.compile(r"([+\-~?]?)(all|include|a|mx|ptr|ip4|ip6|exists)(?:(?=[:/])(.*))?", re.IGNORECASE)
_MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9_.\-]*)=(.*)")
_LENGTHS = re.compile(r"(.*?)(?:/(\d{1,2}))?(?://(\d{1,3}))?")
_NAME = re.compile(r"(?=.{1,253}$)([A-Za-z0-9_-]{1,63}\.)+[A-Za-z0-9-]{1,63}\.?")
_NEEDS_NAME = frozenset({"include", "exists", "redirect"})


@dataclass(frozen=True, slots=True)
class Term:
    """A mechanism or a modifier; `target` is the name it leads to, '' for the record's own."""

    text: str
    name: str
    target: str = ""
    qualifier: str = "+"
    is_modifier: bool = False
    problem: str = ""

    @property
    def has_macro(self) -> bool:
        """Whether the name is only known when a mail comes (RFC 7208, section 7)."""
        return "%" in self.target

    @property
    def costs(self) -> bool:
        """Whether a receiver must look something up for it."""
        return self.name in COSTLY and not self.problem


def is_spf(text: str) -> bool:
    """Say whether a text is an SPF record: `v=spf1` alone, or with a space behind it."""
    return text.lower() == VERSION or text.lower().startswith(f"{VERSION} ")


def looks_like_spf(text: str) -> bool:
    """Say whether a text was meant as an SPF record, but no receiver takes it for one."""
    return not is_spf(text) and text.strip("\"' \t").lower().startswith(("v=spf", "spf1"))


def read_terms(text: str) -> tuple[Term, ...]:
    """Return the terms behind the version, in their order."""
    return tuple(_read(part) for part in text.split(" ")[1:] if part)


def follow_ups(answer: Answer) -> Iterable[Question]:
    """Return what a check will ask for next because of an SPF record, so that it can be asked for ahead."""
    for text in answer.values if answer.type == "TXT" else ():
        for term in read_terms(text) if is_spf(text) else ():
            if term.name in {"include", "redirect"} and term.costs and not term.has_macro:
                yield Question(plain(term.target), "TXT")


def _read(text: str) -> Term:
    directive = _DIRECTIVE.fullmatch(text)
    if directive:
        return _read_mechanism(text, directive[1] or "+", directive[2].lower(), directive[3] or "")
    modifier = _MODIFIER.fullmatch(text)
    if modifier is None:
        return Term(text, "", problem=f"“{shorten(text)}” is not a mechanism that SPF knows.")
    name, value = modifier[1].lower(), modifier[2]
    problem = _wrong_name(text, value) if name == "redirect" else ""
    return Term(text, name, value, is_modifier=True, problem=problem)


def _read_mechanism(text: str, qualifier: str, name: str, rest: str) -> Term:
    if name == "all":
        return Term(
            text, name, qualifier=qualifier, problem=f"“{shorten(text)}” has something behind all." if rest else ""
        )
    if name in {"ip4", "ip6"}:
        return Term(text, name, qualifier=qualifier, problem=_wrong_network(text, name, rest))
    value, is_wrong = rest.removeprefix(":"), rest == ":" and name in {"a", "mx"}
    if name in {"a", "mx"}:
        value, is_wrong = _without_lengths(value, is_wrong=is_wrong)
    problem = f"“{shorten(text)}” is not written as it should be." if is_wrong else ""
    if value or name in _NEEDS_NAME:
        problem = problem or _wrong_name(text, value)
    return Term(text, name, value, qualifier, problem=problem)


def _without_lengths(value: str, *, is_wrong: bool) -> tuple[str, bool]:
    """Return the name before /24//64, and whether the lengths are out of range or not numbers."""
    found = _LENGTHS.fullmatch(value)
    if found is None or ("/" in found[1] and "%" not in found[1]):
        return value.partition("/")[0], True
    return found[1], is_wrong or int(found[2] or 0) > 32 or int(found[3] or 0) > 128


def _wrong_name(text: str, value: str) -> str:
    if "%" in value or _NAME.fullmatch(value):
        return ""
    return f"“{shorten(text)}” names no domain." if not value else f"“{shorten(text)}” does not name a domain properly."


def _wrong_network(text: str, name: str, rest: str) -> str:
    network = ipaddress.IPv4Network if name == "ip4" else ipaddress.IPv6Network
    try:
        network(rest[1:] if rest.startswith(":") else "", strict=False)
    except ValueError:
        return f"“{shorten(text)}” does not name an address or network of {'IPv4' if name == 'ip4' else 'IPv6'}."
    return ""
