"""`python -m bench.detection [CELL …]`: measure cells of the detection benchmark, keep the results, write the page."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from bench.detection.grid import cells, chosen, run
from bench.detection.report import summary, write
from bench.detection.results import Results
from bench.detection.setting import Setting

RESULTS = Path("build") / "bench-detection.jsonl"


def main() -> None:
    """The command line."""
    asked = _arguments()
    if asked.list:
        print("\n".join(cells(asked.data)))
        return
    with tempfile.TemporaryDirectory(prefix="bench-detection-") as throw_away:
        setting = Setting(data=asked.data, environments=asked.environments or Path(throw_away), short=asked.short)
        results = Results(
            Path(throw_away) / "short.jsonl" if asked.short and not asked.results else asked.results or RESULTS
        )
        picked = chosen(asked.cells, asked.data)
        if not asked.peers:
            picked = [cell for cell in picked if cell.tool == "Watchkeeper" or cell.name in asked.cells]
        if not asked.report:
            run(picked, setting, results, asked.processes, again=asked.again)
        print(summary(results, short=asked.short))
        if asked.write:
            write(results)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.detection", description=__doc__)
    parser.add_argument("cells", nargs="*", metavar="CELL", help="names, their beginnings or patterns (default: all)")
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
