"""What becomes of made-up messages, as a provider would tell it, and what each comes to in numbers.

The numbers are kept by the story itself, from what was meant to happen, without any code of the counting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from random import Random

from dashboard.simulation import mail
from dashboard.simulation.telling import Message, Story
from dashboard.vocabulary.events import Bounce, EventType

OLDEST = timedelta(days=3)
RECENT = timedelta(hours=2)  # when the first sending is, so that something moves today
NEWEST = timedelta(minutes=10)  # so that the longest story is over by now
MESSAGES_A_BURST = 150
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


Part = Callable[[Story], None]


def make_messages(
    seed: int, count: int, now: datetime, bursts: Sequence[mail.Burst] | None = None
) -> Iterator[Message]:
    """Yield so many messages, of these sendings or of made-up ones of the last days.

    Equal seeds tell equal stories; the messages themselves are new ones at every instant.
    """
    dice = Random(seed)
    now_us = (now - _EPOCH) // timedelta(microseconds=1)
    bursts = bursts or _make_bursts(dice, count, now_us)
    for n in range(count):
        burst = dice.choice(bursts)
        name = blake2b(f"{seed} {now_us} {n}".encode(), digest_size=12).hexdigest()
        story = Story(dice, burst, f"{name}@{burst.domain}", now_us)
        _choose(dice, _OUTCOMES)(story)
        yield story.end()


def _make_bursts(dice: Random, count: int, now_us: int) -> list[mail.Burst]:
    oldest, recent, newest = (now_us - age // timedelta(microseconds=1) for age in (OLDEST, RECENT, NEWEST))
    bursts = [mail.make_burst(dice, dice.randint(recent, newest))]
    return bursts + [mail.make_burst(dice, dice.randint(oldest, newest)) for _ in range(1 + count // MESSAGES_A_BURST)]


def _choose(dice: Random, parts: dict[Part, int]) -> Part:
    return dice.choices(tuple(parts), tuple(parts.values()))[0]


# --- on the way ------------------------------------------------------------------------------------


def _send(story: Story) -> None:
    story.tell(EventType.QUEUED)
    story.wait(0.1, 2)
    story.tell(EventType.SENT)
    story.mean(sent=1)


def _defer(story: Story) -> None:
    for _ in range(story.dice.randint(1, 3)):
        story.wait(10, 1200)
        story.tell(EventType.DEFERRED, text="451 4.7.1 Try again later")
    story.mean(deferred=1)


def _deliver(story: Story) -> None:
    _send(story)
    if story.dice.random() < 0.08:
        _defer(story)
    story.wait(0.5, 6)
    story.tell(EventType.DELIVERED)


def _arrive(story: Story) -> None:
    _deliver(story)
    story.mean(delivered=1)
    _choose(story.dice, _READERS)(story)


def _bounce_hard(story: Story) -> None:
    _send(story)
    story.wait(1, 20)
    story.tell(EventType.BOUNCED, bounce=Bounce.HARD, text="550 5.1.1 No such user")
    story.mean(bounced=1, hard_bounced=1)


def _bounce_soft(story: Story) -> None:
    _send(story)
    _defer(story)
    story.wait(10, 3600)
    story.tell(EventType.BOUNCED, bounce=Bounce.SOFT, text="452 4.2.2 Mailbox full")
    story.mean(bounced=1, soft_bounced=1)


def _bounce_late(story: Story) -> None:
    """Come back after a delivery, which it takes back with all that a machine did."""
    _deliver(story)
    if story.dice.random() < 0.5:
        story.wait(20, 60)
        story.tell(EventType.OPENED, user_agent=mail.PROXIES[0], ip=mail.make_ip(story.dice))
    story.wait(60, 4 * 3600)
    kind = story.dice.choice(tuple(Bounce))
    story.tell(EventType.BOUNCED, bounce=kind, text="554 5.7.1 Returned by the receiver")
    story.mean(bounced=1, **{f"{kind}_bounced": 1})


def _reject(story: Story) -> None:
    if story.dice.random() < 0.5:
        story.tell(EventType.QUEUED)
        story.wait(0.1, 2)
        story.mean(sent=1)
    story.tell(EventType.REJECTED, text="The address bounced before")
    story.mean(rejected=1)


def _fail(story: Story) -> None:
    story.tell(EventType.FAILED, text="The template has no such variable")
    story.mean(rejected=1)


_OUTCOMES: dict[Part, int] = {
    _arrive: 840, _bounce_hard: 50, _bounce_soft: 30, _bounce_late: 25, _reject: 25, _fail: 5, _send: 25,
}  # fmt: skip


# --- once it is there ------------------------------------------------------------------------------


def _rest_unread(_story: Story) -> None:
    """Nobody looks at it."""


def _read(story: Story) -> None:
    """Have a person open it, perhaps follow links, and perhaps answer."""
    opens, clicks = story.dice.choice((1, 1, 1, 2, 3)), story.dice.choice((0, 0, 0, 1, 1, 2))
    for _ in range(opens):
        story.wait(30, 6 * 3600)
        story.tell_of_reader(EventType.OPENED)
    for _ in range(clicks):
        story.wait(10, 300)  # slower than a scanner
        story.tell_of_reader(EventType.CLICKED, url=story.dice.choice(mail.LINKS))
    story.mean(opened=1, total_opens=opens, clicked=min(1, clicks), total_clicks=clicks)
    _choose(story.dice, _ANSWERS)(story)


def _unsubscribe(story: Story) -> None:
    """Leave, by a link that does not count as a click."""
    story.wait(10, 120)
    story.tell_of_reader(EventType.CLICKED, url=mail.UNSUBSCRIBE)
    story.wait(1, 20)
    story.tell(EventType.UNSUBSCRIBED)
    story.mean(unsubscribed=1)


def _complain(story: Story) -> None:
    story.wait(10, 1800)
    story.tell(EventType.COMPLAINED)
    story.mean(complained=1)


def _reply(story: Story) -> None:
    story.wait(20, 7200)
    story.tell(EventType.REPLIED)
    story.mean(replied=1)


def _fetch_by_proxy(story: Story) -> None:
    story.wait(20, 7200)
    story.tell(EventType.OPENED, user_agent=story.dice.choice(mail.PROXIES), ip=mail.make_ip(story.dice))
    story.mean(machine_opened=1)


def _fetch_flagged(story: Story) -> None:
    """Open by a machine that only the provider can tell."""
    story.wait(20, 7200)
    story.tell_of_reader(EventType.OPENED, is_machine=True)
    story.mean(machine_opened=1)


def _fetch_too_soon(story: Story) -> None:
    """Open faster than anybody can."""
    story.wait(0.1, 0.9)
    story.tell_of_reader(EventType.OPENED)
    story.mean(machine_opened=1)


def _scan(story: Story) -> None:
    """Follow several links at once."""
    story.wait(20, 90)
    for url in story.dice.sample(mail.LINKS, story.dice.randint(2, 4)):
        story.tell_of_reader(EventType.CLICKED, url=url)
        story.wait(0.05, 0.5)
    story.mean(machine_clicked=1)


def _fetch_and_read(story: Story) -> None:
    _fetch_by_proxy(story)
    story.meant["machine_opened"] = 0  # by machines only
    _read(story)


def _scan_and_read(story: Story) -> None:
    _scan(story)
    _read(story)
    if story.meant["clicked"]:
        story.meant["machine_clicked"] = 0


def _absent(story: Story) -> None:
    story.wait(2, 10)
    story.tell(EventType.AUTORESPONDED, text="I am away until Monday.")


_READERS: dict[Part, int] = {
    _rest_unread: 38, _read: 34, _fetch_by_proxy: 6, _fetch_flagged: 4, _fetch_too_soon: 4, _scan: 3,
    _fetch_and_read: 6, _scan_and_read: 3, _absent: 2,
}  # fmt: skip
_ANSWERS: dict[Part, int] = {_rest_unread: 88, _unsubscribe: 4, _complain: 2, _reply: 6}
