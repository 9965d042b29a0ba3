"""Fills a store through the real parts: a model with 12 features, a reference of 60 days, 30 daily windows with faults.

From day 10 to 18 `distance` comes in kilometres, from day 16 a third of `wind` is missing, from day 22 a carrier that
was never seen appears. The same seed gives the same store.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchkeeper.alerts.advance import Judged, advance
from watchkeeper.alerts.policy import AlertPolicy
from watchkeeper.events.arrow import encode_batch
from watchkeeper.events.feedback import Feedback, FeedbackKind, feedback_batch
from watchkeeper.events.ids import PredictionIdMinter
from watchkeeper.events.inference import INPUT, OUTPUT, TIMESTAMP, Source, envelope_schema
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.journal.protocol import Entry
from watchkeeper.monitors.judge import Judge
from watchkeeper.reference.compiling import compile_reference
from watchkeeper.reference.reference import Reference
from watchkeeper.schema.inference import infer_schema
from watchkeeper.schema.schema import Schema
from watchkeeper.store.heartbeats import Heartbeat
from watchkeeper.store.store import Store, open_store
from watchkeeper.store.versions import ModelSettings, Version
from watchkeeper.tallies.tally import FloatArray
from watchkeeper.watch.estimating import EstimateWatch
from watchkeeper.watch.registry import Registry
from watchkeeper.watch.worker import Worker

DAY = 86400
START = 1_370_044_800 // DAY * DAY  # 1 June 2013
NOW = START + 30 * DAY + 3600.0
CARRIERS = ("UA", "B6", "EV", "DL", "AA", "MQ", "US", "WN", "VX")
OUTPUTS = ["probability", "late"]
HOSTILE = "</script><img src=x onerror=alert(1)>"


@dataclass(frozen=True)
class Seed:
    """How much, and how ugly. `names` replaces the names of the first features."""

    model: str = "delays"
    days: int = 30
    rows: int = 400
    reference_days: int = 60
    names: tuple[str, ...] = ()
    seed: int = 7


def seeded_store(folder: Path, *seeds: Seed) -> Store:
    """A store in `folder` with each model of `seeds` (none: the standard one), judged, alerted and alive."""
    store = open_store(folder)
    journal = MemoryJournal(clock=lambda: NOW)
    for seed in seeds or (Seed(),):
        _fill(store, journal, seed)
    EstimateWatch(store, Registry(store), clock=lambda: NOW).run(work=1000)
    stats = {"cpu_seconds": 12.5, "rss_bytes": 91 << 20, "received": 12000}
    for process in ("gateway", "watch", "console"):
        store.heartbeats.beat(Heartbeat(process=process, pid=4242, at=NOW - 2, started_at=NOW - 7200, stats=stats))
    return store


def _fill(store: Store, journal: MemoryJournal, seed: Seed) -> None:
    rng = np.random.default_rng(seed.seed)
    past, times = _reference_rows(rng, seed)
    names = dict(zip(past.column_names, seed.names, strict=False))
    table = past.rename_columns([names.get(name, name) for name in past.column_names])
    features = infer_schema(table, exclude=OUTPUTS).features
    schema = Schema(features=features, outputs=infer_schema(past.select(OUTPUTS)).features)
    reference = compile_reference(
        table, schema, outputs=table, times=pa.array(times), task="binary", classes=("no", "yes"), service=True
    )
    _register(store, seed, schema, reference)
    _send(journal, seed, rng, names)
    _keep(store, journal)
    _judge(store, seed, reference)


def _reference_rows(rng: np.random.Generator, seed: Seed) -> tuple[pa.Table, FloatArray]:
    start = START - seed.reference_days * DAY
    days = [flights(rng, seed.rows, day) for day in range(seed.reference_days)]
    times = [start + day * DAY + np.sort(rng.uniform(0, DAY, seed.rows)) for day in range(seed.reference_days)]
    return pa.concat_tables(days), np.concatenate(times)


def flights(rng: np.random.Generator, n: int, day: int) -> pa.Table:
    """n rows of one day; each day has a mood of its own, as real days have."""
    mood = rng.normal(0, 1, 4)
    carrier = rng.choice(CARRIERS, n, p=_shares(mood[0]))
    distance = np.round(rng.choice([187, 529, 760, 1089, 1400, 2475], n) * rng.uniform(0.9, 1.1, n))
    hour = rng.integers(5, 24, n)
    wind = np.abs(rng.normal(10 + mood[1], 4, n))
    risk = 1 / (1 + np.exp(2.2 - 0.09 * (hour - 13) - 0.05 * (wind - 10) - 0.2 * mood[2]))
    return pa.table(
        {
            "distance": distance,
            "carrier": carrier,
            "wind": wind,
            "hour": hour,
            "origin": rng.choice(["EWR", "JFK", "LGA"], n),
            "dest": rng.choice([f"D{i:02d}" for i in range(40)], n),
            "temp": rng.normal(65 + 4 * mood[3], 8, n),
            "humid": rng.uniform(20, 100, n),
            "pressure": rng.normal(1015, 7, n),
            "precip": np.where(rng.random(n) < 0.92, 0.0, rng.gamma(1, 0.1, n)),
            "weekend": np.full(n, day % 7 >= 5),
            "seats": rng.choice([20, 55, 140, 182, 200, 330], n).astype(float),
            "probability": np.clip(risk + rng.normal(0, 0.03, n), 0.01, 0.99),
            "late": np.where(risk > 0.22, "yes", "no"),
        }
    )


def _shares(mood: float) -> FloatArray:
    shares = np.array([18, 17, 16, 14, 10, 8, 7, 6, 4], float) * np.exp(0.05 * mood * np.arange(9) / 9)
    return shares / shares.sum()


def _register(store: Store, seed: Seed, schema: Schema, reference: Reference) -> None:
    digest = store.blobs.write(reference.to_bytes())
    version = Version(
        model=seed.model, version="v7", task="binary", artifact_digest="ab" * 32, runtime="onnx", schema=schema,
        reference_digest=digest, created_at=START - 3600.0,
    )  # fmt: skip
    store.versions.register(version, settings=ModelSettings(bucket_seconds=3600))


def _send(journal: MemoryJournal, seed: Seed, rng: np.random.Generator, names: dict[str, str]) -> None:
    mint = PredictionIdMinter(Random(seed.seed).randbytes)
    for day in range(seed.days):
        batch = _day(rng, seed, day, names, mint)
        labels = _labels(seed, rng, batch)
        journal.append([_entry("inference", seed.model, batch), _entry("feedback", seed.model, labels)])
    lost = Entry(kind="loss", model=seed.model, rows=17, payload=b'{"reason":"buffer_full"}')
    journal.append([lost])


def _keep(store: Store, journal: MemoryJournal) -> None:
    worker = Worker(store, journal, clock=lambda: NOW)
    while worker.step().entries:
        pass
    worker.close()


def _entry(kind: str, model: str, batch: pa.RecordBatch) -> Entry:
    return Entry(kind=kind, model=model, rows=batch.num_rows, payload=encode_batch(batch))


def _day(
    rng: np.random.Generator, seed: Seed, day: int, names: dict[str, str], mint: PredictionIdMinter
) -> pa.RecordBatch:
    table = _broken(rng, flights(rng, seed.rows, day), day)
    n = table.num_rows
    times = (START + day * DAY + np.sort(rng.uniform(0, DAY, n))) * 1e6
    stamps = pa.array(times.astype(np.int64)).cast(TIMESTAMP)
    status = np.where(rng.random(n) < 0.004, 500, 200).astype(np.int16)
    bad = status >= 400
    columns = {
        (OUTPUT if name in OUTPUTS else INPUT) + names.get(name, name): _blank(table[name], bad)
        for name in table.column_names
    }
    envelope = {
        "prediction_id": [mint.mint(int(t / 1000)) for t in times],
        "request_id": [None] * n,
        "event_time": stamps,
        "receive_time": stamps,
        "status": status,
        "error": [("model failed: <i>division by zero</i>" if b else None) for b in bad],
        "latency_us": (rng.lognormal(7.2, 0.5, n)).astype(np.int32),
    }
    source = Source(model=seed.model, version="v7")
    schema = envelope_schema(source, [pa.field(name, column.type) for name, column in columns.items()])
    arrays = [pa.array(values, schema.field(name).type) for name, values in (envelope | columns).items()]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _broken(rng: np.random.Generator, table: pa.Table, day: int) -> pa.Table:
    n = table.num_rows
    if 10 <= day < 18:
        table = _with(table, "distance", table["distance"].to_numpy() * 1.609)
    if day >= 16:
        wind = table["wind"].to_numpy()
        table = _with(table, "wind", pa.array(wind, mask=rng.random(n) < 0.33))
    if day >= 22:
        carrier = table["carrier"].to_numpy(zero_copy_only=False).astype(object)
        carrier[rng.random(n) < 0.12] = "ZZ"
        table = _with(table, "carrier", pa.array(carrier))
    return table


def _with(table: pa.Table, name: str, values: object) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, pa.array(values))


def _blank(column: pa.ChunkedArray, bad: npt.NDArray[np.bool_]) -> pa.Array:
    values: Sequence[object] = column.to_pylist()
    return pa.array([None if b else value for value, b in zip(values, bad, strict=True)], column.type)


def _labels(seed: Seed, rng: np.random.Generator, batch: pa.RecordBatch) -> pa.RecordBatch:
    ids = batch.column("prediction_id").to_pylist()
    times = batch.column("event_time").cast(pa.int64()).to_pylist()
    chosen = np.flatnonzero(rng.random(len(ids)) < 0.8)
    made = [
        Feedback(
            feedback_id=f"f-{ids[i]}", prediction_id=ids[i], kind=FeedbackKind.LABEL,
            text="yes" if rng.random() < 0.2 else "no", event_time=times[i] + 7_200_000_000,
            receive_time=times[i] + 7_200_000_000, source="arrivals",
        )
        for i in chosen
    ]  # fmt: skip
    return feedback_batch(seed.model, made)


def _judge(store: Store, seed: Seed, reference: Reference) -> None:
    judge = Judge(reference)
    history = judge.begin(START)
    for window in store.windows.changed(seed.model):
        found = store.tallies.window_sum(seed.model, "v7", window.start, window.end)
        if found is None:
            continue
        counts = found[0].counts[None]
        verdicts = judge.judge(counts, history)
        history = judge.follow(history, counts, verdicts)
        judged = Judged(
            model=seed.model, version="v7", start=window.start, end=window.end, findings=verdicts[0].findings
        )
        moves = advance(store.alerts.newest(seed.model, "v7"), judged, AlertPolicy())
        with store.begin():
            revision = store.windows.judge(window, *found)
            store.verdicts.add(window, revision, verdicts[0], window.end + 300.0)
            store.alerts.save(moves.alerts, window.end + 300.0)
            for notice in moves.notices:
                store.outbox.add(notice.id, notice.alert.id, "https://example.org/hook?key=secret", "{}", window.end)
