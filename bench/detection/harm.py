"""Is lasting harm found, how soon, and how often is an ordinary block called harm?

A model is trained on the past of a real stream, `CALIBRATE` blocks after it say what its ordinary loss is, and the
blocks that follow are monitored with every label: an *episode*. A block is harmed where its error is at least 1.2 times
the mean of the calibration blocks and above their mean + 2 standard deviations; *lasting* harm begins with the first
harmed block of which 3 of 5 are harmed. An ordinary block is one before that, or any block of an episode without it.

Streams are read from a folder of Parquet files; a file that is not there is left out. `losses_of` needs scikit-learn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.harm import BlockLosses, HarmPolicy, judge_series
from watchkeeper.tallies.tally import FloatArray, IntArray

CALIBRATE, MONITOR, STEP = 40, 60, 50
RATIO, SDS, OF, AT_LEAST = 1.2, 2.0, 5, 3


@dataclass(frozen=True)
class Stream:
    """Rows in time order: features (n, p) with NaN where missing, labels 0 or 1 (n,), block of each row (n,)."""

    name: str
    features: FloatArray
    label: IntArray
    block: IntArray


@dataclass(frozen=True)
class Episode:
    """Losses of calibration blocks and of the blocks monitored after them."""

    stream: str
    ordinary: BlockLosses
    monitored: BlockLosses


@dataclass(frozen=True)
class Measured:
    """What was found. `delays` are blocks from the onset to the first alarm at or after it, infinity where none came.

    `alarms` counts alarms that began in `ordinary` blocks, `alarmed` the ordinary blocks that were in alarm.
    """

    episodes: int
    onsets: int
    delays: tuple[float, ...]
    ordinary: int
    alarms: int
    alarmed: int

    @property
    def found(self) -> float:
        """Share of onsets that were found."""
        return float(np.mean(np.isfinite(self.delays))) if self.delays else float("nan")

    @property
    def per_hundred(self) -> float:
        """Alarms that began in 100 ordinary blocks."""
        return 100 * self.alarms / max(self.ordinary, 1)


# --- streams ----------------------------------------------------------------------------------------------------------
def streams(folder: Path) -> Iterator[Stream]:
    """Every development stream whose file is in `folder`."""
    for file, read in _READERS.items():
        if (folder / file).is_file():
            yield from read(_columns(folder / file))


def _columns(path: Path) -> dict[str, Any]:
    table = pq.ParquetFile(path).read()
    return {name: table[name].to_pandas() for name in table.column_names}


def _electricity(columns: dict[str, Any]) -> Iterator[Stream]:
    features = np.column_stack([columns[n] for n in ("period", "nswprice", "nswdemand", "vicprice", "vicdemand")])
    label = np.asarray(columns["class"], np.int64)
    rows = np.arange(len(label))
    yield Stream("electricity, day", features, label, rows // 48)
    yield Stream("electricity, week", features, label, rows // 336)


def _weather(columns: dict[str, Any]) -> Iterator[Stream]:
    features = np.column_stack([columns[f"feat_{i}"] for i in range(1, 9)])
    label = np.asarray(columns["target"], np.int64)
    yield Stream("weather, quarter", features, label, np.arange(len(label)) // 91)


def _flights(columns: dict[str, Any]) -> Iterator[Stream]:
    day = np.asarray(columns["month"], np.int64) * 100 + np.asarray(columns["day"], np.int64)
    day = np.unique(day, return_inverse=True)[1]
    delay = np.asarray(columns["arr_delay"], float)
    known = ~np.isnan(delay)
    late, origin = (delay > 15).astype(np.int64), np.asarray(columns["origin"].astype(str))
    before = np.column_stack(
        [np.asarray(columns[n], float) for n in ("sched_dep_time", "sched_arr_time", "distance")]
        + [columns[n].cat.codes.to_numpy(float) for n in ("carrier", "dest")]
    )
    for airport in ("EWR", "JFK", "LGA"):
        at = np.flatnonzero(known & (origin == airport))
        at = at[np.argsort(day[at], kind="stable")]
        yield Stream(f"flights {airport}, day", before[at], late[at], day[at])
    at = np.flatnonzero(known)
    at = at[np.argsort(day[at], kind="stable")]
    after = np.column_stack([before, np.asarray(columns["dep_delay"], float)])
    yield Stream("flights after departure, day", after[at], late[at], day[at])


def _rain(columns: dict[str, Any]) -> Iterator[Stream]:
    names = ("temp", "dewp", "humid", "wind_dir", "wind_speed", "pressure", "visib", "hour")
    features = np.column_stack([np.asarray(columns[n], float) for n in names])
    label = (np.asarray(columns["precip"], float) > 0).astype(np.int64)
    day = np.unique(np.asarray(columns["month"]) * 100 + np.asarray(columns["day"]), return_inverse=True)[1]
    at = np.argsort(day, kind="stable")
    yield Stream("rain, 3 days", features[at], label[at], day[at] // 3)


_READERS: dict[str, Callable[[dict[str, Any]], Iterator[Stream]]] = {
    "elec2.parquet": _electricity,
    "noaa_weather.parquet": _weather,
    "nycflights13.parquet": _flights,
    "nycflights13_weather.parquet": _rain,
}


# --- episodes ---------------------------------------------------------------------------------------------------------
def episodes(stream: Stream, calibrate: int = CALIBRATE, train: int = CALIBRATE) -> Iterator[Episode]:
    """Train on everything before, calibrate on the next blocks, monitor those after; then move on by `STEP` blocks."""
    blocks = int(stream.block.max()) + 1
    for start in range(train, blocks - calibrate - OF, STEP):
        error = losses_of(stream, start)
        at = stream.block[stream.block >= start] - start
        rows = np.bincount(at).astype(float)
        mean = np.bincount(at, error) / np.maximum(rows, 1)
        level = mean[:calibrate].mean()
        variance = float(level * (1 - level))
        until = calibrate + MONITOR
        yield Episode(
            stream.name,
            BlockLosses(mean[:calibrate], rows[:calibrate], variance),
            BlockLosses(mean[calibrate:until], rows[calibrate:until], variance),
        )


def losses_of(stream: Stream, start: int) -> FloatArray:
    """Errors, 0 or 1, of every row from block `start` on, by a model trained on the rows before it."""
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415 (only this function needs it)

    past = stream.block < start
    model = HistGradientBoostingClassifier(max_iter=100, random_state=0)
    model.fit(stream.features[past], stream.label[past])
    wrong = model.predict(stream.features[~past]) != stream.label[~past]
    return np.asarray(wrong, np.float64)


# --- measuring --------------------------------------------------------------------------------------------------------
def lasting_harm(episode: Episode) -> int | None:
    """The block of `monitored` in which lasting harm begins, None where there is none."""
    ordinary, losses = episode.ordinary.mean, episode.monitored.mean
    line = max(RATIO * ordinary.mean(), ordinary.mean() + SDS * ordinary.std(ddof=1))
    harmed = losses >= line
    found = [t for t in np.flatnonzero(harmed) if harmed[t : t + OF].sum() >= AT_LEAST]
    return int(found[0]) if found else None


def alarms_of(episode: Episode, policy: HarmPolicy) -> FloatArray:
    """Which monitored blocks (T,) are in alarm."""
    findings = judge_series(episode.monitored, episode.ordinary, policy)
    return np.array([finding.verdict is Verdict.ALARM for finding in findings], float)


def measure(given: list[Episode], policy: HarmPolicy | None = None) -> Measured:
    """Judge every episode, and count."""
    delays: list[float] = []
    ordinary = alarms = alarmed = 0
    for episode in given:
        alarm, onset = alarms_of(episode, policy or HarmPolicy()), lasting_harm(episode)
        before = len(alarm) if onset is None else onset
        began = np.diff(alarm[:before], prepend=0.0) > 0
        ordinary, alarms, alarmed = ordinary + before, alarms + int(began.sum()), alarmed + int(alarm[:before].sum())
        if onset is not None:
            after = np.flatnonzero(alarm[onset:])
            delays.append(float(after[0]) + 1 if len(after) else float("inf"))
    return Measured(len(given), len(delays), tuple(delays), ordinary, alarms, alarmed)
