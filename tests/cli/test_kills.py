"""Servers that are killed under load, and several at once: whatever was answered 200 is there, and counted once."""

from __future__ import annotations

import json
import random
import threading
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from dashboard.providers import signatures
from tests.journeys.servers import Server, run, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

ROUNDS = 20
START = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=5)


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request, tmp_path):
    """Settings of an instance of its own; on PostgreSQL a database of its own."""
    if request.param == "sqlite":
        yield {}
        return
    import psycopg

    url, name = request.getfixturevalue("postgresql"), f"kills_{random.getrandbits(32)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield {"database_url": url.replace("/postgres?", f"/{name}?", 1)}
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def instance(tmp_path, settings):
    """A company with a generic source: folder, settings, path of the source and its secret."""
    folder = tmp_path / "instance"
    folder.mkdir()
    run(folder, "db", "upgrade", **settings)
    run(folder, "company", "add", "acme", "--name", "Acme", **settings)
    made = run(
        folder, "source", "add", "--company", "acme", "--provider", "generic", "--name", "Load", "--json", **settings
    )
    source = json.loads(made)
    return folder, settings, source["url_path"], source["secret"]


def batches(number, size=40):
    """Return requests of events: each message is sent and delivered, every third opened, every tenth bounces late."""
    events = []
    for n in range(number * size // 3):
        at = START + timedelta(seconds=n)
        about = {"message_id": f"m{n}", "recipient": f"u{n}@gmail.com", "campaign_id": f"c{n % 3}"}
        events += [about | {"type": "sent", "at": at.isoformat()}]
        events += [about | {"type": "delivered", "at": (at + timedelta(seconds=5)).isoformat()}]
        if n % 3 == 0:
            events += [about | {"type": "opened", "at": (at + timedelta(minutes=5)).isoformat()}]
        if n % 10 == 0:
            events += [about | {"type": "bounced", "at": (at + timedelta(minutes=9)).isoformat()}]
    random.Random(7).shuffle(events)
    return [json.dumps({"events": events[n : n + size]}).encode() for n in range(0, len(events), size)], events


def expected(events):
    """Return what the events add up to by send day, worked out apart from the product."""
    kinds = {}
    for event in events:
        kinds.setdefault(event["message_id"], set()).add(event["type"])
    bounced = {name for name, known in kinds.items() if "bounced" in known}
    opened = {name for name, known in kinds.items() if "opened" in known}
    return {
        "sent": len(kinds), "delivered": len(kinds) - len(bounced), "opened": len(opened - bounced),
        "bounced": len(bounced),
    }  # fmt: skip


def post(url, body, secret):
    headers = {"x-webhook-signature": signatures.sign_hex(body, secret)}
    return httpx.post(url, content=body, headers=headers, timeout=15).status_code


def counted(folder, settings):
    """Count what is left, and return the company's sums, after the proof that they are what the events say."""
    run(folder, "worker", "--once", **settings)
    assert json.loads(run(folder, "rollup", "verify", "--json", **settings))["ok"]
    rows = json.loads(run(folder, "export", "--company", "acme", "--format", "json", "--type", "campaign", **settings))
    return {
        name: sum(row["metrics"][name] for row in rows["details"])
        for name in ("sent", "delivered", "opened", "bounced")
    }


def send_until_killed(server, path, secret, share, after_s):
    """Post from three threads, kill the server after a while; return which requests were answered 200."""
    done: set[int] = set()

    def send(mine):
        for place, body in mine:
            try:
                if post(server.url + path, body, secret) == 200:
                    done.add(place)
            except httpx.HTTPError:
                return

    senders = [threading.Thread(target=send, args=(share[n::3],)) for n in range(3)]
    for sender in senders:
        sender.start()
    time.sleep(after_s)
    server.kill()
    for sender in senders:
        sender.join()
    return done


def test_nothing_is_lost_or_counted_twice_when_the_server_is_killed_again_and_again(instance):
    folder, settings, path, secret = instance
    bodies, events = batches(ROUNDS * 4)
    server = Server(folder, **settings)
    left, dice = list(enumerate(bodies)), random.Random(3)

    for _ in range(ROUNDS):
        server.start()
        done = send_until_killed(server, path, secret, left[: len(bodies) // ROUNDS + 4], dice.uniform(0.02, 0.25))
        left = [(place, body) for place, body in left if place not in done]

    server.start()
    assert all(post(server.url + path, body, secret) == 200 for _, body in left)
    server.kill()
    assert counted(folder, settings) == expected(events)


def test_two_servers_and_two_workers_count_exactly_and_never_refuse(instance):
    folder, settings, path, secret = instance
    bodies, events = batches(60)
    servers = [Server(folder, **settings) for _ in range(2)]
    for server in servers:
        server.start("--workers", "2")
    answers = []

    def send(server, share):
        answers.extend(post(server.url + path, body, secret) for body in share)

    twice = bodies + bodies[::2]
    senders = [threading.Thread(target=send, args=(servers[n % 2], twice[n::6])) for n in range(6)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    wait_for(lambda: waiting(folder, settings) == 0, patience_s=60)
    for server in servers:
        server.kill()

    assert set(answers) == {200}
    assert counted(folder, settings) == expected(events)
    log = (folder / "serve.log").read_text()
    assert "database is locked" not in log
    assert "deadlock" not in log


def waiting(folder, settings):
    """Return how many deliveries wait."""
    import sqlalchemy as sa

    url = settings.get("database_url", f"sqlite:///{folder / 'dashboard.sqlite3'}")
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT count(*) FROM deliveries WHERE state = 'pending'").scalar_one()
    engine.dispose()
    return found
