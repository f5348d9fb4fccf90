"""Campaigns: making and editing them, their states, copies, and adopting keys that were seen in mail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from uuid import UUID

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from dashboard.errors import Conflict, Fault, Invalid
from dashboard.models import Campaign
from dashboard.models.audit import MarkKind
from dashboard.models.campaigns import CampaignStatus
from dashboard.queries import keys as key_queries
from dashboard.queries import resources as queries
from dashboard.services import resources
from dashboard.services.resources import Change
from dashboard.vocabulary.analytics import ResourceType

KIND = ResourceType.CAMPAIGN
DEFAULT_LIMIT = 1_000  # of an adopted campaign

# What can be done to a campaign: verb → (from, to, what it is called when it was done).
MOVES = {
    "start": ((CampaignStatus.DRAFT,), CampaignStatus.ACTIVE, "started"),
    "pause": ((CampaignStatus.ACTIVE,), CampaignStatus.PAUSED, "paused"),
    "resume": ((CampaignStatus.PAUSED,), CampaignStatus.ACTIVE, "resumed"),
    "complete": ((CampaignStatus.ACTIVE, CampaignStatus.PAUSED), CampaignStatus.COMPLETED, "completed"),
    "reopen": ((CampaignStatus.COMPLETED,), CampaignStatus.ACTIVE, "reopened"),
}
ADMIN_MOVES = frozenset({"reopen"})


@dataclass(frozen=True, slots=True)
class CampaignValues:
    """What people choose of a campaign; checked by the form."""

    name: str
    key: str
    daily_limit: int
    timezone: str
    track_opens: bool = True
    track_clicks: bool = True


def moves_of(campaign: Campaign) -> list[str]:
    """Return the verbs that its state allows."""
    if campaign.archived_at is not None:
        return []
    return [verb for verb, (froms, _, _) in MOVES.items() if campaign.status in froms]


def create_campaign(session: Session, change: Change, id_: UUID, values: CampaignValues) -> tuple[Campaign, bool]:
    """Make a draft under an id that its form brought; the second of two equal requests makes nothing.

    A missing key is made from the name. Raises Invalid for a name or key that is taken.
    """
    resources.lock_company(session, change)
    known = session.get(Campaign, (change.company.id, id_))
    if known is not None:
        return known, False
    values = replace(values, key=values.key or resources.free_key(session, KIND, values.name))
    resources.check_free(session, KIND, id_, name=values.name, key=values.key)
    campaign = Campaign(id=id_, **asdict(values))
    session.add(campaign)
    session.flush()  # its key refers to it
    resources.own_key(session, change, KIND, campaign, values.key)
    resources.finish(session, change, KIND, campaign, "create", values=asdict(values))
    return campaign, True


def edit_campaign(
    session: Session, change: Change, id_: UUID, values: CampaignValues, *, revision: int | None
) -> Campaign:
    """Change what people choose; raises Overtaken, and Invalid for what is taken or can no more be changed."""
    campaign: Campaign = resources.open_row(session, change, KIND, id_, revision=revision)
    values = replace(values, key=values.key or campaign.key)
    resources.check_free(session, KIND, id_, name=values.name, key=values.key)
    old_key, old_limit = campaign.key, campaign.daily_limit
    resources.change_own_key(session, change, KIND, campaign, values.key)
    changes = resources.apply_edit(campaign, {k: v for k, v in asdict(values).items() if k != "key"})
    if values.key != old_key:
        changes["key"] = [old_key, values.key]
    if not changes:
        return campaign
    if campaign.daily_limit != old_limit:
        title = f"{campaign.name}: daily limit {old_limit:,} → {campaign.daily_limit:,}"
        resources.add_mark(session, change, MarkKind.LIMIT, title, campaign, KIND)
    resources.finish(session, change, KIND, campaign, "edit", changes=changes)
    return campaign


def move_campaign(session: Session, change: Change, id_: UUID, verb: str, *, reason: str = "") -> Campaign:
    """Change a campaign's state; raises Conflict with a sentence where its state does not allow it."""
    campaign: Campaign = resources.open_row(session, change, KIND, id_)
    _move(session, change, campaign, verb, reason)
    resources.tell_pages(session, change)
    return campaign


def move_many(session: Session, change: Change, ids: Iterable[UUID], verb: str, *, reason: str = "") -> tuple[int, int]:
    """Change the state of all that allow it; return how many were changed and how many were left as they are."""
    resources.lock_company(session, change)
    rows = queries.list_by_ids(session, KIND, set(ids))
    fitting = [row for row in rows if verb in moves_of(row)]
    for row in fitting:
        _move(session, change, row, verb, reason)
    resources.tell_pages(session, change)
    return len(fitting), len(rows) - len(fitting)


def verb_to(campaign: Campaign, status: str) -> str | None:
    """Return what leads from a campaign's state to another, None where it has it already.

    Raises Invalid for a word that is no state, and Conflict where no way leads there; reopening is left to an admin.
    """
    if status not in set(CampaignStatus):
        fault = Fault("status", f"must be one of {', '.join(CampaignStatus)}")
        raise Invalid(f"Some values are not right: status {fault.message}.", fields=[fault])
    if campaign.status == status:
        return None
    for verb, (froms, to, _) in MOVES.items():
        if to == status and campaign.status in froms:
            if verb in ADMIN_MOVES:
                raise Conflict("A completed campaign is reopened by an admin, on its page.")
            return verb
    raise Conflict(f"{campaign.name} is {campaign.status.value}; it cannot become {status}.")


def _move(session: Session, change: Change, campaign: Campaign, verb: str, reason: str) -> None:
    froms, to, done = MOVES[verb]
    if campaign.archived_at is not None:
        raise Conflict(f"{campaign.name} is archived. Bring it back first.")
    if campaign.status not in froms:
        raise Conflict(f"{campaign.name} is {campaign.status.value}; only {_either(froms)} campaigns can be {done}.")
    old = campaign.status
    campaign.status = to
    campaign.revision += 1
    resources.record(
        session, change, KIND, campaign.id, verb, name=campaign.name, old=old.value, new=to.value, reason=reason
    )
    if verb in {"pause", "resume"}:
        title = f"{campaign.name} was {done}{f': {reason}' if reason else ''}"
        resources.add_mark(session, change, MarkKind.PAUSE, title, campaign, KIND)


def _either(states: Iterable[CampaignStatus]) -> str:
    return " or ".join(state.value for state in states)


def values_of(campaign: Campaign) -> CampaignValues:
    """Return what people chose of a campaign."""
    return CampaignValues(
        campaign.name, campaign.key, campaign.daily_limit, campaign.timezone, campaign.track_opens,
        campaign.track_clicks,
    )  # fmt: skip


def clone_values(session: Session, campaign: Campaign) -> CampaignValues:
    """Return what a copy would be made of: the same settings under a name and key of its own."""
    name = resources.free_name(session, KIND, f"{campaign.name[:86]} (copy)")
    return replace(values_of(campaign), name=name, key=resources.free_key(session, KIND, name))


def adopt_keys(session: Session, change: Change, keys: Iterable[str]) -> list[Campaign]:
    """Register campaigns for keys that were seen in mail; those that name one already are passed over."""
    resources.lock_company(session, change)
    new = [key for key in dict.fromkeys(keys) if key_queries.find_owner(session, KIND, key) is None]
    made = [_adopt(session, change, key) for key in new]
    resources.tell_pages(session, change)
    return made


def _adopt(session: Session, change: Change, key: str) -> Campaign:
    known: Campaign | None = resources.take_back(session, change, KIND, key)
    if known is not None:  # its key was merged and taken away, and mail came under it since
        return known
    campaign = Campaign(
        id=uuid7(), key=key, name=resources.free_name(session, KIND, key), daily_limit=DEFAULT_LIMIT,
        timezone=change.company.timezone, status=CampaignStatus.ACTIVE,
    )  # fmt: skip
    session.add(campaign)
    session.flush()  # its key refers to it
    resources.own_key(session, change, KIND, campaign, key)
    resources.record(session, change, KIND, campaign.id, "adopt", name=campaign.name, key=key)
    return campaign
