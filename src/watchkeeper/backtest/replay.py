"""The replay: every window judged and weighed by the code that a live worker runs, in order, as if it had just closed.

Nothing here decides. `monitors.judge.Judge` says what a window shows against the reference and the windows before it,
`alerts.advance` what that means for alerts. A history has no latency, errors or traffic, so those are not replayed. A
window without rows is "not enough data": it confirms no alert and clears none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from watchkeeper.alerts.advance import Judged, Notice, advance
from watchkeeper.alerts.alert import Alert
from watchkeeper.alerts.policy import AlertPolicy
from watchkeeper.alerts.table import State
from watchkeeper.backtest.history import History
from watchkeeper.backtest.outputs import Outputs, named_rows
from watchkeeper.backtest.plan import Plan
from watchkeeper.detectors.finding import Finding
from watchkeeper.events.errors import BadInput
from watchkeeper.events.verdict import Verdict, worst
from watchkeeper.monitors.judge import Judge
from watchkeeper.monitors.policy import Policy
from watchkeeper.monitors.window_verdict import WindowVerdict
from watchkeeper.reference.compiling import Progress, compile_reference
from watchkeeper.reference.reference import Reference
from watchkeeper.schema.inference import infer_schema
from watchkeeper.schema.schema import Schema
from watchkeeper.tallies.tally import IntArray

CELLS = 16_000_000
MOST_BLOCKS = 20_000
VERSION = "backtest"
LOUD = (Verdict.ALARM, Verdict.WARN)
_FIRING = (State.FIRING, State.NO_DATA)
_NO_ROWS = WindowVerdict(verdict=Verdict.NOT_ENOUGH_DATA, n=0, notes=("No rows.",))

Heard = Callable[[int], Iterable[tuple[int, Finding]]]
"""What becomes known when window v closes: findings on windows up to v, by place."""
Foretold = Callable[[int, IntArray], Finding | None]
"""What an estimate without labels says of window v as it closes, from its counts (size,)."""


@dataclass(frozen=True)
class Step:
    """One window closed with this verdict.

    `loud` are its findings that alarm or warn, `silent` counts the other columns by verdict. `late` are findings on
    windows up to this one (by place) that became known now, `notices` what is told now, `firing` the ids of the alerts
    that fire after it.
    """

    verdict: Verdict
    notes: tuple[str, ...]
    loud: tuple[Finding, ...]
    silent: dict[str, int]
    late: tuple[tuple[int, Finding], ...]
    notices: tuple[Notice, ...]
    firing: tuple[str, ...]


@dataclass(frozen=True)
class Replay:
    """All steps in order, every alert as it stood in the end (by id), and what the judge knew of the reference."""

    steps: tuple[Step, ...]
    alerts: dict[str, Alert]
    reference: Reference
    blocks: int
    note: str


def compile_history(history: History, outputs: Outputs, plan: Plan, progress: Progress | None = None) -> Reference:
    """The reference: rows before `plan.until`, with buckets of a window's length."""
    blocks = len(np.unique(history.seconds[: history.trained] // plan.window))
    if blocks > MOST_BLOCKS:
        raise BadInput(
            f"Windows of {plan.window} s cut the reference into {blocks:,} blocks; {MOST_BLOCKS:,} are the most.",
            hint="Choose longer windows, or start the history later.",
        )
    inputs = history.table.select(history.features).slice(0, history.trained)
    features = infer_schema(inputs).features if history.features else ()
    return compile_reference(
        inputs if history.features else history.table.slice(0, history.trained),
        Schema(features=features, outputs=outputs.features),
        outputs=outputs.table.slice(0, history.trained) if outputs.features else None,
        times=pa.array(history.seconds[: history.trained]),
        task=outputs.task,
        classes=outputs.classes,
        bucket=plan.window,
        progress=progress,
    )


def replay(
    history: History,
    outputs: Outputs,
    plan: Plan,
    reference: Reference,
    *,
    heard: Heard | None = None,
    foretold: Foretold | None = None,
    progress: Progress | None = None,
) -> Replay:
    """Judge every window; as each closes `heard` is asked what labels say by then, `foretold` what is estimated."""
    judge = Judge(reference, Policy(window=plan.window, alarms_per_month=plan.alarms_per_month))
    past, pager = judge.begin(int(history.starts[0])), _Pager(history, plan)
    steps: list[Step] = []
    for place, counts in enumerate(_windows(history, outputs, reference)):
        verdict = _NO_ROWS
        if history.rows[place]:
            start = history.starts[place : place + 1]
            (verdict,) = judge.judge(counts[None], past, start)
            past = judge.follow(past, counts[None], [verdict], start)
        guess = foretold(place, counts) if foretold is not None else None
        steps.append(pager.step(place, verdict, guess, tuple(heard(place)) if heard is not None else ()))
        if progress is not None:
            progress("judging windows", (place + 1) / len(history.starts))
    baseline = judge.baseline
    return Replay(tuple(steps), pager.alerts, reference, len(baseline.starts), baseline.note)


def _windows(history: History, outputs: Outputs, reference: Reference) -> Iterator[IntArray]:
    """The counts (size,) of each window in order: tallied in one pass, as many windows at once as memory allows."""
    table = named_rows(history, outputs)
    at_once = max(1, CELLS // max(reference.binning.size, 1))
    for first in range(0, len(history.starts), at_once):
        bounds = history.bounds[first : first + at_once + 1]
        rows = table.slice(bounds[0], bounds[-1] - bounds[0])
        for tally in reference.binning.tally_groups(rows, bounds - bounds[0]):
            yield tally.counts


def _silent(findings: Iterable[Finding]) -> dict[str, int]:
    """How many columns neither alarm nor warn, by their verdict."""
    columns: dict[str, list[Verdict]] = {}
    for finding in findings:
        columns.setdefault(finding.column, []).append(finding.verdict)
    gravest = Counter(worst(verdicts) for verdicts in columns.values())
    return {verdict.value: count for verdict, count in sorted(gravest.items()) if verdict not in LOUD}


class _Pager:
    """The alerts of the model as windows close, and what is told when."""

    def __init__(self, history: History, plan: Plan) -> None:
        waits = -(-plan.label_delay // plan.window) + 1 if plan.label else 0
        self.alerts: dict[str, Alert] = {}
        self._history, self._plan, self._waits = history, plan, waits
        self._policy = AlertPolicy(memory=AlertPolicy().memory + waits)
        self._newest: dict[str, Alert] = {}
        self._said: dict[int, tuple[Finding, ...]] = {}

    def step(
        self, place: int, verdict: WindowVerdict, guess: Finding | None, late: tuple[tuple[int, Finding], ...]
    ) -> Step:
        """Weigh a window that closed, with what is estimated of it, and anew the earlier ones of which more is known.

        A quiet estimate is weighed too: it is what ends an alert.
        """
        findings = verdict.findings if guess is None else (*verdict.findings, guess)
        self._said[place] = findings
        notices = list(self._weigh(place, findings))
        for earlier, finding in late:
            notices += self._weigh(earlier, (*self._said.get(earlier, ()), finding))
        self._said.pop(place - self._waits, None)
        return Step(
            verdict=verdict.verdict,
            notes=verdict.notes,
            loud=tuple(finding for finding in findings if finding.verdict in LOUD),
            silent=_silent(verdict.findings),
            late=late,
            notices=tuple(notices),
            firing=tuple(alert.id for alert in self._newest.values() if alert.state in _FIRING),
        )

    def _weigh(self, place: int, findings: tuple[Finding, ...]) -> tuple[Notice, ...]:
        start = int(self._history.starts[place])
        judged = Judged(
            model=self._plan.name, version=VERSION, start=start, end=start + self._plan.window, findings=findings
        )
        changed = advance(self._newest.values(), judged, self._policy)
        for alert in changed.alerts:
            self.alerts[alert.id] = alert
            newest = self._newest.get(alert.fingerprint)
            if newest is None or alert.onset >= newest.onset:
                self._newest[alert.fingerprint] = alert
        return changed.notices
