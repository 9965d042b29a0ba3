"""Real flights out of New York in 2013, as a model would meet them: known at scheduled departure, judged at landing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

FLIGHTS = Path(__file__).parent / "flights.parquet"
NEW_YORK = ZoneInfo("America/New_York")
LATE_MINUTES = 15
CATEGORICAL = ("carrier", "origin", "dest")
NUMERIC = ("distance", "duration", "departure_minute", "wind", "precipitation", "visibility")
FEATURES = (*CATEGORICAL, *NUMERIC)
TIME = "scheduled_departure"
TARGET = "late"
TRAINED_UNTIL = date(2013, 4, 1)


class Flights(msgspec.Struct, frozen=True, kw_only=True):
    """Flights in order of scheduled departure, one entry a flight in every column.

    `features`: the columns of FEATURES. `departure`, `landing`: Unix seconds; the landing of a flight that never came
    is -1. `late`: whether it arrived more than 15 minutes late (False where it never came). `cancelled`: never left.
    """

    features: dict[str, NDArray[np.generic]]
    departure: NDArray[np.int64]
    landing: NDArray[np.int64]
    late: NDArray[np.bool_]
    cancelled: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.departure)

    @property
    def landed(self) -> NDArray[np.bool_]:
        """Flights whose label will come: neither cancelled nor diverted."""
        return self.landing >= 0

    def between(self, start: float, end: float) -> Flights:
        """Flights scheduled to leave at or after `start` and before `end`, Unix seconds. Views, not copies."""
        first, last = np.searchsorted(self.departure, [start, end])
        return self.rows(slice(int(first), int(last)))

    def rows(self, chosen: slice) -> Flights:
        """A run of these flights."""
        return Flights(
            features={name: column[chosen] for name, column in self.features.items()},
            departure=self.departure[chosen],
            landing=self.landing[chosen],
            late=self.late[chosen],
            cancelled=self.cancelled[chosen],
        )


def load_flights(path: Path = FLIGHTS) -> Flights:
    """All flights of 2013."""
    table = pq.ParquetFile(path).read()
    departure = table[TIME].cast(pa.int64()).to_numpy() // 1000
    delay = _numbers(table["arrival_delay"])
    landed = np.isfinite(delay)
    duration = _numbers(table["duration"])
    features: dict[str, NDArray[np.generic]] = {name: _texts(table[name]) for name in CATEGORICAL}
    features |= {name: _numbers(table[name]) for name in NUMERIC if name != "departure_minute"}
    features["departure_minute"] = local_minute(departure)
    return Flights(
        features={name: features[name] for name in FEATURES},
        departure=departure,
        landing=np.where(landed, departure + 60 * (duration + np.nan_to_num(delay)), -1).astype(np.int64),
        late=landed & (np.nan_to_num(delay) > LATE_MINUTES),
        cancelled=table["cancelled"].to_numpy(),
    )


def as_table(flights: Flights, *, landed_only: bool) -> pa.Table:
    """Features, time and target as a reference table; missing numbers are null, and so is the target of no landing."""
    keep = flights.landed if landed_only else np.ones(len(flights), dtype=bool)
    columns = {name: pa.array(flights.features[name][keep]) for name in CATEGORICAL}
    columns |= {name: pa.array(flights.features[name][keep], from_pandas=True) for name in NUMERIC}
    columns[TIME] = pa.array(flights.departure[keep] * 1_000_000).cast(pa.timestamp("us", tz="UTC"))
    columns[TARGET] = pa.array(flights.late[keep].astype(np.int64), mask=~flights.landed[keep])
    return pa.table(columns)


def midnight(day: date) -> float:
    """Unix seconds of midnight UTC that opens `day`."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()


def day_of(seconds: float) -> date:
    """The UTC day that holds a Unix time."""
    return datetime.fromtimestamp(seconds, tz=UTC).date()


def month_of(seconds: float) -> str:
    """The UTC month that holds a Unix time, as `2013-04`."""
    return f"{day_of(seconds):%Y-%m}"


def local_minute(departure: NDArray[np.int64]) -> NDArray[np.float64]:
    """Minutes after midnight on New York's clocks, of Unix seconds in ascending order."""
    hours = departure // 3600
    distinct, place = np.unique(hours, return_inverse=True)
    offsets = [datetime.fromtimestamp(int(hour) * 3600, tz=NEW_YORK).utcoffset() for hour in distinct]
    shift = np.array([offset.total_seconds() if offset else 0.0 for offset in offsets])
    return ((departure + shift[place]) % 86_400) // 60


def _numbers(column: pa.ChunkedArray) -> NDArray[np.float64]:
    values: NDArray[np.float64] = column.cast(pa.float64()).to_numpy()
    return values


def _texts(column: pa.ChunkedArray) -> NDArray[np.generic]:
    values: NDArray[np.generic] = column.to_numpy()
    return values
