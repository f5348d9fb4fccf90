"""Around every request: who, which company, may they; the view; commit; headers; errors; one log line."""

from __future__ import annotations

from flask import Flask

from dashboard.lifecycle import admission, answers, headers, observation
from dashboard.lifecycle.arrivals import Arrivals
from dashboard.lifecycle.polls import UnchangedPolls


def init_app(app: Flask) -> None:
    """Put the rooms around the views; called last, when every view is registered."""
    observation.init_app(app)
    admission.init_app(app)
    headers.init_app(app)
    answers.init_app(app)
    polls = UnchangedPolls(app, app.wsgi_app, lambda: admission.now(app))
    app.wsgi_app = Arrivals(app, polls, lambda: admission.now(app))  # type: ignore[method-assign]
