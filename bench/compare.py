"""Comparing two frames of 1,000,000 x 20, half strings: beside Evidently, whylogs, SciPy and a floor.

Rules: every tool gets the frames in memory in the form it takes (Arrow, or pandas), reading is not timed, and every run
is a process of its own, so that nobody's memory or threads help or hinder another. SciPy's and the floor's lines answer
less: p-values only, no intervals, no quality counts.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from bench import frames
from bench.environments import CannotInstall, python_of, version_in
from bench.measure import Table, lines_of

ROWS, SHORT_ROWS = 1_000_000, 20_000
SCRIPTS = Path(__file__).parent / "peers"
SLOW_ROUNDS = 1  # minutes each: measured once a run


def run(*, short: bool, environments: Path) -> list[Table]:
    """Time all tools; `short` leaves peers in other environments out."""
    rounds: list[dict[str, float]] = []
    cpu_rounds: list[dict[str, float]] = []
    memory: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="bench-compare-") as folder:
        paths = frames.write(Path(folder), SHORT_ROWS if short else ROWS)
        commands = {name: _ours(name) for name in TOOLS}
        peers = {} if short else _peers(environments)
        for number in range(1 if short else 5):
            print(f"compare: round {number + 1}", flush=True)
            values, cpu = {}, {}
            for name, command in {**commands, **(peers if number < SLOW_ROUNDS else {})}.items():
                found = _timed(command, paths)
                values[name], cpu[name] = found["seconds"], found["cpu"]
                memory[name] = f"{found['megabytes']:,.0f} MB at most"
            rounds.append(values)
            cpu_rounds.append(cpu)
    title = f"Comparing two frames of {SHORT_ROWS if short else ROWS:,} x {frames.COLUMNS}, half strings"
    return [
        Table(title=title, unit="s", lines=lines_of(rounds, memory), base="Watchkeeper"),
        Table(title=f"{title}: processor time", unit="CPU s", lines=lines_of(cpu_rounds), base="Watchkeeper"),
    ]


def _peers(environments: Path) -> dict[str, list[str]]:
    found = {}
    for name, title in (("evidently", "Evidently"), ("whylogs", "whylogs")):
        try:
            python = python_of(name, environments)
        except (CannotInstall, subprocess.CalledProcessError) as error:
            print(f"compare: without {title}: {error}", flush=True)
            continue
        found[f"{title} {version_in(python, name)}"] = [str(python), str(SCRIPTS / f"{name}_compare.py")]
    return found


def _ours(name: str) -> list[str]:
    return [sys.executable, "-m", "bench.compare", name]


def _timed(command: list[str], paths: tuple[Path, Path]) -> dict[str, float]:
    done = subprocess.run([*command, *map(str, paths)], check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def _watchkeeper(reference: Any, current: Any) -> None:
    import watchkeeper

    watchkeeper.compare(reference=reference, current=current)


def _floor(reference: Any, current: Any) -> None:
    from bench import floor

    floor.compare(reference, current)


def _pandas_floor(reference: Any, current: Any) -> None:
    from bench import floor

    floor.compare_pandas(reference, current)


def _scipy(reference: Any, current: Any) -> None:
    import pandas as pd
    from scipy.stats import chi2_contingency, ks_2samp

    for name in reference.columns:
        left, right = reference[name], current[name]
        if left.dtype.kind in "fi":
            ks_2samp(left, right, method="asymp")
        else:
            counts = pd.concat([left.value_counts(), right.value_counts()], axis=1).fillna(0)
            chi2_contingency(counts.to_numpy())


# name -> (what is timed, whether it takes pandas frames)
TOOLS: dict[str, tuple[Callable[[Any, Any], None], bool]] = {
    "Watchkeeper": (_watchkeeper, False),
    "Watchkeeper, from pandas": (_watchkeeper, True),
    "sort-and-search floor, NumPy and Arrow": (_floor, False),
    "sort-and-search floor, NumPy and pandas": (_pandas_floor, True),
    "SciPy KS + chi-square": (_scipy, True),
}


def main(name: str, *paths: str) -> None:
    """Time one tool once in this process; imports and reading are not counted."""
    call, wants_pandas = TOOLS[name]
    tables = [pq.read_table(path) for path in paths]
    tiny = [table.slice(0, 2_000) for table in tables]
    if wants_pandas:
        tables, tiny = ([table.to_pandas() for table in some] for some in (tables, tiny))
    call(*tiny)  # imports and first-call costs
    start, cpu = time.perf_counter(), time.process_time()
    call(*tables)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "cpu": cpu, "megabytes": megabytes}))


if __name__ == "__main__":
    main(*sys.argv[1:])
