"""The plain text of an HTML mail: paragraphs, lists, links with their address, rows of tables on lines."""

from __future__ import annotations

from dataclasses import dataclass, field

from dashboard.composing.markup import End, Start, Text, read_pieces

INDENT_LIMIT = 8

_PARAGRAPH_NAMES = (
    "address article aside blockquote center dl figure footer form h1 h2 h3 h4 h5 h6 header main nav ol p pre section "
    "table ul"
)
_PARAGRAPHS = frozenset(_PARAGRAPH_NAMES.split())
_LINES = frozenset(["body", "caption", "dd", "div", "dt", "figcaption", "html", "li", "tbody", "tfoot", "thead", "tr"])
_CELL_GAP = " | "


@dataclass(frozen=True, slots=True)
class Size:
    """How long a text is."""

    characters: int
    words: int
    bytes: int


def measure(text: str) -> Size:
    """Characters, words between spaces, and bytes of UTF-8."""
    return Size(len(text), len(text.split()), len(text.encode("utf-8", "replace")))


def make_text(html: str) -> str:
    """Make the text part for an HTML part. A link is written as `text (address)`, an image as its alternative text."""
    writer = _Writer()
    for piece in read_pieces(html):
        if isinstance(piece, Start):
            writer.start(piece)
        elif isinstance(piece, End):
            writer.end(piece.name)
        elif isinstance(piece, Text) and not piece.within:
            writer.write(piece.text)
    return writer.finish()


@dataclass(slots=True)
class _Link:
    """A link that is open: its address, and the text within so far."""

    address: str
    words: list[str] = field(default_factory=list)


class _Writer:
    """Collects lines; a break is remembered and only made when more text follows."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._lists: list[int | None] = []
        self._link: _Link | None = None
        self._preformatted = 0

    def start(self, piece: Start) -> None:
        name = piece.name
        if name in _PARAGRAPHS or name in _LINES:
            self._break(is_paragraph=name in _PARAGRAPHS and not (self._lists and name in {"ul", "ol"}))
        if name in {"ul", "ol"}:
            self._lists.append(1 if name == "ol" else None)
        elif name == "li":
            self._line.append(self._bullet())
        elif name == "pre":
            self._preformatted += 1
        elif name in {"br", "hr"}:
            self._rule(name)
        else:
            self._start_inline(piece)

    def _start_inline(self, piece: Start) -> None:
        if piece.name in {"td", "th"} and any(part.strip() for part in self._line):
            self._line.append(_CELL_GAP)
        elif piece.name == "img":
            self.write(piece.attributes.get("alt", ""))
        elif piece.name == "a":
            self._end_link()
            self._link = _Link(piece.attributes.get("href", "").strip())

    def _rule(self, name: str) -> None:
        self._break(is_paragraph=name == "hr", is_forced=name == "br")
        if name == "hr":
            self._line.append("-" * 40)
            self._break(is_paragraph=True)

    def end(self, name: str) -> None:
        if name == "a":
            self._end_link()
        if name in {"ul", "ol"} and self._lists:
            self._lists.pop()
        if name in _PARAGRAPHS or name in _LINES:
            self._break(is_paragraph=name in _PARAGRAPHS and not self._lists)
        if name == "pre":
            self._preformatted = max(self._preformatted - 1, 0)

    def write(self, text: str) -> None:
        if self._link is not None:
            self._link.words.append(text)
        if not self._preformatted:
            self._line.append(text)
            return
        first, *others = text.split("\n")
        self._line.append(first)
        for other in others:
            self._break(is_paragraph=False, is_forced=True)
            self._line.append(other)

    def finish(self) -> str:
        self._end_link()
        self._break(is_paragraph=False)
        return "\n".join(self._lines).strip("\n")

    def _bullet(self) -> str:
        """`- ` or `1. `, with nested lists two spaces further in; a no-break space keeps the indent from collapsing."""
        number = self._lists[-1] if self._lists else None
        indent = "\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}" * min(max(len(self._lists) - 1, 0), INDENT_LIMIT)
        if number is None:
            return f"{indent}- "
        self._lists[-1] = number + 1
        return f"{indent}{number}. "

    def _end_link(self) -> None:
        link, self._link = self._link, None
        if link is None or not link.address or link.address.startswith("#"):
            return
        words = "".join(link.words).strip()
        shown = link.address.removeprefix("mailto:").removeprefix("tel:")
        if words != shown:
            self._line.append(f" ({shown})" if words else shown)

    def _break(self, *, is_paragraph: bool, is_forced: bool = False) -> None:
        """End the line; a paragraph leaves one empty line, never two."""
        line = "".join(self._line)
        self._line = []
        text = line.rstrip() if self._preformatted else _collapsed(line)
        if text or (is_forced and self._lines and self._lines[-1]):
            self._lines.append(text)
        if is_paragraph and self._lines and self._lines[-1]:
            self._lines.append("")


def _collapsed(line: str) -> str:
    """Write runs of spaces as one; no-break spaces at the start are kept as an indent."""
    words = " ".join(line.replace("\N{NO-BREAK SPACE}", "\0").split())
    return words.replace("\0", " ").rstrip().removesuffix(_CELL_GAP.rstrip()).rstrip()
