"""The table of aims in benchmarks/README.md, and the mail that benchmarks make up."""

import json
from datetime import UTC, datetime

from benchmarks.aims import AIMS
from benchmarks.ingesting.mail import Mailing, as_sparkpost
from benchmarks.report import BEGIN, END, README, rewrite

START = {"times_plain_flask": 3.25}  # the aim is at most 3.5


def test_report_writes_what_was_measured_between_the_marks(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{BEGIN}\noutdated\n{END}\nafter\n")
    (tmp_path / "start.json").write_text(json.dumps(START))

    rewrite(readme, tmp_path)

    text = readme.read_text()
    assert "| start | Cold start to the first page, times plain Flask | ≤ 3.50 | 3.25 | met |" in text
    assert "| pages | Unchanged poll, share of a bare hello | ≥ 85% | not yet |  |" in text
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "outdated" not in text


def test_report_is_the_same_when_written_twice(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text(f"{BEGIN}{END}")
    rewrite(readme, tmp_path)
    once = readme.read_text()

    rewrite(readme, tmp_path)

    assert readme.read_text() == once


def test_missed_aim_is_called_missed():
    aim = AIMS["start"][0]

    assert not aim.is_met({"times_plain_flask": 3.51})
    assert aim.is_met({"times_plain_flask": 3.5})


def test_readme_tells_every_benchmark_and_aim():
    text = README.read_text()

    for name, aims in AIMS.items():
        assert f"**{name}**" in text
        for aim in aims:
            assert f"| {name} | {aim.what} | {aim} |" in text


def test_mailing_tells_no_event_twice_and_knows_its_messages():
    mailing = Mailing("m", datetime(2026, 11, 22, 12, tzinfo=UTC))

    events = mailing.take(5_000)

    assert len({event["id"] for event in events}) == 5_000
    assert len({event["message_id"] for event in events}) == mailing.count_messages()


def test_mail_is_the_same_as_sparkpost_tells_it():
    event = {
        "type": "opened", "at": "2026-11-22T12:00:00+00:00", "message_id": "m-1", "recipient": "bo@example.org",
        "campaign_id": "c1", "template_id": "t1", "mailbox": "news@acme.test", "domain": "acme.test", "id": "m-e1",
    }  # fmt: skip

    told = as_sparkpost(event)["msys"]["track_event"]

    assert (told["type"], told["timestamp"]) == ("open", "1795348800")  # 2026-11-22 is day 20779; 20779.5 * 86,400
    assert told["rcpt_meta"]["mailbox"] == "news@acme.test"
