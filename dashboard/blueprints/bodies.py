"""Views that take larger bodies than all others."""

from __future__ import annotations

from collections.abc import Callable

from dashboard.permissions import View


def takes(most_bytes: int) -> Callable[[View], View]:
    """Mark a view with its own limit; lifecycle looks before the body is read."""

    def marked(view: View) -> View:
        view.max_body_bytes = most_bytes  # type: ignore[attr-defined]  # functions take attributes
        return view

    return marked
