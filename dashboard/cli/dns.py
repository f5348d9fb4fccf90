"""What the DNS says of a domain, without an account."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from dashboard.cli.context import json_option, show

if TYPE_CHECKING:
    from dashboard.clients.dns import Resolver
    from dashboard.dns.findings import Finding


@click.group()
def dns() -> None:
    """Records of sending domains."""


@dns.command("check")
@click.argument("domain")
@click.option("--selector", "selectors", multiple=True, help="A DKIM selector to look at; may be given several times.")
@click.option("--nameserver", default=None, help="Ask this server, as ADDRESS or ADDRESS:PORT, instead of the usual.")
@click.option("--timeout", "timeout_s", default=5.0, show_default=True, type=click.FloatRange(0.1, 60), help="Seconds.")
@json_option
def check(*, domain: str, selectors: tuple[str, ...], nameserver: str | None, timeout_s: float, as_json: bool) -> None:
    """Check SPF, DMARC, DKIM and what else receivers look at; exit 1 when a required record fails."""
    from dashboard.dns.names import read_domain, shown_name
    from dashboard.dns.verdicts import Outcome, outcome_of

    name = read_domain(domain, allow_special=True)
    findings = _check(_resolver(nameserver, timeout_s), name, tuple(map(_read_selector, selectors)))
    outcome = outcome_of(findings)
    document = {"domain": name, "outcome": outcome, "findings": [_document(one) for one in findings]}
    lines = [f"{shown_name(name)}: {outcome}", *(line for one in findings for line in _lines(one))]
    show(as_json, document, "\n".join(lines))
    if outcome is Outcome.FAILING:
        sys.exit(1)


def _resolver(nameserver: str | None, timeout_s: float) -> Resolver:
    from dashboard.clients.dns import Resolver
    from dashboard.config import read_server

    if nameserver is None:
        return Resolver(timeout_s=timeout_s)
    try:
        address, port = read_server(nameserver)
    except ValueError as error:
        raise click.BadParameter(f"{nameserver} is not an address.", param_hint="--nameserver") from error
    return Resolver([address], port=port, timeout_s=timeout_s)


def _read_selector(text: str) -> str:
    from dashboard.dns.names import is_selector

    if not is_selector(text):
        raise click.BadParameter(f"{text!r} is not a selector.", param_hint="--selector")
    return text.lower()


def _check(resolver: Resolver, name: str, selectors: tuple[str, ...]) -> tuple[Finding, ...]:
    from dashboard.clients.dns import policy_reader
    from dashboard.clients.http import Fetcher
    from dashboard.dns.records import records_to_look_at
    from dashboard.dns.spf import follow_ups
    from dashboard.dns.verdicts import check_domain, questions_of

    expected = records_to_look_at(name, selectors)
    look_up = resolver.prepared(questions_of(expected), follow_ups)
    return check_domain(expected, look_up, read_policy=policy_reader(Fetcher(find=resolver.addresses)))


def _document(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.record.kind,
        "type": finding.record.type,
        "host": finding.record.host,
        "required": finding.record.is_required,
        "status": finding.status,
        "sentence": finding.sentence,
        "expected": finding.expected,
        "found": finding.found,
        "look_ups": finding.look_ups,
        "costs": [{"term": cost.term, "look_ups": cost.look_ups} for cost in finding.costs],
        "bits": finding.bits,
        "policy": finding.policy or None,
    }


def _lines(finding: Finding) -> list[str]:
    """Return the record, how it stands, and who costs what."""
    record = finding.record
    costs = [f"{'':<18}{cost.look_ups:>3} {_plain(cost.term)}" for cost in finding.costs]
    return [
        f"{finding.status:<18}{record.type} {record.host}",
        f"{'':<18}{_plain(finding.sentence)}",
        *(f"{'':<18}found: {_plain(value)}" for value in finding.found),
        *([f"{'':<18}expected: {_plain(finding.expected)}"] if finding.is_failing and finding.expected else []),
        *costs,
    ]


def _plain(text: str) -> str:
    """Return what strangers published without what would move a terminal's cursor."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


COMMANDS = (dns,)
