"""Who sends for a domain, as people choose it: the providers, and for each what differs by account."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from dashboard.dns.facts import FACTS
from dashboard.dns.names import is_selector
from dashboard.dns.records import Sender, facts_of

OWN = "generic"  # one's own servers
PROVIDERS = (*sorted(FACTS, key=lambda slug: FACTS[slug].title.lower()), OWN)
MAX_SELECTORS = 6  # of one provider
MAX_HOST = 100

SELECTORS, RETURN_PATH, TRACKING = "selectors", "return_path", "tracking"
HOSTS = (RETURN_PATH, TRACKING)
_BETWEEN = re.compile(r"[\s,;]+")


def title_of(provider: str) -> str:
    """Return what a provider is called."""
    title = facts_of(provider).title
    return title[:1].upper() + title[1:]


def asks_for(provider: str) -> tuple[str, ...]:
    """Return which of the settings make sense for a provider."""
    facts = facts_of(provider)
    hosts = {RETURN_PATH: facts.return_path, TRACKING: facts.tracking}
    return (SELECTORS, *(name for name in HOSTS if hosts[name] is not None))


def usual(provider: str, setting: str) -> str:
    """Return what holds where nothing is entered, '' where that is nothing."""
    facts = facts_of(provider)
    if setting == SELECTORS:
        return ", ".join(facts.selectors)
    place = facts.return_path if setting == RETURN_PATH else facts.tracking
    return place.host if place else ""


def read_providers(slugs: Iterable[str]) -> list[str]:
    """Return the providers in the order in which they are listed; raises ValueError with a sentence."""
    chosen = set(slugs)
    if unknown := sorted(chosen - set(PROVIDERS)):
        raise ValueError(f"must be among {', '.join(PROVIDERS)}; {unknown[0][:40]!r} is not")
    return [slug for slug in PROVIDERS if slug in chosen]


def split_selectors(text: str) -> list[str]:
    """Return the selectors that stand in a text with commas or blanks between them."""
    return [one for one in _BETWEEN.split(text[:2_000]) if one]


def read_selectors(names: Iterable[str]) -> list[str]:
    """Return DKIM selectors in lower case, each once; raises ValueError with a sentence."""
    found = list(dict.fromkeys(one.lower() for one in names))
    for one in found:
        if not is_selector(one):
            raise ValueError(f"must be DKIM selectors such as s1 or k2; {one[:40]!r} is none")
    if len(found) > MAX_SELECTORS:
        raise ValueError(f"must be at most {MAX_SELECTORS} selectors")
    return found


def read_host(text: str, domain: str = "") -> str:
    """Return the part of a host that stands before the domain, '' for none; raises ValueError with a sentence."""
    host = text.strip().lower().rstrip(".")
    if domain:
        host = host.removesuffix(f".{domain}")
    if host and (len(host) > MAX_HOST or not is_selector(host)):
        raise ValueError("must be the part before the domain, such as bounces or links")
    return host


def read_config(providers: Iterable[str], given: Mapping[str, Mapping[str, Any]], domain: str = "") -> dict[str, Any]:
    """Return the settings of the chosen providers in one form, without what is empty; raises ValueError.

    Selectors come as a list or as text.
    """
    config: dict[str, Any] = {}
    for provider in providers:
        for setting in asks_for(provider):
            value = given.get(setting, {}).get(provider) or ""
            if setting == SELECTORS:
                read: Any = read_selectors(split_selectors(value) if isinstance(value, str) else value)
            else:
                read = read_host(value, domain)
            if read:
                config.setdefault(setting, {})[provider] = read
    return config


def senders_of(providers: Iterable[str], config: Mapping[str, Any]) -> tuple[Sender, ...]:
    """Return who sends, as the records to publish are made of it."""
    return tuple(
        Sender(
            "" if slug == OWN else slug, tuple(config.get(SELECTORS, {}).get(slug, ())),
            config.get(RETURN_PATH, {}).get(slug, ""), config.get(TRACKING, {}).get(slug, ""),
        )
        for slug in providers
    )  # fmt: skip
