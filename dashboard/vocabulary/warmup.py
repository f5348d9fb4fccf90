"""Warm-up plans: how many mails a mailbox may send on its first sending day, and on each one after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any, Self

EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)  # Monday is 0
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MOST_A_DAY = 10_000
MOST_FACTOR = 300  # hundredths


class StepKind(StrEnum):
    """How a plan grows from one sending day to the next."""

    ADD = "add"
    MULTIPLY = "multiply"


class Preset(StrEnum):
    """Plans that are ready-made, and people's own."""

    NEW_MAILBOX = "new_mailbox"
    ESTABLISHED = "established"
    NEW_DOMAIN = "new_domain"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class Plan:
    """From so many mails, growing each sending day, up to a ceiling.

    The step is a number of mails to add, or hundredths to multiply by: 140 is × 1.4.
    """

    start: int
    kind: StepKind
    step: int
    ceiling: int
    weekdays: tuple[int, ...] = EVERY_DAY
    preset: Preset = Preset.CUSTOM

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> Self:
        """Return the plan that was kept as JSON."""
        return cls(
            int(value["start"]), StepKind(value["kind"]), int(value["step"]), int(value["ceiling"]),
            tuple(value["weekdays"]), Preset(value["preset"]),
        )  # fmt: skip

    def write(self) -> dict[str, Any]:
        """Return the plan as it is kept as JSON."""
        return {
            "start": self.start, "kind": self.kind.value, "step": self.step, "ceiling": self.ceiling,
            "weekdays": list(self.weekdays), "preset": self.preset.value,
        }  # fmt: skip

    @property
    def text(self) -> str:
        """The plan in a line: 5 → +1 a sending day → 40."""
        by = f"+{self.step}" if self.kind is StepKind.ADD else f"×{self.factor}"
        days = "" if self.weekdays == EVERY_DAY else f", {', '.join(DAY_NAMES[day][:3] for day in self.weekdays)}"
        return f"{self.start:,} → {by} a sending day → {self.ceiling:,}{days}"

    @property
    def factor(self) -> str:
        """The step of a plan that multiplies, as people write it."""
        return f"{self.step / 100:g}"


READY: dict[Preset, Plan] = {
    Preset.NEW_MAILBOX: Plan(5, StepKind.ADD, 1, 40, preset=Preset.NEW_MAILBOX),
    Preset.ESTABLISHED: Plan(10, StepKind.ADD, 2, 50, preset=Preset.ESTABLISHED),
    Preset.NEW_DOMAIN: Plan(50, StepKind.MULTIPLY, 140, MOST_A_DAY, preset=Preset.NEW_DOMAIN),
}
LABELS = {
    Preset.NEW_MAILBOX: "New mailbox: 5 → +1 a sending day → 40",
    Preset.ESTABLISHED: "Established mailbox: 10 → +2 a sending day → 50",
    Preset.NEW_DOMAIN: "New domain: 50 → ×1.4 a sending day → the daily limit",
    Preset.CUSTOM: "Custom",
}


def ready_plan(preset: Preset, target: int) -> Plan:
    """Return a ready-made plan; that of a new domain grows to the target, which is the mailbox's daily limit."""
    plan = READY[preset]
    if preset is Preset.NEW_DOMAIN:
        return replace(plan, start=min(plan.start, target), ceiling=target)
    return plan


def fitted(plan: Plan, target: int) -> Plan:
    """Return the plan for another daily limit: that of a new domain leads there, any other stays as it is."""
    return ready_plan(plan.preset, target) if plan.preset is Preset.NEW_DOMAIN else plan


@lru_cache(maxsize=1_024)
def steps(plan: Plan) -> tuple[int, ...]:
    """Return what each sending day allows, up to the first that allows the ceiling.

    Multiplied steps are the exact product rounded down, so that rounding never keeps a small plan where it is.
    """
    found, above, below = [min(plan.start, plan.ceiling)], plan.start, 1
    while found[-1] < plan.ceiling:
        if plan.kind is StepKind.ADD:
            above += max(1, plan.step)
        else:
            above, below = above * max(101, plan.step), below * 100
        found.append(min(above // below, plan.ceiling))
    return tuple(found)


def step_on(plan: Plan, number: int) -> int:
    """Return what the n-th sending day allows; the first is 1."""
    allowed = steps(plan)
    return allowed[min(max(number, 1), len(allowed)) - 1]
