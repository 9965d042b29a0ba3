"""The whole grid: every cell, and running some of them in several processes with the results kept as they come."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from fnmatch import fnmatch
from functools import lru_cache
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path

import msgspec
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench.detection.cell import OURS, Cell, Counts
from bench.detection.results import HERE, CellResult, PartResult, Results, digest, product_stamp
from bench.detection.setting import Missing, Setting, seed_of
from bench.detection.speed import TOGETHER, together
from bench.machine import describe

MODULES = (
    "bench.detection.null",
    "bench.detection.small_shift",
    "bench.detection.power",
    "bench.detection.attribution",
    "bench.detection.persistent",
    "bench.detection.ordinary_blocks",
    "bench.detection.harm_seen",
    "bench.detection.error_streams",
    "bench.detection.peers",
    "bench.detection.peers_quiet",
    "bench.detection.speed",
)


STREAM_MODULES = ("bench.detection.ordinary_blocks", "bench.detection.harm_seen")


@lru_cache
def cells(data: Path | None = None) -> dict[str, Cell]:
    """Every cell by name, in the order of the report; the streams in `data` have cells too."""
    found: dict[str, Cell] = {}
    for name in MODULES:
        module = import_module(name)
        for cell in module.cells(data) if name in STREAM_MODULES else module.cells():
            if cell.name in found:
                raise ValueError(f"two cells are called {cell.name!r}")
            found[cell.name] = cell
    return found


def chosen(patterns: Sequence[str], data: Path | None = None) -> list[Cell]:
    """The cells of those names, groups (`null`, `null.census`) or patterns (`power.*.500`); all without any."""
    known = cells(data)
    if not patterns:
        return list(known.values())
    return [cell for name, cell in known.items() if any(_is_asked(name, pattern) for pattern in patterns)]


def _is_asked(name: str, pattern: str) -> bool:
    return name == pattern or name.startswith(pattern.rstrip(".") + ".") or fnmatch(name, pattern)


def run(asked: Iterable[Cell], setting: Setting, results: Results, processes: int, *, again: bool = False) -> None:
    """Measure what is not yet in `results`, and conclude every cell. What is timed is measured last, one at a time."""
    asked = list(asked)
    stamps = {cell.name: stamp_of(cell) for cell in asked}
    failed: dict[str, str] = {}
    _one_thread_each()
    for alone in (False, True):
        waiting = [
            (cell, part)
            for cell in asked
            for part in range(cell.count(setting))
            if cell.alone is alone
            and (again or results.part(cell.name, part, setting.short, stamps[cell.name]) is None)
        ]
        for cell, part, outcome in _measured(waiting, setting, 1 if alone else processes):
            if isinstance(outcome, str):
                failed[cell.name] = outcome
            else:
                results.add(_part_result(cell, part, setting, stamps[cell.name], outcome))
    for cell in asked:
        results.add(_concluded(cell, setting, results, stamps[cell.name], failed.get(cell.name, "")))


def conclude_together(results: Results, setting: Setting) -> None:
    """What takes two cells to say: Evidently's time over ours, where both have been measured."""
    ours, theirs = (results.cells.get((name, setting.short)) for name in ("speed.compare", "speed.Evidently"))
    if ours is not None and theirs is not None and ours.figures and theirs.figures:
        figures = together(ours.figures, theirs.figures)
        title = "1,000,000 x 100, beside Evidently"
        results.add(msgspec.structs.replace(ours, cell=TOGETHER, title=title, figures=figures, seconds=0.0))


Outcome = tuple[Counts, float] | str


def _measured(
    waiting: Sequence[tuple[Cell, int]], setting: Setting, processes: int
) -> Iterator[tuple[Cell, int, Outcome]]:
    """Each part as it comes: its counts and seconds, or why there are none."""
    with _progress() as progress, ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        task = progress.add_task("measuring", total=len(waiting))
        begun = {pool.submit(measured, cell.name, setting, part): (cell, part) for cell, part in waiting}
        for future in as_completed(begun):
            cell, part = begun[future]
            progress.update(task, advance=1, description=cell.name)
            yield cell, part, _outcome(future)


def _outcome(future: Future[tuple[Counts, float]]) -> Outcome:
    try:
        return future.result()
    except Missing as missing:
        return str(missing)
    except Exception as error:  # noqa: BLE001 (one cell that breaks must not cost the others their hour)
        return f"failed: {type(error).__name__}: {error}"


def _part_result(cell: Cell, part: int, setting: Setting, stamp: str, outcome: tuple[Counts, float]) -> PartResult:
    counts, seconds = outcome
    return PartResult(
        cell=cell.name,
        part=part,
        short=setting.short,
        stamp=stamp,
        seed=seed_of(cell.name, part),
        seconds=seconds,
        counts=counts,
    )


def measured(name: str, setting: Setting, part: int) -> tuple[Counts, float]:
    """One part, in whichever process this is; with the seconds it took."""
    start = time.perf_counter()
    return cells(setting.data)[name].measure(setting, part), time.perf_counter() - start


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
