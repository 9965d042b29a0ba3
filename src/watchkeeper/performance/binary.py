"""What is counted of a binary model: scores by label, decisions by label, and the sums of Brier score and log loss.

Cells: `negative` and `positive` (1,474 score bins each, see score_bins.py), so that the four counts come out at any
threshold, and the areas under the curves with a bound that the bins themselves give; `decision`, the parts TN, FP, FN,
TP at the model's own decision (weight, rows, squared weights); exact sums of the score, the squared error (Brier) and
the log loss, and their squares.
The log loss takes scores clipped to [2^-52, 1 - 2^-52], as scikit-learn does, so that one certain error costs 36.04.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from watchkeeper.events.errors import BadInput
from watchkeeper.performance.cells import PART, Cells, Countable, Counted, amounts, sum_cells
from watchkeeper.performance.pairs import BINARY, Pairs
from watchkeeper.performance.score_bins import FINE
from watchkeeper.tallies.tally import FloatArray, IntArray

_CLIP = float(np.finfo(np.float64).eps)


class BinaryLayout(Countable):
    """The cells of a binary model with `classes` (negative, positive)."""

    kind: ClassVar[str] = BINARY

    def __init__(self, classes: tuple[str, ...] | list[str]) -> None:
        if len(classes) != 2:
            raise BadInput(f"A binary model has two classes, not {len(classes)}.")
        self.classes = tuple(classes)
        sums = sum_cells("score", "brier", "log_loss")
        self.cells = Cells({"decision": 4 * PART, "negative": FINE.size, "positive": FINE.size, **sums})

    def counted(self, pairs: Pairs) -> Counted:
        truth, predicted = np.asarray(pairs.truth, np.int64), np.asarray(pairs.predicted, np.int64)
        parts = {"decision": 2 * truth + predicted}
        if pairs.scores is None:
            return Counted([], parts=parts)
        by_label = np.array([self.cells.start("negative"), self.cells.start("positive")])
        return Counted([by_label[truth] + FINE.place(pairs.scores)], _sums(pairs.scores, truth), parts)

    def decisions(self, counts: IntArray, threshold: float | None = None) -> FloatArray:
        """(..., 2, 2) weighted rows by truth, then by decision: the model's own, or score >= `threshold`.

        A threshold moves to the nearest edge of a bin (at most 1/2048 away).
        """
        if threshold is None:
            return self.cells.part(counts, "decision")[..., :4].reshape(*counts.shape[:-1], 2, 2)
        first, _ = FINE.at_threshold(threshold)
        scores = self.scores(counts)
        return np.stack([scores[..., :first].sum(-1), scores[..., first:].sum(-1)], axis=-1)

    def scores(self, counts: IntArray) -> FloatArray:
        """(..., 2, bins) weighted rows by truth and score bin."""
        return np.stack([self.cells.part(counts, "negative"), self.cells.part(counts, "positive")], axis=-2)

    def to_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "classes": list(self.classes)}


def _sums(scores: FloatArray, truth: IntArray) -> dict[str, IntArray]:
    loss = log_loss(np.where(truth == 1, scores, 1.0 - scores))
    return amounts(scores, "score") | amounts((scores - truth) ** 2, "brier") | amounts(loss, "log_loss")


def log_loss(of_truth: FloatArray) -> FloatArray:
    """(n,) -log of the probability given to what came true, clipped."""
    loss: FloatArray = -np.log(np.clip(of_truth, _CLIP, 1.0 - _CLIP))
    return loss
