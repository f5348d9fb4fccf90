"""Domain names are read as people type them, or refused with a reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.dns.names import is_selector, organisational_domain, read_domain, shown_name
from dashboard.errors import Invalid


@pytest.mark.parametrize(("typed", "name"), [
    ("acme.com", "acme.com"),
    ("  News.ACME.com. ", "news.acme.com"),
    ("Bücher.de", "xn--bcher-kva.de"),
    ("xn--bcher-kva.de", "xn--bcher-kva.de"),
    ("faß.de", "xn--fa-hia.de"),
    ("почта。рф", "xn--80a1acny.xn--p1ai"),
    ("acme.github.io", "acme.github.io"),
    ("acme.co.uk", "acme.co.uk"),
])  # fmt: skip
def test_name_is_read_into_its_ascii_form(typed, name):
    assert read_domain(typed) == name


@pytest.mark.parametrize(("typed", "reason"), [
    ("", "Enter a domain name"),
    (" . ", "Enter a domain name"),
    ("a" * 254, "at most 253 characters; this has 254"),
    (f"{'a' * 64}.com", "at most 63 characters"),
    ("192.0.2.1", "is an IP address"),
    ("[2001:db8::1]", "is an IP address"),
    ("127.1", "is an IP address"),
    ("１２７。0。0.1", "is an IP address"),
    ("acme", "it needs a dot, as in acme.com"),
    ("acme..com", "two dots follow each other"),
    ("-acme.com", "may not begin or end with a hyphen"),
    ("ac me.com", "only letters, digits and hyphens"),
    ("a_b.com", "only letters, digits and hyphens"),
    ("♥.com", "only letters, digits and hyphens"),
    ("a\u202eb.com", "only letters, digits and hyphens"),
    ("https://acme.com/", "without https://"),
    ("ada@acme.com", "what stands before an @"),
    ("co.uk", "co.uk is a public suffix"),
    ("com.", "needs a dot"),
    ("github.io", "private section of the public suffix list"),
    ("acme.test", "special-use name (.test)"),
    ("example.com", "special-use name (.example.com)"),
    ("www.example.org", "special-use name (.example.org)"),
    ("printer.local", "special-use name (.local)"),
    ("a.localhost", "special-use name"),
    ("a.invalid", "special-use name"),
    ("a.onion", "special-use name"),
    ("1.168.192.in-addr.arpa", "special-use name (.arpa)"),
    ("a.home.arpa", "special-use name"),
    ("db.internal", "special-use name (.internal)"),
])  # fmt: skip
def test_what_cannot_be_a_sending_domain_is_refused_with_a_reason(typed, reason):
    with pytest.raises(Invalid) as caught:
        read_domain(typed)

    assert reason in caught.value.message


def test_special_name_is_read_where_it_is_allowed():
    assert read_domain("news.acme.test", allow_special=True) == "news.acme.test"


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(typed):
    try:
        name = read_domain(typed, allow_special=True)
    except Invalid:
        return

    assert name.isascii()
    assert (name, "." in name, len(name) <= 253) == (name.lower(), True, True)
    assert read_domain(name, allow_special=True) == name


@pytest.mark.parametrize(("name", "registered"), [
    ("news.mail.acme.co.uk", "acme.co.uk"),
    ("acme.com", "acme.com"),
    ("news.acme.test", "acme.test"),
    ("a.acme.github.io", "acme.github.io"),
    ("co.uk", "co.uk"),
])  # fmt: skip
def test_registered_domain_is_the_one_below_the_public_suffix(name, registered):
    assert organisational_domain(name) == registered


def test_name_is_shown_in_its_own_letters():
    assert shown_name("news.xn--bcher-kva.de") == "news.bücher.de"


@pytest.mark.parametrize("text", ["s1", "20260101pm", "a.b", "k1_x", "scph0126"])
def test_selector_is_taken(text):
    assert is_selector(text)


@pytest.mark.parametrize("text", ["", ".", "a..b", "-a", "a b", "ä", "x" * 101, "a;b"])
def test_what_is_no_selector_is_refused(text):
    assert not is_selector(text)
