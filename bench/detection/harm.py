"""Is lasting harm found, how soon, and how often is an ordinary block called harm?

A model is trained on the past of a real stream, `CALIBRATE` blocks after it say what its ordinary loss is, and the
blocks that follow are monitored with every label: an *episode*. A block is harmed where its error is at least 1.2 times
the mean of the calibration blocks and above their mean + 2 standard deviations; *lasting* harm begins with the first
harmed block of which 3 of 5 are harmed. An ordinary block is one before that, or any block of an episode without it.

`errors` needs scikit-learn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from bench.detection.streams import Stream
from watchkeeper.alerts.policy import AlertPolicy
from watchkeeper.detectors.streams.betting import Betting
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.harm import BlockLosses, HarmPolicy, judge_series
from watchkeeper.schema.numbers import BoolArray, as_floats
from watchkeeper.tallies.categorical import as_dictionary
from watchkeeper.tallies.tally import FloatArray, IntArray

TRAIN, CALIBRATE, MONITOR = 40, 40, 60
BEFORE, LONGEST = 2_000, 10_000
KEEP = AlertPolicy().keep_firing
RATIO, SDS, OF, AT_LEAST = 1.2, 2.0, 5, 3


@dataclass(frozen=True)
class Episode:
    """Losses of calibration blocks and of the blocks monitored after them."""

    stream: str
    ordinary: BlockLosses
    monitored: BlockLosses


@dataclass(frozen=True)
class Measured:
    """What was found. `delays` are blocks from the onset to the first alarm at or after it, infinity where none came.

    `alarms` counts alerts that began in `ordinary` blocks, `alarmed` the ordinary blocks that were in alarm.
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


# --- episodes ---------------------------------------------------------------------------------------------------------
def episodes(stream: Stream, calibrate: int = CALIBRATE, train: int = TRAIN) -> Iterator[Episode]:
    """Train on everything before, calibrate on the next blocks, monitor those after; then move on."""
    if stream.label is None:
        return
    known = ~np.isnan(stream.label)
    features, label = _matrix(stream.features)[known], stream.label[known]
    block = np.unique(stream.times[known] // stream.block, return_inverse=True)[1]
    for start in range(train, int(block.max()) + 1 - calibrate - OF, MONITOR):
        error = errors(features, label, block < start)
        yield episode(stream.name, error, block[block >= start] - start, calibrate)


def episode(name: str, error: FloatArray, block: IntArray, calibrate: int = CALIBRATE) -> Episode:
    """Errors (n,) of rows in time order and the block of each (n,), from 0; the first `calibrate` are the ordinary."""
    rows = np.bincount(block).astype(float)
    mean = np.bincount(block, error) / np.maximum(rows, 1)
    level = float(mean[:calibrate].mean())
    parts = (slice(0, calibrate), slice(calibrate, calibrate + MONITOR))
    ordinary, monitored = (BlockLosses(mean[part], rows[part], level * (1 - level)) for part in parts)
    return Episode(name, ordinary, monitored)


def errors(features: FloatArray, label: FloatArray, past: BoolArray) -> FloatArray:
    """Errors, 0 or 1, on the rows that are not `past`, of a model trained on those that are."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(max_iter=100, random_state=0)
    model.fit(features[past], label[past])
    return np.asarray(model.predict(features[~past]) != label[~past], np.float64)


def _matrix(table: pa.Table) -> FloatArray:
    """Numbers as they are, categories as their codes, missing as NaN."""
    return np.column_stack([_codes(table[name]) for name in table.column_names])


def _codes(column: pa.ChunkedArray) -> FloatArray:
    text, is_text = as_dictionary(column)
    if is_text:
        return np.asarray(text.indices.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)
    return as_floats(column)[0]


# --- measuring --------------------------------------------------------------------------------------------------------
def lasting_harm(episode: Episode) -> int | None:
    """The block of `monitored` in which lasting harm begins, None where there is none."""
    harmed = episode.monitored.mean >= harm_line(episode)
    found = [t for t in np.flatnonzero(harmed) if harmed[t : t + OF].sum() >= AT_LEAST]
    return int(found[0]) if found else None


def harm_line(episode: Episode) -> float:
    """The mean loss from which on a block is harmed."""
    ordinary = episode.ordinary.mean
    return float(max(RATIO * ordinary.mean(), ordinary.mean() + SDS * ordinary.std(ddof=1)))


def alarms_of(episode: Episode, policy: HarmPolicy) -> FloatArray:
    """Which monitored blocks (T,) are in alarm."""
    findings = judge_series(episode.monitored, episode.ordinary, policy)
    return np.array([finding.verdict is Verdict.ALARM for finding in findings], float)


def begun(alarm: FloatArray) -> int:
    """How often somebody is told: an alert ends after two well blocks, so a gap of one block opens no new one."""
    at = np.flatnonzero(alarm)
    return int((np.diff(at, prepend=-KEEP - 1) > KEEP).sum())


def measure(given: list[Episode], policy: HarmPolicy | None = None) -> Measured:
    """Judge every episode, and count."""
    delays: list[float] = []
    ordinary = alarms = alarmed = 0
    for episode in given:
        alarm, onset = alarms_of(episode, policy or HarmPolicy()), lasting_harm(episode)
        before = len(alarm) if onset is None else onset
        ordinary, alarms, alarmed = (
            ordinary + before,
            alarms + begun(alarm[:before]),
            alarmed + int(alarm[:before].sum()),
        )
        if onset is not None:
            after = np.flatnonzero(alarm[onset:])
            delays.append(float(after[0]) + 1 if len(after) else float("inf"))
    return Measured(len(given), len(delays), tuple(delays), ordinary, alarms, alarmed)


# --- rows that are independent ----------------------------------------------------------------------------------------
def risk_delay(rise_to: float, rng: np.random.Generator, *, ordinary: float = 0.1, reference: int = 10_000) -> float:
    """Rows from a rise of the error rate to the alarm of the bets, on one stream; infinity beyond `LONGEST` rows.

    The ordinary rate is not told: it is estimated from `reference` rows. The rise comes after `BEFORE` rows; an alarm
    before it counts as none, and the bets start anew.
    """
    state = Betting.against(float(rng.binomial(reference, ordinary)) / reference, reference).start()
    for wrong in rng.random(BEFORE) < ordinary:
        state.update(float(wrong))
    for place, wrong in enumerate(rng.random(LONGEST) < rise_to):
        if state.update(float(wrong)).alarm:
            return place + 1.0
    return float("inf")
