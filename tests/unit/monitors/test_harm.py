from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.errors import BadInput
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.harm import BlockLosses, HarmJudge, HarmPolicy, judge_series
from watchkeeper.tallies.tally import FloatArray

ROWS = 400
MOVEMENT = 0.02


def blocks(rng: np.random.Generator, number: int, level: float | FloatArray, scale: float = 1.0) -> BlockLosses:
    """Error rates of blocks that move by themselves."""
    rate = np.clip(level + rng.normal(0, MOVEMENT, number), 0.001, 0.999)
    return BlockLosses(scale * rng.binomial(ROWS, rate) / ROWS, np.full(number, float(ROWS)), 0.16 * scale**2)


def scaled(losses: BlockLosses, unit: float) -> BlockLosses:
    return replace(losses, mean=losses.mean * unit, variance=0.0)


def verdicts(findings: list[Finding]) -> list[Verdict]:
    return [finding.verdict for finding in findings]


def test_lasting_harm_alarms_says_how_much_and_since_when() -> None:
    rng = np.random.default_rng(1)
    losses = blocks(rng, 30, np.where(np.arange(30) < 20, 0.2, 0.3))
    findings = judge_series(losses, blocks(rng, 40, 0.2), starts=np.arange(30) * 3600)
    assert Verdict.ALARM not in verdicts(findings)[:20]
    assert verdicts(findings)[22:] == [Verdict.ALARM] * 8
    last = findings[-1]
    assert last.statement is Statement.HARM
    assert last.effect == pytest.approx(0.1, abs=0.02)
    assert (last.effect_low or 0) < 0.1 < (last.effect_high or 0)
    assert last.onset == 20 * 3600
    assert (last.onset_low or 0) <= 20 * 3600 <= (last.onset_high or 0)
    assert "rose" in last.sentence
    assert "10 windows" in last.sentence


def test_an_improvement_is_told_and_never_alarms() -> None:
    rng = np.random.default_rng(2)
    findings = judge_series(blocks(rng, 20, 0.1), blocks(rng, 40, 0.2))
    assert Verdict.ALARM not in verdicts(findings)
    assert "fell" in findings[-1].sentence
    assert (findings[-1].effect or 0) < 0


def test_the_alarm_ends_soon_after_the_harm() -> None:
    rng = np.random.default_rng(3)
    level = np.where((np.arange(40) >= 5) & (np.arange(40) < 20), 0.35, 0.2)
    said = verdicts(judge_series(blocks(rng, 40, level), blocks(rng, 40, 0.2)))
    assert said[19] is Verdict.ALARM
    assert Verdict.ALARM not in said[25:]


def test_ordinary_blocks_seldom_alarm() -> None:
    rng = np.random.default_rng(4)
    began = 0
    for _ in range(20):
        alarm = [v is Verdict.ALARM for v in verdicts(judge_series(blocks(rng, 50, 0.2), blocks(rng, 40, 0.2)))]
        began += sum(now and not before for before, now in zip([False, *alarm], alarm, strict=False))
    assert began <= 10  # 1 in 100 blocks


def test_it_does_not_matter_in_what_unit_the_loss_is() -> None:
    one = judge_series(blocks(np.random.default_rng(5), 20, 0.3), blocks(np.random.default_rng(6), 30, 0.2))
    many = judge_series(blocks(np.random.default_rng(5), 20, 0.3, 1e6), blocks(np.random.default_rng(6), 30, 0.2, 1e6))
    assert verdicts(one) == verdicts(many)
    assert many[-1].effect == pytest.approx(1e6 * (one[-1].effect or 0))
    assert many[-1].smallest_effect == pytest.approx(1e6 * (one[-1].smallest_effect or 0))


def test_corrected_labels_only_need_to_be_judged_again() -> None:
    rng = np.random.default_rng(7)
    ordinary, losses = blocks(rng, 40, 0.2), blocks(rng, 20, 0.4)
    corrected = replace(losses, mean=losses.mean - 0.2)
    assert Verdict.ALARM in verdicts(judge_series(losses, ordinary))
    assert Verdict.ALARM not in verdicts(judge_series(corrected, ordinary))


def test_a_state_is_a_value() -> None:
    rng = np.random.default_rng(8)
    judge = HarmJudge(blocks(rng, 40, 0.2))
    start = judge.start()
    state, _ = judge.update(start, 0.4, 100)
    again, finding = judge.update(start, 0.4, 100)
    assert state == again != start
    assert finding.n == 100
    assert finding.onset is None  # no starts were given


def test_silence_is_no_health() -> None:
    rng = np.random.default_rng(9)
    few = judge_series(blocks(rng, 3, 0.9), blocks(rng, 7, 0.2))
    assert verdicts(few) == [Verdict.NOT_ENOUGH_DATA] * 3
    judge = HarmJudge(blocks(rng, 40, 0.2))
    for mean, rows in ((1.0, 9), (float("nan"), 100)):
        state, finding = judge.update(judge.start(), mean, rows)
        assert finding.verdict is Verdict.NOT_ENOUGH_DATA
        assert state == judge.start()


def test_more_labels_let_smaller_rises_be_seen() -> None:
    judge = HarmJudge(blocks(np.random.default_rng(10), 40, 0.2))
    few, many = (judge.update(judge.start(), 0.2, rows)[1] for rows in (20, 2000))
    assert (few.smallest_effect or 0) > 2 * (many.smallest_effect or 1)
    assert "random labels a window instead of 20" in few.note
    assert "little more" in many.note


def test_a_model_that_never_erred_is_judged_too() -> None:
    perfect = BlockLosses(np.zeros(20), np.full(20, 500.0), 0.0)
    findings = judge_series(BlockLosses(np.full(5, 0.1), np.full(5, 500.0), 0.0), perfect)
    assert findings[-1].verdict is Verdict.ALARM
    assert judge_series(perfect, perfect)[-1].verdict is Verdict.OK


def test_one_outage_among_the_ordinary_blocks_is_not_ordinary() -> None:
    rng = np.random.default_rng(11)
    ordinary, losses = blocks(rng, 40, 0.2), blocks(rng, 10, 0.35)
    spoilt = replace(ordinary, mean=np.where(np.arange(40) == 17, 1.0, ordinary.mean))
    assert judge_series(losses, spoilt)[-1].verdict is Verdict.ALARM


def test_a_policy_must_make_sense() -> None:
    with pytest.raises(BadInput, match="tolerance"):
        HarmPolicy(tolerance=-0.1)
    with pytest.raises(BadInput, match="counts of rows"):
        BlockLosses(np.zeros(3), np.ones(2), 0.1)


def test_a_reward_that_falls_is_harm_too() -> None:
    """A reward's loss is the reward with its sign turned: negative, and higher is worse."""
    rng = np.random.default_rng(12)
    ordinary, worse = blocks(rng, 40, 0.7), blocks(rng, 10, 0.5)
    turned = [replace(losses, mean=-losses.mean) for losses in (worse, ordinary)]
    last = judge_series(turned[0], turned[1])[-1]
    assert last.verdict is Verdict.ALARM
    assert (last.floor or 0) > 0
    assert "(+" in last.sentence


def test_the_variance_of_blocks_is_pooled() -> None:
    losses = BlockLosses.of(np.zeros(3), np.array([30.0, 10.0, 1.0]), np.array([0.2, 0.1, np.nan]))
    assert losses.variance == pytest.approx((30 * 0.2 + 10 * 0.1) / 40)
    assert BlockLosses.of(np.zeros(1), np.ones(1), np.array([np.nan])).variance == 0.0


def test_one_bad_block_does_not_alarm_alone_and_two_do() -> None:
    rng = np.random.default_rng(13)
    ordinary, losses = blocks(rng, 40, 0.2), blocks(rng, 10, 0.2)
    spread, level = ordinary.mean.std(ddof=1), ordinary.mean.mean()
    for bad, off, expected in ((1, 5.0, Verdict.WARN), (2, 5.0, Verdict.ALARM), (1, 15.0, Verdict.ALARM)):
        at = (np.arange(10) >= 5) & (np.arange(10) < 5 + bad)
        said = verdicts(judge_series(replace(losses, mean=np.where(at, level + off * spread, losses.mean)), ordinary))
        assert said[4 + bad] is expected
        assert (Verdict.ALARM in said) is (expected is Verdict.ALARM)


def test_three_of_five_blocks_beyond_the_line_are_harm_though_no_sum_says_so() -> None:
    ordinary = blocks(np.random.default_rng(14), 40, 0.2)
    spread, level = ordinary.mean.std(ddof=1), ordinary.mean.mean()
    off = np.array([0.0, 0.0, 2.6, -1.5, 2.6, -1.5, 2.6, 0.0, 0.0, 0.0])
    losses = BlockLosses(level + off * spread, np.full(10, float(ROWS)), 0.16)
    assert verdicts(judge_series(losses, ordinary))[6] is Verdict.ALARM
    alone = judge_series(losses, ordinary, HarmPolicy(run=(4, 5)))
    assert Verdict.ALARM not in verdicts(alone)


def test_a_lucky_mean_of_few_blocks_does_not_count_as_a_rise() -> None:
    """Half a standard error of the ordinary mean is forgiven: more where ordinary blocks are few."""
    rng = np.random.default_rng(15)
    for number in (10, 40):
        ordinary = blocks(rng, number, 0.2)
        trusting, doubting = (HarmJudge(ordinary, policy) for policy in (HarmPolicy(doubt=0.0), HarmPolicy()))
        first, second = (judge.update(judge.start(), 0.25, ROWS)[1] for judge in (trusting, doubting))
        assert (second.smallest_effect or 0) - (first.smallest_effect or 0) > 0.25 * MOVEMENT / np.sqrt(number)


def test_heavy_tails_make_few_ordinary_blocks_alarm() -> None:
    rng, capped, free = np.random.default_rng(16), 0, 0
    for _ in range(30):
        rate = 0.2 + 0.04 * rng.standard_t(3, 100) / np.sqrt(3)
        ordinary, losses = (BlockLosses(part, np.full(len(part), 1e4), 0.16) for part in (rate[:40], rate[40:]))
        capped += verdicts(judge_series(losses, ordinary)).count(Verdict.ALARM)
        free += verdicts(judge_series(losses, ordinary, HarmPolicy(most=7.0))).count(Verdict.ALARM)
    assert capped <= free / 2
    assert capped <= 18  # 1 in 100 blocks


@pytest.mark.parametrize("scale", [1e-300, 1e160, 1e300, 4e307])
def test_losses_near_the_bounds_of_floats_are_judged_like_others(scale: float) -> None:
    """A variance of such losses is beyond floats, and not said then: what blocks differ by says it all."""
    ours, ordinary = blocks(np.random.default_rng(5), 20, 0.3), blocks(np.random.default_rng(6), 30, 0.2)
    one = judge_series(ours, ordinary)
    small, many = (judge_series(scaled(ours, unit), scaled(ordinary, unit)) for unit in (1.0, scale))
    assert verdicts(one) == verdicts(small) == verdicts(many)
    assert many[-1].effect == pytest.approx(scale * (small[-1].effect or 0))
    assert many[-1].sentence.split(" ordinarily ")[1] == small[-1].sentence.split(" ordinarily ")[1]
