"""Every setting is explained in docs/settings.md, and a wrong one stops the start with one sentence naming it."""

import os
import re
import stat
from pathlib import Path

import pytest

import dashboard
from dashboard.config import BadSettings, Settings, load

PAGE = Path(dashboard.__file__).parents[1] / "docs" / "settings.md"
ROW = re.compile(r"^\| `(DASHBOARD_[A-Z_]+)` \|(.*)\|$", re.MULTILINE)
NAMES = sorted(f"DASHBOARD_{name.upper()}" for name in Settings.model_fields)


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    """No setting of the machine reaches these tests."""
    for name in os.environ:
        if name.startswith("DASHBOARD_"):
            monkeypatch.delenv(name)


def test_every_setting_has_its_row_and_no_row_is_left_over():
    rows = [name for name, _ in ROW.findall(PAGE.read_text())]

    assert sorted(rows) == NAMES


def test_every_row_says_default_meaning_and_example():
    rows = {name: [cell.strip() for cell in rest.split(" | ")] for name, rest in ROW.findall(PAGE.read_text())}

    assert {name for name, cells in rows.items() if len(cells) != 3 or not all(cells)} == set()


def test_unknown_name_in_the_environment_stops_the_start(tmp_path, monkeypatch):
    monkeypatch.setenv("DASHBOARD_DATABSE_URL", "sqlite://")

    with pytest.raises(BadSettings) as refused:
        load(instance=tmp_path)

    expected = "Unknown setting DASHBOARD_DATABSE_URL. The known ones are listed in docs/settings.md."
    assert str(refused.value) == expected


def test_unknown_name_in_the_file_stops_the_start(tmp_path):
    (tmp_path / "dashboard.env").write_text("DASHBOARD_COLOUR=red\n")

    with pytest.raises(BadSettings) as refused:
        load(instance=tmp_path)

    assert str(refused.value) == "DASHBOARD_COLOUR: is not a known setting."


BAD = {
    "DASHBOARD_DATABASE_URL": "mysql://localhost/x",
    "DASHBOARD_DATA_KEYS": "not-a-key",
    "DASHBOARD_INSTANCE": "/dev/null/instance",
    "DASHBOARD_BASE_URL": "mail.example.com",
    "DASHBOARD_TRUSTED_PROXIES": "-1",
    "DASHBOARD_STORAGE_URL": "ftp://files.example.com",
    "DASHBOARD_LOG_FORMAT": "xml",
    "DASHBOARD_NAMESERVER": "dns.example.com",
    "DASHBOARD_API_REQUESTS_PER_MINUTE": "0",
    "DASHBOARD_DEMO_TRAFFIC": "perhaps",
}


@pytest.mark.parametrize("name", BAD)
def test_bad_value_stops_the_start_with_one_sentence_naming(tmp_path, monkeypatch, name):
    monkeypatch.setenv("DASHBOARD_INSTANCE", str(tmp_path))
    monkeypatch.setenv(name, BAD[name])

    with pytest.raises(BadSettings) as refused:
        load()

    assert re.fullmatch(rf"{name}: [^\n]+[^.]\.", str(refused.value))


@pytest.mark.parametrize("address", ["mysql://h/d", "sqlite:file", "postgresql://h:port/d", "postgresql", " "])
def test_address_of_a_store_that_cannot_be_read_stops_the_start(tmp_path, address):
    with pytest.raises(BadSettings, match="DASHBOARD_DATABASE_URL"):
        load(instance=tmp_path, database_url=address)


def test_every_bad_value_is_named_at_once(tmp_path, monkeypatch):
    wrong = {name: value for name, value in BAD.items() if name != "DASHBOARD_INSTANCE"}
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(BadSettings) as refused:
        load(instance=tmp_path)

    assert [name for name in wrong if f"{name}: " not in str(refused.value)] == []


def test_value_of_a_bad_secret_is_not_told(tmp_path, monkeypatch):
    monkeypatch.setenv("DASHBOARD_DATA_KEYS", "secretsecretsecret")

    with pytest.raises(BadSettings) as refused:
        load(instance=tmp_path)

    assert "secretsecretsecret" not in str(refused.value)


def test_environment_wins_over_the_file(tmp_path, monkeypatch):
    (tmp_path / "dashboard.env").write_text("DASHBOARD_LOG_FORMAT=json\nDASHBOARD_TRUSTED_PROXIES=2\n")
    monkeypatch.setenv("DASHBOARD_TRUSTED_PROXIES", "1")

    settings = load(instance=tmp_path)

    assert (settings.log_format, settings.trusted_proxies) == ("json", 1)


def test_secrets_are_made_once_and_readable_by_their_owner_only(tmp_path):
    first, second = load(instance=tmp_path), load(instance=tmp_path)

    assert first.secret_key == second.secret_key
    assert first.data_keys == second.data_keys
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("secret_key", "data_keys")}
    assert modes == {0o600}


def test_secrets_are_hidden_when_settings_are_printed(tmp_path):
    settings = load(instance=tmp_path)

    shown = repr(settings)

    assert settings.secret_key.get_secret_value() not in shown
    assert settings.data_keys[0].get_secret_value() not in shown


@pytest.mark.parametrize("given", ["postgres://h/d", "postgresql://h/d", "postgresql+psycopg://h/d"])
def test_address_of_postgresql_is_taken_in_every_spelling(tmp_path, given):
    assert load(instance=tmp_path, database_url=given).database_url == "postgresql+psycopg://h/d"


def test_store_is_sqlite_in_the_instance_folder_when_nothing_is_set(tmp_path):
    settings = load(instance=tmp_path)

    assert settings.database_url == f"sqlite:///{tmp_path}/dashboard.sqlite3"
    assert settings.is_sqlite
    assert not settings.is_secure


def test_lists_are_split_at_commas(tmp_path, monkeypatch):
    monkeypatch.setenv("DASHBOARD_ALLOW_PRIVATE_SYNC_HOSTS", "a.test, b.test,")

    assert load(instance=tmp_path).allow_private_sync_hosts == ["a.test", "b.test"]
