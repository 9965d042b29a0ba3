"""`python -m bench.detection [CELL …]`: measure cells of the detection benchmark, keep the results, write the page."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from bench.detection.cell import OURS
from bench.detection.grid import cells, chosen, conclude_together, run
from bench.detection.report import selected, summary, write
from bench.detection.results import Results
from bench.detection.setting import Setting
from bench.detection.speed import TOGETHER

RESULTS = Path("build") / "bench-detection.jsonl"


def main() -> None:
    """The command line."""
    asked = _arguments()
    if asked.list:
        print("\n".join(cells(asked.data)))
        return
    with tempfile.TemporaryDirectory(prefix="bench-detection-") as throw_away:
        environments = asked.environments or Path(throw_away)
        setting = Setting(data=asked.data, environments=environments, short=asked.short)
        trial = Path(throw_away) / "short.jsonl" if asked.short else RESULTS
        results = Results(asked.results or trial)
        picked = [cell for cell in chosen(asked.cells, asked.data) if asked.peers or cell.tool == OURS]
        if not asked.report:
            run(picked, setting, results, asked.processes, again=asked.again)
            conclude_together(results, setting)
        names = [*(cell.name for cell in picked), TOGETHER] if asked.cells else [*cells(asked.data), TOGETHER]
        print(summary(selected(results, names, short=asked.short)))
        if asked.short:
            print(
                "A trial run: it shows that the cells work. Its figures rest on a handful of windows and say nothing."
            )
        if asked.write:
            write(selected(results, [*cells(asked.data), TOGETHER], short=asked.short))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.detection", description=__doc__)
    parser.add_argument(
        "cells", nargs="*", metavar="CELL", help="names, groups (null) or patterns (power.*.500); default: all"
    )
    parser.add_argument("--list", action="store_true", help="print the names of all cells")
    parser.add_argument("--short", action="store_true", help="a trial run of every cell, under a minute")
    parser.add_argument("--data", type=Path, help="folder of data that are not ours to ship, and of streams.toml")
    parser.add_argument("--environments", type=Path, help="keep the peers' environments here (default: thrown away)")
    parser.add_argument("--peers", action="store_true", help="measure the peers too")
    parser.add_argument("--processes", type=int, default=2, help="how many parts at once (default: 2)")
    parser.add_argument("--results", type=Path, help=f"file of results (default: {RESULTS})")
    parser.add_argument("--again", action="store_true", help="measure anew what is already there")
    parser.add_argument("--report", action="store_true", help="measure nothing, report what is there")
    parser.add_argument("--write", action="store_true", help="write the page in the documentation")
    return parser.parse_args()


if __name__ == "__main__":
    main()
