"""The columns of a model as evidence: padded batches of counts for every detector, cut out of the model's one vector.

Columns of a kind are stacked, the shorter padded with empty bins, so that judging 1 or 1,000 columns is the same few
numpy calls. Text is watched by its length and time stamps by their seconds, so both are numbers here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from watchkeeper.detectors.registry import Evidence
from watchkeeper.detectors.samples import Rates, Samples
from watchkeeper.tallies.binning import Binning
from watchkeeper.tallies.bins import Bins
from watchkeeper.tallies.categorical import CategoricalBins
from watchkeeper.tallies.numeric import NumericBins
from watchkeeper.tallies.tally import FloatArray, IntArray

INPUT, OUTPUT = "input.", "output."
TAIL_SHARE = 0.0015
CELLS = 4_000_000
_RATE_SLOTS: Mapping[Evidence, tuple[str, ...]] = {
    Evidence.MISSING: ("missing", "nan"),
    Evidence.INFINITE: ("infinite",),
    Evidence.WRONG_TYPE: ("wrong_type",),
    Evidence.UNSEEN: ("unseen",),
    Evidence.RANGE: ("out_of_range",),
}

AnyEvidence = dict[Evidence, Samples | Rates]


def watched(binning: Binning) -> tuple[str, ...]:
    """The columns that hold data: inputs and outputs, in order; the service's own columns are judged elsewhere."""
    return tuple(name for name in binning.columns if name.startswith((INPUT, OUTPUT)))


def feature_name(column: str) -> str:
    """`input.distance` -> `distance`, `output.late` -> `prediction late`: what people are told."""
    if column.startswith(OUTPUT):
        return f"prediction {column.removeprefix(OUTPUT)}"
    return column.removeprefix(INPUT)


@dataclass(frozen=True)
class Stack:
    """Columns of one kind, stacked. All index arrays point into the model's vector, or one past its end for padding.

    `values` (C, B): value bins. `rows` (C, R): cells that add up to the rows counted. `slots`: per rate, (C, S) cells.
    `positions` (C, B) and `outside` (C, B), numbers only: a value for each bin, and which bins lie out of the range.
    """

    names: tuple[str, ...]
    values: IntArray
    rows: IntArray
    slots: Mapping[Evidence, IntArray]
    positions: FloatArray
    outside: npt.NDArray[np.bool_]
    bounded: npt.NDArray[np.bool_]
    singletons: FloatArray
    doubletons: FloatArray
    seen_rows: FloatArray

    @property
    def numeric(self) -> bool:
        """Whether the bins ascend."""
        return Evidence.INFINITE in self.slots

    def value_counts(self, counts: IntArray) -> FloatArray:
        """(..., size) -> (..., C, B) rows per value bin."""
        return gather(counts, self.values)

    def row_counts(self, counts: IntArray) -> FloatArray:
        """(..., size) -> (..., C) rows counted, missing ones included."""
        return gather(counts, self.rows).sum(-1)

    def rate_counts(self, counts: IntArray, rate: Evidence) -> FloatArray:
        """(..., size) -> (..., C) rows of a fault."""
        if rate is Evidence.RANGE:
            declared = gather(counts, self.slots[rate]).sum(-1)
            outside = np.where(self.outside, self.value_counts(counts), 0.0).sum(-1)
            return np.where(self.bounded, declared, outside)
        return gather(counts, self.slots[rate]).sum(-1)

    def evidence(self, reference: IntArray, windows: IntArray) -> AnyEvidence:
        """What the detectors need: `reference` (size,) against `windows` (W, size), in arrays (W, C, ...)."""
        values = Samples(self.value_counts(reference), self.value_counts(windows), self.positions)
        rows, reference_rows = self.row_counts(windows), self.row_counts(reference)
        found: AnyEvidence = {}
        if self.numeric:
            found[Evidence.VALUES], found[Evidence.SHAPE] = values, values.folded()
            found[Evidence.TAIL] = _tail(values)
        else:
            found[Evidence.LEVELS] = values
        for rate in self.slots:
            hits, reference_hits = self.rate_counts(windows, rate), self.rate_counts(reference, rate)
            found[rate] = Rates(hits, rows, reference_hits, reference_rows)
        if Evidence.UNSEEN in self.slots:
            unseen = self.rate_counts(windows, Evidence.UNSEEN)
            found[Evidence.UNSEEN] = Rates(unseen, rows, self.singletons, self.seen_rows, self.doubletons)
        return found


def gather(counts: IntArray, index: IntArray) -> FloatArray:
    """The cells of `counts` (..., size) at `index` (C, B), 0 where the index points past the end: (..., C, B)."""
    past = index >= counts.shape[-1]
    if not past.any():
        return np.take(counts, index, -1).astype(np.float64)
    found = np.take(counts, np.where(past, 0, index), -1).astype(np.float64)
    found[..., past] = 0.0
    return found


def stacks(binning: Binning, names: Sequence[str] | None = None, windows: int = 1) -> tuple[Stack, ...]:
    """Stacks of numbers and of categories, of `names` (default: every watched column); empty ones left out.

    A stack holds as many columns as keep the arrays of a test on `windows` windows near 32 MB, however many there are.
    """
    chosen = watched(binning) if names is None else names
    numbers = [name for name in chosen if isinstance(binning.columns[name], NumericBins)]
    categories = [name for name in chosen if isinstance(binning.columns[name], CategoricalBins)]
    groups = [*_split(binning, numbers, windows), *_split(binning, categories, windows)]
    return tuple(_stack(binning, tuple(group)) for group in groups)


def _split(binning: Binning, names: list[str], windows: int) -> list[list[str]]:
    width = max((_value_bins(binning.columns[name]) for name in names), default=1)
    most = max(1, CELLS // (width * max(width, windows)))
    return [names[i : i + most] for i in range(0, len(names), most)]


def _stack(binning: Binning, names: tuple[str, ...]) -> Stack:
    bins = [binning.columns[name] for name in names]
    starts = [binning.slice(name).start for name in names]
    past = binning.size
    width = max(_value_bins(b) for b in bins)
    kinds = [rate for rate, slots in _RATE_SLOTS.items() if all(_has(b, slots[0]) for b in bins)]
    return Stack(
        names=names,
        values=np.array([_padded(start, _value_bins(b), width, past) for start, b in zip(starts, bins, strict=True)]),
        rows=_ragged([start + _row_cells(b) for start, b in zip(starts, bins, strict=True)], past),
        slots={rate: _slots(bins, starts, _RATE_SLOTS[rate]) for rate in kinds},
        positions=np.array([_positions(b, width) for b in bins]),
        outside=np.array([_outside(b, width) for b in bins]),
        bounded=np.array([getattr(b, "minimum", None) is not None for b in bins]),
        singletons=np.array([getattr(b, "singletons", 0) for b in bins], np.float64),
        doubletons=np.array([getattr(b, "doubletons", 0) for b in bins], np.float64),
        seen_rows=np.array([getattr(b, "seen_rows", 0) for b in bins], np.float64),
    )


def _value_bins(bins: Bins) -> int:
    return bins.value_bins if isinstance(bins, NumericBins | CategoricalBins) else bins.size


def _has(bins: Bins, slot: str) -> bool:
    try:
        return isinstance(bins, NumericBins | CategoricalBins) and bins.slot(slot) >= 0
    except ValueError:
        return False


def _padded(start: int, size: int, width: int, past: int) -> IntArray:
    index = np.full(width, past, np.int64)
    index[:size] = np.arange(start, start + size)
    return index


def _row_cells(bins: Bins) -> IntArray:
    """Cells that partition the rows: found by asking the bins, so that no layout is known twice."""
    return np.flatnonzero(bins.rows(np.eye(bins.size, dtype=np.int64)))


def _ragged(cells: list[IntArray], past: int) -> IntArray:
    width = max(len(c) for c in cells)
    return np.array([np.concatenate([c, np.full(width - len(c), past)]) for c in cells])


def _slots(bins: list[Bins], starts: list[int], names: tuple[str, ...]) -> IntArray:
    return np.array(
        [
            [start + b.slot(name) for name in names if _has(b, name)]
            for start, b in zip(starts, bins, strict=True)
            if isinstance(b, NumericBins | CategoricalBins)
        ],
        np.int64,
    )


def _positions(bins: Bins, width: int) -> FloatArray:
    """(width,) the middle of each bin; the finite edge of the two open ones; padding repeats the last."""
    if not isinstance(bins, NumericBins):
        return np.zeros(width)
    edges = bins.edges
    lower = np.where(np.isinf(edges[:-1]), edges[1:], edges[:-1])
    upper = np.where(np.isinf(edges[1:]), edges[:-1], edges[1:])
    middle = np.where(np.isfinite(lower) & np.isfinite(upper), lower / 2 + upper / 2, bins.centre)
    return np.concatenate([middle, np.full(width - len(middle), middle[-1])])


def _outside(bins: Bins, width: int) -> npt.NDArray[np.bool_]:
    outside = np.zeros(width, bool)
    if isinstance(bins, NumericBins):
        outside[: bins.lo_bin] = True
        outside[bins.hi_bin + 1 : bins.value_bins] = True
    return outside


def _tail(values: Samples) -> Rates:
    """Rows beyond the bins that hold the reference's outermost 0.1 % on each side, as far as bins can cut it."""
    upto = np.cumsum(values.reference, -1)
    beyond = (upto <= TAIL_SHARE * values.m[..., None]) | (
        upto - values.reference >= (1 - TAIL_SHARE) * values.m[..., None]
    )
    return Rates(
        np.where(beyond, values.window, 0.0).sum(-1),
        values.n,
        np.where(beyond, values.reference, 0.0).sum(-1),
        values.m,
    )
