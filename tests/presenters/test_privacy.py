"""What a veil hides, and what it leaves alone."""

import time

import pytest

from dashboard.presenters.privacy import HIDDEN, Veil

ON, OFF = Veil(is_on=True), Veil(is_on=False)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("bo@gmail.com", "someone at gmail"),
        ("Bo@GoogleMail.com", "someone at gmail"),
        ("bo@acme.test", "someone elsewhere"),
        ("bo", "someone elsewhere"),
        ("", "(no recipient named)"),
    ],
)
def test_recipient_is_called_by_the_receiver(address, shown):
    assert ON.recipient(address) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("550 5.1.1 <bo@gmail.com>: User unknown", f"550 5.1.1 <{HIDDEN}>: User unknown"),
        ("to=bo%40gmail.com&n=1", f"to={HIDDEN}&n=1"),
        ("'Bo Ek' (bo+tag@a.test, eve@b.test)", f"'Bo Ek' ({HIDDEN}, {HIDDEN})"),
        ("mailto:jürgen@bücher.example?x", f"{HIDDEN}?x"),
        ("452 4.2.2 Over quota", "452 4.2.2 Over quota"),
        ("", ""),
    ],
)
def test_addresses_in_a_text_are_hidden(text, shown):
    assert ON.text(text) == shown


def test_nothing_is_hidden_while_privacy_is_off():
    assert OFF.recipient("bo@gmail.com") == "bo@gmail.com"
    assert OFF.text("<bo@gmail.com>") == "<bo@gmail.com>"
    assert OFF.message_id("for-bo@gmail.com", "bo@gmail.com") == "for-bo@gmail.com"
    assert OFF.personal("203.0.113.7") == "203.0.113.7"


def test_message_id_is_hidden_only_where_it_names_the_recipient():
    assert ON.message_id("for-Bo@Gmail.com-1", "bo@gmail.com") == HIDDEN
    assert ON.message_id("<id-1@mail.acme.test>", "bo@gmail.com") == "<id-1@mail.acme.test>"
    assert ON.message_id("id-1", "") == "id-1"


@pytest.mark.parametrize("text", ["a" * 200_000, "@" * 200_000, "a@" * 100_000])
def test_long_texts_take_no_long_time(text):
    began = time.perf_counter()

    ON.text(text)

    assert time.perf_counter() - began < 0.5
