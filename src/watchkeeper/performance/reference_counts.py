"""Counting a labelled reference into blocks: rows in order of time, a piece at a time, so that memory stays small."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.performance.layout import Layout
from watchkeeper.performance.pairs import Pairs
from watchkeeper.performance.said_counts import bins_of, questions, said_counts
from watchkeeper.schema.numbers import Column, FloatArray
from watchkeeper.tallies.binning import group_bounds
from watchkeeper.tallies.bins import CHUNK
from watchkeeper.tallies.tally import IntArray

FOLDS, FOLD_ROWS = 40, 50
MOST_BLOCKS, MOST_CELLS = 2000, 1 << 23


@dataclass(frozen=True, eq=False)
class Blocks:
    """Rows in blocks: `order` (n,) of the rows, `bounds` (K + 1,) of the blocks in that order, `starts` (K,).

    Blocks are `width` seconds long, or folds where `width` is None.
    """

    order: IntArray
    bounds: IntArray
    starts: IntArray
    width: int | None


@dataclass(frozen=True, eq=False)
class Counted:
    """Counts (K, size) of the rows whose truth could be read, what their scores `said` (K, questions, 2, bins).

    `left_out` rows could not be read; `reason` says why not the first of them.
    """

    counts: IntArray
    said: IntArray | None
    left_out: int
    reason: str


def present(truth: Column) -> IntArray:
    """The rows that have a truth: neither missing, nor NaN, nor an empty text."""
    kind = truth.type.value_type if pa.types.is_dictionary(truth.type) else truth.type
    known = pc.is_valid(truth)
    if pa.types.is_floating(kind):
        known = pc.and_(known, pc.fill_null(pc.invert(pc.is_nan(truth)), False))
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
        known = pc.fill_null(pc.not_equal(truth, ""), False)
    return np.flatnonzero(np.asarray(known))


def blocks_by_time(rows: IntArray, seconds: FloatArray, window: int, size: int) -> Blocks:
    """`rows` in blocks of a window, or of so many whole windows that neither blocks nor their cells are too many.

    `seconds` (all rows,) are Unix seconds; `size` is that of a layout.
    """
    own = seconds[rows]
    most = max(1, min(MOST_BLOCKS, MOST_CELLS // size))
    windows = int(own.max() // window - own.min() // window) + 1
    width = window * -(-windows // most)
    keys = np.floor_divide(own, width).astype(np.int64)
    order = np.argsort(keys, kind="stable")
    bounds = group_bounds(keys[order])
    return Blocks(rows[order], bounds, keys[order][bounds[:-1]] * width, width)


def folds(rows: IntArray) -> Blocks:
    """`rows` in up to 40 folds of consecutive ones, of 50 rows at least where there are as many."""
    count = max(1, min(FOLDS, len(rows) // FOLD_ROWS))
    bounds = np.linspace(0, len(rows), count + 1).astype(np.int64)
    return Blocks(rows, bounds, np.arange(count, dtype=np.int64), None)


def count_blocks(layout: Layout, classes: Sequence[str], outputs: pa.Table, truth: Column, blocks: Blocks) -> Counted:
    """Pairs of `outputs` and `truth` (all rows) in each block. Raises BadInput where no row's truth can be of the task.

    `classes` are the model's, in order; the same as those by which its live labels are read.
    """
    counts = np.zeros((len(blocks.starts), layout.size), np.int64)
    said: IntArray | None = None
    left_out, reason = 0, ""
    for start in range(0, len(blocks.order), CHUNK):
        rows = blocks.order[start : start + CHUNK]
        place = np.searchsorted(blocks.bounds, np.arange(start, start + len(rows)), "right") - 1
        picked = pa.array(rows)
        pairs, good, reasons = Pairs.sift(layout.kind, classes, outputs.take(picked), truth.take(picked))
        left_out += len(reasons)
        reason = reason or next(iter(reasons.values()), "")
        bounds = np.searchsorted(place[good], np.arange(place[0], place[-1] + 2)).astype(np.int64)
        for block, tally in enumerate(layout.tally_groups(pairs, bounds), int(place[0])):
            counts[block] += tally.counts
        if pairs.scores is not None:
            said = _no_scores(layout, len(counts)) if said is None else said
            _add_said(said[int(place[0]) :], layout, pairs, bounds)
    return Counted(counts, said, left_out, reason)


def _no_scores(layout: Layout, blocks: int) -> IntArray:
    return np.zeros((blocks, questions(layout), 2, bins_of(layout).size), np.int64)


def _add_said(said: IntArray, layout: Layout, pairs: Pairs, bounds: IntArray) -> None:
    """Add rows bounds[g]:bounds[g+1] to block g of `said`, in place."""
    for block, (first, last) in enumerate(zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)):
        if last > first:
            said[block] += said_counts(layout, pairs.take(slice(first, last)))
