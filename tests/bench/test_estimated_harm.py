"""Counting what estimates are worth: when a notice is open, right, or in vain."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from bench.detection.harm import CALIBRATE, MONITOR
from bench.estimated_harm import Answered, Told, _answered, judged, line, notices, told, weekends
from tests.unit.monitors.test_estimated import CALM, GOOD, HIGH
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.estimated import judge_estimate

ROWS, BLOCKS = 60, CALIBRATE + MONITOR
ALARM = judge_estimate(HIGH, CALM, GOOD)


def seen(wrong: range) -> Answered:
    """Blocks of which a tenth is wrong, and half in blocks `wrong`; scores say nothing of it."""
    rng = np.random.default_rng(0)
    block = np.repeat(np.arange(-10, BLOCKS), ROWS)
    rate = np.where(np.isin(block, wrong), 0.5, 0.1)
    label = (rng.random(len(block)) < 0.5).astype(float)
    score = np.where((rng.random(len(block)) < rate) != (label > 0.5), 0.9, 0.1)
    return _answered(pa.table({"x": rng.normal(size=len(block))}), pa.table({"probability": score}), label, block)


def test_a_notice_is_open_from_the_second_alarm_until_two_blocks_are_well() -> None:
    alarm = np.array([1, 0, 1, 1, 0, 1, 0, 0, 1, 0], bool)
    assert notices(alarm).tolist() == [False] * 3 + [True] * 4 + [False] * 3


def test_what_is_counted_of_notices() -> None:
    harmed, calm = seen(range(CALIBRATE + 30, BLOCKS)), seen(range(0))
    findings = [ALARM if CALIBRATE + 30 <= place < CALIBRATE + 40 else None for place in range(BLOCKS)]
    right = told(harmed, findings)
    assert (right.windows, right.good, right.ordinary, right.alarms, right.alarms_right) == (10, 10, 30, 10, 10)
    assert (right.notices, right.right, right.vain, right.onsets, right.found) == (1, 1, 0, 1, 1)
    vain = told(calm, findings)
    assert (vain.notices, vain.right, vain.vain, vain.onsets, vain.ordinary) == (1, 0, 1, 0, MONITOR)
    both = right + vain
    assert isinstance(both, Told)
    assert "1.11 (1 of 90) | 1 of 1" in line("both", "scores", both)


def test_blocks_are_judged_as_live() -> None:
    found = judged(seen(range(0)), 86_400)
    assert len(found) == BLOCKS
    assert found[5] is None, "nothing teaches it"
    last = found[-1]
    assert last is not None
    assert last.n == ROWS
    assert last.verdict in {Verdict.OK, Verdict.NOT_ENOUGH_DATA}
    assert last.statistic == pytest.approx(0.1, abs=0.05)


def test_the_made_stream_is_by_days() -> None:
    stream = weekends()
    assert len(stream.bounds()) - 1 == 200
    assert stream.label is not None
    assert 0.4 < stream.label.mean() < 0.6
