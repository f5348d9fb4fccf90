"""Every provider that has a file here: found by looking, so that a new file is all a new provider needs."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from dashboard import providers
from dashboard.providers.base import Adapter, as_adapter


@cache
def adapters() -> dict[str, Adapter]:
    """Return every adapter by its slug, in the order of their titles, the generic one last."""
    modules = [
        importlib.import_module(f"{providers.__name__}.{found.name}")
        for found in pkgutil.iter_modules(providers.__path__)
    ]
    found = [as_adapter(module) for module in modules if hasattr(module, "guide")]
    found.sort(key=lambda adapter: (adapter.name == "generic", adapter.guide.title.lower()))
    return {adapter.name: adapter for adapter in found}
