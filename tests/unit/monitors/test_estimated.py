"""An estimate is as loud as its record allows."""

from __future__ import annotations

import msgspec
import pytest

from watchkeeper.detectors.finding import Statement
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.estimated import judge_estimate
from watchkeeper.performance.metric import Metric
from watchkeeper.performance.track_record import TrackRecord

NONE = TrackRecord(estimator="confidence", metric="error", windows=0)
GOOD = TrackRecord(estimator="confidence", metric="error", windows=20, coverage=0.95, good=True, note="")
BAD = msgspec.structs.replace(GOOD, good=False, note="its error is 0.2 on average")
HIGH = Metric(value=0.3, low=0.25, high=0.35, n=1000, estimated=True)


@pytest.mark.parametrize(
    ("loss", "record", "verdict"),
    [
        (HIGH, GOOD, Verdict.ALARM),
        (HIGH, BAD, Verdict.OK),
        (HIGH, NONE, Verdict.OK),
        (msgspec.structs.replace(HIGH, low=0.205), GOOD, Verdict.WARN),
        (msgspec.structs.replace(HIGH, low=0.195), GOOD, Verdict.OK),
        (msgspec.structs.replace(HIGH, low=0.205), BAD, Verdict.OK),
        (msgspec.structs.replace(HIGH, n=99), GOOD, Verdict.NOT_ENOUGH_DATA),
        (Metric(value=None, n=1000), GOOD, Verdict.NOT_ENOUGH_DATA),
    ],
)
def test_it_alarms_only_with_a_good_record(loss: Metric, record: TrackRecord, verdict: Verdict) -> None:
    found = judge_estimate(loss, 0.2, record)
    assert found.verdict is verdict
    assert found.statement is Statement.ESTIMATED


def test_the_finding_says_what_it_rests_on() -> None:
    found = judge_estimate(HIGH, 0.2, NONE, blocks=20)
    assert "no record yet" in found.note
    assert "without labels" in found.sentence
    assert (found.effect, found.effect_low, found.effect_high) == pytest.approx((0.1, 0.05, 0.15))
    assert found.smallest_effect == pytest.approx(0.06)
    assert found.null == "blocks"
    assert "95%" in judge_estimate(HIGH, 0.2, GOOD).note
