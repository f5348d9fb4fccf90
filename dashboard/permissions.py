"""What a member or a key may do: actions, the lowest role for each, and how a view declares its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from dashboard.errors import Forbidden
from dashboard.vocabulary.roles import Role, Scope

View = TypeVar("View", bound=Callable[..., object])


class Action(StrEnum):
    """Everything that a member can be allowed to do, as noun and verb."""

    ANALYTICS_VIEW = "analytics:view"
    REPORTED_DELETE = "reported:delete"
    EXPORT_MAKE = "export:make"
    SOURCE_MANAGE = "source:manage"
    RULE_MANAGE = "rule:manage"
    DELIVERY_VIEW = "delivery:view"
    DELIVERY_REPLAY = "delivery:replay"
    MESSAGE_VIEW = "message:view"
    COMPANY_MANAGE = "company:manage"
    RESOURCE_VIEW = "resource:view"
    CAMPAIGN_MANAGE = "campaign:manage"
    CAMPAIGN_REOPEN = "campaign:reopen"
    TEMPLATE_MANAGE = "template:manage"
    MAILBOX_MANAGE = "mailbox:manage"
    DOMAIN_MANAGE = "domain:manage"
    FILE_VIEW = "file:view"
    FILE_MANAGE = "file:manage"


LOWEST_ROLE: dict[Action, Role] = {
    Action.ANALYTICS_VIEW: Role.GUEST,
    Action.REPORTED_DELETE: Role.ADMIN,
    Action.EXPORT_MAKE: Role.ADMIN,
    Action.SOURCE_MANAGE: Role.ADMIN,
    Action.RULE_MANAGE: Role.ADMIN,
    Action.DELIVERY_VIEW: Role.USER,
    Action.DELIVERY_REPLAY: Role.ADMIN,
    Action.MESSAGE_VIEW: Role.USER,
    Action.COMPANY_MANAGE: Role.ADMIN,
    Action.RESOURCE_VIEW: Role.GUEST,
    Action.CAMPAIGN_MANAGE: Role.USER,
    Action.CAMPAIGN_REOPEN: Role.ADMIN,
    Action.TEMPLATE_MANAGE: Role.USER,
    Action.MAILBOX_MANAGE: Role.USER,
    Action.DOMAIN_MANAGE: Role.ADMIN,
    Action.FILE_VIEW: Role.GUEST,
    Action.FILE_MANAGE: Role.USER,
}


class Door(StrEnum):
    """How a caller of a view is told who it is."""

    PUBLIC = "public"  # nobody needs to be signed in
    PERSON = "person"  # signed in, no company: the list of companies, the account
    MEMBER = "member"  # signed in and a member of the company in the address
    KEY = "key"  # an API key
    SIGNED = "signed"  # a signature over the body, checked by the view's service


@dataclass(frozen=True, slots=True)
class Access:
    """What a view declares: its door, and what the caller needs behind it."""

    door: Door
    action: Action | None = None
    scope: Scope | None = None


def declare(view: View, access: Access) -> View:
    """Write the declaration on the view, where lifecycle reads it."""
    view.access = access  # type: ignore[attr-defined]  # functions take attributes
    return view


def declared(view: object) -> Access | None:
    """Return the declaration of a view, or None: lifecycle refuses such an endpoint."""
    return getattr(view, "access", None)


def public(view: View) -> View:
    """Mark a view that anybody may call."""
    return declare(view, Access(Door.PUBLIC))


def signed(view: View) -> View:
    """Mark a view whose caller proves itself by a signature."""
    return declare(view, Access(Door.SIGNED))


def person(view: View) -> View:
    """Mark a view for whoever is signed in."""
    return declare(view, Access(Door.PERSON))


def requires(action: Action) -> Callable[[View], View]:
    """Mark a view for members whose role allows the action."""
    return lambda view: declare(view, Access(Door.MEMBER, action=action))


def requires_scope(scope: Scope) -> Callable[[View], View]:
    """Mark a view for API keys with the scope."""
    return lambda view: declare(view, Access(Door.KEY, scope=scope))


def may(role: Role, action: Action) -> bool:
    """Say whether a member with the role may do it."""
    return role >= LOWEST_ROLE[action]


def check_role(role: Role, action: Action) -> None:
    """Raise Forbidden unless a member with the role may do it."""
    if not may(role, action):
        needed = LOWEST_ROLE[action].slug
        raise Forbidden(f"This needs the role {needed}; yours is {role.slug}. An admin of the company can change it.")


def check_scope(scopes: frozenset[Scope], scope: Scope) -> None:
    """Raise Forbidden unless the key has the scope."""
    if scope not in scopes:
        raise Forbidden(f"This key lacks the scope {scope.value}.", code="missing_scope")
