"""Would the model be worse on such rows? Said without labels, and only as loudly as its record allows.

The unit of evidence is the block (movement.py), as for harm that is seen: a rise is one beyond what ordinary blocks
move by themselves, days of the week included, and not only beyond the estimate's own error. So an estimate alarms where
the whole of its interval lies where labels would show a block that is odd by itself (`HarmJudge.odd_from`, which holds
the tolerance, too). It warns where its interval lies beyond the ordinary mean. Both only where the estimator has shown
on labels that it can be trusted (performance/track_record.py): without such a record the finding is `ok` and says so,
for nothing is known either way; with fewer than 8 ordinary blocks it never alarms. An alarm of this kind is a notice
and needs two windows in a row; a warning tells nobody: an estimate never pages.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.harm import BlockLosses, HarmJudge, HarmPolicy
from watchkeeper.monitors.harm_words import relative
from watchkeeper.monitors.sentences import number
from watchkeeper.performance.metric import Metric, joined
from watchkeeper.performance.track_record import TrackRecord


@dataclass(frozen=True, kw_only=True)
class EstimatePolicy:
    """What is called worse. `harm` says what an ordinary block is and which is odd; `min_n` rows are needed."""

    harm: HarmPolicy = field(default_factory=HarmPolicy)
    min_n: int = 100

    @property
    def feature(self) -> str:
        """What the loss is called."""
        return self.harm.feature


def judge_estimate(
    loss: Metric, ordinary: BlockLosses, record: TrackRecord, policy: EstimatePolicy | None = None
) -> Finding:
    """The finding on a window whose mean loss is estimated as `loss`, against the `ordinary` blocks that taught it."""
    policy = policy or EstimatePolicy()
    judge = HarmJudge(ordinary, policy.harm)
    line = judge.odd_from(loss.n)
    return Finding(
        feature=policy.feature,
        column=policy.harm.column,
        detector=record.estimator,
        statement=Statement.ESTIMATED,
        verdict=_verdict(loss, judge.level, line, record, policy),
        statistic=loss.value,
        effect=None if loss.value is None else loss.value - judge.level,
        effect_name=f"estimated rise of the {policy.feature}",
        effect_low=None if loss.low is None else loss.low - judge.level,
        effect_high=None if loss.high is None else loss.high - judge.level,
        n=loss.n,
        n_reference=judge.n,
        smallest_effect=_smallest(loss, judge.level, line),
        floor=policy.harm.tolerance * abs(judge.level),
        null="blocks",
        blocks=judge.blocks,
        sentence=_sentence(loss, judge.level, policy),
        note=joined(_record_words(record), "" if line else _few(judge), loss.note),
    )


def _verdict(loss: Metric, level: float, line: float | None, record: TrackRecord, policy: EstimatePolicy) -> Verdict:
    if loss.n < policy.min_n or loss.low is None:
        return Verdict.NOT_ENOUGH_DATA
    if not record.good or loss.low <= level:
        return Verdict.OK
    return Verdict.ALARM if line is not None and loss.low > line else Verdict.WARN


def _smallest(loss: Metric, level: float, line: float | None) -> float | None:
    """The rise whose interval would lie beyond the line."""
    if loss.value is None or loss.low is None or line is None:
        return None
    return loss.value - loss.low + line - level


def _few(judge: HarmJudge) -> str:
    return f"it may not alarm: {judge.blocks} ordinary blocks taught it, and {judge.policy.min_blocks} are needed"


def _sentence(loss: Metric, level: float, policy: EstimatePolicy) -> str:
    if loss.value is None:
        return ""
    change = relative(loss.value - level, level)
    return f"Estimated without labels: the {policy.feature} is {number(loss.value)} ({change})."


def _record_words(record: TrackRecord) -> str:
    if not record.good:
        return f"this estimate may not alarm: {record.note}"
    held = 0.0 if record.coverage is None else record.coverage
    return f"in {record.windows} windows with labels its intervals held the truth in {held:.0%}"
