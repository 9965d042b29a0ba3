"""A reference compiled from batches: what `compile_reference` would give for all rows at once, bit for bit.

Passes over the rows: (1) what each column holds (scan.py), and from when to when; (2) the exact tally of numbers on the
fine grid, which chooses their bins and folds into them (tallies/fine.py), and the rows that choose the top levels of
categories with many; (3) only where there is time, the tally of each bucket. Categories without time are settled by the
levels that (1) counted. Nothing is estimated: no figure depends on how the rows were cut into batches.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from watchkeeper.events.errors import BadInput
from watchkeeper.events.inference import INPUT
from watchkeeper.reference.compiling import bucket_width
from watchkeeper.reference.reference import Reference, prefixed
from watchkeeper.reference.rows import RowSample
from watchkeeper.reference.scan import ColumnScan
from watchkeeper.schema.feature import Feature, FeatureType
from watchkeeper.schema.numbers import as_floats
from watchkeeper.schema.schema import Schema
from watchkeeper.tallies.binning import Binning, group_bounds
from watchkeeper.tallies.bins import Bins, count
from watchkeeper.tallies.categorical import HOLD_OUT, TOP_LEVELS, CategoricalBins, Levels, levels_of
from watchkeeper.tallies.fine import FineBins, fine_bins, folded
from watchkeeper.tallies.tally import FloatArray, IntArray, Tally, add_up

Tell = Callable[[int], None]
"""Called with the number of values read since the last call."""


class Rows(NamedTuple):
    """Rows to read: `read` gives all batches of some columns, anew at each call; `fields` are their declared types."""

    read: Callable[[Sequence[str]], Iterator[pa.Table]]
    fields: pa.Schema
    total: int

    def batches(self, tell: Tell | None = None, more: Sequence[str] = ()) -> Iterator[pa.Table]:
        """Every batch of all the fields, and of `more` columns."""
        names = [*self.fields.names, *more]
        for batch in self.read(names):
            yield batch
            if tell is not None:
                tell(batch.num_rows * len(names))


@dataclass(frozen=True)
class Clock:
    """The time column of the rows, and the seconds of a bucket; None lets the span of the data choose."""

    column: str
    bucket: int | None = None


def compile_stream(
    rows: Rows, *, clock: Clock | None = None, sample: RowSample | None = None, tell: Tell | None = None
) -> Reference:
    """Compile `rows` into a reference over all of their fields; `sample` sees every batch once.

    Raises BadInput for a row whose time cannot be read.
    """
    scans, span = _first_pass(rows, clock, tell)
    features = tuple(scan.feature() for scan in scans)
    second = _second_pass(rows, scans, features, sample, tell)
    fitted, tallies = _settled(scans, features, second)
    binning = Binning({INPUT + name: bins for name, bins in fitted.items()})
    schema = Schema(features=features)
    if clock is None or span is None:
        whole = binning.gather((Binning({INPUT + name: fitted[name]}), tally) for name, tally in tallies.items())
        return Reference(schema=schema, binning=binning, whole=whole, rows=rows.total)
    width = clock.bucket or bucket_width(span[1] - span[0])
    blocks = tally_buckets(rows, binning, clock.column, width, tell=tell, hold_out=True)
    return Reference(
        schema=schema,
        binning=binning,
        whole=add_up(blocks.values(), binning.size, binning.extremes),
        rows=rows.total,
        block_width=width,
        block_starts=tuple(key * width for key in blocks),
        blocks=tuple(blocks.values()),
    )


# ------------------------------------------------------------------------------------------------------ first pass
def _first_pass(
    rows: Rows, clock: Clock | None, tell: Tell | None
) -> tuple[list[ColumnScan], tuple[float, float] | None]:
    """Every column looked at, and the first and last time."""
    scans = [ColumnScan(field.name, field.type, rows.total) for field in rows.fields]
    low, high, at = math.inf, -math.inf, 0
    for batch in rows.batches(tell, [clock.column] if clock else ()):
        for scan in scans:
            scan.see(batch.column(scan.name))
        if clock is not None:
            seconds = read_times(batch.column(clock.column), at)
            low, high = min(low, float(seconds.min(initial=math.inf))), max(high, float(seconds.max(initial=-math.inf)))
        at += batch.num_rows
    return scans, (low, high) if clock is not None else None


def read_times(column: pa.ChunkedArray, first: int) -> FloatArray:
    """Unix seconds; BadInput where a row has no readable time. `first` is the position of the first row."""
    seconds, _, _ = as_floats(column)
    if not np.isfinite(seconds).all():
        bad = first + int(np.flatnonzero(~np.isfinite(seconds))[0])
        raise BadInput(f"Row {bad} of the time column has no readable time.", hint="Every row needs a time.")
    return seconds


# ----------------------------------------------------------------------------------------------------- second pass
@dataclass
class _Second:
    """What the second pass counts: numbers on the fine grid, and the levels of the rows that choose."""

    fine: dict[str, tuple[FineBins, Tally]]
    chosen: dict[str, dict[str, int]]
    chosen_missing: dict[str, int]


def _second_pass(
    rows: Rows, scans: list[ColumnScan], features: tuple[Feature, ...], sample: RowSample | None, tell: Tell | None
) -> _Second:
    second = _Second({}, {}, {})
    for scan, feature in zip(scans, features, strict=True):
        if not _is_categorical(feature):
            bins = _fine(scan, feature)
            second.fine[scan.name] = bins, Tally.zero(bins.size, bins.extremes)
        elif scan.levels is not None and len(scan.levels) > TOP_LEVELS:
            second.chosen[scan.name], second.chosen_missing[scan.name] = {}, 0
    at = 0
    for batch in rows.batches(tell):
        for name, (bins, tally) in second.fine.items():
            second.fine[name] = bins, tally + count(bins, batch.column(name))
        choosing = np.arange(-at % HOLD_OUT, batch.num_rows, HOLD_OUT)
        for name, chosen in second.chosen.items():
            found = levels_of(batch.column(name).take(pa.array(choosing)))
            second.chosen_missing[name] += found.missing
            for level, seen in found.rows.items():
                chosen[level] = chosen.get(level, 0) + seen
        if sample is not None:
            sample.see(batch)
        at += batch.num_rows
    return second


def _fine(scan: ColumnScan, feature: Feature) -> FineBins:
    text = feature.type is FeatureType.TEXT
    return fine_bins(
        scan.spread,
        minimum=feature.minimum,
        maximum=feature.maximum,
        whole=text or feature.type is FeatureType.INTEGER,
        length=text,
    )


def _is_categorical(feature: Feature) -> bool:
    return feature.type in (FeatureType.CATEGORICAL, FeatureType.BOOLEAN)


def _settled(
    scans: list[ColumnScan], features: tuple[Feature, ...], second: _Second
) -> tuple[dict[str, Bins], dict[str, Tally]]:
    """Each column's bins, and its tally of the whole."""
    fitted: dict[str, Bins] = {}
    tallies: dict[str, Tally] = {}
    for scan, feature in zip(scans, features, strict=True):
        if _is_categorical(feature):
            fitted[scan.name], tallies[scan.name] = _categories(scan, second)
        else:
            fitted[scan.name], tallies[scan.name] = folded(*second.fine[scan.name])
    return fitted, tallies


def _categories(scan: ColumnScan, second: _Second) -> tuple[CategoricalBins, Tally]:
    """Bins of a column of levels; where the top ones were chosen on some rows, the tally is of the others."""
    totals, missing = scan.levels or {}, scan.missing
    chosen = second.chosen.get(scan.name, {})
    bins = CategoricalBins.of_levels(totals, chosen or totals)
    if bins.held_out:
        totals = {level: seen - chosen.get(level, 0) for level, seen in totals.items()}
        missing -= second.chosen_missing[scan.name]
    counts = bins.count(Levels(totals, missing, is_text=True))
    return bins, Tally(counts, np.zeros(0), np.zeros(0))


# ------------------------------------------------------------------------------------------------------ with bins
def tally_stream(rows: Rows, binning: Binning, *, sample: RowSample | None = None, tell: Tell | None = None) -> Tally:
    """The tally of all `rows` on bins that are given."""
    total = binning.zero()
    for batch in rows.batches(tell):
        total = total + binning.tally(prefixed(batch, INPUT))
        if sample is not None:
            sample.see(batch)
    return total


def tally_buckets(
    rows: Rows, binning: Binning, time: str, width: int, *, tell: Tell | None = None, hold_out: bool = False
) -> dict[int, Tally]:
    """The tally of each bucket of `width` seconds that has rows, by its number, ascending.

    `hold_out` leaves out, of columns whose top levels were chosen on every fifth row, the rows that chose.
    """
    choosers = [n for n, b in binning.columns.items() if hold_out and isinstance(b, CategoricalBins) and b.held_out]
    parts: list[tuple[Binning, int | None]] = _parts(binning, choosers) if choosers else [(binning, None)]
    found: dict[int, Tally] = {}
    at = 0
    for batch in rows.batches(tell, [time]):
        keys = np.floor_divide(read_times(batch.column(time), at), width).astype(np.int64)
        counted = at + np.arange(batch.num_rows) if choosers else np.zeros(0, np.int64)
        table = prefixed(batch.drop_columns([time]) if time not in rows.fields.names else batch, INPUT)
        for part, step in parts:
            keep = np.arange(batch.num_rows) if step is None else np.flatnonzero(counted % step != 0)
            for key, tally in _keyed(part, table, keys, keep):
                spread = binning.gather([(part, tally)]) if part is not binning else tally
                found[key] = found[key] + spread if key in found else spread
        at += batch.num_rows
    return dict(sorted(found.items()))


def _parts(binning: Binning, choosers: list[str]) -> list[tuple[Binning, int | None]]:
    """The columns all of whose rows count, and those of which every fifth does not."""
    plain = {name: bins for name, bins in binning.columns.items() if name not in choosers}
    return [(Binning(plain), None), (Binning({name: binning.columns[name] for name in choosers}), HOLD_OUT)]


def _keyed(binning: Binning, table: pa.Table, keys: IntArray, keep: IntArray) -> Iterator[tuple[int, Tally]]:
    """The tally of the rows `keep` of each key."""
    order = keep if bool((np.diff(keys) >= 0).all()) else keep[np.argsort(keys[keep], kind="stable")]
    bounds = group_bounds(keys[order])
    whole = len(order) == table.num_rows and bool((np.diff(order) > 0).all())
    ordered = table if whole else table.take(pa.array(order))
    yield from zip(keys[order][bounds[:-1]].tolist(), binning.tally_groups(ordered, bounds), strict=True)
