"""What the performance page draws over time and in shapes, from what the API answers."""

from __future__ import annotations

from collections.abc import Sequence

from watchkeeper.api.curves import CurvesView
from watchkeeper.api.performance import PerformanceView
from watchkeeper.performance.metric import Metric
from watchkeeper.report.metric_names import metric_name
from watchkeeper.report.page import Drawn, drawn
from watchkeeper.report.realised import Realised
from watchkeeper.report.shapes import calibration_figure, curve_figure, errors_figure, scores_figure

BIAS = {"binary": "prediction_bias", "regression": "bias"}
"""The metric by task that is prediction less truth on average; other tasks have none."""

_ESTIMATED = (("", "value"), ("_low", "low"), ("_high", "high"))


def metric_series(told: PerformanceView, name: str) -> Realised:
    """A metric by window, realised and estimated, with its value on the reference."""
    reference = told.reference.get(name)
    estimates = [window.estimated.get(name) for window in told.windows]
    return _series(
        told,
        metric_name(name),
        [window.metrics.get(name) for window in told.windows],
        level=None if reference is None else reference.value,
        **{"estimated" + mark: _part(estimates, part) for mark, part in _ESTIMATED},
    )


def bias_series(told: PerformanceView) -> Realised | None:
    """Prediction less truth by window; None where the task has no such difference, or no window of it."""
    name = BIAS.get(told.task, "")
    values = [window.metrics.get(name) for window in told.windows]
    if not any(value is not None and value.value is not None for value in values):
        return None
    return _series(told, "prediction less truth", values, level=0.0, level_name="no bias")


def reward_series(told: PerformanceView) -> Realised | None:
    """The mean reward by window; None where no reward came."""
    values = [window.mean_reward for window in told.windows]
    if not any(value is not None for value in values):
        return None
    rewards = tuple(window.rewards for window in told.windows)
    return _series(told, "mean reward", values, labels=rewards, said="rewards")


def _series(told: PerformanceView, name: str, values: Sequence[Metric | None], **more: object) -> Realised:
    windows = told.windows
    fields: dict[str, object] = {
        "labels": tuple(window.maturity.labels for window in windows),
        "coverage": tuple(window.maturity.coverage for window in windows),
        "mature": tuple(window.maturity.mature for window in windows),
        **{part: _part(values, part) for part in ("value", "low", "high")},
    }
    return Realised(
        name=name,
        times=tuple(float(window.start) for window in windows),
        width=told.width,
        **(fields | more),  # type: ignore[arg-type]
    )


def _part(metrics: Sequence[Metric | None], part: str) -> tuple[float | None, ...]:
    return tuple(None if metric is None else getattr(metric, part) for metric in metrics)


def shapes(view: CurvesView) -> dict[str, Drawn]:
    """The pictures that this task has, by title."""
    made: dict[str, Drawn] = {}
    if view.roc is not None:
        curve, titles = view.roc, ("false positive rate", "true positive rate")
        made["ROC curve"] = drawn(curve_figure(curve.x, curve.y, curve.threshold, titles, chance=True))
    if view.precision_recall is not None:
        curve, base = view.precision_recall, view.precision_recall.y[-1]
        made["Precision and recall"] = drawn(
            curve_figure(curve.x, curve.y, curve.threshold, ("recall", "precision"), level=base)
        )
    if view.calibration is not None:
        points = {name: getattr(view.calibration, name) for name in view.calibration.__struct_fields__}
        made["Calibration"] = drawn(calibration_figure(points))
    if view.scores is not None:
        made["Scores by label"] = drawn(scores_figure(view.scores.edges, view.scores.rows))
    if view.errors is not None:
        made["Errors"] = drawn(errors_figure(view.errors.edges, view.errors.rows["rows"]))
    return made
