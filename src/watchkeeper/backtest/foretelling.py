"""What estimates would have said as each window closed, with the records they had by then.

Nothing is known early: the record of an estimator is of the windows whose labels had come. Of several methods the one
with the better record by then speaks, of those that could estimate the window.
"""

from __future__ import annotations

from collections.abc import Mapping

from watchkeeper.backtest.estimates import Estimators
from watchkeeper.backtest.truth import Truth
from watchkeeper.detectors.finding import Finding
from watchkeeper.monitors.estimated import EstimatePolicy, judge_estimate
from watchkeeper.monitors.harm import HarmPolicy
from watchkeeper.performance.metric import Metric
from watchkeeper.performance.track_record import Scored, TrackRecord, better, track_record
from watchkeeper.tallies.tally import IntArray

ByMethod = Mapping[str, Mapping[str, Metric]]


class Foretelling:
    """The estimates of each window, judged. Called with each window as it closes, in order.

    `rows` are how many each window of the `truth` has. `estimated` are the metrics of the windows so far, by method and
    name.
    """

    def __init__(self, truth: Truth, rows: tuple[int, ...], estimators: Estimators) -> None:
        self.truth, self._rows, self._estimators = truth, rows, estimators
        self.estimated: list[ByMethod] = []
        self._scored: dict[str, list[Scored]] = {}
        self._due = 0

    def __call__(self, place: int, counts: IntArray) -> Finding | None:
        """The finding on window `place`, whose tally is `counts` (size,); None where its loss was not estimated."""
        truth, name = self.truth, self.truth.loss_name
        self.estimated.append(self._estimators.estimate(place, counts))
        while self._due < len(truth.due) and truth.due[self._due] <= place:
            for method in self.estimated[self._due]:
                self._scored.setdefault(method, []).extend(self._score(method, name, self._due))
            self._due += 1
        told = {
            method: found[name]
            for method, found in self.estimated[place].items()
            if name in found and found[name].value is not None
        }
        if not told or name not in self._estimators.usual:
            return None
        ordinary = self._estimators.usual[name] if truth.line is None else truth.line.mean
        records = {method: track_record(method, name, self._scored.get(method, ()), ordinary) for method in told}
        best = better(records)[0]
        harm = HarmPolicy(feature=name, column=f"performance.{name.replace(' ', '_')}")
        return judge_estimate(told[best], truth.ordinary, records[best], EstimatePolicy(harm=harm))

    def records(self) -> tuple[TrackRecord, ...]:
        """The record of every estimated metric over all windows with labels: that of the loss first, better ones first.

        Methods stand in the order of their records of the loss.
        """
        usual = self._estimators.usual
        names = dict.fromkeys(name for window in self.estimated for found in window.values() for name in found)
        methods = dict.fromkeys(method for window in self.estimated for method in window)
        found = {
            name: {method: track_record(method, name, self._all(method, name), usual[name]) for method in methods}
            for name in names
            if name in usual
        }
        order = better(found.get(self.truth.loss_name, {}))
        return tuple(records[method] for records in found.values() for method in order)

    def _all(self, method: str, name: str) -> list[Scored]:
        return [one for place in range(len(self.estimated)) for one in self._score(method, name, place)]

    def _score(self, method: str, name: str, place: int) -> list[Scored]:
        guess, real = self.estimated[place].get(method, {}).get(name), self.truth.realised[place].get(name)
        if guess is None or real is None:
            return []
        share = float(self.truth.labelled[place]) / max(self._rows[place], 1)
        return [Scored(estimated=guess, realised=real, labelled=min(1.0, share))]
