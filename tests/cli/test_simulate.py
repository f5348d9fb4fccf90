"""`dashboard simulate` against a server that is a process of its own: taken, counted, and exactly what was announced."""

import signal
import sqlite3
from contextlib import closing

import pytest

from dashboard.config import load
from dashboard.providers.registry import adapters
from dashboard.services.vault import Vault
from dashboard.vocabulary.metrics import COUNTERS
from tests.cli.conftest import invoke
from tests.journeys.servers import Server, wait_for

PUBLIC = "https://mail.acme.test"


class Installation:
    """A server with its store, and commands that speak to both."""

    def __init__(self, folder, **settings):
        folder.mkdir()
        self.folder, self.server = folder, Server(folder, **settings)
        self.settings = {f"DASHBOARD_{name.upper()}": text for name, text in settings.items()}
        self.server.start()
        self.companies = 0

    def run(self, *words):
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("DASHBOARD_DATABASE_URL", raising=False)
            for name, text in ({"DASHBOARD_INSTANCE": str(self.folder)} | self.settings).items():
                patch.setenv(name, text)
            return invoke(*words)

    def add_source(self, provider, *rest):
        """Make a company with one source; return the source's id."""
        self.companies += 1
        slug = f"company-{self.companies}"
        self.run("company", "add", slug, "--name", slug, "--timezone", "Europe/Berlin")
        made = self.run("source", "add", "--company", slug, "--provider", provider, "--name", "x", "--json", *rest)
        return made.document["id"]

    def simulate(self, provider, source_id, *options, to=None):
        words = ("--source", str(source_id), "--base-url", to or self.server.url, *options)
        return self.run("simulate", provider, *words)

    def ask(self, statement, source_id):
        with closing(sqlite3.connect(self.folder / "dashboard.sqlite3", timeout=10)) as store:
            return store.execute(statement, (source_id,)).fetchall()

    def wait_until_counted(self, source_id):
        pending = "SELECT COUNT(*) FROM deliveries WHERE source_id = ? AND state = 'pending'"
        wait_for(lambda: self.ask(pending, source_id) == [(0,)])

    def by_day(self, source_id):
        """Return day → counters of the source's company."""
        rows = self.ask(
            f"SELECT day, {', '.join(COUNTERS)} FROM analytics_totals WHERE basis = 'sent' AND type = 'campaign'"
            " AND origin = 'events' AND company_id = (SELECT company_id FROM sources WHERE id = ?) ORDER BY day",
            source_id,
        )
        return {day: dict(zip(COUNTERS, counts, strict=True)) for day, *counts in rows}

    def secrets_of(self, source_id):
        keys = [key.get_secret_value() for key in load(instance=self.folder).data_keys]
        return Vault(keys).open(self.ask("SELECT sealed FROM sources WHERE id = ?", source_id)[0][0])


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """One server for all tests; each has a company of its own."""
    installation = Installation(tmp_path_factory.mktemp("simulate") / "instance")
    yield installation
    installation.server.kill()


def is_on_trial(secrets):
    return bool(secrets.trial_secret or secrets.trial_public_key or secrets.trial_until)


@pytest.mark.parametrize(("provider", "options"), [
    ("generic", ()), ("sendgrid", ()), ("postal", ()), ("ses", ()), ("resend", ()), ("mailgun", ("--secret", "key-1")),
    ("mandrill", ("--secret", "key-2")), ("unisender", ()), ("postmark", ("--secret", "user:pass")), ("scaleway", ()),
])  # fmt: skip
def test_numbers_grow_by_what_was_announced(here, provider, options):
    source_id = here.add_source(provider, *options)
    words = ("--messages", "40", "--duplicates", "30", "--shuffle", "--batch", str(min(5, adapters()[provider].batch)))

    answer = here.simulate(provider, source_id, *words, "--json")

    assert (answer.code, answer.err) == (0, "")
    document = answer.document
    here.wait_until_counted(source_id)
    assert here.by_day(source_id) == document["by_day"]
    assert list(document["expected"]) == list(COUNTERS)
    assert document["expected"]["sent"] > 20
    for name, count in document["expected"].items():
        assert count == sum(day[name] for day in document["by_day"].values())
    states = here.ask("SELECT state, SUM(new_count + duplicate_count), COUNT(*) FROM deliveries WHERE source_id = ?"
                      " GROUP BY state", source_id)  # fmt: skip
    assert states == [("counted", document["events"], document["requests"])]
    assert not is_on_trial(here.secrets_of(source_id))


def test_events_come_in_batches_where_the_provider_batches(here):
    source_id = here.add_source("generic")

    document = here.simulate("generic", source_id, "--messages", "30", "--batch", "7", "--json").document

    here.wait_until_counted(source_id)
    assert document["requests"] == -(-document["events"] // 7)
    assert here.by_day(source_id) == document["by_day"]


def test_equal_seeds_announce_equal_numbers_and_add_them_twice(here):
    source_id = here.add_source("generic")
    words = ("--messages", "30", "--seed", "4", "--json")

    first, second = (here.simulate("generic", source_id, *words).document for _ in range(2))

    here.wait_until_counted(source_id)
    assert first["expected"] == second["expected"]
    assert sum(day["sent"] for day in here.by_day(source_id).values()) == 2 * first["expected"]["sent"]


def test_traffic_is_told_in_words(here):
    source_id = here.add_source("generic")

    answer = here.simulate("generic", source_id, "--messages", "10", "--seed", "1")

    assert answer.code == 0
    first, second, *rest = answer.out.splitlines()
    assert first.endswith("events of 10 messages (seed 1).")
    assert second == "By send day, over all campaigns, these numbers must grow by:"
    assert [line.split()[0] for line in rest] == list(COUNTERS)
    assert "Posting" in answer.err


def test_rate_is_kept(here):
    source_id = here.add_source("generic")

    document = here.simulate(
        "generic", source_id, "--messages", "20", "--rate", "40", "--batch", "1", "--json"
    ).document

    assert document["seconds"] >= document["events"] / 40 * 0.99


def test_paused_source_holds_what_is_posted(here):
    source_id = here.add_source("generic")
    with closing(sqlite3.connect(here.folder / "dashboard.sqlite3", timeout=10)) as store, store:
        store.execute("UPDATE sources SET status = 'paused' WHERE id = ?", (source_id,))

    answer = here.simulate("generic", source_id, "--messages", "5", "--json")

    assert answer.code == 0
    assert answer.err == "The source is paused: what is posted is counted when it is resumed.\n"
    assert {state for (state,) in here.ask("SELECT state FROM deliveries WHERE source_id = ?", source_id)} == {"held"}


def test_server_with_another_store_is_told_and_the_trial_ends(here, tmp_path, run_here):
    run_here("db", "upgrade")
    run_here("company", "add", "oak", "--name", "Oak")
    made = run_here("source", "add", "--company", "oak", "--provider", "sendgrid", "--name", "x", "--json").document

    answer = run_here("simulate", "sendgrid", "--source", str(made["id"]), "--base-url", here.server.url, "--json")

    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith(
        "The server answered 404: There is nothing at this address. Does the server use the same"
    )
    with closing(sqlite3.connect(tmp_path / "dashboard.sqlite3")) as store:
        (sealed,) = store.execute("SELECT sealed FROM sources WHERE id = ?", (made["id"],)).fetchone()
    keys = [key.get_secret_value() for key in load(instance=tmp_path).data_keys]
    assert not is_on_trial(Vault(keys).open(sealed))


def test_address_that_the_server_knows_itself_by_is_signed(tmp_path):
    there = Installation(tmp_path / "instance", base_url=PUBLIC)
    try:
        source_id = there.add_source("mandrill", "--secret", "key-2")

        document = there.simulate("mandrill", source_id, "--messages", "20", "--json").document

        there.wait_until_counted(source_id)
        assert there.by_day(source_id) == document["by_day"]
    finally:
        there.server.kill()


def test_trial_ends_when_it_is_interrupted(here, environment, started):
    source_id = here.add_source("sendgrid")
    environment["DASHBOARD_INSTANCE"] = str(here.folder)
    words = ("--source", str(source_id), "--base-url", here.server.url, "--rate", "2", "--batch", "1")
    running = started("simulate", "sendgrid", *words)
    wait_for(lambda: here.ask("SELECT COUNT(*) FROM deliveries WHERE source_id = ?", source_id) != [(0,)])
    assert is_on_trial(here.secrets_of(source_id))

    running.send_signal(signal.SIGINT)
    printed, _ = running.communicate(timeout=60)

    assert running.returncode == 1
    assert "Traceback" not in printed
    assert not is_on_trial(here.secrets_of(source_id))


@pytest.mark.parametrize(("words", "sentence"), [
    (("pigeon",), "'pigeon' is not a provider. Known: "),
    (("mailgun",), "('x') is one of generic, not of mailgun."),
    (("generic", "--batch", "1001"), "batch: Generic puts at most 1,000 into one request."),
    (("generic", "--base-url", "localhost:8000"), "base-url: It must look like http://127.0.0.1:8000."),
    (("generic", "--base-url", "http://127.0.0.1:port"), "base-url: It must look like"),
    (("generic", "--base-url", "http://[::1"), "base-url: It must look like"),
    (("generic", "--base-url", "http://127.0.0.1:9"), "There is no server at http://127.0.0.1:9 ("),
    (("generic", "--source", "999"), "There is no source 999 that takes webhooks."),
])  # fmt: skip
def test_what_is_wrong_is_one_sentence(here, words, sentence):
    source_id = here.add_source("generic")

    answer = here.run("simulate", words[0], "--source", str(source_id), *words[1:], "--json")

    assert (answer.code, answer.out) == (1, "")
    assert sentence in answer.err
    assert "Traceback" not in answer.err


@pytest.mark.parametrize("words", [
    ("--messages", "0"), ("--duplicates", "101"), ("--duplicates", "-1"), ("--batch", "0"), ("--rate", "-1"), ("--source", "x"),
])  # fmt: skip
def test_numbers_beyond_their_limits_are_wrong_use(run_here, words):
    answer = run_here("simulate", "generic", "--source", "1", *words)

    assert answer.code == 2
    assert "Usage: dashboard simulate" in answer.err
