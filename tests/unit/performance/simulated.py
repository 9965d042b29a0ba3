"""Simulated models whose relation of score and truth is known."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa

from watchkeeper.performance.layout import Layout, layout_for
from watchkeeper.performance.pairs import BINARY, MULTICLASS, Pairs
from watchkeeper.performance.said_counts import said_counts
from watchkeeper.tallies.tally import FloatArray, IntArray

CLASSES = ("no", "yes")


def sigmoid(x: FloatArray) -> FloatArray:
    return np.asarray(1 / (1 + np.exp(-x)), np.float64)


def binary_of(scores: FloatArray, truth: IntArray) -> Pairs:
    said = (scores > 0.5).astype(np.int64)
    return Pairs(BINARY, CLASSES, np.full(len(scores), 256), truth=truth, predicted=said, scores=scores)


def binary(rng: np.random.Generator, n: int, shift: float = 0.0, turned: bool = False) -> Pairs:
    """A model whose scores are too timid; `shift` moves the input, `turned` the meaning of the scores."""
    x = rng.normal(shift, 1, n)
    likely = sigmoid(1.5 * x - 1)
    truth = (rng.random(n) < (1 - likely if turned else likely)).astype(np.int64)
    return binary_of(sigmoid(x - 0.5), truth)


def multiclass(rng: np.random.Generator, n: int, sharpness: float = 1.2) -> Pairs:
    z = np.exp(rng.normal(0, sharpness, (n, 3)))
    scores = z / z.sum(1, keepdims=True)
    truth = np.minimum((rng.random(n)[:, None] > np.cumsum(scores, 1)).sum(1), 2)
    return Pairs(MULTICLASS, ("a", "b", "c"), np.full(n, 256), truth=truth, predicted=scores.argmax(1), scores=scores)


def with_blind_spot(rng: np.random.Generator, n: int, unseen: float) -> tuple[pa.Table, Pairs]:
    """A model that ignores the feature `b`, whose mean is `unseen`."""
    a, b = rng.normal(0, 1, n), rng.normal(unseen, 1, n)
    truth = (rng.random(n) < sigmoid(1.5 * a + b)).astype(np.int64)
    return pa.table({"a": a, "b": b}), binary_of(sigmoid(1.2 * a), truth)


def blocks(layout: Layout, pairs: Pairs, number: int = 20) -> tuple[IntArray, list[IntArray]]:
    """(labelled counts (number, size), counts of scores) of equal blocks."""
    bounds = np.linspace(0, len(pairs), number + 1).astype(np.int64)
    counts = np.stack([tally.counts for tally in layout.tally_groups(pairs, bounds)])
    cuts = pairwise(bounds.tolist())
    return counts, [said_counts(layout, pairs.take(slice(a, b))) for a, b in cuts]


def layout_of(pairs: Pairs) -> Layout:
    return layout_for(pairs.task, pairs.classes)
