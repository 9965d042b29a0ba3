from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.compare.comparison import compare
from watchkeeper.compare.row_tests import row_test_findings, row_test_names
from watchkeeper.compare.tables import two_sides
from watchkeeper.events.errors import BadInput
from watchkeeper.events.verdict import Verdict
from watchkeeper.profiles.profile import Profile

RNG = np.random.default_rng(0)


def rows(n: int, correlation: float = 0.0, shift: float = 0.0) -> dict[str, np.ndarray]:
    x = RNG.normal(size=n)
    return {
        "x": x,
        "y": correlation * x + np.sqrt(1 - correlation**2) * RNG.normal(size=n),
        "z": RNG.normal(shift, 1, n),
    }


def verdicts(before: object, now: object, names: list[str]) -> dict[str, tuple[str, Verdict]]:
    found = row_test_findings(two_sides(before, now, None), row_test_names(names))
    return {finding.detector: (finding.feature, finding.verdict) for finding in found}


def test_a_test_of_rows_sees_what_no_column_shows() -> None:
    found = verdicts(rows(800), rows(500, correlation=0.9), ["mmd", "mann_whitney"])
    assert found["mmd"] == ("all columns together", Verdict.ALARM)
    assert found["mann_whitney"][1] is Verdict.OK


def test_a_test_of_one_column_speaks_for_the_worst() -> None:
    assert verdicts(rows(500), rows(500, shift=1.0), ["mann"])["mann_whitney"] == ("z", Verdict.ALARM)


def test_rows_with_gaps_are_left_out() -> None:
    gaps = rows(500) | {"empty": pa.nulls(500), "x": pa.array([None if i % 4 == 0 else 0.1 * i for i in range(500)])}
    finding = row_test_findings(two_sides(gaps, gaps, None), ("energy_distance",))[0]
    assert (finding.n, finding.verdict) == (375, Verdict.OK)


def test_silence_is_told() -> None:
    few = {"x": [1.0] * 5, "c": ["a"] * 5}
    assert verdicts(few, few, ["mmd"])["mmd"][1] is Verdict.NOT_ENOUGH_DATA
    text = {"c": ["a", "b"] * 50}
    assert verdicts(text, text, ["mmd"])["mmd"][1] is Verdict.NOT_COMPUTABLE
    assert verdicts(Profile.build(rows(300)), rows(100), ["mmd"])["mmd"][1] is Verdict.NOT_COMPUTABLE


def test_in_time_it_pages_nobody() -> None:
    at = {"at": np.arange(800.0) * 3600}
    moved = rows(800, shift=2.0) | at
    (finding,) = [f for f in compare(rows(800) | at, moved, time="at", rows=["mmd"]).findings if f.detector == "mmd"]
    assert finding.verdict is Verdict.WARN
    assert "time order" in finding.note


def test_unknown_names_are_refused() -> None:
    assert row_test_names(["energy", "mmd", "mmd"]) == ("energy_distance", "mmd")
    with pytest.raises(BadInput, match="no test on rows called 'c'"):
        row_test_names(["c"])


def test_huge_values_are_no_difference_and_spoil_no_other_column() -> None:
    before, now = ({**rows(300), "huge": 1e308 * RNG.choice([-1.0, 1.0], 300)} for _ in range(2))
    names = ["energy_distance", "mmd", "cramer_von_mises", "mann_whitney"]
    assert not {said for _, said in verdicts(before, now, names).values()} & {Verdict.ALARM, Verdict.NOT_COMPUTABLE}
    moved = {**rows(300, shift=2.0), "huge": now["huge"]}
    assert verdicts(before, moved, ["mmd"])["mmd"][1] is Verdict.ALARM
