"""Measuring harm: what counts as lasting, as an alarm, and as found."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from bench.detection.harm import Episode, begun, episode, episodes, lasting_harm, measure, risk_delay
from bench.detection.streams import Stream
from watchkeeper.tallies.tally import FloatArray

ROWS = 200


def made(rates: FloatArray, seed: int = 1) -> Episode:
    """Forty ordinary blocks, then blocks with these error rates."""
    rng = np.random.default_rng(seed)
    level = np.concatenate([0.2 + rng.normal(0, 0.02, 40), rates])
    block = np.repeat(np.arange(len(level)), ROWS)
    return episode("made", (rng.random(len(block)) < level[block]).astype(float), block)


def test_lasting_harm_begins_with_the_first_of_three_bad_blocks_in_five() -> None:
    rates = np.full(30, 0.2)
    rates[3] = 0.6  # one bad block is no lasting harm
    assert lasting_harm(made(rates)) is None
    rates[[20, 22, 23]] = 0.6
    assert lasting_harm(made(rates)) == 20


def test_alarms_are_counted_as_alerts() -> None:
    assert begun(np.array([0, 1, 1, 0, 1, 0, 0, 1.0])) == 2
    assert begun(np.zeros(4)) == 0


def test_what_is_measured() -> None:
    harmed = made(np.where(np.arange(40) < 20, 0.2, 0.4))
    found = measure([harmed, made(np.full(60, 0.2), seed=2)])
    assert (found.episodes, found.onsets, found.found) == (2, 1, 1.0)
    assert found.ordinary == 80
    assert 1 <= found.delays[0] <= 3
    assert found.per_hundred <= 4


def test_a_stream_becomes_episodes() -> None:
    rng = np.random.default_rng(3)
    rows = 70 * 20
    x = rng.normal(size=rows)
    label = (x + rng.normal(size=rows) > 0).astype(float)
    label[5] = np.nan
    stream = Stream("made", "made", pa.table({"x": x}), np.arange(rows) * 60, label, 20 * 60)
    (one,) = episodes(stream, calibrate=20, train=40)
    assert len(one.ordinary.mean) == 20
    assert len(one.monitored.mean) == 10
    assert 0.1 < one.ordinary.mean.mean() < 0.5


def test_a_risk_that_doubles_is_found() -> None:
    assert risk_delay(0.3, np.random.default_rng(4)) < 1000
