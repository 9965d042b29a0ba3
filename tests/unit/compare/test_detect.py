"""Every detector by name, against scipy and against formulas written out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.spatial.distance import cdist, jensenshannon

import watchkeeper
from watchkeeper.compare.detect import detect, full_name
from watchkeeper.detectors.registry import DETECTORS, SHORT_NAMES
from watchkeeper.detectors.rows.registry import ROW_TESTS
from watchkeeper.events.errors import BadInput
from watchkeeper.events.verdict import Verdict

RNG = np.random.default_rng(4)
BEFORE, NOW = RNG.normal(size=400), RNG.normal(0.4, 1.2, 150)
LEVELS = "abc"
OLD, NEW = ["a"] * 120 + ["b"] * 60 + ["c"] * 20, ["a"] * 40 + ["b"] * 50 + ["c"] * 10
SHARES = np.array([[0.6, 0.3, 0.1], [0.4, 0.5, 0.1]])


def test_kolmogorov_smirnov_is_scipys() -> None:
    found, scipy = detect("ks", BEFORE, NOW), stats.ks_2samp(NOW, BEFORE, method="asymp")
    assert found.effect == pytest.approx(scipy.statistic, abs=1e-12)
    assert found.p_value == pytest.approx(scipy.pvalue, rel=0.3)  # Stephens' factor


def test_cramer_von_mises_is_scipys_where_values_are_few() -> None:
    before, now = BEFORE[:200], NOW[:100]
    found, scipy = detect("cvm", before, now), stats.cramervonmises_2samp(now, before, method="asymptotic")
    assert found.statistic == pytest.approx(scipy.statistic, abs=1e-2)  # scipy centres T for small samples
    assert found.p_value == pytest.approx(scipy.pvalue, rel=0.1)


def test_joined_values_change_wasserstein_and_cramer_von_mises_by_little() -> None:
    before, now = RNG.normal(size=3000), RNG.normal(0.1, 1, 2000)
    found = detect("wasserstein", before, now)
    assert found.effect == pytest.approx(stats.wasserstein_distance(before, now) / before.std(), rel=0.02)
    scipy = stats.cramervonmises_2samp(now, before, method="asymptotic")
    assert detect("cvm", before, now).statistic == pytest.approx(scipy.statistic, rel=0.02)


def test_wasserstein_is_scipys_in_reference_standard_deviations() -> None:
    expected = stats.wasserstein_distance(BEFORE[:300], NOW) / BEFORE[:300].std()
    assert detect("wasserstein", BEFORE[:300], NOW).effect == pytest.approx(expected, rel=1e-9)


def test_mann_whitney_is_scipys() -> None:
    found = detect("mann_whitney", BEFORE, NOW)
    scipy = stats.mannwhitneyu(NOW, BEFORE, use_continuity=False, method="asymptotic")
    assert found.effect == pytest.approx(scipy.statistic / (400 * 150) - 0.5, abs=1e-12)
    assert found.p_value == pytest.approx(scipy.pvalue, rel=0.05)


def test_anderson_darling_is_the_midrank_sum_of_the_paper() -> None:
    """Scholz and Stephens' equation 7, written as loops."""
    sides = BEFORE[:40].round(1), NOW[:30].round(1)
    pooled = np.concatenate(sides)
    total, expected = len(pooled), 0.0
    for side in sides:
        for value in np.unique(pooled):
            ties = (pooled == value).sum()
            below = (pooled < value).sum() + ties / 2
            own = (side < value).sum() + (side == value).sum() / 2
            spread = below * (total - below) - total * ties / 4
            expected += ties / total * (total * own - len(side) * below) ** 2 / spread / len(side)
    found = detect("anderson_darling", *sides, permutations=199)
    assert found.statistic == pytest.approx(expected * (total - 1) / total, rel=1e-9)


def test_chi_square_and_g_are_scipys() -> None:
    table = [[40, 50, 10], [120, 60, 20]]
    chi = stats.chi2_contingency(table, correction=False)
    found = detect("chi_square", OLD, NEW)
    assert found.statistic == pytest.approx(chi.statistic, rel=1e-9)
    assert found.p_value == pytest.approx(chi.pvalue, rel=0.1)
    likelihood = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
    assert detect("g", OLD, NEW).statistic == pytest.approx(likelihood.statistic, rel=1e-9)


@pytest.mark.parametrize(("k", "kr"), [(3, 1), (10, 10), (0, 7), (40, 60)])
def test_fisher_is_scipys_one_sided_p_doubled(k: int, kr: int) -> None:
    now, before = [True] * k + [False] * (50 - k), [True] * kr + [False] * (90 - kr)
    sides = [stats.fisher_exact([[k, 50 - k], [kr, 90 - kr]], alternative=way).pvalue for way in ("less", "greater")]
    found = detect("fisher", before, now)
    assert found.p_value == pytest.approx(min(1, 2 * min(sides)), rel=1e-9)
    assert found.effect == pytest.approx(k / 50 - kr / 90)
    same = detect("fisher", [int(value) for value in before], [int(value) for value in now])
    assert same.p_value == found.p_value


def test_measures_of_shares_are_those_of_the_textbook() -> None:
    old, new = SHARES
    half = (np.array([120, 60, 20]) + 0.5) / 201.5, (np.array([40, 50, 10]) + 0.5) / 101.5
    expected = {
        "psi": ((half[1] - half[0]) * np.log(half[1] / half[0])).sum(),
        "kl": stats.entropy(half[1], half[0]),
        "js": jensenshannon(old, new, base=2),
        "hellinger": np.linalg.norm(np.sqrt(old) - np.sqrt(new)) / np.sqrt(2),
        "tv": np.abs(old - new).sum() / 2,
        "l_infinity": np.abs(old - new).max(),
    }
    for name, value in expected.items():
        found = detect(name, OLD, NEW)
        assert found.effect == pytest.approx(value, rel=1e-9), name
        assert (found.effect_low or 0) <= value <= (found.effect_high or 1), name


def test_mmd_is_the_sum_over_pairs() -> None:
    x, y = RNG.normal(size=(20, 2)), RNG.normal(size=(15, 2))

    def k(a: Any, b: Any) -> float:
        return float(np.exp(-((a - b) ** 2).sum() / 2))

    within = [
        sum(k(side[i], side[j]) for i in range(len(side)) for j in range(len(side)) if i != j)
        / (len(side) * (len(side) - 1))
        for side in (x, y)
    ]
    between = sum(k(a, b) for a in x for b in y) / (20 * 15)
    found = detect("mmd", x, y, bandwidth=1.0, standardise=False, permutations=99)
    assert found.statistic == pytest.approx(sum(within) - 2 * between, rel=1e-9)


def test_lsdd_is_the_fit_of_the_paper() -> None:
    """With every row a centre: h = mean over y less mean over x, t = (H + ridge I)^-1 h, LSDD = 2 h't - t'Ht."""
    x, y, width, ridge = RNG.normal(size=(12, 2)), RNG.normal(1, 1, size=(9, 2)), 0.8, 0.1
    centres = np.concatenate([x, y])
    h = [
        np.mean([np.exp(-((row - c) ** 2).sum() / (2 * width**2)) for row in y])
        - np.mean([np.exp(-((row - c) ** 2).sum() / (2 * width**2)) for row in x])
        for c in centres
    ]
    overlap = np.exp(-cdist(centres, centres, "sqeuclidean") / (4 * width**2))
    fitted = np.linalg.solve(overlap + ridge * np.eye(21), h)
    expected = 2 * np.dot(h, fitted) - fitted @ overlap @ fitted
    found = detect("lsdd", x, y, bandwidth=width, ridge=ridge, standardise=False, permutations=9)
    assert found.statistic == pytest.approx(expected, rel=1e-6)


def test_energy_distance_is_scipys_squared_in_one_column() -> None:
    found = detect("energy", BEFORE, NOW, standardise=False, permutations=99)
    assert found.statistic == pytest.approx(stats.energy_distance(BEFORE, NOW) ** 2, rel=1e-6)


def test_a_classifier_tells_clouds_apart() -> None:
    found = detect("c2st", RNG.normal(size=(100, 3)), RNG.normal(2, 1, (80, 3)), permutations=99)
    assert found.verdict is Verdict.ALARM
    assert found.statistic is not None
    assert found.statistic > 0.9


@pytest.mark.parametrize("name", ["missing", "range", "tail", "infinite", "unseen", "wrong_type"])
def test_kinds_of_rows(name: str) -> None:
    old, new = {
        "missing": ([1.0] * 300, [None, 1.0] * 50),
        "infinite": ([1.0, 2] * 150, [np.inf, 1.0] * 50),
        "unseen": (["a", "b"] * 150, ["c", "a"] * 50),
        "wrong_type": ([1.0, 2] * 150, ["x", "1"] * 50),
    }.get(name, (BEFORE, NOW + 9))
    found = detect(name, old, new)
    assert found.verdict is Verdict.ALARM
    assert found.detector == name


@pytest.mark.parametrize("name", [*SHORT_NAMES, *DETECTORS, *ROW_TESTS])
def test_every_name_answers_and_is_quiet_without_change(name: str) -> None:
    if name == "error":
        pytest.skip("an error is a request's, not a value's")
    rng = np.random.default_rng(11)
    before, now = (rng.integers(0, 9, n) for n in (300, 200))
    sides: tuple[Any, Any] = (before, now)
    if full_name(name) in ("fisher", "fisher_exact"):
        sides = before > 4, now > 4
    elif full_name(name) in ("levels", "unseen"):
        sides = before.astype(str), now.astype(str)
    found = detect(name, *sides)
    assert found.verdict in (Verdict.OK, Verdict.NOT_ENOUGH_DATA)
    assert found.p_value is not None
    assert found.p_value > 0.01
    assert found.n == 200
    assert found.n_reference == 300


def test_any_array_will_do() -> None:
    every = [detect("ks", kind(BEFORE), kind(NOW)).p_value for kind in (list, np.array, pd.Series)]
    assert len(set(every)) == 1


def test_silences() -> None:
    assert detect("ks", [1.0] * 4, [1.0] * 50).verdict is Verdict.NOT_ENOUGH_DATA
    assert detect("mmd", BEFORE[:20], NOW[:20] + 5, permutations=9).verdict is Verdict.NOT_ENOUGH_DATA
    assert detect("ks", BEFORE, BEFORE + 0.001, floor=0.1).verdict is Verdict.OK


def test_what_cannot_be_asked_is_refused() -> None:
    for name, sides, options, says in (
        ("nothing", (BEFORE, NOW), {}, "no detector"),
        ("error", (BEFORE, NOW), {}, "no detector"),
        ("ks", (OLD, NEW), {}, "takes numbers"),
        ("ks", ([], NOW), {}, "empty"),
        ("ks", (BEFORE, NOW), {"blocks": 3}, "no option"),
        ("mmd", (BEFORE, NOW), {"width": 3}, "no option"),
        ("fisher", (OLD, NEW), {}, "two levels"),
        ("range", (OLD, NEW), {}, "says nothing"),
        ("ks", (BEFORE, NOW), {"level": 0}, "level"),
    ):
        with pytest.raises(BadInput, match=says):
            detect(name, *sides, **options)  # type: ignore[arg-type]


def test_the_public_names() -> None:
    assert watchkeeper.detect is detect
    assert watchkeeper.stream("adwin", delta=0.01).start().update(0.5).position == 1
