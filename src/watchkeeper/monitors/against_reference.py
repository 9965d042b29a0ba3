"""Is the model worse live than on its reference? The level of its loss against that of the labelled reference (L3).

`harm.py` asks whether a model got worse than it used to be live; a model that was never as good as it was on its
reference shows no change there. Here the mean loss of the last live windows is held against the mean of the blocks of
the reference. The unit of evidence is the block on both sides: K reference blocks and T windows each give a mean with
the variance of their own movement, serial correlation included (movement.py), and the difference goes by Welch's t:

    t = (m_live - m_reference - slack) / sqrt(V_live + V_reference),    slack = tolerance x m_reference

with Satterthwaite's degrees of freedom. A sudden drop widens the live side until it fills the T windows: finding it
soon is the business of harm.py. Where the reference has no time its blocks are folds of rows, which say nothing of how
days differ; the live side still does.

A reference the model was trained on is no baseline at all: nothing is said. Where nobody said whether it was, a drop is
to be expected of a sound model too, so it is a warning at most; against a holdout it may alarm.

Measured on 2,000 simulated streams for each number (20 reference blocks, 20 windows, 300 labels each, an error of 0.2;
blocks move by 0.02 with correlation r), shares that are called worse, by how much the error rose:

    r      0 %     5 %    10 %    20 %    30 %    50 %
    0     0.000   0.004   0.032   0.468   0.930   0.998
    0.5   0.004   0.011   0.055   0.328   0.707   0.960
    0.8   0.015   0.037   0.104   0.358   0.634   0.912

On 30 episodes of 5 real streams (20 holdout blocks, 60 windows with every label) it called none of 1,412 ordinary
windows worse, and found 1 of 8 onsets of lasting harm: real blocks are correlated, so 20 of them are few. It is a slow
and safe statement of the level, beside harm.py, never instead of it.

Welch, *The generalization of "Student's" problem when several different population variances are involved*, Biometrika
34 (1947); Satterthwaite, Biometrics Bulletin 2 (1946).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import msgspec
import numpy as np
from scipy import special

from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.against import against
from watchkeeper.monitors.harm import BlockLosses
from watchkeeper.monitors.harm_words import relative
from watchkeeper.monitors.movement import Movement, tamed
from watchkeeper.monitors.sentences import number

DETECTOR = "welch"
REFERENCE = "the reference"  # with a space, as no version has
COLUMN = against("performance.error", REFERENCE)
WINDOWS = 20
_POWER = float(special.ndtri(0.8))
UNSAID = "The reference may hold rows the model was trained on, where it looks better than it is: --reference-is says."
UNTIMED = "The reference has no time: how its own days differed is not known."


@dataclass(frozen=True, kw_only=True)
class ReferencePolicy:
    """What counts as worse than the reference.

    `tolerance` is the relative rise that does not count, `level` the chance that one more is called worse by chance.
    Fewer than `min_blocks` blocks of the reference, or windows, of `min_n` labels each, say nothing.
    """

    feature: str = "error"
    column: str = COLUMN
    tolerance: float = 0.05
    level: float = 1 / 200
    min_blocks: int = 8
    min_n: int = 10


@dataclass(frozen=True)
class _Side:
    """The mean loss of blocks, its variance by their movement, its degrees of freedom, and what it rests on."""

    mean: float
    variance: float
    df: float
    blocks: int
    rows: int


def against_reference(
    recent: BlockLosses,
    reference: BlockLosses,
    *,
    in_sample: bool | None,
    timed: bool = True,
    policy: ReferencePolicy | None = None,
) -> Finding | None:
    """The last mature windows `recent` (T,), by time, against the blocks of the labelled `reference` (K,).

    Only the last 20 windows count. None where the model was trained on the reference (`in_sample`): that is no
    baseline; where it is not known whether it was, the verdict is a warning at most. `timed` says whether the reference
    has time.
    """
    if in_sample:
        return None
    policy = policy or ReferencePolicy()
    kept, ordinary = _enough(recent, policy), _enough(reference, policy)
    kept = BlockLosses(kept.mean[-WINDOWS:], kept.rows[-WINDOWS:], kept.variance)
    for found, what in ((ordinary, "blocks of the reference"), (kept, "windows")):
        if len(found.mean) < policy.min_blocks:
            why = f"{len(found.mean)} {what} with {policy.min_n} labels or more; {policy.min_blocks} are needed."
            return _blank(policy, Verdict.NOT_ENOUGH_DATA, kept, ordinary, why)
    note = " ".join(([] if in_sample is False else [UNSAID]) + ([] if timed else [UNTIMED]))
    worst = Verdict.WARN if in_sample is None else Verdict.ALARM
    return _judged(_blank(policy, worst, kept, ordinary, note), _side(kept), _side(ordinary), policy)


def _enough(losses: BlockLosses, policy: ReferencePolicy) -> BlockLosses:
    """The blocks that have labels enough."""
    told = np.isfinite(losses.mean) & (losses.rows >= policy.min_n)
    return BlockLosses(losses.mean[told], losses.rows[told], losses.variance)


def _side(losses: BlockLosses) -> _Side:
    """Blocks as what their movement lets one know of their mean; computed in units of it."""
    unit = abs(float(losses.mean.mean())) or 1.0
    means, rows = losses.mean[:, None] / unit, losses.rows[:, None].astype(np.float64)
    variance = np.array([losses.variance / unit**2])
    held = tamed(means, rows, variance, np.zeros(1, np.int64))[0]
    movement = Movement.fit(held, rows, variance)
    return _Side(
        mean=float(movement.mean[0, 0]) * unit,
        variance=float(movement.reference_variance(None)[0, 0]) * unit**2,
        df=float(movement.df[0]),
        blocks=len(means),
        rows=int(losses.rows.sum()),
    )


def _judged(finding: Finding, live: _Side, ordinary: _Side, policy: ReferencePolicy) -> Finding:
    """`finding` with its numbers; its verdict stands where the live side is worse."""
    error = math.sqrt(live.variance + ordinary.variance)
    df = error**4 / (live.variance**2 / live.df + ordinary.variance**2 / ordinary.df)
    rise, slack = live.mean - ordinary.mean, policy.tolerance * abs(ordinary.mean)
    p = float(special.stdtr(df, -(rise - slack) / error))
    half = float(special.stdtrit(df, 0.975)) * error
    worse = p <= policy.level
    return msgspec.structs.replace(
        finding,
        verdict=finding.verdict if worse else Verdict.OK,
        statistic=(rise - slack) / error,
        effect=rise,
        effect_name=f"rise of the {policy.feature}",
        effect_low=rise - half,
        effect_high=rise + half,
        p_value=p,
        smallest_effect=slack + (float(special.stdtrit(df, 1 - policy.level)) + _POWER) * error,
        floor=slack,
        sentence=_sentence(policy, live, ordinary) if worse else "",
    )


def _sentence(policy: ReferencePolicy, live: _Side, ordinary: _Side) -> str:
    change = relative(live.mean - ordinary.mean, ordinary.mean)
    return (
        f"The {policy.feature} of the last {live.blocks} windows is {number(live.mean)} against "
        f"{number(ordinary.mean)} on the reference ({change})."
    )


def _blank(policy: ReferencePolicy, verdict: Verdict, live: BlockLosses, ordinary: BlockLosses, why: str) -> Finding:
    return Finding(
        feature=against(policy.feature, REFERENCE),
        column=policy.column,
        detector=DETECTOR,
        statement=Statement.HARM,
        verdict=verdict,
        n=int(live.rows.sum()),
        n_reference=int(ordinary.rows.sum()),
        null="blocks",
        blocks=len(ordinary.mean),
        note=why,
    )
