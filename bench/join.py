"""Labels joined to predictions: 10,000 of them against 10,000,000 records, and whether a longer history costs more.

Record files as the worker writes and merges them (250,000 rows each, 20 features and an output) are made for one model,
a day of 1,000,000 predictions after another. Labels are joined through the worker's own path: look-up, policies,
scoring and one commit. `recent` are labels of predictions of the newest day, `anywhere` of the whole history; `by own
ID` they name the caller's own ID, which has no order. (The first time after a start each file is read once for that.)
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

from bench.measure import Table, lines_of
from bench.watch_worker import START, compiled, features, register_as
from watchkeeper.events.arrow import encode_batch
from watchkeeper.events.feedback import Feedback, FeedbackKind, feedback_batch
from watchkeeper.events.ids import PredictionIdMinter
from watchkeeper.events.inference import TIMESTAMP
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.journal.protocol import Entry
from watchkeeper.store.records import INFERENCE
from watchkeeper.store.store import Store, open_store
from watchkeeper.store.versions import ModelSettings
from watchkeeper.watch.worker import Worker

DAY = 86_400
DAYS, A_DAY, FILE_ROWS = 10, 1_000_000, 250_000
LABELS = 10_000
MODEL = "bench"


def run(*, short: bool, environments: Path) -> list[Table]:
    """Join labels against ever longer histories; no peer does this work."""
    del environments
    scale = 20 if short else 1
    with tempfile.TemporaryDirectory(prefix="bench-join-") as folder:
        found = measured(Path(folder), days=3 if short else DAYS, a_day=A_DAY // scale, labels=LABELS // scale)
    return [Table(title=f"{LABELS // scale:,} labels joined", unit="s", lines=lines_of(found))]


def measured(folder: Path, *, days: int, a_day: int, labels: int) -> list[dict[str, float]]:
    """Seconds of three rounds of joins after the first day, half of the days and all of them."""
    rng = np.random.default_rng(5)
    store = open_store(folder)
    register_as(store, MODEL, compiled(rng), ModelSettings(keep_records_seconds=400 * DAY))
    template = record_table(rng, min(FILE_ROWS, a_day))
    journal = MemoryJournal()
    worker = Worker(store, journal)
    rounds: list[dict[str, float]] = [{}, {}, {}]
    ids: list[np.ndarray] = []
    for day in range(days):
        ids.append(fill(store, template, day, a_day))
        if day in (0, days // 2 - 1, days - 1):
            name = f"{(day + 1) * a_day / 1e6:g}M records"
            for figures in rounds:
                for what, pool in (("recent", ids[-1]), ("anywhere", np.concatenate(ids))):
                    for how in ("", ", by own ID"):
                        chosen = rng.choice(pool, labels, replace=False)
                        wall, cpu = joined(worker, journal, chosen, owns=bool(how))
                        figures |= {f"{name}, {what}{how}": wall, f"{name}, {what}{how}, CPU": cpu}
    worker.close()
    store.close()
    return rounds


def record_table(rng: np.random.Generator, rows: int) -> pa.Table:
    """Rows as they are stored, but for their IDs and times."""
    columns = {f"input.{name}": values for name, values in features(rows, rng).items()}
    repeated = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), pa.array(["1"]))
    live = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), pa.array(["live"]))
    return pa.table(
        {
            "status": pa.array(np.full(rows, 200, np.int16)),
            "error": pa.nulls(rows, pa.string()),
            "latency_us": pa.array(rng.integers(60, 3000, rows).astype(np.int32)),
            **columns,
            "output.probability": pa.array(rng.random(rows)),
            "version": repeated,
            "route": live,
            "flags": pa.array(np.zeros(rows, np.uint32)),
        }
    )


def fill(store: Store, template: pa.Table, day: int, rows: int) -> np.ndarray:
    """A day of predictions in files; their IDs."""
    mint = PredictionIdMinter(os.urandom).mint
    found = []
    for first in range(0, rows, template.num_rows):
        share = (first + np.arange(template.num_rows)) / rows
        times = START * 1_000_000 + ((day + share * 0.999) * DAY * 1e6).astype(np.int64)
        names = [mint(moment // 1000) for moment in times.tolist()]
        stamps = pa.array(times).cast(TIMESTAMP)
        owns = pa.array([own_id(name) for name in names])
        head = {"prediction_id": pa.array(names), "request_id": owns, "event_time": stamps, "receive_time": stamps}
        table = pa.table({**head, **{name: template.column(name) for name in template.column_names}})
        store.records.add(store.records.write(INFERENCE, MODEL, table))
        found.append(np.array(names))
    return np.concatenate(found)


def own_id(name: str) -> str:
    """The caller's own ID of a prediction: without any order."""
    return name[::-1]


def joined(worker: Worker, journal: MemoryJournal, ids: np.ndarray, *, owns: bool = False) -> tuple[float, float]:
    """Seconds, and seconds of CPU, in which the worker takes in one label for each of `ids`, or by their own IDs."""
    now = int(time.time() * 1e6)
    items = [
        Feedback(
            feedback_id=f"{now}-{place}",
            prediction_id="" if owns else str(name),
            request_id=own_id(str(name)) if owns else None,
            kind=FeedbackKind.LABEL,
            number=float(place % 2),
            event_time=now,
            receive_time=now,
        )
        for place, name in enumerate(ids)
    ]
    payload = encode_batch(feedback_batch(MODEL, items))
    journal.append([Entry(kind="feedback", model=MODEL, rows=len(items), payload=payload)])
    start, cpu = time.perf_counter(), time.process_time()
    while worker.step().entries:
        pass
    return time.perf_counter() - start, time.process_time() - cpu


if __name__ == "__main__":
    for table in run(short=False, environments=Path()):
        print(table.markdown())
