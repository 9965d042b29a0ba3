"""What is expected of some windows of a version, by what was known before each, and what the finding on it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from watchkeeper.detectors.finding import Finding
from watchkeeper.monitors.estimated import judge_estimate
from watchkeeper.performance.estimated_loss import READ_FROM, estimated_loss
from watchkeeper.performance.metric import Metric
from watchkeeper.performance.reference_performance import ReferencePerformance
from watchkeeper.store.estimates import Estimate
from watchkeeper.store.estimator_records import EstimatorRecords, by_window, in_order
from watchkeeper.store.known_by import KnownBy
from watchkeeper.store.labelled import LabelledWindows
from watchkeeper.watch.estimators import Learned, Reader, Seen, first_method, learn
from watchkeeper.watch.teaching import TOO_FEW, Lesson, lesson

RUN = 4
"""So many windows, aligned, are estimated by what was learned before the first of them."""
MUTE = "what may teach it has no scores, and no recorded rows with labels are kept"
NO_SCORES = "none of its rows was answered, their scores were not counted, or no recorded rows are kept to learn from"


@dataclass(frozen=True, kw_only=True)
class Whose:
    """A version's windows, and what its labelled reference says, if it has one."""

    model: str
    version: str
    task: str
    reference: ReferencePerformance | None = None


class Expecting:
    """`windows` hold those to be estimated and those before them, which teach; `kept` are their estimates so far.

    Without `features` only scores are estimated from.
    """

    def __init__(
        self, whose: Whose, windows: LabelledWindows, kept: Iterable[Estimate], features: Reader | None = None
    ) -> None:
        self._features = features
        self._whose, self._windows, self._known = whose, windows, KnownBy(windows)
        kept = tuple(kept)
        self._kept = by_window(kept, windows.width)
        self._why = {one.start: one.note for one in kept if not one.metrics}
        self._records = EstimatorRecords(windows, self._known, self._kept)
        self._lessons: dict[int, tuple[Lesson | None, list[Learned]]] = {}

    def done(self, start: int) -> bool:
        """Whether the window was estimated, with all the rows that it has."""
        rows = self._rows(start)
        return any(one.n == rows for estimate in self._of(start).values() for one in estimate.metrics.values())

    def estimate(self, start: int, now: float) -> list[Estimate]:
        """What is to be kept of a window at `now` (Unix seconds): its estimates, or why it has none if that is new."""
        taught, learned = self._lesson(start)
        if taught is None or not learned:
            return self._lack(start, TOO_FEW if taught is None else MUTE, now)
        seen = Seen(start, self._rows(start), self._windows.at(start).said)
        found = [(one.method, one.metrics(seen)) for one in learned] if seen.rows else []
        made = [self._made(start, name, now, metrics=metrics, taught=taught) for name, metrics in found if metrics]
        if not made:
            return self._lack(start, NO_SCORES, now)
        self._kept[start] = {one.method: one for one in made}
        return made

    def finding(self, start: int) -> Finding | None:
        """By the method with the better record when the window closed, of those that could say; None without any."""
        task, taught = self._whose.task, self._lesson(start)[0]
        losses = {
            method: loss
            for method, estimate in self._of(start).items()
            if (loss := estimated_loss(task, estimate.metrics)) is not None
        }
        losses = {method: loss for method, loss in losses.items() if loss.value is not None} or losses
        if taught is None or not losses:
            return None
        records = self._records.by(start + self._windows.width, READ_FROM[task])
        record = in_order(records, losses, READ_FROM[task])[0]
        return judge_estimate(losses[record.estimator], taught.losses, record)

    def _of(self, start: int) -> Mapping[str, Estimate]:
        return self._kept.get(start, {})

    def _rows(self, start: int) -> int:
        """How many rows an estimate of the window is of: those with scores, where scores are counted."""
        said = self._windows.at(start).said
        return self._windows.predictions.get(start, 0) if said is None else int(said[0].sum())

    def _lesson(self, start: int) -> tuple[Lesson | None, list[Learned]]:
        """What was learned before the window's run."""
        run = RUN * self._windows.width
        begins = start // run * run
        if begins not in self._lessons:
            taught = lesson(self._windows, self._known, begins, self._whose.reference)
            self._lessons[begins] = taught, [] if taught is None else learn(taught, self._features)
        return self._lessons[begins]

    def _lack(self, start: int, why: str, now: float) -> list[Estimate]:
        if start in self._kept or self._why.get(start) == why:
            return []
        self._why[start] = why
        return [self._made(start, first_method(self._windows.layout), now, why=why)]

    def _made(
        self,
        start: int,
        method: str,
        now: float,
        *,
        metrics: Mapping[str, Metric] | None = None,
        taught: Lesson | None = None,
        why: str = "",
    ) -> Estimate:
        return Estimate(
            model=self._whose.model,
            version=self._whose.version,
            start=start,
            end=start + self._windows.width,
            method=method,
            metrics=dict(metrics or {}),
            usual={} if taught is None else taught.usual,
            taught=(0, 0) if taught is None else taught.taught,
            made_at=now,
            note=why if taught is None else taught.note,
        )
