"""What a Python team would build: Django and django-anymail in front, an event row and rollup rows through the ORM.

Settings, addresses and the application in one file. There is no middleware but what writes Content-Length,
connections are kept, and the stores are as durable as ours.
"""

import os

import django
from django.conf import settings

if os.environ.get("PEER_POSTGRESQL_HOST"):
    DATABASE = {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": os.environ["PEER_POSTGRESQL_HOST"],
        "NAME": os.environ["PEER_DATABASE"],
        "USER": "postgres",
    }
else:
    DATABASE = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ["PEER_DATABASE"],
        "OPTIONS": {
            "timeout": 30,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL",
        },
    }

settings.configure(
    SECRET_KEY="benchmark",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="project",
    INSTALLED_APPS=["anymail", "receiver"],
    DATABASES={"default": DATABASE | {"CONN_MAX_AGE": None}},
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
    ANYMAIL={"WEBHOOK_SECRET": os.environ["PEER_SECRET"]},
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402  # needs the settings
from django.urls import include, path  # noqa: E402

urlpatterns = [path("anymail/", include("anymail.urls"))]
application = get_wsgi_application()
