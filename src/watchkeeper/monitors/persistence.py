"""Does a column stay a little off its reference, window after window? This is L2 of the design.

An e-detector over the windows that are remembered (Shin, Ramdas, Rinaldo 2024; detectors/streams/window_shift.py has
it for one stream). Each window gives every statistic a shift a with an error s, and the reference itself is off by an
unknown amount, the same in every window, so

    x = (+-a - b) / s,    b^2 = FLOOR^2 + (3 standard errors of the reference)^2,    factor exp(l x - l^2 / 2)

has a mean of at most 1 while the column lies within b of its reference, in both directions and for each bet l (less
than 1, for x is cut at 3: one odd window is no lasting shift). Sums over starting points, R = (R + 1) factor, are
averaged over a column's statistics, directions and bets. A column is told at R >= columns * patience: the mean time to
the first false alarm of *any* column is then at least `patience` windows, for any dependence between columns. That is
a promise per unit of time ("error over patience", arXiv 2501.04130): with a finite mean time nothing can be promised
for ever.

Two errors, two answers:

    blocks   s is the movement of ordinary blocks, widened for their serial correlation: a slow drift. A notice.
    rows     s is sampling noise alone. Right where rows are exchangeable, which is asked of the windows themselves:
             their successive differences must be no larger than sampling explains (von Neumann's ratio, blind to a
             single change of level). Where they are not, a notice too.

No state: the sums are run again over the remembered windows, so a restart changes nothing. A shift that a single window
shows belongs to other tests; what is seen here is what no window shows alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from watchkeeper.monitors.movement import IMMATERIAL, BoolArray, Movement
from watchkeeper.tallies.tally import FloatArray, IntArray

FLOOR = 0.01
ALLOWED = 3.0
BETS = np.array([0.5, 1.0, 2.0])
LEAST_WINDOWS = 8
_MOST = 3.0
_LARGEST_SUM = 1e200
_JITTER_ERRORS = 3.0


@dataclass(frozen=True)
class Target:
    """What J statistics are held against: `mean` (J,), its standard `error` (J,), and a window's own variance.

    A window of n rows varies by `moves` + `variance` / n (J,).
    """

    mean: FloatArray
    error: FloatArray
    moves: FloatArray
    variance: FloatArray

    @classmethod
    def of_blocks(cls, movement: Movement) -> Target:
        """The reference's blocks: their ordinary movement, as much as it lasts from block to block."""
        own = (movement.tau2 + IMMATERIAL**2) * movement.inflation
        return cls(
            movement.centre(None)[0],
            np.sqrt(movement.reference_variance(None)[0]),
            own,
            movement.variance * movement.inflation,
        )

    @classmethod
    def of_rows(cls, means: FloatArray, rows: FloatArray, variance: FloatArray) -> Target:
        """The whole reference, rows taken as exchangeable: means (J,), rows (J,), one row's variance (J,)."""
        varies = np.maximum(variance, 1e-9)
        return cls(means, np.sqrt(varies / np.maximum(rows, 1.0)), np.zeros_like(varies), varies)

    def errors(self, rows: FloatArray) -> FloatArray:
        """(T, J) of windows with `rows` (T, J)."""
        return np.sqrt(self.moves + self.variance / np.maximum(rows, 1.0))


@dataclass(frozen=True)
class Lasting:
    """What stays off, for C columns; every field but the last is (C,).

    `since` is the position among the windows at which it began, `part` the statistic that shows it most, `effect` its
    mean shift since then. `exchangeable`: whether windows differ by no more than their rows explain. `path` (T, C) is R
    after each window.
    """

    since: IntArray
    part: IntArray
    effect: FloatArray
    exchangeable: BoolArray
    path: FloatArray

    @property
    def statistic(self) -> FloatArray:
        """(C,) R after the last window."""
        last: FloatArray = self.path[-1]
        return last

    def age(self, column: int, threshold: float) -> int:
        """For how many windows, up to the last one, R of `column` has been at `threshold` or above."""
        below = np.flatnonzero(self.path[:, column] < threshold)
        return len(self.path) - 1 - (int(below[-1]) if len(below) else -1)


def lasting(means: FloatArray, rows: FloatArray, target: Target, owner: IntArray) -> Lasting:
    """Run the sums over T windows, oldest first: means (T, J), rows (T, J), 0 where a column had none."""
    shift, error = means - target.mean, target.errors(rows)
    margin = np.hypot(FLOOR, ALLOWED * target.error)
    total, since, mixture = _sums(shift, error, margin, rows > 0)
    columns = int(owner.max()) + 1
    path = np.add.reduceat(mixture, np.searchsorted(owner, np.arange(columns)), axis=1) / np.bincount(owner)
    best = total.reshape(len(owner), -1).argmax(1)
    began = since.reshape(len(owner), -1)[np.arange(len(owner)), best]
    part = np.array([np.flatnonzero(owner == c)[total[owner == c].max((1, 2)).argmax()] for c in range(columns)])
    effect = np.array([_mean_since(shift[:, j], rows[:, j], began[j]) for j in part])
    return Lasting(began[part], part, effect, _exchangeable(means, rows, target.variance, owner), path)


def _sums(
    shift: FloatArray, error: FloatArray, margin: FloatArray, counted: BoolArray
) -> tuple[FloatArray, IntArray, FloatArray]:
    """(J, 2, bets) sums over starting points, and the position at which the present excursion of each bet began.

    The third are the sums' means over directions and bets after each window (T, J).
    """
    shape = (shift.shape[1], 2, len(BETS))
    total, climb, since = np.zeros(shape), np.zeros(shape), np.zeros(shape, np.int64)
    signed = np.stack([shift, -shift], -1)
    x = np.minimum((signed - margin[:, None]) / error[..., None], _MOST)
    logs = x[..., None] * BETS - BETS**2 / 2
    logs = np.where(counted[..., None, None], logs, 0.0)
    seen, mixture = counted[..., None, None], np.zeros(shift.shape)
    for t, log in enumerate(logs):
        total = np.where(seen[t], np.minimum((total + 1.0) * np.exp(log), _LARGEST_SUM), total)
        climb = np.maximum(0.0, climb + log)
        since = np.where(climb == 0.0, t + 1, since)
        mixture[t] = total.mean((1, 2))
    return total, since, mixture


def _mean_since(shift: FloatArray, rows: FloatArray, since: int) -> float:
    weight = rows[since:]
    return float((shift[since:] * weight).sum() / weight.sum()) if weight.sum() else 0.0


def _exchangeable(means: FloatArray, rows: FloatArray, variance: FloatArray, owner: IntArray) -> BoolArray:
    """(C,) whether successive windows differ by no more than sampling explains; False below 8 windows."""
    count = len(means)
    if count < LEAST_WINDOWS:
        return np.zeros(int(owner.max()) + 1, bool)
    inverse = 1 / np.maximum(rows, 1.0)
    ratio = np.diff(means, axis=0) ** 2 / (variance * (inverse[1:] + inverse[:-1]))
    ratio = np.where(variance > 1e-6, ratio, 1.0).mean(0)
    column = np.bincount(owner, ratio) / np.bincount(owner)
    return column <= 1 + _JITTER_ERRORS * np.sqrt(3 / (count - 1))
