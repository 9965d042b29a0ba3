"""Bodies the replay sends: V2 inference requests of a few flights each, and the labels of flights that landed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray

from watchkeeper.demo.flights import CATEGORICAL, FEATURES, Flights

_ENCODER = msgspec.json.Encoder()


class Payloads:
    """Encodes runs of flights. Columns are turned into plain lists once: JSON wants Python values."""

    def __init__(self, flights: Flights) -> None:
        self._columns = {name: plain(flights.features[name]) for name in FEATURES}
        self._departure: list[int] = flights.departure.tolist()
        self._landing: list[int] = flights.landing.tolist()
        self._late: list[bool] = flights.late.tolist()

    def inference(self, first: int, end: int) -> bytes:
        """The V2 request for flights first … end-1, each with its own event time."""
        rows = end - first
        inputs = [
            {
                "name": name,
                "shape": [rows],
                "datatype": "BYTES" if name in CATEGORICAL else "FP64",
                "data": self._columns[name][first:end],
            }
            for name in FEATURES
        ]
        return _ENCODER.encode({"inputs": inputs, "parameters": {"event_time": self._departure[first:end]}})

    def feedback(self, landed: list[int], prediction_ids: list[str]) -> bytes:
        """The labels of the flights `landed` (indices), for their prediction IDs, at the times they landed."""
        items = [
            {
                "prediction_id": prediction_ids[flight],
                "label": int(self._late[flight]),
                "event_time": self._landing[flight],
            }
            for flight in landed
        ]
        return _ENCODER.encode({"feedback": items})


def plain(column: NDArray[np.generic]) -> list[object]:
    """The column as JSON-ready values; NaN becomes None."""
    if column.dtype.kind != "f":
        return column.tolist()
    values: list[object] = column.tolist()
    for place in np.flatnonzero(np.isnan(column.astype(np.float64))).tolist():
        values[place] = None
    return values


def batches(departure: NDArray[np.int64], first: int, end: int, seconds: int) -> Iterator[tuple[int, int]]:
    """Runs of flights scheduled in the same slot of `seconds`, as (first, end) index pairs."""
    if first == end:
        return
    slots = departure[first:end] // seconds
    edges = [0, *(np.flatnonzero(np.diff(slots)) + 1).tolist(), end - first]
    for low, high in pairwise(edges):
        yield first + low, first + high
