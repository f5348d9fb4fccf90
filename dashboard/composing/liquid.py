"""Templates in Liquid: which variables they use, and what they come to with values; every failure is an Invalid."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile

from liquid import BoundTemplate
from liquid.exceptions import (
    BlockNestingError,
    ContextDepthError,
    LiquidError,
    LoopIterationLimitError,
    OutputStreamLimitError,
)

from dashboard.composing.limits import LOOP_ROUNDS, NESTING, OUTPUT_BYTES, BoundedEnvironment, LimitReached, weigh
from dashboard.composing.scanning import Unreadable, line_of, list_spans
from dashboard.errors import Fault, Invalid

SOURCE_BYTES = 500_000

_ALWAYS_THERE = frozenset({"now", "today"})
_WRAPPED = "unexpected liquid parsing error"

_LIMITS = (
    (LoopIterationLimitError, f"Loops may have {LOOP_ROUNDS:,} rounds together."),
    (OutputStreamLimitError, f"The result may have {OUTPUT_BYTES:,} bytes."),
    (BlockNestingError, f"Blocks may be nested {NESTING} deep."),
    (ContextDepthError, f"Blocks may be nested {NESTING} deep."),
)
_IN_OTHER_WORDS = {
    "unexpected tag 'include'": "“include” cannot be used: a template is one text.",
    "unexpected tag 'render'": "“render” cannot be used: a template is one text.",
    "expected a primitive expression, found end of expression": "Nothing stands between the braces.",
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """A template with values: the subject on one line, the body as HTML, the variables without a value, the text."""

    subject: str
    html: str
    missing: tuple[str, ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class _Read:
    """One text that could be parsed; `path` is the field it came from."""

    path: str
    source: str
    environment: BoundedEnvironment
    template: BoundTemplate


@dataclass(frozen=True, slots=True)
class Comparison:
    """Variables in alphabetical order: declared and used, declared only, used only (these block activating)."""

    used: tuple[str, ...]
    unused: tuple[str, ...]
    undeclared: tuple[str, ...]


def render(subject: str, body: str, values: Mapping[str, object], text: str = "") -> Rendered:
    """All texts with the values, which are nested as the paths are.

    What has no value becomes nothing and is named in `missing`. In the body every value is escaped for HTML unless it
    is passed through `safe`. Raises Invalid with the faults at `subject`, `body`, `text` or `values`.
    """
    _check_values(values)
    read = _read_all(subject, body, text)
    faults: list[Fault] = []
    texts: list[str] = []
    for one in read:
        with _collected(faults, one.path, one.source):
            one.environment.start_clock()
            texts.append(one.template.render(**values))
    _raise(faults)
    missing = (path for path in _variables(read) if not _has_value(values, path.split(".")))
    return Rendered(" ".join(texts[0].split()), texts[1], tuple(sorted(missing)), texts[2])


def find_variables(body: str, subject: str = "", text: str = "") -> frozenset[str]:
    """Find the paths of all variables that must come from outside, such as `contact.first_name`; raises Invalid.

    What the template assigns or loops over itself is none. An index is a part of the path: `items.0.name`.
    """
    return _variables(_read_all(subject, body, text))


def compare_variables(used: Iterable[str], declared: Iterable[str]) -> Comparison:
    """Hold what is used against what is declared; declaring `contact` declares all that lies below it."""
    wanted, known = set(used), set(declared)
    covered = {path for path in wanted if any(part in known for part in _ancestry(path))}
    touched = {part for path in wanted for part in _ancestry(path)}
    return Comparison(tuple(sorted(covered)), tuple(sorted(known - touched)), tuple(sorted(wanted - covered)))


def _ancestry(path: str) -> list[str]:
    """List `a`, `a.b` and `a.b.c` for `a.b.c`."""
    parts = path.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts) + 1)]


def _read_all(subject: str, body: str, text: str) -> list[_Read]:
    """All texts parsed, the subject first; raises Invalid with the faults of all."""
    faults: list[Fault] = []
    read: list[_Read] = []
    for path, source in (("subject", subject), ("body", body), ("text", text)):
        with _collected(faults, path, source):
            _check_source(source)
            environment = BoundedEnvironment(autoescape=path == "body")
            read.append(_Read(path, source, environment, environment.from_string(source)))
    _raise(faults)
    return read


def _check_source(source: str) -> None:
    if "\0" in source:
        raise Unreadable("The text has a NUL character in it.", source.index("\0"))
    if len(source.encode("utf-8")) > SOURCE_BYTES:
        raise Unreadable(f"The text may have {SOURCE_BYTES:,} bytes.", 0)
    list_spans(source)


def _check_values(values: Mapping[str, object]) -> None:
    try:
        weigh(dict(values))
    except (LimitReached, RecursionError) as error:
        raise _invalid([Fault("values", _message(error))]) from error


def _variables(read: Iterable[_Read]) -> frozenset[str]:
    faults: list[Fault] = []
    found: set[str] = set()
    for one in read:
        with _collected(faults, one.path, one.source):
            named = one.template.analyze(include_partials=False).globals
            found.update(_dotted(variable.segments) for variables in named.values() for variable in variables)
    _raise(faults)
    return frozenset(found - _ALWAYS_THERE)


def _dotted(segments: Iterable[object]) -> str:
    """`a.b.0` for `a.b[0]`; it ends before a part that is known only while rendering, as in `a[b.c]`."""
    parts = list(takewhile(lambda segment: not isinstance(segment, list), segments))
    return ".".join(str(part) for part in parts)


def _has_value(values: object, parts: list[str]) -> bool:
    """Whether the path leads somewhere; the names that lists and texts have of their own count."""
    if not parts:
        return True
    head, rest = parts[0], parts[1:]
    if isinstance(values, Mapping) and head in values:
        return _has_value(values[head], rest)
    if isinstance(values, list) and head.lstrip("-").isdigit() and -len(values) <= int(head) < len(values):
        return _has_value(values[int(head)], rest)
    if isinstance(values, list) and head in {"first", "last"} and values:
        return _has_value(values[0 if head == "first" else -1], rest)
    return head == "size" and not rest and isinstance(values, (str, list, Mapping))


@contextmanager
def _collected(faults: list[Fault], path: str, source: str) -> Iterator[None]:
    """Turn whatever goes wrong into one fault of that field."""
    try:
        yield
    except Unreadable as error:
        faults.append(Fault(path, f"Line {line_of(source, error.position)}: {error.message}"))
    # The library lets through whatever Python raises for odd values (overflows, recursion, odd decimals): all of it
    # comes from the author's text, and none of it may reach the person as our failure.
    except Exception as error:  # noqa: BLE001
        faults.append(Fault(path, _placed(_unwrapped(error), source)))


def _unwrapped(error: Exception) -> Exception:
    """Unwrap what the library met while parsing from an error that says nothing."""
    is_wrapped = isinstance(error, LiquidError) and str(error.message) == _WRAPPED
    return error.__cause__ if is_wrapped and isinstance(error.__cause__, Exception) else error


def _placed(error: Exception, source: str) -> str:
    token = error.token if isinstance(error, LiquidError) else None
    if token is None or token.start_index < 0 or token.source != source:
        return _message(error)
    return f"Line {line_of(source, token.start_index)}: {_message(error)}"


def _message(error: Exception) -> str:
    """Find a sentence for the author."""
    for kind, sentence in _LIMITS:
        if isinstance(error, kind):
            return sentence
    if isinstance(error, LimitReached):
        return str(error.args[0])
    if isinstance(error, RecursionError):
        return "This is nested too deep."
    if isinstance(error, UnicodeError):
        return "The text has characters in it that are no characters."
    if isinstance(error, LiquidError) and error.args:
        text = str(error.args[0])[:200]
        return _IN_OTHER_WORDS.get(text) or f"{text[:1].upper()}{text[1:]}."
    return "This cannot be read as Liquid, or not with these values."


def _raise(faults: list[Fault]) -> None:
    if faults:
        raise _invalid(faults)


def _invalid(faults: list[Fault]) -> Invalid:
    return Invalid("The template cannot be rendered.", code="template", fields=faults)
