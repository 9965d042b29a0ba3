"""A comparison is named after the version it is made with."""

from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.against import against, judge_against, other_version
from watchkeeper.monitors.harm import BlockLosses


@pytest.mark.parametrize("version", ["3", "v 1.2", "half against half", "[a]"])
def test_the_version_is_read_back_from_the_name(version: str) -> None:
    assert other_version(against("performance.error", version)) == version


def test_what_is_compared_with_none_names_none() -> None:
    assert other_version("performance.error") == ""


def blocks(rng: np.random.Generator, number: int, level: float) -> BlockLosses:
    mean = rng.binomial(400, np.clip(level + rng.normal(0, 0.01, number), 0, 1)) / 400
    return BlockLosses(mean, np.full(number, 400.0), 0.1)


def test_a_version_that_is_worse_than_the_one_before_is_named_with_it() -> None:
    rng = np.random.default_rng(1)
    findings = judge_against(blocks(rng, 5, 0.2), blocks(rng, 40, 0.1), "3", np.arange(5))
    last = findings[-1]
    assert last.verdict is Verdict.ALARM
    assert (last.column, last.feature) == ("performance.error against 3", "error against 3")
    assert "in the last 40 windows of version 3" in last.sentence
    assert last.sentence.startswith("The error rose: 0.1955 against")
    assert last.effect == pytest.approx(0.1, abs=0.03)


def test_a_version_that_is_as_good_as_the_one_before_is_well() -> None:
    rng = np.random.default_rng(2)
    assert {finding.verdict for finding in judge_against(blocks(rng, 20, 0.1), blocks(rng, 40, 0.1), "3")} <= {
        Verdict.OK,
        Verdict.WARN,
    }


def test_a_version_before_that_had_few_windows_says_nothing() -> None:
    rng = np.random.default_rng(3)
    (finding,) = judge_against(blocks(rng, 1, 0.9), blocks(rng, 7, 0.1), "3")
    assert finding.verdict is Verdict.NOT_ENOUGH_DATA
    assert finding.feature == "error against 3"
