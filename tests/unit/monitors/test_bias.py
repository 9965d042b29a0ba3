"""Bias is judged to both sides, in the unit of the predictions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from watchkeeper.detectors.finding import Finding
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.bias import judge_bias
from watchkeeper.monitors.harm import BlockLosses
from watchkeeper.tallies.tally import FloatArray

ROWS, SD, MOVEMENT = 400, 0.4, 0.01


def blocks(rng: np.random.Generator, number: int, level: float | FloatArray, scale: float = 1.0) -> BlockLosses:
    """Mean differences of blocks around `level`."""
    noise = rng.normal(0, MOVEMENT, number) + rng.normal(0, SD / np.sqrt(ROWS), number)
    return BlockLosses(scale * (level + noise), np.full(number, float(ROWS)), (scale * SD) ** 2)


def alarms(findings: list[Finding]) -> list[bool]:
    return [finding.verdict is Verdict.ALARM for finding in findings]


@pytest.mark.parametrize(("move", "way"), [(0.12, "rose"), (-0.12, "fell")])
def test_a_lasting_move_to_either_side_alarms_and_says_where_to(move: float, way: str) -> None:
    rng = np.random.default_rng(1)
    level = np.where(np.arange(20) < 10, 0.03, 0.03 + move)
    findings = judge_bias(blocks(rng, 20, level), blocks(rng, 20, 0.03), np.arange(20) * 3600)
    assert not any(alarms(findings)[:10])
    assert all(alarms(findings)[14:])
    last = findings[-1]
    assert last.effect == pytest.approx(move, abs=0.03)
    assert (last.effect_low or 0) < move < (last.effect_high or 0)
    assert 0 < (last.smallest_effect or 0) < abs(move)
    assert f"truth {way} to" in last.sentence
    assert last.onset in {9 * 3600, 10 * 3600, 11 * 3600}
    assert last.column == "performance.bias"


def test_a_bias_that_was_always_there_is_ordinary() -> None:
    rng = np.random.default_rng(2)
    assert not any(alarms(judge_bias(blocks(rng, 40, 0.3), blocks(rng, 20, 0.3))))


def test_bias_without_a_move_seldom_alarms() -> None:
    rng = np.random.default_rng(3)
    began = 0
    for _ in range(15):
        found = alarms(judge_bias(blocks(rng, 40, 0.0), blocks(rng, 20, 0.0)))
        began += sum(now and not before for before, now in zip([False, *found], found, strict=False))
    assert began <= 6  # 1 in 100 blocks


def test_the_unit_of_the_predictions_does_not_matter() -> None:
    one, many = (
        judge_bias(blocks(np.random.default_rng(4), 10, 0.2, scale), blocks(np.random.default_rng(5), 20, 0.0, scale))
        for scale in (1.0, 1e150)
    )
    assert [finding.verdict for finding in one] == [finding.verdict for finding in many]
    assert many[-1].effect == pytest.approx(1e150 * (one[-1].effect or 0))


def test_differences_whose_variance_is_beyond_floats_are_judged_too() -> None:
    huge = [
        replace(block, mean=1e300 * block.mean, variance=0.0)
        for block in (blocks(np.random.default_rng(4), 10, 0.2), blocks(np.random.default_rng(5), 20, 0.0))
    ]
    last = judge_bias(huge[0], huge[1])[-1]
    assert last.verdict is Verdict.ALARM
    assert last.effect == pytest.approx(0.2e300, rel=0.2)


def test_few_ordinary_blocks_few_labels_and_no_scores_say_nothing() -> None:
    rng = np.random.default_rng(6)
    few = judge_bias(blocks(rng, 2, 0.5), blocks(rng, 7, 0.0))
    unlabelled = replace(blocks(rng, 2, 0.5), rows=np.array([9.0, 0.0]))
    for findings in (few, judge_bias(unlabelled, blocks(rng, 20, 0.0))):
        assert [finding.verdict for finding in findings] == [Verdict.NOT_ENOUGH_DATA] * 2
        assert findings[0].note
    nothing = BlockLosses(np.full(3, np.nan), np.zeros(3), 0.0)
    assert judge_bias(nothing, nothing)[-1].verdict is Verdict.NOT_ENOUGH_DATA
