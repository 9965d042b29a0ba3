"""What the drift runners share: reading windows, and writing how severe each column of each window is.

Severity is a tool's statistic over its own threshold (or its threshold over its p-value): above 1 it alarms. Columns a
tool cannot judge get 0. The result is JSON: the version, the columns, (windows, columns) severities and the seconds.
"""

import json
import math
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import pandas as pd

Severities = Callable[[pd.DataFrame, list[pd.DataFrame]], Iterator[dict[str, float]]]


def main(package: str, severities: Severities, *files: str) -> None:
    """Judge windows: the reference's file, that of the windows one after the other, rows of each, the answer's."""
    reference, windows, rows, result = files
    before, now, size = _read(reference), _read(windows), int(rows)
    parts = [now.iloc[first : first + size].reset_index(drop=True) for first in range(0, len(now), size)]
    start = time.process_time()
    found = [[_number(row.get(name, 0.0)) for name in before.columns] for row in severities(before, parts)]
    seconds = time.process_time() - start
    answer = {"version": version(package), "columns": list(before.columns), "severity": found, "seconds": seconds}
    Path(result).write_text(json.dumps(answer))


def kinds(frame: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Names of the columns of numbers, and of the others."""
    numbers = [name for name in frame.columns if frame[name].dtype.kind in "fiu"]
    return numbers, [name for name in frame.columns if name not in numbers]


def _number(value: float) -> float:
    value = float(value)
    return 0.0 if math.isnan(value) else float(f"{min(value, 1e300):.4g}")


def _read(path: str) -> pd.DataFrame:
    """Categories as the objects that every tool takes."""
    frame = pd.read_parquet(path)
    return frame.astype(dict.fromkeys(kinds(frame)[1], object))
