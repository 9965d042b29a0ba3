"""What is counted of a multiclass model: the confusion matrix, scores by class, the rank of the truth, and sums.

Cells: `confusion` (K' x K', truth first), `true`, `said` and `right` (parts of the rows by class, by decision, and
right ones by class, each with rows and squared weights), `rank` of the true class among the probabilities (1 to 10,
then beyond: top-k hits for any k up to 10; of equal probabilities the earlier class is ahead), `positive` and
`negative` (K' x 386 score bins, 114 beyond 20 classes: each class against the rest), `sure_right` and `sure_wrong` (as
many bins of the highest probability, for the calibration of the answer given), sums of log loss and Brier score (summed
over classes, 0 to 2) and their squares.

K' is K up to 100 classes. Beyond that the 99 most frequent of the reference (or the first 99) are kept, and `other`
stands for all the rest: hits, ranks and sums stay exact, only what is told of single classes does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from watchkeeper.performance.binary import log_loss
from watchkeeper.performance.cells import PART, Cells, Countable, Counted, amounts, sum_cells
from watchkeeper.performance.pairs import MULTICLASS, Pairs
from watchkeeper.performance.score_bins import COARSE, MIDDLING
from watchkeeper.tallies.tally import FloatArray, IntArray

MOST = 100
FEW = 20
RANKS = 10
OTHER = "other classes"


class MulticlassLayout(Countable):
    """The cells of a model with `classes`, of which those at the places `kept` (ascending) are counted each."""

    kind: ClassVar[str] = MULTICLASS

    def __init__(self, classes: Sequence[str], kept: Sequence[int]) -> None:
        self.classes, self.kept = tuple(classes), tuple(kept)
        self.named = tuple(self.classes[place] for place in self.kept)
        lumped = len(self.kept) < len(self.classes)
        self.shown = (*self.named, OTHER) if lumped else self.named
        self._place = np.full(len(self.classes), len(self.kept), np.int64)
        self._place[list(self.kept)] = np.arange(len(self.kept))
        self.bins = MIDDLING if len(self.classes) <= FEW else COARSE
        width, scored = len(self.shown), len(self.kept) * self.bins.size
        self.cells = Cells(
            {
                "confusion": width * width,
                "true": width * PART,
                "said": width * PART,
                "right": width * PART,
                "rank": RANKS + 1,
                "negative": scored,
                "positive": scored,
                "sure_wrong": self.bins.size,
                "sure_right": self.bins.size,
                **sum_cells("brier", "log_loss"),
            }
        )

    @classmethod
    def fit(cls, classes: tuple[str, ...], reference: Pairs | None = None) -> MulticlassLayout:
        """All classes up to 100 of them, else the 99 most frequent labels of the reference."""
        if len(classes) <= MOST:
            return cls(classes, range(len(classes)))
        seen = np.zeros(len(classes))
        if reference is not None:
            seen = np.bincount(np.asarray(reference.truth, np.int64), minlength=len(classes)).astype(np.float64)
        return cls(classes, np.sort(np.argsort(-seen, kind="stable")[: MOST - 1]).tolist())

    def counted(self, pairs: Pairs) -> Counted:
        truth, predicted = np.asarray(pairs.truth, np.int64), np.asarray(pairs.predicted, np.int64)
        right = truth == predicted
        true, said = self._place[truth], self._place[predicted]
        cells = [self.cells.start("confusion") + true * len(self.shown) + said]
        parts = {"true": true, "said": said, "right": np.where(right, true, -1)}
        if pairs.scores is None:
            return Counted(cells, parts=parts)
        of_truth = np.take_along_axis(pairs.scores, truth[:, None], 1)
        sure = np.where(right, self.cells.start("sure_right"), self.cells.start("sure_wrong"))
        cells.append(sure + self.bins.place(pairs.scores.max(1)))
        cells.append(self.cells.start("rank") + np.minimum(_ahead(pairs.scores, of_truth, truth), RANKS))
        cells.extend(self._one_against_rest(pairs.scores, truth))
        return Counted(cells, _sums(pairs.scores, of_truth[:, 0]), parts)

    def _one_against_rest(self, scores: FloatArray, truth: IntArray) -> list[IntArray]:
        negative, positive = self.cells.start("negative"), self.cells.start("positive")
        return [
            np.where(truth == place, positive, negative) + k * self.bins.size + self.bins.place(scores[:, place])
            for k, place in enumerate(self.kept)
        ]

    def hits(self, counts: IntArray) -> FloatArray:
        """(...) weighted rows whose decision was right."""
        return self.cells.part(counts, "right")[..., : len(self.shown)].sum(-1)

    def confusion(self, counts: IntArray) -> FloatArray:
        """(..., K', K') weighted rows by true class, then by predicted class, in the order of `shown`."""
        width = len(self.shown)
        return self.cells.part(counts, "confusion").reshape(*counts.shape[:-1], width, width)

    def scores(self, counts: IntArray) -> FloatArray:
        """(..., kept classes, 2, bins) weighted rows by class, by whether it was the true one, and by score bin."""
        shape = (*counts.shape[:-1], len(self.kept), self.bins.size)
        negative, positive = (self.cells.part(counts, name).reshape(shape) for name in ("negative", "positive"))
        return np.stack([negative, positive], axis=-2)

    def to_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "classes": list(self.classes), "kept": list(self.kept)}


def _ahead(scores: FloatArray, of_truth: FloatArray, truth: IntArray) -> IntArray:
    """(n,) how many classes are more probable than the true one, or equal and earlier."""
    earlier = np.arange(scores.shape[1]) < truth[:, None]
    ahead: IntArray = ((scores > of_truth) | ((scores == of_truth) & earlier)).sum(1)
    return ahead


def _sums(scores: FloatArray, of_truth: FloatArray) -> dict[str, IntArray]:
    brier = (scores**2).sum(1) - 2 * of_truth + 1
    return amounts(brier, "brier") | amounts(log_loss(of_truth), "log_loss")
