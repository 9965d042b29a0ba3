"""Training data to reference: choose bins, tally the whole, tally time buckets.

Columns with more levels than a tally keeps choose their top levels on every fifth row and are counted on the other four
(tallies/categorical.py says why), so the rows of one column may be fewer than those of another; every test takes its n
from its own column.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa

from watchkeeper.events.errors import BadInput
from watchkeeper.events.inference import INPUT, OUTPUT
from watchkeeper.reference.dependence import Dependence
from watchkeeper.reference.reference import Reference
from watchkeeper.schema.feature import Feature, FeatureType
from watchkeeper.schema.numbers import Column, as_floats
from watchkeeper.schema.schema import Schema
from watchkeeper.tallies.binning import Binning, group_bounds, service_bins
from watchkeeper.tallies.bins import Bins
from watchkeeper.tallies.categorical import HOLD_OUT, CategoricalBins
from watchkeeper.tallies.numeric import NumericBins
from watchkeeper.tallies.tally import IntArray, Tally, add_up

BUCKET_WIDTHS = (60, 300, 900, 3600, 6 * 3600, 86400, 7 * 86400)
MAX_BUCKETS = 1000

Progress = Callable[[str, float], None]


def compile_reference(
    inputs: pa.Table,
    schema: Schema,
    *,
    outputs: pa.Table | None = None,
    times: Column | None = None,
    task: str = "none",
    classes: tuple[str, ...] = (),
    bucket: int | None = None,
    service: bool = False,
    dependence: bool = True,
    progress: Progress | None = None,
) -> Reference:
    """Compile n reference rows.

    `inputs` has the schema's features as columns (any others are ignored), `outputs` its outputs: the model's own
    answers on those rows. `times` (n,) gives each row's event time (time stamps, dates, or Unix seconds); without it
    rows are taken as exchangeable. `bucket` is the seconds of a reference bucket, by default the shortest usual width
    that gives at most 1,000 of them. `service` adds the (empty) latency and status columns that a served model needs.
    `dependence` learns how the inputs move together, for what no column shows alone; it takes all columns at once.
    `progress` is called with a stage and the share done. Raises BadInput for an empty table, a missing column or
    unreadable times.
    """
    if inputs.num_rows == 0:
        raise BadInput("The reference has no rows.", hint="Give the rows that the model was trained or validated on.")
    columns = dict(_columns(inputs, schema.features, INPUT))
    columns |= dict(_columns(outputs, schema.outputs, OUTPUT)) if outputs is not None else {}
    fitted: dict[str, Bins] = {}
    for done, (name, (feature, column)) in enumerate(columns.items()):
        _tell(progress, "choosing bins", done / len(columns))
        fitted[name] = fit_bins(feature, column)
    binning = Binning(fitted | service_bins()) if service else Binning(fitted)
    width, order, bounds, starts = _buckets(times, inputs.num_rows, bucket)
    table = pa.table({name: column for name, (_, column) in columns.items()})
    _tell(progress, "counting", 0.0)
    blocks = _tally_blocks(binning, table, order, bounds)
    _tell(progress, "counting", 1.0)
    whole = add_up(blocks, binning.size, binning.extremes)
    return Reference(
        schema=schema,
        binning=binning,
        whole=whole,
        rows=inputs.num_rows,
        task=task,
        classes=classes,
        block_width=width,
        block_starts=tuple(starts.tolist()) if width else (),
        blocks=tuple(blocks) if width else (),
        dependence=fit_dependence(schema, binning, whole, table) if dependence else None,
    )


def fit_dependence(schema: Schema, binning: Binning, whole: Tally, rows: pa.Table) -> Dependence | None:
    """How the inputs move together, from `rows` named as in the binning. Clocks move by themselves: not they."""
    moving = [INPUT + feature.name for feature in schema.features if feature.type is not FeatureType.TIMESTAMP]
    return Dependence.fit(binning, whole, rows.select([name for name in moving if name in binning.columns]))


def fit_bins(feature: Feature, column: Column) -> Bins:
    """Bins for one feature from its reference column."""
    match feature.type:
        case FeatureType.CATEGORICAL | FeatureType.BOOLEAN:
            return CategoricalBins.fit(column)
        case FeatureType.TEXT:
            return NumericBins.fit(column, whole=True, length=True)
        case _:
            return NumericBins.fit(
                column,
                minimum=feature.minimum,
                maximum=feature.maximum,
                whole=feature.type is FeatureType.INTEGER,
            )


def _columns(
    table: pa.Table, features: tuple[Feature, ...], prefix: str
) -> Mapping[str, tuple[Feature, pa.ChunkedArray]]:
    missing = [feature.name for feature in features if feature.name not in table.column_names]
    if missing:
        raise BadInput(
            f"The reference lacks the column {missing[0]!r}.", hint=f"It has {', '.join(table.column_names[:20])}."
        )
    return {prefix + feature.name: (feature, table[feature.name]) for feature in features}


def _buckets(
    times: Column | None, rows: int, bucket: int | None
) -> tuple[int | None, IntArray | None, IntArray, IntArray]:
    """(width, order of rows by time, bounds of buckets in that order, their starts)."""
    if times is None:
        return None, None, np.array([0, rows], np.int64), np.zeros(1, np.int64)
    seconds, _, _ = as_floats(times)
    if not np.isfinite(seconds).all():
        bad = int(np.flatnonzero(~np.isfinite(seconds))[0])
        raise BadInput(f"Row {bad} of the time column has no readable time.", hint="Every reference row needs a time.")
    width = bucket or bucket_width(float(seconds.max() - seconds.min()))
    keys = np.floor_divide(seconds, width).astype(np.int64)
    order = np.argsort(keys, kind="stable")
    bounds = group_bounds(keys[order])
    return width, order, bounds, keys[order][bounds[:-1]] * width


def bucket_width(span: float) -> int:
    """The shortest usual bucket, in seconds, that cuts `span` seconds into at most 1,000."""
    return next((width for width in BUCKET_WIDTHS if span / width <= MAX_BUCKETS), BUCKET_WIDTHS[-1])


def _tally_blocks(binning: Binning, table: pa.Table, order: IntArray | None, bounds: IntArray) -> list[Tally]:
    blocks = binning.tally_groups(table if order is None else table.take(pa.array(order)), bounds)
    choosers = [name for name, bins in binning.columns.items() if isinstance(bins, CategoricalBins) and bins.held_out]
    if choosers:
        position = np.arange(table.num_rows) if order is None else order
        part = Binning({name: binning.columns[name] for name in choosers})
        _leave_out(binning, blocks, part, _choosing_rows(part, table, position, bounds))
    return blocks


def _choosing_rows(part: Binning, table: pa.Table, position: IntArray, bounds: IntArray) -> list[Tally]:
    """Each block's tally of the rows that chose the top levels: every fifth row of the data as it was given."""
    at = np.flatnonzero(position % HOLD_OUT == 0)
    return part.tally_groups(table.take(pa.array(position[at])), np.searchsorted(at, bounds).astype(np.int64))


def _leave_out(binning: Binning, blocks: list[Tally], part: Binning, left_out: list[Tally]) -> None:
    """Take counts out of each block again, in place: subtraction is exact too."""
    for block, rows in zip(blocks, left_out, strict=True):
        for name in part.columns:
            block.counts[binning.slice(name)] -= part.part(rows, name).counts


def _tell(progress: Progress | None, stage: str, share: float) -> None:
    if progress is not None:
        progress(stage, share)
