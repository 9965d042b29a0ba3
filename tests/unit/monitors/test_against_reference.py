"""The level of the loss against that of the labelled reference, on blocks."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.against_reference import COLUMN, against_reference
from watchkeeper.monitors.harm import BlockLosses


def losses(level: float, blocks: int = 20, n: int = 300, seed: int = 0, move: float = 0.02) -> BlockLosses:
    rng = np.random.default_rng(seed)
    mean = rng.binomial(n, level + rng.normal(0, move, blocks)) / n
    return BlockLosses.of(mean, np.full(blocks, float(n)), mean * (1 - mean) * n / (n - 1))


def judged(live: BlockLosses, reference: BlockLosses, in_sample: bool | None = False, timed: bool = True) -> Finding:
    finding = against_reference(live, reference, in_sample=in_sample, timed=timed)
    assert finding is not None
    return finding


def test_as_good_as_on_the_reference_is_ok() -> None:
    finding = judged(losses(0.2), losses(0.2, seed=1))
    assert (finding.verdict, finding.statement, finding.column) == (Verdict.OK, Statement.HARM, COLUMN)
    assert COLUMN == "performance.error against the reference"
    assert (finding.null, finding.blocks, finding.n, finding.n_reference) == ("blocks", 20, 6000, 6000)
    assert finding.sentence == finding.note == ""


def test_a_drop_alarms_against_a_holdout_and_warns_where_nobody_said() -> None:
    worse, reference = losses(0.3), losses(0.2, seed=1)
    alarm = judged(worse, reference)
    assert alarm.verdict is Verdict.ALARM
    assert "on the reference (+" in alarm.sentence
    assert alarm.effect is not None
    assert alarm.effect_low is not None
    assert alarm.effect_high is not None
    assert alarm.smallest_effect is not None
    assert 0.05 < alarm.effect_low < alarm.effect < alarm.effect_high < 0.15
    assert 0.01 < alarm.smallest_effect < alarm.effect
    warned = judged(worse, reference, in_sample=None)
    assert (warned.verdict, "--reference-is" in warned.note) == (Verdict.WARN, True)
    assert "no time" in judged(worse, reference, timed=False).note


def test_a_reference_it_was_trained_on_is_no_baseline() -> None:
    assert against_reference(losses(0.3), losses(0.2), in_sample=True) is None


def test_better_is_ok() -> None:
    finding = judged(losses(0.1), losses(0.2, seed=1))
    assert finding.verdict is Verdict.OK
    assert finding.effect is not None
    assert finding.effect < 0


def test_blocks_that_are_not_correlated_are_held_apart_by_welchs_test() -> None:
    rng = np.random.default_rng(3)
    one, other = (np.tile([-1.0, 1.0], 6) * rng.uniform(0.5, 1, 12) * spread + 1 for spread in (0.1, 0.2))
    live, reference = (BlockLosses(mean, np.full(12, 1e9), 1e-12) for mean in (one, other))
    finding = judged(live, reference)
    interval = stats.ttest_ind(one, other, equal_var=False).confidence_interval()
    assert finding.effect == pytest.approx(one.mean() - other.mean())
    assert finding.effect_low == pytest.approx(interval.low, rel=1e-6)
    assert finding.effect_high == pytest.approx(interval.high, rel=1e-6)


@pytest.mark.parametrize(("live", "reference", "says"), [(20, 7, "7 blocks of the reference"), (5, 20, "5 windows")])
def test_few_blocks_say_nothing(live: int, reference: int, says: str) -> None:
    finding = judged(losses(0.3, live), losses(0.2, reference))
    assert finding.verdict is Verdict.NOT_ENOUGH_DATA
    assert says in finding.note


def test_only_the_last_windows_count_and_empty_ones_do_not() -> None:
    old, new = losses(0.4), losses(0.2, seed=2)
    joined = BlockLosses(np.append(old.mean, new.mean), np.append(old.rows, new.rows), new.variance)
    holes = BlockLosses(np.append(joined.mean, np.nan), np.append(joined.rows, 0.0), new.variance)
    assert judged(joined, losses(0.2)).effect == judged(holes, losses(0.2)).effect == judged(new, losses(0.2)).effect


def test_a_model_that_is_never_wrong_is_judged() -> None:
    perfect = BlockLosses(np.zeros(10), np.full(10, 100.0), 0.0)
    assert judged(perfect, perfect).verdict is Verdict.OK
    assert judged(losses(0.2), perfect).verdict is Verdict.ALARM


def test_chance_rarely_alarms_and_a_rise_by_half_is_seen() -> None:
    found = [
        [judged(losses(0.2 * rise, seed=seed), losses(0.2, seed=1000 + seed)).verdict for seed in range(100)]
        for rise in (1.0, 1.5)
    ]
    assert found[0].count(Verdict.ALARM) <= 2
    assert found[1].count(Verdict.ALARM) >= 95
