"""Mapping rules: adding, changing, moving and deleting them; all audited, so that history knows how far it follows."""

from __future__ import annotations

from dataclasses import asdict, astuple
from datetime import datetime
from hashlib import blake2b
from typing import Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard import tenancy
from dashboard.counting.rules import Rule
from dashboard.errors import Conflict, Fault, Invalid
from dashboard.models import MappingRule
from dashboard.models.messages import RuleField
from dashboard.queries import rebuilds, rules
from dashboard.services import audit, state
from dashboard.vocabulary.analytics import ResourceType

MAX_RULES = 200

Direction = Literal["up", "down"]


def add_rule(session: Session, company_id: int, rule_id: UUID, rule: Rule, *, actor: str, now: datetime) -> bool:
    """Add a rule behind all others, under an id that its form brought; False when that was done already.

    Raises Invalid for one that would never decide anything, and beyond MAX_RULES.
    """
    known = _begin(session, company_id)
    if any(row.id == rule_id for row in known):
        return False
    if len(known) >= MAX_RULES:
        raise Invalid("The rule was not added.", fields=[Fault("", f"A company has at most {MAX_RULES} rules.")])
    _refuse_same(known, rule)
    last = session.scalar(sa.select(sa.func.max(MappingRule.position))) or 0
    session.add(MappingRule(id=rule_id, position=last + 1, **_columns(rule)))
    _finish(session, company_id, rule_id, "add", actor=actor, now=now, rule=asdict(rule))
    return True


def change_rule(
    session: Session, company_id: int, rule_id: UUID, rule: Rule, *, seen: str, actor: str, now: datetime
) -> None:
    """Let a rule say something else; `seen` is the fingerprint of what it said when somebody began to change it.

    Raises Conflict when somebody else has changed it meanwhile. What is changed already stays so.
    """
    known = _begin(session, company_id)
    row = rules.get_rule(known, rule_id)
    if row.rule == rule:
        return
    if fingerprint(row.rule) != seen:
        raise Conflict("Somebody has changed this rule meanwhile.")
    _refuse_same([one for one in known if one is not row], rule)
    stored = _read(session, rule_id)
    for name, value in _columns(rule).items():
        setattr(stored, name, value)
    stored.updated_at = now
    _finish(session, company_id, rule_id, "change", actor=actor, now=now, old=asdict(row.rule), new=asdict(rule))


def move_rule(
    session: Session, company_id: int, rule_id: UUID, direction: Direction, *, place: int, actor: str, now: datetime
) -> bool:
    """Let a rule change places with its neighbour; `place` is where somebody saw it, counted from 1.

    Returns False, and changes nothing, when it stands elsewhere by now or has no such neighbour.
    """
    known = _begin(session, company_id)
    row = rules.get_rule(known, rule_id)
    other = row.place + (1 if direction == "down" else -1)
    if row.place != place or not 1 <= other <= len(known):
        return False
    order = [one.id for one in known]
    order[place - 1], order[other - 1] = order[other - 1], order[place - 1]
    stored = {one.id: one for one in session.scalars(sa.select(MappingRule))}
    for position, one in enumerate(order, 1):
        stored[one].position = position
    _finish(session, company_id, rule_id, "move", actor=actor, now=now, rule=asdict(row.rule), old=place, new=other)
    return True


def delete_rule(session: Session, company_id: int, rule_id: UUID, *, actor: str, now: datetime) -> bool:
    """Delete a rule; False when there is no such rule any more."""
    row = next((one for one in _begin(session, company_id) if one.id == rule_id), None)
    if row is None:
        return False
    session.delete(_read(session, rule_id))
    _finish(session, company_id, rule_id, "delete", actor=actor, now=now, rule=asdict(row.rule))
    return True


def fingerprint(rule: Rule) -> str:
    """Return a short text that differs when the rule says something else."""
    return blake2b(repr(astuple(rule)).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _begin(session: Session, company_id: int) -> list[rules.RuleRow]:
    """Lock the company's state and return its rules in their order."""
    state.lock(tenancy.connection(session, company_id), company_id)
    return rules.list_rules(session)


def _finish(
    session: Session, company_id: int, rule_id: UUID, verb: str, *, actor: str, now: datetime, **details: object
) -> None:
    audit.record(
        session, actor=actor, action=f"rule.{verb}", subject=(rebuilds.RULE, str(rule_id)), now=now, **details
    )  # fmt: skip
    session.flush()  # the version is raised last
    state.raise_version(tenancy.connection(session, company_id), company_id, now)


def _refuse_same(known: list[rules.RuleRow], rule: Rule) -> None:
    """Refuse a rule that looks for what another one of its type looks for: only the first would ever decide."""
    same = next((row for row in known if _looked_for(row.rule) == _looked_for(rule)), None)
    if same is not None:
        message = f"Rule {same.place} looks for the same already; of two only the first decides."
        raise Invalid("The rule was not kept.", fields=[Fault("pattern", message)])


def _looked_for(rule: Rule) -> tuple[str, ...]:
    return (rule.type, rule.field, rule.name, rule.pattern.casefold())


def _read(session: Session, rule_id: UUID) -> MappingRule:
    return session.scalars(sa.select(MappingRule).where(MappingRule.id == rule_id)).one()


def _columns(rule: Rule) -> dict[str, object]:
    return asdict(rule) | {"type": ResourceType(rule.type), "field": RuleField(rule.field)}
