"""The recorded cases: loading them, grouping them, and keeping count of those that were asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).parent / "vectors"

Case = dict[str, Any]
Name = tuple[str, str]  # file, id of the case

claimed: set[Name] = set()  # cases that some test says it holds
held: set[Name] = set()  # cases that were asked in this run


EVERY_TAG = "all"


@cache
def load(file: str) -> dict[str, Any]:
    """Return one file of vectors."""
    return json.loads((VECTORS / file).read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Group:
    """The cases of one file that share a data set, a tag and the reason for the tag."""

    file: str
    tag: str
    dataset: str
    see: str

    def __str__(self) -> str:
        return "-".join(part for part in (self.tag, self.see, self.dataset) if part)

    @property
    def cases(self) -> list[Case]:
        cases: list[Case] = load(self.file)["cases"]
        return cases if self.tag == EVERY_TAG else [case for case in cases if _group_of(self.file, case) == self]

    def hold(self, check: Callable[..., None], *arguments: object) -> None:
        """Check every case; the failures are raised together, and each names its case."""
        failures = []
        for case in self.cases:
            held.add((self.file, case["id"]))
            try:
                check(*arguments, case)
            except Exception as error:  # noqa: BLE001  # raised again below, with those of the other cases
                error.add_note(f"{case['id']}: {case.get('why', '')}")
                failures.append(error)
        if failures:
            raise ExceptionGroup(f"{len(failures)} of {len(self.cases)} cases of {self.file}, {self}", failures)


def _group_of(file: str, case: Case) -> Group:
    return Group(file, case["compare"], case.get("dataset", ""), case.get("see", ""))


def groups(file: str, tag: str) -> list[Group]:
    """Return the groups of a file that carry a tag; whoever asks for them says that it holds their cases."""
    found = dict.fromkeys(_group_of(file, case) for case in load(file)["cases"] if case["compare"] == tag)
    return _claim(list(found))


def whole(file: str) -> list[Group]:
    """Return one group of all cases, in the order of the file."""
    return _claim([Group(file, EVERY_TAG, "", "")])


def _claim(chosen: list[Group]) -> list[Group]:
    claimed.update((group.file, case["id"]) for group in chosen for case in group.cases)
    return chosen
