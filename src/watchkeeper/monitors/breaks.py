"""Breaks: data quality that no block of the reference ever had. They alarm at once, whatever the season.

A rate (missing, unseen, wrong type, infinite, out of range) is broken where all of these hold:

1. by rows: its exact tail against the whole reference is below `break_level` (1e-6);
2. by blocks: it lies beyond the prediction of the reference's K blocks (t, the same level), where K is at least 8;
3. by size: the one-sided 95 % bound of the rate exceeds the rate of the *worst* reference block by the kind's floor.

Some breaks are judged against ordinary growth too (judge.py sees to it). Out of range is heard only where the column is
also unlike its recent windows: summer is hotter than any training day of a winter model, and creeps up on it; a unit
change jumps. Unseen levels are heard only where their share exceeds that of the worst recent ordinary window by the
floor: an airport gets new destinations, and after a while they are usual.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from watchkeeper.detectors.registry import Evidence
from watchkeeper.detectors.result import GATE
from watchkeeper.detectors.tails import fisher_tail
from watchkeeper.monitors.columns import Stack
from watchkeeper.tallies.tally import FloatArray, IntArray

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Ordinary:
    """A rate over the reference, per column (C,): rows and hits of all, and the blocks' mean, sd and worst."""

    hits: FloatArray
    rows: FloatArray
    mean: FloatArray
    sd: FloatArray
    worst: FloatArray
    blocks: int


@dataclass(frozen=True)
class Broken:
    """One kind of break over W windows: `hit`, `rate` and `p` (W, C), beside what is ordinary.

    `counts` are hits and rows of the windows (W, C), then of the reference (C,).
    """

    kind: Evidence
    hit: BoolArray
    rate: FloatArray
    p: FloatArray
    counts: tuple[FloatArray, FloatArray, FloatArray, FloatArray]
    ordinary: Ordinary


def ordinary_rates(
    stack: Stack, whole: IntArray, blocks: IntArray, kinds: Mapping[str, float], least: int
) -> dict[Evidence, Ordinary]:
    """What each kind of rate does in the reference `whole` (size,) and its `blocks` (K, size).

    Blocks of fewer than `least` rows are not asked for their worst: one missing row of two is no record.
    """
    return {kind: _ordinary(stack, kind, whole, blocks, least) for kind in stack.slots if kind.value in kinds}


def _ordinary(stack: Stack, kind: Evidence, whole: IntArray, blocks: IntArray, least: int) -> Ordinary:
    hits, rows = stack.rate_counts(whole, kind), stack.row_counts(whole)
    share = hits / np.maximum(rows, 1)
    block_rows = stack.row_counts(blocks)
    rates = np.where(block_rows >= least, stack.rate_counts(blocks, kind) / np.maximum(block_rows, 1), np.nan)
    rates = np.where(np.isnan(rates), share, rates)
    expected = stack.singletons if kind is Evidence.UNSEEN else hits
    return Ordinary(
        hits=expected + (kind is Evidence.RANGE),
        rows=rows,
        mean=rates.mean(0) if len(rates) else share,
        sd=rates.std(0, ddof=1) if len(rates) > 1 else np.zeros_like(share),
        worst=np.maximum(rates.max(0, initial=0.0), share),
        blocks=len(rates),
    )


def judge_rate(
    stack: Stack,
    kind: Evidence,
    windows: IntArray,
    ordinary: Ordinary,
    *,
    floor: float,
    level: float,
    min_blocks: int,
) -> Broken:
    """Which of `windows` (W, size) are broken in this kind of rate."""
    hits, rows = stack.rate_counts(windows, kind), stack.row_counts(windows)
    rate = hits / np.maximum(rows, 1)
    p = fisher_tail(hits, ordinary.hits, np.maximum(rows, 1), np.maximum(ordinary.rows, 1))
    hit = (p <= level) & (_gate(rate, rows, ordinary.worst + floor) <= GATE)
    if ordinary.blocks >= min_blocks:
        hit &= _beyond_blocks(rate, rows, ordinary) <= level
    return Broken(kind, hit, rate, p, (hits, rows, ordinary.hits, ordinary.rows), ordinary)


def _gate(rate: FloatArray, rows: FloatArray, border: FloatArray) -> FloatArray:
    """One-sided score test of rate > border."""
    b = np.clip(border, 1e-9, 1 - 1e-9)
    return special.ndtr(-(rate - border) / np.sqrt(b * (1 - b) / np.maximum(rows, 1)))


def _beyond_blocks(rate: FloatArray, rows: FloatArray, ordinary: Ordinary) -> FloatArray:
    """P(an ordinary block has a rate as high), by t."""
    sampling = np.maximum(ordinary.mean * (1 - ordinary.mean), 1e-9) / np.maximum(rows, 1)
    error = np.sqrt(ordinary.sd**2 * (1 + 1 / ordinary.blocks) + sampling)
    return special.stdtr(ordinary.blocks - 1, -(rate - ordinary.mean) / error)
