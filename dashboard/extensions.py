"""The Flask extensions, made once, given their app in create_app; and the engines that sessions use."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from flask import Flask, current_app, g
from flask_compress import Compress
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect

from dashboard.config import Settings
from dashboard.database import engine as engine_module
from dashboard.database.engine import Engines
from dashboard.database.session import CompanySession
from dashboard.models import Base

MIGRATIONS = Path(__file__).parent / "migrations"


class RequestSession(CompanySession):
    """`db.session`: a CompanySession that lives as long as its app context."""

    def __init__(self, db: SQLAlchemy, **options: Any) -> None:
        del db  # Flask-SQLAlchemy hands itself over; the engines are ours
        super().__init__(**options)
        self.engines = engines()
        self.info.update(g.get("session_info", {}))  # mode and company, as lifecycle found them


db = SQLAlchemy(metadata=Base.metadata, session_options={"class_": RequestSession, "expire_on_commit": False})
csrf = CSRFProtect()
compress = Compress()


def engines() -> Engines:
    """Return the current app's engines."""
    return cast(Engines, current_app.extensions["engines"])


def settings() -> Settings:
    """Return the current app's settings."""
    return cast(Settings, current_app.extensions["settings"])


def init_app(app: Flask, settings: Settings) -> None:
    """Give every extension its app."""
    app.extensions["settings"] = settings
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_module.options(settings.database_url)
    db.init_app(app)
    with app.app_context():
        app.extensions["engines"] = Engines(db.engine)
    csrf.init_app(app)
    compress.init_app(app)


def init_migrations(app: Flask) -> None:
    """Give the app its migrations; only commands need them, and their library is slow to import."""
    from flask_migrate import Migrate

    Migrate(app, db, directory=str(MIGRATIONS), render_as_batch=True, compare_type=True)
