"""Real streams in time order: what they are, where their data come from, and how more are plugged in.

The flights come with Watchkeeper (CC0). Electricity and NOAA weather are read from `--data DIR` where it holds
`elec2.parquet` (45,312 half hours of New South Wales, in order, label `class`) and `noaa_weather.parquet` (18,159 days
of Bellevue, label `target`); neither is ours to ship. Any other stream is plugged in by a file `streams.toml` in DIR:

    [[stream]]
    name = "orders"             # shown in tables
    family = "shop"             # rates are held to their goals family by family
    file = "orders.parquet"     # anything Watchkeeper reads, beside streams.toml
    block = 86400               # seconds of a block
    time = "ordered_at"         # the column of time; or step = 1800, seconds from one row to the next
    label = "returned"          # 0 or 1; optional, without it nothing is said about harm
    drop = ["order_id"]         # columns that are no features

Rows are sorted by time. Blocks are aligned to multiples of their length; a first or last block that is not full is
left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa

from bench.detection.setting import Missing
from watchkeeper.demo.flights import CATEGORICAL, FEATURES, TARGET, TIME, Flights, as_table, load_flights
from watchkeeper.schema.numbers import as_floats
from watchkeeper.schema.table import as_table as read_table
from watchkeeper.tallies.tally import FloatArray, IntArray

DAY = 86_400
AIRPORTS = ("EWR", "JFK", "LGA")
MANIFEST = "streams.toml"


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a stream comes from; the module says what the fields mean."""

    name: str
    family: str
    file: str
    block: int
    time: str = ""
    step: int = 0
    label: str = ""
    drop: tuple[str, ...] = ()


class _Manifest(msgspec.Struct, forbid_unknown_fields=True):
    stream: tuple[Source, ...] = ()


BY_FILE = (
    Source(
        name="electricity, day", family="electricity, day", file="elec2.parquet", block=DAY, step=1800, label="class"
    ),
    Source(
        name="electricity, week",
        family="electricity, week",
        file="elec2.parquet",
        block=7 * DAY,
        step=1800,
        label="class",
    ),
    Source(
        name="NOAA weather, quarter",
        family="NOAA weather",
        file="noaa_weather.parquet",
        block=91 * DAY,
        step=DAY,
        label="target",
    ),
)
NAMES = (*(source.name for source in BY_FILE), *(f"flights {airport}, day" for airport in AIRPORTS))


@dataclass(frozen=True)
class Stream:
    """Rows in time order: `features` (n rows), Unix seconds `times` (n,) ascending, `label` (n,) 0 or 1 (NaN: unknown).

    `block` is the length of a block in seconds; `label` is None where the stream has none.
    """

    name: str
    family: str
    features: pa.Table
    times: IntArray
    label: FloatArray | None
    block: int

    def __len__(self) -> int:
        return len(self.times)

    def bounds(self, length: int | None = None) -> IntArray:
        """Bounds (K+1,) of the runs of rows that share a block of `length` seconds (default: the stream's own)."""
        keys = self.times // (length or self.block)
        return np.concatenate([[0], np.flatnonzero(np.diff(keys)) + 1, [len(keys)]]).astype(np.int64)

    def rows(self, first: int, last: int) -> Stream:
        """Rows first:last as a stream of their own."""
        label = None if self.label is None else self.label[first:last]
        features = self.features.slice(first, last - first)
        return Stream(self.name, self.family, features, self.times[first:last], label, self.block)


def load_stream(name: str, data: Path | None) -> Stream:
    """The stream called `name`. Raises Missing where its data are not there."""
    if name.startswith("flights "):
        return _flights(name.removeprefix("flights ").partition(",")[0])
    for source in sources(data):
        if source.name == name:
            return _read(source, data)
    raise Missing(f"no stream {name!r} in {MANIFEST}")


def names(data: Path | None) -> list[str]:
    """Every stream that is known, whether its data are there or not."""
    return [*dict.fromkeys([*NAMES, *(source.name for source in sources(data))])]


def all_streams(data: Path | None) -> Iterator[Stream]:
    """Every stream whose data are there."""
    for name in names(data):
        try:
            yield load_stream(name, data)
        except Missing:
            continue


def sources(data: Path | None) -> tuple[Source, ...]:
    """The streams read from files: the known ones, then those of `streams.toml`."""
    manifest = data / MANIFEST if data else None
    if manifest is None or not manifest.is_file():
        return BY_FILE
    return (*BY_FILE, *msgspec.toml.decode(manifest.read_bytes(), type=_Manifest).stream)


def _read(source: Source, data: Path | None) -> Stream:
    path = data / source.file if data else None
    if path is None or not path.is_file():
        raise Missing(f"no {source.file} in --data")
    table = read_table(path)
    times = _seconds(table, source)
    order = np.argsort(times, kind="stable")
    table, times = table.take(pa.array(order)), times[order]
    label = as_floats(table[source.label])[0] if source.label else None
    kept = [name for name in table.column_names if name not in {source.time, source.label, *source.drop}]
    return whole_blocks(Stream(source.name, source.family, table.select(kept), times, label, source.block))


def _seconds(table: pa.Table, source: Source) -> IntArray:
    if source.time:
        return np.floor(as_floats(table[source.time])[0]).astype(np.int64)
    return np.arange(table.num_rows, dtype=np.int64) * source.step


def whole_blocks(stream: Stream) -> Stream:
    """Without a first and a last block that cover less than 9 tenths of their time."""
    bounds = stream.bounds()
    spans = [stream.times[last - 1] - stream.times[first] for first, last in pairwise(bounds)]
    step = float(np.median(np.diff(stream.times)))
    first = bounds[1] if spans[0] + step < 0.9 * stream.block else 0
    last = bounds[-2] if spans[-1] + step < 0.9 * stream.block else len(stream)
    return stream.rows(int(first), int(last))


def _flights(airport: str) -> Stream:
    flights = load_flights()
    mine = flights.features["origin"] == airport
    table = as_table(_some(flights, mine), landed_only=False)
    times = np.floor(as_floats(table[TIME])[0]).astype(np.int64)
    label = as_floats(table[TARGET])[0]
    features = table.select([name for name in FEATURES if name != "origin"])
    for name in CATEGORICAL:
        if name in features.column_names:
            place = features.column_names.index(name)
            features = features.set_column(place, name, features[name].dictionary_encode())
    return whole_blocks(Stream(f"flights {airport}, day", "flights", features, times, label, DAY))


def _some(flights: Flights, mine: np.ndarray) -> Flights:
    return Flights(
        features={name: column[mine] for name, column in flights.features.items()},
        departure=flights.departure[mine],
        landing=flights.landing[mine],
        late=flights.late[mine],
        cancelled=flights.cancelled[mine],
    )
