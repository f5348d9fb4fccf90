"""Settings from the environment and `instance/dashboard.env`; the start is refused with one sentence on a bad one."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import secrets
import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cryptography.fernet import Fernet
from pydantic import AfterValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "DASHBOARD_"
_SERVER = re.compile(r"(\[[^]]+\]|[^:]+)(?::([0-9]{1,5}))?")  # an IPv6 address with a port stands in brackets
MAX_BODY_BYTES = 5 * 1024 * 1024


class BadSettings(Exception):
    """A setting is unknown or wrong; the message is one sentence naming each."""


def is_time_zone(name: str) -> bool:
    """Say whether the name is an IANA time zone that this machine knows."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _database_url(value: str) -> str:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    scheme = value.partition(":")[0]
    if scheme in {"postgres", "postgresql"}:
        value = "postgresql+psycopg" + value[len(scheme) :]
    elif scheme not in {"sqlite", "postgresql+psycopg"}:
        raise ValueError("must begin with sqlite:// or postgresql://")
    try:
        make_url(value)
    except (ArgumentError, ValueError):
        raise ValueError("is not an address such as postgresql://user:password@host:5432/name") from None
    return value


def read_server(text: str) -> tuple[str, int]:
    """Return the address and port of `127.0.0.1:5353`, `[::1]:53` or an address alone; raises ValueError."""
    found = _SERVER.fullmatch(text)
    host, port = (found[1], int(found[2] or 53)) if found else (text, 53)
    if not 0 < port <= 65535:
        raise ValueError(f"{port} is not a port.")
    return str(ipaddress.ip_address(host.strip("[]"))), port


def _split(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


class Settings(BaseSettings):
    """Every setting, with its default; the names are `DASHBOARD_` and the field in capitals."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", env_file_encoding="utf-8")

    instance: Path = Field(Path("instance"), description="Folder of the database, secrets, uploads and outbox.")
    database_url: Annotated[str, AfterValidator(_database_url)] = Field(
        "",
        validate_default=False,
        description="SQLAlchemy address; default is SQLite in the instance folder.",
    )
    secret_key: SecretStr = Field(SecretStr(""), description="Signs cookies; generated when unset.")
    data_keys: Annotated[list[SecretStr], NoDecode] = Field(
        default=[],
        description="Fernet keys that encrypt secrets at rest, the current one first; generated when unset.",
    )
    base_url: str = Field("", description="Public address, for example https://mail.example.com.")
    trusted_proxies: int = Field(0, ge=0, le=10, description="How many proxies in front may set X-Forwarded-*.")
    smtp_url: SecretStr = Field(SecretStr(""), description="Where mails go; unset: files in instance/outbox/.")
    storage_url: SecretStr = Field(SecretStr(""), description="Where files go; unset: instance/files/.")
    log_format: Literal["json", "console"] = Field("console", description="Shape of the log lines.")
    sentry_dsn: SecretStr = Field(SecretStr(""), description="Where unexpected errors are reported.")
    allow_private_sync_hosts: Annotated[list[str], NoDecode] = Field(
        default=[], description="Host names that syncs may reach although their address is private."
    )
    nameserver: str = Field("", description="DNS server for domains, as address or address:port; unset: the system's.")
    api_requests_per_minute: int = Field(60_000, ge=1, description="Limit per API key and process.")
    metrics_token: SecretStr = Field(SecretStr(""), description="Bearer token for /metrics beyond loopback.")
    demo_traffic: bool = Field(True, description="Whether `make run` keeps the demo company alive.")

    @field_validator("data_keys", "allow_private_sync_hosts", mode="before")
    @classmethod
    def _split_lists(cls, value: Any) -> Any:
        return _split(value)

    @field_validator("data_keys")
    @classmethod
    def _fernet_keys(cls, value: list[SecretStr]) -> list[SecretStr]:
        for key in value:
            Fernet(key.get_secret_value())
        return value

    @field_validator("base_url")
    @classmethod
    def _http(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/")

    @field_validator("nameserver")
    @classmethod
    def _server(cls, value: str) -> str:
        try:
            read_server(value or "127.0.0.1")
        except ValueError:
            raise ValueError("must be an address such as 127.0.0.1 or 127.0.0.1:5353") from None
        return value

    @field_validator("storage_url")
    @classmethod
    def _bucket(cls, value: SecretStr) -> SecretStr:
        address = value.get_secret_value()
        if address and not re.match(r"s3://[a-z0-9][a-z0-9.-]+(?:[/?]|$)", address):
            raise ValueError("must be an address such as s3://bucket/prefix")
        return value

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach us by https, so that cookies are marked Secure."""
        return self.base_url.startswith("https://")

    @property
    def is_sqlite(self) -> bool:
        """Whether the store is SQLite."""
        return self.database_url.startswith("sqlite")


def load(**overrides: Any) -> Settings:
    """Read, check and complete the settings; raises BadSettings with one sentence.

    Creates the instance folder, and in it the secrets that are not set, readable by the owner only.
    """
    folder = Path(overrides.get("instance") or os.environ.get(f"{PREFIX}INSTANCE") or "instance").absolute()
    env_file = folder / "dashboard.env"
    _refuse_unknown_names(os.environ)
    try:
        settings = Settings(_env_file=env_file, **(overrides | {"instance": folder}))
    except ValidationError as error:
        raise BadSettings(_sentence(error)) from error
    _complete(settings)
    return settings


def _refuse_unknown_names(environ: os._Environ[str]) -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    unknown = sorted(name for name in environ if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise BadSettings(f"Unknown setting {', '.join(unknown)}. The known ones are listed in docs/settings.md.")


def _sentence(error: ValidationError) -> str:
    parts = []
    for one in error.errors():
        name = str(one["loc"][0]) if one["loc"] else "settings"
        name = name if name.upper().startswith(PREFIX) else PREFIX + name
        message = "is not a known setting" if one["type"] == "extra_forbidden" else one["msg"]
        parts.append(f"{name.upper()}: {message.removeprefix('Value error, ').rstrip('.')}")
    return "; ".join(parts) + "."


def _complete(settings: Settings) -> None:
    folder = settings.instance
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadSettings(f"{PREFIX}INSTANCE: the folder {folder} cannot be made ({error.strerror}).") from error
    if not settings.database_url:
        settings.database_url = f"sqlite:///{folder / 'dashboard.sqlite3'}"
    if not settings.secret_key.get_secret_value():
        settings.secret_key = SecretStr(_generated(folder / "secret_key", secrets.token_urlsafe(48)))
    if not settings.data_keys:
        key = _generated(folder / "data_keys", Fernet.generate_key().decode())
        settings.data_keys = [SecretStr(part.strip()) for part in key.split(",")]


def _generated(path: Path, fresh: str) -> str:
    """Return the file's text, writing the fresh value first if there is none.

    The value appears under its name in one step, so that two starters at once agree on one secret.
    """
    if not path.exists():
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # readable by the owner only
        with os.fdopen(handle, "w") as file:
            file.write(fresh + "\n")
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        Path(draft).unlink()
    return path.read_text().strip()
