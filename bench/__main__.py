"""`python -m bench [NAME …] [--short] [--write]`: run benchmarks and print Markdown."""

from __future__ import annotations

import argparse
import tempfile
from importlib import import_module
from pathlib import Path

from bench.machine import describe
from bench.measure import Table

PAGE = Path(__file__).parent.parent / "docs" / "explanation" / "benchmarks.md"
BENCHES = {
    "gateway": "bench.gateway",
    "compare": "bench.compare",
    "tally": "bench.tally",
    "watch": "bench.watch_worker",
    "join": "bench.join",
    "models1000": "bench.models1000",
    "estimates": "bench.estimates",
}
OPENING = """# Benchmarks

Measured by `make bench` on the machine below, each beside its peers in the same run, rounds interleaved. A figure is a
median over rounds, the spread its smallest and largest value. Absolute figures move with the machine; the ratios move
less. Run it on yours.
"""


def main() -> None:
    """The command line of the benchmarks."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which of {', '.join(BENCHES)} (default: all)")
    parser.add_argument("--short", action="store_true", help="seconds long, small, without peers")
    parser.add_argument("--write", action="store_true", help=f"write the result to {PAGE.name} in the documentation")
    parser.add_argument("--environments", type=Path, help="keep peers' environments here (default: thrown away)")
    asked = parser.parse_args()
    unknown = set(asked.names) - BENCHES.keys()
    if unknown:
        parser.error(f"no bench {min(unknown)!r}; there are {', '.join(BENCHES)}")
    machine = describe()
    with tempfile.TemporaryDirectory(prefix="bench-environments-") as throw_away:
        environments = asked.environments or Path(throw_away)
        tables = run(asked.names or list(BENCHES), short=asked.short, environments=environments)
    text = "\n".join([OPENING, machine, "", *(table.markdown() for table in tables)])
    print(text)
    if asked.write:
        PAGE.write_text(text)


def run(names: list[str], *, short: bool, environments: Path) -> list[Table]:
    """The tables of the named benchmarks, in order."""
    tables: list[Table] = []
    for name in names:
        print(f"bench: {name}", flush=True)
        tables += import_module(BENCHES[name]).run(short=short, environments=environments)
    return tables


if __name__ == "__main__":
    main()
