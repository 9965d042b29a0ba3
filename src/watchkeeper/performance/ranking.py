"""What is counted of rankings: for each query how good the order was, as exact sums of values within 0 to 1.

For each cut-off k in 1, 3, 5, 10: NDCG (Järvelin and Kekäläinen, 2002: the gain is the relevance, the discount
log2(rank + 1)), average precision (relevant means relevance > 0; over the lesser of k and the relevant items), hits
(any relevant item among the first k). And the reciprocal rank of the first relevant item. A query without any relevant
item has no best order: it is counted in `barren` and in no mean.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from watchkeeper.performance.cells import Cells, Countable, Counted, amounts, sum_cells
from watchkeeper.performance.pairs import RANKING, Pairs
from watchkeeper.tallies.tally import FloatArray, IntArray

CUTS = (1, 3, 5, 10)


class RankingLayout(Countable):
    """The cells of a ranking model; a row is one query."""

    kind: ClassVar[str] = RANKING
    classes: ClassVar[tuple[str, ...]] = ()

    def __init__(self) -> None:
        self.measures = (*(f"{name}_at_{k}" for name in ("ndcg", "map", "hit_rate") for k in CUTS), "mrr")
        self.cells = Cells({"barren": 1, **sum_cells(*self.measures)})

    def counted(self, pairs: Pairs) -> Counted:
        values = np.array([_measures(relevance) for relevance in pairs.relevance]).reshape(-1, len(self.measures))
        barren = np.array([not relevance.any() for relevance in pairs.relevance], bool)
        sums: dict[str, IntArray] = {}
        for measure, column in zip(self.measures, values.T, strict=True):
            sums |= amounts(column, measure)
        return Counted([np.where(barren, self.cells.start("barren"), -1)], sums)

    def to_dict(self) -> dict[str, Any]:
        return {"kind": self.kind}


def _measures(relevance: FloatArray) -> list[float]:
    """The measures of one query, in their order; zeros where nothing is relevant."""
    relevant = relevance > 0
    if not relevant.any():
        return [0.0] * (3 * len(CUTS) + 1)
    first = int(relevant.argmax())
    precision = np.cumsum(relevant) / np.arange(1, len(relevant) + 1) * relevant
    average = [float(precision[:k].sum()) / min(k, int(relevant.sum())) for k in CUTS]
    return [*(ndcg(relevance, k) for k in CUTS), *average, *(float(first < k) for k in CUTS), 1.0 / (first + 1)]


def ndcg(relevance: FloatArray, k: int) -> float:
    """The gain of the first k items as a share of the best order's; NaN where nothing is relevant."""
    best = gain(np.sort(relevance)[::-1], k)
    return gain(relevance, k) / best if best else float("nan")


def gain(relevance: FloatArray, k: int) -> float:
    """Discounted cumulative gain of the first k items."""
    top = relevance[:k]
    return float((top / np.log2(np.arange(2, len(top) + 2))).sum())
