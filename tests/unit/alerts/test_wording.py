"""Alerts say whose, what and how much."""

from __future__ import annotations

import msgspec

from tests.unit.alerts.findings import broken
from watchkeeper.alerts.alert import EVERYTHING
from watchkeeper.alerts.cause import Cause
from watchkeeper.alerts.wording import name_features, summary, title


def test_title() -> None:
    assert title("late", "v1", Cause.MISSING, "input.age", ("age",)) == "late v1: missing values in age"
    assert title("late", "v1", Cause.LATENCY, "service.latency", ("latency",)) == "late v1: latency rose"
    assert title("watchkeeper", "watch", Cause.RESOURCES, "process.watch.disk", ("disk",)) == (
        "watchkeeper watch: resources (disk)"
    )
    bias = ("prediction bias",)
    assert title("late", "v1", Cause.BIAS, "performance.bias", bias) == "late v1: prediction bias moved"
    assert title("late", "v2", Cause.HARM, "performance.error against v1", ("error against v1",)) == (
        "late v2: harm seen in error against v1"
    )
    assert title("late", "v1", Cause.SEGMENT_HARM, "performance.error[age]", ("error where age is 7",)) == (
        "late v1: harm in a segment (error where age is 7)"
    )
    assert title("late", "v1", Cause.MISSING, EVERYTHING, tuple("abc")) == "late v1: 3 features went missing at once"


def test_many_features_are_counted() -> None:
    assert name_features(tuple("abc")) == "a, b, c"
    assert name_features(tuple("abcdefgh")) == "a, b, c, d, e and 3 more"


def test_summary() -> None:
    assert summary(Cause.MISSING, "input.age", ("age",), broken("age")) == "age went wrong."
    assert summary(Cause.MISSING, EVERYTHING, ("a", "b"), broken("a")).startswith(
        "a, b went missing in the same window."
    )


def test_summary_without_a_sentence() -> None:
    finding = msgspec.structs.replace(broken("age"), sentence="")
    assert summary(Cause.MISSING, "input.age", ("age",), finding) == (
        "age is broken by missing rate: 0.3 share, on 1000 rows."
    )


def test_what_followed_is_named() -> None:
    said = summary(Cause.MISSING, "input.age", ("age",), broken("age"), ("prediction late",))
    assert said == "age went wrong. With it changed: prediction late."
