"""Reading a DMARC record (RFC 7489), the registered domain's where there is none, and what aligns with it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dashboard.dns.answers import Answer, LookUp
from dashboard.dns.names import organisational_domain, plain
from dashboard.dns.tags import Tags, read_tags, shorten

POLICIES = ("none", "quarantine", "reject")
MAX_ADDRESS = 300  # characters; the time that a longer one takes to refuse grows with its square
_MAILTO = re.compile(r"mailto:[^@\s,!]+@[^@\s,!]+\.[^@\s,!]+(![0-9]+[kmgt]?)?", re.IGNORECASE)
_VERSION = re.compile(r"v\s*=\s*DMARC1\s*(;|$)")
_KNOWN = frozenset(["v", "p", "sp", "np", "pct", "rua", "ruf", "adkim", "aspf", "fo", "ri", "rf", "psd", "t"])


@dataclass(frozen=True, slots=True)
class DmarcReport:
    """What holds for a domain; `host` is where the record stands, '' where there is none.

    `policy` is what receivers are asked to do with this very domain: sp of a registered domain's record, else p.
    """

    host: str = ""
    texts: tuple[str, ...] = ()
    is_inherited: bool = False
    policy: str = ""
    percent: int = 100
    reports_to: tuple[str, ...] = ()
    is_strict_dkim: bool = False
    is_strict_spf: bool = False
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    unknown: str = ""


def examine(domain: str, look_up: LookUp) -> DmarcReport:
    """Return the domain's own record, or the one it inherits."""
    own = look_up(f"_dmarc.{domain}", "TXT")
    parent = organisational_domain(domain)
    if own.is_unknown:
        return DmarcReport(unknown=_could_not(own))
    if _records(own) or parent == domain:
        return _report(own, is_inherited=False)
    inherited = look_up(f"_dmarc.{parent}", "TXT")
    if inherited.is_unknown:
        return DmarcReport(unknown=_could_not(inherited))
    return _report(inherited, is_inherited=True) if _records(inherited) else _report(own, is_inherited=False)


def is_aligned(from_domain: str, other: str, *, is_strict: bool) -> bool:
    """Say whether a return path, or the d= of a signature, counts for the domain in From (RFC 7489, section 3.1)."""
    mine, theirs = plain(from_domain), plain(other)
    if is_strict:
        return mine == theirs
    return organisational_domain(mine) == organisational_domain(theirs)


def _report(answer: Answer, *, is_inherited: bool) -> DmarcReport:
    texts = _records(answer)
    if not texts:
        near = tuple(text for text in answer.values if "dmarc" in text.lower())
        error = "There is a text, but a DMARC record must begin with v=DMARC1."
        return DmarcReport(texts=near, errors=(error,) if near else ())
    if len(texts) > 1:
        error = f"There are {len(texts)} DMARC records; receivers then use none of them."
        return DmarcReport(answer.name, texts, is_inherited, errors=(error,))
    return _read(answer.name, texts[0], is_inherited=is_inherited)


def _read(host: str, text: str, *, is_inherited: bool) -> DmarcReport:
    tags = read_tags(text)
    errors, warnings = (
        list(tags.problems),
        [f"The tag {tag} is not known." for tag, _ in tags.pairs if tag not in _KNOWN],
    )
    policy = _read_policy(tags, errors, is_inherited=is_inherited)
    percent = _read_percent(tags, errors)
    addresses = tuple(one.strip() for one in tags.get("rua").split(",") if one.strip())
    wrong = [one for one in (*addresses, *tags.get("ruf").split(",")) if one.strip() and not _is_address(one.strip())]
    errors += [f"“{shorten(one.strip())}” is not an address of the form mailto:name@domain." for one in wrong]
    if policy in {"quarantine", "reject"} and percent < 100:
        warnings.append(f"The policy holds for {percent} % of the mail only.")
    return DmarcReport(
        host, (text,), is_inherited, policy, percent, addresses,
        tags.get("adkim").lower() == "s", tags.get("aspf").lower() == "s", tuple(errors), tuple(warnings),
    )  # fmt: skip


def _is_address(text: str) -> bool:
    return len(text) <= MAX_ADDRESS and _MAILTO.fullmatch(text) is not None


def _read_policy(tags: Tags, errors: list[str], *, is_inherited: bool) -> str:
    policy = tags.get("p").lower()
    if not tags.has("p"):
        errors.append("The policy is missing: add p=none, p=quarantine or p=reject.")
    errors += [
        f"{tag}={shorten(tags.get(tag))} is not a policy; use none, quarantine or reject."
        for tag in ("p", "sp", "np")
        if tags.has(tag) and tags.get(tag).lower() not in POLICIES
    ]
    errors += [
        f"{tag} must be r or s."
        for tag in ("adkim", "aspf")
        if tags.has(tag) and tags.get(tag).lower() not in {"r", "s"}
    ]
    return tags.get("sp").lower() if is_inherited and tags.has("sp") else policy


def _read_percent(tags: Tags, errors: list[str]) -> int:
    text = tags.get("pct", "100")
    if text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= 100:
        return int(text)
    errors.append("pct must be a number from 0 to 100.")
    return 100


def _records(answer: Answer) -> tuple[str, ...]:
    return tuple(text for text in answer.values if _VERSION.match(text))


def _could_not(answer: Answer) -> str:
    return f"{answer.name} could not be asked: {answer.reason or 'no answer'}."
