"""The page and the summary: every figure beside its goal, what is missed marked, what was not run told."""

from __future__ import annotations

from pathlib import Path

from bench.detection.results import Results

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "detection-benchmark.md"


def summary(results: Results, *, short: bool) -> str:
    lines = []
    for (name, was_short), result in results.cells.items():
        if was_short is not short:
            continue
        if result.not_run:
            lines.append(f"{name}: not run: {result.not_run}")
        for f in result.figures:
            mark = {True: "met", False: "MISSED", None: ""}[f.met]
            lines.append(
                f"{name} | {f.what} | {f.value} [{f.low},{f.high}] of {f.trials} {f.of} | {f.goal} {mark} | {f.note} {result.seconds:.0f}s"
            )
    return "\n".join(lines)


def write(results: Results) -> None:
    raise NotImplementedError
