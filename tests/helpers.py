"""What tests see with: a browser without script, parsed pages, a program with a key, a sender with a secret."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from bs4 import BeautifulSoup, Tag
from flask import Flask
from werkzeug.test import TestResponse

from dashboard.database.engine import Mode
from dashboard.database.session import open_session
from dashboard.providers import signatures
from dashboard.queries import identity as directory
from dashboard.services import identity
from dashboard.vocabulary.people import COOKIE_TOKEN
from tests.factories import PASSWORD

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def page(response: TestResponse) -> BeautifulSoup:
    """Return the parsed page."""
    return BeautifulSoup(response.get_data(as_text=True), "html.parser")


def text(found: Tag | None) -> str:
    """Return an element's text with blanks folded."""
    assert found is not None, "There is no such element."
    return " ".join(found.get_text(" ").split())


class Browser:
    """A person's browser: keeps cookies, sends forms with their tokens; follows no redirects."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, **options)

    def token(self, path: str = "/login") -> str:
        """Return the CSRF token of a page that has a form, or of any page's body."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(path, follow_redirects=True).text)
        assert found, f"{path} has no form"
        return found[1]

    def post(self, path: str, form_page: str | None = None, **fields: str) -> TestResponse:
        """Send a form as the page that shows it would."""
        return self.client.post(path, data=fields | {"csrf_token": self.token(form_page or path)})

    def enter(self, email: str) -> None:
        """Be signed in, without the form, whose hash of the password is slow on purpose."""
        engines, now = self.client.application.extensions["engines"], self.client.application.extensions["clock"]()
        known = directory.find_password(engines, email)
        assert known is not None, f"nobody is called {email}"
        with open_session(engines, Mode.WRITE, directory=True) as session:
            token = identity.sign_in(session, known[0], user_agent="", address="", now=now)
            session.commit()
        with self.client.session_transaction() as cookie:
            cookie.permanent = True
            cookie[COOKIE_TOKEN] = token

    def sign_in(self, email: str, password: str = PASSWORD, **fields: str) -> TestResponse:
        return self.post("/login", email=email, password=password, **fields)


class Program:
    """A program with an API key."""

    def __init__(self, app: Flask, key: str | None) -> None:
        self.client = app.test_client()
        self.headers = {"X-Api-Key": key} if key is not None else {}

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.client.get(path, query_string=query, headers=self.headers)

    def post(self, path: str, body: Any, **headers: str) -> TestResponse:
        raw = body if isinstance(body, (bytes, str)) else json.dumps(body)
        return self.client.post(
            path, data=raw, headers=self.headers | {k.replace("_", "-"): v for k, v in headers.items()}
        )

    def delete(self, path: str, **query: Any) -> TestResponse:
        return self.client.delete(path, query_string=query, headers=self.headers)


class Sender:
    """A sender of signed webhooks."""

    def __init__(self, app: Flask, secret: str) -> None:
        self.client = app.test_client()
        self.secret = secret

    def post(self, body: Any, *, signature: str | None = None, **headers: str) -> TestResponse:
        """Post with a plain HMAC."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"x-webhook-signature": signature if signature is not None else signatures.sign_hex(raw, self.secret)}
        return self.client.post("/webhook/analytics", data=raw, headers=sent | headers)

    def post_standard(self, body: Any, *, at: datetime, webhook_id: str = "msg_1", **headers: str) -> TestResponse:
        """Post by Standard Webhooks."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        stamp = int(at.timestamp())
        sent = {
            "webhook-id": webhook_id,
            "webhook-timestamp": str(stamp),
            "webhook-signature": signatures.sign_standard(webhook_id, stamp, raw, self.secret),
        }
        return self.client.post("/webhook/analytics", data=raw, headers=sent | headers)


def update(day: str = "2026-11-20", key: str = "spring", kind: str = "campaign", **counts: int) -> dict[str, Any]:
    """Return one update as programs send it: 100 sent, 90 delivered, ... by default."""
    six = {"sent": 100, "delivered": 90, "opened": 40, "clicked": 10, "replied": 2, "bounced": 10} | counts
    return {"type": kind, "resourceId": key, "date": day, "metrics": six}
