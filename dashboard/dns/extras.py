"""What is told of a domain without being asked for: who receives its mail, MTA-STS, TLS reports, BIMI."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from dashboard.dns.answers import Answer
from dashboard.dns.tags import Tags, read_tags

_ID = re.compile(r"[A-Za-z0-9]{1,32}")
_MODES = frozenset({"enforce", "testing", "none"})
_LONGEST_AGE_S = 31_557_600


@dataclass(frozen=True, slots=True)
class Policy:
    """The text of an MTA-STS policy, or why there is none."""

    text: str = ""
    reason: str = ""


ReadPolicy = Callable[[str], Policy]


@dataclass(frozen=True, slots=True)
class ExtraReport:
    """The records found of one kind, and what is wrong with them; neither where there are none."""

    texts: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    said: str = ""  # what it comes to, where nothing is wrong


def examine_mta_sts(answer: Answer, policy: Policy | None) -> ExtraReport:
    """Return what the announcement and the policy of a domain say (RFC 8461); no policy where it was not fetched."""
    texts, tags, errors = _single(answer, "STSv1", "MTA-STS")
    if tags is None:
        return ExtraReport(texts, errors)
    if not _ID.fullmatch(tags.get("id")):
        return ExtraReport(texts, ("MTA-STS: id= must be there, of up to 32 letters and digits.",))
    if policy is None:
        return ExtraReport(texts, said="MTA-STS is announced; its policy was not fetched.")
    if not policy.text:
        return ExtraReport(texts, (f"MTA-STS is announced, but its policy cannot be had: {policy.reason or 'empty'}",))
    mode, wrong = _read_policy(policy.text)
    return ExtraReport(texts, wrong, "" if wrong else f"MTA-STS is announced, and its policy is {mode}.")


def _read_policy(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the mode of a policy and what is wrong with it (RFC 8461, section 3.2)."""
    lines = [line.partition(":") for line in text.replace("\r\n", "\n").split("\n") if line.strip()]
    pairs = [(name.strip().lower(), value.strip()) for name, _, value in lines]
    fields = dict(reversed(pairs))  # of fields told twice, the first counts
    age = fields.get("max_age", "")
    checks = {
        "version must be STSv1": fields.get("version") == "STSv1",
        "mode must be enforce, testing or none": fields.get("mode") in _MODES,
        "max_age must be a number of seconds up to a year": (
            age.isascii() and age.isdigit() and len(age) <= 10 and int(age) <= _LONGEST_AGE_S
        ),
        "at least one mx is needed": fields.get("mode") == "none" or bool(fields.get("mx")),
    }
    return fields.get("mode", ""), tuple(f"The MTA-STS policy: {what}." for what, is_so in checks.items() if not is_so)


def examine_tls_reports(answer: Answer) -> ExtraReport:
    """Return whom receivers are asked to tell about failed encryption (RFC 8460)."""
    texts, tags, errors = _single(answer, "TLSRPTv1", "TLS-RPT")
    if tags is None:
        return ExtraReport(texts, errors)
    addresses = [one.strip() for one in tags.get("rua").split(",")]
    if not all(one.lower().startswith(("mailto:", "https://")) for one in addresses):
        return ExtraReport(texts, ("TLS-RPT: rua= must name mailto: or https:// addresses.",))
    return ExtraReport(texts, said="Reports about encryption are asked for.")


def examine_bimi(answer: Answer, dmarc_policy: str) -> ExtraReport:
    """Return whether a logo is named, and whether it can be shown: BIMI asks for an enforced DMARC policy."""
    texts, tags, errors = _single(answer, "BIMI1", "BIMI")
    if tags is None:
        return ExtraReport(texts, errors)
    logo = tags.get("l")
    if not logo and tags.has("l"):
        return ExtraReport(texts, said="BIMI says that no logo is to be shown.")
    if not logo.lower().startswith("https://"):
        return ExtraReport(texts, ("BIMI: l= must be the https:// address of an SVG.",))
    if dmarc_policy not in {"quarantine", "reject"}:
        return ExtraReport(
            texts, ("BIMI names a logo, but receivers show it only with DMARC at p=quarantine or p=reject.",)
        )
    return ExtraReport(texts, said="BIMI names a logo" + (" and its certificate." if tags.get("a") else "."))


def examine_receiving(answer: Answer) -> ExtraReport:
    """Return whether replies can arrive (RFC 7505 for a domain that says that they cannot)."""
    if any(value.endswith((" .", " ")) for value in answer.values):
        return ExtraReport(answer.values, ("The domain says that it takes no mail (a null MX).",))
    if not answer.values:
        return ExtraReport(errors=("There is no MX record: replies to this domain may not arrive.",))
    return ExtraReport(answer.values, said="Mail to this domain can arrive.")


def _single(answer: Answer, version: str, title: str) -> tuple[tuple[str, ...], Tags | None, tuple[str, ...]]:
    """Return the records of a version, the tags where there is exactly one, and what is wrong otherwise."""
    texts = tuple(text for text in answer.values if read_tags(text).pairs[:1] == (("v", version),))
    if len(texts) > 1:
        return texts, None, (f"There are {len(texts)} {title} records; there may be only one.",)
    if not texts:
        return texts, None, ()
    tags = read_tags(texts[0])
    return texts, None if tags.problems else tags, tuple(f"{title}: {problem}" for problem in tags.problems)
