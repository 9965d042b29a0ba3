from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from watchkeeper.detectors.chi_square import chi_square
from watchkeeper.detectors.result import Bar
from watchkeeper.detectors.samples import Samples
from watchkeeper.detectors.worst_cell import worst_cell, worst_cells

BAR = Bar(level=1e-4, floor=0.04)


def test_it_finds_the_one_rare_level_that_multiplied() -> None:
    reference = np.array([1000.0] * 20 + [20.0])
    window = np.array([50.0] * 20 + [20.0])
    samples = Samples(reference, window)
    assert int(worst_cells(samples, BAR)) == 20
    assert float(worst_cell(samples, BAR).p_value) < float(chi_square(samples, BAR).p_value)


def test_its_p_is_fishers_tail_over_the_cells_weight_three_quarters_of_which_are_for_a_rise() -> None:
    window, reference = np.array([80.0, 9.0, 11.0]), np.array([900.0, 90.0, 10.0])
    share = (window + reference) / (window + reference).sum()
    weight = share * (1 - share) / (share * (1 - share)).sum()
    risen = stats.fisher_exact([[11, 89], [10, 990]], alternative="greater").pvalue
    assert float(worst_cell(Samples(reference, window), BAR).p_value) == pytest.approx(
        risen / weight[2] / 0.75, rel=1e-6
    )
    fallen = worst_cell(Samples(np.array([500.0, 500.0]), np.array([20.0, 20.0 + 60.0])), BAR)
    exact = stats.fisher_exact([[80, 20], [500, 500]], alternative="greater").pvalue
    assert float(fallen.p_value) == pytest.approx(exact / 0.5 / 0.75, rel=1e-6)


def test_no_change_alarms_rarely() -> None:
    rng = np.random.default_rng(0)
    reference, windows = rng.multinomial(5000, [0.05] * 20), rng.multinomial(300, [0.05] * 20, 3000)
    p = worst_cell(Samples(reference.astype(float), windows.astype(float)), BAR).p_value
    assert (p <= 0.05).mean() <= 0.06


def test_a_common_cell_must_move_more_than_a_rare_one() -> None:
    million = 1_000_000.0
    common = worst_cell(Samples(np.array([million / 2] * 2), np.array([million * 0.51, million * 0.49])), BAR)
    assert float(common.gated) == 1.0
