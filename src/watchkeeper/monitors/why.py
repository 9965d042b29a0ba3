"""Why the error rose, as far as the model's own scores show it: from the tallies that harm is seen in, no row is read.

Labelled rows by the model's score (of a binary model its probability and the label, of a multiclass model its highest
probability and whether the answer was right), in about ten cells, go to concept.py: did the scores move, or did what
they mean? Scores are all that is looked at. A change that leaves the score as it is and means what it meant is not
seen, and a score that moves says that inputs moved, not which. So this is a hint where to look first, in one sentence;
nothing is decided by it.

A regression keeps no tally of predictions by label, and rewards and rankings have no classes: nothing is said of them.
"""

from __future__ import annotations

import numpy as np

from watchkeeper.monitors.cell_tallies import CellTallies
from watchkeeper.monitors.concept import Shift, concept_drift
from watchkeeper.performance.binary import BinaryLayout
from watchkeeper.performance.layout import Layout
from watchkeeper.performance.multiclass import MulticlassLayout
from watchkeeper.performance.score_bins import FINE
from watchkeeper.tallies.tally import FloatArray, IntArray

CELLS = 10
SAID: dict[Shift, str] = {
    Shift.CONCEPT: "The scores come as before, and mean something else: it looks like concept drift.",
    Shift.COVARIATE: (
        "The scores moved and mean what they meant: more rows come where the model was always wrong more often."
    ),
    Shift.LABEL: "The mix of the labels moved, and the scores of each class did not: it looks like a new base rate.",
    Shift.BOTH: "The scores moved, and what they mean changed as well.",
    Shift.NONE: "Neither the scores nor what they mean moved beyond the ordinary: they do not show why.",
}
"""What is added to a finding of harm; nothing where it is not known."""


def why(layout: Layout, ordinary: IntArray, now: IntArray) -> str:
    """One sentence, or none: `now` (size,) counts the rows since harm began, `ordinary` (K, size) ordinary blocks."""
    blocks, window = _by_score(layout, ordinary), _by_score(layout, now[None])
    if blocks is None or window is None:
        return ""
    rows, losses = blocks
    cell = _cells(rows.sum((0, 2)))
    reference, seen = _tallies(rows, losses, cell), _tallies(*window, cell)
    return SAID.get(concept_drift([reference], [seen]).shift, "") if reference.n.any() else ""


def _by_score(layout: Layout, counts: IntArray) -> tuple[FloatArray, FloatArray] | None:
    """(rows (K, bins, classes), mean loss of a row (bins, classes)) by score, of blocks `counts` (K, size)."""
    if isinstance(layout, BinaryLayout):
        of_class = [FINE.middle**2, (1 - FINE.middle) ** 2]  # squared errors: decisions are not kept by score
        return np.moveaxis(layout.scores(counts), -2, -1), np.stack(of_class, -1)
    if isinstance(layout, MulticlassLayout):
        right, wrong = (layout.cells.part(counts, f"sure_{name}") for name in ("right", "wrong"))
        return np.stack([right, wrong], -1), np.broadcast_to([0.0, 1.0], (right.shape[-1], 2))
    return None


def _cells(rows: FloatArray) -> IntArray:
    """Which of about ten cells each bin (bins,) belongs to, so that each holds as many `rows` as may be."""
    middle = (np.cumsum(rows) - rows / 2) / max(float(rows.sum()), 1.0)
    found: IntArray = np.minimum((middle * CELLS).astype(np.int64), CELLS - 1)
    return found


def _tallies(rows: FloatArray, losses: FloatArray, cell: IntArray) -> CellTallies:
    into = np.eye(CELLS)[cell]  # (bins, cells)
    folded, loss, square = (np.einsum("kby,bc->kcy", part, into) for part in (rows, rows * losses, rows * losses**2))
    return CellTallies("score", np.rint(folded).astype(np.int64), loss.sum(2), square.sum(2))
