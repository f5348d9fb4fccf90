"""What all providers share: the shape of an adapter, the reading of bodies element by element, the one convention.

An adapter is a module of this package with the attributes of `Adapter`: pure functions on bytes and lower-cased
headers. Adding a provider is one file here, its payloads in tests/providers/payloads/ and a page in docs/providers/.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import ModuleType
from typing import Any, Protocol, cast

import orjson

from dashboard.vocabulary.events import Event, EventType
from dashboard.vocabulary.sources import Connection, ReceivedDelivery

MAX_ELEMENTS = 10_000
MAX_TEXT = 500  # characters kept of what people wrote: reasons, subjects
MAX_ID = 500  # characters of a message's or an event's id
MAX_ADDRESS = 320  # characters of an e-mail address
MAX_URL = 2_000
EARLIEST_US = 946_684_800_000_000  # 2000-01-01: an older instant is a mistake of the sender's clock
LATEST_US = 4_102_444_800_000_000  # 2100-01-01


class BadSignature(Exception):
    """The delivery was not signed with a valid secret, or a header is missing or malformed."""


class Unreadable(Exception):
    """A body or one of its elements cannot be read; the message says why, and where."""


class Secret(StrEnum):
    """What somebody pastes to connect a source."""

    NONE = "none"  # only the address's own token
    SIGNING = "signing"  # a signing secret or key that the provider shows
    PUBLIC_KEY = "public_key"
    BASIC = "basic"  # user:password of HTTP Basic, or a bearer token
    OURS = "ours"  # a secret that we make and the sender is given


@dataclass(frozen=True, slots=True)
class Guide:
    """How to connect a provider: its title, what is pasted, and the clicks on its own pages, in order.

    `words` is the table from its words to ours, for readers: pairs of text.
    """

    title: str
    secret: Secret
    steps: tuple[str, ...]
    words: tuple[tuple[str, str], ...]
    secret_hint: str = ""  # where to find what is pasted
    keys_hint: str = ""  # how to send campaign, template, mailbox and domain with a mail


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a delivery holds: events, and the elements that could not be read (place, reason)."""

    events: list[Event] = field(default_factory=list)
    unreadable: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class TrialKeys:
    """What simulated traffic is signed with: a secret, or a private key and its public half (as it is pasted)."""

    secret: str = ""
    public_key: str = ""
    private_key: bytes = b""  # PEM, PKCS 8


@dataclass(frozen=True, slots=True)
class Composed:
    """One request as the provider would post it."""

    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a delivery through a topic says of the topic itself; `confirm_url` is asked for a new subscription."""

    topic: str
    confirm_url: str = ""


class Adapter(Protocol):
    """The shape of a provider's module.

    Optional attributes: `busy_status` (what tells the provider to come again, 503 where it is missing),
    `make_keys() -> TrialKeys` for providers that sign with a private key, `is_public_key(pasted) -> bool` for those
    whose public key is pasted, and
    `subscription(delivery) -> Subscription | None` for those who speak through a topic that wants to be confirmed.

    For uploaded exports: `wrap(element) -> bytes`, the body by which the provider would post one element alone, where
    that is not the element itself; `columns: dict[str, str]`, which field a column of its CSV holds, with nothing for
    one that holds none; and `export_hint`, a sentence for those who look for the right file.
    """

    name: str
    guide: Guide
    batch: int  # events that one request carries at most

    def verify(self, delivery: ReceivedDelivery, connection: Connection, now: datetime) -> None:
        """Return if the delivery is signed with a valid secret; raises BadSignature, or NoCertificate."""

    def parse(self, delivery: ReceivedDelivery) -> Parsed:
        """Return the events of a body; raises Unreadable when nothing of it can be read."""

    def compose(self, events: Sequence[Event], keys: TrialKeys, url: str, now: datetime) -> Composed:
        """Return the signed request by which the provider would tell these events; `parse` reads them back."""


def as_adapter(module: ModuleType) -> Adapter:
    """Return a provider's module by its shape."""
    return cast(Adapter, module)


# --- reading ---------------------------------------------------------------------------------------


def read_json(body: bytes) -> Any:
    """Return the JSON value of a body; raises Unreadable."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Unreadable(f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from error


def as_list(value: Any) -> list[Any]:
    """Return a list of elements: the list itself, or one element alone; raises Unreadable for anything else."""
    if isinstance(value, list):
        if len(value) > MAX_ELEMENTS:
            raise Unreadable(f"The body holds {len(value):,} elements; at most {MAX_ELEMENTS:,} are read.")
        return value
    if isinstance(value, dict):
        return [value]
    raise Unreadable("The body is neither an object nor a list of objects.")


def parse_each(elements: Sequence[Any], read: Callable[[dict[str, Any]], Iterable[Event]]) -> Parsed:
    """Read each element by itself, so that one that cannot be read does not fail the others."""
    parsed = Parsed()
    for place, element in enumerate(elements):
        if not isinstance(element, dict):
            parsed.unreadable.append((place, "It is not an object."))
            continue
        try:
            parsed.events.extend(_checked(read(element)))
        except Unreadable as error:
            parsed.unreadable.append((place, str(error)))
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
            parsed.unreadable.append((place, _reason(error)))
    return parsed


def _checked(events: Iterable[Event]) -> Iterator[Event]:
    for event in events:
        if event.type is EventType.IGNORED:
            yield event
            continue
        if not (event.message_id or event.aliases or event.in_reply_to):
            raise Unreadable("It names no message.")
        if not EARLIEST_US <= event.at_us <= LATEST_US:
            raise Unreadable("Its instant lies outside 2000 to 2100.")
        yield event


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"The field {error.args[0]!r} is missing."
    return f"A field has an unexpected form ({type(error).__name__})."


# --- instants --------------------------------------------------------------------------------------


def seconds_us(value: Any) -> int:
    """Return microseconds from a number (or its text) of seconds since 1970; raises Unreadable."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise Unreadable("Its instant is not a number of seconds.")
    if isinstance(value, int):
        return value * 1_000_000
    text = value.strip() if isinstance(value, str) else repr(value)
    found = re.fullmatch(r"(\d{1,12})(?:\.(\d{1,9})\d*)?", text)
    if not found:
        raise Unreadable("Its instant is not a number of seconds.")
    return int(found[1]) * 1_000_000 + int((found[2] or "0").ljust(6, "0")[:6])


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RFC3339 = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:[.,](\d{1,9}))?\s*([Zz]|UTC|[+-]\d{2}:?\d{2}|[+-]\d{2})?"
)


def iso_us(value: Any, *, zone_missing_is_utc: bool = False) -> int:
    """Return microseconds from an RFC 3339 instant, with up to nine fractional digits; raises Unreadable.

    Without an offset it is refused, or read as UTC where the provider is known to mean that.
    """
    found = _RFC3339.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found or (found[4] is None and not zone_missing_is_utc):
        raise Unreadable("Its instant is not an RFC 3339 instant with an offset.")
    offset = found[4] or "Z"
    if offset in {"Z", "z", "UTC"}:
        offset = "+00:00"
    elif len(offset) == 3:
        offset += ":00"
    elif ":" not in offset:
        offset = f"{offset[:3]}:{offset[3:]}"
    instant = datetime.fromisoformat(f"{found[1]}T{found[2]}{offset}")
    seconds = (instant - _EPOCH) // timedelta(seconds=1)
    return seconds * 1_000_000 + int((found[3] or "0").ljust(6, "0")[:6])


def iso_of(at_us: int) -> str:
    """Return an instant as RFC 3339 with microseconds, as iso_us reads it."""
    return (_EPOCH + timedelta(microseconds=at_us)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


# --- text and metadata -----------------------------------------------------------------------------


def text(value: Any, limit: int = MAX_TEXT) -> str:
    """Return a value as short text: nothing for null, without NUL, cut at the limit."""
    if type(value) is str:  # nearly always: as quickly as can be
        return value if len(value) <= limit and "\0" not in value else value.replace("\0", "")[:limit]
    if value is None or isinstance(value, (dict, list)):
        return ""
    return str(value).replace("\0", "")[:limit]


def pairs(value: Any) -> tuple[tuple[str, str], ...]:
    """Return metadata as (name, text) pairs; providers send an empty list for none."""
    if not isinstance(value, dict):
        return ()
    return tuple((text(name, 100), text(one)) for name, one in value.items() if one is not None)


def tag_list(value: Any) -> tuple[str, ...]:
    """Return tags from a list, one text, or nothing."""
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list):
        return ()
    return tuple(one for one in (text(tag) for tag in value) if one)


def bare_id(value: Any) -> str:
    """Return a Message-ID without its angle brackets."""
    return text(value, 500).strip().removeprefix("<").removesuffix(">")


# Possessive and anchored on the left, so that a long text without @ is read once.
_ADDRESS = re.compile(r"(?<![^\s<>@\",;])[^\s<>@\",;]++@[^\s<>@\",;]+")
_DOMAIN = re.compile(r"(?<![^\s<>@\"])[^\s<>@\"]++@([^\s<>@\",;]+)")


def domain_of(address: Any) -> str:
    """Return the domain of an address such as `Ada <ada@mail.example>`, or nothing."""
    found = _DOMAIN.search(address) if isinstance(address, str) else None
    return found[1].lower() if found else ""


def address_of(value: Any) -> str:
    """Return the plain address of `Ada <ada@mail.example>`, lower-cased, or nothing."""
    found = _ADDRESS.search(value) if isinstance(value, str) else None
    return found[0].lower() if found else ""


def resources(
    metadata: Mapping[str, Any] | None,
    tags: Sequence[str] = (),
    *,
    campaign: Any = None,
    template: Any = None,
    sender: Any = None,
    domain: Any = None,
) -> dict[str, str | None]:
    """Return campaign, template, mailbox and domain by the one convention for all providers.

    First metadata (`campaign_id`, `template_id`, `mailbox_id`, `domain`), then tags such as `campaign:spring`,
    then the provider's own ids, then the sender's address.
    """
    address = address_of(sender)
    own_domain = domain_of(address)
    if not metadata and not tags:
        return {
            "campaign": _first(campaign), "template": _first(template), "mailbox": address or None,
            "domain": _first(domain) or own_domain or None,
        }  # fmt: skip
    metadata = metadata if isinstance(metadata, Mapping) else {}
    by_tag: dict[str, str] = {}
    for tag in tags:
        name, separator, value = tag.partition(":")
        if separator and value:
            by_tag.setdefault(name.strip().lower(), value.strip())
    return {
        "campaign": _first(metadata.get("campaign_id"), by_tag.get("campaign"), campaign),
        "template": _first(metadata.get("template_id"), by_tag.get("template"), template),
        "mailbox": _first(metadata.get("mailbox_id"), by_tag.get("mailbox"), address),
        "domain": _first(metadata.get("domain"), by_tag.get("domain"), domain, own_domain),
    }


def _first(*candidates: Any) -> str | None:
    for candidate in candidates:
        found = text(candidate).strip()
        if found:
            return found
    return None


# --- proving who sends -----------------------------------------------------------------------------


def check_basic(delivery: ReceivedDelivery, connection: Connection, now: datetime) -> None:
    """Return if HTTP Basic or a bearer token is one of the valid secrets; raises BadSignature.

    For providers that do not sign: the secret token in the address and these are all the proof there is. Without a
    secret the token alone is. A secret `user:password` is compared whole, one without a colon with the password.
    """
    valid = connection.secrets.valid(now)
    if not valid:
        return
    scheme, _, text = delivery.headers.get("authorization", "").partition(" ")
    given = [text.strip()]
    if scheme.lower() == "basic":
        try:
            pair = base64.b64decode(text.strip(), validate=True).decode("utf-8", "surrogateescape")
        except ValueError:
            raise BadSignature("The Basic credentials are malformed.") from None
        given = [pair, pair.partition(":")[2]]
    elif scheme.lower() != "bearer":
        raise BadSignature("Credentials are missing.")
    matches = [same(one, secret) for one in given for secret in valid]  # all are compared, for even time
    if not any(matches):
        raise BadSignature("The credentials are wrong.")


def basic_headers(keys: TrialKeys) -> dict[str, str]:
    """Return the headers that check_basic asks for."""
    if not keys.secret:
        return {}
    pair = keys.secret if ":" in keys.secret else f"sendscope:{keys.secret}"
    return {"authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


def same(given: str, expected: str) -> bool:
    """Compare two secrets in constant time; non-ASCII text is no error."""
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), expected.encode("utf-8", "surrogateescape"))
