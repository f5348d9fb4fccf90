"""A provider is one file: everything else finds it by looking."""

import ast
from pathlib import Path

import dashboard
from dashboard.providers.registry import adapters

ROOT = Path(dashboard.__file__).parent


# What is known of providers' DNS records: one that is missing there has none to propose, and nothing else changes.
# And the story of the demo, whose domains have providers.
EXCEPTED = {ROOT / "dns" / "facts.py", ROOT / "services" / "demo_domains.py"}


def test_nothing_outside_its_file_names_a_provider():
    names = set(adapters()) - {"generic"}

    naming = [
        f"{path.relative_to(ROOT)}: {node.value}"
        for path in ROOT.rglob("*.py")
        if not path.is_relative_to(ROOT / "providers") and "migrations" not in path.parts and path not in EXCEPTED
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and node.value in names
    ]

    assert naming == []


def test_every_provider_has_its_page():
    pages = {path.stem for path in (ROOT.parent / "docs" / "providers").glob("*.md")}

    assert set(adapters()) <= pages
