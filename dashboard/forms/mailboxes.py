"""A mailbox as people fill it in: its address and settings, and the plan of its warm-up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from uuid_utils.compat import uuid7
from wtforms import ValidationError
from wtforms.fields import BooleanField, DateField, SelectChoice, SelectField, SelectMultipleField, StringField
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from dashboard.errors import Invalid
from dashboard.forms.campaigns import read_limit, read_name
from dashboard.forms.resources import RegisteredForm
from dashboard.forms.values import parse_key
from dashboard.models import Mailbox
from dashboard.models.mailboxes import MailboxStatus
from dashboard.services.mailboxes import ADDRESS, DEFAULT_LIMIT, MailboxValues, NoDomain, values_of
from dashboard.vocabulary.warmup import (
    DAY_NAMES,
    EVERY_DAY,
    LABELS,
    MOST_A_DAY,
    MOST_FACTOR,
    Plan,
    Preset,
    StepKind,
    ready_plan,
)

OLDEST_START = timedelta(days=366)  # of a warm-up


def read_address(text: str) -> str:
    """Return an address as mail names it: in lower case, its domain in IDNA form; raises ValueError with a sentence."""
    address = parse_key("mailbox", text.strip())
    if not ADDRESS.fullmatch(address) or "." not in address.rpartition("@")[2]:
        raise ValueError("must be an e-mail address such as ada@mail.acme.com")
    return address


def read_number(text: str, low: int = 1, high: int = MOST_A_DAY) -> int:
    """Return a whole number between the two; raises ValueError with a sentence."""
    plain = text.replace(",", "")
    number = int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 10 else 0
    if not low <= number <= high:
        raise ValueError(f"must be a whole number from {low:,} to {high:,}")
    return number


def read_factor(text: str) -> int:
    """Return a factor in hundredths: 140 for 1.4; raises ValueError with a sentence."""
    whole, _, rest = text.strip().removeprefix("×").strip().replace(",", ".").partition(".")
    digits = whole + (rest + "00")[:2]
    is_number = digits.isascii() and digits.isdigit() and len(rest) <= 2 and len(digits) < 6
    if not is_number or not 101 <= int(digits) <= MOST_FACTOR:
        raise ValueError(f"must be a factor from 1.01 to {MOST_FACTOR / 100:g} with at most two decimals")
    return int(digits)


@dataclass(frozen=True, slots=True)
class PlanTexts:
    """A plan of one's own as it was typed."""

    start: str
    kind: str
    step: str
    ceiling: str
    weekdays: tuple[int, ...]

    def read(self) -> Plan:
        """Return the plan; raises ValueError with a sentence."""
        start, ceiling = read_number(self.start), read_number(self.ceiling)
        step = read_number(self.step) if self.kind == StepKind.ADD else read_factor(self.step)
        if ceiling < start:
            raise ValueError(f"must be {start:,} or more, where the plan starts")
        return Plan(start, StepKind(self.kind), step, ceiling, self.weekdays)


class MailboxForm(RegisteredForm):
    """Address, name, settings, and the warm-up."""

    email = StringField("Address")
    name = StringField("Name")
    status = SelectField("State", choices=[SelectChoice(one.value, one.value.capitalize()) for one in MailboxStatus])
    daily_limit = StringField("Daily limit")
    tracks_replies = BooleanField("Replies are tracked")
    is_warming_up = BooleanField("It is warming up")
    preset = SelectField("Plan", choices=[SelectChoice(one.value, LABELS[one]) for one in Preset])
    warm_up_since = DateField("Began on", [Optional()])
    start = StringField("First day")
    kind = SelectField(
        "Each sending day",
        choices=[SelectChoice(StepKind.ADD.value, "add mails"), SelectChoice(StepKind.MULTIPLY.value, "multiply by")],
    )
    step = StringField("Step")
    ceiling = StringField("Ceiling")
    weekdays = SelectMultipleField(
        "Sending weekdays", coerce=int, widget=ListWidget(prefix_label=False),
        choices=[SelectChoice(str(day), name) for day, name in enumerate(DAY_NAMES)],
        option_widget=CheckboxInput(),
    )  # fmt: skip
    today: date | None = None
    missing_domain = ""

    @classmethod
    def empty(cls, email: str = "") -> MailboxForm:
        """Return the form of a new mailbox."""
        return cls._filled(MailboxValues(email, "", DEFAULT_LIMIT), MailboxStatus.ACTIVE, id=str(uuid7()))

    @classmethod
    def of(cls, mailbox: Mailbox) -> MailboxForm:
        """Return the form of a mailbox."""
        return cls._filled(values_of(mailbox), mailbox.status, revision=str(mailbox.revision))

    @classmethod
    def _filled(cls, values: MailboxValues, status: MailboxStatus, **hidden: str) -> MailboxForm:
        plan = Plan.read(values.warm_up) if values.warm_up else ready_plan(Preset.NEW_MAILBOX, values.daily_limit)
        step = str(plan.step) if plan.kind is StepKind.ADD else plan.factor
        return cls(
            formdata=None, email=values.email, name=values.name, status=status.value,
            daily_limit=str(values.daily_limit), tracks_replies=values.tracks_replies,
            is_warming_up=values.is_warming_up, preset=plan.preset.value, start=str(plan.start), kind=plan.kind.value,
            step=step, ceiling=str(plan.ceiling), weekdays=list(plan.weekdays),
            warm_up_since=values.warm_up_since if values.is_warming_up else None, **hidden,
        )  # fmt: skip

    def values(self, old: MailboxValues | None = None) -> MailboxValues:
        """Return what was filled in, once it was found right. A warm-up that is switched off keeps its plan."""
        kept = old or MailboxValues("", "", 1)
        plan, since = kept.warm_up, kept.warm_up_since
        if self.is_warming_up.data:
            plan = self._plan().write()
            since = self.warm_up_since.data or (kept.warm_up_since if kept.is_warming_up else None)
        return MailboxValues(
            read_address(self.email.data), read_name(self.name.data), read_limit(self.daily_limit.data),
            self.tracks_replies.data, self.is_warming_up.data, plan, since,
        )  # fmt: skip

    @property
    def chosen_status(self) -> MailboxStatus:
        """The state that was chosen."""
        return MailboxStatus(self.status.data)

    def take(self, error: Invalid) -> None:
        """Show faults at their fields, and remember the domain that has to be registered."""
        super().take(error)
        if isinstance(error, NoDomain):
            self.missing_domain = error.domain

    def _plan(self) -> Plan:
        preset = Preset(self.preset.data)
        if preset is not Preset.CUSTOM:
            return ready_plan(preset, read_limit(self.daily_limit.data))
        days = tuple(sorted(self.weekdays.data or ()))
        return PlanTexts(self.start.data, self.kind.data, self.step.data, self.ceiling.data, days).read()

    @property
    def _is_custom(self) -> bool:
        return bool(self.is_warming_up.data) and self.preset.data == Preset.CUSTOM.value

    def validate_email(self, field: StringField) -> None:
        """Take an address."""
        _say("The address", read_address, field.data or "")

    def validate_name(self, field: StringField) -> None:
        """Take 1 to 100 characters on one line."""
        _say("The name", read_name, field.data or "")

    def validate_daily_limit(self, field: StringField) -> None:
        """Take a whole number within the limits."""
        _say("The daily limit", read_limit, field.data or "")

    def validate_warm_up_since(self, field: DateField) -> None:
        """Take a day of the last year; nothing means today."""
        if field.data is None or self.today is None:
            return
        if not self.today - OLDEST_START <= field.data <= self.today:
            raise ValidationError("A warm-up began today or within the last year.")

    def validate_start(self, field: StringField) -> None:
        """Take what the first day of a custom plan allows."""
        if self._is_custom:
            _say("The first day", read_number, field.data or "")

    def validate_step(self, field: StringField) -> None:
        """Take mails to add, or a factor, in a custom plan."""
        if self._is_custom:
            _say("The step", read_number if self.kind.data == StepKind.ADD else read_factor, field.data or "")

    def validate_ceiling(self, field: StringField) -> None:
        """Take a number that is not below the start of a custom plan."""
        if not self._is_custom:
            return
        _say("The ceiling", read_number, field.data or "")
        try:
            start = read_number(self.start.data or "")
        except ValueError:
            return  # told at its own field
        if read_number(field.data) < start:
            raise ValidationError(f"The ceiling must be {start:,} or more, where the plan starts.")

    def validate_weekdays(self, field: SelectMultipleField) -> None:
        """Take one weekday or more in a custom plan."""
        if self._is_custom and not field.data:
            raise ValidationError("Choose at least one weekday.")


def _say(what: str, read: Callable[[str], Any], text: str) -> None:
    try:
        read(text)
    except ValueError as error:
        raise ValidationError(f"{what} {error}.") from error


# --- plans as programs and files name them ---------------------------------------------------------


def read_plan(value: Any, limit: int) -> Plan | None:
    """Return the plan that a program names, None for no warm-up; raises ValueError with a sentence."""
    if value is None:
        return None
    if not isinstance(value, Mapping) or not value:
        raise ValueError("must be null, or an object with preset, or with start, kind, step, ceiling and weekdays")
    unknown = sorted(set(value) - {"preset", "start", "kind", "step", "ceiling", "weekdays"})
    if unknown:
        raise ValueError(f"has no field {unknown[0]}")
    preset = _word("preset", value.get("preset", Preset.CUSTOM.value), Preset)
    if preset is not Preset.CUSTOM:
        return ready_plan(preset, limit)
    kind, days = _word("kind", value.get("kind", StepKind.ADD.value), StepKind), value.get("weekdays", list(EVERY_DAY))
    if not isinstance(days, list) or not days or not all(type(day) is int and day in EVERY_DAY for day in days):
        raise ValueError("weekdays must be a list of whole numbers from 0 (Monday) to 6 (Sunday)")
    texts = (str(value.get(name, "")) for name in ("start", "step", "ceiling"))
    start, step, ceiling = texts
    return PlanTexts(start, kind.value, step, ceiling, tuple(sorted(set(days)))).read()


def _word(name: str, text: object, words: Any) -> Any:
    if not isinstance(text, str) or text not in set(words):
        raise ValueError(f"{name} must be one of {', '.join(words)}")
    return words(text)
