"""The truth of a reference: counted as live labels of the same rows are, refused where it cannot be meant."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from tests.helpers.own_model import DAY, reference_table, registration
from tests.helpers.watching import FakeClock, entry
from watchkeeper.app.reference_truth import count_truth
from watchkeeper.app.register import Registered, register
from watchkeeper.config import Settings
from watchkeeper.events.errors import BadInput, Conflict
from watchkeeper.events.feedback import Feedback, FeedbackKind, feedback_batch
from watchkeeper.events.inference import TIMESTAMP, Source, envelope_schema
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.models.artifact import read_artifact
from watchkeeper.models.register import prepare
from watchkeeper.performance.layout import layout_for
from watchkeeper.performance.metrics import metrics
from watchkeeper.performance.reference_performance import ReferencePerformance
from watchkeeper.schema.inference import infer_schema
from watchkeeper.store.reference_performance import reference_performance
from watchkeeper.store.store import Store, open_store
from watchkeeper.watch.scoring import Scorer
from watchkeeper.watch.worker import Worker

SETTINGS = Settings(window=DAY, bucket=3600)
CLASSES = ("no", "yes")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(tmp_path / "data")
    yield made
    made.close()


def table_with(late: Any) -> pa.Table:
    table = reference_table()
    return table.set_column(table.column_names.index("late"), "late", pa.array(late))


def kept(store: Store, folder: Path, late: Any = None, **extra: Any) -> Registered:
    """The model of tests/helpers, registered with `late` as its truth."""
    table = table_with(noisy() if late is None else late)
    wanted = msgspec.structs.replace(registration(folder, table=table), **extra)
    return register(store, SETTINGS, wanted, now=5.0)


def noisy() -> list[int | None]:
    """A truth that the model misses now and then; every fiftieth is missing."""
    rng = np.random.default_rng(8)
    late = np.array(reference_table()["late"]) ^ (rng.random(600) < 0.2)
    return [None if row % 50 == 0 else int(value) for row, value in enumerate(late)]


def predictions(folder: Path, table: pa.Table) -> pa.RecordBatch:
    """The reference rows as they would have been recorded live."""
    wanted = registration(folder, table=table)
    schema = infer_schema(table, exclude={"late", "at"})
    prepared = prepare(read_artifact(wanted.artifact), table, schema, wanted.task, trust=True)
    texts = pa.dictionary(pa.int32(), pa.string())
    columns = [pa.field(f"input.{name}", pa.float64()) for name in ("age", "fare")]
    columns += [pa.field("output.label", texts), pa.field("output.probability", pa.float64())]
    rows, at = table.num_rows, np.array(table["at"]) * 1_000_000
    envelope = [
        pa.array([f"p-{row:04d}" for row in range(rows)]),
        pa.nulls(rows, pa.string()),
        *[pa.array(at).cast(TIMESTAMP)] * 2,
        pa.array(np.full(rows, 200, np.int16)),
        pa.nulls(rows, pa.string()),
        pa.array(np.full(rows, 90, np.int32)),
    ]
    values = [table[name].combine_chunks() for name in ("age", "fare")]
    values += [prepared.outputs["label"].cast(texts), prepared.outputs["probability"]]
    return pa.RecordBatch.from_arrays(
        [*envelope, *values], schema=envelope_schema(Source(model="late", version="v1"), columns)
    )


def test_counts_are_those_of_live_labels_of_the_same_rows(store: Store, tmp_path: Path) -> None:
    truth = noisy()
    known = kept(store, tmp_path, truth).performance
    assert known is not None
    rows = predictions(tmp_path, table_with(truth))
    clock, journal = FakeClock(), MemoryJournal()
    at = rows.column("event_time").cast(pa.int64()).to_pylist()
    labels = [
        Feedback(feedback_id=f"f{row}", prediction_id=f"p-{row:04d}", kind=FeedbackKind.LABEL, number=float(value),
                 event_time=at[row], receive_time=at[row])
        for row, value in enumerate(truth) if value is not None
    ]  # fmt: skip
    journal.append([entry(rows), entry(feedback_batch("late", labels))])
    worker = Worker(store, journal, clock=clock)
    while worker.step().entries:
        pass
    worker.close()
    live = {scored.start: scored for scored in store.performance.series("late", "v1", 0, 1 << 40, DAY)}
    assert known.width == DAY
    assert known.rows == len(labels) == 588
    assert set(known.starts.tolist()) <= set(live)
    for start, counts in zip(known.starts.tolist(), known.counts, strict=True):
        found = live[start].counts
        assert found is not None
        assert np.array_equal(found, counts)
    layout = msgspec.json.decode(store.performance.layout("late", "v1") or "")["pairs"]
    assert layout == msgspec.to_builtins(known.layout.to_dict())


def test_the_same_again_changes_nothing_and_another_truth_is_refused(store: Store, tmp_path: Path) -> None:
    first, revision = kept(store, tmp_path), store.versions.revision()
    again = kept(store, tmp_path)
    assert again.version == first.version == store.versions.version("late", "v1")
    assert store.versions.revision() <= revision + 1  # a first version answers at once, each time
    with pytest.raises(Conflict, match="another truth"):
        kept(store, tmp_path, [0, 1] * 300)
    assert store.versions.version("late", "v1") == first.version


def test_a_version_from_before_learns_its_truth_later(store: Store, tmp_path: Path) -> None:
    first = kept(store, tmp_path)
    with store.begin() as connection:
        connection.exec_driver_sql("UPDATE versions SET performance_digest = NULL")
        connection.exec_driver_sql("DELETE FROM layouts")
    assert reference_performance(store, store.versions.version("late", "v1")) is None
    assert kept(store, tmp_path).version.performance_digest == first.version.performance_digest


def test_it_is_counted_by_the_layout_that_live_labels_were_counted_by(store: Store, tmp_path: Path) -> None:
    first = kept(store, tmp_path)
    assert first.performance is not None
    other = Scorer("binary", ("0", "1"), layout_for("binary", ("0", "1"))).kept()
    with store.begin() as connection:
        connection.exec_driver_sql("UPDATE versions SET performance_digest = NULL")
        connection.exec_driver_sql("DELETE FROM layouts")
        store.performance.set_layout("late", "v1", other)
    again = kept(store, tmp_path)
    assert again.performance is not None
    assert store.performance.layout("late", "v1") == other
    assert again.performance.same_truth(first.performance)


def test_what_the_rows_are_may_be_said_later_but_not_otherwise(store: Store, tmp_path: Path) -> None:
    unsaid = kept(store, tmp_path)
    assert unsaid.performance is not None
    assert unsaid.performance.in_sample is None
    said = kept(store, tmp_path, in_sample=False)
    assert said.version.performance_digest != unsaid.version.performance_digest
    assert kept(store, tmp_path).version == said.version
    with pytest.raises(Conflict, match="not trained on"):
        kept(store, tmp_path, in_sample=True)


def test_windows_of_another_length_are_counted_anew(store: Store, tmp_path: Path) -> None:
    first = kept(store, tmp_path)
    store.versions.set_settings(
        "late", msgspec.structs.replace(store.versions.model("late").settings, window_seconds=2 * DAY)
    )
    again = kept(store, tmp_path)
    assert first.performance is not None
    assert again.performance is not None
    assert (first.performance.width, again.performance.width) == (DAY, 2 * DAY)
    assert np.array_equal(first.performance.whole, again.performance.whole)


def test_without_time_rows_are_exchangeable(store: Store, tmp_path: Path) -> None:
    table = reference_table().drop_columns(["at"])
    wanted = msgspec.structs.replace(registration(tmp_path, table=table), time=None)
    known = register(store, SETTINGS, wanted, now=5.0).performance
    assert known is not None
    assert (known.width, known.blocks, known.rows) == (None, 12, 600)
    assert "exchangeable" in known.note


def counted(truth: Any, task: str = "binary", classes: tuple[str, ...] = CLASSES) -> tuple[Any, tuple[str, ...]]:
    """What `truth` gives beside as many outputs, and the notes."""
    column, rng = pa.array(truth), np.random.default_rng(1)
    name = "prediction" if task == "regression" else "probability"
    outputs = pa.table({name: rng.random(len(column))})
    return count_truth(Scorer(task, classes, layout_for(task, classes)), outputs, "t", column, times=None, window=DAY)


@pytest.mark.parametrize(
    ("truth", "task", "says"),
    [
        ([None] * 4, "binary", "Every value of the target column 't' is missing"),
        ([float("nan")] * 4, "regression", "Every value"),
        (["", ""], "binary", "Every value"),
        (
            ["a", "b", "yes"],
            "binary",
            "2 of 3 rows with a value in the target column 't' .* none of the classes no, yes",
        ),
        (["a", "b", "c"], "regression", "is no number"),
        ([True, False], "regression", "not numbers"),
        ([1.0, float("inf"), float("inf")], "regression", "2 of 3"),
        ([[1.0], [2.0]], "regression", "not numbers"),
    ],
)
def test_what_cannot_be_meant_is_refused(truth: Any, task: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        counted(truth, task, () if task == "regression" else CLASSES)


def test_a_regression_is_counted(store: Store) -> None:
    known, notes = counted([*np.linspace(0, 1, 99).tolist(), float("inf")], "regression", ())
    assert isinstance(known, ReferencePerformance)
    assert metrics(known.layout, known.whole)["mae"].n == 99
    assert notes == ("left out: 1 that cannot be counted. The first: the label is inf",)


def test_what_is_odd_is_noted() -> None:
    known, notes = counted(["yes", None, "perhaps", "no", "yes", "no"])
    assert known.rows == 4
    assert notes[0] == "left out: 1 without a truth in 't'"
    assert "label 'perhaps' is none of the classes" in notes[1]
    assert counted(["no", "no", "no"])[1] == (
        "every truth is 'no': how well the model tells classes apart cannot be said",
    )
    none = Scorer("multiclass", (), None)
    assert count_truth(none, pa.table({}), "t", pa.array([1]), times=None, window=DAY)[0] is None


def test_a_model_that_is_never_wrong_is_doubted(store: Store, tmp_path: Path) -> None:
    assert "right on every row" in kept(store, tmp_path, reference_table()["late"].combine_chunks()).truth_notes[0]


def test_what_the_reference_is_needs_a_truth(store: Store, tmp_path: Path) -> None:
    wanted = msgspec.structs.replace(registration(tmp_path), target=None, in_sample=True)
    with pytest.raises(BadInput, match="no truth is named"):
        register(store, SETTINGS, wanted, now=5.0)
