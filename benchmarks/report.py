"""`python -m benchmarks report`: write the aims and what was measured into README.md, between its two marks."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.aims import AIMS, Figures

README = Path(__file__).parent / "README.md"
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"
HEAD = ("| benchmark | what | aim | measured | |", "|---|---|---|---|---|")


def rewrite(readme: Path, results: Path) -> None:
    """Put the table of the results into the file."""
    text = readme.read_text()
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"{readme} has no lines {BEGIN} and {END}.")
    readme.write_text(f"{before}{BEGIN}\n\n{make_table(_read(results))}\n\n{END}{after}")


def make_table(found: dict[str, Figures]) -> str:
    """Return the table in Markdown; a benchmark without figures was not run yet."""
    lines = [*HEAD]
    for name, aims in AIMS.items():
        figures = found.get(name)
        for aim in aims:
            measured = aim.measured(figures) if figures else "not yet"
            word = ("met" if aim.is_met(figures) else "missed") if figures else ""
            lines.append(f"| {name} | {aim.what} | {aim} | {measured} | {word} |")
    return "\n".join(lines)


def _read(results: Path) -> dict[str, Figures]:
    return {path.stem: json.loads(path.read_text()) for path in sorted(results.glob("*.json"))}
