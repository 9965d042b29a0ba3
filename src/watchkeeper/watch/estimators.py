"""The methods that estimate a version's windows, each taught anew by a lesson.

confidence            what scores mean (performance/estimate.py), of classifiers that give probabilities
weighted confidence   the same, for rows like the window's (performance/weighted_estimate.py)
loss model            how large errors are on rows like these (performance/loss_estimate.py), of regressions and of
                      classifiers that give only their decision

The last two learn from recorded rows of live windows: the labelled reference, kept as counts, cannot teach them.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
from msgspec.structs import replace

from watchkeeper.events.errors import BadInput
from watchkeeper.performance.binary import BinaryLayout
from watchkeeper.performance.estimate import CONFIDENCE, Estimator, estimator
from watchkeeper.performance.layout import Layout
from watchkeeper.performance.loss_estimate import LOSS_MODEL, loss_estimator
from watchkeeper.performance.metric import Metric
from watchkeeper.performance.multiclass import MulticlassLayout
from watchkeeper.performance.regression import RegressionLayout
from watchkeeper.performance.weighted_estimate import WEIGHTED, WeightedEstimator
from watchkeeper.tallies.tally import FloatArray, IntArray
from watchkeeper.watch.features import TaughtRows
from watchkeeper.watch.teaching import Lesson, whole

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Seen(NamedTuple):
    """What came in a window: how many rows, and their scores `said` (questions, 2, bins), None where not counted."""

    start: int
    rows: int
    said: IntArray | None


class Learned(NamedTuple):
    """A method that was taught: it expects `metrics` of a window, none where it cannot say."""

    method: str
    metrics: Callable[[Seen], dict[str, Metric]]


class Reader(Protocol):
    """What is read of features, as `features.Features` does."""

    def profile(self, start: int) -> tuple[FloatArray, int] | None:
        """The mean design of a window's rows, and how many they are."""
        ...

    def taught(self, layout: Layout, starts: tuple[int, ...]) -> TaughtRows | None:
        """The rows that teach, of the windows at `starts`."""
        ...


def first_method(layout: Layout | None) -> str:
    """The method that is named where nothing else tells them apart; empty where none estimates models of this kind."""
    if isinstance(layout, RegressionLayout):
        return LOSS_MODEL
    return CONFIDENCE if isinstance(layout, BinaryLayout | MulticlassLayout) else ""


def learn(lesson: Lesson, features: Reader | None = None) -> list[Learned]:
    """Every method that the lesson can teach. Rows are read for those from features once a window needs them."""
    plain = None
    if isinstance(lesson.layout, BinaryLayout | MulticlassLayout):
        plain = estimator(lesson.layout, lesson.counts, lesson.said, worth=lesson.worth)
    if features is None or not lesson.starts:
        return [] if plain is None else [_confidence(plain)]
    return (
        [_loss_model(lesson, features)] if plain is None else [_confidence(plain), _weighted(plain, lesson, features)]
    )


def _confidence(plain: Estimator) -> Learned:
    return Learned(CONFIDENCE, lambda seen: {} if seen.said is None else whole(plain.metrics(seen.said)))


def _weighted(plain: Estimator, lesson: Lesson, features: Reader) -> Learned:
    known = _taught(lesson, features, lambda taught: WeightedEstimator(taught.cells, taught.rows, taught.pairs, plain))

    def metrics(seen: Seen) -> dict[str, Metric]:
        profile = None if seen.said is None else features.profile(seen.start)
        weighted = None if profile is None else known()
        if weighted is None or profile is None or seen.said is None:
            return {}
        return whole(weighted.metrics(profile[0], seen.said))

    return Learned(WEIGHTED, metrics)


def _loss_model(lesson: Lesson, features: Reader) -> Learned:
    known = _taught(
        lesson, features, lambda taught: loss_estimator(taught.cells, taught.rows, taught.pairs, taught.bounds)
    )

    def metrics(seen: Seen) -> dict[str, Metric]:
        """Of all rows of the window, from those that were answered."""
        profile = features.profile(seen.start)
        model = None if profile is None else known()
        if model is None or profile is None:
            return {}
        return {name: replace(one, n=seen.rows) for name, one in model.metrics(*profile).items()}

    return Learned(LOSS_MODEL, metrics)


def _taught(lesson: Lesson, features: Reader, make: Callable[[TaughtRows], T]) -> Callable[[], T | None]:
    """What `make` makes of the rows that teach, once; None where there are none, or they cannot teach it."""

    @functools.cache
    def made() -> T | None:
        taught = features.taught(lesson.layout, lesson.starts)
        try:
            return None if taught is None else make(taught)
        except (BadInput, np.linalg.LinAlgError) as error:
            _log.warning("Recorded rows cannot teach estimates: %s", error)
            return None

    return made
