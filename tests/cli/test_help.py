"""Every command explains itself."""

import click
import pytest
from click.testing import CliRunner, Result

from dashboard import __version__
from dashboard.cli import cli

# Those that other people's scripts call, and what they pass.
CONTRACT = {
    "serve": {"--host", "--port", "--workers", "--no-worker"},
    "worker": {"--once"},
    "db upgrade": set(),
    "db check": set(),
    "demo load": {"--days", "--force"},
    "demo clear": set(),
    "dns check": {"--selector", "--nameserver", "--json"},
    "company add": {"--name", "--timezone", "--json"},
    "user add": {"--company", "--role", "--name", "--password-stdin", "--json"},
    "source add": {"--company", "--provider", "--name", "--secret", "--public-key", "--json"},
    "api-key add": {"--company", "--name", "--scope", "--json"},
    "rollup verify": {"--company", "--json"},
    "simulate": {"--source", "--messages", "--duplicates", "--shuffle", "--base-url", "--json"},
    "export": {"--company", "--format", "--type", "--start", "--end", "-o"},
}


def walk(command, *names):
    """Yield every command with the words that call it."""
    yield " ".join(names), command
    for name, child in getattr(command, "commands", {}).items():
        yield from walk(child, *names, name)


COMMANDS = dict(walk(cli))


def ask(*words) -> Result:
    return CliRunner().invoke(cli, words, prog_name="dashboard")


@pytest.mark.parametrize("words", COMMANDS)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_command_explains_itself(words, flag):
    answer = ask(*words.split(), flag)

    assert answer.exit_code == 0
    assert answer.stdout.startswith(f"Usage: {' '.join(['dashboard', *words.split()])}")
    assert answer.stderr == ""


@pytest.mark.parametrize("words", COMMANDS)
def test_command_has_one_sentence_of_help(words):
    command = COMMANDS[words]

    assert command.help
    assert command.get_short_help_str(200).rstrip(".")


@pytest.mark.parametrize("words", CONTRACT)
def test_options_that_scripts_rely_on_are_there(words):
    options = {option for one in COMMANDS[words].params if isinstance(one, click.Option) for option in one.opts}

    assert CONTRACT[words] <= options


@pytest.mark.parametrize(
    "words", ["nothing", "company nothing", "company add", "export", "serve --port 0", "serve --port x"]
)
def test_wrong_use_is_told_with_the_way_to_the_help(words):
    answer = ask(*words.split())

    assert answer.exit_code == 2
    assert "Usage: dashboard" in answer.stderr
    assert answer.stdout == ""


def test_program_runs_as_a_module_and_says_its_version(process):
    answer = process("--version")

    assert (answer.code, answer.out) == (0, f"Sendscope, version {__version__}\n")


def test_bad_setting_is_one_sentence(process, environment):
    environment["DASHBOARD_COLOUR"] = "red"

    answer = process("db", "check")

    assert answer.code == 2
    assert answer.err == "Unknown setting DASHBOARD_COLOUR. The known ones are listed in docs/settings.md.\n"


@pytest.mark.parametrize("words", ["rollup verify", "company add oak --name Oak", "demo clear"])
def test_store_without_tables_is_one_sentence(process, words):
    answer = process(*words.split())

    assert answer.code == 1
    assert answer.err.startswith("The database cannot be used: ")
    assert answer.err.endswith("Is it upgraded? (dashboard db upgrade)\n")
    assert "Traceback" not in answer.err


def test_store_that_does_not_answer_is_one_sentence(process, environment):
    environment["DASHBOARD_DATABASE_URL"] = "postgresql://nobody@127.0.0.1:9/nothing"

    answer = process("rollup", "verify")

    assert answer.code == 1
    assert answer.err.startswith("The database cannot be used: ")
    assert "Traceback" not in answer.err
