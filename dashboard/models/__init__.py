"""Tables and their constraints; small pure properties; no queries, no Flask."""

from dashboard.models.analytics import AnalyticsRecord, BreakdownRecord, CompanyState, TotalsRecord
from dashboard.models.audit import AuditEntry, Mark
from dashboard.models.base import Base
from dashboard.models.campaigns import Campaign
from dashboard.models.companies import Company
from dashboard.models.domains import Domain, DomainCheck, VerifiedDomain
from dashboard.models.files import File, FileUse
from dashboard.models.inbox import Delivery, IdempotencyKey, WebhookId
from dashboard.models.jobs import Job
from dashboard.models.mailboxes import Mailbox
from dashboard.models.messages import EventRecord, MappingRule, Message, MessageAlias, RepeatedEvent
from dashboard.models.resources import ResourceKey
from dashboard.models.sources import ApiKey, Source
from dashboard.models.templates import Template, TemplateDraft, TemplateVersion
from dashboard.models.users import LoginSession, Membership, Throttle, User

__all__ = [
    "AnalyticsRecord",
    "ApiKey",
    "AuditEntry",
    "Base",
    "BreakdownRecord",
    "Campaign",
    "Company",
    "CompanyState",
    "Delivery",
    "Domain",
    "DomainCheck",
    "EventRecord",
    "File",
    "FileUse",
    "IdempotencyKey",
    "Job",
    "LoginSession",
    "Mailbox",
    "MappingRule",
    "Mark",
    "Membership",
    "Message",
    "MessageAlias",
    "RepeatedEvent",
    "ResourceKey",
    "Source",
    "Template",
    "TemplateDraft",
    "TemplateVersion",
    "Throttle",
    "TotalsRecord",
    "User",
    "VerifiedDomain",
    "WebhookId",
]
