"""The methods that estimate a version's windows, each taught anew by a lesson.

confidence            what scores mean (performance/estimate.py), of classifiers that give probabilities
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from watchkeeper.performance.binary import BinaryLayout
from watchkeeper.performance.estimate import estimator
from watchkeeper.performance.layout import Layout
from watchkeeper.performance.metric import Metric
from watchkeeper.performance.multiclass import MulticlassLayout
from watchkeeper.tallies.tally import IntArray
from watchkeeper.watch.teaching import Lesson, whole

CONFIDENCE = "confidence"


class Seen(NamedTuple):
    """What came in a window: how many rows, and their scores `said` (questions, 2, bins), None where not counted."""

    start: int
    rows: int
    said: IntArray | None


class Learned(NamedTuple):
    """A method that was taught: it expects `metrics` of a window, none where it cannot say."""

    method: str
    metrics: Callable[[Seen], dict[str, Metric]]


def first_method(layout: Layout | None) -> str:
    """The method that is named where nothing else tells them apart; empty where none estimates models of this kind."""
    return CONFIDENCE if isinstance(layout, BinaryLayout | MulticlassLayout) else ""


def learn(lesson: Lesson) -> list[Learned]:
    """Every method that the lesson can teach."""
    return [one for one in (_confidence(lesson),) if one is not None]


def _confidence(lesson: Lesson) -> Learned | None:
    known = estimator(lesson.layout, lesson.counts, lesson.said, worth=lesson.worth)
    if known is None:
        return None
    return Learned(CONFIDENCE, lambda seen: {} if seen.said is None else whole(known.metrics(seen.said)))
