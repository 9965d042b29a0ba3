"""Comparing with rows taken as exchangeable: right for two random samples, optimistic for a stream.

Each column is decided by its weighted parts (monitors/row_null.py) and columns by Benjamini-Hochberg at q; one that
would be rejected at ten times that level warns. A detector that only describes never says more than its column does.
"""

from __future__ import annotations

import msgspec
import numpy as np

from watchkeeper.compare.tables import Sides
from watchkeeper.compare.telling import Column, columns, milder, numbers
from watchkeeper.detectors.finding import Finding
from watchkeeper.detectors.registry import DETECTORS, Evidence
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.columns import Stack, stacks
from watchkeeper.monitors.row_null import ColumnTests, judge_stack, rejected
from watchkeeper.monitors.sentences import rate_sentence

Q = 1 / 720
WARN_FACTOR = 10.0
_NO_TIME = "Rows are taken as exchangeable, for no time column was named."
_SMALL_REFERENCE = "The current table is larger than the reference: an unlucky reference would show as a difference."


def compare_by_rows(sides: Sides) -> list[Finding]:
    """Findings of every detector for every column that both tables have."""
    found: list[Finding] = []
    groups = stacks(sides.reference.binning, sides.common)
    level = Q / max(len(sides.common), 1)
    whole, current = sides.reference.whole.counts, sides.current.counts[None]
    tests = tuple(judge_stack(stack, whole, current, level) for stack in groups)
    verdicts = _column_verdicts(tests)
    for stack, judged in zip(groups, tests, strict=True):
        for column in columns(sides, stack):
            found += _findings(column, judged, verdicts[column.name], level)
    return found


def _column_verdicts(tests: tuple[ColumnTests, ...]) -> dict[str, Verdict]:
    names = [name for test in tests for name in test.stack.names]
    alarm, warn = rejected(tests, Q)[0], rejected(tests, Q * WARN_FACTOR)[0]
    grave = np.where(alarm, 2, np.where(warn, 1, 0))
    return {name: (Verdict.OK, Verdict.WARN, Verdict.ALARM)[grave[i]] for i, name in enumerate(names)}


def _findings(column: Column, tests: ColumnTests, verdict: Verdict, level: float) -> list[Finding]:
    return [column.silence(name) or _finding(column, tests, name, verdict, level) for name in tests.parts]


def _finding(column: Column, tests: ColumnTests, name: str, verdict: Verdict, level: float) -> Finding:
    result, at = tests.parts[name], (0, column.place)
    p = float(result.gated[at]) / tests.weights.get(name, 1.0)
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
