"""Comparing with rows taken as exchangeable: right for two random samples, optimistic for a stream.

Each column is decided by its weighted parts, and columns by Benjamini-Hochberg at their share of q
(monitors/row_null.py); one that would be rejected at ten times that level warns. A detector that only describes never
says more than its column does. Two findings are about no column: small shifts of all of them together, and a change of
how they depend on each other (joint.py).
"""

from __future__ import annotations

import msgspec
import numpy as np

from watchkeeper.compare.joint import dependence_finding
from watchkeeper.compare.tables import Sides
from watchkeeper.compare.telling import Column, columns, milder, numbers
from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.detectors.registry import DETECTORS, Evidence
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.column_tests import ColumnTests
from watchkeeper.monitors.columns import Stack
from watchkeeper.monitors.row_null import RowJudgement, RowMeasures, RowNull
from watchkeeper.monitors.sentences import rate_sentence
from watchkeeper.monitors.together import together_finding

Q = 1 / 720
WARN_FACTOR = 10.0
_NO_TIME = "Rows are taken as exchangeable, for no time column was named."
_SMALL_REFERENCE = "The current table is larger than the reference: an unlucky reference would show as a difference."

_NO_ROWS = "How columns depend on each other was not compared: a profile keeps no rows."


def compare_by_rows(sides: Sides) -> list[Finding]:
    """Findings of every detector for every column that both tables have, then of all columns together."""
    found: list[Finding] = []
    null = RowNull.fit(sides.reference, sides.common, sides.score, sides.importance, by_rows=True)
    if not null.columns:
        return found
    measured = null.measure(sides.current.counts[None], Q)
    alarm, warn = measured.at(Q), measured.at(Q * WARN_FACTOR)
    verdicts = _column_verdicts(alarm, warn)
    for judged in measured.tests:
        level = null.level(judged.stack, Q)
        for column in columns(sides, judged.stack):
            found += _findings(column, judged, verdicts[column.name], level)
    return found + _together(sides, measured, alarm, warn)


def _column_verdicts(alarm: RowJudgement, warn: RowJudgement) -> dict[str, Verdict]:
    grave = np.where(alarm.named[0], 2, np.where(warn.named[0], 1, 0))
    return {name: (Verdict.OK, Verdict.WARN, Verdict.ALARM)[grave[i]] for i, name in enumerate(alarm.columns)}


def _together(sides: Sides, measured: RowMeasures, alarm: RowJudgement, warn: RowJudgement) -> list[Finding]:
    """What no column shows alone."""
    notes = _table_notes(sides, measured.null)
    judged, verdict = (alarm, Verdict.ALARM) if alarm.together[0] else (warn, Verdict.WARN)
    shifted = together_finding(
        judged, 0, statement=Statement.DIFFERENT, found=verdict, rows=sides.rows,
        reference_rows=sides.reference.rows, notes=notes,
    )  # fmt: skip
    share = Q * measured.null.shares.dependence
    dependence = dependence_finding(sides, share, share * WARN_FACTOR, " ".join(notes))
    return [finding for finding in (shifted, dependence) if finding is not None]


def _table_notes(sides: Sides, null: RowNull) -> tuple[str, ...]:
    larger = (_SMALL_REFERENCE,) if sides.rows > sides.reference.rows else ()
    unasked = (_NO_ROWS,) if None in sides.samples else ()
    return (_NO_TIME, *larger, *unasked, *null.notes)


def _findings(column: Column, tests: ColumnTests, verdict: Verdict, level: float) -> list[Finding]:
    return [column.silence(name) or _finding(column, tests, name, verdict, level) for name in tests.parts]


def _finding(column: Column, tests: ColumnTests, name: str, verdict: Verdict, level: float) -> Finding:
    result, at = tests.parts[name], (0, column.place)
    p = float(result.gated[at]) / tests.share(name, at)
    decisive = tests.decisive_part(*at) == name and verdict is not Verdict.OK
    own = Verdict.ALARM if p <= level else Verdict.WARN if p <= level * WARN_FACTOR else Verdict.OK
    said = verdict if decisive else milder(own, verdict)
    return msgspec.structs.replace(
        column.finding(name, said, _note(column)),
        **numbers(result, at),
        effect_name=DETECTORS[name].effect,
        floor=DETECTORS[name].floor,
        sentence="" if said is Verdict.OK else sentence(column, tests, name, at),
    )


def sentence(column: Column, tests: ColumnTests, name: str, at: tuple[int, int]) -> str:
    """The change in plain words: a rate for detectors of rates, else what moved in the column."""
    stack = tests.stack
    kind = DETECTORS[name].on[0]
    if kind in stack.slots:
        rate = float(_rate(stack, kind, column))
        before = rate - float(tests.parts[name].effect[at])
        return rate_sentence(column.feature, kind, rate=rate, ordinary=before, worst=0.0, blocks=0)
    effect = float(tests.parts[name].effect[at])
    return f"`{column.feature}` differs ({DETECTORS[name].effect} {effect:.2g}): {column.words()}."


def _rate(stack: Stack, kind: Evidence, column: Column) -> float:
    return float(stack.rate_counts(column.sides.current.counts, kind)[column.place]) / max(column.rows, 1)


def _note(column: Column) -> str:
    return f"{_NO_TIME} {_SMALL_REFERENCE}" if column.rows > column.reference_rows else _NO_TIME
