"""Every cause is described, and every finding has one."""

from __future__ import annotations

import pytest

from tests.unit.alerts.findings import broken, harm, service, unusual
from watchkeeper.alerts.cause import BREAKS, CAUSES, GRAVITY, OF_LABELS, Cause, Severity, cause_of
from watchkeeper.detectors.finding import Finding, Statement


def test_every_cause_is_described() -> None:
    assert set(CAUSES) == set(Cause) == set(GRAVITY)


def test_of_what_labels_say_only_harm_that_was_seen_pages_and_at_once() -> None:
    pages = {cause for cause in OF_LABELS if CAUSES[cause].severity is Severity.PAGE}
    assert pages == {cause for cause in OF_LABELS if CAUSES[cause].hard} == {Cause.HARM}
    assert not OF_LABELS & BREAKS


@pytest.mark.parametrize(
    ("finding", "cause"),
    [
        (broken("age", detector="missing rate"), Cause.MISSING),
        (broken("age", detector="wrong type"), Cause.WRONG_TYPE),
        (broken("age", detector="nan"), Cause.NOT_FINITE),
        (broken("city", detector="unseen"), Cause.UNSEEN),
        (broken("age", detector="out of range"), Cause.OUT_OF_RANGE),
        (broken("age", detector="beyond"), Cause.OUT_OF_RANGE),
        (broken("age", detector="unit"), Cause.UNIT),
        (broken("age", detector="something new"), Cause.BROKEN),
        (unusual("age"), Cause.DISTRIBUTION),
        (unusual("prediction", column="output.late"), Cause.PREDICTIONS),
        (harm(), Cause.HARM),
        (harm(column="performance.error against 3"), Cause.HARM),
        (harm(column="performance.error against a[b"), Cause.HARM),
        (harm(column="performance.error[carrier = AA]"), Cause.SEGMENT_HARM),
        (harm(column="performance.bias"), Cause.BIAS),
        (harm(column="performance.bias[late]"), Cause.BIAS),
        (harm(statement=Statement.ESTIMATED), Cause.HARM_ESTIMATED),
        (service("status"), Cause.ERRORS),
        (service("latency"), Cause.LATENCY),
        (service("throughput"), Cause.TRAFFIC),
        (service("heartbeat"), Cause.NO_SIGN_OF_LIFE),
        (service("disk"), Cause.RESOURCES),
    ],
)
def test_cause_of(finding: Finding, cause: Cause) -> None:
    assert cause_of(finding) is cause
