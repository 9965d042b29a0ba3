"""Two versions on the same rows, or over the same windows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import jsonschema
import numpy as np
import pyarrow as pa
import pytest

from tests.helpers.asgi import Asker
from tests.helpers.feedback import item, sent
from tests.helpers.watching import DAY, START, FakeClock, batch, entry, register, watched_store
from watchkeeper.api.app import PREFIX
from watchkeeper.api.context import Context
from watchkeeper.api.twins import FEWEST_PAIRS
from watchkeeper.api.version_comparison import compare_versions
from watchkeeper.console.app import console_app
from watchkeeper.events.errors import BadInput, NotFound
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.watch.worker import Worker

ROWS = 60


def asked_both(folder: Path, *, shared: bool, mirrored: bool = False) -> Context:
    """Three days of 60 rows by each of two versions; version 2 is right always, 1 by chance; 9 has no label."""
    store, clock = watched_store(folder), FakeClock(START + 3.5 * DAY)
    register(store, version="2")
    register(store, version="9")
    journal = MemoryJournal()
    worker = Worker(store, journal, clock=clock)
    for day in range(3):
        seconds = START + day * DAY + np.arange(ROWS) * 1000.0
        for version in ("1", "2"):
            rows = batch(
                seconds,
                seed=day if shared else 10 * int(version) + day,
                version=version,
                prefix="v1" if mirrored else f"v{version}",
            )
            truth = np.random.default_rng(day).random(ROWS) < 0.5
            rows = _with(
                rows, "request_id", [f"order-{day}-{k}" if shared and not mirrored else None for k in range(ROWS)]
            )
            if version == "2":
                rows = _with(rows, "output.probability", np.where(truth, 0.9, 0.1))
            ids = rows.column("prediction_id").to_pylist()
            journal.append(
                [entry(rows), sent(*(item(i, float(t), at=START + day * DAY) for i, t in zip(ids, truth, strict=True)))]
            )
            while worker.step().entries:
                pass
    worker.close()
    return Context(store, now=clock)


def _with(rows: pa.RecordBatch, name: str, values: object) -> pa.RecordBatch:
    place = rows.schema.get_field_index(name)
    arrays = list(rows.columns)
    arrays[place] = pa.array(values, rows.schema.field(name).type)
    return pa.RecordBatch.from_arrays(arrays, schema=rows.schema)


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    made = asked_both(tmp_path_factory.mktemp("twins"), shared=True)
    yield made
    made.store.close()


def test_the_same_rows_are_compared_in_pairs(twins: Context) -> None:
    view = compare_versions(twins, "flights", "1", "2")
    assert (view.basis, view.rows, view.better) == ("same rows", 3 * ROWS, "2")
    assert view.metrics_b["accuracy"].value == 1.0
    accuracy = view.differences["accuracy"]
    assert accuracy.value == pytest.approx(1.0 - (view.metrics_a["accuracy"].value or 0))
    assert (accuracy.low or 0) > 0.2
    assert view.p_value is not None
    assert view.p_value < 1e-6
    assert view.newly_wrong is not None
    assert sum(view.newly_wrong.values()) == 0
    assert sum((view.newly_right or {}).values()) == round((accuracy.value or 0) * view.rows)
    assert {one.right for one in view.changed} == {"2"}
    assert view.changed[0].prediction_a.replace("v1", "v2") == view.changed[0].prediction_b


def test_a_mirror_without_an_id_of_the_callers_is_paired_by_the_prediction(tmp_path: Path) -> None:
    context = asked_both(tmp_path, shared=True, mirrored=True)
    view = compare_versions(context, "flights", "1", "2")
    assert (view.basis, view.rows, view.better) == ("same rows", 3 * ROWS, "2")
    assert view.changed[0].prediction_a == view.changed[0].prediction_b
    context.store.close()


def test_the_answer_is_what_its_document_says(twins: Context) -> None:
    asker = Asker(console_app(twins.store, now=twins.now))
    answer = asker.get(f"{PREFIX}/models/flights/compare?a=1&b=2&feature=carrier")
    document = asker.get(f"{PREFIX}/openapi.json").json()
    operation = document["paths"]["/models/{model}/compare"]["get"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(answer.json(), {**schema, "components": document["components"]})
    assert asker.get(f"{PREFIX}/models/flights/compare?a=1").status_code == 400


def test_segments_of_pairs_add_up(twins: Context) -> None:
    view = compare_versions(twins, "flights", "1", "2", feature="carrier")
    assert {one.segment for one in view.segments} == {"AA", "B6", "DL", "UA"}
    assert sum(one.rows for one in view.segments) == view.rows
    gained = sum((one.difference.value or 0) * one.rows for one in view.segments)
    assert gained / view.rows == pytest.approx(view.differences["accuracy"].value)


def test_turned_around_the_difference_changes_sign_only(twins: Context) -> None:
    one, other = compare_versions(twins, "flights", "1", "2"), compare_versions(twins, "flights", "2", "1")
    assert other.better == one.better
    assert other.differences["accuracy"].value == -(one.differences["accuracy"].value or 0)
    assert other.newly_wrong == one.newly_right


def test_rows_of_their_own_are_compared_over_the_same_windows(tmp_path: Path) -> None:
    apart = asked_both(tmp_path, shared=False)
    view = compare_versions(apart, "flights", "1", "2", feature="distance")
    assert (view.basis, view.rows, view.better) == ("same windows", 6 * ROWS, "2")
    assert (view.newly_wrong, view.p_value, view.changed) == (None, None, ())
    assert "chance" in view.note
    assert sum(one.rows for one in view.segments) == 6 * ROWS
    assert all(one.a is not None and one.b is not None for one in view.segments)
    day = compare_versions(apart, "flights", "1", "2", start=str(START), end=str(START + DAY))
    assert day.metrics_a["accuracy"].n == ROWS > FEWEST_PAIRS
    apart.store.close()


def test_what_cannot_be_compared_is_said(twins: Context) -> None:
    silent = compare_versions(twins, "flights", "1", "9")
    assert (silent.differences, silent.better, silent.note) == ({}, None, "Version 9 has no label yet.")
    with pytest.raises(BadInput, match="the same"):
        compare_versions(twins, "flights", "1", "1")
    with pytest.raises(NotFound, match="no version '3'"):
        compare_versions(twins, "flights", "1", "3")
    with pytest.raises(BadInput, match="no feature 'colour'"):
        compare_versions(twins, "flights", "1", "2", feature="colour")
