"""Bad segments are found, and none where there is none."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from watchkeeper.performance.levels import Levels
from watchkeeper.performance.pairs import Pairs
from watchkeeper.performance.slices import Moments, Where, between_variance, segment_moments, worst_segments
from watchkeeper.schema.numbers import BoolArray
from watchkeeper.tallies.tally import FloatArray


def make(seed: int, n: int, planted: float) -> tuple[Pairs, dict[str, Levels]]:
    """Errors of 10 %, and `planted` more where A = p and B = q."""
    rng = np.random.default_rng(seed)
    features = {name: rng.choice(list("pqrst"), n) for name in "ABCD"}
    rate = 0.1 + planted * ((features["A"] == "p") & (features["B"] == "q"))
    truth = rng.integers(0, 2, n)
    said = np.where(rng.random(n) < rate, 1 - truth, truth)
    pairs = Pairs.of("binary", ("0", "1"), pa.table({"label": said}), truth)
    return pairs, {name: Levels.of(levels.tolist()) for name, levels in features.items()}


def test_a_planted_segment_is_the_only_one_found() -> None:
    pairs, features = make(0, 10_000, 0.25)
    search = worst_segments(segment_moments(pairs, features))
    assert [one.name for one in search.found] == ["A = p and B = q"]
    worst = search.found[0]
    assert worst.low < 0.25 < worst.high
    assert worst.rest == pytest.approx(0.1, abs=0.01)
    assert search.tested == 4 * 5 + 6 * 25


def test_a_bad_level_is_told_by_itself_not_by_its_parts() -> None:
    rng = np.random.default_rng(1)
    levels = rng.choice(list("pqrst"), (2, 5000))
    truth = rng.integers(0, 2, 5000)
    said = np.where(rng.random(5000) < 0.1 + 0.1 * (levels[0] == "p"), 1 - truth, truth)
    pairs = Pairs.of("binary", ("0", "1"), pa.table({"label": said}), truth)
    search = worst_segments(
        segment_moments(pairs, {"A": Levels.of(levels[0].tolist()), "B": Levels.of(levels[1].tolist())})
    )
    assert [one.name for one in search.found] == ["A = p"]


def test_nothing_is_found_where_nothing_is() -> None:
    found = [bool(worst_segments(segment_moments(*make(seed, 1000, 0.0))).found) for seed in range(40)]
    assert sum(found) <= 5


def test_small_segments_are_skipped_and_counted() -> None:
    pairs, features = make(0, 300, 0.0)
    search = worst_segments(segment_moments(pairs, features))
    assert search.skipped == 6 * 25
    assert search.tested == 20
    assert worst_segments([], q=0.05).tested == 0


def test_moments_are_those_of_the_rows() -> None:
    pairs, features = make(0, 500, 0.2)
    by_where = {one.where: one for one in segment_moments(pairs, features, depth=1)}
    wrong = np.asarray(pairs.predicted) != np.asarray(pairs.truth)
    inside = features["A"].codes == features["A"].names.index("p")
    one = by_where[("A", "p"),]
    assert one.rows == one.effective == inside.sum()
    assert one.mean == pytest.approx(wrong[inside].mean())
    assert by_where[()].rows == 500
    assert len(by_where) == 21


def test_missing_and_rare_levels() -> None:
    pairs, _ = make(0, 200, 0.0)
    moments = segment_moments(pairs, {"A": Levels.of([None] * 100 + list(range(100)))})
    names = {one.where[0][1] for one in moments if one.where}
    assert "missing" in names
    assert len(names) == 50


def test_spread_of_true_effects() -> None:
    rng = np.random.default_rng(0)
    noise: FloatArray = np.full(2000, 0.01)
    assert between_variance(rng.normal(0, 0.1, 2000), noise) < 0.001
    assert between_variance(rng.normal(0, 0.3, 2000), noise) == pytest.approx(0.08, rel=0.1)
    assert between_variance(np.array([0.1]), np.array([0.1])) == 0


def test_luck_is_shrunk() -> None:
    """Of equal segments the one that looks worst is, in truth, like the others."""
    whole = Moments(where=(), rows=10_000, effective=10_000, mean=0.1, mean_square=0.1)
    noisy = [
        Moments(where=(("A", str(k)),), rows=100, effective=100, mean=m, mean_square=m)
        for k, m in enumerate(np.random.default_rng(0).binomial(100, 0.1, 50) / 100)
    ]
    search = worst_segments([whole, *noisy], q=1.0)
    worst = max(one.mean for one in noisy) - 0.1
    assert 0 < max(one.excess for one in search.found) < 0.7 * worst


def test_the_same_rows_under_two_names_are_one_segment() -> None:
    pairs, features = make(0, 10_000, 0.25)
    is_p = features["A"].codes == features["A"].names.index("p")
    features["code of A"] = Levels(("0", "1"), is_p.astype(np.int64))
    (worst,) = worst_segments(segment_moments(pairs, features)).found
    assert worst.name == "A = p and B = q"
    assert worst.also == ((("B", "q"), ("code of A", "1")),)


@given(st.integers(0, 10_000), st.floats(0.0, 0.4))
@settings(max_examples=15)
def test_the_search_finds_what_a_look_at_every_row_finds(seed: int, planted: float) -> None:
    """The same moments, and the same p-values, as of rows taken one segment at a time."""
    pairs, features = make(seed, 600, planted)
    by_where = {one.where: one for one in segment_moments(pairs, features)}
    wrong = (np.asarray(pairs.predicted) != np.asarray(pairs.truth)).astype(float)
    inside = {where: np.all([_is(features, *part) for part in where] or [wrong >= 0], 0) for where in by_where}
    for where, one in by_where.items():
        assert (one.rows, one.mean) == pytest.approx((inside[where].sum(), wrong[inside[where]].mean()))
    tested = [where for where in by_where if where and inside[where].sum() >= 20]
    p = {where: _naive_p(wrong, inside, where) for where in tested}
    below = sorted(p.values())
    line = max((value for k, value in enumerate(below, 1) if value <= 0.05 * k / len(below)), default=-1.0)
    search = worst_segments(list(by_where.values()), minimum=20, most=1000)
    assert search.tested == len(tested)
    for bad in search.found:
        assert bad.p_value == pytest.approx(p[bad.where])
        assert bad.p_value <= line * (1 + 1e-9)
    assert bool(search.found) == (line >= 0)


def _is(features: dict[str, Levels], name: str, level: str) -> BoolArray:
    return features[name].codes == features[name].names.index(level)


def _naive_p(wrong: FloatArray, inside: dict[Where, BoolArray], where: Where) -> float:
    """Welch's one-sided p against all other rows, and against those of either one-feature segment."""
    parts = [inside[()], *([inside[part,] for part in where] if len(where) > 1 else [])]
    outside = [of & ~inside[where] for of in parts]
    return max(_welch(wrong[inside[where]], wrong[rows]) for rows in outside if rows.sum() >= 2)


def _welch(one: FloatArray, other: FloatArray) -> float:
    noise = sum((x.var() + 0.5 * (x**2).mean() / (len(x) + 1)) / (len(x) - 1) for x in (one, other))
    return float(norm.sf((one.mean() - other.mean()) / np.sqrt(noise)))
