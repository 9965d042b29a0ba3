"""What is counted of a multiclass model."""

import numpy as np
import pyarrow as pa

from tests.helpers import labelled
from watchkeeper.performance.multiclass import MulticlassLayout
from watchkeeper.performance.pairs import Pairs


def test_confusion_and_ranks_are_those_of_the_rows() -> None:
    probabilities, truth = labelled.multiclass_data()
    layout = MulticlassLayout.fit(tuple("abcd"))
    counts = layout.tally(labelled.multiclass_pairs(probabilities, truth)).counts
    said = probabilities.argmax(1)
    assert layout.confusion(counts).tolist() == [
        [((truth == t) & (said == s)).sum() for s in range(4)] for t in range(4)
    ]
    ranks = (-probabilities).argsort(1).argsort(1)[np.arange(len(truth)), truth]
    assert layout.cells.part(counts, "rank")[:4].tolist() == np.bincount(ranks, minlength=4).tolist()
    assert layout.scores(counts).sum((1, 2)).tolist() == [len(truth)] * 4


def test_many_classes_keep_the_frequent_and_count_hits_exactly() -> None:
    classes = tuple(f"c{k}" for k in range(150))
    rng = np.random.default_rng(0)
    truth = np.where(rng.random(2000) < 0.5, 149, rng.integers(0, 150, 2000))
    said = np.where(rng.random(2000) < 0.7, truth, rng.integers(0, 150, 2000))
    table = pa.table({"label": [classes[k] for k in said]})
    pairs = Pairs.of("multiclass", classes, table, [classes[k] for k in truth])
    layout = MulticlassLayout.fit(classes, pairs)
    counts = layout.tally(pairs).counts
    assert len(layout.kept) == 99
    assert 149 in layout.kept
    assert layout.shown[-1] == "other classes"
    assert layout.hits(counts) == (truth == said).sum()
    assert layout.confusion(counts).sum() == 2000


def test_without_scores_only_decisions_are_counted() -> None:
    pairs = Pairs.of("multiclass", ("a", "b", "c"), pa.table({"label": ["a", "c"]}), ["a", "b"])
    layout = MulticlassLayout.fit(("a", "b", "c"))
    counts = layout.tally(pairs).counts
    assert layout.cells.part(counts, "rank").sum() == 0
    assert layout.confusion(counts).tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, 0]]
