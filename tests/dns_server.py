"""A real DNS server on loopback, over UDP and TCP, whose records can be changed while it runs.

    with DnsServer() as server:
        server.add("acme.test", "TXT", "v=spf1 -all")
        server.add("s1._domainkey.acme.test", "CNAME", "s1.provider.test")
        server.behave("slow.test", "silent")
        Resolver([server.host], port=server.port)

It answers as a recursive server does: CNAMEs are followed within its own records, however many zones these are of.
"""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
from dataclasses import dataclass
from typing import Literal, Self

from dnslib import AAAA, CNAME, MX, NS, QTYPE, RCODE, RD, RR, TXT, A, DNSRecord

Behaviour = Literal["silent", "servfail", "refused", "nxdomain", "truncated", "terse", "garbage"]
HOST = "127.0.0.1"
TRIES = 20


@dataclass(frozen=True)
class Asked:
    """One question that arrived."""

    name: str
    type: str
    protocol: str


class DnsServer:
    """Answers from its own records; `asked` has every question in the order of arrival."""

    host = HOST

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._records: dict[str, list[tuple[str, RD, int]]] = {}
        self._behaviours: dict[str, Behaviour] = {}
        self._lock = threading.Lock()
        self._udp, self._tcp = _bind(self)
        self._threads = [threading.Thread(target=one.serve_forever, args=(0.02,)) for one in (self._udp, self._tcp)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *details: object) -> None:
        for server in (self._udp, self._tcp):
            server.shutdown()
            server.server_close()
        for thread in self._threads:
            thread.join()

    @property
    def port(self) -> int:
        """The port of both protocols."""
        return self._udp.server_address[1]

    @property
    def address(self) -> str:
        """The server as `--nameserver` takes it."""
        return f"{HOST}:{self.port}"

    # --- its records ------------------------------------------------------------------------------

    def add(self, name: str, type_: str, *values: str | list[bytes], ttl: int = 300) -> None:
        """Add records; a TXT given as a list has these strings, an MX is `10 mail.acme.test`."""
        with self._lock:
            self._records.setdefault(_key(name), []).extend((type_, _data(type_, value), ttl) for value in values)

    def remove(self, name: str, type_: str | None = None) -> None:
        """Take the records of a name away, or those of one type."""
        with self._lock:
            kept = [one for one in self._records.pop(_key(name), []) if type_ and one[0] != type_]
            if kept:
                self._records[_key(name)] = kept

    def set(self, name: str, type_: str, *values: str | list[bytes], ttl: int = 300) -> None:
        """Put records in the place of those that there are of the type."""
        self.remove(name, type_)
        self.add(name, type_, *values, ttl=ttl)

    def delegate(self, name: str, *servers: str) -> None:
        """Say that a zone begins at the name, and who runs it."""
        self.add(name, "NS", *servers)

    def behave(self, name: str, how: Behaviour | None) -> None:
        """Answer for a name, and all below it, in another way; None ends that.

        silent: not at all · truncated: only by TCP · terse: CNAMEs are not followed · garbage: no DNS message.
        """
        with self._lock:
            self._behaviours.pop(_key(name), None)
            if how:
                self._behaviours[_key(name)] = how

    # --- answering --------------------------------------------------------------------------------

    def answer(self, raw: bytes, protocol: str) -> bytes | None:
        """Return the answer to a message, None for silence."""
        request = DNSRecord.parse(raw)
        name, type_ = _key(str(request.q.qname)), QTYPE[request.q.qtype]
        with self._lock:
            self.asked.append(Asked(name, type_, protocol))
            how = self._behaviour_of(name)
            reply = self._reply(request, name, type_, is_terse=how == "terse")
        if how == "silent":
            return None
        if how == "garbage":
            return raw[:2] + b"\xff" * 9
        if how in {"servfail", "refused", "nxdomain"}:
            reply = request.reply()
            reply.header.rcode = getattr(RCODE, how.upper())
        if how == "truncated" and protocol == "udp":
            reply = request.reply()
            reply.header.tc = 1
        return bytes(reply.pack())

    def _behaviour_of(self, name: str) -> Behaviour | None:
        labels = name.split(".")
        parents = (".".join(labels[start:]) for start in range(len(labels)))
        return next((self._behaviours[parent] for parent in parents if parent in self._behaviours), None)

    def _reply(self, request: DNSRecord, name: str, type_: str, *, is_terse: bool) -> DNSRecord:
        reply = request.reply(ra=1)
        reply.header.rcode = RCODE.NOERROR if self._exists(name) else RCODE.NXDOMAIN
        for _ in range(10):
            found = self._records.get(name, [])
            for kind, data, ttl in found:
                if kind in {type_, "CNAME"}:
                    reply.add_answer(RR(name, getattr(QTYPE, kind), rdata=data, ttl=ttl))
            target = next((_key(str(data.label)) for kind, data, _ in found if kind == "CNAME"), None)
            if target is None or type_ == "CNAME" or is_terse:
                return reply
            name = target
            reply.header.rcode = RCODE.NOERROR if self._exists(name) else RCODE.NXDOMAIN
        return reply

    def _exists(self, name: str) -> bool:
        return any(known == name or known.endswith(f".{name}") for known in self._records)


class _OverUdp(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        raw, connection = self.request
        answer = self.server.owner.answer(raw, "udp")
        if answer is not None:
            connection.sendto(answer, self.client_address)


class _OverTcp(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.request.settimeout(5)
        length = struct.unpack("!H", self.request.recv(2, socket.MSG_WAITALL))[0]
        answer = self.server.owner.answer(self.request.recv(length, socket.MSG_WAITALL), "tcp")
        if answer is not None:
            self.request.sendall(struct.pack("!H", len(answer)) + answer)


def _bind(owner: DnsServer) -> tuple[socketserver.UDPServer, socketserver.TCPServer]:
    """Return servers of both protocols on one free port."""
    for _ in range(TRIES):
        udp = socketserver.ThreadingUDPServer((HOST, 0), _OverUdp)
        try:
            tcp = socketserver.ThreadingTCPServer((HOST, udp.server_address[1]), _OverTcp)
        except OSError:
            udp.server_close()
            continue
        for server in (udp, tcp):
            server.owner, server.daemon_threads = owner, True
        return udp, tcp
    raise RuntimeError("There is no free port for both UDP and TCP.")


def _key(name: str) -> str:
    return name.lower().rstrip(".")


def _data(type_: str, value: str | list[bytes]) -> RD:
    if type_ == "TXT":
        raw = value if isinstance(value, list) else [value.encode()]
        return TXT([part[start : start + 255] for part in raw for start in range(0, max(len(part), 1), 255)])
    if type_ == "MX":
        preference, _, exchange = value.partition(" ")
        return MX(exchange, int(preference))
    return {"A": A, "AAAA": AAAA, "CNAME": CNAME, "NS": NS}[type_](value)
