"""How far a segment's loss rose beyond that of the other rows, in units of how far it moves by itself.

The block is the unit of evidence (movement.py): errors cluster in time, so rows are never taken as independent. For
block b and a segment with mean loss m, the other rows' being r, what is watched is the excess

    D_b = m_b - c r_b,    c = max(1, ordinary mean of the segment / ordinary mean of the others)

so that a bad day for all rows cancels out, also where it multiplies all losses (c is 1 where a mean is not positive).
Ordinary blocks give its mean, and how far it moves: tau^2 beyond what sampling explains. With 20 blocks tau^2 is
uncertain, and one segment in hundreds looks quiet by luck, so it is shrunk towards what all segments show by empirical
Bayes, which adds degrees of freedom (Smyth 2004). The lag-1 correlation of blocks, pooled over segments, widens both
means. The recent blocks' mean excess, less the ordinary one and `tolerance`, makes a t; a recent block counts for no
more than `most` standard deviations, so that one bad day is no lasting harm.

Smyth, *Linear models and empirical Bayes methods for assessing differential expression in microarray experiments*,
Statistical Applications in Genetics and Molecular Biology 3 (2004).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from watchkeeper.events.errors import BadInput
from watchkeeper.performance.segment_blocks import Sums
from watchkeeper.schema.numbers import BoolArray
from watchkeeper.tallies.tally import FloatArray, IntArray

_FEWEST, _MOST_GAINED = 10, 40.0
"""Segments that it takes to learn from all of them, and degrees of freedom that this adds at most."""
_SURELY = 1.645
"""Sampling errors by which a segment must have risen by itself, whatever the others did."""


@dataclass(frozen=True, kw_only=True)
class SegmentPolicy:
    """What counts as harm in a segment.

    `level` is the family-wise chance of an alarm, `warn_level` that of a warning. `tolerance` is the relative rise that
    does not count. A block says nothing of a segment with fewer than `min_block_rows` labels in it; a segment needs
    `min_blocks` ordinary and `min_recent` recent blocks that say something, and `min_rows` labels in the recent ones.
    At most `found` segments are told.
    """

    feature: str = "error"
    level: float = 0.002
    warn_level: float = 0.01
    tolerance: float = 0.05
    most: float = 4.0
    min_block_rows: int = 5
    min_blocks: int = 8
    min_recent: int = 3
    min_rows: int = 30
    found: int = 3

    def __post_init__(self) -> None:
        if not 0 < self.level <= self.warn_level < 1 or self.min_blocks < 3 or self.min_recent < 1:
            raise BadInput("A segment policy needs 0 < level <= warn_level < 1, and at least 3 ordinary blocks.")


@dataclass(frozen=True, eq=False)
class Evidence:
    """Of J segments (each (J,)): mean losses `before` and `now`, those of all other rows, and the excess.

    `rise` is the excess beyond the ordinary one with its standard `error` on `df` degrees of freedom; `p_value` is
    one-sided and uncorrected, 1 where a segment did not rise by itself. `rows` are the effective labels in the recent
    blocks, `ordinary_rows` those before; `others_error` is the least error of the others' rise. Without `support` rise,
    error, degrees and p-value are NaN.
    """

    support: BoolArray
    before: FloatArray
    now: FloatArray
    others_before: FloatArray
    others_now: FloatArray
    others_error: FloatArray
    rise: FloatArray
    error: FloatArray
    p_value: FloatArray
    df: FloatArray
    rows: FloatArray
    ordinary_rows: FloatArray


def evidence(
    inside: Sums, outside: Sums, ordinary: IntArray, recent: IntArray, policy: SegmentPolicy | None = None
) -> Evidence:
    """The evidence of J segments, `inside` (J, B) against `outside` (J, B): recent blocks against ordinary ones."""
    policy = policy or SegmentPolicy()
    both = np.concatenate([ordinary, recent])
    first, last = inside.at(ordinary).total(), inside.at(recent).total()
    other_first, other_last = outside.at(ordinary).total(), outside.at(recent).total()
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.maximum(1.0, first.mean / other_first.mean)
        scale = np.where((first.mean > 0) & (other_first.mean > 0), scale, 1.0)
        excess = inside.mean - scale * outside.mean
        own, others = (_variance(sums, both) / sums.rows for sums in (inside, outside))
        noise = own + scale**2 * others
    known = (np.minimum(inside.rows, outside.rows) >= policy.min_block_rows) & np.isfinite(noise) & (noise > 0)
    support = (known[:, ordinary].sum(1) >= policy.min_blocks) & (known[:, recent].sum(1) >= policy.min_recent)
    support &= (last.rows[:, 0] >= policy.min_rows) & np.isfinite(scale[:, 0])
    blocks = _Blocks(np.where(known, excess, 0.0), np.where(known, noise, 1.0), known)
    rise, error, df, t = _judged(blocks.at(ordinary), blocks.at(recent), support, first.mean[:, 0], policy)
    before, now = first.mean[:, 0], last.mean[:, 0]
    rose = now - before > policy.tolerance * np.abs(before) + _SURELY * _chance(inside, ordinary, recent)
    p = np.where(rose, special.stdtr(df, -t), 1.0)
    return Evidence(
        support=support, before=before, now=now, others_before=other_first.mean[:, 0],
        others_now=other_last.mean[:, 0], others_error=_chance(outside, ordinary, recent), rise=rise, error=error,
        p_value=np.where(support, p, np.nan), df=df, rows=last.rows[:, 0], ordinary_rows=first.rows[:, 0],
    )  # fmt: skip


def _variance(sums: Sums, blocks: IntArray) -> FloatArray:
    """(J, 1) variance of one row's loss, of the rows of these blocks together."""
    return sums.at(blocks).total().variance


def _chance(sums: Sums, ordinary: IntArray, recent: IntArray) -> FloatArray:
    """(J,) sampling error of a rise, were rows independent: the least it can be."""
    rows = [np.maximum(sums.at(blocks).total().rows, 1.0) for blocks in (ordinary, recent)]
    both = np.concatenate([ordinary, recent])
    found: FloatArray = np.sqrt(_variance(sums, both) * (1 / rows[0] + 1 / rows[1]))[:, 0]
    return found


@dataclass(frozen=True, eq=False)
class _Blocks:
    """(J, B): the excess, its sampling variance, and where there is enough to say so."""

    excess: FloatArray
    noise: FloatArray
    known: BoolArray

    def at(self, blocks: IntArray) -> _Blocks:
        return _Blocks(self.excess[:, blocks], self.noise[:, blocks], self.known[:, blocks])

    def mean(self, movement: FloatArray) -> tuple[FloatArray, FloatArray]:
        """((J,) weighted mean, (J,) its variance) where blocks move by the variance `movement` (J,) beyond sampling."""
        weight = np.where(self.known, 1 / (movement[:, None] + self.noise), 0.0)
        total = np.maximum(weight.sum(1), 1e-300)
        return (weight * self.excess).sum(1) / total, 1 / total


def _judged(
    past: _Blocks, new: _Blocks, support: BoolArray, before: FloatArray, policy: SegmentPolicy
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """(rise, its standard error, degrees of freedom, t) of each segment, each (J,); NaN without support."""
    movement, df, inflation = _movement(past, support)
    base, base_variance = past.mean(movement)
    rise = new.mean(movement)[0] - base
    spread = np.sqrt(movement[:, None] + new.noise)
    held = base[:, None] + np.minimum(new.excess - base[:, None], policy.most * spread)
    bounded, variance = _Blocks(held, new.noise, new.known).mean(movement)
    error = np.sqrt((base_variance + variance) * inflation)
    t = (bounded - base - policy.tolerance * np.abs(before)) / error
    return (*(np.where(support, values, np.nan) for values in (rise, error, df, t)),)  # type: ignore[return-value]


def _movement(past: _Blocks, support: BoolArray) -> tuple[FloatArray, FloatArray, float]:
    """(variance of blocks beyond sampling (J,), degrees of freedom (J,), inflation by serial correlation)."""
    centre, _ = past.mean(np.zeros(len(past.excess)))
    residual = np.where(past.known, (past.excess - centre[:, None]) / np.sqrt(past.noise), 0.0)
    number_of = past.known.sum(1)
    degrees = np.maximum(number_of - 1.0, 1.0)
    spread = (residual**2).sum(1) / degrees
    inflation = _inflation(residual[support])
    shrunk, gained = moderated(spread, degrees / inflation, support)
    typical = number_of / np.maximum(np.where(past.known, 1 / past.noise, 0.0).sum(1), 1e-300)
    return np.maximum(shrunk - 1.0, 0.0) * typical, degrees / inflation + gained, inflation


def _inflation(residual: FloatArray) -> float:
    """By how much lag-1 correlation of blocks, pooled over segments (J, K), widens the variance of a mean."""
    square = (residual**2).sum()
    if not square:
        return 1.0
    r = float((residual[:, 1:] * residual[:, :-1]).sum() / square)
    r = float(np.clip(r + (1 + 3 * r) / residual.shape[1], 0.0, 0.6))
    return (1 + r) / (1 - r)


def moderated(spread: FloatArray, df: FloatArray, used: BoolArray) -> tuple[FloatArray, float]:
    """Variances (J,) on `df` degrees of freedom, shrunk towards what the `used` ones share; degrees gained so.

    The logarithm of a variance estimate has mean digamma(df / 2) - log(df / 2) and variance trigamma(df / 2) around the
    true one's; what it varies by beyond that says how much the true ones differ (Smyth 2004).
    """
    some = used & (spread > 0)
    if some.sum() < _FEWEST:
        return spread, 0.0
    half = df[some] / 2
    level = np.log(spread[some]) - special.digamma(half) + np.log(half)
    differ = float(level.var(ddof=1) - special.polygamma(1, half).mean())
    gained = min(_MOST_GAINED, 2 * _inverse_trigamma(differ)) if differ > 0 else _MOST_GAINED
    prior = float(np.exp(level.mean() + special.digamma(gained / 2) - np.log(gained / 2)))
    return (gained * prior + df * spread) / (gained + df), gained


def _inverse_trigamma(value: float) -> float:
    """The x whose trigamma is `value`, by Newton's method on 1 / trigamma, which is convex."""
    x = 0.5 + 1 / value
    for _ in range(50):
        trigamma = float(special.polygamma(1, x))
        step = trigamma * (1 - trigamma / value) / float(special.polygamma(2, x))
        x += step
        if -step / x < 1e-8:
            break
    return x
