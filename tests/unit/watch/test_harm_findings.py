"""What is said of a window goes by the windows before it in its own era and the two before."""

from __future__ import annotations

import math

import numpy as np
import pytest

from watchkeeper.detectors.finding import Finding
from watchkeeper.events.verdict import Verdict
from watchkeeper.tallies.tally import FloatArray
from watchkeeper.watch.harm_findings import ERA, ORDINARY, era_of, harm_against, harm_in
from watchkeeper.watch.label_blocks import LabelBlocks

DAY, LENGTH = 86_400, 40 * 86_400
BASE = 500 * LENGTH


def blocks(first: int, last: int, level: float | FloatArray = 0.1, *, bias: bool = True) -> LabelBlocks:
    """Days from `first` to `last`, counted from BASE."""
    days = np.arange(first, last)
    noise = np.array([np.random.default_rng(day + 1000).normal(0, 0.01) for day in days])
    losses = np.column_stack([level + noise, np.full(len(days), 400.0), np.full(len(days), 0.09)])
    return LabelBlocks(
        BASE + days * DAY, losses, losses - [0.1, 0, 0] if bias else None, math.inf, losses[:, 1].astype(np.int64)
    )


def by_column(found: list[tuple[int, Finding]]) -> dict[str, list[int]]:
    columns: dict[str, list[int]] = {}
    for start, finding in found:
        columns.setdefault(finding.column, []).append((start - BASE) // DAY)
    return columns


def test_eras_are_counted_from_the_epoch() -> None:
    assert era_of(BASE, DAY) == era_of(BASE + LENGTH - 1, DAY) == BASE
    assert era_of(BASE + LENGTH, DAY) == BASE + LENGTH == BASE + ERA * DAY


def test_every_window_after_the_ordinary_ones_is_judged_once() -> None:
    found = by_column(list(harm_in(blocks(-60, 70), DAY, BASE)))
    assert found == {"performance.error": list(range(70)), "performance.bias": list(range(70))}
    young = by_column(list(harm_in(blocks(10, 50, bias=False), DAY, BASE)))
    assert young == {"performance.error": list(range(10 + ORDINARY, 50))}
    assert list(harm_in(blocks(0, ORDINARY), DAY, BASE)) == list(harm_in(blocks(0, 0), DAY, BASE)) == []


def test_windows_that_come_later_change_nothing_that_was_said() -> None:
    level = np.where(np.arange(-80, 90) < 30, 0.1, 0.2)
    whole = dict(pair for pair in harm_in(blocks(-80, 90, level, bias=False), DAY, BASE))
    for last in (35, 60):
        part = dict(harm_in(blocks(-80, last, level[: last + 80], bias=False), DAY, BASE))
        assert part == {start: finding for start, finding in whole.items() if start < BASE + last * DAY}
    assert whole[BASE + 29 * DAY].verdict is not Verdict.ALARM
    assert whole[BASE + 34 * DAY].verdict is Verdict.ALARM


def test_a_base_further_back_says_the_same_of_later_eras() -> None:
    own = blocks(-160, 60)
    near, far = (dict(p for p in harm_in(own, DAY, base) if p[0] >= BASE) for base in (BASE, BASE - 2 * LENGTH))
    assert near == far


@pytest.mark.parametrize("level", [0.1, 0.25])
def test_against_another_version_the_first_window_is_judged(level: float) -> None:
    found = list(harm_against(blocks(3, 30, level), blocks(-40, 0), "7", DAY, BASE))
    assert by_column(found) == {"performance.error against 7": list(range(3, 30))}
    assert (found[-1][1].verdict is Verdict.ALARM) is (level > 0.1)
    assert found[-1][1].n_reference == 40 * 400
