"""Performance without labels: what the scores of a window lead one to expect, learned from labelled reference counts.

The estimate holds as long as scores mean what they meant in the reference. Where the relation of inputs and truth
changed (concept drift) it is wrong, and nothing in the window can show it: only a track record can (track_record.py).

Its interval adds three parts: the labels of the window's rows would be drawn by chance; the calibration was learned
from some rows only; and blocks of time differ in what scores mean. The last is learned from reference blocks, each
estimated by a calibration that its own quarter of time did not teach. Without 8 such blocks it is not known, and the
interval is too narrow: the note says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from watchkeeper.performance.expected_scores import Expected, expected
from watchkeeper.performance.layout import Layout
from watchkeeper.performance.metric import Metric, Z, untold
from watchkeeper.performance.metrics import metrics
from watchkeeper.performance.multiclass import MulticlassLayout
from watchkeeper.performance.recalibration import Recalibration, recalibration
from watchkeeper.performance.said_counts import bins_of, true_counts
from watchkeeper.tallies.tally import IntArray

CONFIDENCE = "confidence"
BLOCKS, MOST_BLOCKS, FOLDS = 8, 40, 4
LEAST_ROWS = 30
BINARY = (
    *("accuracy", "precision", "recall", "specificity", "f1", "balanced_accuracy", "positive_rate"),
    *("roc_auc", "average_precision", "log_loss", "brier"),
)
EACH = ("precision", "recall", "f1", "roc_auc", "average_precision")
UNBOUNDED = "log_loss"
NO_BLOCKS = "how much blocks of time differ is not known: the interval is too narrow"


@dataclass(frozen=True, eq=False)
class Estimator:
    """Estimates metrics of windows. `moves` is the variance between blocks by metric, empty where it is not known.

    `blocks` is how many it was learned from, `rows` the labelled rows that taught the calibration.
    """

    layout: Layout
    known: tuple[Recalibration | None, ...]
    moves: dict[str, float]
    blocks: int
    rows: float

    def metrics(self, said: IntArray) -> dict[str, Metric]:
        """Estimated metrics of a window of `said` (questions, 2, bins) rows, by the names of `metrics`."""
        n = int(said[0].sum())
        return {name: self._metric(name, value, n) for name, value in _all(self.layout, self.known, said).items()}

    def _metric(self, name: str, value: Expected, n: int) -> Metric:
        if not math.isfinite(value.value):
            return untold("no row to estimate it from", n)
        sure = self.blocks >= BLOCKS and name in self.moves
        spread = value.drawn + value.learned + (self.moves[name] if sure else 0.0)
        half = (float(special.stdtrit(self.blocks - 1, 0.975)) if sure else Z) * math.sqrt(spread)
        low, high = max(0.0, value.value - half), value.value + half
        return Metric(
            value=value.value,
            low=low,
            high=high if name in (UNBOUNDED, "brier") else min(1.0, high),
            n=n,
            note="" if sure else NO_BLOCKS,
            estimated=True,
        )


def estimator(
    layout: Layout, counts: IntArray, said: Sequence[IntArray | None] = (), *, worth: float = 1.0
) -> Estimator | None:
    """Learned from K reference blocks in order of time; None where they have no labelled scores.

    `counts` (K, size) are their labelled tallies, `said` their K counts (questions, 2, bins), None where one was not
    counted; with fewer than 8 of them how much blocks differ is not learned. Labelled rows are worth `worth` rows each.
    Raises BadInput where the task has no scores.
    """
    known = _learn(layout, counts, worth)
    if all(one is None for one in known):
        return None
    moves, blocks = _moves(layout, counts, said, worth)
    rows = max(one.rows for one in known if one is not None)
    return Estimator(layout, known, moves, blocks, rows)


def _learn(layout: Layout, counts: IntArray, worth: float) -> tuple[Recalibration | None, ...]:
    bins, total = bins_of(layout), counts.sum(0)
    return tuple(recalibration(part, bins, worth) for part in true_counts(layout, total))


def _moves(
    layout: Layout, counts: IntArray, said: Sequence[IntArray | None], worth: float
) -> tuple[dict[str, float], int]:
    """Variance between blocks that chance does not explain, by metric; and how many blocks told it."""
    fold = np.arange(len(counts)) * FOLDS // len(counts)
    rows = layout.cells.rows(counts)
    told = {place: one for place, one in enumerate(said) if one is not None and rows[place] >= LEAST_ROWS}
    if len(told) < BLOCKS:
        return {}, len(told)
    spread = np.unique(np.linspace(0, len(told) - 1, MOST_BLOCKS).astype(int))
    told = {place: told[place] for place in np.array(list(told))[spread].tolist()}
    misses: dict[str, list[float]] = {}
    for part in range(FOLDS):
        own = [place for place in told if fold[place] == part]
        known = _learn(layout, counts[fold != part], worth) if own else ()
        for place in own:
            realised = metrics(layout, counts[place])
            for name, guess in _all(layout, known, told[place]).items():
                real = realised[name].value if name in realised else None
                if real is not None and math.isfinite(guess.value):
                    misses.setdefault(name, []).append((guess.value - real) ** 2 - guess.drawn)
    return {name: max(0.0, float(np.mean(some))) for name, some in misses.items() if len(some) >= BLOCKS}, len(told)


def _all(layout: Layout, known: Sequence[Recalibration | None], said: IntArray) -> dict[str, Expected]:
    """Every metric that can be expected of a window."""
    bins = bins_of(layout)
    found = [None if one is None else expected(part, one, bins) for one, part in zip(known, said, strict=True)]
    if not isinstance(layout, MulticlassLayout):
        return {} if found[0] is None else {name: found[0][name] for name in BINARY}
    each = {name: one for name, one in zip(layout.named, found[:-1], strict=True) if one is not None}
    return _of_classes(each, found[-1], whole=len(layout.kept) == len(layout.classes))


def _of_classes(
    each: dict[str, dict[str, Expected]], right: dict[str, Expected] | None, *, whole: bool
) -> dict[str, Expected]:
    """Metrics of a multiclass model from those of its questions; costs only where every class is `whole`."""
    found = {} if right is None else {"accuracy": right["accuracy"]}
    found |= {f"{metric}_macro": _mean([one[metric] for one in each.values()]) for metric in EACH}
    if whole and each:
        found["brier"] = _sum([one["brier"] for one in each.values()])
        found["log_loss"] = _sum([one["loss_of_positives"] for one in each.values()])
    return found | {f"{metric}[{name}]": one[metric] for name, one in each.items() for metric in EACH}


def _mean(parts: list[Expected]) -> Expected:
    """Of those that can be told."""
    told = [part for part in parts if math.isfinite(part.value)]
    if not told:
        return Expected(math.nan, 0.0, 0.0)
    total, k = _sum(told), len(told)
    return Expected(total.value / k, total.drawn / k**2, total.learned / k**2)


def _sum(parts: list[Expected]) -> Expected:
    return Expected(*(float(sum(values)) for values in zip(*parts, strict=True)))
