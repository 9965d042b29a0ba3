"""What an estimate would have said as each window closed, with the record it had by then.

Nothing is known early: the record of an estimator is of the windows whose labels had come.
"""

from __future__ import annotations

from watchkeeper.backtest.truth import Truth
from watchkeeper.detectors.finding import Finding
from watchkeeper.monitors.estimated import EstimatePolicy, judge_estimate
from watchkeeper.performance.track_record import Scored, TrackRecord, track_record


class Foretelling:
    """The estimate of each window, judged. Called with the window that just closed."""

    def __init__(self, truth: Truth, rows: tuple[int, ...]) -> None:
        self._truth, self._rows = truth, rows
        self._column = f"performance.{truth.loss_name.replace(' ', '_')}"
        self._scored: list[Scored] = []
        self._next = 0

    def __call__(self, place: int) -> Finding | None:
        """The finding on window `place`; None where nothing was estimated."""
        truth, name = self._truth, self._truth.loss_name
        while self._next < len(truth.due) and truth.due[self._next] <= place:
            self._scored += _scored(truth, self._rows, self._next, name)
            self._next += 1
        loss = truth.estimated[place].get(name)
        if loss is None or name not in truth.usual:
            return None
        ordinary = truth.usual[name] if truth.line is None else truth.line.mean
        record = track_record(truth.estimator, name, self._scored, ordinary)
        policy = EstimatePolicy(feature=name, column=self._column)
        return judge_estimate(loss, ordinary, record, policy, blocks=0 if truth.line is None else truth.line.blocks)


def records(truth: Truth, rows: tuple[int, ...]) -> tuple[TrackRecord, ...]:
    """The record of every estimated metric over all windows with labels, that of the loss first."""
    names = list(dict.fromkeys(name for window in truth.estimated for name in window))
    places = range(len(truth.estimated))
    return tuple(
        track_record(
            truth.estimator,
            name,
            [one for place in places for one in _scored(truth, rows, place, name)],
            truth.usual[name],
        )
        for name in names
        if name in truth.usual
    )


def _scored(truth: Truth, rows: tuple[int, ...], place: int, name: str) -> list[Scored]:
    guess, real = truth.estimated[place].get(name), truth.realised[place].get(name)
    if guess is None or real is None:
        return []
    share = float(truth.labelled[place]) / max(rows[place], 1)
    return [Scored(estimated=guess, realised=real, labelled=min(1.0, share))]
