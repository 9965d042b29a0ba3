"""Comparing against ordinary movement: the current table is one window, the reference's blocks of its length the null.

A column alarms where it is unlike the reference's blocks (monitors/block_null.py, q = 1/30, corrected for all
columns) or where its quality is one that no block had (monitors/breaks.py). Effects are measured as ever, and each is
set against the same effect of every block against the rest of the reference: logarithms taken as normal, t
prediction.

Where the reference holds fewer than 8 blocks as long as the current table, its longest blocks of which there are at
least 8 stand in for them, their movement not shrunk. That errs on the quiet side: longer windows move less. With
fewer than 8 blocks of any length ordinary movement is unknown, and the answer is "not enough data".
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import msgspec
import numpy as np
from scipy import special

from watchkeeper.compare.by_rows import compare_by_rows, sentence
from watchkeeper.compare.tables import Sides
from watchkeeper.compare.telling import ON_VALUES, Column, columns, milder, numbers
from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.detectors.registry import DETECTORS
from watchkeeper.events.verdict import Verdict, worst
from watchkeeper.monitors import omnibus
from watchkeeper.monitors.baseline import enough_blocks, stand_in
from watchkeeper.monitors.column_tests import ColumnTests, judge_stack
from watchkeeper.monitors.columns import stacks
from watchkeeper.monitors.half_check import HalfCheck
from watchkeeper.monitors.judge import Judge
from watchkeeper.monitors.policy import DAY, Policy
from watchkeeper.reference.reference import Reference
from watchkeeper.tallies.tally import FloatArray, IntArray

Q = 1 / 30
LEAST_BLOCKS = 8
_MIN_N = 20
_LEAST_LOG_SD = 0.1
_NOTHING = 1e-9
_MOST_OWN = 0.9
LARGEST = {"rank shift": 0.5, "rank spread shift": 0.25, omnibus.EFFECT: math.inf}
"""The largest effect there can be, where it is not 1 as for a share; ordinary moves have none."""
_BLIND = "The blocks of the reference are too few, or move too much, for any change to stand out."


def compare_by_blocks(sides: Sides) -> list[Finding]:
    """Findings for every column that both tables have, against the blocks of `sides.reference`."""
    width, note = block_width(sides.reference, sides.seconds or 0.0)
    if width is None:
        return _without_null(sides, note)
    weights = dict(sides.importance or {})
    policy = Policy(window=width, alarms_per_month=Q * 30 * DAY / width, min_n=_MIN_N, importance=weights)
    judge = Judge(sides.reference, policy)
    (judged,) = judge.judge(sides.current.counts[None], judge.begin(before=0))
    asked = [f for f in judged.findings if f.column in {*sides.common, ""} and _decides(f, policy)]
    deciding = [_decided(f, note) for f in asked]
    deciding = [_noted(f, judged.check) if _tells(f, judged.check) else f for f in deciding]
    verdicts = {name: worst(f.verdict for f in deciding if f.column == name) for name in sides.common}
    described = _described(sides, judge.baseline.blocks, verdicts)
    order = (*sides.common, "")
    return [finding for name in order for finding in (*deciding, *described) if finding.column == name]


def block_width(reference: Reference, seconds: float) -> tuple[int | None, str]:
    """Length of the blocks to judge a table of `seconds` by, and what must be known about that choice.

    None where no length of block gives at least 8 of them, 20 rows each or more on average.
    """
    bucket = reference.block_width or 1
    width = (int(seconds) // bucket + 1) * bucket
    if enough_blocks(reference, width, LEAST_BLOCKS, _MIN_N):
        return width, ""
    shorter = stand_in(reference, width, LEAST_BLOCKS, _MIN_N)
    if shorter is not None:
        blocks = len(reference.blocks_of(shorter)[0])
        return shorter, (
            f"The reference has too few blocks as long as the current table; {blocks} blocks of {shorter / DAY:.3g} "
            "days stand in for them, which errs on the quiet side."
        )
    return None, f"The reference has fewer than {LEAST_BLOCKS} blocks of time: ordinary movement is not known."


def _decides(finding: Finding, policy: Policy) -> bool:
    """What a judge says of the reference, or that a column has too few rows; its rolling question is not asked here."""
    return finding.statement is not Statement.UNUSUAL or finding.n < policy.min_n


def _tells(finding: Finding, check: HalfCheck | None) -> bool:
    """The half-sample check is told with all columns together; with each column where it failed."""
    return check is not None and (check.failed or not finding.column)


def _noted(finding: Finding, check: HalfCheck | None) -> Finding:
    notes = (finding.note, check.sentence if check else "")
    return msgspec.structs.replace(finding, note=" ".join(part for part in notes if part))


def _decided(finding: Finding, note: str) -> Finding:
    """A monitor's finding, as the answer to another question: do these tables differ?

    Where the blocks move so much that no change at all could have alarmed, silence is no answer.
    """
    verdict = Verdict.ALARM if finding.verdict is Verdict.WARN else finding.verdict
    blind = verdict is Verdict.OK and (finding.smallest_effect or 0.0) > LARGEST.get(finding.effect_name, 1.0)
    notes = (finding.note, note, _BLIND if blind else "")
    return msgspec.structs.replace(
        finding,
        statement=Statement.DIFFERENT,
        verdict=Verdict.NOT_ENOUGH_DATA if blind else verdict,
        smallest_effect=None if blind else finding.smallest_effect,
        note=" ".join(part for part in notes if part),
    )


@dataclass(frozen=True)
class Ordinary:
    """What one detector's effect (K, C) is among the blocks; `mean` and `sd` (C,) of its logarithm."""

    mean: FloatArray
    sd: FloatArray
    blocks: int

    @classmethod
    def of(cls, effect: FloatArray, own: FloatArray) -> Ordinary:
        """Learn from each block's effect (K, C) against the reference; `own` (K, C) is its share of the reference.

        A block's shares lie 1 / (1 - own) times as far from the rest of the reference as from the whole, to which it
        belongs itself: exactly so for gaps between shares, nearly so for the other effects.
        """
        logs = np.log(np.abs(effect) / (1 - own) + _NOTHING)
        return cls(logs.mean(0), np.maximum(logs.std(0, ddof=1), _LEAST_LOG_SD), len(effect))

    def p(self, effect: float, column: int) -> float:
        """Chance that an ordinary block has as large an effect."""
        t = (math.log(abs(effect) + _NOTHING) - self.mean[column]) / self._error(column)
        return float(special.stdtr(self.blocks - 1, -t))

    def smallest(self, column: int, level: float) -> float:
        """The effect that would have reached `level` here."""
        t = -float(special.stdtrit(self.blocks - 1, level))
        return float(np.exp(min(self.mean[column] + t * self._error(column), 700.0)))

    def _error(self, column: int) -> float:
        return float(self.sd[column]) * math.sqrt(1 + 1 / self.blocks)


def _described(sides: Sides, blocks: IntArray, verdicts: dict[str, Verdict]) -> list[Finding]:
    """Every effect of values, set against the same effect of the blocks."""
    level = Q / max(len(sides.common), 1)
    windows = np.concatenate([blocks, sides.current.counts[None]])
    found: list[Finding] = []
    for stack in stacks(sides.reference.binning, sides.common, len(windows)):
        tests = judge_stack(stack, sides.reference.whole.counts, windows, level)
        names = [name for name in tests.parts if DETECTORS[name].on[0] in ON_VALUES]
        own = np.minimum(tests.values[:-1] / np.maximum(tests.values[:-1].sum(0), 1.0), _MOST_OWN)
        ordinary = {name: Ordinary.of(tests.parts[name].effect[:-1], own) for name in names}
        for column in columns(sides, stack):
            found += [
                column.silence(name) or _description(column, tests, name, ordinary[name], verdicts[column.name])
                for name in names
            ]
    return found


def _description(column: Column, tests: ColumnTests, name: str, ordinary: Ordinary, verdict: Verdict) -> Finding:
    at = (len(tests.p) - 1, column.place)
    fields = numbers(tests.parts[name], at)
    p = ordinary.p(fields["effect"] or 0.0, column.place)
    level = Q / max(len(column.sides.common), 1)
    own = Verdict.ALARM if p <= level else Verdict.OK
    said = milder(own, verdict) if verdict in (Verdict.OK, Verdict.WARN, Verdict.ALARM) else verdict
    fields |= {"p_value": p, "smallest_effect": ordinary.smallest(column.place, level)}
    return msgspec.structs.replace(
        column.finding(name, said),
        **fields,
        effect_name=DETECTORS[name].effect,
        floor=DETECTORS[name].floor,
        null="blocks",
        blocks=ordinary.blocks,
        sentence="" if said is not Verdict.ALARM else sentence(column, tests, name, at),
    )


def _without_null(sides: Sides, note: str) -> list[Finding]:
    """Effects as measured on rows, but no verdict: what is ordinary is not known."""
    return [
        finding
        if finding.verdict is Verdict.NOT_COMPUTABLE
        else msgspec.structs.replace(finding, verdict=Verdict.NOT_ENOUGH_DATA, p_value=None, sentence="", note=note)
        for finding in compare_by_rows(sides)
    ]
