"""The application: the one file that knows every part."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter

from dashboard import blueprints, config, extensions, htmx, lifecycle
from dashboard.blueprints import outside, rendering
from dashboard.clients.buckets import open_storage
from dashboard.clients.dns import open_resolver
from dashboard.lifecycle import observation
from dashboard.services.vault import Vault


class SlugConverter(BaseConverter):
    """A company's slug in an address; anything else is no address of ours."""

    regex = r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])"


def create_app(settings: config.Settings | None = None) -> Flask:
    """Make the app from settings, which are read from the environment when none are given.

    Raises config.BadSettings with one sentence when a setting is unknown or wrong.
    """
    settings = settings or config.load()
    observation.configure_logging(settings)
    app = Flask("dashboard", static_folder=None)
    app.config.update(_flask_settings(settings))
    app.url_map.converters["slug"] = SlugConverter
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    htmx.init_app(app)
    extensions.init_app(app, settings)
    app.extensions["storage"] = open_storage(settings.storage_url.get_secret_value(), settings.instance / "files")
    app.extensions["resolver"] = open_resolver(settings.nameserver)
    app.extensions["vault"] = Vault([key.get_secret_value() for key in settings.data_keys])
    rendering.init_app(app)
    outside.init_app(app)
    for blueprint in blueprints.ALL:
        app.register_blueprint(blueprint)
    lifecycle.init_app(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _flask_settings(settings: config.Settings) -> dict[str, Any]:
    return {
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        "MAX_CONTENT_LENGTH": config.MAX_BODY_BYTES,
        "MAX_FORM_MEMORY_SIZE": config.MAX_BODY_BYTES,
        "PERMANENT_SESSION_LIFETIME": timedelta(days=30),
        "SESSION_COOKIE_NAME": "sendscope",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.is_secure,
        "SESSION_REFRESH_EACH_REQUEST": False,
        "TEMPLATES_AUTO_RELOAD": False,
        "WTF_CSRF_CHECK_DEFAULT": False,  # lifecycle checks it where a cookie opens the door
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session lives
        "WTF_CSRF_SSL_STRICT": settings.is_secure,
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        "COMPRESS_BR_LEVEL": 4,
        "COMPRESS_MIMETYPES": ["text/html", "application/json", "application/problem+json"],
        "COMPRESS_STREAMS": False,
    }
