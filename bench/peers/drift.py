"""What the drift runners share: reading windows, and writing how severe each column of each window is.

Severity is a tool's statistic over its own threshold (or its threshold over its p-value): above 1 it alarms. Columns a
tool cannot judge get 0. The result is JSON: the version, the columns, (windows, columns) severities and the seconds.
"""

import json
import math
import time
from importlib.metadata import version

import pandas as pd


def main(package, severities, reference, windows, size, result):
    """Judge consecutive windows of `size` rows of the file `windows`."""
    before, now, size = _read(reference), _read(windows), int(size)
    parts = [now.iloc[first : first + size].reset_index(drop=True) for first in range(0, len(now), size)]
    start = time.process_time()
    found = [[_number(row.get(name, 0.0)) for name in before.columns] for row in severities(before, parts)]
    seconds = time.process_time() - start
    with open(result, "w") as file:
        json.dump(
            {"version": version(package), "columns": list(before.columns), "severity": found, "seconds": seconds}, file
        )


def kinds(frame):
    """Names of the columns of numbers, and of the others."""
    numbers = [name for name in frame.columns if frame[name].dtype.kind in "fiu"]
    return numbers, [name for name in frame.columns if name not in numbers]


def _number(value):
    value = float(value)
    return 0.0 if math.isnan(value) else float(f"{min(value, 1e300):.4g}")


def _read(path):
    """Categories as the objects that every tool takes."""
    frame = pd.read_parquet(path)
    return frame.astype({name: object for name in kinds(frame)[1]})
