"""Predictions without labels, as counts: for each question that scores answer, what was decided at which score.

A binary model answers one question (is it the second class?), a multiclass model one for each class that is counted by
itself, and a last one: was the answer given right? That one is always decided yes, at the highest probability. Counts
add, so windows are sums of buckets here too. The same questions are read from labelled tallies, by what came true.
"""

from __future__ import annotations

import math

import numpy as np

from watchkeeper.events.errors import BadInput
from watchkeeper.performance.binary import BinaryLayout
from watchkeeper.performance.layout import Layout
from watchkeeper.performance.multiclass import MulticlassLayout
from watchkeeper.performance.pairs import Pairs
from watchkeeper.performance.score_bins import FINE, ScoreBins
from watchkeeper.tallies.tally import FloatArray, IntArray


def bins_of(layout: Layout) -> ScoreBins:
    """The score bins of a classifier's layout. Raises BadInput for another task."""
    if isinstance(layout, BinaryLayout):
        return FINE
    if isinstance(layout, MulticlassLayout):
        return layout.bins
    raise BadInput(f"A {layout.kind} model gives no probabilities.", hint="Estimates from scores are for classifiers.")


def questions(layout: Layout) -> int:
    """How many questions the scores of a model answer."""
    return len(layout.kept) + 1 if isinstance(layout, MulticlassLayout) else 1


def said_cells(layout: Layout, pairs: Pairs) -> IntArray:
    """(questions, n) the cells of `said_counts`, flat, that each row raises, one a question.

    Raises BadInput where the model gives no scores.
    """
    bins = bins_of(layout)
    if pairs.scores is None or pairs.predicted is None:
        raise BadInput("The model gives no scores, so nothing can be estimated from them.")
    predicted = np.asarray(pairs.predicted, np.int64)
    if isinstance(layout, MulticlassLayout):
        asked = [(predicted == place, pairs.scores[:, place]) for place in layout.kept]
        asked.append((np.ones(len(pairs), bool), pairs.scores.max(1)))
    else:
        asked = [(predicted == 1, pairs.scores)]
    return np.stack([(2 * place + said) * bins.size + bins.place(scores) for place, (said, scores) in enumerate(asked)])


def counts_of(layout: Layout, cells: IntArray) -> IntArray:
    """(questions, 2, bins) rows by decision (no, yes) and score bin, of their `said_cells` (questions, n)."""
    shape = (questions(layout), 2, bins_of(layout).size)
    return np.bincount(cells.ravel(), minlength=math.prod(shape)).reshape(shape)


def said_counts(layout: Layout, pairs: Pairs) -> IntArray:
    """(questions, 2, bins) rows by decision (no, yes) and score bin; what was true is not looked at.

    Raises BadInput where the model gives no scores.
    """
    return counts_of(layout, said_cells(layout, pairs))


def true_counts(layout: Layout, counts: IntArray) -> FloatArray:
    """(questions, 2, bins) weighted labelled rows by outcome (no, yes) and score bin, of one tally's `counts` (size,).

    Raises BadInput where the layout has no scores.
    """
    if isinstance(layout, BinaryLayout):
        return layout.scores(counts)[None]
    if isinstance(layout, MulticlassLayout):
        sure = np.stack([layout.cells.part(counts, name) for name in ("sure_wrong", "sure_right")])
        return np.concatenate([layout.scores(counts), sure[None]])
    bins_of(layout)
    raise AssertionError
