"""Connects the signal when Django starts."""

from django.apps import AppConfig


class ReceiverConfig(AppConfig):
    name = "receiver"

    def ready(self):
        from receiver import signals  # noqa: F401  # importing connects
