"""A registered model with four features, and rows for it: what tests of the store and the watch worker stand on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from watchkeeper.events.arrow import encode_batch
from watchkeeper.events.feedback import Feedback, FeedbackKind, feedback_batch
from watchkeeper.events.inference import TIMESTAMP, Source, envelope_schema
from watchkeeper.journal.protocol import Entry
from watchkeeper.reference.compiling import compile_reference
from watchkeeper.reference.reference import Reference
from watchkeeper.schema.feature import Feature, FeatureType
from watchkeeper.schema.schema import Schema
from watchkeeper.store.store import Store, open_store
from watchkeeper.store.versions import ModelSettings, Version

DAY = 86_400
START = 19_000 * DAY  # a midnight in 2022, Unix seconds
CARRIERS = ("AA", "B6", "DL", "UA")
SCHEMA = Schema(
    features=(
        Feature(name="distance", type=FeatureType.NUMERIC, minimum=0.0, maximum=5000.0),
        Feature(name="hour", type=FeatureType.INTEGER, minimum=0, maximum=23),
        Feature(name="carrier", type=FeatureType.CATEGORICAL, categories=CARRIERS),
        Feature(name="weekend", type=FeatureType.BOOLEAN),
    ),
    outputs=(Feature(name="probability", type=FeatureType.NUMERIC, minimum=0.0, maximum=1.0),),
)
TEXTS = pa.dictionary(pa.int32(), pa.string())
COLUMNS = [
    pa.field("input.distance", pa.float64()),
    pa.field("input.hour", pa.float64()),
    pa.field("input.carrier", TEXTS),
    pa.field("input.weekend", pa.bool_()),
    pa.field("output.probability", pa.float64()),
]


def columns(rows: int, rng: np.random.Generator) -> list[pa.Array]:
    """Inputs and output of `rows` ordinary rows, in the order of COLUMNS."""
    carriers = pa.DictionaryArray.from_arrays(pa.array(rng.integers(0, 4, rows).astype(np.int32)), pa.array(CARRIERS))
    return [
        pa.array(rng.uniform(100, 3000, rows)),
        pa.array(rng.integers(0, 24, rows).astype(np.float64)),
        carriers,
        pa.array(rng.random(rows) < 0.3),
        pa.array(rng.random(rows)),
    ]


@cache
def reference(rows: int = 4000, days: int = 20, service: bool = True) -> Reference:
    """Ordinary rows over the `days` before START."""
    rng = np.random.default_rng(1)
    values = columns(rows, rng)
    names = [field.name.split(".")[1] for field in COLUMNS]
    times = np.sort(START - rng.integers(1, days * DAY, rows))
    return compile_reference(
        pa.table(values[:4], names=names[:4]),
        SCHEMA,
        outputs=pa.table(values[4:], names=names[4:]),
        times=pa.array(times),
        task="binary",
        service=service,
    )


@cache
def _reference_bytes() -> bytes:
    return reference().to_bytes()


def register(store: Store, model: str = "flights", version: str = "1", settings: ModelSettings | None = None) -> None:
    """Register a version of `model` with that reference."""
    store.versions.register(
        Version(
            model=model,
            version=version,
            task="binary",
            artifact_digest=store.blobs.write(version.encode()),
            runtime="test",
            schema=SCHEMA,
            reference_digest=store.blobs.write(_reference_bytes()),
            created_at=float(START),
        ),
        settings=settings or ModelSettings(bucket_seconds=3600, window_seconds=DAY, lateness_seconds=600),
    )


def watched_store(data_dir: Path, *models: str, settings: ModelSettings | None = None) -> Store:
    """A new store in which `models` (or `flights`) are registered as version 1."""
    store = open_store(data_dir)
    for model in models or ("flights",):
        register(store, model, settings=settings)
    return store


def batch(
    seconds: Sequence[float] | np.ndarray,
    *,
    model: str = "flights",
    version: str = "1",
    seed: int = 0,
    receive: float | None = None,
    failed: Sequence[int] = (),
    prefix: str = "p",
) -> pa.RecordBatch:
    """An inference batch with one row at each event time (Unix seconds); rows `failed` have status 500, no values."""
    rows = len(seconds)
    rng = np.random.default_rng(seed)
    ok = np.ones(rows, bool)
    ok[list(failed)] = False
    times = (np.asarray(seconds, np.float64) * 1e6).astype(np.int64)
    received = times if receive is None else np.full(rows, int(receive * 1e6))
    values = [pa.array(column.to_pylist(), column.type, mask=~ok) for column in columns(rows, rng)]
    envelope = [
        pa.array([f"{prefix}-{seed:06d}-{row:06d}" for row in range(rows)]),
        pa.nulls(rows, pa.string()),
        pa.array(times).cast(TIMESTAMP),
        pa.array(received).cast(TIMESTAMP),
        pa.array(np.where(ok, 200, 500).astype(np.int16)),
        pa.array([None if good else "model failed" for good in ok], pa.string()),
        pa.array(rng.integers(50, 5000, rows).astype(np.int32)),
    ]
    schema = envelope_schema(Source(model=model, version=version), COLUMNS)
    return pa.RecordBatch.from_arrays([*envelope, *values], schema=schema)


def entry(rows: pa.RecordBatch) -> Entry:
    """The journal entry that carries `rows`."""
    metadata = rows.schema.metadata
    kind, model = metadata[b"kind"].decode(), metadata[b"model"].decode()
    return Entry(kind=kind, model=model, rows=rows.num_rows, payload=encode_batch(rows))


def labels(ids: Sequence[str], *, model: str = "flights", at: float = START, prefix: str = "f") -> pa.RecordBatch:
    """A feedback batch with one label for each prediction ID; the same IDs give the same feedback IDs."""
    return feedback_batch(
        model,
        [
            Feedback(
                feedback_id=f"{prefix}-{prediction_id}",
                prediction_id=prediction_id,
                kind=FeedbackKind.LABEL,
                number=1.0,
                event_time=int(at * 1e6),
                receive_time=int(at * 1e6),
            )
            for prediction_id in ids
        ],
    )


class FakeClock:
    """A clock that stands still until it is set."""

    def __init__(self, now: float = float(START)) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now
