"""A template for elsewhere: its style sheets written into its elements, its Liquid left as it was."""

from __future__ import annotations

import re
from dataclasses import dataclass

import css_inline

from dashboard.composing.liquid import find_variables
from dashboard.composing.markup import VOID, Comment, End, Start, read_pieces
from dashboard.composing.scanning import Span, line_of, list_spans
from dashboard.errors import Fault, Invalid

DEPTH = 150
# Each open element such as <font> may be repeated in every element that follows.
REPEATED = 200_000
# Rules times elements: each rule is held against each element.
COMPARISONS = 3_000_000

_FORMATTING = frozenset(
    ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"]
)
# Their ends may be left out.
_TABLE_PARTS = frozenset(["tbody", "td", "tfoot", "th", "thead", "tr"])
_IMPLIED = _TABLE_PARTS | {"dd", "dt", "li", "option", "p"}
# Only the ends of these close what is open within; the end of any other element is ignored there.
_CLOSING = frozenset(["blockquote", "center", "dd", "div", "dl", "dt", "li", "ol", "section", "table", "ul"])
_CELLS = frozenset(["td", "th"])
# Within these, tags are read by rules of their own; no mail client shows them.
_FOREIGN = frozenset(["frameset", "math", "plaintext", "select", "svg", "template"])
_TERMS = frozenset(["dd", "dt"])
# What the start of an element ends, where it is on top.
_CLOSED_BY = {
    "dd": _TERMS,
    "dt": _TERMS,
    "li": frozenset(["li"]),
    "option": frozenset(["option"]),
    "p": frozenset(["p"]),
    "tbody": _CELLS | {"tbody", "thead", "tr"},
    "td": _CELLS,
    "th": _CELLS,
    "tr": _CELLS | {"tr"},
}
# `…3w` is a word within a tag or a style sheet, `<!--…3c-->` stands between tags, where a table allows a comment only.
_MARK = "zzliquid"
_MOVED = frozenset(["body", "colgroup", "head", "html", "link", "style", "tbody"])


def inline_styles(source: str) -> str:
    """Write the CSS of a template into style attributes; at-rules, such as media queries, stay in a style element.

    Nothing is fetched, so a style sheet that is only linked has no effect, and its link is dropped. The result is a
    whole document. Raises Invalid where that cannot be done, at `body`.
    """
    # Refuses what cannot be read, with its line.
    find_variables(source)
    marked, kept = _mark(source)
    _check_shape(marked)
    try:
        inlined: str = _INLINER.inline(marked)
    except (css_inline.InlineError, ValueError) as error:
        raise _invalid(f"The styles cannot be written into the elements: {str(error)[:200]}") from error
    if kept.spans and _outline(marked, kept) != _outline(inlined, kept):
        raise _invalid("A block of Liquid opens an element that another closes, so that its place would be lost.")
    return _restore(inlined, kept, source)


_INLINER = css_inline.CSSInliner(
    inline_style_tags=True,
    keep_style_tags=False,
    keep_link_tags=False,
    keep_at_rules=True,
    load_remote_stylesheets=False,
)


@dataclass(frozen=True, slots=True)
class _Kept:
    """The Liquid that was taken out, in order, and the mark that stands for it with its number."""

    mark: str
    spans: list[Span]

    def word(self, number: int) -> str:
        return f"{self.mark}{number}w"

    def comment(self, number: int) -> str:
        return f"<!--{self.mark}{number}c-->"


def _mark(source: str) -> tuple[str, _Kept]:
    """Replace each piece of Liquid: by a comment between tags, by a word within them."""
    mark = _MARK
    while mark in source.lower():
        mark += "q"
    kept = _Kept(mark, list_spans(source))
    within = _numbers_within(_replaced(source, kept, frozenset(range(len(kept.spans)))), kept, source)
    return _replaced(source, kept, within), kept


def _replaced(source: str, kept: _Kept, within: frozenset[int]) -> str:
    parts: list[str] = []
    position = 0
    for number, span in enumerate(kept.spans):
        parts += (source[position : span.start], kept.word(number) if number in within else kept.comment(number))
        position = span.end
    return "".join([*parts, source[position:]])


def _numbers_within(worded: str, kept: _Kept, source: str) -> frozenset[int]:
    """Which pieces stand in the value of an attribute, a style sheet or a comment; refuses those between attributes."""
    pattern = re.compile(rf"{kept.mark}(\d+)w")
    within: set[int] = set()
    for piece in read_pieces(worded):
        if isinstance(piece, Start):
            names = f"{piece.name} {' '.join(piece.attributes)}"
            _refuse_lost(pattern.findall(names), kept, source, "between the attributes of a tag")
            within.update(int(number) for value in piece.attributes.values() for number in pattern.findall(value))
        elif isinstance(piece, Comment) or (not isinstance(piece, End) and piece.within):
            within.update(int(number) for number in pattern.findall(piece.text))
    return frozenset(within)


def _outline(html: str, kept: _Kept) -> list[str]:
    """List the tags and the Liquid between them in order, without those that a browser adds or moves by itself."""
    outline: list[str] = []
    for piece in read_pieces(html):
        if isinstance(piece, Start) and piece.name not in _MOVED:
            outline.append(piece.name)
        elif isinstance(piece, End) and piece.name not in _MOVED | _IMPLIED | VOID:
            outline.append(f"/{piece.name}")
        elif isinstance(piece, Comment) and piece.text.startswith(kept.mark):
            outline.append(piece.text)
    return outline


def _restore(inlined: str, kept: _Kept, source: str) -> str:
    """Put the Liquid back; refuses where some of it is gone with a rule that fits no element."""
    found: set[int] = set()

    def back(match: re.Match[str]) -> str:
        number = int(match[1] or match[2])
        found.add(number)
        span = kept.spans[number]
        return source[span.start : span.end]

    restored = re.sub(rf"<!--{kept.mark}(\d+)c-->|{kept.mark}(\d+)w", back, inlined)
    lost = [str(number) for number in range(len(kept.spans)) if number not in found]
    _refuse_lost(lost, kept, source, "that no element uses (around the rules of a style sheet)")
    return restored


def _refuse_lost(numbers: list[str], kept: _Kept, source: str, where: str) -> None:
    if numbers:
        line = line_of(source, kept.spans[int(numbers[0])].start)
        raise _invalid(f"Line {line}: Liquid {where} would be lost when styles are written into the elements.")


def _check_shape(html: str) -> None:
    """Refuse what would grow beyond bounds as a tree: depth, repeated formatting, rules against elements.

    The stack is never shorter than a browser's: an end closes only the element on top, or those whose end may be left
    out.
    """
    stack: list[str] = []
    elements = repeated = 0
    for piece in read_pieces(html):
        repeated += sum(name in _FORMATTING for name in stack)
        if isinstance(piece, Start):
            elements += 1
            _open(stack, piece.name)
        elif isinstance(piece, End):
            _close(stack, piece.name)
        if len(stack) > DEPTH:
            raise _invalid(
                f"Elements are nested deeper than {DEPTH}, or many are never closed: {', '.join(stack[-4:])}."
            )
        if repeated > REPEATED:
            raise _invalid("Too many elements such as <b> or <font> are opened and never closed.")
    if elements * html.count("{") > COMPARISONS:
        raise _invalid("The style sheets have too many rules for so many elements.")


def _open(stack: list[str], name: str) -> None:
    if name in _FOREIGN:
        raise _invalid(f"<{name}> cannot be exported; mail clients do not show it.")
    if name in VOID:
        return
    while stack and stack[-1] in _CLOSED_BY.get(name, ()):
        stack.pop()
    stack.append(name)


def _close(stack: list[str], name: str) -> None:
    """Parts of a table outside of one are no elements to a browser, so they close nothing but each other."""
    passed = _TABLE_PARTS if name in _TABLE_PARTS else _IMPLIED if name in _CLOSING else frozenset()
    top = len(stack)
    while top and stack[top - 1] != name and stack[top - 1] in passed:
        top -= 1
    if top and stack[top - 1] == name:
        del stack[top - 1 :]


def _invalid(message: str) -> Invalid:
    return Invalid("The template cannot be exported.", code="template", fields=[Fault("body", message)])
