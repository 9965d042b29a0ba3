"""The whole grid: every cell, and running some of them in several processes with the results kept as they come."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from fnmatch import fnmatch
from functools import lru_cache
from importlib import import_module
from multiprocessing import get_context

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench.detection.cell import OURS, Cell, Counts
from bench.detection.results import HERE, CellResult, PartResult, Results, digest, product_stamp
from bench.detection.setting import Missing, Setting, seed_of
from bench.machine import describe

MODULES = (
    "bench.detection.null",
    "bench.detection.small_shift",
    "bench.detection.power",
    "bench.detection.attribution",
    "bench.detection.persistent",
    "bench.detection.error_streams",
    "bench.detection.peers",
    "bench.detection.speed",
)


@lru_cache
def cells() -> dict[str, Cell]:
    """Every cell by name, in the order of the report."""
    found: dict[str, Cell] = {}
    for module in MODULES:
        for cell in import_module(module).cells():
            if cell.name in found:
                raise ValueError(f"two cells are called {cell.name!r}")
            found[cell.name] = cell
    return found


def chosen(patterns: Sequence[str]) -> list[Cell]:
    """The cells that match one of the patterns (`power.*`), or begin with one; all without patterns."""
    known = cells()
    if not patterns:
        return list(known.values())
    return [
        cell
        for name, cell in known.items()
        if any(fnmatch(name, pattern) or name.startswith(pattern) for pattern in patterns)
    ]


def run(asked: Iterable[Cell], setting: Setting, results: Results, processes: int, *, again: bool = False) -> None:
    """Measure what is not yet in `results`, and conclude every cell. Long parts are begun first."""
    asked = list(asked)
    stamps = {cell.name: stamp_of(cell) for cell in asked}
    open_parts = [
        (cell, part)
        for cell in asked
        for part in range(cell.count(setting))
        if again or results.part(cell.name, part, setting.short, stamps[cell.name]) is None
    ]
    failed: dict[str, str] = {}
    _one_thread_each()
    with _progress() as progress, ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        task = progress.add_task("measuring", total=len(open_parts))
        waiting: dict[Future[tuple[Counts, float]], tuple[Cell, int]] = {
            pool.submit(measured, cell.name, setting, part): (cell, part) for cell, part in open_parts
        }
        for future in as_completed(waiting):
            cell, part = waiting[future]
            progress.update(task, advance=1, description=cell.name)
            try:
                counts, seconds = future.result()
            except Missing as missing:
                failed[cell.name] = str(missing)
                continue
            except Exception as error:  # one cell that breaks must not cost the others their hour
                failed[cell.name] = f"failed: {type(error).__name__}: {error}"
                continue
            results.add(
                PartResult(
                    cell=cell.name,
                    part=part,
                    short=setting.short,
                    stamp=stamps[cell.name],
                    seed=seed_of(cell.name, part),
                    seconds=seconds,
                    counts=counts,
                )
            )
    for cell in asked:
        results.add(_concluded(cell, setting, results, stamps[cell.name], failed.get(cell.name, "")))


def measured(name: str, setting: Setting, part: int) -> tuple[Counts, float]:
    """One part, in whichever process this is; with the seconds it took."""
    start = time.perf_counter()
    return cells()[name].measure(setting, part), time.perf_counter() - start


def stamp_of(cell: Cell) -> str:
    """What a stored part must carry to be used again."""
    return _product_stamp() if cell.tool == OURS else digest(cell.sources, *cell.pins)


@lru_cache
def _product_stamp() -> str:
    return product_stamp()


def _concluded(cell: Cell, setting: Setting, results: Results, stamp: str, not_run: str) -> CellResult:
    parts = [results.part(cell.name, part, setting.short, stamp) for part in range(cell.count(setting))]
    there = [part for part in parts if part is not None]
    whole = not not_run and len(there) == len(parts)
    return CellResult(
        cell=cell.name,
        section=cell.section,
        title=cell.title,
        tool=cell.tool,
        short=setting.short,
        stamp=stamp,
        seed=seed_of(cell.name),
        parts=len(there),
        seconds=sum(part.seconds for part in there),
        figures=cell.conclude([part.counts for part in there]) if whole else (),
        not_run=not_run,
        machine=_machine(),
        commit=commit(),
    )


@lru_cache
def _machine() -> str:
    return describe()


@lru_cache
def commit() -> str:
    """The commit that was measured, marked where the tree differs from it."""
    command = ["git", "describe", "--always", "--dirty", "--tags"]
    done = subprocess.run(command, cwd=HERE, check=False, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


def _progress() -> Progress:
    return Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())


def _one_thread_each() -> None:
    """A process that is started from here on is one core: no library in it may take another."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
