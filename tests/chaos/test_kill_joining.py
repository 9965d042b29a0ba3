"""`kill -9` of a real watch worker while labels, corrections and early labels meet their predictions.

Whatever the moments of death, the labels, the metrics and what became of each piece of feedback are those of a worker
that never died, bit for bit.
"""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from tests.chaos.test_kill_watch import finish, live_and_die
from tests.helpers.feedback import item, sent
from tests.helpers.watching import DAY, START, batch, entry, watched_store
from watchkeeper.events.feedback import Feedback
from watchkeeper.events.outcomes import Outcome
from watchkeeper.journal.protocol import Entry
from watchkeeper.journal.sqlite import SqliteJournal
from watchkeeper.store.store import Store
from watchkeeper.store.versions import ModelSettings

ROWS = 120
SETTINGS = ModelSettings(
    bucket_seconds=3600, window_seconds=DAY, park_feedback_seconds=100_000 * DAY, keep_records_seconds=100_000 * DAY
)  # by the clock of today, nothing of 2022 is overdue


def stream(seed: int, lots: int) -> list[list[Entry]]:
    """Lots of rows with labels: late, early, repeated, conflicting, corrected, unknown, and sent twice."""
    rng = random.Random(seed)
    names = [[f"p-{lot:06d}-{row:06d}" for row in range(ROWS)] for lot in range(lots)]
    found = []
    for lot in range(lots):
        rows = batch([START + lot * 900 + 7 * row for row in range(ROWS)], seed=lot)
        others = names[rng.randrange(lots)] + names[lot] + ["nobody"]
        items: list[Feedback] = [
            item(rng.choice(others), float(rng.randrange(2)), rng.choice(["label", "label", "correction", "reward"]))
            for _ in range(60)
        ]
        first, second = sent(*items[:30]), sent(*items[30:])
        found.append([first, entry(rows), second, first] if rng.random() < 0.5 else [entry(rows), first, second])
    return found


def state(store: Store) -> tuple[object, ...]:
    """All that labels led to."""
    outcomes = Counter({(line.kind, line.outcome): line.number for line in store.outcomes.totals("flights")})
    buckets = [
        (b.start, b.counts is not None and b.counts.tolist(), b.rows, b.corrected, b.reward_rows, b.reward_micros)
        for b in store.performance.buckets("flights", "1", 0, 1 << 40)
    ]
    delays = [b.delays is not None and b.delays.tolist() for b in store.performance.buckets("flights", "1", 0, 1 << 40)]
    names = [f"p-{lot:06d}-{row:06d}" for lot in range(20) for row in range(ROWS)]
    labels = {key: (one.value, one.revision) for key, one in store.labels.get("flights", names).items()}
    waits = sorted(one.feedback.feedback_id for one in store.parked.overdue(START + 1e12))
    settled = {key: number for key, number in outcomes.items() if key[1] is not Outcome.PARKED}
    return settled, buckets, delays, labels, waits, store.losses.totals()


def survive(folder: Path, kills: int, seed: int) -> None:
    lots = stream(seed, 12)
    ends = []
    for deaths in (0, kills):
        data_dir = folder / str(deaths)
        store = watched_store(data_dir, settings=SETTINGS)
        journal = SqliteJournal(data_dir / "journal.db")
        rng = random.Random(seed)
        for number, part in enumerate(_cut(lots, deaths + 1)):
            for lot in part:
                journal.append(lot)
            if number < deaths:
                live_and_die(data_dir, rng.uniform(0, 0.6))
        journal.close()
        finish(data_dir, store)
        ends.append(state(store))
        store.close()
    assert ends[0] == ends[1]
    settled = ends[0][0]
    assert isinstance(settled, dict)
    assert {outcome for _, outcome in settled} >= {Outcome.JOINED, Outcome.CORRECTED, Outcome.CONFLICTING}


def _cut(lots: list[list[Entry]], parts: int) -> list[list[list[Entry]]]:
    size = -(-len(lots) // parts)
    return [lots[first : first + size] for first in range(0, len(lots), size)]


@pytest.mark.chaos
@pytest.mark.timeout(300)
def test_labels_are_joined_as_if_nothing_had_died(tmp_path: Path) -> None:
    survive(tmp_path, kills=3, seed=2)


@pytest.mark.chaos
@pytest.mark.drill
@pytest.mark.timeout(3600)
def test_twenty_streams_with_eleven_kills_each(tmp_path: Path) -> None:
    for seed in range(20):
        survive(tmp_path / str(seed), kills=11, seed=seed)
