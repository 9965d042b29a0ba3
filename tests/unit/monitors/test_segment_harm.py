"""Harm in a segment is found, named once, and not seen where there is none."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from watchkeeper.detectors.finding import Statement
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.segment_harm import SegmentJudge, column_of
from watchkeeper.performance.levels import Levels
from watchkeeper.performance.segment_blocks import LossRows
from watchkeeper.schema.numbers import BoolArray
from watchkeeper.tallies.tally import FloatArray, IntArray

ORDINARY, RECENT = np.arange(32), np.arange(32, 40)
CARRIERS, ORIGINS = ("AA", "B6", "DL", "UA", "WN"), ("EWR", "JFK", "LGA")


def rows(seed: int = 0, *, harmed: str = "", origin: str = "", by: float = 2.0, a_block: int = 600) -> LossRows:
    """Errors of 15 % or so, `by` times as many in the recent blocks where carrier (and origin) are the harmed ones."""
    rng = np.random.default_rng(seed)
    block = np.repeat(np.arange(40), a_block)
    features = {name: rng.integers(0, len(levels), len(block)) for name, levels in _LEVELS.items()}
    features["hub"] = np.where(rng.random(len(block)) < 0.9, features["carrier"], rng.integers(0, 5, len(block)))
    inside: BoolArray = (block >= 32) & (features["carrier"] == (CARRIERS.index(harmed) if harmed else -1))
    if origin:
        inside &= features["origin"] == ORIGINS.index(origin)
    rate = 0.15 * np.exp(rng.normal(0, 0.1, 40))[block] * np.where(inside, by, 1.0)
    loss = (rng.random(len(block)) < rate).astype(float)
    names = {**_LEVELS, "hub": ("h0", "h1", "h2", "h3", "h4")}
    levels = {name: Levels(names[name], codes) for name, codes in features.items()}
    return LossRows(loss, np.ones(len(loss)), block, 40, levels)


_LEVELS = {"carrier": CARRIERS, "origin": ORIGINS, "other": tuple("abcdefgh")}


def test_the_harmed_segment_is_named_and_no_other() -> None:
    """Not even the hub, nine tenths of whose rows are of the harmed carrier."""
    (found,) = SegmentJudge(rows(harmed="UA")).judge(ORDINARY, RECENT)
    assert (found.verdict, found.statement) == (Verdict.ALARM, Statement.HARM)
    assert (found.feature, found.column) == ("carrier is UA", "performance.error[carrier=UA]")
    assert found.sentence.startswith("The error rose where carrier is UA: 0.")
    assert found.sentence.endswith("elsewhere it did not.")
    assert found.effect is not None
    assert found.effect_low is not None
    assert found.effect_high is not None
    assert found.effect_low < 0.15 < found.effect_high
    assert found.p_value is not None
    assert found.p_value < 0.002
    assert found.smallest_effect is not None
    assert 0 < found.smallest_effect < found.effect
    assert (found.blocks, found.null) == (32, "blocks")
    assert 800 < found.n < 1100


def test_ordinary_rows_have_no_harmed_segment() -> None:
    assert [SegmentJudge(rows(seed)).judge(ORDINARY, RECENT) for seed in range(1, 13)] == [()] * 12


def test_harm_to_a_pair_of_levels_is_told_as_such() -> None:
    (found,) = SegmentJudge(rows(harmed="UA", origin="JFK", by=4.0)).judge(ORDINARY, RECENT)
    assert found.column == "performance.error[carrier=UA]"
    assert found.sentence.endswith("All of it is where origin is JFK.")


def test_two_harmed_segments_are_both_told() -> None:
    one = rows(harmed="UA")
    two = rows(seed=9, harmed="UA")
    where = one.inside(("origin", "EWR"))
    both = LossRows(np.where(where & (one.block >= 32), np.maximum(one.loss, two.loss), one.loss), *_rest(one))
    found = SegmentJudge(both).judge(ORDINARY, RECENT)
    assert {one.column for one in found if one.verdict is Verdict.ALARM} == {
        "performance.error[carrier=UA]",
        "performance.error[origin=EWR]",
    }


def _rest(some: LossRows) -> tuple[FloatArray, IntArray, int, Mapping[str, Levels]]:
    return some.weight, some.block, some.blocks, some.features


def test_a_followed_segment_is_spoken_of_until_it_is_well() -> None:
    column = column_of(("carrier", "UA"))
    (well,) = SegmentJudge(rows()).judge(ORDINARY, RECENT, follow=[column, "performance.error[gone=1]"])
    assert (well.column, well.verdict, well.sentence) == (column, Verdict.OK, "")
    small = rows().only(np.arange(40 * 600) % 40 == 0)
    (unknown,) = SegmentJudge(small).judge(ORDINARY, RECENT, follow=[column])
    assert (unknown.verdict, unknown.statistic) == (Verdict.NOT_ENOUGH_DATA, None)


def test_of_two_names_of_the_same_harm_the_one_that_is_followed_stays() -> None:
    some = rows(harmed="UA")
    same = LossRows(
        *(some.loss, some.weight, some.block, some.blocks), {**some.features, "twin": some.features["carrier"]}
    )
    first = SegmentJudge(same).judge(ORDINARY, RECENT)
    assert [one.column for one in first] == ["performance.error[carrier=UA]"]
    again = SegmentJudge(same).judge(ORDINARY, RECENT, follow=["performance.error[twin=UA]"])
    assert [one.column for one in again if one.verdict is Verdict.ALARM] == ["performance.error[twin=UA]"]


def test_hidden_values_are_named_as_such() -> None:
    (found,) = SegmentJudge(rows(harmed="UA"), hidden={"carrier": "hashed"}).judge(ORDINARY, RECENT)
    assert "where carrier is the hashed value UA" in found.sentence


def test_no_rows_no_finding() -> None:
    nothing = rows().only(np.zeros(40 * 600, bool))
    assert SegmentJudge(nothing).judge(ORDINARY, RECENT) == ()
