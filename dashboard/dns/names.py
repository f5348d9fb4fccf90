"""Domain names as people type them: read into their ASCII form, or refused with a reason."""

from __future__ import annotations

import ipaddress
import re
from functools import cache

import idna
from publicsuffixlist import PublicSuffixList

from dashboard.errors import Invalid
from dashboard.vocabulary.keys import shown_domain

MAX_NAME = 253
MAX_SELECTOR = 100
_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")

# RFC 6761 and IANA's list of special-use names; from internal on those of private networks: ICANN delegates
# none of internal, home, corp and mail, and RFC 6762, appendix G, knows the others.
_SPECIAL = (
    *("alt", "arpa", "example", "example.com", "example.net", "example.org", "invalid", "local", "localhost"),
    *("onion", "test", "internal", "home", "corp", "mail", "lan", "intranet", "private"),
)

shown_name = shown_domain


def read_domain(text: str, *, allow_special: bool = False) -> str:
    """Return the name in lower case and in its ASCII form (IDNA 2008, UTS 46); raises Invalid with the reason.

    `allow_special` lets special-use names such as those under .test through.
    """
    typed = text.strip().strip(".\u3002").strip()
    _refuse_other_things(typed)
    name = _to_ascii(typed)
    if _is_address(name):  # full-width digits become an address only now
        raise _refused(f"{name} is an IP address. Enter a domain name, such as news.acme.com.")
    if "." not in name:
        raise _refused(f"“{typed}” is not a whole domain name: it needs a dot, as in {typed}.com.")
    if not allow_special:
        _refuse_special(name)
    _refuse_public_suffix(name)
    return name


def organisational_domain(name: str) -> str:
    """Return the name that was registered under a public suffix: news.acme.co.uk gives acme.co.uk."""
    found = _suffixes().privatesuffix(name)
    return found if isinstance(found, str) else name


def is_within(name: str, parent: str) -> bool:
    """Say whether a name is the parent or below it."""
    return name == parent or name.endswith(f".{parent}")


def is_selector(text: str) -> bool:
    """Say whether a text can be a DKIM selector: labels of letters, digits, hyphens and underscores, with dots."""
    return len(text) <= MAX_SELECTOR and all(_LABEL.fullmatch(label) for label in text.split("."))


def plain(name: str) -> str:
    """Return a name in the form in which answers are compared: lower case, without the dot at its end."""
    return name.strip().lower().removesuffix(".")


def _refuse_other_things(typed: str) -> None:
    """Refuse what people enter by mistake, before a name is made of it."""
    if not typed:
        raise _refused("Enter a domain name, such as news.acme.com.")
    if len(typed) > MAX_NAME:
        raise _refused(f"A domain name has at most {MAX_NAME} characters; this has {len(typed)}.")
    if "/" in typed or ("@" in typed and not typed.startswith("@")):
        raise _refused("Enter the domain name alone: without https://, a path, or what stands before an @.")
    if _is_address(typed.strip("[]")):
        raise _refused(f"{typed} is an IP address. Enter a domain name, such as news.acme.com.")


def _to_ascii(typed: str) -> str:
    try:
        return idna.encode(typed, uts46=True, std3_rules=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise _refused(f"“{_printable(typed)}” cannot be a domain name: {_why(typed, error)}.") from error


def _why(typed: str, error: Exception) -> str:
    text = str(error)
    if "too long" in text:
        return "a part between dots has at most 63 characters, the whole at most 253"
    if "Empty" in text or ".." in typed:
        return "two dots follow each other, or there is nothing beside a dot"
    if "hyphen" in text:
        return "a part may not begin or end with a hyphen, nor have hyphens as its third and fourth characters"
    return "only letters, digits and hyphens are allowed between its dots"


def _refuse_special(name: str) -> None:
    for special in _SPECIAL:
        if is_within(name, special):
            raise _refused(f"{name} is a special-use name (.{special}): it does not exist in the public DNS.")


def _refuse_public_suffix(name: str) -> None:
    if not _suffixes().is_public(name):
        return
    if _suffixes(only_icann=True).is_public(name):
        raise _refused(f"{name} is a public suffix: names are registered under it. Enter one of those.")
    raise _refused(
        f"{name} is in the private section of the public suffix list: whoever runs it gives the names under it to "
        "others. Enter one of those."
    )


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        last = text.rpartition(".")[2]
        return last.isascii() and last.isdigit()  # no top-level domain is a number, but shortened addresses end so
    return True


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def _refused(sentence: str) -> Invalid:
    return Invalid(sentence, code="bad_domain")


@cache
def _suffixes(*, only_icann: bool = False) -> PublicSuffixList:
    return PublicSuffixList(only_icann=only_icann)
