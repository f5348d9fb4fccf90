"""What people look for on the pages of deliveries, messages and recipients, from the query string."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from dashboard.errors import Fault, Invalid, NotFound
from dashboard.queries.messages import Search
from dashboard.queries.recipients import Trouble, TroubleFilter

MAX_SEARCH = 500  # characters; no address or id that we keep is longer

Choice = TypeVar("Choice", bound=StrEnum)


def read_choice(arguments: Mapping[str, str], name: str, choices: type[Choice]) -> Choice | None:
    """Return the choice that a parameter names, None where it is missing or empty; raises Invalid for another."""
    value = arguments.get(name) or None
    try:
        return choices(value) if value else None
    except ValueError:
        fault = Fault(name, f"must be one of {', '.join(choices)}")
        raise Invalid(f"This view cannot be shown: {name} {fault.message}.", fields=[fault]) from None


def read_text(arguments: Mapping[str, str], name: str = "q") -> str:
    """Return the text of a search without blanks around it and without what no text holds; raises Invalid."""
    value = arguments.get(name, "")
    if len(value) > MAX_SEARCH:
        fault = Fault(name, f"has {len(value):,} characters; at most {MAX_SEARCH} are looked for")
        raise Invalid(f"This search cannot be made: {name} {fault.message}.", fields=[fault])
    return "".join(" " if unicodedata.category(char) in {"Cc", "Cs"} else char for char in value).strip()


def read_search(arguments: Mapping[str, str]) -> Search | None:
    """Return what message is looked for: `q` is an address, its beginning or an id, or an id and its recipient."""
    text = read_text(arguments)
    first, _, second = text.partition(" ")
    if "@" in second and " " not in second.strip():
        return Search(first, second.strip())
    return Search(text) if text else None


def read_trouble(arguments: Mapping[str, str], *, is_private: bool) -> TroubleFilter:
    """Return which recipients are asked for; where privacy is on only whole addresses are looked for."""
    kind = read_choice(arguments, "kind", Trouble)
    return TroubleFilter(kind, read_text(arguments).lower(), is_exact=is_private)


def read_page(arguments: Mapping[str, str]) -> int:
    """Return the number of a page, the first where none is named or what is named is no number."""
    value = arguments.get("page", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 7 else 1


def read_message_key(text: str) -> bytes:
    """Return the key of a message from its 32 hexadecimal digits; raises NotFound for anything else."""
    try:
        key = bytes.fromhex(text) if text.isalnum() else b""
    except ValueError:
        key = b""
    if len(key) != 16:
        raise NotFound("There is no such message.")
    return key
