"""How far the loss of a segment rose beyond that of the other rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from watchkeeper.events.errors import BadInput
from watchkeeper.monitors.segment_evidence import Evidence, SegmentPolicy, evidence, moderated
from watchkeeper.performance.levels import Levels
from watchkeeper.performance.segment_blocks import LossRows, Sums
from watchkeeper.tallies.tally import FloatArray

ORDINARY, RECENT = np.arange(30), np.arange(30, 38)


def rows(rng: np.random.Generator, rate: FloatArray, a_block: int = 400, levels: int = 20) -> LossRows:
    """Errors at `rate` (levels, 38) by level and block."""
    block = np.repeat(np.arange(38), a_block)
    level = rng.integers(0, levels, len(block))
    loss = (rng.random(len(block)) < rate[level, block]).astype(float)
    names = tuple(f"l{k}" for k in range(levels))
    return LossRows(loss, np.ones(len(loss)), block, 38, {"A": Levels(names, level)})


def judged(some: LossRows, policy: SegmentPolicy | None = None) -> Evidence:
    sums = Sums.of(some)
    return evidence(sums, Sums.whole(some) - sums, ORDINARY, RECENT, policy)


def test_p_values_of_ordinary_segments_are_even_or_careful() -> None:
    """Where nothing rises small p-values are no more common, though blocks move and bad days multiply every loss."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(40):
        rate = 0.1 * np.exp(rng.normal(0, 0.15, (20, 38))) * np.exp(rng.normal(0, 0.3, 38))
        found.append(judged(rows(rng, rate), SegmentPolicy(tolerance=0.0)).p_value)
    p = np.concatenate(found)
    assert len(p) == 800
    assert (p < 0.05).mean() < 0.07
    assert (p < 0.005).mean() < 0.01


def test_a_rise_of_one_segment_is_told_by_its_size() -> None:
    rate = np.full((20, 38), 0.2)
    rate[3, 30:] = 0.5
    found = judged(rows(np.random.default_rng(1), rate))
    assert int(np.argmin(found.p_value)) == 3
    assert found.p_value[3] < 1e-5
    assert found.rise[3] == pytest.approx(0.3, abs=3 * found.error[3])
    assert found.now[3] == pytest.approx(0.5, abs=0.1)
    assert (np.delete(found.p_value, 3) > 1e-4).all()


def test_a_rise_of_all_rows_is_no_harm_in_a_segment() -> None:
    """Not even where losses double from levels of their own."""
    rate = np.tile(np.linspace(0.05, 0.4, 20)[:, None], (1, 38))
    rate[:, 30:] *= 2
    found = judged(rows(np.random.default_rng(2), rate))
    assert (found.now[5:] > 1.5 * found.before[5:]).all()
    assert found.p_value.min() > 0.001


def test_one_bad_day_is_no_lasting_harm() -> None:
    rate = np.full((20, 38), 0.2)
    rate[3, 34] = 0.95
    assert judged(rows(np.random.default_rng(3), rate)).p_value[3] > 0.01


def test_a_segment_that_stays_while_all_others_get_better_did_not_rise() -> None:
    rate = np.full((20, 38), 0.3)
    rate[1:, 30:] = 0.1
    assert judged(rows(np.random.default_rng(4), rate)).p_value[0] == 1.0


def test_small_segments_have_no_support() -> None:
    rate = np.full((20, 38), 0.2)
    found = judged(rows(np.random.default_rng(5), rate, a_block=40))
    assert not found.support.any()
    assert np.isnan(found.p_value).all()


def test_losses_without_errors_and_rewards_below_zero_are_no_trouble() -> None:
    rng = np.random.default_rng(6)
    assert not judged(rows(rng, np.zeros((20, 38)))).support.any()
    some = rows(rng, np.full((20, 38), 0.5))
    turned = LossRows(-10 * some.loss - rng.random(len(some.loss)), some.weight, some.block, some.blocks, some.features)
    found = judged(turned)
    assert found.support.all()
    assert np.nanmin(found.p_value) > 1e-4


@given(st.integers(0, 1000), st.floats(0.01, 100.0))
@settings(max_examples=10)
def test_the_unit_of_the_loss_does_not_matter(seed: int, unit: float) -> None:
    some = rows(np.random.default_rng(seed), np.full((20, 38), 0.3), a_block=200)
    scaled = LossRows(unit * some.loss, some.weight, some.block, some.blocks, some.features)
    np.testing.assert_allclose(judged(scaled).p_value, judged(some).p_value, rtol=1e-6)


def test_variances_are_shrunk_as_far_as_they_are_alike() -> None:
    rng = np.random.default_rng(7)
    df, used = np.full(400, 10.0), np.ones(400, bool)
    alike, gained = moderated(stats.chi2.rvs(10, size=400, random_state=rng) / 10, df, used)
    assert gained > 20
    assert alike.std() < 0.15
    true = stats.invgamma.rvs(3, scale=3, size=400, random_state=rng)
    apart, gained = moderated(true * stats.chi2.rvs(10, size=400, random_state=rng) / 10, df, used)
    assert gained == pytest.approx(6, abs=2.5)  # an inverse gamma of shape 3 is a prior of 6 degrees of freedom
    assert moderated(apart[:5], df[:5], used[:5])[1] == 0


def test_a_policy_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(BadInput, match="level"):
        SegmentPolicy(level=0.2, warn_level=0.1)
