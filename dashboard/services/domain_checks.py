"""Looking up the records of domains, and keeping what was found: the network first, then the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from random import uniform

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from dashboard import tenancy
from dashboard.clients.dns import Resolver, policy_reader
from dashboard.clients.http import Fetcher
from dashboard.database import sql
from dashboard.database.engine import Engines, Mode
from dashboard.database.session import open_session
from dashboard.dns.changes import describe_causes, describe_changes, has_changed
from dashboard.dns.findings import Finding, Status
from dashboard.dns.kept import KeptFinding, find_last_known, keep, to_document
from dashboard.dns.records import ExpectedRecord, RecordKind
from dashboard.dns.spf import follow_ups
from dashboard.dns.verdicts import (
    DomainState,
    Outcome,
    PastCheck,
    check_domain,
    domain_status,
    outcome_of,
    questions_of,
)
from dashboard.errors import NotFound
from dashboard.models import Domain, DomainCheck
from dashboard.models.audit import MarkKind
from dashboard.models.domains import DomainStatus
from dashboard.queries import identity
from dashboard.queries.domains import findings_of, list_checks
from dashboard.queries.resources import get_resource
from dashboard.services import resources
from dashboard.services.domains import KIND, records_of
from dashboard.services.resources import Change
from dashboard.vocabulary.people import DueDomain

ACTOR = "schedule"
OFTEN = timedelta(hours=1)  # while it is pending or fails
SELDOM = timedelta(hours=12)
JITTER = 0.1  # of the pause, so that domains added together do not stay together
MOST = 24  # domains of one turn; a turn must end before its job's lease does
PARALLEL = 4
RECALLED = 50  # kept checks in which the last known state of a record is looked for


# --- when it is due --------------------------------------------------------------------------------


def check_due(
    engines: Engines, resolver: Resolver, clock: Callable[[], datetime], is_stopping: Callable[[], bool]
) -> int:
    """Check the domains that are due, those that somebody waits for first; return how many were kept."""
    due = identity.list_due_domains(engines, clock(), limit=MOST)
    if not due:
        return 0
    with ThreadPoolExecutor(PARALLEL, thread_name_prefix="domains") as pool:
        return sum(pool.map(partial(_check, engines, resolver, clock, is_stopping), due))


def _check(
    engines: Engines, resolver: Resolver, clock: Callable[[], datetime], is_stopping: Callable[[], bool], due: DueDomain
) -> bool:
    """Check one domain; what was found is dropped where it was edited, archived or checked by others meanwhile."""
    if is_stopping():
        return False
    try:
        with open_session(engines, Mode.READ, due.company.id) as session:
            seen = get_resource(session, KIND, due.id)
        findings = look_at(resolver, records_of(seen))
        with open_session(engines, Mode.WRITE, due.company.id) as session, session.begin():
            change = Change(due.company, ACTOR, clock())
            domain = resources.open_row(session, change, KIND, due.id)
            if (domain.revision, domain.checked_at) != (seen.revision, seen.checked_at):
                return False
            keep_check(session, change, domain, findings)
            return True
    except NotFound:  # it was deleted meanwhile
        return False


def look_at(resolver: Resolver, expected: Sequence[ExpectedRecord]) -> tuple[Finding, ...]:
    """Ask the DNS for the records, within the resolver's limit for a whole check."""
    look_up = resolver.prepared(questions_of(expected), follow_ups)
    return check_domain(expected, look_up, read_policy=policy_reader(Fetcher(find=resolver.addresses)))


# --- what is kept ----------------------------------------------------------------------------------


def keep_check(session: Session, change: Change, domain: Domain, findings: Sequence[Finding]) -> None:
    """Keep what a check of a domain found: its state, a row of its history where anything differs, marks, entries.

    The domain's row was opened for change. A check that found the same as the newest one only counts up there.
    """
    flag_modified(domain, "updated_at")  # that it was looked at again is no change
    findings = _proved(session, change.company.id, domain, findings, change.now)
    outcome, old = outcome_of(findings), domain.status
    history = [PastCheck(domain.failing_since, Outcome.FAILING)] if domain.failing_since else []
    domain.status = DomainStatus(domain_status(DomainState(old), findings, history, change.now))
    if outcome is not Outcome.UNKNOWN:
        domain.failing_since = (domain.failing_since or change.now) if outcome is Outcome.FAILING else None
    domain.checked_at, domain.asked_at = change.now, None
    domain.next_check_at = change.now + _pause(domain)
    is_new = _keep(session, change, domain, [keep(one) for one in findings], is_failing=outcome is Outcome.FAILING)
    if domain.status is not old:
        _note_state(session, change, domain, old)
    if is_new:
        domain.updated_at = change.now
        resources.tell_pages(session, change)


def _pause(domain: Domain) -> timedelta:
    is_settled = domain.status is DomainStatus.VERIFIED and domain.failing_since is None
    return (SELDOM if is_settled else OFTEN) * uniform(1 - JITTER, 1)  # noqa: S311  # no secret


def _keep(session: Session, change: Change, domain: Domain, kept: list[KeptFinding], *, is_failing: bool) -> bool:
    """Count up the newest row, or write a new one with what differs; say whether one was written."""
    newest = next(iter(list_checks(session, domain.id, limit=1)), None)
    if newest and newest.status is domain.status and not has_changed(findings_of(newest), kept):
        newest.last_at, newest.count = max(newest.last_at, change.now), newest.count + 1
        return False
    past = [findings_of(one) for one in list_checks(session, domain.id, limit=RECALLED)]
    before = list(find_last_known(past))
    session.add(
        DomainCheck(
            domain_id=domain.id, first_at=change.now, last_at=change.now, status=domain.status, is_failing=is_failing,
            findings=[to_document(one) for one in kept], changes=list(describe_changes(before, kept)),
        )
    )  # fmt: skip
    for title in describe_causes(before, kept, _once_good(past)):
        resources.add_mark(session, change, MarkKind.DNS, title, domain, KIND)
    return True


def _once_good(past: Iterable[Iterable[KeptFinding]]) -> set[str]:
    return {one.key for check in past for one in check if one.status.is_good}


def _note_state(session: Session, change: Change, domain: Domain, old: DomainStatus) -> None:
    verb = "verify" if domain.status is DomainStatus.VERIFIED else "fail"
    resources.record(
        session, change, KIND, domain.id, verb, name=domain.title, old=old.value, new=domain.status.value
    )  # fmt: skip
    if domain.status is DomainStatus.FAILED:
        _release(session, change.company.id, domain.name)


# --- whose it is -----------------------------------------------------------------------------------


def _proved(
    session: Session, company_id: int, domain: Domain, findings: Sequence[Finding], now: datetime
) -> Sequence[Finding]:
    """Return the findings; the proof fails where another company has verified the name, and its proof still stands."""
    proof = next((one for one in findings if one.record.kind is RecordKind.OWNERSHIP), None)
    if proof is None or outcome_of(findings) is not Outcome.PASSING:
        return findings
    if _claim(session, company_id, domain.name, " ".join(proof.found), now):
        return findings
    sentence = (
        f"{domain.title} is verified by another company here, and its proof still stands beside yours. If the domain "
        f"is yours, remove the other text at {proof.record.host}."
    )
    return [replace(one, status=Status.FAIL, sentence=sentence) if one is proof else one for one in findings]


def _claim(session: Session, company_id: int, name: str, published: str, now: datetime) -> bool:
    """Write down that the company has proved the name; say whether it is its own.

    Another company keeps it only as long as its own proof is published, too.
    """
    connection = tenancy.connection(session, company_id)
    values = {"name": name, "company_id": company_id, "now": now}
    sql.run(
        connection,
        "INSERT INTO verified_domains (name, company_id, verified_at) VALUES (:name, :company_id, :now)"
        " ON CONFLICT (name) DO NOTHING",
        **values,
    )
    owner, token = sql.run(
        connection,
        "SELECT v.company_id, d.token FROM verified_domains v LEFT JOIN domains d ON d.company_id = v.company_id"
        " AND d.name = v.name AND d.archived_at IS NULL WHERE v.name = :name",
        name=name,
    ).one()
    if owner == company_id:
        return True
    if token and token in published:
        return False
    moved = sql.run(
        connection,
        "UPDATE verified_domains SET company_id = :company_id, verified_at = :now"
        " WHERE name = :name AND company_id = :owner",
        owner=owner, **values,
    )  # fmt: skip
    return moved.rowcount == 1


def _release(session: Session, company_id: int, name: str) -> None:
    """Let the name go: whoever proves it next has it."""
    sql.run(
        tenancy.connection(session, company_id),
        "DELETE FROM verified_domains WHERE name = :name AND company_id = :company_id",
        name=name, company_id=company_id,
    )  # fmt: skip
