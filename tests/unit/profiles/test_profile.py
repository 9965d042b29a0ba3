from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import watchkeeper
from watchkeeper.compare.comparison import compare
from watchkeeper.events.errors import BadInput
from watchkeeper.profiles.profile import Profile
from watchkeeper.reference.profile_file import to_file

RNG = np.random.default_rng(1)
N = 400
TABLE = pa.table(
    {
        "x": RNG.normal(size=N),
        "gaps": pa.array([None if v < 0.2 else v for v in RNG.random(N)]),
        "many": [f"l{v}" for v in RNG.zipf(1.4, N) % 150],
        "at": RNG.integers(0, 86_400 * 30, N).astype(float),
    }
)
LIKE = Profile.build(TABLE.drop_columns(["at"]))
TIMED = Profile.build(TABLE, time="at")


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(1, N - 1), min_size=1, max_size=4), st.randoms(use_true_random=False), st.booleans())
def test_merging_shards_equals_one_pass_bit_for_bit(cuts: list[int], order: Random, timed: bool) -> None:
    like, time = (TIMED, "at") if timed else (LIKE, None)
    table = TABLE if timed else TABLE.drop_columns(["at"])
    bounds = [0, *sorted(set(cuts)), N]
    shards = [table.slice(a, b - a) for a, b in pairwise(bounds)]
    order.shuffle(shards)
    first, *others = (Profile.build(shard, like=like, time=time) for shard in shards)
    whole = Profile.build(table, like=like, time=time)
    assert to_file(first.merge(*others).reference) == to_file(whole.reference)


def test_a_profile_stands_for_its_table(tmp_path: Path) -> None:
    path = tmp_path / "train.wkprofile"
    table = TABLE.drop_columns(["at"])
    Profile.build(table).save(path)
    now = table.slice(0, 150).set_column(0, "x", pa.array(RNG.normal(2, 1, 150)))
    wanted = {f.feature: f.p_value for f in compare(table, now).findings if f.column}
    for reference in (str(path), Profile.load(path)):
        comparison = watchkeeper.compare(reference=reference, current=now)
        assert comparison.verdict == "alarm"
        assert {f.feature: f.p_value for f in comparison.findings if f.column} == wanted
    assert Profile.load(path).diff(Profile.build(now, like=Profile.load(path))).verdict == "alarm"


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "a.wkprofile"
    TIMED.save(path)
    assert to_file(Profile.load(path).reference) == to_file(TIMED.reference) == path.read_bytes()
    assert repr(Profile.load(path)) == "<Profile: 400 rows, 3 columns>"


def test_more_rows_are_added() -> None:
    table = TABLE.drop_columns(["at"])
    assert LIKE.add(table).rows == 2 * N
    assert Profile.build(table, like=LIKE).add(table).reference.whole.counts.sum() == (
        2 * Profile.build(table, like=LIKE).reference.whole.counts.sum()
    )


def test_time_is_kept_apart() -> None:
    later = Profile.build(TABLE.slice(0, 100), like=TIMED, time="at")
    assert later.reference.block_width == TIMED.reference.block_width
    assert compare(TIMED, TABLE.slice(0, 100), time="at").findings[0].null == "blocks"


def test_bins_that_differ_are_refused(tmp_path: Path) -> None:
    other = Profile.build({"x": [1.0, 2.0] * 30})
    with pytest.raises(BadInput, match="different bins cannot be merged"):
        LIKE.merge(other)
    with pytest.raises(BadInput, match="different bins"):
        compare(LIKE, other)
    with pytest.raises(BadInput, match="beside a profile it was made like"):
        compare(TABLE, LIKE)
    with pytest.raises(BadInput, match="no column 'gaps'"):
        Profile.build({"x": [1.0]}, like=LIKE)
    with pytest.raises(BadInput, match="has no time column"):
        Profile.build(TABLE, like=LIKE, time="at")
    with pytest.raises(BadInput, match="without a time column"):
        compare(LIKE, TABLE, time="at")
    with pytest.raises(BadInput, match="Some of these profiles have time"):
        Profile.build(TABLE.drop_columns(["at"])).merge(TIMED)


def test_what_is_no_profile_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"ends in \.wkprofile"):
        LIKE.save(tmp_path / "a.bin")
    with pytest.raises(BadInput, match="cannot be read"):
        Profile.load(tmp_path / "none.wkprofile")
    pq.write_table(TABLE, tmp_path / "a.parquet")
    with pytest.raises(BadInput, match=r"ends in \.wkprofile"):
        Profile.load(tmp_path / "a.parquet")
    with pytest.raises(BadInput, match="a profile already"):
        Profile.build(LIKE)
