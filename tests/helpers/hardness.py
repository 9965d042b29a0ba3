"""Days of a model without scores, whose rows are easy or hard: a regression, or a classifier that only decides.

What `share` of a day's rows is hard is up to the day, so the inputs alone say how well the model does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa

from tests.helpers.calibrated import keep
from tests.helpers.feedback import item, sent
from tests.helpers.watching import DAY, START, entry
from watchkeeper.events.inference import TIMESTAMP, Source, envelope_schema
from watchkeeper.journal.protocol import Entry
from watchkeeper.reference.compiling import compile_reference
from watchkeeper.schema.feature import Feature, FeatureType
from watchkeeper.schema.schema import Schema
from watchkeeper.store.store import Store, open_store
from watchkeeper.store.versions import ModelSettings, Version

ROWS = 200
EASY, HARD = 1.0, 3.0
"""Standard deviation of a regression's errors, in hundredths, on either kind of row."""
WRONG = {EASY: 0.1, HARD: 0.5}
"""How often a classifier is wrong on them."""
INPUT = Feature(name="distance", type=FeatureType.NUMERIC, minimum=0.0, maximum=2.0)
OUTPUTS = {
    "regression": Feature(name="prediction", type=FeatureType.NUMERIC),
    "binary": Feature(name="label", type=FeatureType.CATEGORICAL, categories=("0", "1")),
}


def by_turns(day: int) -> float:
    """The share of hard rows on an ordinary day."""
    return (0.2, 0.3, 0.4)[day % 3]


def mean_loss(task: str, share: float) -> float:
    """The loss to be expected where so many rows are hard."""
    if task == "binary":
        return WRONG[EASY] * (1 - share) + WRONG[HARD] * share
    return float(np.sqrt(2 / np.pi)) * (EASY * (1 - share) + HARD * share)


def store_of(task: str, folder: Path) -> Store:
    """A new store in which the model `flights` is registered."""
    store, schema = open_store(folder), Schema(features=(INPUT,), outputs=(OUTPUTS[task],))
    inputs, outputs, _ = _drawn(task, 0.3, 4000, np.random.default_rng(1))
    reference = compile_reference(
        pa.table({INPUT.name: inputs}), schema, outputs=pa.table({OUTPUTS[task].name: outputs}), task=task, service=True
    )
    store.versions.register(
        Version(
            model="flights",
            version="1",
            task=task,
            artifact_digest=store.blobs.write(b"1"),
            runtime="test",
            schema=schema,
            reference_digest=store.blobs.write(reference.to_bytes()),
            created_at=float(START),
        ),
        settings=ModelSettings(bucket_seconds=3600, window_seconds=DAY, lateness_seconds=600),
    )
    return store


def fill(store: Store, task: str, days: Iterable[int], share: Callable[[int], float] = by_turns) -> None:
    """Have a worker keep rows of these days, and their labels, which come an hour later."""
    keep(store, *(one for day in days for one in day_entries(task, day, share(day))))


def day_entries(task: str, day: int, share: float, *, route: str = "live", labelled: bool = True) -> list[Entry]:
    """Rows of one day and their labels."""
    rng = np.random.default_rng([5, day])
    seconds = START + day * DAY + np.arange(ROWS) * (DAY // ROWS)
    inputs, outputs, truth = _drawn(task, share, ROWS, rng)
    micros = pa.array(seconds * 1_000_000).cast(TIMESTAMP)
    names = [f"{route}-{day:03d}-{row:04d}" for row in range(ROWS)]
    envelope = [
        pa.array(names),
        pa.nulls(ROWS, pa.string()),
        micros,
        micros,
        pa.array(np.full(ROWS, 200, np.int16)),
        pa.nulls(ROWS, pa.string()),
        pa.array(np.full(ROWS, 500, np.int32)),
    ]
    columns = [pa.field(f"input.{INPUT.name}", pa.float64()), pa.field(f"output.{OUTPUTS[task].name}", outputs.type)]
    schema = envelope_schema(Source(model="flights", version="1", route=route), columns)
    rows = pa.RecordBatch.from_arrays([*envelope, inputs, outputs], schema=schema)
    said = [item(name, true, at=at + 3600.0) for name, true, at in zip(names, truth, seconds.tolist(), strict=True)]
    return [entry(rows), *([sent(*said)] if labelled else [])]


def _drawn(
    task: str, share: float, rows: int, rng: np.random.Generator
) -> tuple[pa.Array, pa.Array, list[float | str]]:
    """(inputs, outputs, what was true) of rows; inputs from 1 on are hard."""
    hard = rng.random(rows) < share
    inputs = pa.array(rng.random(rows) + hard)
    if task == "binary":
        said = rng.random(rows) < 0.5
        true = said != (rng.random(rows) < np.where(hard, WRONG[HARD], WRONG[EASY]))
        return inputs, pa.array(np.where(said, "1", "0")), np.where(true, "1", "0").tolist()
    predicted = rng.normal(100, 20, rows)
    errors = rng.normal(0, 1, rows) * np.where(hard, HARD, EASY)
    return inputs, pa.array(predicted), (predicted + errors).tolist()
