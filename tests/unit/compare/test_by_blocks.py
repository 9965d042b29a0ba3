from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.compare.by_blocks import Ordinary, _decided, block_width, compare_by_blocks
from watchkeeper.compare.by_rows import compare_by_rows
from watchkeeper.compare.tables import two_sides
from watchkeeper.detectors.finding import Finding
from watchkeeper.events.verdict import Verdict

DAY = 86_400


def days(rng: np.random.Generator, first: int, count: int, shift: float = 0.0) -> pa.Table:
    """Days of 200 rows, each day's level moving by a tenth of a deviation."""
    levels = rng.normal(size=count) * 0.1 + shift
    at = np.concatenate([np.linspace(d * DAY, (d + 1) * DAY - 1, 200) for d in range(first, first + count)])
    return pa.table(
        {
            "x": np.concatenate([rng.normal(level, 1, 200) for level in levels]),
            "c": rng.choice(np.array(["a", "b"]), 200 * count),
            "at": pa.array((at * 1e6).astype(np.int64)).cast(pa.timestamp("us")),
        }
    )


def findings(before: pa.Table, now: pa.Table) -> list[Finding]:
    return compare_by_blocks(two_sides(before, now, "at"))


def verdicts(told: list[Finding]) -> dict[str, set[Verdict]]:
    return {name: {f.verdict for f in told if f.feature == name} for name in ("x", "c")}


def test_an_ordinary_day_alarms_by_rows_but_not_by_blocks() -> None:
    rng = np.random.default_rng(1)
    before, by_rows, by_blocks = days(rng, 0, 60), 0, 0
    for k in range(15):
        sides = two_sides(before, days(rng, 60 + k, 1, shift=0.2 * (-1) ** k), "at")
        by_rows += any(f.verdict is Verdict.ALARM for f in compare_by_rows(sides))
        by_blocks += any(f.verdict is Verdict.ALARM for f in compare_by_blocks(sides))
    assert by_blocks <= 2 < by_rows


def test_a_day_unlike_all_others_alarms_and_names_its_column() -> None:
    rng = np.random.default_rng(2)
    told = findings(days(rng, 0, 60), days(rng, 60, 1, shift=1.0))
    assert Verdict.ALARM in verdicts(told)["x"]
    assert verdicts(told)["c"] == {Verdict.OK}
    deciding = next(f for f in told if f.feature == "x" and f.verdict is Verdict.ALARM)
    assert deciding.null == "blocks"
    assert deciding.blocks == 60


def test_every_effect_is_set_against_the_same_effect_of_the_blocks() -> None:
    rng = np.random.default_rng(3)
    told = findings(days(rng, 0, 60), days(rng, 60, 1))
    described = [f for f in told if f.detector in ("kolmogorov_smirnov", "wasserstein", "jensen_shannon")]
    assert described
    for finding in described:
        assert finding.null == "blocks"
        assert finding.p_value is not None
        assert finding.p_value > 0.005
        assert finding.smallest_effect is not None


def test_too_few_blocks_are_not_enough_data() -> None:
    rng = np.random.default_rng(4)
    before = days(rng, 0, 1).slice(0, 20)
    told = findings(before, days(rng, 60, 1))
    assert all(f.verdict in (Verdict.NOT_ENOUGH_DATA, Verdict.NOT_COMPUTABLE) for f in told)


def test_blocks_as_long_as_the_table_are_preferred() -> None:
    rng = np.random.default_rng(5)
    reference = two_sides(days(rng, 0, 60), days(rng, 60, 1), "at").reference
    assert block_width(reference, DAY - 1) == (DAY, "")
    width, note = block_width(reference, 30 * DAY)
    assert width is not None
    assert len(reference.blocks_of(width)[0]) >= 8
    assert "stand in for them" in note


def test_a_week_that_moved_is_judged_by_weeks() -> None:
    rng = np.random.default_rng(6)
    told = findings(days(rng, 0, 70), days(rng, 70, 7, shift=0.8))
    assert Verdict.ALARM in verdicts(told)["x"]


def test_ordinary_effects_are_lognormal() -> None:
    rng = np.random.default_rng(7)
    effect: Any = np.exp(rng.normal(-3, 0.3, (400, 1)))
    ordinary = Ordinary.of(effect, np.zeros((400, 1)))
    assert ordinary.p(float(np.exp(-3)), 0) == pytest.approx(0.5, abs=0.1)
    assert ordinary.p(ordinary.smallest(0, 0.01), 0) == pytest.approx(0.01, rel=1e-6)


@pytest.mark.parametrize(("smallest", "said"), [(0.2, Verdict.OK), (1.9, Verdict.NOT_ENOUGH_DATA)])
def test_a_silence_that_nothing_could_have_broken_is_no_ok(smallest: float, said: Verdict) -> None:
    silent = Finding(
        feature="x",
        detector="location",
        verdict=Verdict.OK,
        effect=0.1,
        effect_name="rank shift",
        smallest_effect=smallest,
    )
    decided = _decided(silent, "")
    assert decided.verdict is said
    assert decided.smallest_effect == (smallest if said is Verdict.OK else None)


def test_all_columns_together_have_no_largest_move_and_may_be_ok() -> None:
    rng = np.random.default_rng(8)
    before, now = (
        days(rng, first, count).drop_columns(["c"]).append_column("y0", [rng.normal(size=200 * count)])
        for first, count in ((0, 40), (40, 1))
    )
    for place in range(1, 8):
        before = before.append_column(f"y{place}", [rng.normal(size=before.num_rows)])
        now = now.append_column(f"y{place}", [rng.normal(size=now.num_rows)])
    (together,) = (f for f in findings(before, now) if not f.column)
    assert together.verdict is Verdict.OK
    assert together.smallest_effect is not None
    assert together.smallest_effect > 1
    assert "for any change to stand out" not in together.note


def test_importance_weighs_columns_against_blocks_too() -> None:
    rng = np.random.default_rng(9)
    before, now = days(rng, 0, 40), days(rng, 40, 1, shift=0.2)

    def needs_more_blocks(importance: dict[str, float]) -> set[str]:
        told = compare_by_blocks(two_sides(before, now, "at", importance=importance))
        return {f.feature for f in told if "Tail extrapolated" in f.note}

    assert needs_more_blocks({}) == set()
    assert needs_more_blocks({"x": 0.1}) == {"x"}
