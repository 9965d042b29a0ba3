"""Metric names follow Prometheus's practice, are unique, and each says what to do."""

from __future__ import annotations

import re

import pytest

from watchkeeper import telemetry
from watchkeeper.telemetry import METRICS, SELDON_METRICS, Metric, MetricKind

BOUNDED_LABELS = {
    "model",
    "version",
    "route",
    "code_class",
    "reason",
    "state",
    "process",
    "part",
    "python",
    "outcome",
    "metric",
}


def test_names_are_unique() -> None:
    names = [metric.name for metric in METRICS]
    assert len(names) == len(set(names))


def test_every_declared_metric_is_listed() -> None:
    declared = {value.name for value in vars(telemetry).values() if isinstance(value, Metric)}
    assert declared == {metric.name for metric in METRICS}


def test_names_of_others_are_theirs() -> None:
    assert {metric.name for metric in SELDON_METRICS} == {
        f"seldon_metric_{truth}_{sign}_total" for truth in ("true", "false") for sign in ("positive", "negative")
    }


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_metric_follows_the_rules(metric: Metric) -> None:
    assert re.fullmatch(r"watchkeeper_[a-z_]+", metric.name)
    assert metric.name.endswith("_total") == (metric.kind is MetricKind.COUNTER)
    assert not metric.family.endswith("_total")
    assert set(metric.labels) <= BOUNDED_LABELS
    assert metric.help.endswith(".")
    assert metric.action.endswith(".")
