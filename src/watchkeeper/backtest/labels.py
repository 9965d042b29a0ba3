"""Labels as they come: the harm monitor hears each window's losses only once its labels are known, in order."""

from __future__ import annotations

from collections.abc import Iterator

from watchkeeper.backtest.history import History
from watchkeeper.backtest.truth import Truth
from watchkeeper.detectors.finding import Finding
from watchkeeper.monitors.harm import HarmJudge, HarmPolicy


class Labels:
    """The live harm monitor, told of windows as their labels fall due. Called with the window that just closed."""

    def __init__(self, history: History, truth: Truth) -> None:
        self._history, self._truth = history, truth
        policy = HarmPolicy(feature=truth.loss_name, column=f"performance.{truth.loss_name.replace(' ', '_')}")
        self._judge = HarmJudge(truth.ordinary, policy)
        self._state = self._judge.start()
        self._next = 0

    def __call__(self, place: int) -> Iterator[tuple[int, Finding]]:
        """The findings on windows whose labels are known by the end of window `place`."""
        while self._next < len(self._truth.due) and self._truth.due[self._next] <= place:
            at, self._next = self._next, self._next + 1
            if not self._truth.labelled[at]:
                continue
            loss, rows = float(self._truth.loss[at]), float(self._truth.labelled[at])
            self._state, finding = self._judge.update(self._state, loss, rows, int(self._history.starts[at]))
            yield at, finding
