"""Text as it is searched and sorted: without accents and case, the same on every store."""

from __future__ import annotations

import unicodedata

MAX_WORDS = 16  # of a search; further ones are not looked at
_SPECIAL = str.maketrans({"ß": "ss", "ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "\u0131": "i"})
# Scripts that write words without blanks between them: each character is a word.
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO ", "KHMER", "MYANMAR")


def fold(text: str) -> str:
    """Return the text without accents and case; what is no letter or digit becomes a blank."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_SPECIAL))
    return " ".join("".join(_folded(char) for char in plain).split())


def _folded(char: str) -> str:
    if char.isascii():
        return char if char.isalnum() else " "
    category = unicodedata.category(char)
    if category in {"Mn", "Me"}:
        return ""
    if category[0] not in "LNM":
        return " "
    return f" {char} " if unicodedata.name(char, "").startswith(_UNSPACED) else char


def searched(*texts: str | None) -> str:
    """Return the words of some texts, each with a blank on either side: what `like` is held against."""
    words = dict.fromkeys(word for text in texts if text for word in fold(text).split())
    return f" {' '.join(words)} " if words else ""


def patterns(search: str) -> list[str]:
    """Return what must stand in `searched` text: every word whole, the last one as a beginning."""
    words = fold(search).split()[:MAX_WORDS]
    return [*(f" {word} " for word in words[:-1]), *(f" {word}" for word in words[-1:])]


def cut(text: str, most: int) -> str:
    """Return the beginning of the text that has at most so many bytes in UTF-8."""
    raw = text.encode("utf-8", "replace")
    return text if len(raw) <= most else raw[:most].decode("utf-8", "ignore")
