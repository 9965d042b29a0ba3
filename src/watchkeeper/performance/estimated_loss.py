"""The main loss (losses.py), read from estimated metrics: a classifier's error, the mean absolute error of numbers."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from watchkeeper.performance.metric import Metric
from watchkeeper.performance.pairs import BINARY, MULTICLASS, REGRESSION

READ_FROM = {BINARY: "accuracy", MULTICLASS: "accuracy", REGRESSION: "mae"}
"""The metric that tells the loss, by task; others are not estimated. Both have the same track record."""


def estimated_loss(task: str, metrics: Mapping[str, Metric]) -> Metric | None:
    """The mean loss of a window whose estimated `metrics` these are, None where they do not tell it."""
    found = metrics.get(READ_FROM.get(task, ""))
    return found if found is None or task == REGRESSION else _complement(found)


def ordinary_loss(task: str, usual: Mapping[str, float]) -> float | None:
    """The mean loss where metrics are as `usual`, None where they do not tell it."""
    found = usual.get(READ_FROM.get(task, ""))
    return found if found is None or task == REGRESSION else 1 - found


def _complement(share: Metric) -> Metric:
    """1 minus a share."""
    value, low, high = (None if end is None else 1 - end for end in (share.value, share.high, share.low))
    return replace(share, value=value, low=low, high=high)
