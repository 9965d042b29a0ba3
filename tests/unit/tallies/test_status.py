"""Status classes."""

import pyarrow as pa

from watchkeeper.tallies.bins import count
from watchkeeper.tallies.status import StatusBins


def test_classes() -> None:
    bins = StatusBins()
    counts = count(bins, pa.array([200, 201, 404, 400, 500, 301, 0, 1200], pa.int16())).counts
    assert counts.tolist() == [2, 2, 1, 3]
    assert bins.rows(counts) == 8
    assert bins.errors(counts) == 1
    assert StatusBins.from_dict(bins.to_dict()).size == 4
