"""Predictions with labels, made from a seed."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from watchkeeper.performance.pairs import Pairs
from watchkeeper.tallies.tally import FloatArray, IntArray

LETTERS = tuple("abcdefghij")


def binary_data(seed: int = 0, n: int = 2000, prevalence: float = 0.3) -> tuple[FloatArray, IntArray]:
    """(scores, truth) of a fair binary model."""
    rng = np.random.default_rng(seed)
    truth = (rng.random(n) < prevalence).astype(np.int64)
    return 1 / (1 + np.exp(-(rng.normal(size=n) + 2 * truth - 1.5))), truth


def binary_pairs(
    scores: FloatArray, truth: IntArray, decision: IntArray | None = None, weights: FloatArray | None = None
) -> Pairs:
    columns = {"probability": pa.array(scores)}
    if decision is not None:
        columns["label"] = pa.array(decision)
    return Pairs.of("binary", ("0", "1"), pa.table(columns), pa.array(truth), weights)


def multiclass_data(seed: int = 0, n: int = 1500, classes: int = 4) -> tuple[FloatArray, IntArray]:
    """(probabilities (n, K), truth) of a fair multiclass model."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(classes, n, p=np.arange(1, classes + 1) / np.arange(1, classes + 1).sum())
    scores = rng.normal(size=(n, classes))
    scores[np.arange(n), truth] += 1.5
    exponent = np.exp(scores)
    return exponent / exponent.sum(1, keepdims=True), truth


def multiclass_pairs(probabilities: FloatArray, truth: IntArray, weights: FloatArray | None = None) -> Pairs:
    classes = LETTERS[: probabilities.shape[1]]
    table = pa.table({f"probability.{name}": probabilities[:, k] for k, name in enumerate(classes)})
    return Pairs.of("multiclass", classes, table, pa.array([classes[k] for k in truth]), weights)


def regression_data(seed: int = 0, n: int = 2000) -> tuple[FloatArray, FloatArray]:
    """(prediction, truth) of a fair regression."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(100, 30, n)
    return truth + rng.normal(2, 5, n), truth


def regression_pairs(predicted: FloatArray, truth: FloatArray, weights: FloatArray | None = None) -> Pairs:
    return Pairs.of("regression", (), pa.table({"prediction": predicted}), pa.array(truth), weights)


def ranking_pairs(seed: int = 0, queries: int = 60, items: int = 8) -> tuple[Pairs, list[FloatArray], list[FloatArray]]:
    """(pairs, scores, relevances); every tenth query has no relevant item."""
    rng = np.random.default_rng(seed)
    scores = [rng.normal(size=items) for _ in range(queries)]
    relevance = [rng.integers(0, 4, items).astype(np.float64) * float(q % 10 > 0) for q in range(queries)]
    table = pa.table({"scores": [list(one) for one in scores]})
    return Pairs.of("ranking", (), table, pa.array([list(one) for one in relevance])), scores, relevance


def reward_pairs(rewards: FloatArray, weights: FloatArray | None = None) -> Pairs:
    return Pairs.of("reward", (), pa.table({}), pa.array(rewards), weights)
