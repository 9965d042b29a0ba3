"""Prediction bias over time: does what the model says on average still agree with what comes true?

Block by block as in harm.py, to both sides: one judge hears of a bias that rises, one of a bias that falls. Their lines
are higher than those of harm, for they are two. The unit is the standard deviation of one row's difference, prediction
less truth; a lasting move of less than `tolerance` of it does not count. What is ordinary is the bias of the ordinary
blocks, not 0: a model that was always off by a little is no news.

Measured on 33 episodes of 6 real streams (the models and blocks of bench/detection/harm.py): with 20 ordinary blocks,
0.48 alarms on 100 blocks before a lasting move of the bias (3 of 5 blocks beyond 2 standard deviations of the ordinary
ones), which was found within 10 blocks in 10 of 12 episodes; with 40, 0.81 and 10 of 11; with 8, none and 10 of 16. The
lines of harm itself gave 0.85, 1.29 and 0.14. They were chosen on these streams.

A base rate that moves shows in the bias before it shows in the error rate. Whether it harms is another question, so
this is a notice, and never pages.
"""

from __future__ import annotations

import math

import msgspec
import numpy as np

from watchkeeper.detectors.finding import Finding
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.harm import BlockLosses, HarmPolicy, judge_series
from watchkeeper.monitors.sentences import number
from watchkeeper.tallies.tally import IntArray

POLICY = HarmPolicy(
    feature="prediction bias", column="performance.bias", h=5.0, run_length=300.0, run=(4, 6), alone=5.5
)
_LEVEL = 1.0  # where the ordinary lies while it is judged: the tolerance is a share of the ordinary mean
_LOUDNESS = (Verdict.NOT_COMPUTABLE, Verdict.NOT_ENOUGH_DATA, Verdict.OK, Verdict.WARN, Verdict.ALARM)


def judge_bias(
    biases: BlockLosses, ordinary: BlockLosses, starts: IntArray | None = None, *, after: int = 0
) -> list[Finding]:
    """A finding for every block of `biases` (T,), prediction less truth, oldest first; `ordinary` are K blocks.

    `starts` (T,) and `after` as in `judge_series`. Of the two sides the louder one speaks.
    """
    known = ordinary.mean[np.isfinite(ordinary.mean) & (ordinary.rows > 0)]
    centre = float((known / len(known)).sum()) if len(known) else 0.0
    spread = float(np.abs(known - centre).max(initial=0.0))
    unit = math.sqrt(ordinary.variance) or spread or 1.0
    above, below = (
        judge_series(_in(biases, centre, side), _in(ordinary, centre, side), POLICY, starts, after=after)
        for side in (unit, -unit)
    )
    return [
        _told(up, unit, centre) if _loudness(up) >= _loudness(down) else _told(down, -unit, centre)
        for up, down in zip(above, below, strict=True)
    ]


def _in(biases: BlockLosses, centre: float, unit: float) -> BlockLosses:
    """The same in `unit`s from the centre, which lies at 1; a negative unit turns the sign."""
    return BlockLosses(_LEVEL + (biases.mean - centre) / unit, biases.rows, biases.variance / unit / unit)


def _loudness(finding: Finding) -> tuple[int, float]:
    return _LOUDNESS.index(finding.verdict), finding.statistic or 0.0


def _told(finding: Finding, unit: float, centre: float) -> Finding:
    """The finding of one side, in the unit of the predictions again."""
    if finding.effect is None or finding.effect_low is None or finding.effect_high is None:
        return finding
    low, high = sorted((finding.effect_low * unit, finding.effect_high * unit))
    smallest = abs(unit) * (finding.smallest_effect or 0.0)
    return msgspec.structs.replace(
        finding,
        effect=finding.effect * unit,
        effect_name="move of prediction less truth",
        effect_low=low,
        effect_high=high,
        smallest_effect=smallest,
        floor=abs(unit) * (finding.floor or 0.0),
        sentence=_sentence(finding, finding.effect * unit, centre),
        note=f"A lasting move of {number(smallest)} shows within {POLICY.horizon} windows four times in five.",
    )


def _sentence(finding: Finding, move: float, centre: float) -> str:
    if finding.verdict not in (Verdict.ALARM, Verdict.WARN):
        return ""
    way = "rose" if move > 0 else "fell"
    return f"The mean of prediction less truth {way} to {number(centre + move)}; it is {number(centre)} ordinarily."
