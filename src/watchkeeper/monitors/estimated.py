"""Would the model be worse on such rows? Said without labels, and only as loudly as its record allows.

An estimate of the loss alarms where the whole of its interval lies beyond what is ordinary and `tolerance`, and warns
where it lies beyond what is ordinary, but only where the estimator has shown on labels that it can be trusted
(performance/track_record.py). Without such a record the finding is `ok` and says so, for nothing is known either way.
An alarm of this kind is a notice and needs two windows in a row; a warning tells nobody: an estimate never pages.
"""

from __future__ import annotations

from dataclasses import dataclass

from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.harm_words import relative
from watchkeeper.monitors.sentences import number
from watchkeeper.performance.metric import Metric, joined
from watchkeeper.performance.track_record import TrackRecord


@dataclass(frozen=True, kw_only=True)
class EstimatePolicy:
    """What is called worse. `tolerance` is the relative rise that does not count, `min_n` rows are needed."""

    feature: str = "error"
    column: str = "performance.error"
    tolerance: float = 0.05
    min_n: int = 100


def judge_estimate(
    loss: Metric, ordinary: float, record: TrackRecord, policy: EstimatePolicy | None = None, *, blocks: int = 0
) -> Finding:
    """The finding on a window whose mean loss is estimated as `loss`; `ordinary` is the mean of `blocks` blocks."""
    policy = policy or EstimatePolicy()
    return Finding(
        feature=policy.feature,
        column=policy.column,
        detector=record.estimator,
        statement=Statement.ESTIMATED,
        verdict=_verdict(loss, ordinary, record, policy),
        statistic=loss.value,
        effect=None if loss.value is None else loss.value - ordinary,
        effect_name=f"estimated rise of the {policy.feature}",
        effect_low=None if loss.low is None else loss.low - ordinary,
        effect_high=None if loss.high is None else loss.high - ordinary,
        n=loss.n,
        smallest_effect=_smallest(loss, ordinary, policy),
        floor=policy.tolerance * abs(ordinary),
        null="blocks" if blocks else "rows",
        blocks=blocks,
        sentence=_sentence(loss, ordinary, policy),
        note=joined(_record_words(record), loss.note),
    )


def _verdict(loss: Metric, ordinary: float, record: TrackRecord, policy: EstimatePolicy) -> Verdict:
    if loss.n < policy.min_n or loss.low is None:
        return Verdict.NOT_ENOUGH_DATA
    if not record.good or loss.low <= ordinary:
        return Verdict.OK
    return Verdict.ALARM if loss.low > ordinary + policy.tolerance * abs(ordinary) else Verdict.WARN


def _smallest(loss: Metric, ordinary: float, policy: EstimatePolicy) -> float | None:
    """The rise whose interval would lie beyond the tolerance."""
    if loss.value is None or loss.low is None:
        return None
    return loss.value - loss.low + policy.tolerance * abs(ordinary)


def _sentence(loss: Metric, ordinary: float, policy: EstimatePolicy) -> str:
    if loss.value is None:
        return ""
    change = relative(loss.value - ordinary, ordinary)
    return f"Estimated without labels: the {policy.feature} is {number(loss.value)} ({change})."


def _record_words(record: TrackRecord) -> str:
    if not record.good:
        return f"this estimate may not alarm: {record.note}"
    held = 0.0 if record.coverage is None else record.coverage
    return f"in {record.windows} windows with labels its intervals held the truth in {held:.0%}"
