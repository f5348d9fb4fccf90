"""Domains as the tests arrange them: a name server that can be changed, records that are right, and a worker."""

from __future__ import annotations

from dashboard.clients.dns import Resolver
from dashboard.dns.records import ExpectedRecord, RecordKind
from dashboard.worker import Worker
from tests.dns.answering import KEY_2048
from tests.dns_server import DnsServer

NAME = "news.acme-post.com"


def resolver_of(server: DnsServer) -> Resolver:
    return Resolver([server.host], port=server.port, timeout_s=1)


def worker_of(app, server: DnsServer) -> Worker:
    """A worker on the app's clock that asks the server."""
    return Worker(app.extensions["engines"], clock=app.extensions["clock"], resolver=resolver_of(server))


def publish(server: DnsServer, expected: tuple[ExpectedRecord, ...]) -> None:
    """Publish what is required, as its owner would; keys are made up."""
    for record in expected:
        if record.is_required and record.kind is RecordKind.DKIM:
            server.set(record.host, "TXT", f"v=DKIM1; p={KEY_2048}")
        elif record.is_required:
            server.set(record.host, record.type, record.value)
        for include in record.includes if record.is_required else ():
            server.set(include.partition("|")[0], "TXT", "v=spf1 ip4:192.0.2.0/24 -all")
