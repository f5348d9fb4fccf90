"""HTML as a stream of pieces, read in one pass and never as a tree: hostile text takes no longer than plain text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
# A browser reads no tags within these, only the end of the element.
RAW = frozenset({"script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"})

_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_SPACES = " \t\r\n\f"
_QUOTES = frozenset("\"'")


@dataclass(frozen=True, slots=True)
class Start:
    """The start of an element; attributes by their name in lower case, the first of each counts."""

    name: str
    attributes: dict[str, str]


@dataclass(frozen=True, slots=True)
class End:
    """The end of an element."""

    name: str


@dataclass(frozen=True, slots=True)
class Text:
    """Text with its entities resolved; `within` is the element that is raw, such as `style`, or nothing."""

    text: str
    within: str = ""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment, also one that is a condition for Outlook."""

    text: str


Piece = Start | End | Text | Comment


def read_pieces(html: str) -> Iterator[Piece]:
    """All pieces in order. A tag that is never closed ends the text, as it does in a browser."""
    reader = _Reader()
    for start, end, within in _cuts(html):
        yield from reader.read(html[start:end], within)


class _Reader(HTMLParser):
    """The standard parser, given one piece at a time, so that it has nothing to search through."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self._pieces: list[Piece] = []

    def read(self, part: str, within: str) -> list[Piece]:
        self._pieces = []
        if within:
            self._pieces.append(Text(part, within))
        elif part.startswith("<!--"):
            self._pieces.append(Comment(part[4:-3]))
        elif part.startswith("<") and len(part) > 1 and part[1] not in "!?":
            self.reset()
            self.feed(part)
        elif not part.startswith(("<!", "<?")):
            self._pieces.append(Text(_unescaped(part)))
        return self._pieces

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes: dict[str, str] = {}
        for name, value in attrs:
            attributes.setdefault(name, value or "")
        self._pieces.append(Start(tag, attributes))

    def handle_endtag(self, tag: str) -> None:
        self._pieces.append(End(tag))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)


def _cuts(html: str) -> Iterator[tuple[int, int, str]]:
    """Find the places of each text, tag and comment, and for raw text the element that it is within."""
    folded = html.translate(_LOWER)
    position = 0
    while position < len(html):
        start = _next_markup(html, position)
        if start > position:
            yield position, start, ""
        end = _end_of_markup(html, start)
        if end < 0:
            return
        if start < end:
            yield start, end, ""
        position = end
        name = _name_at(folded, start + 1)
        if name in RAW:
            position = _end_of_raw(folded, name, end)
            yield end, position, name


def _next_markup(html: str, position: int) -> int:
    """Find the next `<` that begins something, or the end."""
    position = html.find("<", position)
    while position >= 0:
        following = html[position + 1 : position + 2]
        if following in {"!", "?", "/"} or (following.isascii() and following.isalpha()):
            return position
        position = html.find("<", position + 1)
    return len(html)


def _end_of_markup(html: str, start: int) -> int:
    """Where what begins at `<` ends, or -1."""
    if start >= len(html):
        return start
    if html.startswith("<!--", start):
        # `<!-->` is a whole comment: its dashes count for both ends.
        end = html.find("-->", start + 2)
        return end + 3 if end >= 0 else -1
    if html[start + 1] in "!?/":
        return html.find(">", start) + 1 or -1
    return _end_of_tag(html, start)


def _end_of_tag(html: str, start: int) -> int:
    """Find the `>` of a start tag, passing over those within quoted values."""
    position = start + 1
    end = html.find(">", position)
    while end >= 0:
        equals = html.find("=", position, end)
        if equals < 0:
            return end + 1
        position = _after_value(html, equals + 1)
        if position < 0:
            return -1
        if position > end:
            end = html.find(">", position)
    return -1


def _after_value(html: str, position: int) -> int:
    """Behind a value in quotes, -1 where it never ends; else where the value begins."""
    while html[position : position + 1] in _SPACES and position < len(html):
        position += 1
    quote = html[position : position + 1]
    if quote not in _QUOTES:
        return position
    return html.find(quote, position + 1) + 1 or -1


def _name_at(folded: str, start: int) -> str:
    end = start
    while end < len(folded) and end - start < 20 and folded[end].isalnum():
        end += 1
    return folded[start:end]


def _end_of_raw(folded: str, name: str, start: int) -> int:
    end = folded.find(f"</{name}", start)
    return end if end >= 0 else len(folded)


def _unescaped(text: str) -> str:
    return unescape(text) if "&" in text else text
