"""`python -m benchmarks [NAME ...]`: run the named benchmarks, or all of them, and write their figures down.

`python -m benchmarks report` puts the figures that are written down into README.md.
"""

from __future__ import annotations

import argparse
import importlib
import json
from pathlib import Path

from benchmarks import report
from benchmarks.aims import AIMS

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks")
    parser.add_argument("names", nargs="*", choices=[*AIMS, "report", []], help="default: all; report: fill README.md")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it runs")
    chosen = parser.parse_args()
    RESULTS.mkdir(exist_ok=True)
    if chosen.names == ["report"]:
        report.rewrite(report.README, RESULTS)
        return
    for name in chosen.names or AIMS:
        print(f"\n== {name} ==")
        figures = importlib.import_module(f"benchmarks.{name}").run(quick=chosen.quick)
        if not chosen.quick:
            (RESULTS / f"{name}.json").write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
