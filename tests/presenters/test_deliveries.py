"""Bodies as they are shown: JSON and forms are arranged, everything else stands as it came."""

import pytest

from dashboard.presenters.deliveries import MOST_SHOWN, show_body

FORM = "application/x-www-form-urlencoded; charset=utf-8"


def test_json_within_a_form_is_arranged():
    body = b"mandrill_events=%5B%7B%22event%22%3A%22open%22%7D%5D&note=a+b&empty="

    shown = show_body(body, FORM)

    assert shown.text == 'mandrill_events =\n[\n  {\n    "event": "open"\n  }\n]\n\nnote =\na b\n\nempty =\n'
    assert (shown.is_arranged, shown.is_cut) == (True, False)


@pytest.mark.parametrize("body", [b"", b"&" * 5_000 + b"a=1", b"a=1&" * 2_000], ids=["empty", "separators", "fields"])
def test_form_that_is_none_stands_as_it_came(body):
    shown = show_body(body, FORM)

    assert shown.text == body.decode()
    assert not shown.is_arranged


def test_arranged_body_is_cut_where_it_is_long():
    shown = show_body(b"[" + b"1," * 40_000 + b"1]", "application/json")

    # each of the 40,001 elements takes at least four characters when it is arranged
    assert len(shown.text) == MOST_SHOWN
    assert (shown.is_arranged, shown.is_cut) == (True, True)


def test_very_long_json_is_not_arranged():
    shown = show_body(b'["' + b"x" * 600_000 + b'"]', "application/json")

    assert (shown.is_arranged, shown.is_cut) == (False, True)
