"""The methods that estimate a version's windows, each taught anew by a lesson.

confidence            what scores mean (performance/estimate.py), of classifiers that give probabilities
weighted confidence   the same, for rows like the window's (performance/weighted_estimate.py)
loss model            how large errors are on rows like these (performance/loss_estimate.py), of regressions and of
                      classifiers that give only their decision

The last two learn from recorded rows of live windows: the labelled reference, kept as counts, cannot teach them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from msgspec.structs import replace

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
    """Every method that the lesson can teach; those from features only where these can be read."""
    taught = features.taught(lesson.layout, lesson.starts) if features is not None and lesson.starts else None
    plain = None
    if isinstance(lesson.layout, BinaryLayout | MulticlassLayout):
        plain = estimator(lesson.layout, lesson.counts, lesson.said, worth=lesson.worth)
    if plain is not None:
        found = [_confidence(plain)]
        return found if taught is None or features is None else [*found, _weighted(plain, taught, features)]
    return [] if taught is None or features is None else [_loss_model(taught, features)]


def _confidence(plain: Estimator) -> Learned:
    return Learned(CONFIDENCE, lambda seen: {} if seen.said is None else whole(plain.metrics(seen.said)))


def _weighted(plain: Estimator, taught: TaughtRows, features: Reader) -> Learned:
    known = WeightedEstimator(taught.cells, taught.rows, taught.pairs, plain)

    def metrics(seen: Seen) -> dict[str, Metric]:
        profile = features.profile(seen.start)
        return {} if seen.said is None or profile is None else whole(known.metrics(profile[0], seen.said))

    return Learned(WEIGHTED, metrics)


def _loss_model(taught: TaughtRows, features: Reader) -> Learned:
    known = loss_estimator(taught.cells, taught.rows, taught.pairs, taught.bounds)

    def metrics(seen: Seen) -> dict[str, Metric]:
        """Of all rows of the window, from those that were answered."""
        profile = features.profile(seen.start)
        found = {} if profile is None else known.metrics(*profile)
        return {name: replace(one, n=seen.rows) for name, one in found.items()}

    return Learned(LOSS_MODEL, metrics)
