"""Mail of every fate in a company of its own, for the pages of deliveries, messages and recipients."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from dashboard.counting.keys import alias_key, message_key
from dashboard.database import sql
from dashboard.database.engine import Engines, Mode
from dashboard.database.session import open_session
from dashboard.models.inbox import DeliveryState
from dashboard.services import sources
from dashboard.services.vault import Vault
from dashboard.vocabulary.people import CompanyRef
from tests.inbox import put, told
from tests.journeys.servers import wait_for
from tests.stories import PHONE

SUBJECT = "Spring is here"
ANN = "ann@gmail.com"
VAULT_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
_BOUNCE = (
    b'[{"event":"bounce","timestamp":1795255900,"sg_event_id":"e","smtp-id":"<lost@a.test>","email":"lo@a.test",'
    b'"reason":"550 No such user"}]'
)


def make_source(engines: Engines, company: CompanyRef, name: str, kind: str = "generic") -> int:
    """Return a new source; nobody needs its secrets."""
    with open_session(engines, Mode.WRITE, company.id) as session:
        source, _ = sources.add_source(session, Vault([VAULT_KEY]), kind=kind, name=name)
        session.commit()
        return source.id


def tell_of_mail(engines: Engines, company: CompanyRef) -> dict[str, Any]:
    """Have deliveries of every fate counted by the server; return what stands in the addresses of their pages."""
    source, grid = make_source(engines, company, "Website"), make_source(engines, company, "Grid", "sendgrid")
    sent = datetime.now(UTC) - timedelta(hours=2)

    def event(kind: str, minutes: float, message: str = "story", **fields: Any) -> dict[str, Any]:
        return told(kind, message, (sent + timedelta(minutes=minutes)).isoformat(), **{"recipient": ANN} | fields)

    def deliver(*events: Any, **more: Any) -> Any:
        return put(engines, company, source, *events, received_at=sent + timedelta(minutes=10), **more)

    counted = deliver(
        event("sent", 0, subject=SUBJECT), event("delivered", 1, reason="250 2.0.0 OK"),
        event("opened", 1.01, user_agent="GoogleImageProxy"),
        event("opened", 5, user_agent=PHONE, ip="203.0.113.7", tags=["spring"], metadata={"order": "4711"}),
        event("clicked", 6, url="https://a.test/" + "long/" * 60), event("opened", -200_000), event("sent", 0, subject=SUBJECT),
    )  # fmt: skip
    partly = deliver(event("opened", 5, user_agent=PHONE), {"type": "sailed"}, "x" * 300)
    deliver(
        event("bounced", 2, "b1", recipient="eve@gmail.com", bounce="hard", reason="550 5.1.1 User unknown"),
        event("bounced", 3, "b2", recipient="eve@gmail.com", bounce="soft", reason="452 4.2.2 Over quota"),
        event("complained", 4, "b3", recipient="x" * 64 + "@" + "y" * 60 + ".example"),
    )  # fmt: skip
    put(engines, company, grid, body=_BOUNCE, received_at=sent)
    known = {
        "mail": source, "counted": counted, "partly": partly, "unreadable": deliver(body=b"<not json>"),
        "rejected": deliver(state=DeliveryState.REJECTED),
        "message": message_key(source, "story", ANN).hex(),
        "unmatched": alias_key("lost@a.test", "lo@a.test").hex(),
    }  # fmt: skip
    wait_for(lambda: not count_pending(engines, company))
    return known


def count_pending(engines: Engines, company: CompanyRef) -> int:
    """Return how many deliveries wait to be counted."""
    with engines[Mode.READ].begin() as connection:
        statement = "SELECT COUNT(*) FROM deliveries WHERE company_id = :company_id AND state = 'pending'"
        return int(sql.run(connection, statement, company_id=company.id).scalar() or 0)
