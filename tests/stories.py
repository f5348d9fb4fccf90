"""What the tests of deliveries, messages and recipients share: a source, and what was told through it."""

from __future__ import annotations

from typing import Any

from dashboard.database.engine import Engines
from dashboard.vocabulary.people import CompanyRef
from tests.inbox import at, count, put, told

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)"
UNKNOWN_USER = "550 5.1.1 <eve@gmail.com>: User unknown"


def tell(engines: Engines, company: CompanyRef, source_id: int, *events: dict[str, Any], **more: Any) -> Any:
    """Put one delivery into the inbox and have it counted; return its id."""
    delivery_id = put(engines, company, source_id, *events, **more)
    count(engines, company)
    return delivery_id


def tell_story(engines: Engines, company: CompanyRef, source_id: int) -> Any:
    """Tell of one mail: sent, delivered, opened by a proxy and by a person; return the delivery."""
    return tell(
        engines, company, source_id,
        told("sent", subject="Spring is here"), told("delivered", when=at(1)),
        told("opened", when=at(1, seconds=1), user_agent="GoogleImageProxy"),
        told("opened", when=at(5), user_agent=PHONE, ip="203.0.113.7"),
    )  # fmt: skip


def tell_trouble(engines: Engines, company: CompanyRef, source_id: int) -> None:
    """Tell of one recipient of each kind of trouble, an hour apart; eve has a hard and a soft bounce."""
    tell(
        engines, company, source_id,
        told("bounced", "h1", at(0), recipient="eve@gmail.com", bounce="hard", reason=UNKNOWN_USER),
        told("bounced", "s1", at(60), recipient="eve@gmail.com", bounce="soft", reason="452 4.2.2 Over quota"),
        told("bounced", "s2", at(20), recipient="sam@outlook.com", bounce="soft", reason="451 Try again"),
        told("rejected", "r1", at(30), recipient="ray@web.de", reason="=cmd|'/c calc'!A1"),
        told("complained", "c1", at(40), recipient="cy@yahoo.com"),
        told("unsubscribed", "u1", at(50), recipient="una@example.com"),
        told("delivered", "d1", at(10), recipient="good@gmail.com"),
        told("bounced", "n1", at(5), recipient="", bounce="hard", reason="nobody is named"),
    )  # fmt: skip
