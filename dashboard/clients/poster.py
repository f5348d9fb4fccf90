"""Posting webhooks to an address, as providers do: a busy server is asked again, anything else but 200 is the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

import httpx

from dashboard.errors import DashboardError

TIMEOUT_S = 30.0
BUSY = frozenset({429, 503})
TRIES = 6
LONGEST_PAUSE_S = 20.0


class NotTaken(DashboardError):
    """The server did not take a request; the message says what it answered."""

    status = 502
    code = "not_taken"


class Poster:
    """Posts to one address; `transport` and `pause` are the network and the clock, and given by tests."""

    def __init__(
        self, url: str, *, transport: httpx.BaseTransport | None = None, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._url, self._pause = httpx.URL(url), pause
        self._client = httpx.Client(transport=transport, timeout=TIMEOUT_S, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def post(self, body: bytes, headers: dict[str, str]) -> None:
        """Return when it was answered 200; raises NotTaken."""
        for tried in range(1, TRIES + 1):
            response = self._ask(body, headers)
            if response.status_code == 200:
                return
            if response.status_code not in BUSY or tried == TRIES:
                raise NotTaken(_sentence(response))
            self._pause(_pause_s(response, tried))

    def _ask(self, body: bytes, headers: dict[str, str]) -> httpx.Response:
        try:
            return self._client.post(self._url, content=body, headers=headers)
        except httpx.ConnectError as error:
            raise NotTaken(
                f"There is no server at {self._place()} ({error}). Start it with `dashboard serve`, "
                "or say with --base-url where it is."
            ) from error
        except httpx.HTTPError as error:
            raise NotTaken(f"The server at {self._place()} did not answer ({type(error).__name__}).") from error

    def _place(self) -> str:
        """Return where the server is, without the secret part of the address."""
        return f"{self._url.scheme}://{self._url.netloc.decode('ascii')}"


def _pause_s(response: httpx.Response, tried: int) -> float:
    """Return how long to wait: what the server asks for within reason, else longer every time."""
    asked = response.headers.get("retry-after", "")
    return min(float(asked) if asked.isdecimal() else 0.5 * 2**tried, LONGEST_PAUSE_S)


def _sentence(response: httpx.Response) -> str:
    said = ""
    with suppress(ValueError, KeyError, TypeError):
        said = f": {response.json()['error']['message']}"
    known = {
        404: " Does the server use the same database?",
        401: " Does the server use the same database and address (DASHBOARD_BASE_URL)?",
    }
    return f"The server answered {response.status_code}{said or '.'}{known.get(response.status_code, '')}"
