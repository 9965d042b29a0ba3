"""What the performance page says in sentences. What labels showed and what was estimated never share one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from watchkeeper.alerts.cause import OF_LABELS, Cause, Severity
from watchkeeper.alerts.table import State
from watchkeeper.api.alerts import AlertView
from watchkeeper.api.performance import PerformanceView
from watchkeeper.api.segment_rises import SegmentRise
from watchkeeper.api.standings import Standing
from watchkeeper.performance.metric import Metric
from watchkeeper.performance.track_record import NONE_YET, TrackRecord
from watchkeeper.report.metric_names import metric_name
from watchkeeper.report.words import count, moment, number, percent, probability

NOT_KNOWN = "not known: no label came"


@dataclass(frozen=True)
class Harm:
    """Alerts that fire on how well a version does: `seen` in labels, and `estimated` without; and those of `others`."""

    seen: tuple[AlertView, ...] = ()
    estimated: tuple[AlertView, ...] = ()
    others: tuple[AlertView, ...] = ()

    @property
    def tone(self) -> str:
        """The tone of what was seen."""
        return "alarm" if any(alert.severity is Severity.PAGE for alert in self.seen) else "warn"


def harm(alerts: Iterable[AlertView], version: str) -> Harm:
    """The alerts on performance that fire, the gravest first."""
    order = list(Cause)
    firing = [alert for alert in alerts if alert.state is State.FIRING and alert.cause in OF_LABELS]
    firing.sort(key=lambda alert: order.index(alert.cause))
    own = [alert for alert in firing if alert.version == version]
    return Harm(
        seen=tuple(alert for alert in own if alert.cause is not Cause.HARM_ESTIMATED),
        estimated=tuple(alert for alert in own if alert.cause is Cause.HARM_ESTIMATED),
        others=tuple(alert for alert in firing if alert.version != version),
    )


def segment_feature(alert: AlertView, features: Sequence[str]) -> str | None:
    """The feature whose values an alert of harm in a segment is about: performance.error[dest=LAX] is of `dest`."""
    if alert.cause is not Cause.SEGMENT_HARM:
        return None
    inside = alert.columns[0].partition("[")[2] if alert.columns else ""
    return max((name for name in features if inside.startswith(f"{name}=")), key=len, default=None)


def lead(told: PerformanceView) -> str:
    """What is known of the performance now, in a sentence or two."""
    main = told.total.get(told.main)
    if main is None or main.value is None:
        return "No label has come for this version in this time, so how well it does is not known."
    rows, known = (sum(getattr(w.maturity, name) for w in told.windows) for name in ("predictions", "labels"))
    share = percent(known / rows if rows else None)
    said = f"{measured(told.main, main)} on {count(known)} labels, {share} of predictions."
    young = [window for window in told.windows if not window.maturity.mature]
    if young:
        said += f" Labels of {len(young)} of {len(told.windows)} windows are still coming: their numbers may change."
    return said


def measured(name: str, metric: Metric) -> str:
    """'ROC AUC 0.675 (0.667 to 0.683)'."""
    sure = "" if metric.low is None else f" ({number(metric.low)} to {number(metric.high)})"
    return f"{metric_name(name)} {number(metric.value)}{sure}"


def standing_words(standing: Standing) -> str:
    """How well a version does, in a word: on labels of its newest mature window, with the estimate since, if any."""
    said = NOT_KNOWN
    if standing.metric is not None and standing.metric.value is not None:
        said = f"{measured(standing.name, standing.metric)}, in the window to {moment(standing.end)}"
    if standing.estimated is None or standing.estimated_end <= standing.end:
        return said
    return f"{said}; estimated since, without labels: {measured(standing.name, standing.estimated)}"


def reference_words(told: PerformanceView, name: str) -> str:
    """What the dashed line is worth; empty where the reference has no such metric."""
    metric = told.reference.get(name)
    if metric is None or metric.value is None:
        return ""
    return f"On its reference: {measured(name, metric)}; {told.reference_note}."


def estimate_words(told: PerformanceView, name: str) -> str:
    """What the estimates of a metric are worth by their own record; empty where there is none of it on the page."""
    if not any(name in window.estimated for window in told.windows):
        return ""
    record = told.record.get(name)
    method = f" by the method “{told.estimator}”" if told.estimator else ""
    if record is None or record.error is None:
        return f"Estimated without labels{method}; {NONE_YET}, so no alarm is made of it."
    if record.good:
        return f"Estimated without labels{method}. Its record is good, so it may raise an alarm. {record_words(record)}"
    return f"Estimated without labels{method}. Do not rely on it: {record.note}. {record_words(record)}"


def record_words(record: TrackRecord) -> str:
    """What the record of an estimator says."""
    return (
        f"In {count(record.windows)} windows with labels it was off by {number(record.error)} on average, where "
        f"guessing that nothing changes is off by {number(record.naive_error)}; {percent(record.coverage)} of its "
        "intervals held the truth."
    )


def reward_words(told: PerformanceView) -> str:
    """The mean of the rewards that came in this time, and how many were nothing; empty where none came."""
    mean = told.mean_reward
    if mean is None or mean.value is None:
        return ""
    sure = f" ({number(mean.low)} to {number(mean.high)})" if mean.low is not None else ""
    zeros = [window.zero_rewards for window in told.windows]
    known = [zero for zero in zeros if zero is not None]
    said = f"Mean reward {number(mean.value)}{sure} of {count(mean.n)} rewards."
    if len(known) < len(zeros):
        return f"{said} How many were zero is not known of {len(zeros) - len(known)} windows."
    return f"{said} {count(sum(known))} of them are zero ({percent(sum(known) / mean.n)}) and count in the mean."


def bias_words(told: PerformanceView, name: str) -> str:
    """Whether the model says too much or too little on average; empty where that is not known."""
    bias = told.total.get(name)
    if bias is None or bias.value is None:
        return ""
    size = number(abs(bias.value))
    if bias.low is None or bias.high is None or bias.low <= 0 <= bias.high:
        return f"On average it says neither too much nor too little, as far as can be told: {_sure(bias)}."
    way = "more" if bias.value > 0 else "less"
    return f"On average it says {size} {way} than comes true: {_sure(bias)}."


def _sure(metric: Metric) -> str:
    sure = "" if metric.low is None else f" ({number(metric.low)} to {number(metric.high)})"
    return f"prediction less truth is {number(metric.value)}{sure}"


def rise_words(rise: SegmentRise | None) -> str:
    """Since when a bad segment is bad: how its loss moved in the newest windows, beyond that of the other rows."""
    if rise is None:
        return "not known: too few mature windows have labels in it"
    moved = f"{number(rise.before)} before, {number(rise.now)} in the last {rise.windows_now} windows"
    beyond = f"{number(rise.rise)} ({number(rise.low)} to {number(rise.high)}) beyond the other rows"
    if rise.low > 0:
        return f"got worse: {moved}; by {beyond}, p {probability(rise.p_value)}"
    if rise.high < 0:
        return f"got better: {moved}; by {beyond}"
    return f"no change that could be told: {moved}"
