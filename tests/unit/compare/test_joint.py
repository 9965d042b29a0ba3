from __future__ import annotations

from typing import Any

import numpy as np

from watchkeeper.compare.joint import dependence_finding
from watchkeeper.compare.tables import two_sides
from watchkeeper.detectors.finding import Finding
from watchkeeper.events.verdict import Verdict

Q = 1 / 720


def table(rng: np.random.Generator, n: int) -> dict[str, Any]:
    income = rng.lognormal(10, 1, n)
    return {
        "income": income,
        "rent": income * rng.lognormal(-1, 0.3, n),
        "rank": np.where(income > np.median(income), "high", "low"),
        "age": rng.integers(18, 90, n),
    }


def told(before: dict[str, Any], now: dict[str, Any]) -> Finding | None:
    return dependence_finding(two_sides(before, now, None), Q, 10 * Q, "")


def test_a_column_dealt_anew_is_found_though_no_column_changed() -> None:
    rng = np.random.default_rng(1)
    before, now = table(rng, 4_000), table(rng, 1_000)
    now["rent"] = rng.permutation(now["rent"])
    finding = told(before, now)
    assert finding is not None
    assert (finding.verdict, finding.column, finding.detector) == (Verdict.ALARM, "", "dependence")
    assert finding.sentence.startswith("`income` and `rent` move together otherwise")
    assert finding.effect is not None
    assert finding.effect < -0.7


def test_a_category_counts_by_its_levels() -> None:
    rng = np.random.default_rng(2)
    before, now = table(rng, 4_000), table(rng, 1_000)
    now["rank"] = rng.permutation(now["rank"])
    finding = told(before, now)
    assert finding is not None
    assert finding.verdict is Verdict.ALARM
    assert "`rank`" in finding.sentence


def test_columns_that_change_alone_leave_no_trace() -> None:
    rng = np.random.default_rng(3)
    before, now = table(rng, 4_000), table(rng, 1_000)
    now["income"] = now["income"] * 2
    finding = told(before, now)
    assert finding is not None
    assert finding.verdict is Verdict.OK
    assert finding.smallest_effect is not None
    assert "pairs looked at" in finding.note


def test_where_there_are_too_few_rows_nothing_is_said() -> None:
    rng = np.random.default_rng(4)
    assert told(table(rng, 4_000), table(rng, 100)) is None
    assert told({"x": rng.normal(size=900)}, {"x": rng.normal(size=900)}) is None
