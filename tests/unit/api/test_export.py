"""Labelled data as Parquet."""

from __future__ import annotations

import io
from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.helpers.asgi import Asker
from tests.helpers.seed import DAY, START
from watchkeeper.api.app import PREFIX
from watchkeeper.api.context import Context
from watchkeeper.api.export import MEDIA_TYPE, parquet_of
from watchkeeper.api.performance import performance
from watchkeeper.api.records import FLAGS
from watchkeeper.events.errors import BadInput, NotFound


def exported(context: Context, **asked: object) -> pa.Table:
    return pq.read_table(io.BytesIO(b"".join(parquet_of(context, "delays", **asked))))  # type: ignore[arg-type]


def test_every_answered_row_with_its_label(context: Context) -> None:
    rows, view = exported(context), performance(context, "delays")
    assert Counter(rows["label"].to_pylist()).keys() == {"yes", "no", None}
    labelled = rows.num_rows - rows["label"].null_count
    assert labelled == sum(window.maturity.labels for window in view.windows)
    assert len(set(rows["prediction_id"].to_pylist())) == rows.num_rows
    assert {"input.carrier", "input.wind", "output.probability", "event_time", "version"} <= set(rows.column_names)
    known = rows.filter(rows["label"].is_valid())
    assert set(known["label_source"].to_pylist()) == {"arrivals"}
    assert set(known["weight"].to_pylist()) == {1.0}
    assert rows.filter(rows["label"].is_null())["weight"].null_count == rows.num_rows - labelled
    assert known["label_time"][0].as_py() > known["event_time"][0].as_py()


def test_a_day_a_fault_a_version_and_labelled_rows_only(context: Context) -> None:
    day = exported(context, start=str(START + 20 * DAY), end=str(START + 21 * DAY))
    times = day["event_time"].cast(pa.int64()).to_numpy() / 1e6
    assert START + 20 * DAY <= times.min() <= times.max() < START + 21 * DAY
    missing = exported(context, start=str(START + 20 * DAY), end=str(START + 21 * DAY), flag="missing")
    assert 0 < missing.num_rows == day["input.wind"].null_count
    assert all(flags & FLAGS["missing"] for flags in missing["flags"].to_pylist())
    labelled = exported(context, labelled=True, version="v7")
    assert labelled["label"].null_count == 0


def test_what_cannot_be_exported_is_said(context: Context) -> None:
    with pytest.raises(NotFound, match="no version 'v8'"):
        parquet_of(context, "delays", version="v8")
    with pytest.raises(BadInput, match="start must be before end"):
        parquet_of(context, "delays", start="2", end="1")
    with pytest.raises(NotFound, match="no such rows"):
        parquet_of(context, "delays", start="1", end="2")
    with pytest.raises(BadInput, match="not a fault"):
        parquet_of(context, "delays", flag="ugly")


def test_it_is_a_download(asker: Asker, context: Context) -> None:
    answer = asker.get(f"{PREFIX}/models/delays/export?labelled=true")
    assert (answer.status_code, answer.headers["content-type"]) == (200, MEDIA_TYPE)
    assert "delays.parquet" in answer.headers["content-disposition"]
    assert pq.read_table(io.BytesIO(answer.content)).equals(exported(context, labelled=True))
    for wrong, status in (("start=x", 400), ("version=v8", 404), ("flag=ugly", 400), ("labelled=perhaps", 400)):
        refused = asker.get(f"{PREFIX}/models/delays/export?{wrong}")
        assert (refused.status_code, list(refused.json())) == (status, ["error"])
