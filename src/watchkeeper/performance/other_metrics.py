"""The metrics of rankings and of rewards: means of row values, with normal intervals."""

from __future__ import annotations

import msgspec

from watchkeeper.performance.metric import EMPTY, Basis, Metric, joined, mean, share, summed_mean, within
from watchkeeper.performance.ranking import RankingLayout
from watchkeeper.performance.reward import RewardLayout
from watchkeeper.tallies.tally import IntArray


def ranking_metrics(layout: RankingLayout, counts: IntArray, basis: Basis) -> dict[str, Metric]:
    """NDCG, MAP and hit rate at each cut-off, and the mean reciprocal rank, over queries with a relevant item."""
    barren = float(layout.cells.part(counts, "barren")[0])
    of = basis.weight - barren
    why = "no query has a relevant item" if barren else EMPTY
    note = f"queries left out for want of a relevant item: {basis.n(barren):,}" if barren and of > 0 else ""
    found = {}
    for measure in layout.measures:
        total = float(layout.cells.total(counts, measure))
        hits = measure.startswith("hit")
        mean_of = summed_mean(layout.cells, counts, measure, basis, of=of, why=why)
        made = share(total, of, basis, why) if hits else mean_of
        found[measure] = msgspec.structs.replace(within(made, high=1.0), note=joined(made.note, note))
    return found


def reward_metrics(layout: RewardLayout, counts: IntArray, basis: Basis) -> dict[str, Metric]:
    """The mean reward, zeros counted, and the shares of rewards that were zero or negative."""
    cells, step = layout.cells, layout.reward.scale
    total = float(cells.total(counts, "reward")) / step
    square = float(cells.total_sq(counts, "reward")) / step**2
    zero, negative, clipped = (float(cells.part(counts, name)[0]) for name in ("zero", "negative", "clipped"))
    found = mean(total, square, basis.weight, basis, EMPTY)
    note = f"rewards so far out that they count as bounds: {basis.n(clipped):,}" if clipped else ""
    return {
        "mean_reward": msgspec.structs.replace(found, note=joined(found.note, note)),
        "zero_reward_rate": share(zero, basis.weight, basis, EMPTY),
        "negative_reward_rate": share(negative, basis.weight, basis, EMPTY),
    }
