"""Fetching from the outside: only public addresses, and only the one that was looked at."""

import socket
import threading
import time
from contextlib import suppress

import httpx
import pytest

from dashboard.clients.deadlines import TimedTransport
from dashboard.clients.http import MAX_BYTES, CannotFetch, Fetcher

URL = "https://mta-sts.acme.test/.well-known/mta-sts.txt"


def fetcher(answer=None, addresses=("198.41.0.4",), seen=None):
    """Return a fetcher for a host with these addresses, whose server answers so."""

    def handle(request):
        if seen is not None:
            seen.append(request)
        return answer(request) if callable(answer) else (answer or httpx.Response(200, content=b"policy"))

    return Fetcher(httpx.MockTransport(handle), find=lambda _: list(addresses))


def test_address_that_was_looked_at_is_the_one_that_is_asked():
    seen = []

    assert fetcher(seen=seen).get(URL) == b"policy"

    assert str(seen[0].url) == "https://198.41.0.4/.well-known/mta-sts.txt"
    assert seen[0].headers["host"] == "mta-sts.acme.test"
    assert seen[0].extensions["sni_hostname"] == "mta-sts.acme.test"


def test_next_address_is_tried_ipv4_first():
    seen = []

    def answer(request):
        if request.url.host == "198.41.0.4":
            raise httpx.ConnectError("refused")
        return httpx.Response(200, content=b"policy")

    assert fetcher(answer, ("2001:500:2::c", "198.41.0.4"), seen).get(URL) == b"policy"
    assert [request.url.host for request in seen] == ["198.41.0.4", "2001:500:2::c"]


@pytest.mark.parametrize("addresses", [
    ("127.0.0.1",), ("10.0.0.1",), ("169.254.169.254",), ("::1",), ("fd00::1",), ("198.41.0.4", "192.168.0.1"),
])  # fmt: skip
def test_private_address_is_not_asked(addresses):
    seen = []

    with pytest.raises(CannotFetch, match="which is not a public address"):
        fetcher(addresses=addresses, seen=seen).get(URL)

    assert seen == []


@pytest.mark.parametrize("url", [
    "http://acme.test/", "https://acme.test:8443/", "https://ada@acme.test/", "file:///etc/passwd", "https:///x",
])  # fmt: skip
def test_other_addresses_than_https_on_its_usual_port_are_refused(url):
    with pytest.raises(CannotFetch, match="Only https addresses on the usual port"):
        fetcher().get(url)


@pytest.mark.parametrize(("answer", "sentence"), [
    (httpx.Response(404), "answered 404"),
    (httpx.Response(302, headers={"location": "https://127.0.0.1/"}), "answered 302"),
    (httpx.Response(200, content=b"x" * (MAX_BYTES + 1)), "sends too much"),
])  # fmt: skip
def test_answer_that_is_no_plain_200_is_refused(answer, sentence):
    with pytest.raises(CannotFetch, match=sentence):
        fetcher(answer).get(URL)


@pytest.mark.parametrize(
    "error", [httpx.ConnectError("refused"), httpx.ReadTimeout("slow"), httpx.RemoteProtocolError("odd")]
)
def test_server_that_cannot_be_reached_is_a_sentence(error):
    def answer(request):
        raise error

    with pytest.raises(CannotFetch, match=f"cannot be fetched: {type(error).__name__}"):
        fetcher(answer).get(URL)


def test_server_that_drips_its_headers_is_left_when_the_time_is_over():
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip():
            connection, _ = listening.accept()
            with connection, suppress(OSError):
                connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
                while True:
                    connection.sendall(b"a")
                    time.sleep(0.02)

        threading.Thread(target=drip, daemon=True).start()
        begun = time.monotonic()
        client = httpx.Client(transport=TimedTransport(0.3), timeout=5.0, trust_env=False)

        with client, pytest.raises(httpx.ReadTimeout):
            client.get(f"http://127.0.0.1:{listening.getsockname()[1]}/")

    assert time.monotonic() - begun < 3  # each byte alone came in time
