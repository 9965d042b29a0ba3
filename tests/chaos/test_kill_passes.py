"""`kill -9` of a real watch worker while labels are judged: harm, segments, estimates, label requests.

A stream of days with late rows, labels, corrections, withdrawals, rewards and the answers of a rater is told twice: to
a worker that is never killed, and to one that is killed at random moments of each part. All that is kept in the end is
the same, bit for bit, but for the times on the clock and how often something was written.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.chaos.test_kill_watch import finish, live_and_die
from tests.helpers.feedback import item, sent
from tests.helpers.watching import DAY, START, batch, entry, register
from watchkeeper.events.feedback import Feedback
from watchkeeper.journal.protocol import Entry
from watchkeeper.journal.sqlite import SqliteJournal
from watchkeeper.store.label_requests import Asked
from watchkeeper.store.store import Store, open_store
from watchkeeper.store.versions import ModelSettings
from watchkeeper.tallies.tally import FloatArray

ROWS, LATE = 160, 10
PART = 2  # days
AFTER = float(START + 4000 * DAY)
"""When rows are received: long after they happened, so that no window closes by the clock."""

BROKEN = 46
"""From this day on labels of one carrier are the other way round."""

HARDER, TURNED = 50, 54
"""From these days on scores are near the middle, and all labels the other way round."""
LONGEST_LIFE = 2.5
SETTINGS = ModelSettings(
    bucket_seconds=3600,
    window_seconds=DAY,
    lateness_seconds=600,
    park_feedback_seconds=100_000 * DAY,
    keep_records_seconds=100_000 * DAY,
    ask_labels=8,
    ask_more=8,
    label_deadline_seconds=100_000 * DAY,
)
CLOCKED = {
    "label_requests": "prediction_id version window_start window_end rows probability reason why state",
    "estimates": "model version window_start method window_end body",
    "performance": "model version route bucket_start width counts rows corrections corrected delays reward_rows said "
    "reward_sum reward_squares reward_zeros",
    "tallies": "model version route bucket_start width counts rows",
    "labels": "*",
    "alerts": "id state onset updated body",
    "layouts": "*",
    "losses": "*",
    "intake": "*",
    "positions": "consumer",
    "streams": "*",
    "windows": "model version window_start window_end changed rows counts flagged",
}
"""What is compared of each table."""


class Day:
    """The entries of one day: rows, and all that is said of them in one entry; and late rows of the day before."""

    def __init__(self, day: int) -> None:
        rng = np.random.default_rng([7, day])
        seconds = START + day * DAY + np.sort(rng.uniform(0, DAY - 1, ROWS))
        self.rows = _scored(
            batch(seconds, seed=day, receive=AFTER), rng, shape=4.0 if day >= HARDER else (0.3, 1.0, 3.0)[day % 3]
        )
        late = START + (day - 1) * DAY + rng.uniform(0, DAY - 1, LATE)
        self.late = _scored(batch(late, seed=10_000 + day, receive=AFTER), rng, shape=1.0)
        self.said = list(self._labels(day, rng, self.rows, seconds))
        self.late_said = list(self._labels(day, rng, self.late, late))
        names = self.rows.column("prediction_id").to_pylist()
        picked = rng.choice(names, 24, replace=False).tolist()
        at = START + (day + 1) * DAY
        self.said += [
            item(name, float(k % 2), "correction", at=at, source="fixer") for k, name in enumerate(picked[:8])
        ]
        self.said += [item(name, "desk", "withdrawal", at=at) for name in picked[8:12]]
        self.said += [item(name, 0.25 * (k % 3) - 0.1, "reward", at=at, source="shop") for k, name in enumerate(picked)]
        self.said += [item(name, "shop", "withdrawal", at=at) for name in picked[:3]]
        self.said += [item(f"p-{day + 1:06d}-000001", 1.0, at=at, source="oracle"), item("nobody", 1.0, at=at)]

    def _labels(self, day: int, rng: np.random.Generator, rows: pa.RecordBatch, at: FloatArray) -> Iterator[Feedback]:
        scores = rows.column("output.probability").to_numpy()
        carriers = rows.column("input.carrier").to_pylist()
        truth = rng.random(len(scores)) < scores
        for name, carrier, true, second in zip(
            rows.column("prediction_id").to_pylist(), carriers, truth.tolist(), at.tolist(), strict=True
        ):
            if rng.random() < 0.9:
                turned = day >= TURNED or (day >= BROKEN and carrier == "AA")
                yield item(name, float(true != turned), at=second + 3600.0, source="desk")

    def entries(self) -> list[Entry]:
        return [entry(self.rows), sent(*self.said), sent(*self.said[:20])]

    def late_entries(self) -> list[Entry]:
        """Late rows of the day before, and their labels."""
        return [entry(self.late), sent(*self.late_said)]


def _scored(rows: pa.RecordBatch, rng: np.random.Generator, shape: float) -> pa.RecordBatch:
    place = rows.schema.get_field_index("output.probability")
    scores = pa.array(rng.beta(shape, shape, rows.num_rows))
    return rows.set_column(place, rows.schema.field(place), scores)


def rated(store: Store, day: int) -> list[Entry]:
    """What a rater answers to all that is asked."""
    asked = sorted(store.label_requests.find("flights", Asked.OPEN), key=lambda one: one.prediction_id)
    said = [
        item(
            one.prediction_id,
            float(int(one.prediction_id[-1]) % 2),
            at=START + (day + 1) * DAY,
            source="rater",
            feedback_id=f"rated {one.prediction_id}",
            probability=one.probability,
        )
        for one in asked
    ]
    return [sent(*said)] if said else []


def state(data_dir: Path) -> dict[str, list[Any]]:
    """All that is kept, table by table."""
    found: dict[str, list[Any]] = {}
    with sqlite3.connect(data_dir / "state.db") as connection:
        for table, columns in CLOCKED.items():
            query = f"SELECT {', '.join(columns.split())} FROM {table}"
            found[table] = sorted(connection.execute(query).fetchall(), key=repr)
        settled = (  # the totals: hours are kept for 400 days by the clock
            "SELECT kind, outcome, sum(count) FROM label_outcomes"
            " WHERE outcome <> 'parked' AND hour <= 0 GROUP BY kind, outcome"
        )
        found["outcomes"] = sorted(connection.execute(settled).fetchall(), key=repr)
        found["parked"] = sorted(connection.execute("SELECT target, feedback FROM parked").fetchall(), key=repr)
        verdicts = "SELECT window_start, verdict, n, body FROM verdicts ORDER BY window_start, revision"
        found["verdicts"] = list({row[0]: row for row in connection.execute(verdicts)}.values())
        notices = "SELECT notice_id, alert_id, target FROM outbox ORDER BY 1, 2, 3"
        found["notices"] = connection.execute(notices).fetchall()
    return found


def tell(data_dir: Path, days: list[Day], kills: int, seed: int) -> dict[str, list[Any]]:
    """Tell the stream part by part; within each the worker is killed `kills` times."""
    rng = random.Random(seed)
    store = open_store(data_dir)
    register(store, settings=SETTINGS)
    store.close()
    for first in range(0, len(days), PART):
        store, journal = open_store(data_dir), SqliteJournal(data_dir / "journal.db")
        lot = [*rated(store, first), *days[first].late_entries()]
        lot += [entry for day in days[first : first + PART] for entry in day.entries()]
        for one in lot:
            journal.append([one])
        journal.close()
        store.close()
        for _ in range(kills):
            live_and_die(data_dir, rng.uniform(0, LONGEST_LIFE))
        store = open_store(data_dir)  # anew: a store remembers what it wrote, and others wrote since
        finish(data_dir, store)
        store.close()
    return state(data_dir)


def survive(folder: Path, days: int, kills: int, seed: int) -> None:
    told = [Day(day) for day in range(days)]
    calm, shaken = (tell(folder / str(deaths), told, deaths, seed) for deaths in (0, kills))
    for table in calm:
        assert shaken[table] == calm[table], table


@pytest.mark.chaos
@pytest.mark.drill
@pytest.mark.timeout(3600)
def test_what_labels_say_is_as_if_nothing_had_died(tmp_path: Path) -> None:
    survive(tmp_path, days=60, kills=1, seed=3)
