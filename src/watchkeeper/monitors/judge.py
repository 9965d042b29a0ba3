"""Windows of a model, held against its reference and its recent past.

Three questions, never mixed (detectors/finding.py names them):

1. *unusual*: unlike the last K ordinary windows (block_null.py, rolling). Alarms at q, the budget of one window. One
   odd window (a storm) is ordinary life, so whoever pages on it asks for two in a row; that is the alerts' work, not
   ours.
2. *moved since training*: unlike the reference's own blocks, with its size. At most a warning: seasons are no faults.
   So is what stays a little off the reference for many windows (persistence.py); where rows are exchangeable that
   alarms.
3. *broken*: a quality no reference block ever had (breaks.py), or a changed unit (units.py). Alarms at once.

Without reference blocks *moved* takes rows as exchangeable (row_null.py), and says so. Without 8 recent windows
*unusual* is "not enough data". Fewer than `min_n` rows of a column say nothing about it. A column that cannot be judged
never stops another.
"""

from __future__ import annotations

import numpy as np

from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.detectors.registry import Evidence
from watchkeeper.events.verdict import Verdict, worst
from watchkeeper.monitors.baseline import Baseline, compile_baseline
from watchkeeper.monitors.column_tests import ColumnTests
from watchkeeper.monitors.columns import CELLS, INPUT, OUTPUT
from watchkeeper.monitors.findings import (
    Seen,
    block_finding,
    break_finding,
    row_finding,
    too_few,
    unit_finding,
)
from watchkeeper.monitors.history import History
from watchkeeper.monitors.lasting_finding import lasting_finding
from watchkeeper.monitors.omnibus import block_omnibus
from watchkeeper.monitors.policy import Policy
from watchkeeper.monitors.row_null import UNLUCKY, RowNull
from watchkeeper.monitors.since import annotate
from watchkeeper.monitors.sitting import Sitting
from watchkeeper.monitors.together import together_finding
from watchkeeper.monitors.units import unit_change
from watchkeeper.monitors.window_verdict import WindowVerdict
from watchkeeper.reference.reference import Reference
from watchkeeper.tallies.numeric import NumericBins
from watchkeeper.tallies.tally import IntArray


class Judge:
    """Judges windows of one model version. Holds no state between calls: what came before is the `History` given."""

    def __init__(self, reference: Reference, policy: Policy | None = None) -> None:
        self.policy = policy or Policy()
        self.baseline: Baseline = compile_baseline(reference, self.policy)
        self.row_null = _row_null(self.baseline) if self.baseline.fixed is None else None

    def begin(self, before: int | None = None) -> History:
        """The history to judge the first window with; `before` is that window's start in Unix seconds."""
        return self.baseline.history(before)

    def history(self, windows: IntArray, verdicts: list[WindowVerdict], starts: IntArray | None = None) -> History:
        """The history that `windows` (W, size) and their verdicts make: how a restarted worker resumes."""
        columns = self.baseline.columns
        flagged = np.array([v.flags(columns) for v in verdicts], bool)
        return History.of(self.baseline.statistics, windows, flagged.reshape(len(windows), len(columns)), starts)

    def follow(
        self, history: History, windows: IntArray, verdicts: list[WindowVerdict], starts: IntArray | None = None
    ) -> History:
        """The history after these windows, oldest first; `starts` (W,) as in `judge`."""
        return history.then(self.history(windows, verdicts, starts), self.policy.memory)

    def judge(self, windows: IntArray, history: History, starts: IntArray | None = None) -> list[WindowVerdict]:
        """Judge `windows` (W, size), each against the same history.

        `starts` (W,) are Unix seconds; without them no window is held against its own hour or weekday.
        """
        if not len(windows) or not self.baseline.columns:
            return [WindowVerdict(verdict=Verdict.NOT_ENOUGH_DATA, n=0) for _ in windows]
        counts = np.asarray(windows, np.int64)
        at_once = max(1, CELLS // self.baseline.reference.binning.size)
        parts = [slice(i, i + at_once) for i in range(0, len(counts), at_once)]
        told = [
            _Telling(self.baseline, self.row_null, counts[p], history, None if starts is None else starts[p])
            for p in parts
        ]
        return [verdict for telling in told for verdict in telling.verdicts()]


def judge_window(
    reference: Reference, counts: IntArray, policy: Policy | None = None, recent: IntArray | None = None
) -> list[WindowVerdict]:
    """Judge one window (size,) or several (W, size) of a model.

    `recent` (K, size) are the windows before, oldest first, none of them out of the ordinary; by default the last
    blocks of the reference. To judge a stream, keep a `Judge` and let it `follow` its own verdicts.
    """
    judge = Judge(reference, policy)
    history = judge.begin() if recent is None else History.of(judge.baseline.statistics, recent)
    return judge.judge(np.atleast_2d(counts), history)


class _Telling(Sitting):
    """What a sitting found, told window by window."""

    def verdicts(self) -> list[WindowVerdict]:
        return [self._verdict(w) for w in range(len(self.windows))]

    def _verdict(self, w: int) -> WindowVerdict:
        findings = (*(f for c in range(len(self.baseline.columns)) for f in self._column(w, c)), *self._together(w))
        return WindowVerdict(
            verdict=worst(f.verdict for f in findings),
            n=int(self.rows[w].max()),
            findings=annotate(findings, self.baseline, self.history, self.windows[w], int(self.starts[w])),
            notes=self.baseline.notes,
            check=self.baseline.check,
        )

    def _column(self, w: int, c: int) -> list[Finding]:
        name = self.baseline.columns[c]
        seen = Seen(self.baseline, name, self.windows[w], int(self.rows[w, c]), self.distance[name][w])
        if seen.n < self.policy.min_n:
            return [too_few(seen, Statement.UNUSUAL, "blocks")]
        unusual = self._unusual(seen, w, c)
        breaks = [f for f in self._breaks(seen, w) if self._is_sudden(f, unusual, c)]
        findings = [*breaks, unusual, self._moved(seen, w, c)]
        findings += self._lasting(seen, w, c, findings)
        unit = self._unit(seen, findings)
        return [unit, *(f for f in findings if f.statement is not Statement.BROKEN)] if unit else findings

    def _is_sudden(self, finding: Finding, unusual: Finding, c: int) -> bool:
        """Whether a break is more than what grows as ordinary streams do: new levels, and values of a new season."""
        if finding.detector == Evidence.RANGE:
            return unusual.verdict is not Verdict.OK
        if finding.detector == Evidence.UNSEEN:
            return (finding.statistic or 0.0) > self.unseen[c] + (finding.floor or 0.0)
        return True

    def _unusual(self, seen: Seen, w: int, c: int) -> Finding:
        rolling = self.rolling
        if rolling.judged is None or not rolling.known[c]:
            note = f"{rolling.blocks} recent windows of `{seen.feature}`; {self.policy.min_blocks} are needed."
            return seen.blank(Statement.UNUSUAL, "blocks", Verdict.NOT_ENOUGH_DATA, note)
        return block_finding(seen, Statement.UNUSUAL, rolling.judged, (w, c), q=self._q(seen), blocks=rolling.blocks)

    def _lasting(self, seen: Seen, w: int, c: int, findings: list[Finding]) -> list[Finding]:
        """What lasts, unless the column is told of already."""
        if any(f.verdict in (Verdict.WARN, Verdict.ALARM) for f in findings):
            return []
        found = lasting_finding(seen, self.lasting[w], c, np.append(self.since, self.starts[w]))
        return [found] if found else []

    def _moved(self, seen: Seen, w: int, c: int) -> Finding:
        if self.fixed is not None:
            return block_finding(
                seen, Statement.MOVED, self.fixed, (w, c), q=self._q(seen), blocks=len(self.baseline.blocks)
            )
        tests, column, offset = self._tests_of(seen.column)
        out = self.by_rows is not None and bool(self.by_rows.named[w, offset])
        return row_finding(seen, tests, (w, column), out, " ".join(self._row_notes(seen.n)))

    def _together(self, w: int) -> list[Finding]:
        """All columns together: against the last windows, and against the reference, its blocks or its rows."""
        rows = int(self.rows[w].max())
        if rows < self.policy.min_n:
            return []
        return [*self._together_by_blocks(w, rows), *self._together_by_rows(w, rows)]

    def _together_by_blocks(self, w: int, rows: int) -> list[Finding]:
        asked = (
            (Statement.UNUSUAL, self.rolling.judged, self.rolling.blocks),
            (Statement.MOVED, self.fixed, len(self.baseline.blocks)),
        )
        sides = (rows, self.baseline.reference.rows)
        found = [
            block_omnibus(statement, judged, w, q=self.policy.q, rows=sides, blocks=blocks)
            for statement, judged, blocks in asked
            if judged is not None
        ]
        return [finding for finding in found if finding is not None]

    def _together_by_rows(self, w: int, rows: int) -> list[Finding]:
        if self.by_rows is None:
            return []
        notes = (*self._row_notes(rows), *self.by_rows.notes)
        found = together_finding(
            self.by_rows, w, statement=Statement.MOVED, found=Verdict.WARN, rows=rows,
            reference_rows=self.baseline.reference.rows, notes=notes,
        )  # fmt: skip
        return [found] if found else []

    def _row_notes(self, rows: int) -> tuple[str, ...]:
        notes = (self.baseline.note, UNLUCKY if rows > self.baseline.reference.rows else "")
        return tuple(note for note in notes if note)

    def _tests_of(self, name: str) -> tuple[ColumnTests, int, int]:
        """A column's row tests, its place in their stack, and its place among all columns of all stacks."""
        before = 0
        for tests in self.by_rows.tests if self.by_rows else ():
            if name in tests.stack.names:
                column = tests.stack.names.index(name)
                return tests, column, before + column
            before += len(tests.stack.names)
        raise KeyError(name)

    def _breaks(self, seen: Seen, w: int) -> list[Finding]:
        found = []
        for place, stack in enumerate(self.baseline.stacks):
            if seen.column in stack.names:
                at = (w, stack.names.index(seen.column))
                hits = [broken for broken in self.broken[place] if broken.hit[at]]
                found = [break_finding(seen, b, at, self.policy.break_floors[b.kind.value]) for b in hits]
        return found

    def _unit(self, seen: Seen, findings: list[Finding]) -> Finding | None:
        """Asked only where the column jumped: unlike its recent past or, where there is none, unlike training.

        A changed unit speaks for the other breaks of its column: fractions and values out of range come of it. Outputs
        are in no unit, and values that go missing change none.
        """
        bins = self.baseline.reference.binning.columns[seen.column]
        jumped = any(
            f.verdict is Verdict.ALARM or (f.verdict is Verdict.WARN and self.rolling.judged is None)
            for f in findings
            if f.detector != Evidence.MISSING
        )
        if not jumped or not isinstance(bins, NumericBins) or not seen.column.startswith(INPUT):
            return None
        change = unit_change(bins, seen.reference_cells, seen.cells)
        return unit_finding(seen, change) if change else None

    def _q(self, seen: Seen) -> float:
        """The window's level, weighted by the importance of the feature."""
        importance = self.policy.importance
        if not importance:
            return self.policy.q
        features = [name.partition(".")[2] for name in self.baseline.columns]
        mean = sum(importance.get(name, 1.0) for name in features) / len(features)
        return self.policy.q * importance.get(seen.column.partition(".")[2], 1.0) / mean


def _row_null(baseline: Baseline) -> RowNull:
    """The null of exchangeable rows, the model's outputs taken as its score."""
    outputs = [name for name in baseline.columns if name.startswith(OUTPUT)]
    return RowNull.fit(baseline.reference, baseline.columns, outputs, baseline.policy.importance)
