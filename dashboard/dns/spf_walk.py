"""Following an SPF record as a receiver does: every look-up is counted, and who costs what is kept as a tree."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from dashboard.dns.answers import Answer, LookUp
from dashboard.dns.names import plain
from dashboard.dns.spf import Term, is_spf, looks_like_spf, read_terms

MAX_LOOK_UPS = 10
MAX_VOID = 2
MAX_STEPS = 40  # after so many there is no doubt, and no sense in asking on


@dataclass(frozen=True, slots=True)
class SpfNode:
    """A record or a mechanism, the look-ups that it costs with all below it, and what is below it."""

    text: str
    look_ups: int
    children: tuple[SpfNode, ...] = ()


@dataclass(frozen=True, slots=True)
class SpfReport:
    """What is known of a domain's SPF record; `errors` make receivers give up on it, `unknown` could not be asked."""

    texts: tuple[str, ...] = ()
    tree: SpfNode | None = None
    look_ups: int = 0
    void_look_ups: int = 0
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()  # all that are included, at any depth

    def includes(self, wanted: str) -> bool:
        """Say whether one of the alternatives is included, directly or through another."""
        return any(fnmatchcase(name, one) for name in self.names for one in wanted.lower().split("|"))


@dataclass(slots=True)
class _Walk:
    look_up: LookUp
    steps: int = 0
    look_ups: int = 0
    void: int = 0
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)


def examine(domain: str, look_up: LookUp) -> SpfReport:
    """Return what a receiver would find; a domain without any record has no texts."""
    answer = look_up(domain, "TXT")
    if answer.is_unknown:
        return SpfReport(unknown=(_could_not(domain, answer),))
    walk, texts = _Walk(look_up), _records(answer)
    if not texts:
        near = [text for text in answer.values if looks_like_spf(text)]
        errors = ("There is a text that looks like SPF, but it does not begin with “v=spf1 ”.",) if near else ()
        return SpfReport(tuple(near), errors=errors)
    if len(texts) > 1:
        return SpfReport(texts, errors=(f"There are {len(texts)} SPF records; receivers then use none of them.",))
    tree = _visit(walk, domain, texts[0], (plain(domain),))
    _check_limits(walk)
    return SpfReport(
        texts, tree, walk.look_ups, walk.void, tuple(dict.fromkeys(walk.errors)), tuple(dict.fromkeys(walk.warnings)),
        tuple(dict.fromkeys(walk.unknown)), frozenset(walk.names),
    )  # fmt: skip


def _visit(walk: _Walk, domain: str, text: str, path: tuple[str, ...]) -> SpfNode:
    """Count the record of a domain; `path` are the domains that led to it, itself the last."""
    before, terms = walk.look_ups, read_terms(text)
    where = "" if len(path) == 1 else f" (in the record of {domain})"
    walk.errors += [term.problem.removesuffix(".") + where + "." for term in terms if term.problem]
    if not text.isascii():
        walk.errors.append(f"There are letters outside of ASCII{where}.")
    _check_end(walk, terms, where, is_first=len(path) == 1)
    has_all = any(term.name == "all" for term in terms)
    children = tuple(
        _count(walk, term, domain, path) for term in terms if term.costs and not (has_all and term.name == "redirect")
    )
    return SpfNode(domain, walk.look_ups - before, children)


def _check_end(walk: _Walk, terms: tuple[Term, ...], where: str, *, is_first: bool) -> None:
    """Note what is wrong with how a record ends: `all` last and not +all, or one redirect."""
    mechanisms = [term for term in terms if not term.is_modifier]
    ends = [number for number, term in enumerate(mechanisms) if term.name == "all"]
    redirects = sum(term.name == "redirect" for term in terms)
    if redirects > 1:
        walk.errors.append(f"redirect is there {redirects} times{where}.")
    if ends and redirects and is_first:
        walk.warnings.append("redirect has no effect beside all.")
    if ends and ends[0] < len(mechanisms) - 1:
        walk.warnings.append(f"What stands behind all has no effect{where}; all must come last.")
    if ends and mechanisms[ends[0]].qualifier == "+":
        walk.errors.append(f"+all lets anybody send with this domain{where}.")
    if is_first and ends and mechanisms[ends[0]].qualifier == "?":
        walk.warnings.append("?all says nothing about other senders; use ~all.")
    if is_first and not ends and not redirects:
        walk.warnings.append("The record has no all at its end; add ~all.")
    if any(term.name == "ptr" for term in mechanisms):
        walk.warnings.append(f"ptr is slow and should no longer be used{where}.")


def _count(walk: _Walk, term: Term, domain: str, path: tuple[str, ...]) -> SpfNode:
    """Count one costly term, and all below it."""
    before = walk.look_ups
    walk.look_ups += 1
    walk.steps += 1
    children: tuple[SpfNode, ...] = ()
    if not term.has_macro and walk.steps <= MAX_STEPS:
        if term.name in {"include", "redirect"}:
            children = _descend(walk, term, path)
        elif term.name != "ptr":
            _probe(walk, term, plain(term.target) or domain)
    return SpfNode(term.text, walk.look_ups - before, children)


def _descend(walk: _Walk, term: Term, path: tuple[str, ...]) -> tuple[SpfNode, ...]:
    target = plain(term.target)
    walk.names.add(target)
    if target in path:
        walk.errors.append(f"The record leads in a circle: {' → '.join((*path[path.index(target) :], target))}.")
        return ()
    answer = walk.look_up(target, "TXT")
    if answer.is_unknown:
        walk.unknown.append(_could_not(target, answer))
        return ()
    texts = _records(answer)
    walk.void += answer.is_empty
    if len(texts) != 1:
        count = "no SPF record" if not texts else f"{len(texts)} SPF records"
        walk.errors.append(f"{term.text} leads to {count}; receivers then give up.")
        return ()
    return (_visit(walk, target, texts[0], (*path, target)),)


def _probe(walk: _Walk, term: Term, name: str) -> None:
    """Ask what an a, mx or exists asks, to learn whether there is anything."""
    answer = walk.look_up(name, "MX" if term.name == "mx" else "A")
    if answer.is_empty and term.name == "a":
        answer = walk.look_up(name, "AAAA")
    if answer.is_unknown:
        walk.unknown.append(_could_not(name, answer))
    if answer.is_empty:
        walk.void += 1


def _check_limits(walk: _Walk) -> None:
    if walk.look_ups > MAX_LOOK_UPS:
        count = f"more than {MAX_STEPS}" if walk.steps > MAX_STEPS else str(walk.look_ups)
        walk.errors.append(f"It needs {count} look-ups; receivers give up after {MAX_LOOK_UPS}. Remove includes.")
    if walk.void > MAX_VOID:
        walk.errors.append(f"{walk.void} look-ups lead to nothing; receivers give up after {MAX_VOID}.")


def _records(answer: Answer) -> tuple[str, ...]:
    return tuple(text for text in answer.values if is_spf(text))


def _could_not(name: str, answer: Answer) -> str:
    return f"{name} could not be asked: {answer.reason or 'no answer'}."
