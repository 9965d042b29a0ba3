"""An estimate is as loud as its record allows, and as what ordinary blocks do by themselves."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from watchkeeper.detectors.finding import Statement
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.estimated import EstimatePolicy, judge_estimate
from watchkeeper.monitors.harm import BlockLosses, HarmJudge, HarmPolicy, judge_series
from watchkeeper.performance.metric import Metric
from watchkeeper.performance.track_record import TrackRecord

NONE = TrackRecord(estimator="confidence", metric="error", windows=0)
GOOD = TrackRecord(estimator="confidence", metric="error", windows=20, coverage=0.95, good=True, note="")
BAD = msgspec.structs.replace(GOOD, good=False, note="its error is 0.2 on average")
HIGH = Metric(value=0.3, low=0.25, high=0.35, n=1000, estimated=True)


def blocks(means: list[float], rows: float = 1000.0) -> BlockLosses:
    return BlockLosses(np.array(means), np.full(len(means), rows), 0.16)


CALM = blocks([0.19, 0.2, 0.21, 0.2] * 5)
"""Ordinary blocks of a mean loss of 0.2; one of 0.243 and more is odd."""


@pytest.mark.parametrize(
    ("loss", "record", "verdict"),
    [
        (HIGH, GOOD, Verdict.ALARM),
        (HIGH, BAD, Verdict.OK),
        (HIGH, NONE, Verdict.OK),
        (msgspec.structs.replace(HIGH, low=0.23), GOOD, Verdict.WARN),
        (msgspec.structs.replace(HIGH, low=0.195), GOOD, Verdict.OK),
        (msgspec.structs.replace(HIGH, low=0.23), BAD, Verdict.OK),
        (msgspec.structs.replace(HIGH, n=99), GOOD, Verdict.NOT_ENOUGH_DATA),
        (Metric(value=None, n=1000), GOOD, Verdict.NOT_ENOUGH_DATA),
    ],
)
def test_it_alarms_only_with_a_good_record(loss: Metric, record: TrackRecord, verdict: Verdict) -> None:
    found = judge_estimate(loss, CALM, record)
    assert found.verdict is verdict
    assert found.statement is Statement.ESTIMATED


def test_hard_weekends_are_ordinary() -> None:
    weeks = blocks([0.3 if day % 7 < 2 else 0.18 for day in range(42)])
    assert judge_estimate(HIGH, weeks, GOOD).verdict is Verdict.WARN
    assert judge_estimate(HIGH, CALM, GOOD).verdict is Verdict.ALARM


def test_an_alarm_is_where_labels_would_show_an_odd_block() -> None:
    line = HarmJudge(CALM).odd_from(1000)
    assert line is not None
    assert 0.2 * 1.05 < line < 0.25
    for low, estimated, seen in ((line - 1e-6, Verdict.WARN, Verdict.OK), (line + 1e-6, Verdict.ALARM, Verdict.WARN)):
        assert judge_estimate(msgspec.structs.replace(HIGH, low=low), CALM, GOOD).verdict is estimated
        (real,) = judge_series(blocks([low]), CALM)
        assert real.verdict is seen


def test_with_few_blocks_it_never_alarms() -> None:
    found = judge_estimate(HIGH, blocks([0.2] * 7), GOOD)
    assert found.verdict is Verdict.WARN
    assert "7 ordinary blocks" in found.note
    assert found.smallest_effect is None
    assert HarmJudge(blocks([0.2] * 7)).odd_from(1000) is None


def test_the_finding_says_what_it_rests_on() -> None:
    found = judge_estimate(HIGH, CALM, NONE)
    assert "no record yet" in found.note
    assert "without labels" in found.sentence
    assert (found.effect, found.effect_low, found.effect_high) == pytest.approx((0.1, 0.05, 0.15))
    line = HarmJudge(CALM).odd_from(HIGH.n)
    assert line is not None
    assert found.smallest_effect == pytest.approx(0.05 + line - 0.2)
    assert (found.null, found.blocks, found.n_reference) == ("blocks", 20, 20_000)
    assert "95%" in judge_estimate(HIGH, CALM, GOOD).note


def test_a_loss_has_the_policys_name() -> None:
    policy = EstimatePolicy(harm=HarmPolicy(feature="absolute error", column="performance.absolute_error"))
    found = judge_estimate(HIGH, CALM, GOOD, policy)
    assert (found.feature, found.column) == ("absolute error", "performance.absolute_error")
    assert "the absolute error is 0.3" in found.sentence
