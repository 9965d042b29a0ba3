"""A feature's distribution now against the reference, from tallies.

Numeric bins are quantile bins: fine where the reference is dense, doubling in width beyond it. For the eye they are
folded into bars of equal width (equal in log10 where the reference spans more than two decades of positive values; one
bar a value where the reference is a few single values), each bin's mass spread evenly over the bars it covers. The
bars cover both samples up to three reference ranges on either side; what lies farther is one last bar and is said so.
A folded bar is a picture: the numbers that decide are the findings.

Levels that the reference never had are one bar of their own, apart from the known levels outside the top. All shares
are of all rows, so that a column that goes missing shrinks visibly; what is missing is told beside the bars.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from watchkeeper.report.words import number, percent
from watchkeeper.tallies.bins import Bins
from watchkeeper.tallies.categorical import CategoricalBins
from watchkeeper.tallies.numeric import NumericBins
from watchkeeper.tallies.tally import Tally

Floats = NDArray[np.float64]
Shares = tuple[float, float]
BARS = 40
LEVELS = 20
_FAR = 1e150  # beyond this nothing is drawn to scale: differences and squares of floats would overflow
OTHER_LEVELS = "(all other levels)"
NEVER_SEEN = "(never seen)"


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """Shares per bar, reference and current. `centres` and `widths` are None where bars are named levels.

    `names[i]` says in words what bar i holds. `missing` is the share of rows without a value (for numbers: without a
    finite one), reference and current; with it `reference` and `current` each sum to 1, or are all 0 without data.
    `n_reference` and `n_current` count the rows that hold a value.
    """

    names: tuple[str, ...]
    centres: tuple[float, ...] | None
    widths: tuple[float, ...] | None
    log: bool
    reference: tuple[float, ...]
    current: tuple[float, ...]
    n_reference: int
    n_current: int
    missing: tuple[float, float] = (0.0, 0.0)


def shares(counts: Floats) -> Floats:
    """Counts as shares of their sum; all zero if there is nothing to share."""
    total = counts.sum()
    return counts / total if total > 0 else np.zeros(len(counts))


def distribution_of(bins: Bins, reference: Tally, current: Tally) -> Distribution | None:
    """The distribution of one column from its two tallies; None for bins that hold no values (status)."""
    if isinstance(bins, NumericBins):
        edges = np.clip(bins.edges, *_extremes(reference, current))
        old, new = (bins.value_counts(part.counts).astype(np.float64) for part in (reference, current))
        return numeric_distribution(edges, bins.atoms, old, new, missing=_missing(bins, reference, current))
    if isinstance(bins, CategoricalBins):
        old, new = (_levels(bins, part.counts) for part in (reference, current))
        unseen = tuple(int(part.counts[bins.slot("unseen")]) for part in (reference, current))
        names = [*bins.levels, OTHER_LEVELS]
        missing = _missing(bins, reference, current)
        return levels_distribution(names, old, new, unseen=(unseen[0], unseen[1]), missing=missing)
    return None


def _missing(bins: NumericBins | CategoricalBins, reference: Tally, current: Tally) -> Shares:
    return _without(bins, reference), _without(bins, current)


def _without(bins: NumericBins | CategoricalBins, tally: Tally) -> float:
    """The share of rows that hold no value, or no finite number."""
    rows = int(bins.rows(tally.counts))
    return 1 - int(bins.value_counts(tally.counts).sum()) / rows if rows else 0.0


def _extremes(reference: Tally, current: Tally) -> tuple[float, float]:
    """The smallest and largest value of both samples, so that open-ended bins are drawn no wider than what was seen."""
    low = min(float(reference.low[0]), float(current.low[0]))
    high = max(float(reference.high[0]), float(current.high[0]))
    return (low, math.nextafter(high, math.inf)) if low <= high else (-np.inf, np.inf)


def _levels(bins: CategoricalBins, counts: NDArray[np.int64]) -> Floats:
    """Rows of each top level, then of all other known levels together."""
    values = bins.value_counts(counts).astype(np.float64)
    top = len(bins.levels)
    return np.append(values[:top], max(values[top:].sum() - counts[bins.slot("unseen")], 0.0))


def levels_distribution(
    names: Sequence[str],
    reference: Floats,
    current: Floats,
    *,
    unseen: tuple[int, int] = (0, 0),
    missing: Shares = (0.0, 0.0),
    top: int = LEVELS,
) -> Distribution:
    """The `top` levels that matter most (largest share in either sample), the rest added up, then those never seen.

    `reference` and `current` (L,) count the named levels; `unseen` are rows of levels that the reference never had,
    which get their bar however few they are.
    """
    old, new = shares(np.append(reference, unseen[0])), shares(np.append(current, unseen[1]))
    old, new = old * (1 - missing[0]), new * (1 - missing[1])
    most = np.maximum(old, new)[:-1]
    order = np.argsort(-most, kind="stable")
    order = order[most[order] > 0]
    kept, rest = order[:top], order[top:]
    labels = [names[i] for i in kept] + ([f"{len(rest)} others"] if len(rest) else [])
    return Distribution(
        names=tuple(labels + [NEVER_SEEN] * any(unseen)),
        centres=None,
        widths=None,
        log=False,
        reference=_with_rest(old, kept, rest) + (float(old[-1]),) * any(unseen),
        current=_with_rest(new, kept, rest) + (float(new[-1]),) * any(unseen),
        n_reference=int(reference.sum()) + unseen[0],
        n_current=int(current.sum()) + unseen[1],
        missing=missing,
    )


def _with_rest(part: Floats, kept: NDArray[np.intp], rest: NDArray[np.intp]) -> tuple[float, ...]:
    tail = [float(part[rest].sum())] if len(rest) else []
    return tuple(part[kept].tolist() + tail)


def numeric_distribution(
    edges: Floats,
    atoms: NDArray[np.bool_],
    reference: Floats,
    current: Floats,
    *,
    missing: Shares = (0.0, 0.0),
) -> Distribution:
    """Bars of values. `edges` has one more entry than the counts, rises, and may be infinite at both ends."""
    low, high = _finite(edges)
    bars, log = _bar_edges(low, high, atoms, reference, current)
    parts = shares(reference) * (1 - missing[0]), shares(current) * (1 - missing[1])
    old, new = (_fold(part, low, high, bars, log) for part in parts)
    position = np.log10(bars) if log else bars
    seen = (reference > 0) | (current > 0)
    seen_low, seen_high = (low[seen][0], high[seen][-1]) if seen.any() else (bars[0], bars[-1])
    return Distribution(
        names=tuple(_bar_names(bars, old, new, (float(seen_low), float(seen_high)))),
        centres=tuple(((position[:-1] + position[1:]) / 2).tolist()),
        widths=tuple(np.diff(position).tolist()),
        log=log,
        reference=tuple(old.tolist()),
        current=tuple(new.tolist()),
        n_reference=int(reference.sum()),
        n_current=int(current.sum()),
        missing=missing,
    )


def _finite(edges: Floats) -> tuple[Floats, Floats]:
    """Lower and upper edge of each bin, an infinite end drawn as wide as its neighbour."""
    drawn = np.where(np.isfinite(edges), np.clip(edges, -_FAR, _FAR), edges)
    if len(drawn) > 2 and not np.isfinite(drawn[0]):
        drawn[0] = drawn[1] - max(drawn[2] - drawn[1], 1e-9) if np.isfinite(drawn[2]) else drawn[1] - 1
    if len(drawn) > 2 and not np.isfinite(drawn[-1]):
        drawn[-1] = drawn[-2] + max(drawn[-2] - drawn[-3], 1e-9) if np.isfinite(drawn[-3]) else drawn[-2] + 1
    return drawn[:-1], np.nextafter(drawn[1:], -np.inf)


def _bar_edges(
    low: Floats, high: Floats, atoms: NDArray[np.bool_], reference: Floats, current: Floats
) -> tuple[Floats, bool]:
    seen = reference > 0 if reference.any() else current > 0
    if not seen.any():
        return np.array([0.0, 1.0]), False
    start, stop = float(low[seen][0]), float(high[seen][-1])
    single = atoms & ((reference > 0) | (current > 0))
    if reference[atoms].sum() >= 0.8 * reference.sum() and 1 < single.sum() <= 2 * BARS:
        return _around((low[single] + high[single]) / 2), False
    first, last = _reach(low, high, (reference > 0) | (current > 0), start, stop)
    if first > 0 and stop > 100 * start:
        return np.geomspace(first, max(last, first * 1.01), BARS + 1), True
    return np.linspace(first, last if last > first else first + 1.0, BARS + 1), False


def _reach(low: Floats, high: Floats, seen: NDArray[np.bool_], start: float, stop: float) -> tuple[float, float]:
    """The values the bars cover: all that was seen, up to three reference ranges outside the reference."""
    span = max(stop - start, abs(stop) * 1e-6, 1e-12)
    first, last = float(low[seen].min()), float(high[seen].max())
    return max(first, start - 3 * span), min(last, stop + 3 * span)


def _around(values: Floats) -> Floats:
    """Bar edges half way between single values."""
    middles = (values[:-1] + values[1:]) / 2
    gap = float(np.min(np.diff(values)))
    return np.concatenate([[values[0] - gap / 2], middles, [values[-1] + gap / 2]])


def _fold(part: Floats, low: Floats, high: Floats, bars: Floats, log: bool) -> Floats:
    """The mass of each bin spread evenly over the bars that it covers; what lies outside goes to the end bars."""
    inner, left, right = (_scaled(values, bars[0], log) for values in (bars[1:-1], low, high))
    width = np.maximum(right - left, 1e-300)
    with np.errstate(over="ignore"):  # a bin of one value is as good as no width: over it lies all or nothing
        below = np.clip((inner[:, None] - left[None, :]) / width[None, :], 0.0, 1.0)
    cumulative = np.concatenate([[0.0], below @ part, [part.sum()]])
    return np.maximum(np.diff(cumulative), 0.0)


def _scaled(values: Floats, smallest: float, log: bool) -> Floats:
    return np.log10(np.maximum(values, smallest)) if log else values


def _bar_names(bars: Floats, old: Floats, new: Floats, seen: tuple[float, float]) -> list[str]:
    """What each bar holds, in words; an end bar that stands for everything beyond it says so."""
    ranges = [f"{number(low, 4)} to {number(high, 4)}" for low, high in pairwise(bars.tolist())]
    if seen[0] < bars[0]:
        ranges[0] = f"below {number(bars[1], 4)}"
    if seen[1] > bars[-1]:
        ranges[-1] = f"above {number(bars[-2], 4)}"
    return [
        f"{name}<br>now {percent(b)}, reference {percent(a)}"
        for name, a, b in zip(ranges, old.tolist(), new.tolist(), strict=True)
    ]
