"""Who sends for a domain, as people and programs say it."""

import pytest

from dashboard.dns.facts import FACTS
from dashboard.dns.records import Sender
from dashboard.dns.senders import (
    PROVIDERS,
    asks_for,
    read_config,
    read_host,
    read_providers,
    read_selectors,
    senders_of,
    split_selectors,
    title_of,
    usual,
)


def test_every_provider_that_is_known_can_be_chosen_and_so_can_own_servers():
    assert set(PROVIDERS) == {*FACTS, "generic"}
    assert (title_of("sendgrid"), title_of("generic")) == ("SendGrid", "Your own servers")


def test_only_what_a_provider_needs_is_asked_for():
    assert asks_for("sendgrid") == ("selectors", "return_path", "tracking")
    assert asks_for("mailgun") == ("selectors", "tracking")
    assert asks_for("generic") == ("selectors",)
    assert (usual("sendgrid", "selectors"), usual("resend", "return_path"), usual("postmark", "selectors")) == (
        "s1, s2", "send", "",
    )  # fmt: skip


def test_settings_are_read_into_one_form():
    given = {
        "selectors": {"sendgrid": " S1; k2,s1", "mailgun": ["mg"], "postmark": "left.out"},
        "return_path": {"sendgrid": "EM1.news.acme.com.", "mailgun": "not asked for"},
        "tracking": {"sendgrid": "", "mailgun": "links"},
    }

    config = read_config(["mailgun", "sendgrid"], given, "news.acme.com")

    assert config == {
        "selectors": {"mailgun": ["mg"], "sendgrid": ["s1", "k2"]}, "return_path": {"sendgrid": "em1"},
        "tracking": {"mailgun": "links"},
    }  # fmt: skip
    assert read_config(["mailgun", "sendgrid"], config) == config


def test_own_servers_are_a_sender_without_a_provider():
    assert senders_of(["generic"], {"selectors": {"generic": ["main"]}}) == (Sender("", ("main",)),)


@pytest.mark.parametrize("read", [
    lambda: read_providers(["fax"]), lambda: read_selectors(["a b"]), lambda: read_selectors([""]),
    lambda: read_selectors(split_selectors("a,b,c,d,e,f,g")), lambda: read_host("a b"), lambda: read_host("x" * 101),
    lambda: read_host("-a-"),
])  # fmt: skip
def test_what_cannot_be_is_refused_with_a_sentence(read):
    with pytest.raises(ValueError, match=r"^must be "):
        read()
