"""What a mail client would do badly with a mail, or remove from it: one sentence each, with how often and where."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from dashboard.composing.markup import Start, read_pieces

# Gmail shows no more of a message than this, and a link to the rest.
CLIPPED_BYTES = 102_000
NEAR_CLIPPED_BYTES = CLIPPED_BYTES * 8 // 10
SUBJECT_LENGTH = 70
WHERE_LENGTH = 80

_WAYS_OUT = ("unsubscribe", "optout", "preferences")
_REMOVED = frozenset({"script", "iframe", "form", "object", "embed", "input", "button", "select", "textarea"})


class Kind(StrEnum):
    """What a finding is about."""

    NO_SUBJECT = "no_subject"
    LONG_SUBJECT = "long_subject"
    NO_UNSUBSCRIBE = "no_unsubscribe"
    CLIPPED = "clipped"
    NEARLY_CLIPPED = "nearly_clipped"
    NO_TEXT = "no_text"
    IMAGE_WITHOUT_ALT = "image_without_alt"
    INSECURE_LINK = "insecure_link"
    INSECURE_IMAGE = "insecure_image"
    LINK_WITHOUT_ADDRESS = "link_without_address"
    REMOVED_ELEMENT = "removed_element"
    REMOVED_HANDLER = "removed_handler"
    REMOVED_ADDRESS = "removed_address"


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of weakness: a sentence for the author, how often it is met, and where first (a tag or an address)."""

    kind: Kind
    sentence: str
    count: int = 1
    where: str = ""


def find_weaknesses(subject: str, html: str, text: str, variables: Iterable[str] = ()) -> tuple[Finding, ...]:
    """All findings about a rendered mail, those about the whole first.

    `text` is the plain-text part. `variables` are those of the template: one that is named for unsubscribing counts as
    a link, whatever stands for it in a preview.
    """
    starts = [piece for piece in read_pieces(html) if isinstance(piece, Start)]
    whole = (*_about_subject(subject), *_about_size(html), *_about_way_out(starts, variables), *_about_text(text))
    return (*whole, *_about_elements(starts))


def _about_subject(subject: str) -> Iterator[Finding]:
    length = len(subject.strip())
    if not length:
        yield Finding(Kind.NO_SUBJECT, "The subject is empty.")
    if length > SUBJECT_LENGTH:
        sentence = f"The subject has {length} characters; most inboxes show no more than {SUBJECT_LENGTH}."
        yield Finding(Kind.LONG_SUBJECT, sentence, length)


def _about_size(html: str) -> Iterator[Finding]:
    size = len(html.encode("utf-8", "replace"))
    if size > CLIPPED_BYTES:
        sentence = f"The HTML has {size / 1000:.0f} kB; Gmail clips a mail at {CLIPPED_BYTES // 1000} kB."
        yield Finding(Kind.CLIPPED, sentence, size)
    elif size >= NEAR_CLIPPED_BYTES:
        sentence = f"The HTML has {size / 1000:.0f} kB of the {CLIPPED_BYTES // 1000} kB at which Gmail clips a mail."
        yield Finding(Kind.NEARLY_CLIPPED, sentence, size)


def _about_way_out(starts: list[Start], variables: Iterable[str]) -> Iterator[Finding]:
    addresses = (start.attributes.get("href", "") for start in starts if start.name in {"a", "area"})
    if not any(_leads_out(text) for text in (*addresses, *variables)):
        yield Finding(Kind.NO_UNSUBSCRIBE, "There is no link to unsubscribe. Gmail and Yahoo require one in bulk mail.")


def _leads_out(text: str) -> bool:
    letters = text.lower().replace("-", "").replace("_", "")
    return any(way in letters for way in _WAYS_OUT)


def _about_text(text: str) -> Iterator[Finding]:
    if not text.strip():
        yield Finding(Kind.NO_TEXT, "There is no plain text. Some readers and spam filters look at nothing else.")


def _about_elements(starts: list[Start]) -> Iterator[Finding]:
    for kind, singular, plural, is_weak, where in _RULES:
        weak = [start for start in starts if is_weak(start)]
        if weak:
            sentence = singular if len(weak) == 1 else plural.format(len(weak))
            yield Finding(kind, sentence, len(weak), where(weak[0])[:WHERE_LENGTH])


def _has_no_alt(start: Start) -> bool:
    return start.name == "img" and "alt" not in start.attributes


def _is_insecure_link(start: Start) -> bool:
    return start.name in {"a", "area"} and _scheme(start.attributes.get("href", "")) == "http"


def _is_insecure_image(start: Start) -> bool:
    return start.name == "img" and _scheme(start.attributes.get("src", "")) == "http"


def _leads_nowhere(start: Start) -> bool:
    """Find links without an address; a target that only bears a name is none."""
    is_target = {"name", "id"} & start.attributes.keys() and "href" not in start.attributes
    return start.name == "a" and not is_target and start.attributes.get("href", "").strip() in {"", "#"}


def _is_removed(start: Start) -> bool:
    return start.name in _REMOVED


def _has_handler(start: Start) -> bool:
    return any(name.startswith("on") for name in start.attributes)


def _has_script_address(start: Start) -> bool:
    return _scheme(start.attributes.get("href", "")) in {"javascript", "vbscript"}


def _scheme(address: str) -> str:
    """Read the scheme as a browser does, which passes over spaces and control characters."""
    visible = "".join(character for character in address[:200] if character > " ")
    try:
        return urlsplit(visible).scheme
    except ValueError:
        return visible.partition(":")[0].lower()


def _source(start: Start) -> str:
    return start.attributes.get("src", "") or "<img>"


def _address(start: Start) -> str:
    return start.attributes.get("href", "")


def _tag(start: Start) -> str:
    return f"<{start.name}>"


def _handler(start: Start) -> str:
    return next(f"<{start.name} {name}>" for name in start.attributes if name.startswith("on"))


# Kind, the sentence for one, the sentence for more, whether it is met, and what to show of the first.
_RULES: tuple[tuple[Kind, str, str, Callable[[Start], bool], Callable[[Start], str]], ...] = (
    (
        Kind.IMAGE_WITHOUT_ALT,
        "One image has no alternative text for those who do not see it.",
        "{} images have no alternative text for those who do not see them.",
        _has_no_alt,
        _source,
    ),
    (
        Kind.INSECURE_LINK,
        "One link begins with http; use https.",
        "{} links begin with http; use https.",
        _is_insecure_link,
        _address,
    ),
    (
        Kind.INSECURE_IMAGE,
        "One image begins with http; many clients show only https.",
        "{} images begin with http; many clients show only https.",
        _is_insecure_image,
        _source,
    ),
    (
        Kind.LINK_WITHOUT_ADDRESS,
        "One link leads nowhere.",
        "{} links lead nowhere.",
        _leads_nowhere,
        _tag,
    ),
    (
        Kind.REMOVED_ELEMENT,
        "One element cannot work in a mail: mail clients remove it.",
        "{} elements cannot work in a mail: mail clients remove them.",
        _is_removed,
        _tag,
    ),
    (
        Kind.REMOVED_HANDLER,
        "One element has a script attached: mail clients remove it.",
        "{} elements have a script attached: mail clients remove it.",
        _has_handler,
        _handler,
    ),
    (
        Kind.REMOVED_ADDRESS,
        "One link is a script: mail clients remove it.",
        "{} links are scripts: mail clients remove them.",
        _has_script_address,
        _address,
    ),
)
