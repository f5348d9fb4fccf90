"""What a look-up gave, and look-ups that are asked once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum


class AnswerState(StrEnum):
    """How a look-up ended. Only `failed` means that nothing is known."""

    FOUND = "found"
    NODATA = "nodata"  # the name exists, but has nothing of this type
    NXDOMAIN = "nxdomain"
    FAILED = "failed"  # no answer in time, SERVFAIL, refused


@dataclass(frozen=True, slots=True)
class Question:
    """A name, and the type of record that is asked for."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a look-up gave: names in lower case without the last dot, the strings of a TXT record joined.

    `chain` has the targets of the CNAMEs that were followed, in order; an MX value is `10 mail.acme.com`.
    """

    name: str
    type: str
    state: AnswerState
    values: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()
    ttl: int | None = None
    reason: str = ""  # of a failure, for the person

    @property
    def is_empty(self) -> bool:
        """Say whether it is certain that there is no record."""
        return self.state in {AnswerState.NODATA, AnswerState.NXDOMAIN}

    @property
    def is_unknown(self) -> bool:
        """Say whether it could not be asked."""
        return self.state is AnswerState.FAILED

    @property
    def target(self) -> str:
        """Where the first CNAME leads, '' where there is none."""
        return self.chain[0] if self.chain else ""


LookUp = Callable[[str, str], Answer]


def remembering(look_up: LookUp, known: Iterable[Answer] = ()) -> LookUp:
    """Return a look-up that asks each question once, and not at all what is known already."""
    answers = {(answer.name.lower(), answer.type): answer for answer in known}

    def ask(name: str, type_: str) -> Answer:
        key = (name.lower(), type_)
        if key not in answers:
            answers[key] = look_up(name, type_)
        return answers[key]

    return ask
