"""Fetching from the outside: https only, public addresses only, no redirects, bounded in size and time."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx

from dashboard.clients.deadlines import TimedTransport
from dashboard.vocabulary.sources import NoCertificate

TIMEOUT_S = 5.0  # for each address that is tried, from connecting to the last byte
MAX_BYTES = 256 * 1024
MAX_ADDRESSES = 3  # that are tried
CERTIFICATE_S = 24 * 3600.0  # how long a certificate is remembered

Resolve = Callable[[str], list[str]]


class CannotFetch(Exception):
    """The address is not one that may be fetched, or it did not answer as it should."""


def resolve(host: str) -> list[str]:
    """Return the addresses of a host; raises CannotFetch."""
    try:
        return sorted({str(found[4][0]) for found in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)})
    except OSError as error:
        raise CannotFetch(f"{host} has no address: {error.strerror or error}.") from error


class Fetcher:
    """Fetches public pages; `transport` and `find` are the outside network, and given by tests."""

    def __init__(self, transport: httpx.BaseTransport | None = None, find: Resolve = resolve) -> None:
        self._transport = transport
        self._find = find

    def get(self, url: str) -> bytes:
        """Return the body of a 200; raises CannotFetch."""
        refusal: httpx.ConnectError | None = None
        for address in self._find_public(url):
            try:
                return self._get_at(address, url)
            except httpx.ConnectError as error:
                refusal = error
            except httpx.HTTPError as error:
                raise CannotFetch(f"{url} cannot be fetched: {type(error).__name__}.") from error
        raise CannotFetch(f"{url} cannot be fetched: ConnectError.") from refusal

    def _get_at(self, address: str, url: str) -> bytes:
        """Fetch from that very address, so that a name which leads elsewhere a moment later gains nothing."""
        host = urlsplit(url).hostname or ""
        headers, extensions = {"Accept-Encoding": "identity", "Host": host}, {"sni_hostname": host}
        pinned = httpx.URL(url).copy_with(host=address)
        with (
            httpx.Client(
                transport=self._transport or TimedTransport(TIMEOUT_S), timeout=TIMEOUT_S, trust_env=False
            ) as client,
            client.stream("GET", pinned, headers=headers, extensions=extensions) as response,
        ):
            if response.status_code != 200:
                raise CannotFetch(f"{url} answered {response.status_code}.")
            return self._read(url, response)

    def _find_public(self, url: str) -> list[str]:
        """Return the first addresses of the URL's host, IPv4 before IPv6; raises CannotFetch where one is private."""
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname or parts.username or parts.port not in {None, 443}:
            raise CannotFetch("Only https addresses on the usual port are fetched.")
        addresses = self._find(parts.hostname)
        for address in addresses:
            if not ipaddress.ip_address(address).is_global:
                raise CannotFetch(f"{parts.hostname} is at {address}, which is not a public address.")
        return sorted(addresses, key=lambda address: ":" in address)[:MAX_ADDRESSES]

    @staticmethod
    def _read(url: str, response: httpx.Response) -> bytes:
        body, until = b"", time.monotonic() + TIMEOUT_S
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > MAX_BYTES or time.monotonic() > until:
                raise CannotFetch(f"{url} sends too much, or too slowly.")
        return body


class Certificates:
    """Certificates by address, remembered for a day; the adapter has checked whose address it is."""

    def __init__(self, fetcher: Fetcher, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetcher, self._clock = fetcher, clock
        self._known: dict[str, tuple[float, bytes]] = {}
        self._lock = threading.Lock()

    def get(self, url: str) -> bytes:
        """Return the PEM; raises NoCertificate when it cannot be had now."""
        with self._lock:
            found = self._known.get(url)
        if found and found[0] > self._clock():
            return found[1]
        try:
            pem = self._fetcher.get(url)
        except CannotFetch as error:
            raise NoCertificate(str(error)) from error
        with self._lock:
            if len(self._known) >= 100:
                self._known.clear()
            self._known[url] = (self._clock() + CERTIFICATE_S, pem)
        return pem
