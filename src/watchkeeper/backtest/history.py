"""The history itself: read, put in order of time, and cut into what came before the reference ended and after.

Rows between the end of the reference and the first whole window belong to neither, and are counted as left out; so are
those of a last window that the history breaks off in: one that ends earlier within itself than any window before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.backtest.plan import Plan
from watchkeeper.events.errors import BadInput
from watchkeeper.events.times import time_micros
from watchkeeper.report.words import count, moment
from watchkeeper.schema.feature import FeatureType
from watchkeeper.schema.inference import feature_type_of
from watchkeeper.schema.numbers import as_floats
from watchkeeper.schema.table import as_table, encode_text
from watchkeeper.tallies.tally import FloatArray, IntArray

MOST_WINDOWS = 100_000
_LEAST_TO_TELL = 8
_LOOKED_AT, _SLIPS = 100_000, 0.02
_LEAST_NAMES, _NAMES = 100, 0.95
_TIME_UNITS = ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (np.inf, 1e9))


@dataclass(frozen=True)
class History:
    """Rows in order of time. `table` (n rows) has every column of the data; `seconds` (n,) are their times.

    Rows 0 to `trained` are the reference. Window w starts at `starts[w]` and holds rows `bounds[w]` to `bounds[w+1]`;
    windows follow one another without gaps, so some may be empty. `features` are the columns watched as inputs.
    `notes` say what was left out.
    """

    table: pa.Table
    seconds: FloatArray
    trained: int
    starts: IntArray
    bounds: IntArray
    features: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def rows(self) -> IntArray:
        """(W,) rows of each window."""
        return np.diff(self.bounds)


def read_history(data: Any, plan: Plan) -> History:
    """Read, order and cut `data`. Raises BadInput for what cannot be replayed, with what to do."""
    table = _table(data)
    _check_columns(table, plan)
    seconds = _times(table[plan.time], plan.time)
    if (np.diff(seconds) < 0).any():
        order = np.argsort(seconds, kind="stable")
        table, seconds = table.take(pa.array(order)), seconds[order]
    trained = int(np.searchsorted(seconds, plan.until))
    _check_reference(plan, seconds, trained)
    starts, bounds, notes = _windows(plan, seconds)
    features, left_out = _features(table, plan)
    return History(encode_text(table), seconds, trained, starts, bounds, features, (*notes, *left_out))


def _table(data: Any) -> pa.Table:
    if not (isinstance(data, str | Path) and Path(data).is_dir()):
        return as_table(data)
    files = sorted(str(path) for path in Path(data).rglob("*.parquet"))
    if not files:
        raise BadInput(f"There is no .parquet file in {data}.", hint="Give a file, or a directory of Parquet files.")
    try:
        return pa.concat_tables([as_table(file) for file in files], promote_options="permissive")
    except pa.ArrowException as error:
        raise BadInput(
            f"The Parquet files in {data} do not make one table: {error}.", hint="A column must have one type in all."
        ) from error


def _check_columns(table: pa.Table, plan: Plan) -> None:
    if not table.num_rows:
        raise BadInput("The history has no rows.", hint="Nothing can be said of nothing.")
    for name in plan.named:
        if name not in table.column_names:
            have = ", ".join(table.column_names[:20])
            raise BadInput(f"The history has no column {name!r}.", hint=f"It has {have}.")


# ------------------------------------------------------------ time
def _times(column: pa.ChunkedArray, name: str) -> FloatArray:
    """Unix seconds (n,) of time stamps, dates, Unix times in seconds to nanoseconds, or ISO text."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    seconds = _of_text(column, name) if text else as_floats(column)[0]
    if not text and feature_type_of(kind) is not FeatureType.TIMESTAMP:
        seconds = _scaled(seconds)
    bad = np.flatnonzero(~np.isfinite(seconds))
    if bad.size:
        raise BadInput(
            f"Row {bad[0]} of {name!r} has no readable time ({bad.size} of {len(seconds)} rows).",
            hint="Every row needs a time: ISO 8601 (2013-01-31T12:00:00Z), a time stamp, or a Unix time.",
        )
    return np.asarray(seconds, np.float64)


def _scaled(numbers: FloatArray) -> FloatArray:
    """Unix times in the unit that their size tells (events/times.py), one unit for the whole column."""
    largest = np.nanmax(np.abs(numbers), initial=0.0)
    return numbers / next(unit for below, unit in _TIME_UNITS if largest < below or below == np.inf)


def _of_text(column: pa.ChunkedArray, name: str) -> FloatArray:
    """Each distinct text is read once."""
    coded = pc.dictionary_encode(column.cast(pa.string())).combine_chunks()
    coded = coded.chunk(0) if isinstance(coded, pa.ChunkedArray) else coded
    read = np.array([*(_read(text, name) for text in coded.dictionary.to_pylist()), np.nan])
    at = coded.indices.fill_null(len(read) - 1).to_numpy(zero_copy_only=False)
    return read[at.astype(np.int64)]


def _read(text: str, name: str) -> float:
    return time_micros(text, f"{text!r} in the column {name!r}") / 1e6


# ------------------------------------------------------------ windows
def _check_reference(plan: Plan, seconds: FloatArray, trained: int) -> None:
    if 0 < trained < len(seconds):
        return
    where = "before the history begins" if not trained else "after the history ends"
    raise BadInput(
        f"reference-until is {moment(plan.until)}, {where}.",
        hint=f"The rows are from {moment(seconds[0])} to {moment(seconds[-1])}: choose a time between.",
    )


def _windows(plan: Plan, seconds: FloatArray) -> tuple[IntArray, IntArray, list[str]]:
    """(starts (W,), bounds (W+1,), notes): aligned to whole multiples of the window, as a live worker's."""
    first = int(-(-plan.until // plan.window))
    last = int(seconds[-1] // plan.window)
    windows = max(0, last - first + 1)
    if windows > MOST_WINDOWS:
        raise BadInput(
            f"The history holds {windows:,} windows of {plan.window} s; {MOST_WINDOWS:,} is the most.",
            hint=f"Choose longer windows. The newest row is of {moment(seconds[-1])}: is that right?",
        )
    starts = (first + np.arange(windows, dtype=np.int64)) * plan.window
    edges = np.append(starts, first * plan.window + windows * plan.window)
    bounds = np.searchsorted(seconds, edges).astype(np.int64)
    between = int(bounds[0] - np.searchsorted(seconds, plan.until)) if windows else 0
    notes = [f"{count(between)} rows between the reference and the first whole window are not judged."] * (between > 0)
    if windows and _breaks_off(plan, seconds, bounds):
        lost = int(bounds[-1] - bounds[-2])
        notes.append(f"The last window is not whole: its {count(lost)} rows are not judged.")
        starts, bounds = starts[:-1], bounds[:-1]
    if not len(starts):
        raise BadInput(
            f"No whole window of {plan.window} s lies between reference-until and the last row.",
            hint=f"The newest row is of {moment(seconds[-1])}: choose shorter windows or an earlier time.",
        )
    return starts, bounds, notes


def _breaks_off(plan: Plan, seconds: FloatArray, bounds: IntArray) -> bool:
    filled = bounds[1:][np.diff(bounds) > 0]
    within = seconds[filled - 1] % plan.window
    return len(filled) >= _LEAST_TO_TELL and bool(within[-1] < within[:-1].min())


# ------------------------------------------------------------ columns
def _features(table: pa.Table, plan: Plan) -> tuple[tuple[str, ...], list[str]]:
    """The columns to watch as inputs, and what was left out and why."""
    names = [name for name in table.column_names if name not in plan.named]
    kinds = {name: feature_type_of(table.schema.field(name).type) for name in names}
    odd = [name for name in names if kinds[name] is None]
    clocks = [name for name in names if kinds[name] is FeatureType.TIMESTAMP]
    notes = [f"{_listed(odd)}: of a type that cannot be watched, and left out."] if odd else []
    if clocks:
        notes.append(f"{_listed(clocks)}: time stamps move by themselves, and are left out.")
    features = tuple(name for name in names if name not in (*odd, *clocks))
    notes += [
        f"`{name}` only grows with time, so it leaves its range by itself: leave it out with `--ignore {name}`."
        for name in features
        if kinds[name] in (FeatureType.INTEGER, FeatureType.NUMERIC) and _grows(table[name])
    ]
    notes += [
        f"`{name}` has another value in almost every row, so only its missing values are watched: if it is an id, "
        f"`--ignore {name}`; if it holds numbers, store them as numbers."
        for name in features
        if kinds[name] in (FeatureType.CATEGORICAL, FeatureType.TEXT) and _names_rows(table[name])
    ]
    if not features and not plan.outputs:
        raise BadInput("The history has no column to watch beside the time.", hint=f"It has {_listed(names)}.")
    return features, notes


def _grows(column: pa.ChunkedArray) -> bool:
    """Whether numbers, in order of time, are a counter: as good as never the same, as good as never falling."""
    values = as_floats(column.slice(0, _LOOKED_AT))[0]
    values = values[np.isfinite(values)]
    if len(values) < _LEAST_TO_TELL or (np.diff(values) < 0).mean() > _SLIPS:
        return False
    return len(np.unique(values)) > len(values) / 2


def _names_rows(column: pa.ChunkedArray) -> bool:
    """Whether texts are as good as never the same."""
    values = column.slice(0, _LOOKED_AT).drop_null()
    return len(values) >= _LEAST_NAMES and pc.count_distinct(values).as_py() > _NAMES * len(values)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(f"`{name}`" for name in names[:5]) + more
