"""Lists of `name=value;` as DKIM, DMARC, MTA-STS, TLS-RPT and BIMI records use them (RFC 6376, section 3.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Tags:
    """The tags of a record in their order, names in lower case, and what could not be read, as sentences."""

    pairs: tuple[tuple[str, str], ...]
    problems: tuple[str, ...]

    def get(self, name: str, default: str = "") -> str:
        """Return the first value of a tag."""
        return next((value for tag, value in self.pairs if tag == name), default)

    def has(self, name: str) -> bool:
        """Say whether a tag is there at all, be it empty."""
        return any(tag == name for tag, _ in self.pairs)


def read_tags(text: str) -> Tags:
    """Return the tags of a record; a semicolon at its end is as good as none."""
    pairs: list[tuple[str, str]] = []
    problems: list[str] = []
    seen: set[str] = set()  # a hostile record has thousands of tags
    for part in text.split(";"):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not name and not equals:
            continue
        if not equals or not _NAME.fullmatch(name):
            problems.append(f"“{shorten(part.strip())}” is not of the form name=value.")
            continue
        if name.lower() in seen:
            problems.append(f"The tag {name} is there twice.")
        seen.add(name.lower())
        pairs.append((name.lower(), value))
    return Tags(tuple(pairs), tuple(problems))


def shorten(text: str, length: int = 40) -> str:
    """Return the beginning of a text, with an ellipsis where something was left out."""
    return text if len(text) <= length else text[: length - 1] + "…"
