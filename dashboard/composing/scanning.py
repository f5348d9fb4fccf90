"""Where Liquid stands in a text, found in one pass, so that the library never searches for an end that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# One tag or output; lists of the library's patterns grow with the square of its length.
EXPRESSION_LENGTH = 5_000

_NAME = re.compile(r"\{%-?\s*(#|\w+)")
_END_OF = {name: re.compile(rf"\{{%-?\s*end{name}\s*-?%\}}") for name in ("raw", "doc")}


class Unreadable(Exception):
    """A place where Liquid begins and cannot be read, and a sentence about it."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


@dataclass(frozen=True, slots=True)
class Span:
    """One output, one tag, or one whole raw block, by its places in the text."""

    start: int
    end: int


def list_spans(source: str) -> list[Span]:
    """All Liquid of a text in order; raises Unreadable where it is not closed, has no name or is too long."""
    return list(_walk(source))


def line_of(source: str, position: int) -> int:
    """Count the line of a position, from one."""
    return source.count("\n", 0, max(position, 0)) + 1


def _walk(source: str) -> Iterator[Span]:
    position = _next_start(source, 0)
    while position >= 0:
        end = _end_of_output(source, position) if source[position + 1] == "{" else _end_of_tag(source, position)
        yield Span(position, end)
        position = _next_start(source, end)


def _next_start(source: str, position: int) -> int:
    """Find the next `{{` or `{%`, or -1."""
    position = source.find("{", position)
    while position >= 0 and source[position + 1 : position + 2] not in {"{", "%"}:
        position = source.find("{", position + 1)
    return position


def _end_of_output(source: str, start: int) -> int:
    end = source.find("}}", start + 2)
    if end < 0:
        raise Unreadable("“{{” is opened here and never closed with “}}”.", start)
    return _within(start, end + 2)


def _end_of_tag(source: str, start: int) -> int:
    name = _NAME.match(source, start)
    if name is None:
        raise Unreadable("“{%” is followed by no name of a tag.", start)
    end = source.find("%}", name.end())
    if end < 0:
        raise Unreadable("“{%” is opened here and never closed with “%}”.", start)
    is_bare = source[name.end() : end].strip(" \t\r\n-") == ""
    if name[1] in _END_OF and is_bare:
        return _end_of_block(source, start, end + 2, name[1])
    return _within(start, end + 2)


def _end_of_block(source: str, start: int, position: int, name: str) -> int:
    """Find the end of a raw or doc block; what stands within is not Liquid and may be long."""
    end = _END_OF[name].search(source, position)
    if end is None:
        raise Unreadable(f"“{{% {name} %}}” is never closed with “{{% end{name} %}}”.", start)
    return end.end()


def _within(start: int, end: int) -> int:
    if end - start > EXPRESSION_LENGTH:
        raise Unreadable(f"One tag or output may have {EXPRESSION_LENGTH:,} characters.", start)
    return end
