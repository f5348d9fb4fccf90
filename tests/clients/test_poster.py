"""Posting to a server that takes, is busy, refuses, or is not there."""

import httpx
import pytest

from dashboard.clients.poster import TRIES, NotTaken, Poster

URL = "http://127.0.0.1:9/webhook/generic/secret-token"


def poster(*answers, pauses=None):
    """Return a poster to a server that answers so, one after another."""
    left = list(answers)

    def answer(request):
        found = left.pop(0)
        if isinstance(found, Exception):
            raise found
        status, *rest = found if isinstance(found, tuple) else (found,)
        return httpx.Response(status, **(rest[0] if rest else {}))

    made = Poster(URL, transport=httpx.MockTransport(answer), pause=(pauses if pauses is not None else []).append)
    made.left = left
    return made


def test_request_goes_out_as_it_is():
    seen = []

    def answer(request):
        seen.append(request)
        return httpx.Response(200)

    with Poster(URL, transport=httpx.MockTransport(answer)) as made:
        made.post(b'{"a": 1}', {"content-type": "text/plain", "x-signature": "abc"})

    assert (seen[0].method, str(seen[0].url), seen[0].content) == ("POST", URL, b'{"a": 1}')
    assert (seen[0].headers["content-type"], seen[0].headers["x-signature"]) == ("text/plain", "abc")


@pytest.mark.parametrize("status", [429, 503])
def test_busy_server_is_asked_again_after_a_pause(status):
    pauses = []
    made = poster(status, (status, {"headers": {"retry-after": "3"}}), 200, pauses=pauses)

    made.post(b"", {})

    assert made.left == []
    assert pauses == [1.0, 3.0]


def test_pause_that_a_server_asks_for_is_bounded():
    pauses = []

    poster((503, {"headers": {"retry-after": "3600"}}), 200, pauses=pauses).post(b"", {})

    assert pauses == [20.0]


def test_server_that_stays_busy_is_given_up():
    with pytest.raises(NotTaken, match=r"The server answered 503\."):
        poster(*[503] * TRIES).post(b"", {})


@pytest.mark.parametrize(("answer", "sentence"), [
    ((401, {"json": {"error": {"message": "The signature is wrong."}}}), "answered 401: The signature is wrong. Does the server use"),
    ((404, {"json": {"error": {"message": "There is no such address."}}}), "answered 404: There is no such address. Does the server use the same database"),
    (404, "answered 404. Does the server use the same database"),
    ((400, {"json": ["odd"]}), "answered 400."),
    ((301, {"headers": {"location": "https://elsewhere.test/"}}), "answered 301."),
    ((500, {"text": "<html>"}), "answered 500."),
    (201, "answered 201."),
])  # fmt: skip
def test_other_answer_ends_it_with_a_sentence(answer, sentence):
    with pytest.raises(NotTaken) as caught:
        poster(answer).post(b"", {})

    assert sentence in caught.value.message
    assert "secret-token" not in caught.value.message


def test_nobody_there_is_a_sentence():
    with Poster(URL) as made, pytest.raises(NotTaken) as caught:
        made.post(b"", {})

    assert "There is no server at http://127.0.0.1:9 (" in caught.value.message
    assert "dashboard serve" in caught.value.message
    assert "secret-token" not in caught.value.message


def test_server_that_does_not_answer_is_a_sentence():
    with pytest.raises(NotTaken, match=r"did not answer \(ReadTimeout\)\."):
        poster(httpx.ReadTimeout("too slow")).post(b"", {})
