"""The binning of a model: one vector, groups that add up, a digest that names the layout."""

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.events.errors import BadInput
from watchkeeper.tallies.binning import LATENCY, STATUS, Binning, group_bounds, service_bins
from watchkeeper.tallies.categorical import CategoricalBins
from watchkeeper.tallies.numeric import NumericBins
from watchkeeper.tallies.tally import Tally, add_up

rng = np.random.default_rng(3)
TABLE = pa.table(
    {
        "input.x": rng.normal(size=1000),
        "input.c": rng.choice(list("abc"), 1000),
        "latency_us": rng.integers(50, 5000, 1000).astype(np.int32),
        "status": np.where(rng.random(1000) < 0.1, 500, 200).astype(np.int16),
        "prediction_id": [str(i) for i in range(1000)],
    }
)
BINNING = Binning(
    {"input.x": NumericBins.fit(TABLE["input.x"]), "input.c": CategoricalBins.fit(TABLE["input.c"]), **service_bins()}
)


def test_parts_cover_the_vector_without_overlap() -> None:
    cells = [cell for name in BINNING.columns for cell in range(*BINNING.slice(name).indices(BINNING.size))]
    assert cells == list(range(BINNING.size))


def test_groups_add_up_to_the_whole_bit_for_bit() -> None:
    keys = np.sort(rng.integers(0, 30, 1000))
    groups = BINNING.tally_groups(TABLE, group_bounds(keys))
    assert len(groups) == len(np.unique(keys))
    assert add_up(groups, BINNING.size, BINNING.extremes) == BINNING.tally(TABLE)


def test_service_columns_come_from_the_envelope() -> None:
    tally = BINNING.tally(TABLE)
    status = BINNING.part(tally, STATUS).counts
    assert status.tolist() == [(np.array(TABLE["status"]) == 200).sum(), 0, (np.array(TABLE["status"]) == 500).sum(), 0]
    latency = BINNING.part(tally, LATENCY)
    assert latency.low[0] == min(TABLE["latency_us"].to_pylist())


def test_a_lacking_column_is_left_uncounted() -> None:
    tally = BINNING.tally(TABLE.drop_columns(["input.x"]))
    assert BINNING.part(tally, "input.x") == Tally.zero(BINNING.columns["input.x"].size, 1)
    assert BINNING.part(tally, "input.c").counts.sum() == 1000


def test_json_round_trip_keeps_the_digest() -> None:
    again = Binning.from_json(BINNING.to_json())
    assert again.digest == BINNING.digest
    assert again.tally(TABLE) == BINNING.tally(TABLE)
    assert Binning({"input.x": BINNING.columns["input.x"]}).digest != BINNING.digest


def test_an_unknown_kind_says_what_to_do() -> None:
    with pytest.raises(BadInput, match="register the model again"):
        Binning.from_json(b'{"input.x": {"kind": "sketch"}}')


def test_bounds_of_runs() -> None:
    assert group_bounds(np.array([3, 3, 5, 9, 9])).tolist() == [0, 2, 3, 5]
    assert group_bounds(np.array([], np.int64)).tolist() == [0]
