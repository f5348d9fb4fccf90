"""The Liquid that authors may use, with a bound on everything that grows: time, loops, lists, texts, names, output."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any

from liquid import BoundTemplate, Environment, RenderContext, Tag
from liquid.ast import Node
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.builtin.output import Output, OutputNode
from liquid.exceptions import ResourceLimitError
from liquid.expression import Expression
from liquid.stream import TokenStream

SECONDS = 1.0
OUTPUT_BYTES = 1_000_000
TEXT_LENGTH = 1_000_000
LIST_ITEMS = 2_000
LOOP_ROUNDS = 10_000
LOCAL_NAMES = 1_000
LOCAL_LENGTH = 2_000_000
NESTING = 20
NUMBER_BITS = 4_096

# No template is loaded from anywhere, so there is nothing that these could name.
_LOADING = ("include", "render")
# These take time that grows faster than their input, or read it as code: characters that they are given at most.
_SHORT_INPUT = {"date": 200, "strip_html": 10_000}


class LimitReached(ResourceLimitError):
    """A template asks for more than one may have; the message is for its author."""

    def __init__(self, message: str) -> None:
        super().__init__(message, token=None)


class BoundedEnvironment(Environment):
    """An environment for one template, as it keeps the time: of its own thread, so that a busy machine refuses none."""

    block_nesting_limit = NESTING
    context_depth_limit = NESTING
    loop_iteration_limit = LOOP_ROUNDS
    output_stream_limit = OUTPUT_BYTES

    def __init__(self, *, autoescape: bool, clock: Callable[[], float] = time.thread_time) -> None:
        self._clock = clock
        self.start_clock()
        super().__init__(autoescape=autoescape)
        self.template_class = BoundedTemplate
        for name in _LOADING:
            del self.tags[name]
        self.add_tag(_Output)
        self.tags = _Tags(self.tags, self.check_time)
        self.filters = {name: _bounded(self, name, function) for name, function in self.filters.items()}

    def start_clock(self) -> None:
        """Give what follows its whole time: parsing and rendering each have their own."""
        self._deadline = self._clock() + SECONDS

    def check_time(self) -> None:
        """Raise LimitReached once the time is over; called at each tag that is read and each node that is rendered."""
        if self._clock() > self._deadline:
            raise LimitReached(f"This takes longer than {SECONDS:g} second. Are there loops within loops?")

    def from_string(self, source: str, *args: Any, **kwargs: Any) -> BoundTemplate:
        """As the library's, with every range in the template replaced by one that has an end."""
        template = super().from_string(source, *args, **kwargs)
        for expression in _expressions(template):
            if type(expression) is RangeLiteral:
                expression.__class__ = _Range
        return template


class BoundedContext(RenderContext):
    """A context that looks at the clock for every node, and keeps count of what is assigned."""

    __slots__ = ("_lengths",)

    def __init__(self, template: BoundTemplate, **kwargs: Any) -> None:
        self._lengths: dict[str, int] = {}
        super().__init__(template, **kwargs)

    @property
    def disabled_tags(self) -> list[str]:
        """None; but each node asks before it is rendered, which is the only place that all of them pass."""
        self.env.check_time()  # type: ignore[attr-defined]
        return []

    @disabled_tags.setter
    def disabled_tags(self, names: list[str]) -> None:
        """There are none to keep."""

    def assign(self, key: str, val: Any) -> None:
        """As the library's, which would measure all of them again each time."""
        self._lengths[key] = weigh(val)
        if len(self._lengths) > LOCAL_NAMES:
            raise LimitReached(f"A template may assign {LOCAL_NAMES:,} names.")
        if sum(self._lengths.values()) > LOCAL_LENGTH:
            raise LimitReached(f"What is assigned may have {LOCAL_LENGTH:,} characters together.")
        self.locals[key] = val


class BoundedTemplate(BoundTemplate):
    """A template that is rendered in our context."""

    context_class = BoundedContext


class _Output(Output):
    """`{{ … }}`, looking at the clock while it is parsed."""

    def parse(self, stream: TokenStream) -> OutputNode:
        self.env.check_time()  # type: ignore[attr-defined]
        return super().parse(stream)


class _Tags(dict[str, Tag]):
    """The tags by name, looking at the clock whenever the parser asks for one."""

    def __init__(self, tags: Mapping[str, Tag], check_time: Callable[[], None]) -> None:
        super().__init__(tags)
        self._check_time = check_time

    def get(self, name: str, default: Any = None) -> Any:
        self._check_time()
        return super().get(name, default)


class _Range(RangeLiteral):
    """`(1..n)` with as many numbers as a loop may have rounds."""

    __slots__ = ()

    def _make_range(self, start: Any, stop: Any) -> range:
        numbers: range = super()._make_range(start, stop)
        if numbers.stop - numbers.start > LOOP_ROUNDS:
            raise LimitReached(f"A range may have {LOOP_ROUNDS:,} numbers.")
        return numbers


def weigh(value: object) -> int:
    """Count the characters that a value comes to; LimitReached when it is too long a text, list or number."""
    if isinstance(value, str):
        return _within(len(value), TEXT_LENGTH, "A text may have {:,} characters.")
    if isinstance(value, range):
        return _within(len(value), LIST_ITEMS, "A list may have {:,} elements.")
    if isinstance(value, int):
        return _within(value.bit_length(), NUMBER_BITS, "A number may have {:,} bits.")
    if isinstance(value, (list, tuple, dict)):
        _within(len(value), LIST_ITEMS, "A list may have {:,} elements.")
        elements: Iterable[object] = value.values() if isinstance(value, dict) else value
        return _within(sum(map(weigh, elements)), TEXT_LENGTH, "A list may have {:,} characters together.")
    return 1


def _within(size: int, limit: int, message: str) -> int:
    if size > limit:
        raise LimitReached(message.format(limit))
    return size


def _bounded(environment: BoundedEnvironment, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Measure what goes into a filter, what will come out where that can be much more, and what came out."""

    @wraps(function)
    def bounded(value: object, *arguments: Any, **options: Any) -> Any:
        environment.check_time()
        for given in (value, *arguments):
            size = weigh(given)
            _within(size, _SHORT_INPUT.get(name, size), f"“{name}” takes {{:,}} characters.")
        _foresee(name, value, *arguments)
        result = function(value, *arguments, **options)
        weigh(result)
        return result

    return bounded


def _foresee(name: str, value: object, first: object = " ", second: object = "", *_: object) -> None:
    """Refuse a result that could not even be built."""
    if name == "join" and isinstance(value, (list, tuple, range)):
        _within(len(value) * len(str(first)), TEXT_LENGTH, "A text may have {:,} characters.")
    elif name == "replace":
        _within(str(value).count(str(first)) * len(str(second)), TEXT_LENGTH, "A text may have {:,} characters.")
    elif name == "split":
        _within(str(value).count(str(first)), LIST_ITEMS, "A list may have {:,} elements.")


def _expressions(template: BoundTemplate) -> Iterable[Expression]:
    """Every expression of a template, however deep."""
    context = RenderContext(template)
    nodes: list[Node] = list(template.nodes)
    expressions: list[Expression] = []
    while nodes:
        node = nodes.pop()
        expressions.extend(node.expressions())
        nodes.extend(node.children(context, include_partials=False))
        while expressions:
            expression = expressions.pop()
            expressions.extend(expression.children())
            yield expression
